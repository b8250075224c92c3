"""Mail that does not leave, a scanner that may not send, a domain nobody renewed."""

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
    Tagged,
    TaskAdded,
    TaskMoved,
    ago,
)

HARBOR_MAIL_FLOW: Final = Story(
    tenant="acme",
    key="harbor-mail-flow",
    opened_ago=ago(h=1, m=52),
    by="jonas",
    title="Appointment reminders bounce with 550 5.7.64",
    client_name="Harbor Dental",
    problem=(
        "All reminder mails from the practice software to patients are rejected. Mail from Outlook works. 143 "
        "reminders are waiting, the front desk is calling patients by hand."
    ),
    steps=(
        Said(
            ago(h=1, m=49),
            "jonas",
            "client",
            "Our reminders stopped. Patients turn up at the wrong time because they never got the confirmation. "
            "Normal mail from Outlook is fine, it is only the practice software.",
        ),
        Said(
            ago(h=1, m=46),
            "jonas",
            "note",
            "Domain harbordental.example. HD-APP01 relays for three programs: reminders, recall letters and the "
            "X-ray archive's alerts. All three use the same connector.",
        ),
        Said(
            ago(h=1, m=44),
            "jonas",
            "note",
            "NDR from HD-APP01 (IIS SMTP relay to harbordental-example.mail.protection.outlook.com):\n"
            "550 5.7.64 TenantAttribution; Relay Access Denied\n"
            "First one in the SMTP log last night at 01:12, every external recipient since.",
        ),
        TaskAdded(
            ago(h=1, m=40),
            "jonas",
            "trace",
            "Message trace for the relay's sender",
            "reminders@harbordental.example, last 24 h",
        ),
        TaskMoved(
            ago(h=1, m=33),
            "jonas",
            "trace",
            "done",
            "Last delivered at 01:09. Nothing after that, not even as failed: rejected before it is attributed to "
            "the tenant.",
        ),
        Said(
            ago(h=1, m=31),
            "jonas",
            "assistant",
            "5.7.64 means Exchange Online could not match the connection to an inbound connector of the tenant. "
            "Compare the relay's public address with SenderIPAddresses of the connector, or the certificate subject "
            "with TlsSenderCertificateName. A changed public address is the usual cause when nothing was changed in "
            "Exchange.",
        ),
        TaskAdded(ago(h=1, m=29), "jonas", "egress", "Public address of HD-APP01 against the connector"),
        TaskAdded(
            ago(h=1, m=28),
            "jonas",
            "connector",
            "Set the new address on the inbound connector",
            "Set-InboundConnector 'Practice relay' -SenderIPAddresses",
        ),
        TaskAdded(ago(h=1, m=27), "jonas", "spf", "Add the new address to the SPF record"),
        TaskMoved(
            ago(h=1, m=20),
            "jonas",
            "egress",
            "done",
            "Leaves with 203.0.113.87. Connector 'Practice relay' allows only 203.0.113.40.",
        ),
        Said(
            ago(h=1, m=12),
            "jonas",
            "note",
            "Called the ISP: line was moved to a new address block during maintenance between 00:30 and 01:15. "
            "203.0.113.40 is gone for good, they will not give it back. So the change is theirs, nothing was touched "
            "at the client.",
        ),
        TaskMoved(ago(h=1, m=10), "jonas", "connector", "doing"),
        TaskMoved(
            ago(h=1, m=2),
            "jonas",
            "connector",
            "failed",
            "Set-InboundConnector: the operation couldn't be performed, access denied. Our GDAP relationship for "
            "this tenant has Global Reader and Helpdesk Administrator only.",
        ),
        Said(
            ago(m=51),
            "jonas",
            "note",
            "Ruled out: firewall (port 25 outbound opens, banner comes back), sender address blocked "
            "(Get-BlockedSenderAddress is empty), expired certificate on the relay (it does not present one).",
        ),
        Said(
            ago(m=44),
            "jonas",
            "assistant",
            "Until the connector is changed the IIS relay keeps retrying: default expiry is 2 days. Authenticated "
            "submission on 587 would also work without the connector, but needs a licensed mailbox and SMTP AUTH "
            "allowed for it.",
        ),
        TaskAdded(ago(m=40), "jonas", "smtpauth", "Fallback: authenticated submission on port 587"),
        TaskMoved(
            ago(m=33),
            "jonas",
            "smtpauth",
            "skipped",
            "Practice software only speaks port 25 without authentication, confirmed by the vendor's manual.",
        ),
        Said(
            ago(m=29),
            "jonas",
            "client",
            "How long will it take? We have 60 patients tomorrow and two of us are only on the phone now.",
        ),
        Escalated(
            ago(m=25),
            "jonas",
            "high",
            "no_access",
            "Someone with Exchange Administrator on the Harbor Dental tenant: add 203.0.113.87 to SenderIPAddresses "
            "of the inbound connector 'Practice relay', then I retry the queue.",
            "Do not empty C:\\inetpub\\mailroot\\Queue on HD-APP01: the 143 waiting mails are in there and go out by "
            "themselves.",
        ),
        Tagged(ago(m=24), "jonas", ("skill:exchange", "client:Harbor Dental")),
        Said(
            ago(m=18),
            "jonas",
            "note",
            "Told Ms Whitcombe at the front desk that the cause is known and that she hears from us within the hour. "
            "Queue is at 151 now.",
        ),
        Said(
            ago(m=14),
            "jonas",
            "assistant",
            "After the connector is changed the relay retries on its own schedule (15, 30, 60, 240 minutes). "
            "Restarting the SMTP service makes it retry all waiting mails at once; with 150 mails that is harmless.",
        ),
    ),
)

