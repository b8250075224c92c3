"""Servers that answer slowly: a terminal server's profiles and an application nobody can explain."""

from __future__ import annotations

from typing import Final

from server.demo_story import Claimed, Escalated, Released, Resolved, Said, Started, Story, TaskAdded, TaskMoved, ago

STEINLOHE_RDS: Final = Story(
    tenant="acme",
    key="steinlohe-rds-profiles",
    opened_ago=ago(d=3, h=6, m=30),
    by="jonas",
    title="RDS users get temporary profiles, desktop empty",
    client_name="Steinlohe Bau GmbH",
    problem=(
        "Since the restart of the terminal servers about a third of 28 users log on with a temporary profile. "
        "Desktop, Outlook signature and the cost estimating program's settings are missing."
    ),
    steps=(
        Said(
            ago(d=3, h=6, m=27),
            "jonas",
            "client",
            "Bei mir ist alles weg: Desktop leer, Outlook fragt nach einem neuen Profil. Beim Kollegen Ramm auch, "
            "bei Frau Öztürk nicht.",
        ),
        Said(
            ago(d=3, h=6, m=20),
            "jonas",
            "note",
            "Event 1511 User Profile Service on SB-RDS02: 'Das lokale Profil wurde nicht gefunden. Sie werden mit "
            "einem temporären Profil angemeldet.' SB-RDS01 has none of them. User profile disks lie on "
            "\\\\SB-FS01\\UPD$.",
        ),
        Said(
            ago(d=3, h=6, m=18),
            "jonas",
            "note",
            "Told the client: do not save anything on the desktop while it is empty, it is lost at log-off.",
        ),
        TaskAdded(
            ago(d=3, h=6, m=10),
            "jonas",
            "open",
            "Open files on the UPD share",
            "Get-SmbOpenFile | ? Path -like '*UVHD-S-1-5-21*'",
        ),
        TaskMoved(
            ago(d=3, h=5, m=58),
            "jonas",
            "open",
            "done",
            "11 disks are open from SB-RDS01 by users who are logged on nowhere. The same 11 users get temporary "
            "profiles on SB-RDS02.",
        ),
        Said(
            ago(d=3, h=5, m=54),
            "jonas",
            "assistant",
            "A profile disk is mounted exclusively by one host. Stale handles after a hard restart keep it locked. "
            "Close-SmbOpenFile releases a handle, but detaching a disk that is really in use damages it: first check "
            "on SB-RDS01 with Get-Disk that it is mounted without a session.",
        ),
        TaskAdded(ago(d=3, h=5, m=50), "jonas", "drain", "Drain SB-RDS01 and restart it"),
        Said(
            ago(d=3, h=5, m=30),
            "jonas",
            "client",
            "Herr Ramm muss bis heute Nachmittag ein Angebot abgeben, und ihm fehlen alle Einstellungen in der "
            "Kalkulation.",
        ),
        TaskMoved(
            ago(d=3, h=5, m=12),
            "jonas",
            "drain",
            "failed",
            "Server hung at 'Benutzerprofildienst wird beendet' for 20 minutes. Set back to accepting sessions, no "
            "hard reset with 14 people on it.",
        ),
        Said(ago(d=3, h=5, m=10), "jonas", "note", "The antivirus on SB-RDS01 was updated on Sunday night."),
        TaskAdded(ago(d=3, h=5, m=9), "jonas", "vendor", "Ask the antivirus vendor about open handles"),
        TaskMoved(ago(d=3, h=5, m=8), "jonas", "vendor", "doing"),
        Escalated(
            ago(d=3, h=5, m=5),
            "jonas",
            "high",
            "risk",
            "How do I free 11 profile disks without damaging them while 14 people work on the same host?",
            "Do not hard-reset SB-RDS01. Last backup of UPD$ is from last night 23:00. If SB-RDS01 hangs again, "
            "close it for new sessions and ring me.",
        ),
        Claimed(ago(d=3, h=4, m=52), "tomasz"),
        Started(ago(d=3, h=4, m=50), "tomasz", "continue"),
        TaskAdded(
            ago(d=3, h=4, m=44),
            "tomasz",
            "dismount",
            "Dismount the stale disks on SB-RDS01",
            "Only disks whose SID has no session in quser",
        ),
        Said(
            ago(d=3, h=4, m=36),
            "tomasz",
            "note",
            "Mr Ramm is one of the 11. His disk copied from last night's backup and attached read-only, the "
            "program's settings handed to him on the group drive. He can finish his offer.",
        ),
        TaskMoved(
            ago(d=3, h=4, m=20),
            "tomasz",
            "dismount",
            "failed",
            "Dismount-DiskImage: 'Der Prozess kann nicht auf die Datei zugreifen'. The antivirus filter holds a "
            "handle inside each disk (handle.exe: pid 4, \\Device\\HarddiskVolume). fltmc lists the filter at "
            "altitude 328010.",
        ),
        Said(
            ago(d=3, h=4, m=8),
            "tomasz",
            "note",
            "The antivirus had a module update the night before; exclusions for *.vhdx are no longer in the "
            "effective policy. The policy is run by the client's own group IT and I have to leave for an on-site "
            "appointment.",
        ),
        Released(
            ago(d=3, h=4),
            "tomasz",
            "Have to leave for a site visit. Stale disks are held by the antivirus filter, not by Windows. Next: get "
            "the *.vhdx and UPD$ exclusion back into the policy, then dismount by SID. No disk was forced.",
        ),
        Said(
            ago(d=3, h=3, m=48),
            "jonas",
            "note",
            "Group IT's hotline answers, ticket is open there, they want to hear from a senior before they change "
            "the policy.",
        ),
        Claimed(ago(d=3, h=3, m=37), "priya"),
        Started(ago(d=3, h=3, m=35), "priya", "continue"),
        TaskAdded(ago(d=3, h=3, m=30), "priya", "exclusion", "Exclusion for the profile disks back into the policy"),
        TaskMoved(ago(d=3, h=3, m=29), "priya", "exclusion", "doing"),
        Said(
            ago(d=3, h=3, m=2),
            "priya",
            "note",
            "Group IT: global policy can only change after their test on the day after next. They agreed to put both "
            "hosts into the group 'maintenance' where real-time scanning of *.vhdx is off.",
        ),
        TaskMoved(
            ago(d=3, h=2, m=50),
            "priya",
            "exclusion",
            "done",
            "Both hosts in group 'maintenance', effective policy verified on each.",
        ),
        TaskAdded(
            ago(d=3, h=2, m=46), "priya", "free", "Dismount 11 disks one by one, check each with chkdsk read-only"
        ),
        Said(
            ago(d=3, h=2, m=30),
            "priya",
            "note",
            "7 of 11 done. Two disks report 'Die Datenträgerstruktur ist beschädigt und nicht lesbar', they come "
            "last, on copies.",
        ),
        TaskMoved(
            ago(d=3, h=2, m=5),
            "priya",
            "free",
            "done",
            "11 of 11 dismounted. Two with lost index entries, repaired with chkdsk /f on a copy and swapped in. All "
            "users log on normally.",
        ),
        Resolved(
            ago(d=3, h=1, m=58),
            "priya",
            "workaround",
            "Disks freed, users have their profiles. Hosts stay in the maintenance group until group IT has rolled "
            "out the exclusion; then move them back. Check event 1511 after the next restart.",
        ),
        Said(ago(d=3, h=1, m=30), "jonas", "client", "Alles wieder da, auch die Signaturen. Danke."),
        Said(
            ago(d=1, h=3), "jonas", "note", "Group IT moved their test by two days. Session stays open, reminder set."
        ),
    ),
)

