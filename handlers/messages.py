"""Commands on messages."""

from __future__ import annotations

from handlers.command import Body, Caller, Counter, Id, Payload
from store import messages
from store.models import Answer, MessageKind


class PostMessage(Payload):
    session_id: Id
    message_id: Id
    body: Body
    kind: MessageKind
    fencing_token: Counter | None = None
    ask: bool = False


async def post_message(caller: Caller, p: PostMessage) -> Answer:
    answer = await messages.post(
        caller.db,
        caller.who,
        p.session_id,
        message_id=p.message_id,
        kind=p.kind,
        body=p.body,
        fencing_token=p.fencing_token,
        ask=p.ask,
    )
    if caller.read_ahead is not None and p.kind != "system":
        caller.read_ahead(p.kind, p.body)
    return answer
