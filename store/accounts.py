"""Tenants and their people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from store.db import Database
from store.errors import Refusal
from store.lanes import Item, Lane, arrays, elements
from store.models import Principal, Role

PROVISION = """
WITH account AS (
    INSERT INTO accounts AS a (id, name) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE a.name <> excluded.name
)
INSERT INTO users AS u (account_id, id, name, role, role_as_of) VALUES ($1, $3, $4, $5, $6)
ON CONFLICT (account_id, id) DO UPDATE SET name = excluded.name, role = excluded.role,
    role_as_of = greatest(excluded.role_as_of, u.role_as_of)  -- of which either may be null
WHERE u.disabled_at IS NULL AND NOT coalesce(excluded.role_as_of < u.role_as_of, false)
"""
STANDING = """
SELECT u.role, (a.name, u.name, u.role) = ($2, $4, $5) AS known,
       u.disabled_at IS NULL AND (u.revoked_at IS NULL OR coalesce($6::timestamptz > u.revoked_at, false)) AS admitted,
       coalesce($6 < u.role_as_of, false) AS older, coalesce($6 > u.role_as_of, $6 IS NOT NULL) AS newer
FROM users u JOIN accounts a ON a.id = u.account_id WHERE u.account_id = $1 AND u.id = $3
"""
SEEN = "UPDATE users SET role_as_of = greatest(role_as_of, $3) WHERE account_id = $1 AND id = $2"


async def provision(db: Database, who: Principal, issued_at: datetime | None = None) -> Principal | None:
    """Make the account and the user that a valid token names, or bring their names and role up to date.

    Answers who they are now: an older token than the newest one seen does not bring its role back. None when the user
    was disabled or the token was issued before the user's tokens were revoked; one that does not say when it was
    issued counts as issued before.
    """
    return _as_of(who, await _standing(db, _told(who, issued_at)))


async def _standing(db: Database, told: Item) -> asyncpg.Record | None:
    standing = await db.row(STANDING, *told)  # an upsert locks the account's row even where it changes nothing
    if standing is None or (standing["admitted"] and not standing["known"] and not standing["older"]):
        await db.rows(PROVISION, *told)
        return await db.row(STANDING, *told)
    if standing["admitted"] and standing["newer"]:
        account_id, _, user_id, _, _, issued_at = told
        await db.rows(SEEN, account_id, user_id, issued_at)
    return standing


def _told(who: Principal, issued_at: datetime | None) -> Item:
    return who.account_id, who.account_name, who.user_id, who.name, who.role, issued_at


def _as_of(who: Principal, standing: asyncpg.Record | None) -> Principal | None:
    if standing is None or not standing["admitted"]:
        return None
    return who if standing["role"] == who.role else replace(who, role=standing["role"])


_TOLD = f"""{elements("uuid", "text", "uuid", "text", "text", "timestamptz")}
WITH ORDINALITY AS told (account_id, account_name, id, name, role, issued_at, place)"""
_NEWEST = f"""newest AS (
    SELECT DISTINCT ON (account_id, id) * FROM {_TOLD} ORDER BY account_id, id, issued_at DESC NULLS LAST
)"""
STANDINGS = f"""
SELECT *, CASE WHEN admitted IS NULL OR (admitted AND (newer OR NOT (known OR older))) THEN 'again' ELSE 'ok' END
    AS verdict
FROM (
    SELECT u.role, (a.name, u.name, u.role) = (told.account_name, told.name, told.role) AS known,
           CASE WHEN u.id IS NOT NULL THEN u.disabled_at IS NULL
                AND (u.revoked_at IS NULL OR coalesce(told.issued_at > u.revoked_at, false)) END AS admitted,
           coalesce(told.issued_at < u.role_as_of, false) AS older,
           coalesce(told.issued_at > u.role_as_of, told.issued_at IS NOT NULL) AS newer, told.place
    FROM {_TOLD}
    LEFT JOIN users u ON u.account_id = told.account_id AND u.id = told.id
    LEFT JOIN accounts a ON a.id = u.account_id
) standings ORDER BY place
"""
PROVISIONS = f"""WITH {_NEWEST}, account AS (
    INSERT INTO accounts AS a (id, name)
    SELECT DISTINCT ON (account_id) account_id, account_name FROM newest
    WHERE NOT EXISTS (SELECT FROM accounts same WHERE same.id = account_id AND same.name = account_name)
    ORDER BY account_id
    ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE a.name <> excluded.name
)
INSERT INTO users AS u (account_id, id, name, role, role_as_of)
SELECT account_id, id, name, role, issued_at FROM newest ORDER BY account_id, id
ON CONFLICT (account_id, id) DO UPDATE SET name = excluded.name, role = excluded.role,
    role_as_of = greatest(excluded.role_as_of, u.role_as_of)
