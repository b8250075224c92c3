"""A tunnel that dies every hour and scanners that cling to the wrong access point."""

from __future__ import annotations

from typing import Final

from server.demo_story import Claimed, Escalated, Said, Started, Story, TaskAdded, TaskMoved, ago

NORDLICHT_VPN: Final = Story(
    tenant="acme",
    key="nordlicht-vpn-rekey",
    opened_ago=ago(h=6, m=15),
    by="mia",
    title="Tunnel Hamburg - Bremen drops every hour since the firmware update",
    client_name="Nordlicht Logistik GmbH",
    problem=(
        "Site-to-site VPN between head office and the Bremen warehouse drops once an hour for two to four minutes. "
        "Handheld scanners lose their session and pickers start over. 40 people affected."
    ),
    steps=(
        Said(
            ago(h=6, m=12),
            "mia",
            "client",
            "Seit dem Update heute Nacht fliegen alle Scanner jede Stunde raus. Die Kollegen müssen jede "
            "Kommissionierung neu anfangen.",
        ),
        Said(
            ago(h=6, m=4),
            "mia",
            "note",
            "FortiGate 100F in Hamburg was updated from 7.2.8 to 7.4.5 in the window at 02:00. Bremen has a LANCOM "
            "1926VAG, unchanged. Tunnel is IKEv2, the LANCOM is behind provider NAT, FortiGate is responder.",
        ),
        TaskAdded(ago(h=6), "mia", "log", "Collect the drops with times on both sides"),
        Said(
            ago(h=5, m=50),
            "mia",
            "client",
            "Eben schon wieder, ziemlich genau eine Stunde nach dem letzten Mal. Die Frühschicht hat jetzt 60 "
            "Positionen doppelt gescannt.",
        ),
        TaskMoved(
            ago(h=5, m=41),
            "mia",
            "log",
            "done",
            "Drops are 60 min apart to the second, counted from the moment the tunnel came up. LANCOM: 'IKE-Meldung: "
            "NO_PROPOSAL_CHOSEN empfangen', then DPD timeout, then a fresh IKE_SA_INIT which succeeds.",
        ),
        Said(
            ago(h=5, m=38),
            "mia",
            "assistant",
            "An interval that starts with the tunnel points to a rekey and not to the line. Check the phase 2 "
            "lifetime (3600 s is a common default) and whether both sides agree on PFS. With IKEv2 the first "
            "CHILD_SA takes its keys from IKE_AUTH, so a PFS mismatch only shows at the first rekey.",
        ),
        TaskAdded(ago(h=5, m=33), "mia", "mtu", "Rule out MTU and line: ping with DF set over the tunnel"),
        TaskAdded(ago(h=5, m=32), "mia", "phase2", "Compare phase 2 proposals of both sides"),
        TaskMoved(
            ago(h=5, m=20),
            "mia",
            "mtu",
            "done",
            "1390 bytes pass with DF, no loss in 1,000 packets. Line and MTU ruled out.",
        ),
        TaskMoved(
            ago(h=5, m=2),
            "mia",
            "phase2",
            "done",
            "Both AES256-SHA256, 3600 s. FortiGate: dhgrp 14 19. LANCOM shows PFS 'DH-14 (MODP-2048)'. Looks the "
            "same to me.",
        ),
        TaskAdded(ago(h=4, m=55), "mia", "lifetime", "Try a phase 2 lifetime of 8 h as a stopgap"),
        Said(
            ago(h=4, m=50),
            "mia",
            "note",
            "Release notes of 7.4 read: changes to IKE in the list of 'changes in default behavior', but nothing I "
            "could match with what I see.",
        ),
        TaskMoved(
            ago(h=4, m=31),
            "mia",
            "lifetime",
            "failed",
            "Set keylifeseconds 28800 on the FortiGate. The LANCOM still rekeys at 3600 s, as each side keeps its "
            "own lifetime in IKEv2. Set back to 3600.",
        ),
        Said(
            ago(h=4, m=26),
            "mia",
            "client",
            "In zwei Stunden kommen drei Lkw, bis dahin muss die Verladung laufen. Wenn es wieder ausfällt, stehen "
            "die an der Rampe.",
        ),
        Escalated(
            ago(h=4, m=20),
            "mia",
            "high",
            "skill",
            "Read the IKE debug of the next rekey with me and say which proposal is refused. I do not see the "
            "difference in the configuration.",
            "Changes so far: none left in place. Do not roll the firmware back in working hours: the failover of the "
            "cluster takes both lines down.",
        ),
        Claimed(ago(h=4, m=13), "priya"),
        Started(ago(h=4, m=11), "priya", "continue"),
        TaskAdded(
            ago(h=4, m=6),
            "priya",
            "debug",
            "IKE debug across one rekey",
            "diagnose vpn ike log filter rem-addr4 198.51.100.60; diagnose debug application ike -1",
        ),
        Said(
            ago(h=4, m=3),
            "mia",
            "note",
            "Configuration of both sides saved before anything else is touched. I stay on the phone with the shift "
            "leader, Mr Petersen.",
        ),
        Said(
            ago(h=3, m=58),
            "priya",
            "note",
            "Next rekey is due in 20 minutes. Mia captures on the LANCOM (trace + VPN-Status), I do the FortiGate.",
        ),
        TaskMoved(
            ago(h=3, m=30),
            "priya",
            "debug",
            "done",
            "CREATE_CHILD_SA from Bremen offers ENCR AES_GCM_16_256 with DH 14 first, then AES_CBC-256/SHA2_256 "
            "without a DH group. We answer NO_PROPOSAL_CHOSEN. 7.2 accepted the second offer without PFS, 7.4 does "
            "not.",
        ),
        Said(
            ago(h=3, m=24),
            "priya",
            "note",
            "So the GUI in Bremen shows the PFS group of the default profile, but the connection uses profile "
            "'WEZ-ALT' with PFS off for CBC. Fix belongs on the LANCOM: AES-CBC-256 with SHA2-256 and DH-14 in that "
            "profile, nothing on the FortiGate.",
        ),
        TaskAdded(
            ago(h=3, m=20),
            "priya",
            "profile",
            "Correct profile 'WEZ-ALT' on the LANCOM",
            "Undo: script of the old configuration is saved in the documentation",
        ),
        Said(
            ago(h=3, m=12),
            "priya",
            "assistant",
            "Changing the profile takes effect with the next IKE_SA. Without clearing the tunnel the old proposals "
            "stay until the IKE lifetime of 28,800 s is over. Plan one short interruption.",
        ),
        TaskMoved(
            ago(h=3, m=5),
            "priya",
            "profile",
            "done",
            "Changed and tunnel restarted once, 8 s of interruption, agreed with the shift leader.",
        ),
        TaskAdded(ago(h=3, m=2), "priya", "watch", "Watch three rekeys"),
        TaskMoved(ago(h=3, m=1), "priya", "watch", "doing"),
        Said(ago(h=1, m=59), "priya", "note", "First rekey passed: new SPI on both sides, no ping lost."),
        Said(ago(h=1, m=52), "mia", "client", "Läuft bisher. Wir drücken die Daumen für die Verladung."),
        Said(
            ago(m=58),
            "priya",
            "note",
            "Second rekey passed as well. One more, then I hand back. The branch in Kiel has the same old profile "
            "and gets the same change tonight after closing time.",
        ),
        Said(
            ago(m=31),
            "priya",
            "note",
            "Promised Mr Petersen a final word after the third rekey. Mia writes the summary for the client in German.",
        ),
    ),
)

