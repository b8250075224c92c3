"""The package is extraction: what people wrote, with its source and author, and nothing that is secret or guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.package import (
    MAX_ITEMS,
    MAX_KNOWN,
    MAX_NAME,
    HandoffRequest,
    Item,
    Known,
    Package,
    Step,
    build_package,
    redact,
)
from handlers.reading import Voice, reading_of
from handlers.wording_deeds import ADJECTIVES, LEADS
from store.models import (
    Evidence,
    MessageFacts,
    MessageKind,
    Person,
    Reason,
    SessionFacts,
    Severity,
    TaskFacts,
    TaskState,
)

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PRIYA = Person(UUID(int=1), "Priya Nair")
ASSISTANT = Person(UUID(int=2), "Assistant")
HANDOFF_ID = UUID(int=77)
MAX_SENTENCE_OR_CUT = 301
MAX_STUCK = 400


def request(
    ask: str = "Find out why it keeps failing.",
    note: str | None = None,
    reason: Reason = "out_of_ideas",
    severity: Severity = "high",
) -> HandoffRequest:
    return HandoffRequest(HANDOFF_ID, severity, reason, ask, note, PRIYA)


def session(title: str = "", client: str = "", problem: str = "") -> SessionFacts:
    return SessionFacts(UUID(int=9), title, client, problem, PRIYA, MORNING)


def message(number: int, kind: MessageKind, body: str) -> MessageFacts:
    author = ASSISTANT if kind == "assistant" else PRIYA
    return MessageFacts(UUID(int=100 + number), number, author, kind, body, MORNING + timedelta(minutes=number))


def task(number: int, title: str, state: TaskState, result: str | None = None) -> TaskFacts:
    at = MORNING + timedelta(minutes=30 + number)
    return TaskFacts(UUID(int=500 + number), number, title, None, state, result, PRIYA, at)


def evidence(facts: SessionFacts, *messages: tuple[MessageKind, str], tasks: tuple[TaskFacts, ...] = ()) -> Evidence:
    numbered = tuple(message(number, kind, body) for number, (kind, body) in enumerate(messages, 1))
    return Evidence(facts, numbered, tasks, 42)


def package_of_note(body: str) -> Package:
    return build_package(evidence(session(), ("note", body)), request())


def texts(items: tuple[Item, ...]) -> list[str]:
    return [item.text for item in items]


def known(package: Package, kind: str) -> list[str]:
    return [item.text for item in package.what_we_know if item.kind == kind]


def steps(package: Package) -> list[tuple[str, str | None]]:
    return [(step.action, step.result) for step in package.steps_tried]


def prose_sentences(package: Package) -> list[str]:
    """A sentence ends at a full stop, a question or an exclamation mark that white space or the end follows."""
    return re.findall(r".+?[.!?…]+(?=\s|$)", package.prose)


PRINTER = evidence(
    session(
        "Print spooler crashes",
        "Contoso",
        "Printing fails on SRV-PRINT01 for 12 users since 08:40 today. It began after the update of last night.",
    ),
    (
        "client",
        "Hi team,\nnobody can print invoices. Please don't restart the server, payroll runs. When will it work?",
    ),
    ("assistant", "I restarted the spooler. It might be caused by a corrupt driver. Try clearing the spool folder."),
    ("note", "Restarted the spooler, no change. Event 7031 in the log 14 times since 08:40."),
    ("note", "Cleared the queue -> crashed again after 2 minutes. I suspect the universal driver v61."),
    (
        "note",
        (
            "- Disabled bidirectional support. To undo: tick it again in the port tab.\n- DNS is fine\n"
            "- so it is not the network\n"
            "- told the client we call back at 15:00\nIf it crashes again then roll back KB5034441.\n"
            "Has anyone seen this with Kyocera?"
        ),
    ),
    tasks=(
        task(1, "Reinstall the driver", "failed", "Access denied 0x80070005"),
        task(2, "Roll back KB5034441", "doing"),
        task(3, "Disable SNMP on the port", "done", "SNMP off, still crashes"),
        task(4, "Call the vendor", "todo"),
        task(5, "Replace the printer", "skipped", "not needed"),
    ),
)
MAIL_FLOW = evidence(
    session("Outbound mail rejected", "Fabrikam", "Outbound mail bounces with 550 5.7.1 since Monday."),
    ("note", "Checked the connector: certificate valid until 2027-01-04."),
    ("note", "Added transport rule TR-7 to route around the smart host.\nMessage trace shows 42 failed messages."),
    ("note", "It's not the SPF record. Maybe the smart host changed its allow list."),
    ("note", "This contradicts the vendor's statement."),
    ("client", "All users in Lisbon are affected, 30 people cannot work."),
)
VPN = evidence(
    session("VPN drops", "Northwind", "VPN drops every 20 minutes after the firmware update on FW02."),
    ("note", "Tried updating the client to 5.1.8 but still dropping."),
    ("note", "User rebooted, no luck. Need to check the MTU. Have not restarted the firewall."),
    ("note", "Should have restarted FW02 yesterday. Will restart FW02 at 22:00."),
    ("note", "Set the MTU to 1350 on the tunnel, drops continue. Under no circumstances reboot FW02 during the day."),
)
LOCKOUT = evidence(
    session("Account locked out", "Adatum", "jdoe is locked out again and again."),
    ("note", "Unlocked jdoe. Locked again within 3 minutes."),
    ("note", "Event 4740 on DC01, caller computer WS-014. Bad password attempts from: WS-014."),
    ("note", "Client says he changed his password on Friday. The password is expired on his phone, perhaps."),
)
GERMAN = evidence(
    session("Drucker offline", "Müller GmbH", "Der Drucker ist seit gestern 14:00 für alle Mitarbeiter offline."),
    ("note", "Habe den Druckspooler neu gestartet, keine Änderung."),
    ("note", "Treiber neu installiert. Vermutlich liegt es am Port. Kabel ist in Ordnung."),
    ("note", "Transportregel deaktiviert, ohne Erfolg. Dem Kunden wurde ein Rückruf um 15:00 versprochen."),
    ("client", "Bitte den Server heute nicht neu starten. Wann geht es wieder los?"),
    ("note", "Wenn es wieder auftritt, dann SRV-DRUCK01 prüfen. Noch nicht getestet: anderer Port."),
)
NEARLY_EMPTY = evidence(session("VPN"), ("note", "hm"))
SECRETS = ("hunter2", "S0mmer2024!", "u53r:p4ss", "eyJhbGciOi", "AKIAIOSFODNN7", "ghp_16C7e4", "MIIEowIBAA", "c2VjcmV0")
LEAKY = evidence(
    session(
        "Login pw: hunter2 fails",
        "Contoso (password is hunter2)",
        "Admin password is hunter2. Kennwort: S0mmer2024! wurde gesetzt.",
    ),
    ("client", "My password is hunter2, please help me with it."),
    ("note", "Restarted app with postgres://u53r:p4ss@db01/prod, no change. Header Authorization: Basic c2VjcmV0"),
    ("note", "Token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2VjcmV0 is rejected, maybe expired?"),
    ("note", "Keys AKIAIOSFODNN7EXAMPLE and ghp_16C7e42F292c6912E7710c838347Ae178B4a are in the script."),
    (
        "note",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\nKey was replaced.",
    ),
    ("assistant", "It might be that password hunter2 is wrong."),
    tasks=(
        task(1, "Log in with pw: hunter2", "done", "Passwort: S0mmer2024! works"),
        task(2, "Set pwd=hunter2", "doing"),
    ),
)
SESSIONS = (PRINTER, MAIL_FLOW, VPN, LOCKOUT, GERMAN, NEARLY_EMPTY, LEAKY)
EVERY_SESSION = pytest.mark.parametrize("recorded", SESSIONS, ids=lambda recorded: recorded.session.title)


def test_a_printer_session_yields_the_whole_picture() -> None:
    """Each field of a well recorded session is filled from it, in its own words."""
    package = build_package(PRINTER, request(note="Don't reboot SRV-PRINT01 before 18:00."))
    assert package.headline == "Contoso: Print spooler crashes"
    assert package.situation.symptom == "Printing fails on SRV-PRINT01 for 12 users since 08:40 today."
    assert package.situation.since == "08:40 today"
    assert package.background.client == "Contoso"
    assert package.background.asset == "SRV-PRINT01"
    assert texts(package.background.recent_changes) == ["It began after the update of last night."]
    assert steps(package) == [
        ("Restarted the spooler", "no change"),
        ("Cleared the queue", "crashed again after 2 minutes"),
        ("Disabled bidirectional support.", None),
        ("Reinstall the driver", "Access denied 0x80070005"),
        ("Disable SNMP on the port", "SNMP off, still crashes"),
    ]
    assert [(change.what, change.undo) for change in package.changes_in_place] == [
        ("Disabled bidirectional support.", "tick it again in the port tab"),
        ("Disable SNMP on the port", None),
    ]
    assert texts(package.in_flight) == ["Roll back KB5034441"]
    assert texts(package.do_not) == [
        "Please don't restart the server, payroll runs.",
        "Don't reboot SRV-PRINT01 before 18:00.",
    ]
    assert texts(package.if_then) == ["If it crashes again then roll back KB5034441."]
    assert texts(package.promises) == ["told the client we call back at 15:00"]
    assert texts(package.open_questions) == ["Has anyone seen this with Kyocera?"]
    assert known(package, "ruled_out") == ["so it is not the network"]
    assert "DNS is fine" in known(package, "observation")
    assert "Event 7031 in the log 14 times since 08:40." in known(package, "fact")
    assert known(package, "client_said") == ["nobody can print invoices."]
    assert package.confidence.label == "high"
    assert package.completeness.missing == ()
    assert package.meta.covers_until == PRINTER.covers_until


def test_what_the_assistant_wrote_is_never_a_tried_step() -> None:
    """An assistant that says it restarted something has done nothing; its guesses are hypotheses and nothing else."""
    said = "I restarted the spooler. Error 0x80070005 was seen 3 times. The driver might be corrupt. Don't reboot. Why?"
    package = build_package(evidence(session(), ("assistant", said)), request())
    assert package.steps_tried == ()
    assert not package.changes_in_place
    assert not package.do_not
    assert not package.open_questions
    assert [(item.kind, item.text, item.by.name) for item in package.what_we_know] == [
        ("hypothesis", "The driver might be corrupt.", "Assistant")
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Need to restart the spooler, still failing.",
        "Should have restarted the spooler.",
        "Have not restarted the spooler yet.",
        "Haven't restarted the spooler, still failing.",
        "Restarted the spooler already?",
        "Blocked by the firewall.",
        "Spooler was not restarted, still failing.",
        "Printing stopped after we updated the drivers, still failing.",
        "> Restarted the spooler, no change.",
        "```\nRestarted the spooler, no change.\n```",
        "Noch nicht neu gestartet.",
        "Bitte den Spooler neu gestartet lassen.",
        "Wired clients get an address.",
        "Updated drivers came with the June patch.",
        "Started failing on Monday.",
        "Shut down by itself at 02:10.",
        "Took 40 minutes.",
        "Ran out of space.",
        "Set of 3 disks, all SAS.",
        "Session disconnected after 60 s.",
        "Restored VM boots to error 0xc000000e.",
        "Went through without a hitch.",
        "Rang him at once.",
        "I have read access only.",
        "Sie zeigt 11 von 18 Nebenstellen als angemeldet.",
        "The backup line is still disabled, we took it out of the zone.",
    ],
)
def test_what_was_not_done_is_no_step(said: str) -> None:
    """Plans, negations, questions, symptoms and quotations are not steps."""
    assert package_of_note(said).steps_tried == ()


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("Restarted the spooler", ("Restarted the spooler", None)),
        ("14:05 - restarted the spooler: still offline", ("14:05 - restarted the spooler", "still offline")),
        ("I've also cleared the queue but no effect.", ("I've also cleared the queue", "no effect")),
        ("Flushed DNS. Still the same error.", ("Flushed DNS.", "Still the same error.")),
        ("Reset the port, didn't help", ("Reset the port", "didn't help")),
        (
            "Restarted the spooler, the queue filled again within 2 minutes",
            ("Restarted the spooler", "the queue filled again within 2 minutes"),
        ),
        ("Spooler restarted twice, no change", ("Spooler restarted twice", "no change")),
        ("**Restarted** the server => works", ("Restarted the server", "works")),
        ("Restarted it, cleared the queue, no change", ("Restarted it, cleared the queue", "no change")),
        ("Habe den Dienst neu gestartet, ohne Erfolg", ("Habe den Dienst neu gestartet", "ohne Erfolg")),
        ("dienst neu gestartet um 7:10 keine änderung", ("dienst neu gestartet um 7:10", "keine änderung")),
        ("Held the power key for 30 s, boots as before", ("Held the power key for 30 s", "boots as before")),
        ("Cleared the cache. The page is blank.", ("Cleared the cache.", "The page is blank.")),
        ("Her account: disabled in AD", ("Her account: disabled in AD", None)),
        ("Dialled by hand, same code 13801", ("Dialled by hand", "same code 13801")),
        ("Watched it while she sold tickets, CPU was fine", ("Watched it while she sold tickets", "CPU was fine")),
        ("Backup job stopped by me 03:20, latency at 30", ("Backup job stopped by me 03:20", "latency at 30")),
        ("Log backup by hand, 197 GB in 22 min", ("Log backup by hand", "197 GB in 22 min")),
        ("Test call to 800: 22 min, no cut", ("Test call to 800", "22 min, no cut")),
        ("Started the agent: died after 20 s", ("Started the agent", "died after 20 s")),
        ("VLAN 20 added on port 12, phone comes up", ("VLAN 20 added on port 12", "phone comes up")),
        ("Ereignisse durchsucht: Quelle ist WS07", ("Ereignisse durchsucht", "Quelle ist WS07")),
        ("Put the old name back and the report opens", ("Put the old name back", "the report opens")),
        ("rebootd the phone remotely, came back grey", ("rebootd the phone remotely", "came back grey")),
        ("Had Ada save a record, 58 seconds", ("Had Ada save a record", "58 seconds")),
        ("Checked DPD: off on their side", ("Checked DPD", "off on their side")),
        ("Router (T46, Keller) neu gestartet, kein Link", ("Router (T46, Keller) neu gestartet", "kein Link")),
    ],
)
def test_a_past_action_in_a_note_is_a_step_with_its_stated_result(said: str, step: tuple[str, str | None]) -> None:
    assert steps(package_of_note(said)) == [step]


@pytest.mark.parametrize(
    "said",
    [
        "Port 389 ist zu, Port 53 ist offen.",
        "We have 12 licences and 14 users.",
        "Ping to SRV-DC1 works, 19 ms.",
        "The log says 'disk is full'.",
        "Der Dienst meldet \u201eZugriff verweigert\u201c.",
        "Both sites fail with DNS_PROBE_FINISHED_NXDOMAIN.",
        "Rebuild is now at 33 percent.",
    ],
)
def test_what_a_note_says_with_a_value_is_a_fact(said: str) -> None:
    """How a thing is or behaves, with a number or a quoted text that another can look up."""
    package = package_of_note(said)
    assert [(item.kind, item.text) for item in package.what_we_know] == [("fact", said)]
    assert package.steps_tried == ()


@pytest.mark.parametrize(
    "said",
    [
        "Both versions hang.",
        "Hall A is fine.",
        "my role is Helpdesk Administrator",
        "Library, admin and hall are dark.",
        "No errors in the log.",
        "The router isn't reachable and the switch doesn't answer.",
    ],
)
def test_what_a_note_says_in_words_only_is_an_observation(said: str) -> None:
    package = package_of_note(said)
    assert [(item.kind, item.text) for item in package.what_we_know] == [("observation", said)]
    assert package.steps_tried == ()


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (("> ping 10.0.0.4", "Reply from 10.0.0.4: time=3 ms TTL=64", "Request timed out."), ["Request timed out."]),
        (("Path 1  Active  0 2", "Path 2  Failed  0 2"), ["Path 2 Failed 0 2"]),
        (("0 errors, 12 packets", "Disk 3  14 reads  22 writes"), ["Disk 3 14 reads 22 writes"]),
    ],
)
def test_of_a_tools_output_the_trouble_is_a_fact_else_its_values(lines: tuple[str, ...], shown: list[str]) -> None:
    """Not the command, nor the rows that are in order."""
    package = package_of_note("\n".join(("```", *lines, "```")))
    assert known(package, "fact") == shown


@pytest.mark.parametrize(
    "block",
    [
        "```\nState: Degraded\n```",
        "> Last error: access denied",
    ],
)
def test_a_line_of_tool_output_that_shows_trouble_is_a_fact(block: str) -> None:
    """With a digit or without."""
    assert [item.kind for item in package_of_note(block).what_we_know] == ["fact"]


@pytest.mark.parametrize(
    "said",
    [
        "So the server is out.",
        "Will check SRV-DC1 at 18:00.",
        "I have not touched SRV-DC1.",
        "Ports on SRV-DC1:",
        "Waiting for the vendor.",
        "Maybe SRV-DC1 is down.",
        "SRV-DC1 was updated on Sunday.",
        "Not done yet:\n- firmware of SRV-DC1 9.2",
        "Is SRV-DC1 down?",
        "Der Switch wurde am Freitag getauscht.",
        "Restarted SRV-DC1. It is slow on port 53.",
        "On site since 9:15.",
        "Closing 2 and 6, then lunch.",
        "Ticket 48812 raised with Fortinet.",
        "Next morning, 09:30.",
        "Nobody is in before 8.",
        "Set back to 3600.",
        "Technician comes on Thursday between 8 and 12.",
        "Need 20 minutes with the switch.",
        "Option 150 or port 12.",
        "Pool auf 120 Adressen erweitern.",
        "Schaue mir um 14 Uhr die Logs an.",
        "Good news from Araminta.",
        "Code 39 bears it out.",
        "That one is from SRV-DC1.",
        "The quote is 1,200 euro.",
        "We have until 14:00.",
        "Shift ends at 18:00 for me.",
        "See my note from 10:40.",
        "Use option 3 when it asks.",
    ],
)
def test_what_is_concluded_planned_asked_or_done_is_no_fact(said: str) -> None:
    package = package_of_note(said)
    assert known(package, "fact") + known(package, "observation") == []


def test_only_finished_tasks_are_steps() -> None:
    """`done` and `failed` are steps and say so; `doing` is in flight; `todo` and `skipped` are neither."""
    package = build_package(PRINTER, request())
    assert [step.evidence for step in package.steps_tried if step.ref.kind == "task"] == ["task_failed", "task_done"]
    told = " ".join(step.action for step in package.steps_tried)
    assert "vendor" not in told
    assert "Replace" not in told


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("Do not empty the queue on HD-APP01: 143 mails are in there.", ""),
        ("Last backup is from last night 23:00. If SRV-01 hangs again, ring me.", ""),
        ("Restarted the spooler. I'll call them back at 15:00.", ""),
        (
            "Validation is by DNS, I have no access to the zone.",
            ": Validation is by DNS, I have no access to the zone.",
        ),
        ("Replication is broken. I did not want to make it worse.", ": I did not want to make it worse."),
        ("Tried all I know", ": Tried all I know"),
    ],
)
def test_it_is_stuck_for_the_reason_and_what_the_note_says_of_why(note: str, why: str) -> None:
    """Warnings, steps and states of the note stand elsewhere."""
    package = build_package(evidence(session()), request(note=note, reason="risk"))
    assert package.stuck_because == f"The next step is too risky to take alone{why}"


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ("Since Tuesday 14:00 all four tills lose the session.", "Tuesday 14:00"),
        ("Seit dem Update heute Nacht fliegen alle Scanner raus.", "dem Update heute Nacht"),
        ("Seit der Umstellung auf SIP kommen keine Faxe an.", "der Umstellung auf SIP"),
        ("Since the restart of the servers about a third of 28 users fail.", "the restart of the servers"),
        ("Website shows adverts since last night and senders get errors.", "last night"),
        ("Broken since the move to the new office on 2 March.", "the move to the new office on 2 March"),
        ("It failed since 12 March the till is dead.", "12 March"),
        ("Screens fail. Started gradually last week.", "last week"),
        ("User failed to sign in, started on the day before, number reserved.", "on the day before"),
        ("Registered without interruption for 31 days, calls fail.", None),
    ],
)
def test_since_ends_before_the_clause_that_follows(said: str, since: str | None) -> None:
    assert build_package(evidence(session(problem=said)), request()).situation.since == since


@pytest.mark.parametrize(
    ("said", "impact", "since"),
    [
        ("Mail is rejected. The night guard is blind. From 11:30 today.", "The night guard is blind.", "11:30 today"),
        ("Mail is rejected. Old phones work. Staff wait.", "Staff wait.", None),
        ("Mail is rejected. Noticed on 3 November.", None, "on 3 November"),
        (
            "Drucken geht nicht. Der Verkauf kann nur von Hand schreiben.",
            "Der Verkauf kann nur von Hand schreiben.",
            None,
        ),
    ],
)
def test_the_problem_says_whom_it_stops_and_since_when(said: str, impact: str | None, since: str | None) -> None:
    """Neither is what still works."""
    situation = build_package(evidence(session(problem=said)), request()).situation
    assert (situation.impact, situation.since) == (impact, since)


@pytest.mark.parametrize(
    "said",
    [
        "Nobody can approve sign-ins before the bank's cut-off.",
        "Nobody on site before tomorrow.",
        "Since the changes that should not be possible for users, the value is 0.",
        "Nobody touched the server.",
    ],
)
def test_what_cannot_be_done_is_no_warning(said: str) -> None:
    assert not package_of_note(said).do_not


@pytest.mark.parametrize(
    "said",
    [
        "Nobody restarts SRV-01 before 18:00.",
        "The array should not be restarted.",
        "Nobody is to rename files yet.",
        "No rebuild before disk 7 is imaged.",
    ],
)
def test_what_nobody_should_do_is_a_warning(said: str) -> None:
    assert texts(package_of_note(said).do_not) == [said]


@pytest.mark.parametrize(
    "said",
    [
        "Practice is full until the evening.",
        "He is away until Monday.",
        "The same 11 users get temporary profiles on RDS02.",
        "Thought about a stopgap with the old key.",
        "Stopped the service and started it, no change.",
    ],
)
def test_what_is_no_change_of_ours_is_not_in_place(said: str) -> None:
    assert not package_of_note(said).changes_in_place


def test_a_warning_that_names_a_change_leaves_it_in_place() -> None:
    package = package_of_note(
        "Do not start a rebuild, patrol read is paused (set patrolread=off), to be set back later."
    )
    assert [change.what for change in package.changes_in_place] == ["patrol read is paused (set patrolread=off)"]


def test_a_task_whose_result_takes_it_back_leaves_nothing_in_place() -> None:
    done = (
        task(1, "Set the lifetime to 8 h", "done", "No change. Set back to 3600."),
        task(2, "Stop the service, empty the folder, start", "done", "Ran for 9 minutes."),
        task(3, "Open files on the share", "done", "11 files."),
        task(4, "Stopgap: connector every 15 minutes", "done", "Quicker."),
    )
    package = build_package(evidence(session(), tasks=done), request())
    assert [change.what for change in package.changes_in_place] == ["Stopgap: connector every 15 minutes"]


@pytest.mark.parametrize("said", ["Told everyone to leave PCs on.", "CPU at 15 %, disks idle.", "All others are fine."])
def test_what_stops_nobody_is_no_impact(said: str) -> None:
    package = build_package(evidence(session(problem=f"Order screen fails. {said}"), ("note", said)), request())
    assert package.situation.impact is None


@pytest.mark.parametrize("said", ["PCR7 binding not possible", "CAT6 cable replaced", "EXT4 errors"])
def test_a_register_or_a_cable_is_no_machine(said: str) -> None:
    assert package_of_note(said).background.asset is None


def test_a_client_who_says_with_what_it_began_tells_of_a_recent_change() -> None:
    said = "It stopped when the driver update came in this morning."
    package = build_package(
        evidence(session(), ("client", said), ("client", "We changed nothing yesterday.")), request()
    )
    assert texts(package.background.recent_changes) == [said]


def test_what_is_too_long_for_the_prose_is_marked_as_cut() -> None:
    """After a clause where there is one, and the symptom last."""
    symptom = "The tunnel between head office and the Bremen warehouse drops once an hour for two to four minutes."
    impact = (
        "All 40 scanners lose their session, so that the pickers start over and the lorries wait for the whole hour."
    )
    package = build_package(evidence(session(problem=f"{symptom} {impact}")), request())
    assert (
        f"symptom: {symptom.rstrip('.')}; impact: All 40 scanners lose their session, so that the pickers start over…;"
        in package.prose
    )
    assert_prose(package)


def test_a_mail_flow_session_sorts_what_is_known() -> None:
    """Measured, excluded and guessed stay apart; a contradiction counts; an added rule is a change in place."""
    package = build_package(MAIL_FLOW, request(reason="vendor"))
    assert "Message trace shows 42 failed messages." in known(package, "fact")
    assert known(package, "ruled_out") == ["It's not the SPF record."]
    assert known(package, "hypothesis") == ["Maybe the smart host changed its allow list."]
    assert [change.what for change in package.changes_in_place] == [
        "Added transport rule TR-7 to route around the smart host."
    ]
    assert package.severity.why == "All users in Lisbon are affected, 30 people cannot work."
    assert "1 statement contradicts another." in package.confidence.reasons
    assert package.stuck_because == "The vendor is needed to go on"


def test_a_vpn_session_keeps_plans_apart_from_deeds() -> None:
    """What is planned, what was not done, and what the user did on their own, are not steps."""
    package = build_package(VPN, request())
    assert steps(package) == [
        ("Tried updating the client to 5.1.8", "still dropping"),
        ("Set the MTU to 1350 on the tunnel", "drops continue"),
    ]
    assert texts(package.do_not) == ["Under no circumstances reboot FW02 during the day."]
    assert package.background.asset == "FW02"
    assert package.situation.since is None


def test_a_lockout_session_keeps_codes_and_host_names() -> None:
    """Talk about passwords is not a password."""
    package = build_package(LOCKOUT, request())
    assert "redacted" not in package.model_dump_json()
    assert steps(package) == [("Unlocked jdoe.", "Locked again within 3 minutes.")]
    assert "Bad password attempts from: WS-014." in known(package, "fact")
    assert known(package, "client_said") == ["Client says he changed his password on Friday."]
    assert package.background.asset == "DC01"


def test_a_german_session_is_read_in_german() -> None:
    package = build_package(GERMAN, request())
    assert steps(package) == [
        ("Habe den Druckspooler neu gestartet", "keine Änderung"),
        ("Treiber neu installiert.", None),
        ("Transportregel deaktiviert", "ohne Erfolg"),
    ]
    assert known(package, "hypothesis") == ["Vermutlich liegt es am Port."]
    assert known(package, "observation") == ["Kabel ist in Ordnung."]
    assert texts(package.do_not) == ["Bitte den Server heute nicht neu starten."]
    assert texts(package.if_then) == ["Wenn es wieder auftritt, dann SRV-DRUCK01 prüfen."]
    assert texts(package.promises) == ["Dem Kunden wurde ein Rückruf um 15:00 versprochen."]
    assert package.situation.since == "gestern 14:00"


def test_a_nearly_empty_session_names_its_gaps() -> None:
    """Nothing is guessed: what was not found is null or empty, is named, and the prose says "not recorded"."""
    package = build_package(NEARLY_EMPTY, request(ask="  "))
    assert package.situation.model_dump() == {"symptom": None, "impact": None, "since": None}
    assert package.background.model_dump() == {"client": None, "asset": None, "recent_changes": ()}
    assert package.ask is None
    assert not package.what_we_know
    assert not package.steps_tried
    assert {"situation.symptom", "background.asset", "steps_tried", "ask"} <= set(package.completeness.missing)
    assert package.confidence.label == "low"
    assert "symptom: not recorded" in package.prose
    assert "ask: not recorded" in package.prose


def test_missing_names_exactly_the_empty_fields() -> None:
    for recorded in SESSIONS:
        package = build_package(recorded, request())
        for name in package.completeness.missing:
            value: object = package
            for part in name.split("."):
                value = getattr(value, part)
            assert not value, name


@EVERY_SESSION
def test_every_item_has_a_source_and_an_author(recorded: Evidence) -> None:
    """Each reference points at something that exists."""
    package = build_package(recorded, request(note="Restarted it, no change. Don't touch DC01!"))
    ids = {*(item.id for item in recorded.messages), *(item.id for item in recorded.tasks), HANDOFF_ID}
    assert package.steps_tried
    for item in items_of(package):
        assert item.refs
        assert all(ref.id in ids for ref in item.refs)
        assert item.by.name
    for step in package.steps_tried:
        assert step.ref.id in ids
        assert step.by.name


@EVERY_SESSION
def test_every_text_is_in_the_evidence(recorded: Evidence) -> None:
    """Extraction, never paraphrase: an item's text stands in what was written, after redaction."""
    written = " ".join(
        redact(text)
        for text in (
            recorded.session.problem,
            *(one.body for one in recorded.messages),
            *(part for one in recorded.tasks for part in (one.title, one.result or "")),
        )
    )
    flat = " ".join(written.replace("**", "").split())
    package = build_package(recorded, request())
    for item in items_of(package):
        assert (item.text if isinstance(item, Item) else item.what) in flat
    for step in package.steps_tried:
        assert step.action in flat
        assert (step.result or "") in flat