DUNMARROW_SCAN_TO_MAIL: Final = Story(
    tenant="acme",
    key="dunmarrow-scan-to-mail",
    opened_ago=ago(m=47),
    by="jonas",
    title="Copier no longer sends scans: 535 5.7.139",
    client_name="Dunmarrow Joinery",
    problem=(
        "Scan to mail fails on the Kyocera in the office. Copying and printing work. No deadline, they use the "
        "phone's camera for now."
    ),
    steps=(
        Said(
            ago(m=45),
            "jonas",
            "client",
            "The big copier says 'send error 1102' when we scan to e-mail. It worked last week.",
        ),
        Said(
            ago(m=39),
            "jonas",
            "note",
            "TASKalfa 3554ci, job log: error 1102, server answer 535 5.7.139 Authentication unsuccessful, the "
            "request did not meet the criteria to be authenticated successfully. Account scanner@dunmarrow.example, "
            "smtp.office365.com:587, STARTTLS.",
        ),
        TaskAdded(ago(m=36), "jonas", "signin", "Sign-in log of the scanner account"),
        TaskMoved(
            ago(m=30),
            "jonas",
            "signin",
            "done",
            "Failure, client app 'Authenticated SMTP', error 50126 is absent: it is 53003, blocked by Conditional "
            "Access policy 'Block legacy authentication'.",
        ),
        Said(
            ago(m=27),
            "jonas",
            "note",
            "The policy was switched from report-only to on four days ago (audit log, our own change as part of the "
            "hardening project). The scanner account was not in the list of exclusions.",
        ),
        Said(
            ago(m=24),
            "jonas",
            "assistant",
            "Options, from best to worst: direct send to the tenant's MX on port 25 if all recipients are internal; "
            "a relay connector restricted to the office address; an exclusion of this one account limited to the "
            "office as named location. Direct send needs no account at all.",
        ),
        TaskAdded(ago(m=21), "jonas", "internal", "Ask whether scans ever go to outside addresses"),
        TaskAdded(
            ago(m=20),
            "jonas",
            "direct",
            "Switch the copier to direct send on port 25",
            "dunmarrow-example.mail.protection.outlook.com, no authentication, TLS on",
        ),
        Said(
            ago(m=15),
            "jonas",
            "note",
            "SPF of dunmarrow.example already contains the office's address, so direct send will not end in "
            "quarantine.",
        ),
        TaskMoved(
            ago(m=12), "jonas", "internal", "done", "Only to colleagues. Drawings to customers are sent from Outlook."
        ),
        TaskMoved(ago(m=9), "jonas", "direct", "doing"),
        Said(
            ago(m=6),
            "jonas",
            "note",
            "Port 25 outbound from the copier's VLAN is blocked on the firewall (deny counter rises with each test "
            "scan). Rule for 192.168.40.21 to the MX only is in preparation, no other host gets port 25.",
        ),
        Said(
            ago(m=3),
            "jonas",
            "client",
            "No hurry, but could you ring before you do something to it? Somebody is at the machine most of the time.",
        ),
    ),
)

