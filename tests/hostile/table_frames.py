"""WebSocket frames (RFC 6455) that no client should send."""

from __future__ import annotations

import struct

from tests.hostile.row import BINARY, CLOSE, PING, PONG, TEXT, Row, Socket, frame

COMMAND = b'427["me:get",{}]'
UNKNOWN = '427["\u00e9\u20ac\U0001f600",{}]'.encode()
MIB = 1 << 20

FORBIDDEN = {
    **{f"text with reserved bits {rsv}": (frame(TEXT, COMMAND, rsv=rsv), 1002) for rsv in range(1, 8)},
    **{f"ping with reserved bits {rsv}": (frame(PING, rsv=rsv), 1002) for rsv in (1, 2, 4)},
    **{f"close with reserved bits {rsv}": (frame(CLOSE, rsv=rsv), 1002) for rsv in (1, 2, 4)},
    **{f"opcode {opcode}": (frame(opcode, COMMAND), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    **{f"fragmented control frame {opcode}": (frame(opcode, fin=False), 1002) for opcode in (CLOSE, PING, PONG)},
    **{f"control frame {opcode} of 126 bytes": (frame(opcode, bytes(126)), 1002) for opcode in (CLOSE, PING, PONG)},
    **{
        f"control frame {opcode} that claims 64 bits of length": (frame(opcode, b"", length=1 << 40), 1002)
        for opcode in (CLOSE, PING, PONG)
    },
    "continuation of nothing": (frame(0, COMMAND), 1002),
    "continuation of nothing, to be continued": (frame(0, COMMAND, fin=False), 1002),
    "continuation after a whole message": (frame(TEXT, b"3") + frame(0, b"x"), 1002),
    "text inside a fragmented text": (frame(TEXT, b"42", fin=False) + frame(TEXT, b"3"), 1002),
    "binary inside a fragmented text": (frame(TEXT, b"42", fin=False) + frame(BINARY, b"3"), 1002),
    "two beginnings": (frame(TEXT, b"42", fin=False) + frame(TEXT, b"3", fin=False), 1002),
    "reserved bit on a continuation": (frame(TEXT, b"42", fin=False) + frame(0, b"7", rsv=4), 1002),
    "an HTTP request": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002),
    "a TLS hello": (bytes.fromhex("16030100c8010000c40303") + bytes(200), 1002),
    "zeros": (bytes(1000), 1002),
    "ones": (b"\xff" * 1000, 1002),
    "a deflated message": (frame(TEXT, bytes.fromhex("32312a4b2d2ececccf530200"), rsv=4), 1002),
}

NOT_UTF8 = {
    "a byte that never occurs": b"\xff",
    "a stray continuation byte": b"4\x80",
    "an overlong NUL": b"4\xc0\x80",
    "an overlong slash": b"4\xe0\x80\xaf",
    "a wrong second byte": b"4\xc3\x28",
    "an unfinished character": b"4\xe2\x82",
    "a lone surrogate": b'427["\xed\xa0\x80",{}]',
    "a surrogate pair in two": b'427["\xed\xa0\xbd\xed\xb8\x80",{}]',
    "beyond Unicode": b"4\xf4\x90\x80\x80",
    "five bytes": b"4\xf8\x88\x80\x80\x80",
    "Latin-1 in a command": b'427["caf\xe9",{}]',
    "UTF-16": '427["me:get",{}]'.encode("utf-16"),
}

CLOSING = {
    **{f"code {code}": struct.pack("!H", code) for code in (1000, 1001, 1003, 1009, 3000, 4000, 4999)},
    "no code": b"",
    "a code and 123 bytes": struct.pack("!H", 1000) + b"x" * 123,
}
WRONGLY_CLOSING = {
    **{f"code {code}": struct.pack("!H", code) for code in (0, 1, 999, 1004, 1005, 1015, 1016, 2000, 2999)},
    "half a code": b"\x03",
}

HUGE = {
    "1 MiB": MIB,
    "2 GiB": 1 << 31,
    "4 GiB": 1 << 32,
    "2**62": 1 << 62,
    "2**63 - 1": (1 << 63) - 1,
    "2**63": 1 << 63,
    "2**64 - 1": (1 << 64) - 1,
}

ANSWERED = {
    # aiohttp does not look whether a client masks its frames; what they hold is read as any other.
    "an unmasked frame": (frame(TEXT, COMMAND, mask=None), "ok"),
    "a mask of zeros": (frame(TEXT, COMMAND, mask=bytes(4)), "ok"),
    "a length longer than it need be": (frame(TEXT, COMMAND, width=2), "ok"),
    "a length much longer than it need be": (frame(TEXT, COMMAND, width=8), "ok"),
    "a message in two": (frame(TEXT, COMMAND[:5], fin=False) + frame(0, COMMAND[5:]), "ok"),
    "a message in bytes": (
        frame(TEXT, COMMAND[:1], fin=False)
        + b"".join(frame(0, bytes((byte,)), fin=False) for byte in COMMAND[1:])
        + frame(0),
        "ok",
    ),
    "a message in thousands of nothings": (
        frame(TEXT, COMMAND, fin=False) + frame(0, fin=False) * 5_000 + frame(0),
        "ok",
    ),
    "a ping between fragments": (
        frame(TEXT, COMMAND[:5], fin=False) + frame(PING, b"x") + frame(0, COMMAND[5:]),
        "ok",
    ),
    "characters cut in two": (
        frame(TEXT, UNKNOWN[:6], fin=False) + frame(0, UNKNOWN[6:9], fin=False) + frame(0, UNKNOWN[9:]),
        "unknown_command",
    ),
    "two commands in one segment": (frame(TEXT, COMMAND) * 2, "ok, ok"),
    "a ping of 125 bytes": (frame(PING, bytes(125)), "alive"),
    "a pong nobody asked for": (frame(PONG, b"x"), "alive"),
    "a flood of pings": (frame(PING, b"flood") * 5_000, "alive"),
    "a flood of pongs": (frame(PONG, b"flood") * 5_000, "alive"),
}

CUT_SHORT = {
    "one byte": b"\x81",
    "a header without its mask": frame(TEXT, COMMAND)[:3],
    "half the length": b"\x81\xff\0\0",
    "half a message": frame(TEXT, COMMAND)[:12],
    "a declared 65,000 bytes of which ten come": frame(TEXT, b"42" + bytes(8), length=65_000),
    "half a ping": frame(PING, b"12345")[:8],
    "an unfinished message": frame(TEXT, COMMAND, fin=False),
}

BINARIES = {
    "nothing": b"",
    "an Engine.IO 3 message": b"\x04" + COMMAND[1:],
    "a command": COMMAND,
    "an attachment": b"\x00\x01\x02",
    "256 KiB": bytes(1 << 18),
}


def sent(data: bytes, *, greeted: bool = True, ends: bool = False) -> Socket:
    return Socket(data=data, ends=ends) if greeted else Socket(data=data, greeting="", ends=ends)


def when(greeted: bool) -> str:
    return "" if greeted else ", before CONNECT"


ROWS = [
    *(
        Row(f"forbidden: {name}{when(greeted)}", sent(data, greeted=greeted), f"closed {code}")
        for name, (data, code) in FORBIDDEN.items()
        for greeted in (True, False)
    ),
    *(
        Row(f"not UTF-8: {name}{when(greeted)}", sent(frame(TEXT, data), greeted=greeted), "closed 1007")
        for name, data in NOT_UTF8.items()
        for greeted in (True, False)
    ),
    Row("not UTF-8: over two frames", sent(frame(TEXT, b"4\xe2", fin=False) + frame(0, b"\x28\xa1")), "closed 1007"),
    *(
        Row(f"binary: {name}{when(greeted)}", sent(frame(BINARY, data), greeted=greeted), "closed")
        for name, data in BINARIES.items()
        for greeted in (True, False)
    ),
    *(Row(f"close: {name}", sent(frame(CLOSE, payload)), "closed") for name, payload in CLOSING.items()),
    *(Row(f"close: {name}", sent(frame(CLOSE, payload)), "closed 1002") for name, payload in WRONGLY_CLOSING.items()),
    Row("close: a reason that is not UTF-8", sent(frame(CLOSE, b"\x03\xe8\xff\xfe")), "closed 1007"),
    Row("close: a command behind it", sent(frame(CLOSE, b"\x03\xe8") + frame(TEXT, COMMAND)), "closed"),
    *(
        Row(
            f"claims {name}: opcode {opcode}{when(greeted)}",
            sent(frame(opcode, b"42", length=length), greeted=greeted),
            "closed 1009",
        )
        for name, length in HUGE.items()
        for opcode in (TEXT, BINARY)
        for greeted in (True, False)
    ),
    Row(
        "fragments of 1 MiB in all",
        sent(frame(TEXT, b"42", fin=False) + frame(0, bytes(1 << 16), fin=False) * 16),
        "closed 1009",
    ),
    Row("a continuation that claims 1 MiB", sent(frame(TEXT, b"4", fin=False) + frame(0, length=MIB)), "closed 1009"),
    *(
        Row(f"ends after {name}{when(greeted)}", sent(data, greeted=greeted, ends=True), "closed")
        for name, data in CUT_SHORT.items()
        for greeted in (True, False)
    ),
    *(Row(f"answered: {name}", sent(data), expect) for name, (data, expect) in ANSWERED.items()),
]
