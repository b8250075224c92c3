"""Accounts: locked by a forgotten phone, locked out by a new one, and clocks that disagree."""

from __future__ import annotations

from typing import Final

from server.demo_story import Claimed, Closed, Escalated, Resolved, Said, Started, Story, TaskAdded, TaskMoved, ago

SABLE_MFA_LOCKOUT: Final = Story(
    tenant="acme",
    key="sable-mfa-lockout",
    opened_ago=ago(m=38),
    by="mia",
    title="Only global admin locked out after a new phone, payroll run due",
    client_name="Sable & Finch Accounting",
    problem=(
        "The managing partner is the only global administrator and replaced his phone. Nobody can approve sign-ins "
        "or reset anybody's methods, and the payroll application needs his sign-in before the bank's cut-off."
    ),
    steps=(
        Said(
            ago(m=36),
            "mia",
            "client",
            "I traded in my phone yesterday and now I cannot get into anything. I have to release the salaries "
            "for 34 clients before the bank closes its window.",
        ),
        Said(
            ago(m=33),
            "mia",
            "note",
            "rfinch@sablefinch.example. Sign-in log: AADSTS50076, then 500121 'Authentication failed during strong "
            "authentication request'. Authenticator was his only method, push goes to the old device. No phone "
            "number registered.",
        ),
        TaskAdded(
            ago(m=31),
            "mia",
            "verify",
            "Verify the caller by the agreed call-back",
            "Number from the contract, not the one he calls from",
        ),
        TaskMoved(
            ago(m=28),
            "mia",
            "verify",
            "done",
            "Called back on the office number in the contract, two questions answered correctly. It is him.",
        ),
        Said(
            ago(m=26),
            "mia",
            "assistant",
            "A Temporary Access Pass is the clean way back in: it satisfies MFA and lets him register the new "
            "device. Issuing one for a global administrator needs Privileged Authentication Administrator or Global "
            "Administrator. Check for an emergency access account first.",
        ),
        TaskAdded(ago(m=24), "mia", "tap", "Issue a Temporary Access Pass for rfinch"),
        TaskAdded(ago(m=23), "mia", "breakglass", "Find the tenant's emergency access account"),
        TaskMoved(
            ago(m=20),
            "mia",
            "tap",
            "failed",
            "Insufficient privileges. Our GDAP role is Authentication Administrator, which does not cover accounts "
            "with admin roles.",
        ),
        TaskMoved(
            ago(m=16),
            "mia",
            "breakglass",
            "doing",
            "Account bg-01 exists, excluded from Conditional Access. Documentation says the sealed envelope is in "
            "our safe, two-person rule.",
        ),
        Said(
            ago(m=14),
            "mia",
            "note",
            "Old phone is with the shop and already wiped. Backup of the authenticator app was off, so restoring on "
            "the new phone shows the account but cannot approve.",
        ),
        Said(
            ago(m=11),
            "mia",
            "client",
            "The bank's window closes in an hour and a half, after that the salaries are a day late.",
        ),
        Escalated(
            ago(m=9),
            "mia",
            "critical",
            "approval",
            "Approve use of the emergency access account bg-01 with a second person present, issue a Temporary "
            "Access Pass for rfinch (one use, 60 minutes), then seal and rotate.",
            "Identity is verified by call-back. Do not remove his registered methods first: that would raise a risk "
            "event and block the sign-in.",
        ),
        Said(
            ago(m=5),
            "mia",
            "note",
            "Promised Mr Finch a call within 15 minutes, with or without result. He sits at his desk with the new "
            "phone.",
        ),
    ),
)