@EVERY_SESSION
def test_the_same_evidence_gives_the_same_package(recorded: Evidence) -> None:
    first = build_package(recorded, request()).model_dump_json()
    assert first == build_package(recorded, request()).model_dump_json()
    assert Package.model_validate_json(first).model_dump_json() == first


@EVERY_SESSION
def test_the_prose_is_four_sentences(recorded: Evidence) -> None:
    """Situation, background, assessment, request; each ends in one full stop; at most 900 characters."""
    package = build_package(
        recorded, request(ask="What now?! Please... help. E.g. with DC01!!", note="No idea... really?")
    )
    assert_prose(package)


def test_no_secret_is_in_the_package() -> None:
    """Whatever field a secret was written into, the package's JSON does not hold it."""
    typed = request(
        ask="Log in with password S0mmer2024! and look.", note="pw: hunter2 for db postgres://u53r:p4ss@db01"
    )
    whole = build_package(LEAKY, typed).model_dump_json()
    assert "[redacted]" in whole
    assert [secret for secret in SECRETS if secret in whole] == []


def test_a_secret_in_a_name_does_not_show() -> None:
    named = HandoffRequest(HANDOFF_ID, "low", "skill", "Help", "Restarted it.", Person(UUID(int=3), "Bob pw: hunter2"))
    assert "hunter2" not in build_package(NEARLY_EMPTY, named).model_dump_json()


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("pw: hunter2", "pw: [redacted]"),
        ("the password is hunter2 and works", "the password is [redacted] and works"),
        ("the password is hunter2.", "the password is [redacted]."),
        ("Passwort: geheim, bitte ändern", "Passwort: [redacted], bitte ändern"),
        ("Das Kennwort lautet geheim.", "Das Kennwort lautet [redacted]."),
        ("Password for svc_backup: Winter#1", "Password for svc_backup: [redacted]"),
        ("logged in with password Summer2024!", "logged in with password [redacted]"),
        ("changed the password for bob to Winter2024", "changed the password for bob to [redacted]"),
        ('{"password": "two words"}', '{"password": [redacted]}'),
        ("Server=db01;Password=abc;Database=x", "Server=db01;Password=[redacted];Database=x"),
        ("DB_PASSWORD=abc", "DB_PASSWORD=[redacted]"),
        ("**Password:** hunter2", "**Password:** [redacted]"),
        ("Password\t: hunter2", "Password\t: [redacted]"),
        ("Password:\nhunter2", "Password:\n[redacted]"),
        ("pass\u200bword: hunter2", "password: [redacted]"),
        ("PIN: 4711", "PIN: [redacted]"),
        ("bearer abc123def456", "bearer [redacted]"),
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        ('curl -H "Authorization: Basic YTpi" https://x/y', 'curl -H "Authorization: [redacted]" https://x/y'),
        ("curl -u admin:hunter2 https://x/y", "curl -u [redacted] https://x/y"),
        ("key AKIAIOSFODNN7EXAMPLE here", "key [redacted] here"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[redacted]"),
        ("sk-proj-abcDEF123456", "[redacted]"),
        ("xoxb-1234-5678-abcdef", "[redacted]"),
        ("postgres://u:p@h/db", "postgres://[redacted]@h/db"),
        ("redis://:p@h:6379", "redis://[redacted]@h:6379"),
        ("amqp://u:p@ss/w@h", "amqp://[redacted]@h"),
        ("api key is 4f9a8b7c6d5e4f3a", "api key is [redacted]"),
        ("token: 9f86d081884c7d659a2feaa0c55ad015", "token: [redacted]"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key = [redacted]"),
        ("net use Z: \\\\fs\\x /user:dom\\bob hunter2", "net use Z: \\\\fs\\x /user:dom\\bob [redacted]"),
        ("-".join(["123456"] * 8), "[redacted]"),
        ("PIN is 4821", "PIN is [redacted]"),
        ("psk is Haul!age-19-xx for the tunnel", "psk is [redacted] for the tunnel"),
        ("the tap was V7$kd+qPwe", "the tap was [redacted]"),
        ("login: cdsupport / Fracht.Brief-90", "login: cdsupport / [redacted]"),
        ("Password of the admin, for the dump: Zwetschge*4417", "Password of the admin, for the dump: [redacted]"),
        ("goes into the vault:\nqF7-ruppel-Oslo-31", "goes into the vault:\n[redacted]"),
        ("the alarm code 4471# works", "the alarm code [redacted] works"),
        ("username admin password 7 094F471A1A0A", "username admin password 7 [redacted]"),
        ("changed her password to Bluebell and told her", "changed her password to [redacted] and told her"),
        ("WLAN-Schlüssel Birkenweg-2024", "WLAN-Schlüssel [redacted]"),
        ("backup codes: 8234-1123, 9921-4471", "backup codes: [redacted], [redacted]"),
        ("snmp-server community S3cr3t RO", "snmp-server community [redacted] RO"),
        ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nok", "[redacted]\nok"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc cut off", "[redacted]"),
    ],
)
def test_a_secret_is_masked_and_its_sentence_stays(written: str, left: str) -> None:
    assert redact(written) == left
    assert redact(left) == left


