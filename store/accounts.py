"""Tenants and their people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from store.db import Database
from store.models import Principal

PROVISION = """
WITH account AS (
    INSERT INTO accounts AS a (id, name) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE a.name <> excluded.name
)
INSERT INTO users AS u (account_id, id, name, role) VALUES ($1, $3, $4, $5)
ON CONFLICT (account_id, id) DO UPDATE SET name = excluded.name, role = excluded.role
WHERE (u.name, u.role) <> (excluded.name, excluded.role)
"""
KNOWN = """
SELECT u.disabled_at IS NULL AS admitted FROM users u JOIN accounts a ON a.id = u.account_id
WHERE u.account_id = $1 AND u.id = $3 AND (a.name, u.name, u.role) = ($2, $4, $5)
"""
DISABLED = "SELECT FROM users WHERE account_id = $1 AND id = $2 AND disabled_at IS NOT NULL"


async def provision(db: Database, who: Principal) -> bool:
    """Make the account and the user that a valid token names, or bring their names and role up to date.

    Returns False, having changed nothing that matters, when the user was disabled.
    """
    args = (who.account_id, who.account_name, who.user_id, who.name, who.role)
    known = await db.row(KNOWN, *args)  # an upsert locks the account's row even where it changes nothing
    if known is not None:
        return bool(known["admitted"])
    await db.rows(PROVISION, *args)
    return await db.row(DISABLED, who.account_id, who.user_id) is None


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
INSERT INTO users (account_id, id, name, role, email, password_hash) VALUES ($1, $3, $4, $5, lower($6), $7)
ON CONFLICT (account_id, id) DO UPDATE
SET name = excluded.name, role = excluded.role, email = excluded.email, password_hash = excluded.password_hash
"""


async def save_local_user(db: Database, who: Principal, *, email: str, password_hash: str) -> None:
    """Make a user who can sign in here, or change one."""
    await db.rows(SAVE_LOCAL, who.account_id, who.account_name, who.user_id, who.name, who.role, email, password_hash)


WITHOUT_ACCESS = """
SELECT u.account_id, u.id FROM users u
JOIN unnest($1::uuid[], $2::uuid[]) AS here (account_id, id) ON u.account_id = here.account_id AND u.id = here.id
WHERE u.disabled_at IS NOT NULL
"""


async def without_access(db: Database, people: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Which of these (account, user) had their access taken away. One query."""
    rows = await db.rows(WITHOUT_ACCESS, [account for account, _ in people], [user for _, user in people])
    return {(row["account_id"], row["id"]) for row in rows}


DISABLE = "UPDATE users SET disabled_at = now() WHERE email = lower($1) AND disabled_at IS NULL RETURNING id"


async def disable(db: Database, email: str) -> bool:
    """Take a local user's access away: open connections within two seconds, sign-in at once."""
    return await db.row(DISABLE, email) is not None
