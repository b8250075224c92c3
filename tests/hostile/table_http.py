"""The HTTP door: heads, bodies, and how they are framed."""

from __future__ import annotations

import gzip
import json
import zlib

from tests.hostile.row import Request, Row, request

POST = "/api/sessions/$session/messages"
GOOD = '{"message_id":"$new","kind":"note","body":"x"}'
TOKEN = "/api/auth/token"

BODIES: dict[str, tuple[str | bytes, str]] = {
    "white space": ("  \r\n", "422 invalid_payload message_id"),
    "an empty object": ("{}", "422 invalid_payload message_id"),
    "a form": ("message_id=$new&kind=note&body=x", "422 invalid_payload"),
    "XML": (
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
        "422 invalid_payload",
    ),
    "YAML": ("message_id: $new\nbody: !!python/object/apply:os.system ['id']", "422 invalid_payload"),
    "multipart": ("--x\r\nContent-Disposition: form-data; name=body\r\n\r\nx\r\n--x--", "422 invalid_payload"),
    "MessagePack": (b"\x83\xa4body\xa1x", "422 invalid_payload"),
    "a pickle": (b"\x80\x04\x95\x0f\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.", "422 invalid_payload"),
    "gzip that says nothing of it": (gzip.compress(GOOD.encode()), "422 invalid_payload"),
    "NULs": (bytes(1_000), "422 invalid_payload"),
    "a list": (f"[{GOOD}]", "422 invalid_payload"),
    "text": ('"x"', "422 invalid_payload"),
    "null": ("null", "422 invalid_payload"),
    "a number": ("0", "422 invalid_payload"),
    "64 KiB": (b" " * (1 << 16), "422 invalid_payload message_id"),
    "64 KiB and one byte": (b" " * ((1 << 16) + 1), "413 too_large"),
    "10 MB": (b'"' + b"x" * 10_000_000 + b'"', "413 too_large"),
}

SIGN_INS = {
    "nothing": ("", "422 invalid_payload email"),
    "a list": ("[]", "422 invalid_payload"),
    "null": ("null", "422 invalid_payload"),
    "no password": ('{"email":"a@b.example"}', "422 invalid_payload password"),
    "no e-mail": ('{"password":"x"}', "422 invalid_payload email"),
    "an operator": ('{"email":{"$gt":""},"password":"x"}', "422 invalid_payload email"),
    "a list of e-mails": ('{"email":["a@b.example"],"password":"x"}', "422 invalid_payload email"),
    "a NUL": ('{"email":"a@b\\u0000.example","password":"x"}', "422 invalid_payload email"),
    "an endless e-mail": (json.dumps({"email": "a" * 321, "password": "x"}), "422 invalid_payload email"),
    "an endless password": (
        json.dumps({"email": "a@b.example", "password": "x" * 1_025}),
        "422 invalid_payload password",
    ),
    "a password of a number": ('{"email":"a@b.example","password":5}', "422 invalid_payload password"),
    "an extra field": ('{"email":"a@b.example","password":"x","role":"admin"}', "422 invalid_payload role"),
    "SQL": ('{"email":"\' OR 1=1 --","password":"\' OR 1=1 --"}', "401 unauthorized"),
    "a wildcard": ('{"email":"%%%","password":"%"}', "401 unauthorized"),
    "a NUL in the password": ('{"email":"nul@b.example","password":"\\u0000"}', "401 unauthorized"),
    "emoji": (json.dumps({"email": "\U0001f600@b.example", "password": "\U0001f600"}), "401 unauthorized"),
    "zero width": (json.dumps({"email": "\u200b\u200b\u200b", "password": "\u200b"}), "401 unauthorized"),
}


def posted(*headers: str, body: bytes = GOOD.encode(), ends: bool = False) -> Request:
    """A POST whose framing is what the headers say."""
    lines = (
        f"POST {POST} HTTP/1.1",
        "Host: $host",
        "Authorization: Bearer $token",
        "Connection: close",
        *headers,
        "",
        "",
    )
    return Request("\r\n".join(lines), body, ends=ends)


def chunked(*chunks: bytes, ends: bool = False, trailer: bytes = b"0\r\n\r\n") -> Request:
    body = b"".join(f"{len(chunk):x}".encode() + b"\r\n" + chunk + b"\r\n" for chunk in chunks)
    return posted("Transfer-Encoding: chunked", body=body + trailer, ends=ends)


