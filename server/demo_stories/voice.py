"""Telephones: a trunk with one-way audio and Teams users without a line."""

from __future__ import annotations

from typing import Final

from server.demo_story import (
    Claimed,
    Closed,
    Escalated,
    Resolved,
    Said,
    Started,
    Story,
    TaskAdded,
    TaskMoved,
    Withdrawn,
    ago,
)

STRANDKIEFER_SIP: Final = Story(
    tenant="acme",
    key="strandkiefer-sip-trunk",
    opened_ago=ago(d=4, h=8),
    by="jonas",
    title="Callers hear nothing, every fifth call or so",
    client_name="Hotel Strandkiefer",
    problem=(
        "Reception picks up and hears the guest, but the guest hears nothing. Irregular, more in the evening. 3CX on "
        "site, SIP trunk of a regional carrier."
    ),
    steps=(
        Said(
            ago(d=4, h=7, m=55),
            "jonas",
            "client",
            "Die Gäste legen auf, weil sie uns nicht hören. Wir rufen dann zurück, aber manche buchen inzwischen "
            "woanders.",
        ),
        TaskAdded(ago(d=4, h=7, m=45), "jonas", "alg", "SIP ALG on the router off"),
        TaskMoved(ago(d=4, h=7, m=35), "jonas", "alg", "done", "Was already off."),
        TaskAdded(ago(d=4, h=7, m=30), "jonas", "fwcheck", "3CX firewall checker"),
        Said(
            ago(d=4, h=7, m=20),
            "jonas",
            "note",
            "3CX V20, trunk registered without interruption for 31 days, codecs G.711a only. Firewall is a Sophos "
            "XGS, static NAT with ports preserved.",
        ),
        TaskMoved(ago(d=4, h=7, m=12), "jonas", "fwcheck", "done", "All ports 9000-10999 pass, full cone."),
        Said(
            ago(d=4, h=7, m=5),
            "jonas",
            "assistant",
            "One-way audio on some calls only: compare the c= line of the carrier's SDP in good and bad calls. If "
            "the media address differs, the firewall or the routing to that address is the suspect. A capture of one "
            "bad call answers it.",
        ),
        Said(
            ago(d=4, h=6, m=50),
            "jonas",
            "note",
            "Cannot reproduce it: 15 test calls from two mobiles, all good. Reception keeps a list from now on.",
        ),
        Escalated(
            ago(d=4, h=6, m=30),
            "jonas",
            "normal",
            "out_of_ideas",
            "What else can I check without a bad call to look at?",
        ),
        Claimed(ago(d=4, h=5, m=10), "priya"),
        Said(
            ago(d=4, h=5, m=2),
            "priya",
            "note",
            "Without one bad call we would guess. Start a rolling capture on the PBX (20 files of 50 MB, SIP and "
            "RTP), let reception note number and minute, come back with two bad calls and two good ones.",
        ),
        Resolved(
            ago(d=4, h=4, m=55),
            "priya",
            "returned_needs_info",
            "Needs a capture of at least two bad calls. Escalate again with the files; how to set up the rolling "
            "capture is in the note.",
        ),
        TaskAdded(
            ago(d=4, h=4, m=40),
            "jonas",
            "capture",
            "Rolling capture on the PBX",
            "dumpcap -i eth0 -f 'udp' -b filesize:50000 -b files:20",
        ),
        TaskMoved(ago(d=4, h=4, m=38), "jonas", "capture", "doing"),
        Said(
            ago(d=3, h=9, m=15),
            "jonas",
            "client",
            "Gestern Abend viermal, die Liste liegt bei: 19:02, 19:40, 20:15 und 21:07.",
        ),
        TaskMoved(
            ago(d=3, h=8, m=30),
            "jonas",
            "capture",
            "done",
            "All four bad calls: SDP answer names media gateway 203.0.113.199. Eleven good calls: 203.0.113.196 or "
            ".197. To .199 our RTP leaves the router, nothing comes back, not even ICMP.",
        ),
        TaskAdded(ago(d=3, h=8, m=25), "jonas", "trace", "Traceroute to the three media gateways"),
        TaskMoved(
            ago(d=3, h=8, m=12),
            "jonas",
            "trace",
            "done",
            ".196 and .197 answer after 6 hops. .199 ends at the carrier's edge, hop 4.",
        ),
        Escalated(
            ago(d=3, h=8),
            "jonas",
            "high",
            "vendor",
            "The fault is in the carrier's network, but their first level closes my ticket with 'registration is "
            "fine'. Please take it to your contact there.",
            "Captures and the list of calls are in the client's folder.",
        ),
        Claimed(ago(d=3, h=7, m=42), "tomasz"),
        Started(ago(d=3, h=7, m=41), "tomasz", "continue"),
        TaskAdded(
            ago(d=3, h=7, m=30), "tomasz", "noc", "Carrier's NOC: gateway .199 unreachable from the customer's range"
        ),
        TaskMoved(ago(d=3, h=7, m=28), "tomasz", "noc", "doing"),
        Said(
            ago(d=3, h=7, m=20),
            "tomasz",
            "client",
            "Die Rezeption fragt, ob sie heute Abend wieder mit dem Handy zurückrufen soll.",
        ),
        Said(ago(d=3, h=7), "tomasz", "note", "Told the reception: yes, until we report back, at the latest at five."),
        Said(
            ago(d=3, h=6, m=50),
            "tomasz",
            "note",
            "NOC confirms: gateway .199 went live last week, return route for the range of this POP is missing. "
            "Change is planned for tonight. Until then they take .199 out of the pool for this trunk, active now.",
        ),
        TaskMoved(
            ago(d=3, h=6, m=5),
            "tomasz",
            "noc",
            "done",
            "Gateway out of the pool since 45 minutes, 22 calls without complaint.",
        ),
        Resolved(
            ago(d=3, h=6),
            "tomasz",
            "vendor",
            "Missing return route in the carrier's network to media gateway .199. They took it out of the pool and "
            "correct the route in their own change. Nothing was changed on our side.",
        ),
        Said(ago(d=2, h=8, m=30), "jonas", "client", "Gestern Abend kein einziger Fall mehr."),
        Said(
            ago(d=2, h=8, m=20),
            "jonas",
            "note",
            "Session stays open until the carrier reports the final route, then a last test with .199.",
        ),
    ),
)