@pytest.mark.parametrize(
    "written",
    [
        "error 0x80070005 on SRV-PRINT01",
        "Password sync failed with 0x80070005.",
        "Correlation token: 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "tickets INC0012345 and TICKET-123, update KB5034441",
        "10.0.0.5:443 and fe80::1 on mx1.contoso.com",
        "Bad password attempts from: WS-014",
        "The password is expired and the Passwort: abgelaufen",
        "badPwdCount: 5, pwdLastSet=133444555",
        "Password policy on DC01 is 12 characters",
        "shipping: 3 boxes, ping: 10.0.0.5 ok",
        "registry key: HKLM\\Software\\Microsoft",
        "https://host:8080/path@x",
        "login: failed/denied 3 times at 14:05",
        "the task-management-console and the bearer of bad news",
        'Defender alert "Ransom:Win32/Filecoder.RX!MTB" at 06:24',
        "login failed for QPL-SQL1$ on CSA-C-SW01#show vlan",
        "SID S-1-5-21-3623811015-3361044348-30300820 and ticket CS-88120",
        "sha256 9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015",
        "error code 500121 and event code 4625",
    ],
)
def test_what_a_diagnosis_needs_is_not_masked(written: str) -> None:
    assert redact(written) == written


def test_the_newest_items_are_kept() -> None:
    """A list is bounded, the newest stay, and steps keep their numbers."""
    count = 100
    many = evidence(session(), *(("note", f"Restarted node{n}, no change.") for n in range(1, count + 1)))
    package = build_package(many, request())
    assert 0 < len(package.steps_tried) <= MAX_ITEMS
    assert package.steps_tried[-1].n == count
    assert package.steps_tried[-1].action == "Restarted node100"


