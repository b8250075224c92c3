"""Every field of every command with what it must not hold."""

from __future__ import annotations

import json

from tests.hostile.row import Row, Who, command, request

NOT_TEXT = {
    "a number": "5",
    "null": "null",
    "a list": "[]",
    "an object": "{}",
    "true": "true",
    "a list of text": '["x"]',
}
BLANK = {
    "nothing": '""',
    "a space": '" "',
    "line ends": '"\\r\\n\\t"',
    "a no-break space": '"\u00a0"',
    "an ideographic space": '"\u3000"',
}
NUL = {"NUL": '"\\u0000"', "NUL at the end": '"x\\u0000"', "NUL among letters": '"a\\u0000b"'}


def longer_than(limit: int) -> dict[str, str]:
    return {
        f"{limit + 1} letters": json.dumps("x" * (limit + 1)),
        f"{limit} letters and a NUL": json.dumps("x" * limit + "\0"),
    }


INTEGER = {
    "text": '"1"',
    "a fraction": "1.5",
    "a float": "1.0",
    "an exponent": "1e0",
    "minus one": "-1",
    "-2**63": "-9223372036854775808",
    "2**63": "9223372036854775808",
    "2**64": "18446744073709551616",
    "true": "true",
    "a list": "[1]",
    "an object": "{}",
    "nothing": '""',
}
CHOICE = {
    "nothing": '""',
    "another": '"nosuch"',
    "a number": "0",
    "a list": "[]",
    "a space behind": '"%s "',
    "capitals": '"%S"',
}

ID = {
    "a number": "5",
    "null": "null",
    "nothing": '""',
    "true": "true",
    "a list": '["$new"]',
    "an object": '{"id":"$new"}',
    "words": '"not-a-uuid"',
    "one digit short": '"00000000-0000-4000-8000-00000000000"',
    "one digit more": '"00000000-0000-4000-8000-0000000000000"',
    "a digit that is none": '"00000000-0000-4000-8000-00000000000g"',
    "Arabic digits": '"\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660-0000-4000-8000-000000000000"',
    "a space before": '" $new"',
    "a newline behind": '"$new\\n"',
    "a NUL behind": '"$new\\u0000"',
    "one brace": '"{$new"',
    "a wildcard": '"%"',
    "SQL": '"\' OR 1=1 --"',
    "a path": '"../../$new"',
    "10,000 letters": json.dumps("x" * 10_000),
}

TAG = (
    NOT_TEXT
    | {
        "nothing": '""',
        "no kind": '"mail"',
        "another kind": '"team:mail"',
        "no name": '"skill:"',
        "a space": '"skill: "',
    }
    | {"NUL": '"skill:\\u0000"', "two lines": '"skill:a\\nb"', "51 letters": json.dumps("skill:" + "x" * 51)}
)

