"""Engine.IO: packets that a client does not send, and handshakes that do not fit."""

from __future__ import annotations

from tests.hostile.row import Request, Row, Socket, packets, request, upgrade

WS = "EIO=4&transport=websocket"

NOT_A_CLIENTS = [
    "", "0", '0{"sid":"x"}', "2", "2probe", "2probe2probe", "5", "5probe", "6", "6x", "7", "8", "9", "a", "b",
    "bNDI3WyJtZTpnZXQiLHt9XQ==", "-1", "-4", "\x00", "\u0664", " 4", "\n427", "\ufeff427", "\x1e", "{}", "null", "[]",
    "\U0001f600", "4", "44", "4\x00", "4 ", "4-", "4\u0662[]", "4\ud7ff", "\x1e427[]", "x" * 60_000,
]  # fmt: skip

NOISE = ["3", "3probe", "3" + "x" * 1_000, "3\x00", "3\U0001f600"]

REFUSED_QUERIES = [
    "", "EIO=4", "transport=websocket", "EIO=3&transport=websocket", "EIO=2&transport=websocket",
    "EIO=5&transport=websocket", "EIO=&transport=websocket", "EIO=4.0&transport=websocket",
    "EIO=-4&transport=websocket", "EIO=04&transport=websocket", "EIO=four&transport=websocket",
    "EIO=%00&transport=websocket", "EIO=4&EIO=4&transport=websocket", "EIO=3&EIO=4&transport=websocket",
    "eio=4&transport=websocket", "EIO=" + "4" * 5_000 + "&transport=websocket", "EIO=4&transport=polling",
    "EIO=4&transport=", "EIO=4&transport=WebSocket", "EIO=4&transport=websocket%00", "EIO=4&transport=webtransport",
    "EIO=4&transport=flashsocket", "EIO=4&transport=polling&transport=websocket", "EIO=4&transport=" + "w" * 4_000,
    "EIO=4;transport=websocket", f"{WS}&j=0", f"{WS}&j=abc", f"{WS}&j=", "EIO=4&transport=polling&j=0",
    f"{WS}&sid=nosuch", f"{WS}&sid=%00", f"{WS}&sid=__proto__", f"{WS}&sid=..%2F..%2Fetc%2Fpasswd",
    f"{WS}&sid=%F0%9F%98%80", f"{WS}&sid=%FF%FE", f"{WS}&sid=" + "s" * 7_000, f"{WS}&sid=$sid",
    f"{WS}&sid=$sid&sid=nosuch", f"{WS}&sid=$sid%20", "transport=websocket&sid=$sid",
    "EIO=3&transport=websocket&sid=$sid", "EIO=4&transport=polling&sid=$sid", "EIO=4&sid=$sid",
]  # fmt: skip
"""`$sid` is a live connection of somebody else."""

SERVED_QUERIES = [
    f"{WS}&sid=", f"{WS}&b64=1", f"{WS}&t=P2nJvYq", f"{WS}&transport=polling", f"{WS}&token=x", f"{WS}&x=%00%FF",
    f"{WS}&&&=", "transport=websocket&EIO=4", f"{WS}&x=" + "x" * 4_000, f"{WS}&a[]=1&__proto__[x]=1",
]  # fmt: skip

REFUSED_HANDSHAKES: dict[str, tuple[Request, str]] = {
    "no Upgrade": (upgrade(WS, without="Upgrade"), "400"),
    "Upgrade to something else": (upgrade(WS, "Upgrade: h2c"), "400"),
    "Upgrade to several": (upgrade(WS, "Upgrade: h2c, websocket"), "400"),
    "no Connection": (upgrade(WS, without="Connection"), "400"),
    "Connection that does not upgrade": (upgrade(WS, "Connection: keep-alive"), "400"),
    "no key": (upgrade(WS, without="Sec-WebSocket-Key"), "400"),
    "an empty key": (upgrade(WS, "Sec-WebSocket-Key: "), "400"),
    "a key that is not base64": (upgrade(WS, "Sec-WebSocket-Key: %%%%%%%%%%%%%%%%%%%%%%%%"), "400"),
    "a short key": (upgrade(WS, "Sec-WebSocket-Key: AAAA"), "400"),
    "a long key": (upgrade(WS, "Sec-WebSocket-Key: " + "A" * 4_000), "400"),
    "no version": (upgrade(WS, without="Sec-WebSocket-Version"), "400"),
    "version 12": (upgrade(WS, "Sec-WebSocket-Version: 12"), "400"),
    "version 0": (upgrade(WS, "Sec-WebSocket-Version: 0"), "400"),
    "versions 13 and 8": (upgrade(WS, "Sec-WebSocket-Version: 13, 8"), "400"),
    "version thirteen": (upgrade(WS, "Sec-WebSocket-Version: thirteen"), "400"),
    "a POST": (upgrade(WS, method="POST"), "400"),
    "a POST to somebody else's sid": (request("POST", f"/socket.io/?{WS}&sid=$sid", "427[]", auth=None), "400"),
    "a POST without a sid": (request("POST", f"/socket.io/?{WS}", "427[]", auth=None), "400"),
    "a GET of somebody else's sid": (request("GET", f"/socket.io/?{WS}&sid=$sid", auth=None), "400"),
    "a HEAD": (upgrade(WS, method="HEAD"), "405"),
    "a PUT": (upgrade(WS, method="PUT"), "405 unknown_command"),
    "a DELETE": (upgrade(WS, method="DELETE"), "405 unknown_command"),
    "a TRACE": (upgrade(WS, method="TRACE"), "405 unknown_command"),
    "no closing slash": (upgrade(WS, path="/socket.io"), "404 not_found"),
    "two slashes": (upgrade(WS, path="/socket.io//"), "404 not_found"),
    "capitals": (upgrade(WS, path="/Socket.IO/"), "404 not_found"),
    "something behind the path": (upgrade(WS, path="/socket.io/x"), "404 not_found"),
    "a NUL behind the path": (upgrade(WS, path="/socket.io/%00"), "404 not_found"),
    "a way out of the path": (upgrade(WS, path="/socket.io/../socket.io/"), "404 not_found"),
    "to a command's path": (upgrade("", path="/api/me"), "401 unauthorized"),
}