def test_one_statement_said_twice_is_one_item_with_two_sources() -> None:
    twice = evidence(session(), ("note", "DNS is fine."), ("note", "dns is fine."))
    (item,) = build_package(twice, request()).what_we_know
    assert [ref.id for ref in item.refs] == [one.id for one in twice.messages]


def test_a_session_too_long_to_read_says_so() -> None:
    """The newest is read; that the earliest was not is named."""
    long = evidence(session(), *(("note", "word " * 3_000) for _ in range(30)), ("note", "Restarted it, no change."))
    package = build_package(long, request())
    assert "earliest_messages" in package.completeness.missing
    assert steps(package) == [("Restarted it", "no change")]


def items_of(package: Package) -> Iterator[Item | Known]:
    lists: tuple[tuple[Item, ...], ...] = (
        package.what_we_know,
        package.in_flight,
        package.do_not,
        package.if_then,
        package.promises,
        package.open_questions,
        package.background.recent_changes,
    )
    for items in lists:
        yield from items


def assert_prose(package: Package) -> None:
    sentences = prose_sentences(package)
    assert " ".join(one.strip() for one in sentences) == package.prose
    assert [one.strip().split(" ")[0] for one in sentences] == ["Situation", "Background", "Assessment", "Request"]
    assert all(one.endswith(".") and not one.endswith("..") for one in sentences)
    assert len(package.prose) <= 900


