"""Tokens: every one of them at CONNECT, at `auth:renew` and over HTTP."""

from __future__ import annotations

import json

from tests.hostile.row import Forged, Row, command, packets, request

CLAIMS = {
    "sub": '"$user"',
    "account": '"$account"',
    "account_name": '"Acme MSP"',
    "name": '"Engineer"',
    "role": '"engineer"',
    "aud": '"resolutionflow"',
    "exp": "$soon",
}


def claims(**changes: str | None) -> str:
    """The JSON of good claims with these changed, and those of None left out."""
    return "{" + ",".join(f'"{name}":{value}' for name, value in (CLAIMS | changes).items() if value is not None) + "}"


def header(**changes: str | None) -> str:
    fields = {"alg": '"HS256"', "typ": '"JWT"'} | changes
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items() if value is not None) + "}"


NOT_A_NAME = {
    "missing": None,
    "null": "null",
    "empty": '""',
    "a number": "5",
    "a list": '["x"]',
    "with a NUL": '"a\\u0000b"',
    "a lone surrogate": '"\\ud800"',
    "201 letters": json.dumps("x" * 201),
}
NOT_AN_ID = {
    "missing": None,
    "null": "null",
    "empty": '""',
    "a number": "5",
    "words": '"somebody"',
    "a list": '["$user"]',
    "an object": '{"id":"$user"}',
    "with a NUL": '"$user\\u0000"',
    "SQL": '"\' OR 1=1 --"',
}
BAD_CLAIMS: dict[str, dict[str, str | None]] = {
    "sub": NOT_AN_ID,
    "account": NOT_AN_ID,
    "name": NOT_A_NAME,
    "account_name": NOT_A_NAME,
    "role": {
        "missing": None,
        "null": "null",
        "empty": '""',
        "unknown": '"owner"',
        "in capitals": '"ADMIN"',
        "with a space": '"admin "',
        "a number": "1",
        "a list": '["admin"]',
        "an object": '{"admin":true}',
    },
    "aud": {
        "missing": None,
        "null": "null",
        "empty": '""',
        "another": '"other"',
        "in capitals": '"RESOLUTIONFLOW"',
        "a number": "1",
        "an object": '{"resolutionflow":1}',
        "an empty list": "[]",
        "a list of others": '["other","resolutionflow2"]',
        "a list with a number": "[1]",
        "a prefix": '"resolution"',
    },
    "exp": {
        "missing": None,
        "null": "null",
        "words": '"soon"',
        "empty": '""',
        "a list": "[$soon]",
        "an object": "{}",
        "NaN": "NaN",
        "Infinity": "Infinity",
        "1e400": "1e400",
        "5,000 digits": "9" * 5_000,
        "a fraction": "$soon.5",
        "a date": '"2099-01-01T00:00:00Z"',
    },
    "nbf": {"in an hour": "$soon", "words": '"now"', "a list": "[]"},
    "jti": {"a number": "5"},
}

EXPIRED = {
    "a minute ago": "$past",
    "zero": "0",
    "negative": "-1",
    "very negative": "-" + "9" * 30,
    "1.5": "1.5",
    "-1e300": "-1e300",
}

NOT_CLAIMS = {
    "a list": "[]",
    "text": '"x"',
    "null": "null",
    "a number": "1",
    "nothing": "",
    "unfinished": "{",
    "10,000 lists": "[" * 5_000,
    "not UTF-8": "\udcff",
    "an object in a list": "[%s]",
    "a comma too many": "%s,",
}

