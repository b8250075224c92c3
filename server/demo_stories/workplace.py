"""What happens at people's desks: printing, syncing, and one bad fright."""

from __future__ import annotations

from typing import Final

from server.demo_story import Claimed, Closed, Escalated, Resolved, Said, Started, Story, TaskAdded, TaskMoved, ago

AUERFELD_SPOOLER: Final = Story(
    tenant="acme",
    key="auerfeld-spooler",
    opened_ago=ago(d=5, h=4, m=30),
    by="mia",
    title="Print spooler stops several times an hour",
    client_name="Kanzlei Auerfeld",
    problem=(
        "Druckwarteschlange auf KA-PRT01 stürzt ab, bis zu sechsmal in der Stunde. Nobody can print, court deadlines "
        "on the same day."
    ),
    steps=(
        Said(
            ago(d=5, h=4, m=28),
            "mia",
            "client",
            "Wir müssen heute noch drei Schriftsätze ausdrucken und unterschreiben. Es kommt immer: Fehler beim "
            "Drucken.",
        ),
        Said(
            ago(d=5, h=4, m=20),
            "mia",
            "note",
            "System log 7031: 'Der Dienst Druckwarteschlange wurde unerwartet beendet. Dies ist bereits 6 Mal "
            "vorgekommen.' Application log 1000: spoolsv.exe, fehlerhaftes Modul hpcpp270.dll, Ausnahmecode "
            "0xc0000005.",
        ),
        TaskAdded(ago(d=5, h=4, m=15), "mia", "jobs", "Stop the service, empty the spool folder, start"),
        TaskMoved(
            ago(d=5, h=4, m=6), "mia", "jobs", "done", "Ran for 9 minutes, then the same. Not a single broken job."
        ),
        TaskAdded(ago(d=5, h=4), "mia", "driver", "Which driver came when"),
        Said(
            ago(d=5, h=3, m=55),
            "mia",
            "note",
            "Stopgap for the three briefs: printed by USB on the secretary's printer. So the deadline holds, "
            "whatever happens here.",
        ),
        TaskMoved(
            ago(d=5, h=3, m=48),
            "mia",
            "driver",
            "done",
            "HP Universal Print Driver 7.1 came with a new laptop: point and print let it replace 7.0 on the server. "
            "Since the PrintNightmare changes that should not be possible for users, "
            "RestrictDriverInstallationToAdministrators is 0 here.",
        ),
        Said(
            ago(d=5, h=3, m=44),
            "mia",
            "assistant",
            "Two steps: driver isolation, so that a crashing driver takes only its own process down, and back to the "
            "earlier driver. Set RestrictDriverInstallationToAdministrators to 1 only after the clients have the "
            "right driver, otherwise they get 0x0000011b or an elevation prompt.",
        ),
        TaskAdded(ago(d=5, h=3, m=40), "mia", "rollback", "Remove UPD 7.1 from the server"),
        TaskMoved(
            ago(d=5, h=3, m=22),
            "mia",
            "rollback",
            "failed",
            "'Der angegebene Druckertreiber wird zurzeit verwendet.' (0x00000bb9), also directly after a restart of "
            "the spooler.",
        ),
        Escalated(
            ago(d=5, h=3, m=15),
            "mia",
            "high",
            "skill",
            "How do I get a driver package out that is in use by 9 queues, without deleting the queues and their "
            "permissions?",
        ),
        Claimed(ago(d=5, h=3, m=9), "tomasz"),
        Started(ago(d=5, h=3, m=8), "tomasz", "continue"),
        Said(
            ago(d=5, h=3, m=1),
            "tomasz",
            "note",
            "Mia, you do it, I am on the phone with you. First isolation: in printmanagement.msc set the driver to "
            "'Isolated'. Then they print again while we clean up. Then point the 9 queues to the Microsoft PCL6 "
            "class driver with Set-Printer -DriverName, only then Remove-PrinterDriver.",
        ),
        TaskAdded(ago(d=5, h=2, m=56), "mia", "isolate", "Driver isolation on for UPD 7.1"),
        TaskMoved(
            ago(d=5, h=2, m=50),
            "mia",
            "isolate",
            "done",
            "PrintIsolationHost.exe crashes now, spoolsv.exe stays. Printing works with a retry.",
        ),
        TaskAdded(
            ago(d=5, h=2, m=46), "mia", "swap", "Queues to the class driver, remove 7.1, install 7.0, queues back"
        ),
        Said(
            ago(d=5, h=2, m=20),
            "mia",
            "note",
            "All 9 queues on the class driver, Remove-PrinterDriver for 7.1 went through. Finishing options (duplex, "
            "second tray) are missing until 7.0 is back, told the office.",
        ),
        TaskMoved(
            ago(d=5, h=2),
            "mia",
            "swap",
            "done",
            "All 9 queues on 7.0, permissions unchanged, 40 test pages without a crash.",
        ),
        Said(ago(d=5, h=1, m=54), "mia", "client", "Die Schriftsätze sind raus. Vielen Dank für die schnelle Hilfe!"),
        TaskAdded(ago(d=5, h=1, m=50), "mia", "policy", "RestrictDriverInstallationToAdministrators = 1 by policy"),
        TaskMoved(ago(d=5, h=1, m=31), "mia", "policy", "done", "Set, two clients tested after gpupdate, no prompt."),
        Resolved(
            ago(d=5, h=1, m=25),
            "tomasz",
            "guided_engineer",
            "Mia did all steps herself: isolation, class driver as intermediate step, back to 7.0, and the policy "
            "that keeps users from replacing drivers.",
        ),
        Closed(ago(d=4, h=9), "mia", "Faulty driver version removed; no crash of the spooler overnight."),
    ),
)

