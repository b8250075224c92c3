"""The HTTP door: paths, ids in them, queries and methods."""

from __future__ import annotations

from tests.hostile.row import Row, request

GOOD = '{"message_id":"$new","kind":"note","body":"x"}'
TOKEN = "/api/auth/token"

NO_SUCH_PATH = [
    "/api", "/api/", "/api/nosuch", "/api/../healthz", "/api/%2e%2e/healthz", "/..%2f..%2fetc/passwd",
    "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/....//....//etc/passwd", "/%00", "/healthz%00",
    "/healthz/", "/healthz%2f", "/healthz;x=1", "/healthz%20", "/api//sessions", "//api/sessions", "/api/sessions/",
    "/api/me/", "/API/ME", "/api/me%00", "/api/me.json", "/api/sessions/$session/", "/api/sessions/$session/nosuch",
    "/api/sessions/$session/messages/", "/api/sessions//messages", "/api/sessions%2f$session", "/api/handoffs",
    "/api/handoffs/", "/api/handoffs/$waiting/nosuch", "/api/rooms/session", "/api/rooms/session/$session", "/.env",
    "/.git/config", "/wp-login.php", "/openapi.json/", "/openapi.yaml", "/server-status",
    "/api/sessions/%7B$session%7D", "/api/sessions/%7B$session", "/api/%F0%9F%98%80", "/api/%FF", "/%", "/%zz", "/*",
    "/api/me/../x/../../nosuch", "/" + "a/" * 2_000, "/" + "%41" * 2_000, "/\\..\\..\\windows", "/metrics/..",
    "/<script>", "/api/sessions/$session/messages/../../../me", "/socket.io/socket.io.js",
]  # fmt: skip

NOT_AN_ID = [
    "not-a-uuid", "%00", "$session%00", "..", "%2e%2e", "..%2f..%2fme", "$session%20", "%20$session", "$session%0a",
    "%F0%9F%98%80", "%FF%FE", "%C0%80", "%ED%A0%80", "null", "0", "-1", "1e400", "*", "%25", "%2500", "'%20OR%201=1--",
    "%3Cscript%3E", "[object%20Object]", "$session,$session", "x" * 5_000, "00000000-0000-4000-8000-00000000000g",
]  # fmt: skip

AN_ID = ["$session", "urn:uuid:$session"]

QUERIES = {
    "limit": [
        "/api/sessions?limit=0", "/api/sessions?limit=201", "/api/sessions?limit=-1", "/api/sessions?limit=",
        "/api/sessions?limit=five", "/api/sessions?limit=1.5", "/api/sessions?limit=1e1", "/api/sessions?limit=0x5",
        "/api/sessions?limit=NaN", "/api/sessions?limit=5%00", "/api/sessions?limit=99999999999999999999",
        "/api/sessions?limit=null", "/api/sessions?limit=" + "9" * 5_000, "/api/sessions?limit=%D9%A5",
        "/api/sessions/$session/messages?limit=1000",
    ],
    "limit[]": [
        "/api/sessions?limit[]=5",
    ],
    "": [
        "/api/sessions?limit=5&limit=5", "/api/sessions?limit=5&limit=6", "/api/sessions?status=open&status=closed",
        "/api/rooms/session/$session/events?after=1&after=2",
    ],
    "LIMIT": [
        "/api/sessions?limit=5&LIMIT=6",
    ],
    "status": [
        "/api/sessions?status=", "/api/sessions?status=OPEN", "/api/sessions?status=open%00",
        "/api/sessions?status=null",
    ],
    "mine": [
        "/api/sessions?mine=maybe", "/api/sessions?mine=", "/api/sessions?mine=2",
    ],
    "before": [
        "/api/sessions?before=x", "/api/sessions?before=", "/api/sessions?before=$session%00",
        "/api/sessions/$session/messages?before=-1", "/api/sessions/$session/messages?before=x",
        "/api/sessions/$session/messages?before=9223372036854775808",
    ],
    "x": [
        "/api/sessions?x=1", "/api/me?x",
    ],
    "*": [
        "/api/sessions?%00=1", "/api/sessions?&=&", "/api/sessions?%F0%9F%98%80=1",
    ],
    "__proto__": [
        "/api/sessions?__proto__=1",
    ],
    "k0": [
        "/api/sessions?" + "&".join(f"k{n}=0" for n in range(1_000)),
    ],
    "account_id": [
        "/api/sessions?account_id=$account",
    ],
    "after": [
        "/api/queue?after=1", "/api/sessions/$session?after=1", "/api/rooms/session/$session/events?after=-1",
        "/api/rooms/session/$session/events?after=x", "/api/rooms/session/$session/events?after=9223372036854775808",
        "/api/rooms/session/$session/events?after=1.5",
    ],
    "kind": [
        "/api/rooms/nosuch/$session/events", "/api/rooms/session:x/$session/events", "/api/rooms/%00/$session/events",
        "/api/rooms/SESSION/$session/events",
    ],
    "id": [
        "/api/rooms/session/x/events", "/api/rooms/session/%2a/events", "/api/rooms/session/$session%00/events",
    ],
    "handoff_id": [
        "/api/handoffs/x", "/api/handoffs/%00",
    ],
}  # fmt: skip
"""GETs by the field they are refused for."""

