"""Socket.IO packets: types, attachments, namespaces, ids, names, and their order."""

from __future__ import annotations

import json

from tests.hostile.row import WELCOME, Row, Socket, command, frame, packets

ME = '["me:get",{}]'

TYPES = [
    "40", "40{}", "40/,", "40/admin,", '40/admin,{"token":"$token"}', "41", "41/admin,", "43", "43[]", "437[]",
    "437[{}]", '434["ok"]', '44{"message":"no"}', "45", '451-["me:get",{"_placeholder":true,"num":0}]', "450-[]",
    '4599-["x"]', "46", '461-7[{"_placeholder":true,"num":0}]', "47", "48", "49", "4a[]", "4 2[]", "4\u00b2[]",
    "4-2[]", "4[]", "4{}",
]  # fmt: skip

ATTACHMENTS = {
    "one": f"421-7{ME}",
    "ten digits": f"429999999999-7{ME}",
    "eleven digits": f"4299999999999-7{ME}",
    "100 digits": f"42{'9' * 100}-7{ME}",
    "a superscript": f"42\u00b2-7{ME}",
    "Arabic digits": f"42\u0661-7{ME}",
    "placeholder without attachment": '421-7["me:get",{"_placeholder":true,"num":0}]',
    "placeholder out of range": '421-7["me:get",{"_placeholder":true,"num":-1}]',
}

PLACEHOLDERS = {
    "a placeholder": '{"_placeholder":true,"num":0}',
    "a placeholder in a field": '{"a":{"_placeholder":true,"num":0}}',
    "placeholders all the way down": '{"a":[{"_placeholder":true,"num":{"_placeholder":true,"num":0}}]}',
}

NAMESPACES = {
    "another": f"42/admin,7{ME}",
    "without a comma": "42/admin",
    "alone": "42/",
    "escaped": f"42%2F,7{ME}",
    "with a NUL": f"42/\x00,7{ME}",
    "two": f"42/,/admin,7{ME}",
    "10 KB": f"42/{'n' * 10_000},7{ME}",
    "__proto__": f"42/__proto__,7{ME}",
}

SHAPES = [
    "42", "427", "42[]", "427[]", "42{}", "427{}", '427{"0":"me:get","1":{}}', '427"me:get"', "427null", "427true",
    "427[null]", "427[5,{}]", "427[1.5,{}]", "427[true,{}]", "427[[],{}]", "427[{},{}]", '427[["me:get"],{}]',
    "42[null]", "42[{}]", "427[[[[]]]]", "42\x00",
]  # fmt: skip

UNREADABLE = [
    '42["me:get",{}',
    "42[,]",
    "42[undefined]",
    "42['me:get']",
    "42[NaN]",
    '42["\\ud800"]',
    "42[" * 5_000,
    '42\ufeff["me:get"]',
]

IDS = {
    "zero": "0",
    "fifteen digits": "9" * 15,
    "2**53": str(2**53),
    "2**64": str(2**64),
    "100 digits": "9" * 100,
    "leading zeros": "007",
}

UNUSABLE_IDS = {
    "101 digits": "9" * 101,
    "10,000 digits": "9" * 10_000,
    "a superscript": "\u00b2",
    "negative": "-7",
    "a point": "1.5",
    "an exponent": "1e3",
    "hexadecimal": "0x7",
    "quoted": '"7"',
    "a space": " 7 ",
    "a NUL": "7\x00",
}

NAMES = [
    "connect", "disconnect", "connect_error", "disconnecting", "newListener", "removeListener", "error", "message",
    "*", "", " ", "hello", "presence", "__proto__", "constructor", "toString", "prototype", "__class__", "__init__",
    "me:get ", " me:get", "ME:GET", "me:get\u0000", "me\u2236get", "me.get", "me:get:", ":", "message:posted",
    "handoff:claimed", "server:draining", "auth:expired", "session:<uuid>", "\U0001f600", "\u202eteg:em", "../me:get",
    "me:get;DROP TABLE users", "%s%s%n", "{}", "null", "n" * 10_000, "\u00e9" * 10_000,
]  # fmt: skip

ARGUMENTS = {
    "none": '427["me:get"]',
    "two": '427["me:get",{},{}]',
    "a thousand": f'427["me:get",{",".join(["{}"] * 1_000)}]',
    "two, the first null": '427["me:get",null,{}]',
    "text": '427["me:get","{}"]',
}

