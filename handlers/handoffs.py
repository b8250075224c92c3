"""Commands on handoffs. The way of a claim passes `claim_handoff`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from handlers.ahead import read_evidence
from handlers.analysis import analysed
from handlers.command import Caller, Counter, Id, Paragraph, Payload, Tag, Version
from handlers.package import HandoffRequest, Package, build_package, redact
from handlers.sessions import unpacked
from store import claims, events, handoffs, ownership
from store.models import Answer, Outcome, Person, Reason, Severity, StartMode, WithdrawReason


class CreateHandoff(Payload):
    handoff_id: Id
    session_id: Id
    severity: Severity
    reason: Reason
    ask: Paragraph
    note: Paragraph | None = None


async def create_handoff(caller: Caller, p: CreateHandoff) -> Answer:
    evidence = await read_evidence(caller.db, caller.who.account_id, p.session_id)
    by = Person(caller.who.user_id, caller.who.name)
    package = build_package(evidence, HandoffRequest(p.handoff_id, p.severity, p.reason, p.ask, p.note, by))
    return await handoffs.create(
        caller.db,
        caller.who,
        p.session_id,
        handoff_id=p.handoff_id,
        severity=p.severity,
        reason=p.reason,
        ask=p.ask,
        note=p.note,
        package=package.model_dump_json(),
        enrich=caller.abilities.assistant,
    )


class ClaimHandoff(Payload):
    handoff_id: Id
    claim_id: Id


async def claim_handoff(caller: Caller, p: ClaimHandoff) -> Answer:
    return await claims.claim(caller.db, caller.who, p.handoff_id, p.claim_id)


class ReleaseHandoff(Payload):
    handoff_id: Id
    fencing_token: Counter
    note: Paragraph


async def release_handoff(caller: Caller, p: ReleaseHandoff) -> Answer:
    return await ownership.release(
        caller.db, caller.who, p.handoff_id, fencing_token=p.fencing_token, note=p.note, step=redact(p.note)
    )


class ReassignHandoff(Payload):
    handoff_id: Id
    fencing_token: Counter
    to_user_id: Id
    note: Paragraph


async def reassign_handoff(caller: Caller, p: ReassignHandoff) -> Answer:
    return await ownership.reassign(
        caller.db, caller.who, p.handoff_id, fencing_token=p.fencing_token, to_user_id=p.to_user_id, note=p.note
    )


class ResolveHandoff(Payload):
    handoff_id: Id
    fencing_token: Counter
    outcome: Outcome
    note: Paragraph


async def resolve_handoff(caller: Caller, p: ResolveHandoff) -> Answer:
    return await ownership.resolve(
        caller.db, caller.who, p.handoff_id, fencing_token=p.fencing_token, outcome=p.outcome, note=p.note
    )


class WithdrawHandoff(Payload):
    handoff_id: Id
    reason: WithdrawReason


async def withdraw_handoff(caller: Caller, p: WithdrawHandoff) -> Answer:
    return await handoffs.withdraw(caller.db, caller.who, p.handoff_id, reason=p.reason)


class StartHandoff(Payload):
    handoff_id: Id
    fencing_token: Counter
    mode: StartMode


async def start_handoff(caller: Caller, p: StartHandoff) -> Answer:
    analysis = None
    if p.mode == "ai_analysis":  # in case no language model has made one
        package = await ownership.package(caller.db, caller.who.account_id, p.handoff_id)
        analysis = analysed(Package.model_validate_json(package)).model_dump_json()
    return await ownership.start(
        caller.db, caller.who, p.handoff_id, fencing_token=p.fencing_token, mode=p.mode, analysis=analysis
    )


class TagHandoff(Payload):
    handoff_id: Id
    version: Version
    tags: Annotated[tuple[Tag, ...], Field(max_length=10, strict=False)]

    @field_validator("tags")
    @classmethod
    def _each_once(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tags))


async def tag_handoff(caller: Caller, p: TagHandoff) -> Answer:
    return await handoffs.tag(caller.db, caller.who, p.handoff_id, version=p.version, tags=p.tags)


class ReadHandoffLog(Payload):
    handoff_id: Id
    after: Counter = 0


async def handoff_log(caller: Caller, p: ReadHandoffLog) -> Answer:
    page = await events.of_handoff(caller.db, caller.who.account_id, p.handoff_id, p.after, events.REPLAY_LIMIT)
    more = page[-1][0] if len(page) == events.REPLAY_LIMIT else None
    return Answer({"events": [body for _, body in page], "next": more})


class HandoffNamed(Payload):
    handoff_id: Id


async def get_handoff(caller: Caller, p: HandoffNamed) -> Answer:
    handoff, offered, context = await handoffs.get(caller.db, caller.who.account_id, p.handoff_id)
    screen = unpacked(context)
    parts = {part: screen[part] for part in ("session", "messages", "tasks")}
    return Answer({"handoff": handoff, "offered_package": offered, **parts})