def assert_bounds(package: Package) -> None:
    assert len(package.model_dump_json().encode()) < 48 * 1024
    assert_prose(package)
    assert len(package.what_we_know) <= MAX_KNOWN
    lists: tuple[tuple[Item | Step, ...], ...] = (package.steps_tried, package.open_questions)
    assert all(len(listed) <= MAX_ITEMS for listed in lists)
    assert all(
        0 < len(item.text) <= MAX_SENTENCE_OR_CUT and len(item.by.name) <= MAX_NAME for item in items_of(package)
    )
    assert all(len(step.action) <= MAX_SENTENCE_OR_CUT for step in package.steps_tried)
    assert all(len(step.result or "") <= MAX_SENTENCE_OR_CUT for step in package.steps_tried)
    assert len(package.stuck_because) <= MAX_STUCK
    assert 0 <= package.confidence.score <= 1
    assert 0 <= package.completeness.score <= 1


FRAGMENTS = st.sampled_from(
    [
        "Restarted the spooler, no change. ",
        "password is ",
        "pw: hunter2",
        "Don't reboot! ",
        "if it fails then ",
        "maybe ",
        "```",
        "> ",
        "- [x] ",
        "0x80070005 ",
        "\u202e\u05e9\u05dc\u05d5\u05dd ",
        "👩‍💻🔥",
        "e.g. ",
        "\n",
        "...",
        "?!",
        "。",
        '"',
        " " * 50,
        "a" * 400,
        "-----BEGIN PRIVATE KEY-----",
        "://a:b@",
        "since 08:40 ",
        "Disabled x. To undo: ",
        "habe neu gestartet",
    ]
)
TEXT = st.lists(FRAGMENTS | st.text(st.characters(), max_size=40), max_size=12).map("".join)