ORCHARD_DOMAIN_EXPIRED: Final = Story(
    tenant="acme",
    key="orchard-domain-expired",
    opened_ago=ago(d=9, h=5, m=40),
    by="mia",
    title="Website and all mail gone, domain shows a parking page",
    client_name="Orchard Mead Veterinary",
    problem=(
        "Website shows advertising since last night and senders get 'domain not found'. Three surgeries, online "
        "booking and laboratory results by mail are affected."
    ),
    steps=(
        Said(
            ago(d=9, h=5, m=38),
            "mia",
            "client",
            "Somebody has hacked our website! There is advertising on it and the laboratory says our mail address "
            "does not exist.",
        ),
        TaskAdded(ago(d=9, h=5, m=34), "mia", "dns", "Who answers for the domain now"),
        TaskMoved(
            ago(d=9, h=5, m=30),
            "mia",
            "dns",
            "done",
            "dig NS orchardmeadvets.example +short: ns1/ns2 of the registrar's parking service. No MX, A record "
            "198.51.100.14. TTL 3600.",
        ),
        Said(
            ago(d=9, h=5, m=27),
            "mia",
            "note",
            "Not hacked. RDAP: status 'auto renew period' and 'client hold', expiry date was yesterday. The zone at "
            "our DNS provider is untouched, it is only no longer delegated.",
        ),
        Said(
            ago(d=9, h=5, m=22),
            "mia",
            "assistant",
            "In the auto renew grace period the registrant can renew at the normal price and the hold is lifted, "
            "usually within an hour. After about 30 days it becomes redemption, which is slow and expensive. Find "
            "out which registrar account holds the domain; only its owner can pay.",
        ),
        TaskAdded(ago(d=9, h=5, m=18), "mia", "owner", "Find who owns the registrar account"),
        TaskMoved(
            ago(d=9, h=5, m=2),
            "mia",
            "owner",
            "failed",
            "Not in our documentation. Registrar's support names no owner. The client thinks it was the web "
            "designer, who retired two years ago.",
        ),
        Escalated(
            ago(d=9, h=4, m=58),
            "mia",
            "critical",
            "approval",
            "Who may talk to the registrar on the client's behalf, and can we start the ownership recovery with the "
            "trade register extract?",
            "Laboratory results come by mail; the practice gets them by phone for now.",
        ),
        Claimed(ago(d=9, h=4, m=51), "helen"),
        Started(ago(d=9, h=4, m=49), "helen", "own_thing"),
        Said(
            ago(d=9, h=4, m=44),
            "mia",
            "note",
            "Front desks of all three surgeries have the laboratory's telephone number and a template for the answer "
            "to customers. Their Microsoft 365 addresses at the onmicrosoft domain still receive, given to the "
            "laboratory for urgent results.",
        ),
        Said(
            ago(d=9, h=4, m=36),
            "helen",
            "note",
            "Spoke with Dr Penrose (owner). She has an old invoice of the registrar on paper: customer number is on "
            "it, billing contact is her private mail address, and that mailbox still exists. So she can reset the "
            "sign-in herself; no recovery process needed.",
        ),
        TaskAdded(ago(d=9, h=4, m=30), "helen", "renew", "Dr Penrose resets the sign-in and renews for 5 years"),
        TaskMoved(ago(d=9, h=4, m=26), "helen", "renew", "doing"),
        Said(
            ago(d=9, h=4, m=11),
            "helen",
            "client",
            "I am in, the password came to my old mailbox. It offers one, two or five years. I take five.",
        ),
        TaskMoved(
            ago(d=9, h=3, m=55),
            "helen",
            "renew",
            "done",
            "Paid by card, status now 'ok', delegation back to our name servers 12 minutes later.",
        ),
        Said(
            ago(d=9, h=3, m=31),
            "helen",
            "note",
            "MX answers at 8.8.8.8, 1.1.1.1 and 9.9.9.9. Test mail from outside arrived, booking page loads. Some "
            "resolvers may keep the parking answer for up to an hour.",
        ),
        Resolved(
            ago(d=9, h=3, m=24),
            "helen",
            "client_action",
            "Client renewed the domain herself with the old customer number. Auto-renew is on, our billing address "
            "is second contact. Domain is now in our expiry monitoring with 60, 30 and 7 days.",
        ),
        Said(
            ago(d=9, h=1, m=50),
            "mia",
            "client",
            "The laboratory has sent everything again and it is all here. Thank you both.",
        ),
        Said(
            ago(d=9, h=1, m=41),
            "mia",
            "note",
            "Checked all other domains of the client: two more, both with auto-renew, same registrar account. "
            "Documentation updated.",
        ),
        Closed(
            ago(d=9, h=1, m=35),
            "mia",
            "Domain had expired and was on hold; renewed by the client, delegation and mail verified.",
        ),
    ),
)

STORIES: Final = (HARBOR_MAIL_FLOW, DUNMARROW_SCAN_TO_MAIL, ORCHARD_DOMAIN_EXPIRED)