ORDER: dict[str, tuple[Socket, str]] = {
    "CONNECT and commands in one segment": (
        packets(WELCOME, f"421{ME}", f"422{ME}", greeting=""),
        "connected, ok, ok",
    ),
    "a command before CONNECT": (packets(f"427{ME}", greeting=""), "closed"),
    "a command and CONNECT": (packets(f"427{ME}", WELCOME, greeting=""), "closed"),
    "an unreadable command before CONNECT": (packets("427[NaN]", greeting=""), "closed"),
    "a command that is too large before CONNECT": (packets("427[" + "x" * 70_000, greeting=""), "closed"),
    "an ack before CONNECT": (packets("437[]", greeting=""), "closed"),
    "DISCONNECT before CONNECT": (packets("41", greeting=""), "closed"),
    "CONNECT twice at once": (packets(WELCOME, WELCOME, greeting=""), "connected, closed"),
    "CONNECT again": (packets(WELCOME), "closed"),
    "CONNECT to another namespace as well": (packets('40/x,{"token":"$token"}', f"427{ME}"), "closed"),
    "CONNECT with attachments": (packets('401-{"token":"$token"}', greeting=""), "closed"),
    "CONNECT refused, then a good one": (
        packets("40{}", WELCOME, f"427{ME}", greeting=""),
        "refused unauthorized, closed",
    ),
    "a good CONNECT behind a foreign namespace": (
        packets("40/x,{}", WELCOME, f"427{ME}", greeting=""),
        "refused unauthorized, closed",
    ),
    "DISCONNECT, then a command": (packets("41", f"427{ME}"), "closed"),
    "DISCONNECT, then CONNECT": (packets("41", WELCOME, f"427{ME}"), "closed"),
    "a command, then DISCONNECT": (packets(f"427{ME}", "41"), "ok, closed"),
    "a refusal, then DISCONNECT": (packets('427["x",{}]', "41"), "unknown_command, closed"),
    "the same id twice": (packets(f"427{ME}", f"427{ME}"), "ok, ok"),
    "a command, then rubbish, then a command": (packets(f"427{ME}", "4x", f"428{ME}"), "ok, closed"),
    "no id to answer to": (packets(f"42{ME}"), "alive"),
    "no id to answer to, and no such command": (packets('42["nosuch",{}]'), "alive"),
    "no id to answer to, and a bad payload": (packets('42["message:post",{"body":5}]'), "alive"),
    "no id to answer to, and too large": (packets("42[" + "x" * 70_000), "closed"),
}

FOREIGN = {
    "without a comma": "40/admin",
    "with one": "40/admin,",
    "with a good token": '40/admin,{"token":"$token"}',
    "with a query": '40/admin?token=$token,{"token":"$token"}',
    "10 KB": f"40/{'n' * 10_000},{{}}",
    "quotes": '40/",{}',
    "markup": "40/<script>,{}",
    "a NUL": "40/\x00,{}",
    "emoji": "40/\U0001f600,{}",
}

OURS = {
    "written out": '40/,{"token":"$token"}',
    "with a query": '40/?x=y,{"token":"$token"}',
    "with an id": '407{"token":"$token"}',
    "a token among other things": '40{"x":[1,{}],"token":"$token","token2":null}',
}


def sized(size: int, ack: str = "7") -> str:
    """An EVENT of so many bytes, without Engine.IO's own."""
    head, tail = f'2{ack}["me:get",{{"x":"', '"}]'
    return f"4{head}{'x' * (size - len(head) - len(tail))}{tail}"


SIZES = {
    "64 KiB": (packets(sized(1 << 16)), "invalid_payload x"),
    "64 KiB and one byte": (packets(sized((1 << 16) + 1)), "too_large"),
    "64 KiB of characters, more of bytes": (
        command("me:get", json.dumps({"x": "\u00e9" * 40_000}, ensure_ascii=False)),
        "too_large",
    ),
    "1 MiB less one byte": (packets(sized((1 << 20) - 2)), "too_large"),
    "1 MiB": (packets(sized((1 << 20) - 1)), "closed 1009"),
    "64 KiB and an id of twenty digits": (packets(sized((1 << 16) + 1, "1" * 20)), "closed"),
    "64 KiB of an ack": (packets("437[" + "x" * 70_000), "closed"),
    "64 KiB of digits": (packets("42" + "7" * 70_000), "closed"),
}

ROWS = [
    *(Row(f"type: {packet[:20]!a}", packets(packet), "closed") for packet in TYPES),
    *(Row(f"attachments: {name}", packets(packet), "closed") for name, packet in ATTACHMENTS.items()),
    Row("attachments: none, written out", packets(f"420-7{ME}"), "ok"),
    *(
        Row(f"data: {name}", command("me:get", data), f"invalid_payload {'a' if 'a' in data[:3] else '_placeholder'}")
        for name, data in PLACEHOLDERS.items()
    ),
    *(Row(f"namespace: {name}", packets(packet), "closed") for name, packet in NAMESPACES.items()),
    Row("namespace: ours, written out", packets(f"42/,7{ME}"), "ok"),
    Row("namespace: ours, with a query", packets(f"42/?a=b,7{ME}"), "ok"),
    *(Row(f"shape: {packet[:20]!a}", packets(packet), "closed") for packet in SHAPES),
    *(Row(f"unreadable: {packet[:20]!a}", packets(packet), "closed") for packet in UNREADABLE),
    *(Row(f"id: {name}", packets(f"42{sent}{ME}"), "ok") for name, sent in IDS.items()),
    *(Row(f"id: {name}", packets(f"42{sent}{ME}"), "closed") for name, sent in UNUSABLE_IDS.items()),
    *(Row(f"name: {name[:30]!a}", command(name, "{}"), "unknown_command") for name in NAMES),
    *(Row(f"arguments: {name}", packets(packet), "invalid_payload") for name, packet in ARGUMENTS.items()),
    *(Row(f"order: {name}", sent, expect) for name, (sent, expect) in ORDER.items()),
    *(
        Row(f"CONNECT to a foreign namespace: {name}", packets(packet, greeting=""), "refused unauthorized, closed")
        for name, packet in FOREIGN.items()
    ),
    *(Row(f"CONNECT to ours: {name}", packets(packet, greeting=""), "connected") for name, packet in OURS.items()),
    *(Row(f"size: {name}", sent, expect) for name, (sent, expect) in SIZES.items()),
    Row("a message and a binary attachment", Socket((f"421-7{ME}",), frame(2, b"x")), "closed"),
]