PELLWORTH_TEAMS: Final = Story(
    tenant="acme",
    key="pellworth-teams-calling",
    opened_ago=ago(d=2, h=4, m=20),
    by="jonas",
    title="New solicitor has no dial pad in Teams",
    client_name="Pellworth Legal",
    problem=(
        "User started on the day before, Teams Phone licence assigned, number reserved. Dial pad is missing and the "
        "number cannot be assigned."
    ),
    steps=(
        Said(
            ago(d=2, h=4, m=17),
            "jonas",
            "client",
            "Ms Thackeray has client calls from tomorrow and still cannot ring anyone outside.",
        ),
        TaskAdded(
            ago(d=2, h=4, m=12),
            "jonas",
            "licence",
            "Licences of the user",
            "Get-MgUserLicenseDetail -UserId e.thackeray@pellworth.example",
        ),
        TaskMoved(
            ago(d=2, h=4, m=6),
            "jonas",
            "licence",
            "done",
            "Business Premium and Teams Phone Standard, both with status Success for 26 hours.",
        ),
        TaskAdded(
            ago(d=2, h=4, m=3),
            "jonas",
            "assign",
            "Assign +44 1632 960118",
            "Set-CsPhoneNumberAssignment -PhoneNumberType DirectRouting",
        ),
        Said(
            ago(d=2, h=4),
            "jonas",
            "note",
            "Tenant uses direct routing through our SBC. Number range +44 1632 960100 to 960149, 960118 is free "
            "according to our list.",
        ),
        TaskMoved(
            ago(d=2, h=3, m=55),
            "jonas",
            "assign",
            "failed",
            "'Telephone Number +441632960118 has already been assigned to another user', but Get-CsOnlineUser with a "
            "filter on LineUri finds nobody.",
        ),
        Said(
            ago(d=2, h=3, m=49),
            "jonas",
            "assistant",
            "A number can still be held by a resource account, by a soft-deleted user, or by an on-premises "
            "attribute (msRTCSIP-Line) that synchronises. Get-CsPhoneNumberAssignment -TelephoneNumber shows the "
            "holder's object id even if the user is deleted.",
        ),
        Said(
            ago(d=2, h=3, m=40),
            "jonas",
            "note",
            "Get-CsPhoneNumberAssignment returns AssignedPstnTargetId 5d0c..., which Entra does not find under "
            "active users. I have no right to see deleted ones on this tenant.",
        ),
        Escalated(
            ago(d=2, h=3, m=35),
            "jonas",
            "normal",
            "no_access",
            "Please look under deleted users for the holder of +44 1632 960118 and release the number.",
        ),
        Said(
            ago(d=2, h=3, m=28),
            "jonas",
            "client",
            "Can the reception at least put calls through to her mobile until then?",
        ),
        TaskAdded(ago(d=2, h=3, m=20), "jonas", "target", "Unassign by target id instead of user name"),
        TaskMoved(
            ago(d=2, h=3, m=9),
            "jonas",
            "target",
            "done",
            "Remove-CsPhoneNumberAssignment with the object id and -RemoveAll was accepted. It was Ms Thackeray's "
            "predecessor, deleted 12 days ago with the number still on the account.",
        ),
        Withdrawn(ago(d=2, h=3, m=5), "jonas", "solved_self"),
        TaskAdded(ago(d=2, h=3), "jonas", "again", "Assign the number, voice routing policy, test call"),
        TaskMoved(
            ago(d=2, h=1, m=45),
            "jonas",
            "again",
            "done",
            "EnterpriseVoiceEnabled is True, dial pad appeared after 50 minutes, call in and out tested with Ms "
            "Thackeray.",
        ),
        Said(ago(d=2, h=1, m=40), "jonas", "client", "Works, she has already called her first client."),
        Said(
            ago(d=2, h=1, m=32),
            "jonas",
            "note",
            "Leaver check list now says: unassign the number before the account is deleted.",
        ),
        Closed(
            ago(d=2, h=1, m=30),
            "jonas",
            "Number was still held by a deleted user; released by object id and assigned to the new one.",
        ),
    ),
)

STORIES: Final = (STRANDKIEFER_SIP, PELLWORTH_TEAMS)