BRIGHTMERE_LOCKOUTS: Final = Story(
    tenant="acme",
    key="brightmere-lockouts",
    opened_ago=ago(d=6, h=7, m=10),
    by="jonas",
    title="Teacher's account locks every 20 minutes",
    client_name="Brightmere Academy",
    problem=(
        "One account is locked again and again since the password change on the day before. Unlocking helps for "
        "about 20 minutes."
    ),
    steps=(
        Said(
            ago(d=6, h=7, m=8),
            "jonas",
            "client",
            "Mrs Adeyemi cannot keep working, she is thrown out several times in each lesson. She changed her "
            "password yesterday because the system asked her to.",
        ),
        TaskAdded(
            ago(d=6, h=7),
            "jonas",
            "4740",
            "Event 4740 on the PDC emulator",
            "Get-WinEvent -ComputerName BM-DC01 -FilterHashtable @{LogName='Security';Id=4740}",
        ),
        TaskMoved(
            ago(d=6, h=6, m=48),
            "jonas",
            "4740",
            "done",
            "14 lockouts of b.adeyemi since yesterday. Caller Computer Name is BM-NPS01 in all of them.",
        ),
        Said(
            ago(d=6, h=6, m=44),
            "jonas",
            "note",
            "So not a PC of hers: BM-NPS01 is the RADIUS server for the Wi-Fi. Something offers the old password "
            "over 802.1X.",
        ),
        Said(
            ago(d=6, h=6, m=40),
            "jonas",
            "assistant",
            "Event 6273 on the NPS names the calling station (MAC address) and the access point. Reason code 16 is a "
            "wrong user name or password. A device that only wakes now and then gives exactly this pattern.",
        ),
        TaskAdded(ago(d=6, h=6, m=36), "jonas", "6273", "Event 6273 on BM-NPS01, calling station"),
        TaskAdded(ago(d=6, h=6, m=35), "jonas", "credman", "Stored credentials on her laptop", "cmdkey /list"),
        TaskMoved(
            ago(d=6, h=6, m=25),
            "jonas",
            "6273",
            "done",
            "Reason code 16, calling station 7C-2E-DD-10-4B-91, PEAP, access point in the staff room. Five tries "
            "within 2 s, then 20 minutes of silence. Threshold of the policy is 5.",
        ),
        TaskMoved(
            ago(d=6, h=6, m=24),
            "jonas",
            "credman",
            "skipped",
            "Not needed, the source is the Wi-Fi and not the laptop.",
        ),
        Said(
            ago(d=6, h=6, m=12),
            "jonas",
            "client",
            "She says her phone is switched off during lessons. But there is an old tablet in her locker in the "
            "staff room which she used for the register last year.",
        ),
        Said(
            ago(d=6, h=6, m=5),
            "jonas",
            "note",
            "Ruled out meanwhile: scheduled tasks and services under her name (none), mapped drives on the classroom "
            "PCs (by computer account), webmail on the phone (modern authentication, no 4625 from there).",
        ),
        Said(
            ago(d=6, h=5, m=50),
            "jonas",
            "note",
            "Caretaker fetched the tablet: MAC matches. It was on the charger with the school's SSID saved.",
        ),
        TaskAdded(
            ago(d=6, h=5, m=47), "jonas", "forget", "Forget the network on the tablet, unlock, watch for an hour"
        ),
        TaskMoved(ago(d=6, h=4, m=35), "jonas", "forget", "done", "No 4740 for 70 minutes, no 6273 from that MAC."),
        Said(
            ago(d=6, h=4, m=30),
            "jonas",
            "note",
            "Suggested to the school: certificates instead of passwords for staff Wi-Fi (EAP-TLS through Intune). "
            "Goes to the quarterly review, Daniel has it on the list.",
        ),
        Closed(
            ago(d=6, h=4, m=28),
            "jonas",
            "Old tablet with the previous Wi-Fi password locked the account; network removed from the tablet.",
        ),
    ),
)

