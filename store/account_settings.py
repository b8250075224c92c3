"""What an account's admins say of it, and who said what when."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import orjson

from store.db import Database
from store.errors import Refusal
from store.events import refusal
from store.models import Answer, Json, Principal

GET = """
SELECT account_settings(a)::text AS settings, w.secret FROM accounts a LEFT JOIN webhooks w ON w.account_id = a.id
WHERE a.id = $1
"""


async def get(db: Database, account_id: UUID) -> Answer:
    """`{settings, webhook_secret}`; the secret is null where there is no webhook."""
    row = await db.row(GET, account_id)
    if row is None:
        raise Refusal("not_found")
    return Answer({"settings": Json(row["settings"]), "webhook_secret": row["secret"]})


# What was asked lies over what was set. A webhook tells what happens from now on; another address keeps the secret.
UPDATE = """
WITH seen AS MATERIALIZED (SELECT a.version FROM accounts a WHERE a.id = $1),
target AS MATERIALIZED (
    SELECT a, account_settings(a) AS before FROM accounts a WHERE id = $1 AND (SELECT count(*) FROM seen) = 1 FOR UPDATE
),
wanted AS MATERIALIZED (
    SELECT t.a, t.before, t.before || $5::jsonb || jsonb_build_object('version', (t.a).version + 1) AS after
    FROM target t
),
verdict AS MATERIALIZED (
    SELECT w.*, CASE
               WHEN (w.a).version <> (SELECT version FROM seen) THEN 'again'  -- it saw too little of who was first
               WHEN EXISTS (SELECT FROM account_changes c WHERE c.account_id = $1 AND c.version = $4::integer + 1
                            AND c.by = $2 AND c.asked = $5::jsonb) THEN 'replayed'
               WHEN (w.a).version <> $4 THEN 'id_conflict'
               WHEN w.before - 'version' = w.after - 'version' THEN 'unchanged'
               ELSE 'ok'
           END AS verdict
    FROM wanted w
),
changed AS (
    UPDATE accounts a
    SET version = a.version + 1, claim_targets = v.after -> 'claim_targets_s',
        claim_roles = ARRAY(SELECT jsonb_array_elements_text(v.after -> 'claim_roles')),
        handoff_ttl = make_interval(secs => (v.after ->> 'expires_after_s')::float8),
        nudge_after = make_interval(secs => (v.after ->> 'nudge_after_s')::float8),
        release_idle = (v.after ->> 'release_idle')::boolean
    FROM verdict v WHERE a.id = $1 AND v.verdict = 'ok'
),
hooked AS (
    INSERT INTO webhooks AS w (account_id, url, secret, seq)
    SELECT $1, v.after ->> 'webhook_url', $6, coalesce((
        SELECT r.seq FROM rooms r WHERE r.account_id = $1 AND r.name = 'escalations:' || $1::uuid), 0)
    FROM verdict v WHERE v.verdict = 'ok' AND v.after ->> 'webhook_url' IS NOT NULL
    ON CONFLICT (account_id) DO UPDATE SET url = excluded.url, failures = 0, next_at = now()
    RETURNING w.secret
),
hurried AS (
    UPDATE webhook_messages m SET next_at = now() FROM verdict v
    WHERE m.account_id = $1 AND v.verdict = 'ok' AND v.before -> 'webhook_url' <> v.after -> 'webhook_url'
),
unhooked AS (
    DELETE FROM webhooks w USING verdict v
    WHERE w.account_id = $1 AND v.verdict = 'ok' AND v.after ->> 'webhook_url' IS NULL
),
recorded AS (
    INSERT INTO account_changes (account_id, version, at, by, by_name, asked, before, after)
    SELECT $1, $4 + 1, clock_timestamp(), $2, $3, $5, v.before, v.after FROM verdict v WHERE v.verdict = 'ok'
)
SELECT v.verdict, CASE v.verdict WHEN 'ok' THEN v.after ELSE v.before END::text AS settings,
       jsonb_build_object('settings', v.before)::text AS details,
       CASE v.verdict WHEN 'ok' THEN (SELECT h.secret FROM hooked h)
            ELSE (SELECT w.secret FROM webhooks w WHERE w.account_id = $1) END AS secret
FROM verdict v
"""


async def update(db: Database, who: Principal, version: int, asked: Mapping[str, object], *, secret: str) -> Answer:
    """Change what is `asked`, as `get` names it, if the settings still have the `version` the caller saw.

    Every change is kept with who made it. `secret` is for a webhook that is new.

    Raises:
        Refusal: `id_conflict {settings}`.
    """
    body = orjson.dumps(asked).decode()
    row = await db.decide(UPDATE, who.account_id, who.user_id, who.name, version, body, secret)
    if row["verdict"] == "id_conflict":
        raise refusal("id_conflict", row["details"])
    return Answer({"settings": Json(row["settings"]), "webhook_secret": row["secret"]})


CHANGES = """
SELECT c.version, jsonb_build_object('version', c.version, 'at', wire_time(c.at), 'by', person(c.by, c.by_name),
                                     'before', c.before, 'after', c.after)::text AS change
FROM account_changes c WHERE c.account_id = $1 AND ($2::integer IS NULL OR c.version < $2)
ORDER BY c.version DESC LIMIT $3
"""


async def changes(db: Database, account_id: UUID, *, before: int | None, limit: int) -> Answer:
    """Who changed what, the newest first; `next` is the following `before`."""
    rows = await db.rows(CHANGES, account_id, before, limit + 1)
    page = rows[:limit]
    more = page[-1]["version"] if len(rows) > limit else None
    return Answer({"changes": [Json(row["change"]) for row in page], "next": more})