BAD: dict[str, dict[str, str]] = {
    "id": ID,
    "line": NOT_TEXT | BLANK | NUL | longer_than(200),
    "paragraph": NOT_TEXT | BLANK | NUL | longer_than(4_000),
    "body": NOT_TEXT | BLANK | NUL | longer_than(32_000),
    "text": NOT_TEXT | NUL | longer_than(4_000),
    "counter": INTEGER | {"null": "null"},
    "version": INTEGER | {"null": "null", "zero": "0", "2**31 - 1": "2147483647"},
    "page": INTEGER | {"null": "null", "zero": "0", "201": "201"},
    "choice": CHOICE | {"null": "null"},
    "bool": {"text": '"true"', "one": "1", "zero": "0", "null": "null", "a list": "[]", "nothing": '""'},
    "cursor": {why: bad for why, bad in ID.items() if why != "a number"}
    | {"minus one": "-1", "2**63": "9223372036854775808", "a fraction": "1.5"},
    "tag": TAG,
    "tags": {why: f"[{bad}]" for why, bad in TAG.items()}
    | {"text": '"skill:mail"', "null": "null", "eleven": json.dumps(["skill:mail"] * 11)},
    "moment": NOT_TEXT
    | {
        "nothing": '""',
        "another century": '"1999-12-31"',
        "the 30th of February": '"2026-02-30"',
        "the 25th hour": '"2026-01-01T25:00:00Z"',
        "no zone": '"2026-01-01T00:00:00"',
        "a year": '"2026"',
        "seconds since 1970": '"1767225600"',
        "Arabic digits": '"20\u0662\u0666-01-01"',
        "a newline behind": '"2026-01-01\\n"',
    },
    "zone": NOT_TEXT
    | {
        "nothing": '""',
        "another planet": '"Mars/Olympus"',
        "a folder": '"Europe"',
        "a path": '"../../etc/passwd"',
        "an offset": '"+01:00"',
        "a NUL": '"UTC\\u0000"',
        "10,000 letters": json.dumps("x" * 10_000),
    },
    "token": NOT_TEXT | {"nothing": '""', "8,193 letters": json.dumps("x" * 8_193)},
}
"""What a field of that kind must not hold, as JSON."""

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "session:create": {
        "session_id": ("id", '"$new"'),
        "title": ("line", '"T"'),
        "client_name": ("line", '"C"'),
        "problem": ("body", '"P"'),
    },
    "session:list": {
        "status?": ("choice", '"open"'),
        "mine": ("bool", "false"),
        "before?": ("id", '"$session"'),
        "limit": ("page", "5"),
    },
    "session:get": {"session_id": ("id", '"$session"')},
    "session:join": {"session_id": ("id", '"$session"'), "after?": ("counter", "0"), "epoch?": ("id", '"$new"')},
    "session:leave": {"session_id": ("id", '"$session"')},
    "session:history": {"session_id": ("id", '"$session"'), "before?": ("cursor", "9"), "limit": ("page", "5")},
    "session:close": {
        "session_id": ("id", '"$session"'),
        "resolution": ("paragraph", '"R"'),
        "force": ("bool", "false"),
    },
    "session:status_update": {"session_id": ("id", '"$owned_session"'), "context": ("choice", '"escalation"')},
    "typing": {"session_id": ("id", '"$session"'), "typing": ("bool", "true")},
    "presence:set": {"state": ("choice", '"away"'), "handoff_id?": ("id", '"$waiting"')},
    "message:post": {
        "session_id": ("id", '"$session"'),
        "message_id": ("id", '"$new"'),
        "body": ("body", '"B"'),
        "kind": ("choice", '"note"'),
        "fencing_token?": ("counter", "1"),
        "ask": ("bool", "true"),
    },
    "task:add": {
        "session_id": ("id", '"$session"'),
        "task_id": ("id", '"$new"'),
        "title": ("line", '"T"'),
        "detail?": ("text", '"D"'),
        "fencing_token?": ("counter", "1"),
    },
    "task:update": {
        "session_id": ("id", '"$session"'),
        "task_id": ("id", '"$task"'),
        "version": ("version", "1"),
        "state?": ("choice", '"done"'),
        "result?": ("text", '"R"'),
        "title?": ("line", '"T"'),
        "fencing_token?": ("counter", "1"),
    },
    "handoff:create": {
        "handoff_id": ("id", '"$new"'),
        "session_id": ("id", '"$session"'),
        "severity": ("choice", '"high"'),
        "reason": ("choice", '"skill"'),
        "ask": ("paragraph", '"A"'),
        "note?": ("paragraph", '"N"'),
    },
    "handoff:claim": {"handoff_id": ("id", '"$waiting"'), "claim_id": ("id", '"$new"')},
    "handoff:release": {
        "handoff_id": ("id", '"$owned"'),
        "fencing_token": ("counter", "1"),
        "note": ("paragraph", '"N"'),
    },
    "handoff:reassign": {
        "handoff_id": ("id", '"$owned"'),
        "fencing_token": ("counter", "1"),
        "to_user_id": ("id", '"$senior"'),
        "note": ("paragraph", '"N"'),
    },
    "handoff:resolve": {
        "handoff_id": ("id", '"$owned"'),
        "fencing_token": ("counter", "1"),
        "outcome": ("choice", '"vendor"'),
        "note": ("paragraph", '"N"'),
    },
    "handoff:withdraw": {"handoff_id": ("id", '"$waiting"'), "reason": ("choice", '"mistake"')},
    "handoff:start": {
        "handoff_id": ("id", '"$owned"'),
        "fencing_token": ("counter", "1"),
        "mode": ("choice", '"own_thing"'),
    },
    "handoff:tag": {
        "handoff_id": ("id", '"$waiting"'),
        "version": ("version", "1"),
        "tags": ("tags", '["skill:mail"]'),
    },
    "handoff:log": {"handoff_id": ("id", '"$waiting"'), "after": ("counter", "0")},
    "handoff:get": {"handoff_id": ("id", '"$waiting"')},
    "queue:join": {"after?": ("counter", "0"), "epoch?": ("id", '"$new"')},
    "queue:leave": {},
    "queue:get": {"tag?": ("tag", '"skill:mail"')},
    "queue:metrics": {
        "from?": ("moment", '"2026-01-01"'),
        "to?": ("moment", '"2026-02-01T00:00Z"'),
        "tz": ("zone", '"UTC"'),
    },
    "queue:metrics_handoffs": {
        "figure": ("choice", '"created"'),
        "from?": ("moment", '"2026-01-01"'),
        "to?": ("moment", '"2026-02-01T00:00Z"'),
        "tz": ("zone", '"UTC"'),
        "severity?": ("choice", '"high"'),
        "reason?": ("choice", '"skill"'),
        "before?": ("id", '"$waiting"'),
        "limit": ("page", "5"),
    },
    "room:events": {"kind": ("choice", '"session"'), "id": ("id", '"$session"'), "after": ("counter", "0")},
    "me:get": {},
    "auth:renew": {"token": ("token", '"$token"')},
}
"""Each field's kind, and a value that is good. What has a `?` may be null, and is optional as `DEFAULTED` is."""