SERVED_QUERIES = [
    "/api/sessions?limit=5#limit=500", "/api/sessions?limit=%35", "/api/me?",
    "/api/rooms/session/$session/events?after=9223372036854775807", "/api/rooms/escalations/$account/events",
    "/api/sessions?mine=true", "http://evil.example/api/me", "http://$host/api/me", "/healthz?x=%00",
    "/metrics?" + "x" * 4_000, "/openapi.json?../../x",
]  # fmt: skip

METHODS = ["PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "PATCH"]
WRONG_METHODS = {
    **{
        f"{method} {path}": request(method, path)
        for path in ("/api/me", "/api/queue", "/healthz", "/openapi.json")
        for method in METHODS
    },
    **{f"{method} a claim": request(method, "/api/handoffs/$waiting/claim", "{}") for method in METHODS},
    "GET a claim": request("GET", "/api/handoffs/$waiting/claim"),
    "POST me": request("POST", "/api/me", "{}"),
    "POST a task's path": request("POST", "/api/sessions/$session/tasks/$task", "{}"),
    "GET a token": request("GET", TOKEN, auth=None),
    "PUT a token": request("PUT", TOKEN, "{}", auth=None),
    "overridden": request("GET", "/api/handoffs/$waiting/claim", None, "X-HTTP-Method-Override: POST"),
}


ROWS = [
    *(Row(f"path {path[:60]}", request("GET", path), "404 not_found") for path in NO_SUCH_PATH),
    *(
        Row(f"GET a session of {text[:40]}", request("GET", f"/api/sessions/{text}"), "422 invalid_payload session_id")
        for text in NOT_AN_ID
    ),
    *(
        Row(
            f"POST to a session of {text[:40]}",
            request("POST", f"/api/sessions/{text}/messages", GOOD),
            "422 invalid_payload session_id",
        )
        for text in NOT_AN_ID
    ),
    *(Row(f"GET a session of {text}", request("GET", f"/api/sessions/{text}"), "200") for text in AN_ID),
    *(
        Row(f"GET {target[:70]}", request("GET", target), f"422 invalid_payload {field}".rstrip())
        for field, targets in QUERIES.items()
        for target in targets
    ),
    *(Row(f"GET {target[:70]}", request("GET", target), "200") for target in SERVED_QUERIES),
    *(Row(f"method: {name}", sent, "405 unknown_command") for name, sent in WRONG_METHODS.items()),
    Row("method: HEAD", request("HEAD", "/api/me"), "405"),
    Row("method: CONNECT", request("CONNECT", "$host"), "404 not_found"),
    Row("method: OPTIONS of everything", request("OPTIONS", "*"), "404 not_found"),
]
