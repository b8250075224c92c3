"""Payloads of the right form, at the edge of what is allowed and about what is not there."""

from __future__ import annotations

from tests.hostile.row import Row, command
from tests.hostile.table_payloads import sender

NO_SUCH_THING = {
    "session:get": '{"session_id":"$new"}',
    "session:join": '{"session_id":"$new"}',
    "session:history": '{"session_id":"$new"}',
    "session:close": '{"session_id":"$new","resolution":"R"}',
    "session:status_update": '{"session_id":"$session","context":"escalation"}',
    "typing": '{"session_id":"$session","typing":true}',
    "message:post": '{"session_id":"$new","message_id":"$new","kind":"note","body":"B"}',
    "task:add": '{"session_id":"$new","task_id":"$new","title":"T"}',
    "task:update": '{"session_id":"$session","task_id":"$new","version":1,"state":"done"}',
    "handoff:create": '{"handoff_id":"$new","session_id":"$new","severity":"low","reason":"risk","ask":"A"}',
    "handoff:claim": '{"handoff_id":"$new","claim_id":"$new"}',
    "handoff:release": '{"handoff_id":"$new","fencing_token":1,"note":"N"}',
    "handoff:reassign": '{"handoff_id":"$owned","fencing_token":1,"to_user_id":"$new","note":"N"}',
    "handoff:resolve": '{"handoff_id":"$new","fencing_token":1,"outcome":"vendor","note":"N"}',
    "handoff:withdraw": '{"handoff_id":"$new","reason":"other"}',
    "handoff:start": '{"handoff_id":"$new","fencing_token":1,"mode":"own_thing"}',
    "handoff:get": '{"handoff_id":"$new"}',
    "room:events": '{"kind":"session","id":"$new"}',
}

AT_THE_EDGE = {
    "after of 2**63 - 1": (
        "session:join",
        '{"session_id":"$session","after":9223372036854775807,"epoch":"$epoch"}',
        "ok",
    ),
    "after of 2**63 - 1 in the queue": ("queue:join", '{"after":9223372036854775807,"epoch":"$epoch"}', "ok"),
    "after of 2**63 - 1 in the log": (
        "room:events",
        '{"kind":"session","id":"$session","after":9223372036854775807}',
        "ok",
    ),
    "before of 2**63 - 1": ("session:history", '{"session_id":"$session","before":9223372036854775807}', "ok"),
    "before of zero": ("session:history", '{"session_id":"$session","before":0}', "ok"),
    "before of no message": ("session:history", '{"session_id":"$session","before":"$new"}', "ok"),
    "before of no session": ("session:list", '{"before":"$new"}', "ok"),
    "an epoch that never was": ("session:join", '{"session_id":"$session","after":0,"epoch":"$new"}', "ok"),
    "an id in braces": ("session:get", '{"session_id":"{$session}"}', "ok"),
    "an id as an URN": ("session:get", '{"session_id":"urn:uuid:$session"}', "ok"),
    "an id of nothing": ("session:get", '{"session_id":"00000000-0000-0000-0000-000000000000"}', "not_found"),
    "an id of everything": ("session:get", '{"session_id":"ffffffff-ffff-ffff-ffff-ffffffffffff"}', "not_found"),
    "somebody else's queue": ("room:events", '{"kind":"escalations","id":"$new"}', "not_found"),
    "another account's session": ("session:get", '{"session_id":"$foreign_session"}', "not_found"),
    "another account's log": ("room:events", '{"kind":"session","id":"$foreign_session"}', "not_found"),
    "another account's room": ("session:join", '{"session_id":"$foreign_session"}', "not_found"),
    "another account's session to write to": (
        "message:post",
        '{"session_id":"$foreign_session","message_id":"$new","kind":"note","body":"B"}',
        "not_found",
    ),
    "a message's id that is taken": (
        "message:post",
        '{"session_id":"$session","message_id":"$message","kind":"note","body":"another"}',
        "id_conflict",
    ),
    "a session's id that is taken": (
        "session:create",
        '{"session_id":"$session","title":"T","client_name":"C","problem":"P"}',
        "id_conflict",
    ),
    "the latest version": (
        "task:update",
        '{"session_id":"$session","task_id":"$task","version":2147483646,"state":"done"}',
        "id_conflict",
    ),
    "a task changed into nothing": (
        "task:update",
        '{"session_id":"$session","task_id":"$task","version":1}',
        "invalid_payload",
    ),
    "the greatest fencing token": (
        "handoff:release",
        '{"handoff_id":"$owned","fencing_token":9223372036854775807,"note":"N"}',
        "not_owner",
    ),
    "the greatest fencing token, to reassign": (
        "handoff:reassign",
        '{"handoff_id":"$owned","fencing_token":9223372036854775807,"to_user_id":"$senior","note":"N"}',
        "not_owner",
    ),
    "the greatest fencing token, to post": (
        "message:post",
        '{"session_id":"$owned_session","message_id":"$new","kind":"note","body":"B","fencing_token":9223372036854775807}',
        "ok",
    ),
    "no fencing token": (
        "handoff:resolve",
        '{"handoff_id":"$owned","fencing_token":0,"outcome":"vendor","note":"N"}',
        "not_owner",
    ),
    "one's own handoff": ("handoff:claim", '{"handoff_id":"$waiting","claim_id":"$new"}', "self_claim"),
    "another person's token": ("auth:renew", '{"token":"$senior_token"}', "unauthorized"),
}
"""What is asked, and what is answered."""

ROWS = [
    *(
        Row(f"{name} of nothing there is", command(name, text, by=sender(name)), "not_found")
        for name, text in NO_SUCH_THING.items()
    ),
    *(Row(f"{name}: {why}", command(name, text), expect) for why, (name, text, expect) in AT_THE_EDGE.items()),
]