@settings(max_examples=200, deadline=None)
@given(
    bodies=st.lists(st.tuples(st.sampled_from(get_args(MessageKind)), TEXT), max_size=8),
    titles=st.lists(st.tuples(TEXT, st.sampled_from(get_args(TaskState)), TEXT | st.none()), max_size=4),
    facts=st.tuples(TEXT, TEXT, TEXT),
    ask=TEXT,
    note=TEXT | st.none(),
    reason=st.sampled_from(get_args(Reason)),
)
def test_any_text_gives_a_package_within_its_bounds(
    bodies: list[tuple[MessageKind, str]],
    titles: list[tuple[str, TaskState, str | None]],
    facts: tuple[str, str, str],
    ask: str,
    note: str | None,
    reason: Reason,
) -> None:
    """Nothing raises, lone surrogates included; lists, texts, prose and JSON keep their bounds."""
    tasks = tuple(task(number, *given_task) for number, given_task in enumerate(titles, 1))
    recorded = evidence(session(*facts), *bodies, tasks=tasks)
    assert_bounds(build_package(recorded, request(ask, note, reason)))


MARKS = ["is", "are", "still", "9", "(see log)", ":", ",", ".", "-", ""]
WORDS = st.sampled_from(sorted(ADJECTIVES | LEADS)) | st.sampled_from(MARKS)


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS, max_size=6).map(" ".join))
@example("Installed :")
def test_any_words_and_marks_can_be_read(text: str) -> None:
    """The example could not, and its session could not be handed off."""
    for voice in get_args(Voice):
        reading_of(voice, text)


