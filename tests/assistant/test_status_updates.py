"""What others are told of a session: the saved words to seniors, all of it to colleagues, little to the client."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.status_updates import for_client, for_colleagues
from store.errors import Refusal
from store.models import Json, Person
from store.status_updates import HandedOff, Standing
from tests.assistant.desk import MESSAGES, Desk
from tests.assistant.recorded import evidence, session, task

SAM = Person(UUID(int=3), "Sam Okafor")
HANDED_OFF = Standing(is_closed=False, handoff=HandedOff(UUID(int=77), "claimed", SAM, Json("{}")))
NOWHERE = Standing(is_closed=False, handoff=None)

INTERNAL = (
    "SRV-DC01", "filesrv02", "MAILGATE", "10.20.30.40", "10.20.30.40:8443", "fe80::1ff:fe23:4567:890a",
    r"\\FS-01\finance$", r"C:\Windows\System32\spool", "/etc/krb5.conf", "bob@acme.example", "intranet.acme.local",
    "0x0000011b", "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "KB5034441", "svc_backup", "https://portal.example/x",
    "password: Hunter2!secret", "Priya", "Okafor", "It was Bob's fault", "He should have checked",
    "the user forgot it", "ACME-ADMIN",
)  # fmt: skip


async def update(desk: Desk, session_id: UUID, context: str) -> dict[str, str | None]:
    answer = await desk.do(desk.senior, "session:status_update", session_id=session_id, context=context)
    assert set(answer) == {"context", "text", "handoff_id", "summary_prose"}
    assert answer["context"] == context
    return answer


async def test_escalation_answers_the_saved_prose(desk: Desk) -> None:
    """[S3] Whatever came after it; without a handoff there is none."""
    session_id = await desk.session()
    with pytest.raises(Refusal, match="not_found"):
        await update(desk, session_id, "escalation")
    handoff_id = await desk.hand_off(session_id)
    saved = (await desk.handoff(handoff_id))["handoff"]["summary_prose"]
    await desk.post(session_id, "note", "Event 999 shows up on PRN-01.")
    answer = await update(desk, session_id, "escalation")
    assert (answer["text"], answer["summary_prose"], answer["handoff_id"]) == (saved, saved, str(handoff_id))


async def test_colleagues_are_told_what_the_session_says_now(desk: Desk) -> None:
    """Before it was handed off, and what came after."""
    session_id = await desk.session()
    before = await update(desk, session_id, "internal")
    assert (before["handoff_id"], before["summary_prose"]) == (None, None)
    assert "Not handed off." in str(before["text"])
    handoff_id = await desk.hand_off(session_id, note="Tried all I know")
    await desk.post(session_id, "note", "Event 999 shows up on PRN-01.")
    waiting = await update(desk, session_id, "internal")
    assert waiting["handoff_id"] == str(handoff_id)
    for words in ("Event 999", "Restarted the spooler: still crashes", "is queued", "Tried all I know", "the spooler"):
        assert words in str(waiting["text"])
    await desk.claim(handoff_id)
    assert f"in the hands of {desk.senior.name}" in str((await update(desk, session_id, "internal"))["text"])


async def test_client_is_told_how_it_stands(desk: Desk) -> None:
    """In words of the client's, with and without a handoff."""
    session_id = await desk.session(*MESSAGES, ("note", "Told the client we will call back at 15:00."))
    before = str((await update(desk, session_id, "client"))["text"])
    assert "Nobody can print on one of your systems" in before
    assert "One engineer is working on it." in before
    assert "Agreed: Told the client we will call back at 15:00." in before
    handoff_id = await desk.hand_off(session_id)
    assert "has been escalated and waits" in str((await update(desk, session_id, "client"))["text"])
    await desk.claim(handoff_id)
    assert "2 engineers are working on it." in str((await update(desk, session_id, "client"))["text"])


async def test_session_of_another_account_does_not_exist(desk: Desk) -> None:
    """[A6] In every context."""
    for context in ("escalation", "client", "internal"):
        with pytest.raises(Refusal, match="not_found"):
            await update(desk, uuid4(), context)


@pytest.mark.parametrize("internal", INTERNAL)
def test_client_reads_nothing_internal(internal: str) -> None:
    """Wherever in the session it stands."""
    said = f"All users since Monday: {internal} fails. Told the client that {internal} fails and we call back."
    facts = session(f"{internal} fails", internal, f"Nobody can work: {internal} fails.")
    recorded = evidence(facts, ("client", said), ("note", said), tasks=(task(1, internal, "done", said),))
    text = for_client(recorded, HANDED_OFF)
    assert internal.casefold() not in text.casefold()
    assert "redacted" not in text
    assert "2 engineers are working on it." in text


@given(st.lists(st.sampled_from(INTERNAL), min_size=1, max_size=3), st.permutations(["fails", "since Monday", "again"]))
@settings(max_examples=150, deadline=None)
def test_client_reads_nothing_internal_in_any_order(internal: list[str], others: list[str]) -> None:
    """Beside one another and among other words."""
    words = [word for pair in zip(internal, others, strict=False) for word in pair]
    recorded = evidence(session(problem=" ".join(words)), ("note", "Promised the client " + " ".join(words)))
    text = for_client(recorded, HANDED_OFF)
    assert not [word for word in internal if word in text]


def test_plain_numbers_and_times_are_for_the_client() -> None:
    """They are not what makes a text internal."""
    recorded = evidence(session(problem="12 users on the 3rd floor cannot print since 08:30 on 2026-03-02, about 50%"))
    assert "12 users on the 3rd floor cannot print since 08:30 on 2026-03-02, about 50%" in for_client(
        recorded, NOWHERE
    )


def test_secret_is_in_no_status_update() -> None:
    recorded = evidence(session(problem="The admin password is Hunter2!secret"), ("note", "pwd: Hunter2!secret works"))
    for tell in (for_client, for_colleagues):
        assert "Hunter2" not in tell(recorded, NOWHERE)
