"""Long-polling where it is configured: bodies of a POST, and handshakes."""

from __future__ import annotations

import gzip

from tests.hostile.row import Poll, Row, request, upgrade

POLL = "EIO=4&transport=polling"
ME = '427["me:get",{}]'
SEPARATOR = "\x1e"

CLOSES = {
    "a separator": SEPARATOR,
    "OPEN": "0",
    "PING": "2",
    "a probe": "2probe",
    "UPGRADE": "5",
    "NOOP": "6",
    "a type that is none": "9",
    "a letter": "x",
    "an empty message": "4",
    "CLOSE": "1",
    "CLOSE and a command": SEPARATOR.join(("1", ME)),
    "DISCONNECT": "41",
    "CONNECT again": '40{"token":"$token"}',
    "base64": "bAAEC",
    "base64 that is none": "b%%%",
    "a binary event": '451-["me:get",{"_placeholder":true,"num":0}]' + SEPARATOR + "bAAEC",
    "Engine.IO 3's lengths": f"{len(ME)}:{ME}",
    "a form of JSONP": "d=" + ME,
    "an event without a name": "427[5,{}]",
    "a separator behind": ME + SEPARATOR,
    "emoji": "\U0001f600",
    "NULs": "\x00" * 100,
}

NOT_TEXT = {
    "a byte that never occurs": b"\xff",
    "a lone surrogate": b'427["\xed\xa0\x80",{}]',
    "half a character": b"4\xe2\x82",
}

SERVED = {
    "PONG": ("3", "alive"),
    "5,000 pongs": (SEPARATOR.join(["3"] * 5_000), "alive"),
    "one command": (ME, "ok"),
    "three commands": (SEPARATOR.join([ME] * 3), "ok, ok, ok"),
    "forty commands": (SEPARATOR.join([ME] * 40), ", ".join(["ok"] * 40)),
    "an unknown command": ('427["nosuch",{}]', "unknown_command"),
    "JSON that is none": ('427["me:get",NaN]', "invalid_payload"),
    "a command that is too large": ('427["me:get",{"x":"' + "x" * 70_000 + '"}]', "too_large"),
    "characters of several bytes": ('427["\u00e9\u20ac\U0001f600",{}]', "unknown_command"),
}

HANDSHAKES = {
    "without a transport": (request("GET", "/socket.io/?EIO=4", auth=None), "200"),
    "JSONP": (request("GET", f"/socket.io/?{POLL}&j=0", auth=None), "400"),
    "JSONP without a number": (request("GET", f"/socket.io/?{POLL}&j=alert(1)", auth=None), "400"),
    "Engine.IO 3": (request("GET", "/socket.io/?EIO=3&transport=polling", auth=None), "400"),
    "no version": (request("GET", "/socket.io/?transport=polling", auth=None), "400"),
    "a sid that is none": (request("GET", f"/socket.io/?{POLL}&sid=nosuch", auth=None), "400"),
    "a sid of 7,000 letters": (request("GET", f"/socket.io/?{POLL}&sid=" + "s" * 7_000, auth=None), "400"),
    "a sid on a WebSocket": (request("GET", f"/socket.io/?{POLL}&sid=$sid", auth=None), "400"),
    "a POST to a sid on a WebSocket": (request("POST", f"/socket.io/?{POLL}&sid=$sid", ME, auth=None), "400"),
    "a POST without a sid": (request("POST", f"/socket.io/?{POLL}", ME, auth=None), "400"),
    "a POST to a sid that is none": (request("POST", f"/socket.io/?{POLL}&sid=nosuch", ME, auth=None), "400"),
    "an upgrade of a sid that is none": (upgrade("EIO=4&sid=nosuch&transport=websocket"), "400"),
    "an upgrade of a sid that is upgraded": (upgrade("EIO=4&sid=$sid&transport=websocket"), "400"),
    "a page of another origin": (
        request("GET", f"/socket.io/?{POLL}", None, "Origin: https://evil.example", auth=None),
        "403",
    ),
    "a page of no origin": (request("GET", f"/socket.io/?{POLL}", None, "Origin: null", auth=None), "403"),
}

ROWS = [
    *(Row(f"POST that ends it: {name}", Poll(body.encode()), "closed") for name, body in CLOSES.items()),
    *(Row(f"POST that is not UTF-8: {name}", Poll(body), "400, closed") for name, body in NOT_TEXT.items()),
    *(Row(f"POST of {name}", Poll(body.encode()), expect) for name, (body, expect) in SERVED.items()),
    Row("POST of nothing", Poll(b""), "400, closed"),
    Row("POST of 2 MiB", Poll(b"3" * (2 << 20)), "400, closed"),
    Row("POST of a command before CONNECT", Poll(ME.encode(), greeting=""), "closed"),
    Row("POST of a bad CONNECT", Poll(b'40{"token":"x"}', greeting=""), "closed"),
    Row("POST of something gzipped", Poll(gzip.compress(ME.encode()), (("Content-Encoding", "gzip"),)), "400, closed"),
    Row("POST of something not gzipped", Poll(ME.encode(), (("Content-Encoding", "gzip"),)), "400, closed"),
    Row("POST of octets", Poll(ME.encode(), (("Content-Type", "application/octet-stream"),)), "ok"),
    *(Row(f"polling handshake: {name}", sent, expect) for name, (sent, expect) in HANDSHAKES.items()),
]