@pytest.mark.parametrize(
    "body", ["x" * 10_240, "Don't " * 2_000, "🔥" * 10_240, "Is it " + "שלום " * 2_000 + "?", '"\\' * 5_000]
)
def test_a_huge_single_line_keeps_the_bounds(body: str) -> None:
    kinds: tuple[MessageKind, ...] = ("note", "client", "assistant", "system")
    tasks = tuple(task(n, f"{n} {body}", "done", body) for n in range(60))
    assert_bounds(
        build_package(
            evidence(session(body, body, body), *((kind, body) for kind in kinds * 5), tasks=tasks), request(body, body)
        )
    )


def test_the_json_is_bounded_when_every_list_overflows() -> None:
    """Emoji are four bytes each: the lists are shortened, not the texts."""
    fire = "🔥" * 200
    body = "\n".join(
        f"{said} {n} {fire}" + end
        for n in range(24)
        for said, end in (
            ("Restarted", ", no change"),
            ("Disabled", ""),
            ("Don't touch", ""),
            ("If it burns then", ""),
            ("Told the client that", ""),
            ("After the update", ""),
            ("Is it", "?"),
            ("Maybe", ""),
            ("Event", ""),
        )
    )
    tasks = tuple(task(n, f"{n} {fire}", "doing") for n in range(60))
    package = build_package(
        evidence(session(fire, fire, body), ("note", body), ("client", body), tasks=tasks), request(fire)
    )
    assert_bounds(package)
    for listed in (package.steps_tried, package.do_not, package.if_then, package.promises, package.in_flight):
        assert listed