HALVORSUND_SYNC: Final = Story(
    tenant="acme",
    key="halvorsund-sharepoint-sync",
    opened_ago=ago(d=8, h=6),
    by="mia",
    title="OneDrive has been 'processing changes' for two days",
    client_name="Halvorsund Architects",
    problem=(
        "Two of nine people do not get the current drawings of the harbour project, the sync client shows "
        "'processing changes' without end."
    ),
    steps=(
        Said(
            ago(d=8, h=5, m=57),
            "mia",
            "client",
            "I worked on a drawing from last week without knowing it. Sigrid has the new one, I have the old one, "
            "and mine says it is syncing.",
        ),
        TaskAdded(ago(d=8, h=5, m=45), "mia", "count", "Number of items and longest path in the library"),
        TaskAdded(ago(d=8, h=5, m=44), "mia", "errors", "Sync client's own list of errors on both machines"),
        Said(
            ago(d=8, h=5, m=30),
            "mia",
            "note",
            "Both laptops: sync client 24.x, Windows 11 23H2, 60 GB and 110 GB free. The other seven people work in "
            "the browser or by shortcut, which is why only these two are hit.",
        ),
        TaskMoved(
            ago(d=8, h=5, m=20),
            "mia",
            "count",
            "done",
            "412,000 items, above the 300,000 recommended for syncing. Longest path 431 characters, limit is 400.",
        ),
        TaskMoved(
            ago(d=8, h=5, m=5),
            "mia",
            "errors",
            "done",
            "Machine 1: 38 files with too long a path below '07_Supplier/Revit_Links'. Machine 2: 0x8007016A, the "
            "cloud file provider is not running.",
        ),
        Said(
            ago(d=8, h=5),
            "mia",
            "assistant",
            "Sync one folder instead of the library: 'Add shortcut to OneDrive' on the project folder. Before any "
            "reset copy files that were changed locally and not uploaded; onedrive.exe /reset keeps files but "
            "forgets what was pending.",
        ),
        TaskAdded(ago(d=8, h=4, m=50), "mia", "save", "Copy locally changed files aside on both machines"),
        TaskMoved(
            ago(d=8, h=4, m=20),
            "mia",
            "save",
            "done",
            "17 files from machine 1, 2 from machine 2, in the folder 'Before reset' on the file share. Compared "
            "with Sigrid's versions by the architects themselves.",
        ),
        TaskAdded(ago(d=8, h=4, m=10), "mia", "shortcut", "Unlink the library, shortcut to the project folder instead"),
        Said(
            ago(d=8, h=3, m=40),
            "mia",
            "client",
            "Mine has finished and shows Sigrid's drawing. Marek's still counts upwards.",
        ),
        Said(
            ago(d=8, h=3, m=20),
            "mia",
            "note",
            "Marek's machine: service cldflt did not start, set to disabled by an old 'optimising' script in the "
            "image. Set to automatic, restart pending for his lunch break.",
        ),
        TaskMoved(
            ago(d=8, h=2, m=30),
            "mia",
            "shortcut",
            "done",
            "Machine 1 in sync after 55 minutes, machine 2 needed a restart of cldflt first. 21,000 items each.",
        ),
        Said(
            ago(d=8, h=2, m=20),
            "mia",
            "client",
            "Both current, Sigrid and I compared six drawings. Can we do this for all?",
        ),
        Said(
            ago(d=8, h=2, m=10),
            "mia",
            "note",
            "Yes, with a plan: the supplier folder moves to its own site first, its paths are the long ones. Offer "
            "for 3 hours sent through Daniel. For these two the ticket is done.",
        ),
        Closed(
            ago(d=8, h=2, m=5),
            "mia",
            "Library too large and paths too long for the sync client; both users sync only the project folder now.",
        ),
    ),
)