CASTELMOOR_ROAMING: Final = Story(
    tenant="acme",
    key="castelmoor-roaming",
    opened_ago=ago(d=2, h=6),
    by="mia",
    title="Handhelds stick to far access points in hall 3",
    client_name="Castelmoor Foods",
    problem=(
        "Zebra TC52 handhelds freeze for 5 to 20 seconds when forklifts drive from hall 2 to hall 3. Started with "
        "the new racks."
    ),
    steps=(
        Said(
            ago(d=2, h=5, m=55),
            "mia",
            "client",
            "When I come through the gate to hall 3 the scanner hangs. If I stand still it comes back after a while. "
            "Only the new racks are different.",
        ),
        TaskAdded(
            ago(d=2, h=5, m=40),
            "mia",
            "map",
            "Signal per access point along the forklift's way",
            "Walk with one TC52 and the survey app, both directions",
        ),
        TaskAdded(ago(d=2, h=5, m=38), "mia", "events", "Roaming events of three handhelds from the controller"),
        TaskMoved(
            ago(d=2, h=3, m=10),
            "mia",
            "events",
            "done",
            "At the gate they stay on AP-H2-04 down to -82 dBm, then deauthenticate and do a full 802.1X of 3 to 4 "
            "s. No fast transition used.",
        ),
        Said(
            ago(d=2, h=3, m=2),
            "mia",
            "assistant",
            "The client decides when to roam. Handhelds usually start at a fixed threshold. Transmit power of the "
            "access points that is much higher than the handheld's (15 dBm or so) makes a far access point look "
            "attractive while the way back is too weak. Check power first, then 802.11k/v/r support on both sides.",
        ),
        TaskMoved(
            ago(d=1, h=7, m=20),
            "mia",
            "map",
            "done",
            "Steel racks take 14 dB. Between column 11 and 14 nothing better than -74 dBm on 5 GHz; AP-H3-01 is "
            "behind the new rack. AP-H2-04 sends with 23 dBm and reaches half the hall.",
        ),
        Said(
            ago(d=1, h=7),
            "mia",
            "note",
            "Two separate problems: a hole at column 11 to 14 and a loud neighbour. The second can be had by "
            "configuration, the first needs AP-H3-01 moved by about 8 m.",
        ),
        TaskAdded(ago(d=1, h=6, m=50), "mia", "power", "Limit 5 GHz power to 14 dBm in hall 2, test one shift"),
        TaskAdded(ago(d=1, h=6, m=48), "mia", "ft", "Enable 802.11r on the scanner SSID for one test handheld"),
        Said(
            ago(d=1, h=6, m=20),
            "mia",
            "note",
            "Vendor's guide for the TC52 recommends a roam threshold of -65 dBm by the device management; the "
            "handhelds are at the default of -70. Left alone for now, one change at a time.",
        ),
        TaskMoved(
            ago(d=1, h=2),
            "mia",
            "power",
            "done",
            "Roam happens at -71 dBm now. Freezes down from about 30 to 9 in the shift. Nobody complains in hall 2.",
        ),
        TaskMoved(
            ago(d=1, h=1, m=10),
            "mia",
            "ft",
            "failed",
            "Two older TC51 no longer connect with FT in the beacon. Switched off again after 6 minutes. Needs "
            "Android patch level from the vendor first.",
        ),
        Said(
            ago(h=23, m=20),
            "mia",
            "client",
            "Noticeably better since yesterday afternoon. Still the corner behind the new rack.",
        ),
        TaskAdded(ago(h=5, m=15), "mia", "move", "Move AP-H3-01 to column 12, cable and lift platform"),
        Said(
            ago(h=5, m=5),
            "mia",
            "note",
            "Electrician has offered the day after tomorrow before the early shift. Waiting for the client's order "
            "number.",
        ),
        Said(
            ago(h=4, m=10),
            "mia",
            "client",
            "Order number follows today. Please no work on the lift platform between five and nine, that is when the "
            "lorries are loaded.",
        ),
    ),
)

STORIES: Final = (NORDLICHT_VPN, CASTELMOOR_ROAMING)