UNITS = (
    *(
        "a",
        " ",
        "a ",
        "password ",
        "pw: ",
        "pw\t",
        '"',
        "eyJ-",
        "://a:",
        "key ",
        "-----BEGIN PRIVATE KEY-----",
        "/user:",
    ),
    *(
        "\n",
        "curl ",
        "bearer ",
        "code ",
        "snmp ",
        "log on ",
        "wifi:;p:",
        "recovery code ",
        "authorization: ",
        "if ",
        "bitte ",
        "told a ",
        "i have ",
        ", and ",
        "was ",
        ". ",
        "1. ",
    ),
)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear_in_the_text(unit: str) -> None:
    """A pattern that is quadratic in a repeated unit would run into the test's time limit."""
    text = unit * (200_000 // len(unit))
    redact(text)
    notes: list[tuple[MessageKind, str]] = [("note", text)] * 4
    build_package(evidence(session(problem=text), *notes), request(text, text))


@pytest.mark.parametrize("title", ["", "-", "```", "**", "\u202e", ". . .", "> "])
def test_a_title_without_words_is_no_trouble(title: str) -> None:
    tasks = tuple(task(n, title, state, title) for n, state in enumerate(get_args(TaskState)))
    typed = request(title, title)
    assert_bounds(build_package(evidence(session(title, title, title), ("note", title), tasks=tasks), typed))