BAD_HEADERS: dict[str, Forged] = {
    "alg none": Forged(claims(), header(alg='"none"'), "not"),
    "alg None": Forged(claims(), header(alg='"None"'), "not"),
    "alg NONE, signed": Forged(claims(), header(alg='"NONE"')),
    "alg none, signed": Forged(claims(), header(alg='"none"')),
    "no signature": Forged(claims(), header(), "not"),
    "alg HS384": Forged(claims(), header(alg='"HS384"'), "HS384"),
    "alg HS512": Forged(claims(), header(alg='"HS512"'), "HS512"),
    "alg HS512, signed as HS256": Forged(claims(), header(alg='"HS512"')),
    "alg RS256": Forged(claims(), header(alg='"RS256"')),
    "alg ES256": Forged(claims(), header(alg='"ES256"')),
    "alg hs256": Forged(claims(), header(alg='"hs256"')),
    "alg of nothing": Forged(claims(), header(alg='""')),
    "alg missing": Forged(claims(), header(alg=None)),
    "alg null": Forged(claims(), header(alg="null")),
    "alg a number": Forged(claims(), header(alg="256")),
    "alg a list": Forged(claims(), header(alg='["HS256"]')),
    "alg an object": Forged(claims(), header(alg="{}")),
    "another secret": Forged(claims(), header(), "HS256 by another"),
    "kid a path, signed with what is there": Forged(
        claims(), header(kid='"../../../../dev/null"'), "with the header's key"
    ),
    "kid of SQL": Forged(claims(), header(kid="\"x' UNION SELECT 'k' --\""), "with the header's key"),
    "kid a number": Forged(claims(), header(kid="5")),
    "kid a list": Forged(claims(), header(kid="[]")),
    "a key of its own": Forged(claims(), header(jwk='{"kty":"oct","k":""}'), "with the header's key"),
    "an address of keys": Forged(claims(), header(jku='"http://evil.example/jwks"'), "with the header's key"),
    "a certificate": Forged(claims(), header(x5u='"http://evil.example/c"', x5c='["AA=="]'), "with the header's key"),
    "crit unknown": Forged(claims(), header(crit='["exp2"]', exp2="1")),
    "crit empty": Forged(claims(), header(crit="[]")),
    "detached": Forged(claims(), header(b64="false", crit='["b64"]')),
    "a header that is a list": Forged(claims(), "[]"),
    "a header that is text": Forged(claims(), '"HS256"'),
    "a header of nothing": Forged(claims(), ""),
    "a header of 1,000 lists": Forged(claims(), "[" * 1_000),
    "a header that is not UTF-8": Forged(claims(), "\udcff"),
}

WRITTEN = {
    "a dot": ".",
    "two dots": "..",
    "three dots": "...",
    "a word": "x",
    "two words": "x.y",
    "three words": "a.b.c",
    "five words": "a.b.c.d.e",
    "percents": "%%%.%%%.%%%",
    "not base64": "!!!.???.***",
    "emoji": "\U0001f600.\U0001f600.\U0001f600",
    "one part too many": "$token.x",
    "a dot before": ".$token",
    "a dot behind": "$token.",
    "twice": "$token$token",
    "another signature": "$tokenA",
    "with a scheme": "Bearer $token",
    "null": "null",
    "undefined": "undefined",
    "base64 of nothing": "e30.e30.e30",
    "padding": "====.====.====",
    "8,000 letters": "x" * 8_000,
    "8,000 dots": "." * 8_000,
    "an empty JWT": "eyJhbGciOiJub25lIn0..",
    "SQL": "' OR 1=1 --",
}

ACCEPTED = {
    "several audiences": claims(aud='["other","resolutionflow"]'),
    "an exp of 15 digits": claims(exp="9" * 15),
    "an exp of 30 digits": claims(exp="9" * 30),
    "an exp that is a whole float": claims(exp="$soon.0"),
    "an exp in quotes": claims(exp='"$soon"'),
    "an iat in the future": claims(iat="$soon"),
    "claims of others": claims(iss='"x"', scope='["a"]', __proto__="{}", admin="true"),
    "a role given twice: the last one counts": '{"role":"admin",' + claims()[1:],
}

NAMED = {
    "Arabic": "\u0645\u0647\u0646\u062f\u0633",
    "emoji": "\U0001f468\u200d\U0001f4bb",
    "zero width": "\u200b",
    "a blank": " ",
    "markup": "<img src=x onerror=alert(1)>",
    "200 letters": "x" * 200,
}

NOT_TEXT = {
    "a number": "5",
    "null": "null",
    "true": "true",
    "a list": "[]",
    "a list of one": '["$token"]',
    "an object": "{}",
    "an object of one": '{"token":"$token"}',
    "a float": "1.5",
    "empty": '""',
}

NO_TOKEN = {
    "nothing": "40",
    "null": "40null",
    "an empty object": "40{}",
    "a list": "40[]",
    "a list of a token": '40["$token"]',
    "text": '40"$token"',
    "a number": "407",
    "false": "40false",
    "another name": '40{"Token":"$token"}',
    "a query": "40/?token=$token,{}",
    "nested": '40{"auth":{"token":"$token"}}',
}

NO_CONNECT = {
    "cut short": '40{"token":"$token"',
    "NaN": '40{"token":NaN}',
    "a lone surrogate": '40{"token":"\\ud800"}',
    "bare": "40$token",
    "100 KB": '40{"token":"' + "x" * 100_000 + '"}',
    "no JSON": "40{token:1}",
    "10,000 lists": "40" + "[" * 10_000,
}

