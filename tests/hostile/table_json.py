"""JSON that RFC 8259 does not know, or knows and nobody should send; each through both doors."""

from __future__ import annotations

from tests.hostile.row import Row, packets, request

BEYOND_JSON = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "nan": "nan",
    "a plus": "+1",
    "a leading zero": "01",
    "a leading point": ".5",
    "a trailing point": "5.",
    "hexadecimal": "0x10",
    "an underscore": "1_000",
    "an empty exponent": "1e",
    "two minuses": "--1",
    "undefined": "undefined",
    "None": "None",
    "True": "True",
    "single quotes": "'x'",
    "no quotes": "x",
    "an unfinished string": '"x',
    "a raw newline": '"a\nb"',
    "a raw tab": '"a\tb"',
    "a raw NUL": '"a\x00b"',
    "a raw escape": '"a\x1bb"',
    "a lone high surrogate": '"\\ud800"',
    "a lone low surrogate": '"\\udc00"',
    "surrogates in the wrong order": '"\\udc00\\ud800"',
    "a high surrogate and a letter": '"\\ud83dx"',
    "half an escape": '"\\u12"',
    "an escape that is none": '"\\x41"',
    "a braced escape": '"\\u{1F600}"',
    "an octal escape": '"\\0"',
    "a trailing comma": '["x",]',
    "a missing comma": '["x" "y"]',
    "a missing colon": '{"x" 1}',
    "a key without quotes": "{x:1}",
    "a key of a number": "{1:1}",
    "a trailing comma in an object": '{"x":1,}',
    "a comment": '"x" /* y */',
    "a line's comment": '"x" // y\n',
    "a hash comment": '"x" # y\n',
    "nothing": "",
    "brackets that cross": "[{]}",
    "an unclosed list": "[[[",
    "10,000 open lists": "[" * 10_000,
    "10,000 lists": "[" * 10_000 + "]" * 10_000,
    "8,000 objects": '{"":' * 8_000 + "1" + "}" * 8_000,
    "a no-break space": "\u00a0",
    "a BOM": '\ufeff"x"',
    "a template": "${7*7}",
    "a function": "function(){}",
    "a date": "new Date()",
    "bytes of Python": "b'x'",
    "1e400": "1e400",
    "-1e400": "-1e400",
    "4,000 digits": "9" * 4_000,
}
"""In the place of a message's body: the text as a whole is no JSON, or holds a number beyond what a double can."""

WRONG_VALUES = {
    "-0": "-0",
    "0.0": "0.0",
    "1e-400": "1e-400",
    "2**63": "9223372036854775808",
    "2**64": "18446744073709551616",
    "0 and 4,000 digits": "0." + "9" * 4_000,
    "an escaped NUL": '"\\u0000"',
    "a NUL among letters": '"a\\u0000b"',
    "900 lists": "[" * 900 + "]" * 900,
    "900 objects": '{"":' * 900 + "1" + "}" * 900,
    "10,000 empty lists": "[" + ",".join(["[]"] * 10_000) + "]",
    "5,000 keys": "{" + ",".join(f'"{n}":0' for n in range(5_000)) + "}",
}
"""JSON, but no body."""

GOOD = '"session_id":"$session","message_id":"$new","kind":"note","body":"x"'

WHOLE = {
    "a BOM before it": "\ufeff{%s}",
    "an unfinished object": "{%s",
    "an object and more": "{%s}}",
    "two objects": "{%s}{%s}",
    "two objects, a line each": "{%s}\n{%s}",
    "a comment before it": "/* x */{%s}",
    "a trailing comma in it": "{%s,}",
    "a leading comma": "{,%s}",
    "single quotes around it": "'{%s}'",
    "XSSI's preamble": ")]}',\n{%s}",
    "a callback": "callback({%s})",
    "half of it": '{"session_id":"$session","message_',
}
"""Around a payload that is good by itself."""

ODD_BUT_JSON = {
    "white space": " \t\r\n{ %s }\n ",
    "a body given twice: the last one counts": '{%s,"body":"y"}',
    "a bad body and then a good one": '{"session_id":"$session","message_id":"$new","kind":"note","body":5,"body":"y"}',
    "escaped names": '{%s,"\\u0062ody":"y"}',
    "escaped text": '{%s,"body":"\\ud83d\\ude00\\u00e9\\/\\b\\f"}',
}

SEEN_THROUGH = {
    "an extra key of nothing": '{%s,"":1}',
    "__proto__": '{%s,"__proto__":{"role":"admin"}}',
    "constructor": '{%s,"constructor":{"prototype":{}}}',
    "a role": '{%s,"role":"admin"}',
    "an account": '{%s,"account_id":"$account"}',
    "a key with a NUL": '{%s,"\\u0000":1}',
    "a key of 10,000 characters": '{%s,"' + "k" * 10_000 + '":1}',
    "a key in capitals": '{%s,"Body":"x"}',
    "a key that only looks like one": '{%s,"b\u043edy":"x"}',
    "a key with a zero-width space": '{%s,"body\u200b":"x"}',
    "100 extra keys": "{%s," + ",".join(f'"k{n}":0' for n in range(100)) + "}",
}

POST = "/api/sessions/$session/messages"


def with_body(value: str) -> str:
    return f'{{"session_id":"$session","message_id":"$new","kind":"note","body":{value}}}'


def both(name: str, payload: str, code: str, status: str) -> list[Row]:
    return [
        Row(f"{name}, to the socket", packets(f'427["message:post",{payload}]'), code),
        Row(f"{name}, over HTTP", request("POST", POST, payload), status),
    ]


UTF = {"UTF-16": "utf-16", "UTF-32": "utf-32", "UTF-7's cousin": "utf-16-be"}

ROWS = [
    *(
        row
        for name, value in BEYOND_JSON.items()
        for row in both(f"no JSON: {name}", with_body(value), "invalid_payload", "422 invalid_payload")
    ),
    *(
        row
        for name, value in WRONG_VALUES.items()
        for row in both(f"no body: {name}", with_body(value), "invalid_payload body", "422 invalid_payload body")
    ),
    *(
        row
        for name, text in WHOLE.items()
        for row in both(f"no JSON: {name}", text.replace("%s", GOOD), "invalid_payload", "422 invalid_payload")
    ),
    *(
        row
        for name, text in ODD_BUT_JSON.items()
        for row in both(f"odd but JSON: {name}", text.replace("%s", GOOD), "ok", "201")
    ),
    *(
        row
        for name, text in SEEN_THROUGH.items()
        for row in both(f"extra: {name}", text.replace("%s", GOOD), "invalid_payload *", "422 invalid_payload *")
    ),
    *(
        Row(
            f"encoded as {name}, over HTTP",
            request("POST", POST, with_body('"x"').encode(encoding)),
            "422 invalid_payload",
        )
        for name, encoding in UTF.items()
    ),
    Row(
        "not UTF-8, over HTTP",
        request("POST", POST, with_body('"%"').encode().replace(b"%", b"\xff")),
        "422 invalid_payload",
    ),
    Row(
        "a surrogate's bytes, over HTTP",
        request("POST", POST, with_body('"%"').encode().replace(b"%", b"\xed\xa0\x80")),
        "422 invalid_payload",
    ),
    Row(
        "an overlong NUL, over HTTP",
        request("POST", POST, with_body('"%"').encode().replace(b"%", b"\xc0\x80")),
        "422 invalid_payload",
    ),
]