QUAYMOOR_RANSOMWARE: Final = Story(
    tenant="acme",
    key="quaymoor-ransomware-scare",
    opened_ago=ago(d=7, h=2, m=50),
    by="jonas",
    title="Files on the share are renamed to .locked, one after the other",
    client_name="Quaymoor Freight",
    problem="Dispatch reports files with the ending .locked on drive S:, their number grows. Possibly ransomware.",
    steps=(
        Said(
            ago(d=7, h=2, m=49),
            "jonas",
            "client",
            "Every second file in Waybills is called something .locked now. I did not click on anything, I promise.",
        ),
        Said(
            ago(d=7, h=2, m=47),
            "jonas",
            "note",
            "Told everyone to leave PCs on, pull nothing except the network cable of whoever sees it happen. 212 "
            "files .locked on \\\\QF-FS01\\Dispatch\\Waybills, no ransom note found.",
        ),
        TaskAdded(ago(d=7, h=2, m=46), "jonas", "isolate", "Isolate QF-FS01 from the LAN, keep it running"),
        TaskMoved(
            ago(d=7, h=2, m=43),
            "jonas",
            "isolate",
            "done",
            "Switch port in the quarantine VLAN, console through iDRAC still works.",
        ),
        Escalated(
            ago(d=7, h=2, m=42),
            "jonas",
            "critical",
            "risk",
            "Incident lead needed at once: possible encryption in progress on the file server of a freight forwarder.",
            "Server is isolated and running. Do not shut it down, memory may be needed.",
        ),
        Claimed(ago(d=7, h=2, m=40), "priya"),
        Started(ago(d=7, h=2, m=39), "priya", "own_thing"),
        TaskAdded(
            ago(d=7, h=2, m=38),
            "priya",
            "who",
            "Which account and machine renames",
            "Open sessions and security log 4663/5145 before the isolation",
        ),
        TaskAdded(
            ago(d=7, h=2, m=37), "priya", "sample", "Are the files encrypted: header and entropy of five samples"
        ),
        TaskAdded(ago(d=7, h=2, m=36), "priya", "backup", "Make the backup repository unreachable from the domain"),
        Said(
            ago(d=7, h=2, m=34),
            "jonas",
            "note",
            "All 23 PCs: nobody sees a note or a changed wallpaper. Two people had opened attachments in the last "
            "hour, both known customers; mails kept.",
        ),
        TaskMoved(
            ago(d=7, h=2, m=33),
            "priya",
            "backup",
            "done",
            "Repository's network off, immutable copies of the last 14 days present.",
        ),
        Said(
            ago(d=7, h=2, m=30),
            "priya",
            "client",
            "Do we have to tell our customers? And the insurance wants to be called within four hours.",
        ),
        Said(
            ago(d=7, h=2, m=28),
            "priya",
            "note",
            "Told Ms Tolliver: insurer yes, as a suspicion, with the time of the first sign. Customers not before we "
            "know more. Next call in 30 minutes.",
        ),
        TaskMoved(
            ago(d=7, h=2, m=24),
            "priya",
            "sample",
            "done",
            "Not encrypted: header is %PDF-1.7, opens after renaming. Hash is the same as in last night's backup, 5 "
            "of 5.",
        ),
        Said(
            ago(d=7, h=2, m=22),
            "priya",
            "note",
            "Content is intact, only the names change. That is not what ransomware does. Still isolated until we "
            "know who.",
        ),
        TaskMoved(
            ago(d=7, h=2, m=11),
            "priya",
            "who",
            "done",
            "Account svc_scan from QF-APP02, process WaybillArchive.exe. Its version is from yesterday's vendor "
            "update; signed by the vendor, hash known to Defender as clean.",
        ),
        Said(
            ago(d=7, h=1, m=58),
            "priya",
            "note",
            "Vendor's hotline confirms: new version marks files it could not archive with '.locked' while the "
            "archive is full. Archive volume on QF-APP02 has 0 bytes free. It is in the release notes on page 6.",
        ),
        TaskAdded(ago(d=7, h=1, m=50), "priya", "scan", "Full scan of QF-FS01 and QF-APP02 before they go back"),
        Said(
            ago(d=7, h=1, m=20),
            "priya",
            "note",
            "Dispatch works on paper and with the carrier portals in the browser until the scan is through. First "
            "half of QF-FS01 without findings.",
        ),
        TaskMoved(
            ago(d=7, h=1, m=2),
            "priya",
            "scan",
            "done",
            "Nothing found on either. No sign-in from outside, no new administrators, no new services in 14 days.",
        ),
        Resolved(
            ago(d=7, m=58),
            "priya",
            "no_fault_found",
            "No attack. The archive program renames files when its volume is full. Server is back on the LAN, "
            "repository reconnected, 212 files renamed back by the vendor's own tool. Isolation at minute 4 was "
            "right and should be done again the same way.",
        ),
        Said(
            ago(d=7, m=40), "jonas", "client", "What a relief. Thank you for being so quick, all waybills open again."
        ),
        TaskAdded(ago(d=7, m=36), "jonas", "volume", "Archive volume 200 GB larger, alert at 15 % free"),
        TaskMoved(
            ago(d=7, m=12),
            "jonas",
            "volume",
            "done",
            "Extended online, sensor active. Program archived the backlog in 8 minutes.",
        ),
        Said(
            ago(d=7, m=8),
            "jonas",
            "note",
            "Timeline for the client's insurer written down and filed, Helen has read it.",
        ),
        Closed(
            ago(d=7, m=5),
            "jonas",
            "False alarm: archive software marked files while its disk was full; disk extended, monitoring added.",
        ),
    ),
)

STORIES: Final = (AUERFELD_SPOOLER, HALVORSUND_SYNC, QUAYMOOR_RANSOMWARE)