SCHEMES = {
    "none": None,
    "nothing": "",
    "a scheme alone": "Bearer",
    "a scheme and a space": "Bearer ",
    "Basic": "Basic dXNlcjpwYXNz",
    "no scheme": "$token",
    "another scheme": "Token $token",
    "words behind it": "Bearer $token please",
    "two of them": "Bearer $token, Bearer $token",
    "a colon": "Bearer: $token",
    "quotes": 'Bearer "$token"',
    "angles": "Bearer <$token>",
    "a tab": "Bearer\t$token",
    "a list": 'Bearer ["$token"]',
    "Latin-1": "Bearer caf\udce9",
    "bytes that are nothing": "Bearer \udcff\udcfe",
    "emoji": "Bearer \U0001f600",
    "digest": 'Digest username="x"',
    "twice, the first bad": "Bearer x\r\nAuthorization: Bearer $token",
    "in another header": "\r\nX-Authorization: Bearer $token",
    "in the proxy's header": "\r\nProxy-Authorization: Bearer $token",
    "in a cookie": "\r\nCookie: token=$token; Authorization=Bearer $token",
}

GOOD_SCHEMES = {"lower case": "bearer $token", "capitals": "BEARER $token", "spaces": "Bearer    $token  "}


def everywhere(name: str, token: Forged | str, code: str) -> list[Row]:
    forged = token if isinstance(token, Forged) else None
    written = json.dumps("$jwt" if isinstance(token, Forged) else token, ensure_ascii=False)
    return [
        Row(
            f"{name}, at CONNECT",
            packets(f'40{{"token":{written}}}', greeting="", token=forged),
            f"refused {code}, closed",
        ),
        Row(f"{name}, at auth:renew", command("auth:renew", f'{{"token":{written}}}', token=forged), code),
        Row(
            f"{name}, over HTTP", request("GET", "/api/me", auth=f"Bearer {written[1:-1]}", token=forged), f"401 {code}"
        ),
    ]


ROWS = [
    *(
        row
        for claim, values in BAD_CLAIMS.items()
        for why, value in values.items()
        for row in everywhere(f"{claim} {why}", Forged(claims(**{claim: value})), "unauthorized")
    ),
    *(
        row
        for why, value in EXPIRED.items()
        for row in everywhere(f"exp {why}", Forged(claims(exp=value)), "token_expired")
    ),
    *(
        row
        for why, text in NOT_CLAIMS.items()
        for row in everywhere(f"claims: {why}", Forged(text.replace("%s", claims())), "unauthorized")
    ),
    *(row for why, forged in BAD_HEADERS.items() for row in everywhere(why, forged, "unauthorized")),
    *(row for why, text in WRITTEN.items() for row in everywhere(f"written: {why}", text, "unauthorized")),
    *(
        Row(f"{why}, at auth:renew", command("auth:renew", '{"token":"$jwt"}', token=Forged(text)), "ok")
        for why, text in ACCEPTED.items()
    ),
    *(
        Row(f"{why}, over HTTP", request("GET", "/api/me", auth="Bearer $jwt", token=Forged(text)), "200")
        for why, text in ACCEPTED.items()
    ),
    *(
        Row(
            f"named {why}",
            packets(
                '40{"token":"$jwt"}',
                '427["me:get",{}]',
                greeting="",
                token=Forged(claims(sub='"$new"', name=json.dumps(name))),
            ),
            "connected, ok",
            ("user.name", name),
        )
        for why, name in NAMED.items()
    ),
    *(
        Row(f"token {why}, at CONNECT", packets(f'40{{"token":{value}}}', greeting=""), "refused unauthorized, closed")
        for why, value in NOT_TEXT.items()
    ),
    *(
        Row(f"no token: {why}", packets(packet, greeting=""), "refused unauthorized, closed")
        for why, packet in NO_TOKEN.items()
    ),
    *(Row(f"no CONNECT: {why}", packets(packet, greeting=""), "closed") for why, packet in NO_CONNECT.items()),
    *(
        Row(f"Authorization: {why}", request("GET", "/api/me", auth=value), "401 unauthorized")
        for why, value in SCHEMES.items()
    ),
    *(
        Row(f"Authorization: {why}", request("GET", "/api/me", auth=value), "200")
        for why, value in GOOD_SCHEMES.items()
    ),
    Row("Authorization of 100 KB", request("GET", "/api/me", auth="Bearer " + "x" * 100_000), "400"),
    Row("a token in the query", request("GET", "/api/me?access_token=$token", auth=None), "401 unauthorized"),
    Row(
        "a token in the user's part of the address",
        request("GET", "http://x:$token@$host/api/me", auth=None),
        "401 unauthorized",
    ),
    Row(
        "a token of 60 KB, at CONNECT",
        packets('40{"token":"' + "x" * 60_000 + '"}', greeting=""),
        "refused unauthorized, closed",
    ),
]
