"""What a connection says of whoever is at it: shown to others, and in no predicate (P3)."""

from __future__ import annotations

from handlers.command import Caller, Id, Payload
from store.models import Answer, Attention


class SetPresence(Payload):
    state: Attention
    handoff_id: Id | None = None


async def set_presence(caller: Caller, p: SetPresence) -> Answer:
    caller.seated.attend(p.state, p.handoff_id)
    return Answer({})