DEFAULTED = {
    ("session:list", "mine"),
    ("session:list", "limit"),
    ("session:history", "limit"),
    ("session:close", "force"),
    ("message:post", "ask"),
    ("queue:metrics", "tz"),
    ("queue:metrics_handoffs", "tz"),
    ("queue:metrics_handoffs", "limit"),
    ("room:events", "after"),
    ("handoff:log", "after"),
}

OWNERS = {"handoff:release", "handoff:reassign", "handoff:resolve", "handoff:start", "handoff:claim"}

NOT_AN_OBJECT = {"null": "null", "a list": "[]", "a list of it": "[%s]", "text": '"x"', "a number": "0", "true": "true"}

ROUTES = {
    "session:create": ("POST", "/api/sessions", ()),
    "session:close": ("POST", "/api/sessions/$session/close", ("session_id",)),
    "session:status_update": ("POST", "/api/sessions/$owned_session/status-update", ("session_id",)),
    "message:post": ("POST", "/api/sessions/$session/messages", ("session_id",)),
    "task:add": ("POST", "/api/sessions/$session/tasks", ("session_id",)),
    "task:update": ("PATCH", "/api/sessions/$session/tasks/$task", ("session_id", "task_id")),
    "handoff:create": ("POST", "/api/sessions/$session/handoffs", ("session_id",)),
    "handoff:claim": ("POST", "/api/handoffs/$waiting/claim", ("handoff_id",)),
    "handoff:release": ("POST", "/api/handoffs/$owned/release", ("handoff_id",)),
    "handoff:reassign": ("POST", "/api/handoffs/$owned/reassign", ("handoff_id",)),
    "handoff:resolve": ("POST", "/api/handoffs/$owned/resolve", ("handoff_id",)),
    "handoff:withdraw": ("POST", "/api/handoffs/$waiting/withdraw", ("handoff_id",)),
    "handoff:start": ("POST", "/api/handoffs/$owned/start", ("handoff_id",)),
    "handoff:tag": ("PUT", "/api/handoffs/$waiting/tags", ("handoff_id",)),
}
"""Where HTTP serves the commands that write, and which fields the path names."""


def payload(fields: dict[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"


def good(name: str) -> dict[str, str]:
    return {field.rstrip("?"): value for field, (_, value) in COMMANDS[name].items()}


def sender(name: str) -> Who:
    return "senior" if name in OWNERS else "engineer"


def sent(name: str, text: str, expect: str, why: str) -> Row:
    return Row(f"{name}: {why}", command(name, text, by=sender(name)), expect)


def bad_values(kind: str, value: str, *, nullable: bool) -> dict[str, str]:
    bare = value.strip('"')
    filled = {why: bad.replace("%s", bare).replace("%S", bare.upper()) for why, bad in BAD[kind].items()}
    return {why: bad for why, bad in filled.items() if not (nullable and bad == "null")}


def wrong_fields() -> list[Row]:
    return [
        sent(
            name,
            payload(good(name) | {field.rstrip("?"): bad}),
            f"invalid_payload {field.rstrip('?')}",
            f"{field.rstrip('?')} of {why}",
        )
        for name, fields in COMMANDS.items()
        for field, (kind, value) in fields.items()
        for why, bad in bad_values(kind, value, nullable=field.endswith("?")).items()
    ]


def missing_fields() -> list[Row]:
    return [
        sent(
            name,
            payload({other: value for other, value in good(name).items() if other != field}),
            f"invalid_payload {field}",
            f"without {field}",
        )
        for name, fields in COMMANDS.items()
        for field in fields
        if not field.endswith("?") and (name, field) not in DEFAULTED
    ]


def wrong_payloads() -> list[Row]:
    return [
        sent(name, text.replace("%s", payload(good(name))), "invalid_payload", f"{why} for a payload")
        for name in COMMANDS
        for why, text in NOT_AN_OBJECT.items()
    ]


def extra_fields() -> list[Row]:
    return [
        sent(name, payload(good(name) | {"extra": "1"}), "invalid_payload extra", "an extra field") for name in COMMANDS
    ]


def over_http() -> list[Row]:
    rows = []
    for name, (method, path, named) in ROUTES.items():
        fields = {field: value for field, value in good(name).items() if field not in named}
        sending = {
            "an extra field": (payload(fields | {"extra": "1"}), " extra"),
            "a list": (f"[{payload(fields)}]", ""),
            "another id than the path's": (
                payload(fields | {(named or ("session_id",))[0]: '"x"'}),
                f" {(named or ('session_id',))[0]}",
            ),
        }
        sending |= {f"{field} of an object": (payload(fields | {field: "{}"}), f" {field}") for field in fields}
        rows += [
            Row(f"{name} over HTTP: {why}", request(method, path, body, by=sender(name)), f"422 invalid_payload{loc}")
            for why, (body, loc) in sending.items()
        ]
    return rows


ROWS = [
    *wrong_fields(),
    *missing_fields(),
    *extra_fields(),
    *wrong_payloads(),
    *over_http(),
    *(
        Row(f"{name} by a viewer", command(name, payload(good(name)), by="viewer"), "role_required")
        for name in [*ROUTES, "typing"]
        if name != "session:status_update"
    ),
]