MARLTHORPE_SQL: Final = Story(
    tenant="acme",
    key="marlthorpe-sql-slow",
    opened_ago=ago(d=1, h=5),
    by="tomasz",
    title="Order screen takes 40 seconds, server is bored",
    client_name="Marlthorpe Plumbing Supplies",
    problem=(
        "The trade counter's order screen in the merchandise system takes 30 to 40 s to open, before it was 2. "
        "Started gradually last week. CPU at 15 %, disks idle."
    ),
    steps=(
        Said(
            ago(d=1, h=4, m=55),
            "tomasz",
            "client",
            "It is just the order screen. Everything else in the program is quick. At the counter there is a queue "
            "to the door by ten o'clock.",
        ),
        TaskAdded(
            ago(d=1, h=4, m=40), "tomasz", "waits", "Wait statistics over 15 minutes while somebody opens the screen"
        ),
        Said(
            ago(d=1, h=4, m=25),
            "tomasz",
            "note",
            "MP-SQL01: SQL Server 2019 CU25 Standard, 16 vCPU, 96 GB, database MERCH 118 GB on NVMe. Buffer cache "
            "hit 99.8 %, page life expectancy over 9,000 s. Statistics were updated last night.",
        ),
        TaskMoved(
            ago(d=1, h=4, m=5),
            "tomasz",
            "waits",
            "done",
            "LCK_M_IS 61 %, ASYNC_NETWORK_IO 30 %. PAGEIOLATCH and CXPACKET negligible. So it waits for locks and "
            "for the client, not for hardware.",
        ),
        TaskAdded(
            ago(d=1, h=4),
            "tomasz",
            "blocker",
            "Find the head of the blocking chain",
            "sp_WhoIsActive @find_block_leaders = 1",
        ),
        TaskMoved(
            ago(d=1, h=3, m=20),
            "tomasz",
            "blocker",
            "done",
            "Head is mostly session 71, program name 'MerchSync', SELECT on dbo.OrderLines under SERIALIZABLE, open "
            "transaction for 35 s. Login svc_shop.",
        ),
        Said(
            ago(d=1, h=3, m=10),
            "tomasz",
            "note",
            "MerchSync is the web shop's connector, by the ERP vendor. It reads all open orders every minute. Table "
            "has grown to 2.1 million rows; no archive run since the spring.",
        ),
        Said(
            ago(d=1, h=3),
            "tomasz",
            "assistant",
            "Read committed snapshot would let readers pass without waiting, but it does not help a reader that asks "
            "for SERIALIZABLE itself. Look for an index that turns its range scan into a short seek: the predicate "
            "is Status and ChangedAt.",
        ),
        TaskAdded(ago(d=1, h=2, m=50), "tomasz", "plan", "Actual plan of the connector's query"),
        TaskMoved(
            ago(d=1, h=2, m=15),
            "tomasz",
            "plan",
            "done",
            "Clustered index scan, 2.1 million rows read for 380 returned. Index IX_OrderLines_Status exists but is "
            "not used: parameter is nvarchar, column is varchar with an SQL collation, CONVERT_IMPLICIT on the "
            "column.",
        ),
        TaskAdded(
            ago(d=1, h=2),
            "tomasz",
            "vendor",
            "Vendor: may the connector run under READ COMMITTED, can the parameter be varchar",
        ),
        TaskMoved(
            ago(h=23, m=40),
            "tomasz",
            "vendor",
            "failed",
            "Answer: 'isolation level is by design, please provide faster storage'. No further reply to the plan I "
            "sent.",
        ),
        TaskAdded(ago(h=22, m=30), "tomasz", "interval", "Stopgap: connector every 15 minutes instead of every minute"),
        TaskMoved(
            ago(h=8, m=10),
            "tomasz",
            "interval",
            "done",
            "Three of four order screens are quick now, the fourth still hits the window. Web shop stock is up to 15 "
            "minutes old, the client accepts that for this week.",
        ),
        Said(
            ago(h=7, m=35),
            "tomasz",
            "client",
            "Better, but when it happens it is as bad as before. The lads at the counter want to know when it is over.",
        ),
        TaskAdded(ago(h=6, m=20), "tomasz", "archive", "Archive orders older than 3 years with the vendor's tool"),
        TaskMoved(
            ago(h=6, m=2),
            "tomasz",
            "archive",
            "skipped",
            "Tool needs all users out for 4 to 6 hours; not before the weekend and only with the vendor on the phone.",
        ),
        Escalated(
            ago(h=5, m=40),
            "tomasz",
            "normal",
            "out_of_ideas",
            "Second pair of eyes: can we get a seek without touching the vendor's code (computed column, indexed "
            "view, plan guide), or is there a lever at the vendor I do not know?",
            "Do not kill session 71: the connector then marks all open orders as failed and the shop sends mails to "
            "customers.",
        ),
        Said(
            ago(h=5, m=5),
            "tomasz",
            "client",
            "Our managing director asks for a date. Shall we rather talk to the vendor ourselves?",
        ),
        Said(
            ago(h=3, m=15),
            "tomasz",
            "note",
            "Tried on the copy MERCH_TEST: computed column CAST(Status AS nvarchar(10)) with an index brings the "
            "query from 35 s to 0.2 s. But the vendor's updater compares the schema and stops at unknown columns. So "
            "not in production.",
        ),
    ),
)

STORIES: Final = (STEINLOHE_RDS, MARLTHORPE_SQL)
