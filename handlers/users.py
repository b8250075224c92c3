"""Commands about the caller."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from handlers.command import Caller, Id, Payload
from handlers.queue import Nothing
from store import accounts
from store.models import Answer


async def get_me(caller: Caller, _: Nothing) -> Answer:
    who = caller.who
    return Answer(
        {
            "user": {"id": who.user_id, "name": who.name, "role": who.role},
            "account": {"id": who.account_id, "name": who.account_name},
        }
    )


class UserNamed(Payload):
    user_id: Id


async def revoke_tokens(caller: Caller, p: UserNamed) -> Answer:
    revoked_at = await accounts.revoke(caller.db, caller.who.account_id, p.user_id)
    return Answer({"user_id": p.user_id, "revoked_at": revoked_at})


class RenewToken(Payload):
    token: Annotated[str, StringConstraints(min_length=1, max_length=8_192)]


async def renew_token(caller: Caller, p: RenewToken) -> Answer:
    return Answer({"token_expires_at": await caller.seated.renew(p.token)})
