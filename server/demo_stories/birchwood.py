"""The second tenant: what Acme must never see."""

from __future__ import annotations

from typing import Final

from server.demo_story import Claimed, Closed, Escalated, Resolved, Said, Started, Story, TaskAdded, TaskMoved, ago

CALDERWICK_CSV: Final = Story(
    tenant="birchwood",
    key="calderwick-csv-paused",
    opened_ago=ago(h=2, m=20),
    by="liam",
    title="Cluster volume pauses, virtual machines freeze for a minute",
    client_name="Calderwick Textiles",
    problem=(
        "Two-node Hyper-V cluster: CSV2 goes into a paused state several times an hour and the machines on it "
        "freeze. Production planning is on it."
    ),
    steps=(
        Said(
            ago(h=2, m=17),
            "liam",
            "client",
            "Planning hangs, then it goes on as if nothing had happened. Four times since the shift started.",
        ),
        Said(
            ago(h=2, m=8),
            "liam",
            "note",
            "FailoverClustering event 5120 on CT-HV2: Cluster Shared Volume 'CSV2' has entered a paused state "
            "because of STATUS_IO_TIMEOUT (c00000b5). CT-HV1 shows 5120 with STATUS_CONNECTION_DISCONNECTED "
            "(c000020c) a second later.",
        ),
        TaskAdded(ago(h=2), "liam", "paths", "MPIO paths on both nodes", "mpclaim -s -d"),
        TaskMoved(
            ago(h=1, m=45),
            "liam",
            "paths",
            "done",
            "CT-HV1: 4 of 4 paths. CT-HV2: 2 of 4, both paths through switch B are missing.",
        ),
        Said(
            ago(h=1, m=40),
            "liam",
            "assistant",
            "A node that lost half of its paths retries on the dead ones first, and the timeout pauses the volume. "
            "Moving ownership of the volume and the machines to the healthy node takes the pressure off before "
            "anything is repaired.",
        ),
        TaskAdded(
            ago(h=1, m=36), "liam", "move", "Owner of CSV2 to CT-HV1", "Move-ClusterSharedVolume CSV2 -Node CT-HV1"
        ),
        TaskMoved(
            ago(h=1, m=28),
            "liam",
            "move",
            "done",
            "Moved without interruption. Machines on CT-HV2 still use it in redirected mode, slower but no freeze "
            "since.",
        ),
        TaskAdded(ago(h=1, m=22), "liam", "cable", "Transceiver and cable of CT-HV2 on switch B"),
        Said(
            ago(h=1, m=15),
            "liam",
            "note",
            "Storage array itself: both controllers up, latency below 2 ms, no alerts. Other hosts on switch B are "
            "not affected.",
        ),
        TaskMoved(
            ago(h=1, m=5),
            "liam",
            "cable",
            "skipped",
            "Nobody on site before tomorrow. Switch B logs: port 14 err-disabled, link flap, 5 in 10 s.",
        ),
        TaskAdded(ago(h=1), "liam", "drain", "Live-migrate the remaining machines to CT-HV1"),
        Said(
            ago(m=48),
            "liam",
            "note",
            "CT-HV1 has 22 GB of memory free, the machines on CT-HV2 want 61 GB together. Not all of them fit.",
        ),
        Escalated(
            ago(m=35),
            "liam",
            "high",
            "risk",
            "Which machines may be shut down so that the rest fits on CT-HV1, and may I bring port 14 up again "
            "remotely while the volume is busy?",
            "Do not restart CT-HV2: with CSV2 redirected its machines would go down hard.",
        ),
        Said(
            ago(m=29),
            "liam",
            "assistant",
            "Machines that tolerate a pause (print server, monitoring, test systems) free memory first; dynamic "
            "memory minimums of the rest can be lowered while running, but not below what is in use now.",
        ),
        Said(
            ago(m=22),
            "liam",
            "client",
            "Please nothing on the planning server before the late shift has its lists, that is in two hours.",
        ),
    ),
)