FRAMING: dict[str, tuple[Request, str]] = {
    "chunks of a byte": (
        chunked(*(bytes((byte,)) for byte in GOOD.replace("$new", "0b0e3c54-7a43-4e5b-9d27-5a1c9e0f7a01").encode())),
        "201",
    ),
    "chunks of 100 KB": (chunked(*[b"x" * 10_000] * 10), "413 too_large"),
    "a chunk extension": (
        posted("Transfer-Encoding: chunked", body=b"2;x=y\r\n{}\r\n0\r\n\r\n"),
        "422 invalid_payload message_id",
    ),
    "a trailer": (chunked(b"{}", trailer=b"0\r\nX-Trailer: 1\r\n\r\n"), "422 invalid_payload message_id"),
    "a chunk's length that is none": (posted("Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n"), "400"),
    "a negative chunk": (posted("Transfer-Encoding: chunked", body=b"-2\r\n{}\r\n0\r\n\r\n"), "400"),
    "a chunk of hexadecimal with its prefix": (
        posted("Transfer-Encoding: chunked", body=b"0x2\r\n{}\r\n0\r\n\r\n"),
        "400",
    ),
    "a chunk of 2**64": (posted("Transfer-Encoding: chunked", body=b"10000000000000000\r\n{}\r\n0\r\n\r\n"), "400"),
    "a chunk longer than it says": (posted("Transfer-Encoding: chunked", body=b"2\r\n{}x\r\n0\r\n\r\n"), "400"),
    "a chunk's length of 20,000 digits": (
        posted("Transfer-Encoding: chunked", body=b"0" * 20_000 + b"2\r\n{}\r\n0\r\n\r\n"),
        "422 invalid_payload message_id",
    ),
    "an endless chunk extension": (
        posted("Transfer-Encoding: chunked", body=b"2;" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n"),
        "422 invalid_payload message_id",
    ),
    "chunks that never end": (chunked(b'{"a":', ends=True, trailer=b""), "closed"),
    "a chunk cut short": (posted("Transfer-Encoding: chunked", body=b"ff\r\n{}", ends=True), "closed"),
    "chunks and a length": (posted("Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n"), "400"),
    "chunked twice": (posted("Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), "400"),
    "chunked before another": (posted("Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"), "400"),
    "an unknown coding": (posted("Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), "400"),
    "chunked in HTTP/1.0": (
        Request(f"POST {POST} HTTP/1.0\r\nHost: $host\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
        "401 unauthorized",
    ),
    "a length of letters": (posted("Content-Length: abc"), "400"),
    "a negative length": (posted("Content-Length: -1"), "400"),
    "a length with a sign": (posted("Content-Length: +5"), "400"),
    "a length in hexadecimal": (posted("Content-Length: 0x10"), "400"),
    "a length with a fraction": (posted("Content-Length: 5.0"), "400"),
    "no length": (posted("Content-Length: "), "400"),
    "two lengths": (posted("Content-Length: 5", "Content-Length: 6"), "400"),
    "two lengths in one": (posted("Content-Length: 5, 6"), "400"),
    "a length of 2**64": (posted("Content-Length: 18446744073709551616"), "400"),
    "a length that is not kept": (posted("Content-Length: 5000", ends=True), "closed"),
    "a length of a terabyte": (posted("Content-Length: 1000000000000", body=b"x" * 70_000), "413 too_large"),
    "gzip": (
        posted("Content-Encoding: gzip", "Content-Length: $length", body=gzip.compress(b"{}")),
        "422 invalid_payload message_id",
    ),
    "gzip that is none": (posted("Content-Encoding: gzip", "Content-Length: $length"), "422 invalid_payload"),
    "gzip cut short": (
        posted("Content-Encoding: gzip", "Content-Length: $length", body=gzip.compress(GOOD.encode())[:20]),
        "422 invalid_payload",
    ),
    "gzip that grows": (
        posted("Content-Encoding: gzip", "Content-Length: $length", body=gzip.compress(bytes(20_000_000))),
        "413 too_large",
    ),
    "deflate that is none": (posted("Content-Encoding: deflate", "Content-Length: $length"), "422 invalid_payload"),
    "deflate that grows": (
        posted("Content-Encoding: deflate", "Content-Length: $length", body=zlib.compress(bytes(20_000_000))),
        "413 too_large",
    ),
    "Brotli that is none": (posted("Content-Encoding: br", "Content-Length: $length"), "400"),
    "Zstandard that is none": (posted("Content-Encoding: zstd", "Content-Length: $length"), "400"),
    "an expectation nobody meets": (posted("Expect: a miracle", "Content-Length: $length"), "417"),
    "an expectation that is met": (
        posted("Expect: 100-continue", "Content-Length: $length", body=b"{}"),
        "422 invalid_payload message_id",
    ),
}

CONTENT_TYPES = [
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/json; charset=utf-16",
    "x",
    "application/json;;;=",
    "\U0001f600",
]

HEADS = {
    "a target in UTF-8": "GET /api/\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/3.7": "GET /api/me HTTP/3.7\r\nHost: x\r\n\r\n",
    "HTTP/11": "GET /api/me HTTP/11\r\nHost: x\r\n\r\n",
    "HTTP/2's preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another protocol": "GET /api/me FTP/1.1\r\nHost: x\r\n\r\n",
    "a small method": "get /api/me HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method with a NUL": "G\x00T /api/me HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method nobody knows": "FROBNICATE /api/me HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method of 10,000 letters": "G" * 10_000 + " / HTTP/1.1\r\n\r\n",
    "no target": "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a space": "GET /api/ me HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a NUL": "GET /api/me\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target of 100 KB": "GET /" + "x" * 100_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\udcfc\x03\x03" + "\x00" * 64 + "\r\n\r\n",
    "SSH": "SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "SMTP": "EHLO evil.example\r\n\r\n",
    "Redis": "*1\r\n$4\r\nPING\r\n\r\n",
    "RDP": "\x03\x00\x00\x13\x0e\udce0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00\r\n\r\n",
    "a header without a colon": "GET /api/me HTTP/1.1\r\nHost x\r\n\r\n",
    "a header without a name": "GET /api/me HTTP/1.1\r\n: x\r\n\r\n",
    "a space before the colon": "GET /api/me HTTP/1.1\r\nHost : x\r\n\r\n",
    "a header folded": "GET /api/me HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n",
    "a fold first": "GET /api/me HTTP/1.1\r\n Host: x\r\n\r\n",
    "a NUL in a header": "GET /api/me HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "a NUL in a name": "GET /api/me HTTP/1.1\r\nHost: x\r\nX\x00A: b\r\n\r\n",
    "a carriage return in a header": "GET /api/me HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n",
    "a name in UTF-8": "GET /api/me HTTP/1.1\r\nHost: x\r\n\u00e9: b\r\n\r\n",
    "a name in parentheses": "GET /api/me HTTP/1.1\r\nHost: x\r\n(a): b\r\n\r\n",
    "a header of 100 KB": "GET /api/me HTTP/1.1\r\nHost: x\r\nX-A: " + "a" * 100_000 + "\r\n\r\n",
    "a name of 100 KB": "GET /api/me HTTP/1.1\r\nHost: x\r\n" + "a" * 100_000 + ": b\r\n\r\n",
    "two hosts": "GET /api/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
}

ODD_HEADS = {
    "200 headers": request("GET", "/api/me", None, *(f"X-{n}: x" for n in range(100))),
    "names of cookies": request("GET", "/api/me", None, 'Cookie: =; a; b="; __proto__=1; \udcff=\udcfe'),
    "an address to forward to": request(
        "GET", "/api/me", None, "X-Forwarded-For: 127.0.0.1, ::1", "Forwarded: for=_x", "X-Real-IP: x"
    ),
    "a range": request("GET", "/openapi.json", None, "Range: bytes=0-,-1,99999999999999999999-"),
    "ifs": request("GET", "/openapi.json", None, 'If-None-Match: *, "x', "If-Modified-Since: never"),
    "what it accepts": request(
        "GET", "/api/me", None, "Accept: */*;q=x, ,,;", "Accept-Encoding: gzip;q=-1, *", "Accept-Language: \udcff"
    ),
    "an upgrade to HTTP/2": request("GET", "/api/me", None, "Upgrade: h2c", "HTTP2-Settings: x"),
    "a GET with a body": request("GET", "/api/me", '{"x":1}'),
    "a GET with 100 KB": request("GET", "/api/me", b"x" * 100_000),
    "a GET with chunks": Request(
        request("GET", "/api/me", None, "Transfer-Encoding: chunked").head,
        b"1\r\nx\r\n0\r\n\r\n",
    ),
    "HTTP/1.0": Request("GET /api/me HTTP/1.0\r\nAuthorization: Bearer $token\r\n\r\n"),
    "an empty Host": Request(
        "GET /api/me HTTP/1.1\r\nHost:\r\nConnection: close\r\nAuthorization: Bearer $token\r\n\r\n"
    ),
    "a Host that is none": Request(
        "GET /api/me HTTP/1.1\r\nHost: [::/?#@\r\nConnection: close\r\nAuthorization: Bearer $token\r\n\r\n"
    ),
    "an Origin that is none": request("GET", "/api/me", None, "Origin: http://["),
}

CUT_SHORT = {
    "nothing": "",
    "line ends": "\r\n\r\n\r\n\r\n",
    "a line of HTTP/0.9": "GET /\r\n",
    "a letter": "G",
    "half a line": "GET /api/me HT",
    "half a head": "GET /api/me HTTP/1.1\r\nHost: x\r\n",
}

ROWS = [
    Row("head: no version", Request("GET /api/me\r\n\r\n"), "401 unauthorized"),
    *(Row(f"body: {name}", request("POST", POST, body), expect) for name, (body, expect) in BODIES.items()),
    *(
        Row(f"body that calls itself {kind}", posted(f"Content-Type: {kind}", "Content-Length: $length"), "201")
        for kind in CONTENT_TYPES
    ),
    *(
        Row(f"signing in with {name}", request("POST", TOKEN, body, auth=None), expect)
        for name, (body, expect) in SIGN_INS.items()
    ),
    *(Row(f"framing: {name}", sent, expect) for name, (sent, expect) in FRAMING.items()),
    *(Row(f"head: {name}", Request(head), "400") for name, head in HEADS.items()),
    *(Row(f"head: {name}", sent, "200") for name, sent in ODD_HEADS.items()),
    *(Row(f"ends after {name}", Request(head, ends=True), "closed") for name, head in CUT_SHORT.items()),
]
