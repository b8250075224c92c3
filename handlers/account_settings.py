"""Commands of an account's admins on how its handoffs are treated."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from handlers.command import Caller, PageSize, Payload, Version
from handlers.queue import Nothing
from handlers.webhooks import is_public
from store import account_settings
from store.errors import Refusal
from store.models import Answer

DAY = 86_400

Span = Annotated[int, Field(ge=60, le=90 * DAY)]
"""Seconds."""
_ADDRESS = r"^https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?([/?][^\s#]*)?$"
Address = Annotated[str, StringConstraints(max_length=2_000, pattern=_ADDRESS)]
"""Of a webhook: without a user, a password or a fragment."""


async def get_settings(caller: Caller, _: Nothing) -> Answer:
    return await account_settings.get(caller.db, caller.who.account_id)


class NewTargets(Payload):
    """Seconds from being queued to being claimed."""

    critical: Span
    high: Span
    normal: Span
    low: Span


class UpdateSettings(Payload):
    """What is left out stays. Targets and expiry are of handoffs made or queued from now on."""

    version: Version
    claim_roles: Annotated[tuple[Literal["engineer", "senior", "admin"], ...], Field(min_length=1, strict=False)] = (
        "senior",
        "admin",
    )
    claim_targets_s: NewTargets | None = None
    expires_after_s: Span = 3 * DAY
    nudge_after_s: Span = 900
    release_idle: bool = False
    webhook_url: Address | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.model_fields_set == {"version"}:
            raise ValueError("Names nothing to change")
        if "claim_targets_s" in self.model_fields_set and self.claim_targets_s is None:
            raise ValueError("claim_targets_s cannot be null")
        return self


async def update_settings(caller: Caller, p: UpdateSettings) -> Answer:
    if p.webhook_url is not None and not caller.abilities.private_webhooks and not _may_be_public(p.webhook_url):
        field = {"loc": ["webhook_url"], "msg": "Not a public address", "type": "private_address"}
        raise Refusal("invalid_payload", "The payload is not valid.", details={"fields": [field]})
    asked = p.model_dump(mode="json", exclude_unset=True, exclude={"version"})
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return await account_settings.update(caller.db, caller.who, p.version, asked, secret=secret)


def _may_be_public(url: str) -> bool:
    """Whether it names a host that may be on the internet; where the name leads is seen when it is called."""
    host = urlsplit(url).hostname or ""
    try:
        return is_public(host)
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))


class SettingsChanges(Payload):
    before: Version | None = None
    limit: PageSize = 50


async def settings_changes(caller: Caller, p: SettingsChanges) -> Answer:
    return await account_settings.changes(caller.db, caller.who.account_id, before=p.before, limit=p.limit)