ELMSWORTH_GATEWAY: Final = Story(
    tenant="birchwood",
    key="elmsworth-rd-gateway",
    opened_ago=ago(d=3, h=4),
    by="liam",
    title="Home workers cannot connect, gateway certificate expired",
    client_name="Elmsworth Insurance Brokers",
    problem="All 19 home workers get a certificate error on the RD Gateway. The office itself is fine.",
    steps=(
        Said(
            ago(d=3, h=3, m=57),
            "liam",
            "client",
            "'Your computer can't connect because the Remote Desktop Gateway server's certificate has expired.' The "
            "same for everybody at home.",
        ),
        TaskAdded(ago(d=3, h=3, m=50), "liam", "cert", "Certificate and renewal task on EI-GW01"),
        TaskMoved(
            ago(d=3, h=3, m=38),
            "liam",
            "cert",
            "done",
            "Expired last night. win-acme renewed it two weeks ago and put it in the store, but the script step that "
            "binds it to the gateway failed with 'access denied'.",
        ),
        TaskAdded(
            ago(d=3, h=3, m=34),
            "liam",
            "bind",
            "Bind the renewed certificate",
            "Set-Item RDS:\\GatewayServer\\SSLCertificate\\Thumbprint",
        ),
        Said(
            ago(d=3, h=3, m=30),
            "liam",
            "client",
            "Two of our brokers have appointments in an hour and need the tariffs. Is there another way in?",
        ),
        Said(
            ago(d=3, h=3, m=28),
            "liam",
            "note",
            "Tariff portal of the insurers works in the browser without the gateway, both brokers have their own "
            "sign-in. Told them so.",
        ),
        TaskMoved(
            ago(d=3, h=3, m=25),
            "liam",
            "bind",
            "failed",
            "'The network service account has no access to the private key.' Granting it in certlm.msc fails: key is "
            "not exportable and the ACL is empty.",
        ),
        Said(
            ago(d=3, h=3, m=20),
            "liam",
            "assistant",
            "An empty ACL on the key container can be repaired, but a new order of the certificate is quicker and "
            "cleaner. Mind the rate limit of the certificate authority for duplicate certificates: 5 a week.",
        ),
        Escalated(
            ago(d=3, h=3, m=16),
            "liam",
            "high",
            "skill",
            "Renewed certificate is in the store but its key is unusable for the gateway. Repair the ACL or order "
            "anew?",
            "Validation is by DNS, I have no access to the zone.",
        ),
        Claimed(ago(d=3, h=3, m=8), "sofia"),
        Started(ago(d=3, h=3, m=7), "sofia", "continue"),
        TaskAdded(ago(d=3, h=3, m=3), "sofia", "order", "New order with DNS validation, script runs as SYSTEM"),
        TaskMoved(
            ago(d=3, h=2, m=44),
            "sofia",
            "order",
            "done",
            "Issued, bound, gateway service restarted. Script had run as a user who left in the spring; the task "
            "runs as SYSTEM now and a forced renewal went through twice.",
        ),
        Said(
            ago(d=3, h=2, m=38),
            "sofia",
            "note",
            "Three home workers tested, all in. Certificate also bound to RD Web and Connection Broker, they shared "
            "the old one.",
        ),
        Resolved(
            ago(d=3, h=2, m=35),
            "sofia",
            "fixed_by_senior",
            "New certificate with a working key, renewal task repaired. External check of the gateway's certificate "
            "added with a warning 14 days before expiry.",
        ),
        Said(ago(d=3, h=2, m=10), "liam", "client", "Everyone is back in. Thank you!"),
        Said(
            ago(d=3, h=2, m=4),
            "liam",
            "note",
            "Looked through our other gateways for the same renewal task: two more run under that account, both "
            "changed.",
        ),
        Closed(ago(d=3, h=2), "liam", "Certificate replaced and automatic renewal repaired."),
    ),
)

THORNMERE_DHCP: Final = Story(
    tenant="birchwood",
    key="thornmere-dhcp",
    opened_ago=ago(d=1, h=6),
    by="liam",
    title="Tablets in two classrooms get no address",
    client_name="Thornmere Primary School",
    problem="Since the new tablets arrived about 30 devices show 'no internet connection' by mid-morning.",
    steps=(
        Said(
            ago(d=1, h=5, m=55),
            "liam",
            "client",
            "The first class in the morning works, the second does not. Switching the tablets off and on does not "
            "help.",
        ),
        TaskAdded(ago(d=1, h=5, m=45), "liam", "scope", "Use of the DHCP scope", "Get-DhcpServerv4ScopeStatistics"),
        TaskMoved(
            ago(d=1, h=5, m=35),
            "liam",
            "scope",
            "done",
            "10.20.30.0/24: 230 of 230 in use, lease 8 days. Event 1063: no IP addresses available for lease. 140 "
            "leases have random MAC addresses.",
        ),
        Said(
            ago(d=1, h=5, m=30),
            "liam",
            "assistant",
            "Tablets with private Wi-Fi addresses take a new lease for each address. A shorter lease helps at once; "
            "a larger scope or fixed addresses through the device management solve it.",
        ),
        TaskAdded(
            ago(d=1, h=5, m=20),
            "liam",
            "lease",
            "Lease of the pupils' scope to 4 hours, delete leases of absent devices",
        ),
        TaskMoved(ago(d=1, h=5), "liam", "lease", "done", "96 leases free. Both classrooms online."),
        TaskAdded(
            ago(d=1, h=4, m=50), "liam", "private", "Private addresses off for the school's SSID by device management"
        ),
        Said(
            ago(d=1, h=4, m=35),
            "liam",
            "note",
            "Told the secretary: the device management rolls out during the lunch break, each tablet must be online "
            "once for it.",
        ),
        TaskMoved(
            ago(d=1, h=1, m=15),
            "liam",
            "private",
            "done",
            "Profile is on 88 of 90 tablets, the other two are flat in a drawer.",
        ),
        Said(ago(d=1, h=1, m=5), "liam", "client", "The whole afternoon without a hitch."),
        Said(ago(h=4, m=40), "liam", "note", "Watched a full school morning: highest use 131 of 230."),
        Said(ago(h=4, m=35), "liam", "client", "No complaints today either, you may close it."),
        Closed(
            ago(h=4, m=30),
            "liam",
            "Scope was exhausted by private Wi-Fi addresses; shorter lease and fixed addresses by device management.",
        ),
    ),
)

STORIES: Final = (CALDERWICK_CSV, ELMSWORTH_GATEWAY, THORNMERE_DHCP)