ASHMARSH_CLOCK: Final = Story(
    tenant="acme",
    key="ashmarsh-clock-skew",
    opened_ago=ago(d=11, h=3, m=30),
    by="mia",
    title="Nobody can log on at the branch office, Kerberos complains about time",
    client_name="Ashmarsh Garden Centres",
    problem=(
        "Branch in Ashmarsh West: log-on says the time on the server differs from this computer. Tills work offline. "
        "Head office is fine."
    ),
    steps=(
        Said(
            ago(d=11, h=3, m=27),
            "mia",
            "client",
            "All seven PCs say something about a time difference. The clock on the tills is eleven minutes off as "
            "well.",
        ),
        TaskAdded(
            ago(d=11, h=3, m=22),
            "mia",
            "source",
            "Time source of the branch's domain controller",
            "w32tm /query /status /verbose",
        ),
        TaskMoved(
            ago(d=11, h=3, m=15),
            "mia",
            "source",
            "done",
            "AG-DC02: source 'VM IC Time Synchronization Provider', 11 min 20 s ahead. The Hyper-V host has source "
            "'Local CMOS Clock'.",
        ),
        Said(
            ago(d=11, h=3, m=12),
            "mia",
            "note",
            "System log on the PCs: Security-Kerberos event 4, KRB_AP_ERR_SKEW. Replication from AG-DC01 fails with "
            "1398 'There is a time and/or date difference between the client and server'.",
        ),
        TaskAdded(ago(d=11, h=3, m=8), "mia", "resync", "w32tm /resync /rediscover on AG-DC02"),
        Said(
            ago(d=11, h=3, m=6),
            "mia",
            "assistant",
            "Kerberos tolerates 5 minutes. Do not step the clock of a domain controller before you know which clock "
            "it follows; otherwise the host sets it wrong again at the next integration services update. Head "
            "office's controller with the PDC role should be the only one with an outside source.",
        ),
        TaskMoved(
            ago(d=11, h=3, m=3),
            "mia",
            "resync",
            "failed",
            "'The computer did not resync because no time data was available.' UDP 123 to the head office gets no "
            "answer.",
        ),
        Escalated(
            ago(d=11, h=2, m=59),
            "mia",
            "high",
            "risk",
            "Is it safe to step the clock of a domain controller back by 11 minutes in working hours, and in which "
            "order with the host?",
            "Replication is broken since last night. I did not want to make it worse.",
        ),
        Claimed(ago(d=11, h=2, m=55), "helen"),
        Started(ago(d=11, h=2, m=54), "helen", "continue"),
        Said(
            ago(d=11, h=2, m=40),
            "helen",
            "note",
            "Order: host first, then take the DC off the host's clock, then the DC. Host had lost its NTP server in "
            "the router swap two days ago. Pointed it to the router's LAN address, offset now 4 ms. Then on AG-DC02: "
            "VMICTimeProvider Enabled=0, w32tm /config /syncfromflags:domhier /update, restart of w32time.",
        ),
        TaskAdded(
            ago(d=11, h=2, m=36),
            "helen",
            "step",
            "Step AG-DC02 and check replication",
            "repadmin /syncall AG-DC02 /AdeP",
        ),
        TaskMoved(
            ago(d=11, h=2, m=22),
            "helen",
            "step",
            "done",
            "Offset 18 ms, repadmin /replsummary without failures. Log-on tested on two PCs.",
        ),
        Said(
            ago(d=11, h=2, m=18), "mia", "client", "All tills and PCs are back. The till clocks corrected themselves."
        ),
        Resolved(
            ago(d=11, h=2, m=15),
            "helen",
            "fixed_by_senior",
            "Host had lost its NTP source with the new router and the virtual DC followed the host. Host syncs from "
            "the router, the DC from the domain hierarchy, UDP 123 is open in the branch tunnel.",
        ),
        Said(
            ago(d=11, h=1, m=58),
            "mia",
            "note",
            "Added NTP to the check list for router swaps and an offset sensor (warning at 60 s) for both DCs.",
        ),
        Closed(
            ago(d=11, h=1, m=55),
            "mia",
            "Time source repaired on host and domain controller; log-on and replication verified.",
        ),
    ),
)

STORIES: Final = (SABLE_MFA_LOCKOUT, BRIGHTMERE_LOCKOUTS, ASHMARSH_CLOCK)