FOREIGN_ORIGINS = {
    "another site": "https://evil.example",
    "another port": "http://127.0.0.1:1",
    "null": "null",
    "nothing": "",
    "a file": "file://",
    "a host without a scheme": "$host",
    "another scheme": "ws://$host",
    "our host as a prefix": "http://$host.evil.example",
    "our host as a user": "http://$host@evil.example",
    "our host as a password": "http://evil.example:$host",
    "our host as a path": "http://evil.example/$host",
    "our host as a fragment": "http://evil.example#$host",
    "an unfinished IPv6 address": "http://[",
    "an IPv6 address that is none": "http://[::g]",
    "an IPv6 address and more": "http://[::1]evil",
    "a character that decomposes into a slash": "http://evil\u2100example",
    "a NUL's escape": "http://%00",
    "two of them": "http://$host\r\nOrigin: https://evil.example",
    "4,000 characters": "http://" + "a" * 4_000,
}

SERVED_HANDSHAKES = {
    "an old version": upgrade(WS, "Sec-WebSocket-Version: 8"),
    "HTTP/1.0": upgrade(WS, version="HTTP/1.0"),
    "our own origin": upgrade(WS, "Origin: http://$host"),
    "deflate asked for": upgrade(WS, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99"),
    "extensions that are none": upgrade(WS, "Sec-WebSocket-Extensions: ;;=,,\u00ff"),
    "protocols nobody speaks": upgrade(WS, "Sec-WebSocket-Protocol: , , graphql-ws, \u00e9"),
    "an origin of another header": upgrade(WS, "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: gopher"),
    "a cookie of 4,000 characters": upgrade(WS, "Cookie: io=" + "c" * 4_000),
    "the upgrade in capitals": upgrade(WS, "Upgrade: WEBSOCKET"),
}

ROWS = [
    *(
        Row(
            f"packet {packet[:12]!a}{'' if greeted else ', before CONNECT'}",
            packets(packet) if greeted else packets(packet, greeting=""),
            "closed",
        )
        for packet in NOT_A_CLIENTS
        for greeted in (True, False)
    ),
    *(Row(f"noise {packet[:12]!a}", packets(packet), "alive") for packet in NOISE),
    *(Row(f"nothing but noise {packet[:12]!a}", packets(packet, greeting=""), "closed") for packet in NOISE),
    Row("a flood of pongs", packets(*["3"] * 5_000), "alive"),
    Row("nothing after the handshake", Socket(greeting=""), "closed"),
    Row("a goodbye", packets("1"), "closed"),
    Row("a goodbye with words", packets("1bye"), "closed"),
    Row("a goodbye and a command", packets("1", '427["me:get",{}]'), "closed"),
    Row("a goodbye before CONNECT", packets("1", '40{"token":"$token"}', greeting=""), "closed"),
    *(Row(f"query {query[:60]}", upgrade(query), "400") for query in REFUSED_QUERIES),
    *(Row(f"query {query[:60]}", upgrade(query), "101") for query in SERVED_QUERIES),
    *(Row(f"handshake: {name}", sent, expect) for name, (sent, expect) in REFUSED_HANDSHAKES.items()),
    *(Row(f"origin: {name}", upgrade(WS, f"Origin: {origin}"), "403") for name, origin in FOREIGN_ORIGINS.items()),
    *(Row(f"handshake: {name}", sent, "101") for name, sent in SERVED_HANDSHAKES.items()),
]