WHERE u.disabled_at IS NULL AND NOT coalesce(excluded.role_as_of < u.role_as_of, false)
"""


SEENS = f"""WITH {_NEWEST}
UPDATE users u SET role_as_of = greatest(u.role_as_of, newest.issued_at)
FROM newest WHERE u.account_id = newest.account_id AND u.id = newest.id
"""


class Reception:
    """`provision` for many who come at once: they share round trips, and each is looked up after it came."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lane = Lane(self._together, self._alone)

    async def provision(self, who: Principal, issued_at: datetime | None = None) -> Principal | None:
        return _as_of(who, await self._lane.run(_told(who, issued_at)))

    async def _together(self, told: Sequence[Item]) -> list[asyncpg.Record]:
        standings = await self._db.rows(STANDINGS, *arrays(told))
        again = [pair for pair in zip(told, standings, strict=True) if pair[1]["verdict"] == "again"]
        if not again:
            return standings
        for sql, those in (
            (PROVISIONS, [one for one, standing in again if not standing["known"]]),
            (SEENS, [one for one, standing in again if standing["known"]]),  # that locks no account
        ):
            if those:
                await self._db.rows(sql, *arrays(those))
        return await self._db.rows(STANDINGS, *arrays(told))

    async def _alone(self, told: Item) -> asyncpg.Record:
        standing = await _standing(self._db, told)
        if standing is None:
            raise LookupError("who was just provisioned is not there")
        return standing


@dataclass(frozen=True, slots=True)
class LocalUser:
    """A user who signs in here with a password, of which `password_hash` is the Argon2 hash."""

    principal: Principal
    password_hash: str


BY_EMAIL = """
SELECT u.account_id, a.name AS account_name, u.id, u.name, u.role, u.password_hash
FROM users u JOIN accounts a ON a.id = u.account_id
WHERE u.email = lower($1) AND u.password_hash IS NOT NULL AND u.disabled_at IS NULL
"""


async def by_email(db: Database, email: str) -> LocalUser | None:
    row = await db.row(BY_EMAIL, email)
    if row is None:
        return None
    who = Principal(row["account_id"], row["account_name"], row["id"], row["name"], row["role"])
    return LocalUser(who, row["password_hash"])


SAVE_LOCAL = """
WITH account AS (
    INSERT INTO accounts (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name
)
INSERT INTO users (account_id, id, name, role, role_as_of, email, password_hash)
VALUES ($1, $3, $4, $5, clock_timestamp(), lower($6), $7)
ON CONFLICT (account_id, id) DO UPDATE
SET name = excluded.name, role = excluded.role, role_as_of = excluded.role_as_of, email = excluded.email,
    password_hash = excluded.password_hash
"""


async def save_local_user(db: Database, who: Principal, *, email: str, password_hash: str) -> None:
    """Make a user who can sign in here, or change one."""
    await db.rows(SAVE_LOCAL, who.account_id, who.account_name, who.user_id, who.name, who.role, email, password_hash)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user may at present: nothing when `disabled`, and nothing by a token of before `revoked_at`."""

    role: Role
    disabled: bool
    revoked_at: datetime | None


CHANGED = """
SELECT DISTINCT u.account_id, u.id, u.role, u.disabled_at IS NOT NULL AS disabled, u.revoked_at FROM users u
JOIN unnest($1::uuid[], $2::uuid[], $3::text[]) AS here (account_id, id, role)
ON u.account_id = here.account_id AND u.id = here.id
WHERE u.disabled_at IS NOT NULL OR u.revoked_at IS NOT NULL OR u.role <> here.role
"""


async def changed_rights(db: Database, people: Collection[Principal]) -> dict[tuple[UUID, UUID], Rights]:
    """Of these people, by account and user, those whose rights may not be what they were. One query."""
    rows = await db.rows(CHANGED, *arrays([(who.account_id, who.user_id, who.role) for who in people]))
    return {(row["account_id"], row["id"]): Rights(row["role"], row["disabled"], row["revoked_at"]) for row in rows}


REVOKE = "UPDATE users SET revoked_at = clock_timestamp() WHERE account_id = $1 AND id = $2 RETURNING revoked_at"


async def revoke(db: Database, account_id: UUID, user_id: UUID) -> datetime:
    """Refuse all tokens the user was issued until now, at every door, and end the connections made with them.

    Raises:
        Refusal: `not_found`.
    """
    row = await db.row(REVOKE, account_id, user_id)
    if row is None:
        raise Refusal("not_found")
    revoked_at: datetime = row["revoked_at"]
    return revoked_at


DISABLE = "UPDATE users SET disabled_at = now() WHERE email = lower($1) AND disabled_at IS NULL RETURNING id"


async def disable(db: Database, email: str) -> bool:
    """Take a local user's access away: open connections within two seconds, sign-in at once."""
    return await db.row(DISABLE, email) is not None
