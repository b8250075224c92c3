"""Commands on the escalation queue, and the log behind it."""

from __future__ import annotations

from functools import partial
from typing import Literal

from handlers.command import Caller, Counter, Id, Payload, Tag
from handlers.sessions import joined, unpacked
from store import events, handoffs
from store.errors import Refusal
from store.events import Reading, read_escalation_room
from store.models import Answer, Room


class JoinQueue(Payload):
    after: Counter | None = None
    epoch: Id | None = None


async def join_queue(caller: Caller, p: JoinQueue) -> Answer:
    room = Room.of_escalations(caller.who.account_id)
    read = partial(read_escalation_room, caller.db, caller.who.account_id, caller.who.user_id, p.after, p.epoch)
    asks = caller.who.user_id if p.after is None else (p.after, p.epoch)  # a snapshot is one's own
    reading = Reading(read, asks, reader=caller.who.user_id)
    return joined(room, await caller.seated.join(room, reading))


class Nothing(Payload):
    pass


async def leave_queue(caller: Caller, _: Nothing) -> Answer:
    room = Room.of_escalations(caller.who.account_id)
    await caller.seated.leave(room)
    return Answer({"room": room.name})


class GetQueue(Payload):
    tag: Tag | None = None


async def get_queue(caller: Caller, p: GetQueue) -> Answer:
    return Answer(unpacked(await handoffs.queue(caller.db, caller.who.account_id, caller.who.user_id, p.tag)))


class RoomEvents(Payload):
    kind: Literal["session", "escalations"]
    id: Id
    after: Counter = 0


async def room_events(caller: Caller, p: RoomEvents) -> Answer:
    account_id = caller.who.account_id
    if p.kind == "escalations" and p.id != account_id:
        raise Refusal("not_found")
    room = Room(account_id, f"{p.kind}:{p.id}")
    epoch, head = await events.head(caller.db, room)
    if head is None and p.kind == "session":
        raise Refusal("not_found")
    page = await events.after(caller.db, room, p.after)
    seq = max(head or 0, page[-1].seq if page else 0)
    return Answer(
        {
            "room": room.name,
            "epoch": epoch,
            "seq": seq,
            "events": [event.body for event in page],
            "next": page[-1].seq if page and page[-1].seq < seq else None,
        }
    )
