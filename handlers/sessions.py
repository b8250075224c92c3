"""Commands on sessions."""

from __future__ import annotations

from functools import partial
from typing import Literal

import orjson

from handlers.ahead import read_evidence
from handlers.command import Body, Caller, Counter, Id, Line, PageSize, Paragraph, Payload
from handlers.status_updates import for_client, for_colleagues
from handlers.wire import dumps
from store import handoffs, messages, sessions, status_updates
from store.errors import Refusal
from store.events import Reading, Recovered, Snapshot, read_session_room
from store.models import Answer, Json, Present, Room


class CreateSession(Payload):
    session_id: Id
    title: Line
    client_name: Line
    problem: Body


async def create_session(caller: Caller, p: CreateSession) -> Answer:
    return await sessions.create(
        caller.db, caller.who, p.session_id, title=p.title, client_name=p.client_name, problem=p.problem
    )


class ListSessions(Payload):
    status: Literal["open", "closed"] | None = None
    mine: bool = False
    before: Id | None = None
    limit: PageSize = 50


async def list_sessions(caller: Caller, p: ListSessions) -> Answer:
    created_by = caller.who.user_id if p.mine else None
    return await sessions.listing(
        caller.db, caller.who.account_id, status=p.status, created_by=created_by, before=p.before, limit=p.limit
    )


class SessionNamed(Payload):
    session_id: Id


async def get_session(caller: Caller, p: SessionNamed) -> Answer:
    state = await read_session_room(caller.db, caller.who.account_id, p.session_id)
    if not isinstance(state, Snapshot):
        raise TypeError("without a cursor the room answers its state")
    return Answer(unpacked(state.state))


class JoinSession(Payload):
    session_id: Id
    after: Counter | None = None
    epoch: Id | None = None


async def join_session(caller: Caller, p: JoinSession) -> Answer:
    room = Room.of_session(caller.who.account_id, p.session_id)
    read = partial(read_session_room, caller.db, caller.who.account_id, p.session_id, p.after, p.epoch)
    state = await caller.seated.join(room, Reading(read, (p.after, p.epoch)))
    return joined(room, state, caller.seated.members(room))


async def leave_session(caller: Caller, p: SessionNamed) -> Answer:
    room = Room.of_session(caller.who.account_id, p.session_id)
    await caller.seated.leave(room)
    return Answer({"room": room.name})


class SessionHistory(Payload):
    session_id: Id
    before: Id | Counter | None = None
    limit: PageSize = 200


async def session_history(caller: Caller, p: SessionHistory) -> Answer:
    return await messages.history(caller.db, caller.who.account_id, p.session_id, before=p.before, limit=p.limit)


class CloseSession(Payload):
    session_id: Id
    resolution: Paragraph
    force: bool = False


async def close_session(caller: Caller, p: CloseSession) -> Answer:
    return await sessions.close(caller.db, caller.who, p.session_id, resolution=p.resolution, force=p.force)


class StatusUpdate(Payload):
    session_id: Id
    context: Literal["escalation", "client", "internal"]


async def status_update(caller: Caller, p: StatusUpdate) -> Answer:
    account_id = caller.who.account_id
    if p.context == "escalation":
        return await handoffs.saved_prose(caller.db, account_id, p.session_id)
    standing = await status_updates.standing(caller.db, account_id, p.session_id)
    evidence = await read_evidence(caller.db, account_id, p.session_id)
    tell = for_client if p.context == "client" else for_colleagues
    about = {"handoff_id": standing.handoff and standing.handoff.id, "summary_prose": None}
    return Answer({"context": p.context, "text": tell(evidence, standing), **about})


class Typing(Payload):
    session_id: Id
    typing: bool


async def typing(caller: Caller, p: Typing) -> Answer:
    room = Room.of_session(caller.who.account_id, p.session_id)
    if not caller.seated.has_joined(room):
        raise Refusal("not_found")
    user = {"id": caller.who.user_id, "name": caller.who.name}
    data = {"room": room.name, "session_id": p.session_id, "user": user, "typing": p.typing}
    await caller.seated.signal(room, "typing", data)
    return Answer({})


def joined(room: Room, state: Recovered | Snapshot, members: list[Present] | None = None) -> Answer:
    """The join ack: the missed events, or the snapshot with who is here now."""
    head = {"room": room.name, "epoch": state.epoch, "seq": state.seq}
    if isinstance(state, Recovered):
        return Answer(head | {"recovered": True, "events": list(state.events)})
    snapshot = state.state if members is None else _with_members(state.state, members)
    return Answer(head | {"recovered": False, "snapshot": snapshot})


def _with_members(snapshot: Json, members: list[Present]) -> Json:
    return Json(f'{snapshot[:-1]},"members":{dumps(members)}}}')


def unpacked(snapshot: Json) -> dict[str, object]:
    """The snapshot's parts as an answer's data."""
    parts: dict[str, object] = orjson.loads(str(snapshot))
    return parts
