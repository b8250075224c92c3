"""What admins say of their account, what it changes, and who said it."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from tests.conftest import World, claim, hand_off, open_session
from tests.rules.scenes import Actor, Sql, act, age, new_id, piled_up, refused

DEFAULTS = {
    "version": 1,
    "claim_roles": ["senior", "admin"],
    "claim_targets_s": {"critical": 900, "high": 1800, "normal": 14400, "low": 86400},
    "expires_after_s": 259200,
    "nudge_after_s": 900,
    "release_idle": False,
    "webhook_url": None,
}


async def test_settings_are_read_and_changed_by_admins_alone(world: World) -> None:
    """[A9] What is left out stays; each change raises the version and is kept with who made it, when, and from what."""
    admin, senior = await act(world, "admin", "Ada"), await act(world, "senior")
    assert await admin.http.request("GET", "/api/account") == {"settings": DEFAULTS, "webhook_secret": None}
    asked: dict[str, Any] = {"nudge_after_s": 600, "claim_roles": ["engineer", "senior", "admin"]}
    changed = await admin.http.request("PATCH", "/api/account", {"version": 1, **asked})
    assert changed["settings"] == DEFAULTS | asked | {"version": 2}
    assert await admin.http.request("GET", "/api/account") == changed
    second = await admin.http.request("PATCH", "/api/account", {"version": 2, "release_idle": True})
    trail = await admin.http.request("GET", "/api/account/changes?limit=1")
    assert (trail["changes"][0]["before"], trail["changes"][0]["after"]) == (changed["settings"], second["settings"])
    trail = await admin.http.request("GET", f"/api/account/changes?before={trail['next']}")
    assert [(change["version"], change["by"]["name"]) for change in trail["changes"]] == [(2, "Ada")]
    for method, path in (("GET", "/api/account"), ("PATCH", "/api/account"), ("GET", "/api/account/changes")):
        body = {"version": 3, "release_idle": False} if method == "PATCH" else None
        assert (await refused(senior.http.request(method, path, body))).code == "role_required"
    stranger = await act(world, "admin", other_tenant=True)
    assert (await stranger.http.request("GET", "/api/account"))["settings"] == DEFAULTS
    assert (await stranger.http.request("GET", "/api/account/changes"))["changes"] == []


async def test_settings_changed_meanwhile_are_not_overwritten(world: World, sql: Sql) -> None:
    """[A5] `id_conflict` with the settings in force; a retry is recognised; what changes nothing is no change."""
    admin, other = await act(world, "admin"), await act(world, "admin")
    change = {"version": 1, "nudge_after_s": 600}
    first = await admin.http.request("PATCH", "/api/account", change)
    assert await admin.http.request("PATCH", "/api/account", change) == first
    for payload in (change, change | {"nudge_after_s": 700}):
        told = await refused(other.http.request("PATCH", "/api/account", payload))
        assert (told.code, told.details["settings"]) == ("id_conflict", first["settings"])
    assert await other.http.request("PATCH", "/api/account", {"version": 2, "nudge_after_s": 600}) == first
    assert await sql.fetchval("SELECT count(*) FROM account_changes") == 1


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"claim_roles": []},
        {"claim_roles": ["viewer"]},
        {"claim_targets_s": None},
        {"claim_targets_s": {"critical": 60, "high": 60, "normal": 60}},
        {"claim_targets_s": {"critical": 59, "high": 60, "normal": 60, "low": 60}},
        {"expires_after_s": 90 * 86_400 + 1},
        {"nudge_after_s": "600"},
        {"webhook_url": "ftp://example.org/"},
        {"webhook_url": "https://user:secret@example.org/"},
        {"unknown": 1},
    ],
)
async def test_bad_settings_are_refused(world: World, sql: Sql, bad: dict[str, Any]) -> None:
    """[A3]"""
    admin = await act(world, "admin")
    told = await refused(admin.http.request("PATCH", "/api/account", {"version": 1, **bad}))
    assert (told.code, bool(told.details["fields"])) == ("invalid_payload", True)
    assert await sql.fetchval("SELECT max(version) FROM accounts") == 1


async def test_settings_take_effect(world: World) -> None:
    """[H2] Who may claim, at once; targets and expiry for what is made from then on."""
    admin, engineer, colleague = await act(world, "admin"), await act(world, "engineer"), await act(world, "engineer")
    before = await hand_off(engineer.socket, severity="low")
    assert (await refused(claim(colleague.socket, before["id"]))).code == "role_required"
    targets = {"critical": 60, "high": 120, "normal": 180, "low": 240}
    change = {"claim_roles": ["engineer"], "claim_targets_s": targets, "expires_after_s": 3600}
    await admin.http.request("PATCH", "/api/account", {"version": 1, **change})
    after = await hand_off(engineer.socket, severity="low")
    assert (await claim(colleague.socket, before["id"]))["handoff"]["claim_by"] == before["claim_by"]
    assert (await refused(claim(admin.socket, after["id"]))).code == "role_required"
    for handoff, target, expiry in ((before, 86_400, 259_200), (after, 240, 3600)):
        assert _seconds(handoff["first_queued_at"], handoff["claim_by"]) == target
        assert _seconds(handoff["first_queued_at"], handoff["expires_at"]) == expiry


def plain_http(world: World, who: Actor) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(world.url, headers={"Authorization": f"Bearer {world.token(who.who)}"})


def _seconds(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()


async def test_queue_is_filtered_by_tag(world: World) -> None:
    """[Q1] Tags are told as any change, and a filtered queue keeps its order."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    queue = await senior.socket.join_queue()
    handoffs = [await hand_off(engineer.socket, severity=severity) for severity in ("low", "critical", "high")]
    for handoff, tags in zip(handoffs, (["skill:mail", "client:Harbor"], ["skill:mail"], []), strict=True):
        tagged = {"handoff_id": handoff["id"], "version": 1, "tags": tags}
        assert (await engineer.socket.command("handoff:tag", tagged))["handoff"]["tags"] == tags
        assert (await queue.next("handoff:tagged")).data["handoff"]["tags"] == tags
    low, critical, _ = [handoff["id"] for handoff in handoffs]
    for tag, found in (("skill:mail", [critical, low]), ("client:Harbor", [low]), ("skill:network", [])):
        listed = (await senior.socket.command("queue:get", {"tag": tag}))["handoffs"]
        assert [handoff["id"] for handoff in listed] == found
        assert (await senior.http.request("GET", f"/api/queue?tag={tag}"))["handoffs"] == listed


async def test_log_of_a_handoff_as_a_table(world: World, sql: Sql) -> None:
    """[A7] From its creation to its end, a line each, none of which a spreadsheet runs; not a stranger's."""
    engineer, senior = await act(world, "engineer", "Eve"), await act(world, "senior", "=Sam()")
    other = await act(world, "senior", "Olu")
    session_id = await open_session(engineer.socket)
    note = {"session_id": session_id, "kind": "note"}
    await engineer.socket.command("message:post", note | {"message_id": new_id(), "body": "Before"})
    handoff = await hand_off(engineer.socket, session_id, ask="Look at the spooler", note="Not during lunch")
    tags = ["skill:mail", "client:Harbor"]
    await engineer.socket.command("handoff:tag", {"handoff_id": handoff["id"], "version": 1, "tags": tags})
    of_it = {"handoff_id": handoff["id"]}
    own = {"fencing_token": (await claim(senior.socket, handoff["id"]))["claim"]["fencing_token"]}
    given = {"to_user_id": str(other.who.user_id), "note": "Yours rather"}
    passed = await senior.socket.command("handoff:reassign", of_it | given | own)
    await age(sql, handoff["id"], minutes=15)
    await world.server.sweep()
    own = {"fencing_token": passed["handoff"]["fencing_token"]}
    await other.socket.command("handoff:release", of_it | {"note": "No access", **own})
    own = {"fencing_token": (await claim(senior.socket, handoff["id"]))["claim"]["fencing_token"]}
    await senior.socket.command("handoff:start", of_it | {"mode": "own_thing", **own})
    task = {"session_id": session_id, "task_id": new_id(), "title": "Restart"}
    await senior.socket.command("task:add", task | own)
    await senior.socket.command("message:post", note | {"message_id": new_id(), "body": '=1+1, "x"\nand', **own})
    end = {"handoff_id": handoff["id"], "outcome": "workaround", "note": "Prints over USB", **own}
    await senior.socket.command("handoff:resolve", end)
    await engineer.socket.command("message:post", note | {"message_id": new_id(), "body": "After"})
    path = f"/api/handoffs/{handoff['id']}/log"
    log = await engineer.http.request("GET", path)
    async with plain_http(world, engineer) as http, http.get(f"{path}.csv") as reply:
        assert (reply.status, reply.content_type, reply.charset) == (200, "text/csv", "utf-8")
        assert reply.headers["Content-Disposition"] == f'attachment; filename="handoff-{handoff["id"]}.csv"'
        lines = list(csv.DictReader(io.StringIO(await reply.text(), newline="")))
    assert [(line["seq"], line["at"], line["type"]) for line in lines] == [
        (str(event["seq"]), event["at"], event["type"]) for event in log["events"]
    ]
    assert [(line["type"], line["actor_name"], line["status"], line["text"]) for line in lines] == [
        ("handoff:created", "Eve", "queued", "Look at the spooler\nNot during lunch"),
        ("handoff:tagged", "Eve", "queued", "skill:mail, client:Harbor"),
        ("handoff:claimed", "'=Sam()", "claimed", ""),
        ("handoff:reassigned", "'=Sam()", "claimed", "Yours rather"),
        ("handoff:nudged", "", "claimed", "owner"),
        ("handoff:released", "Olu", "queued", "No access"),
        ("handoff:claimed", "'=Sam()", "claimed", ""),
        ("handoff:started", "'=Sam()", "claimed", "own_thing"),
        ("task:added", "'=Sam()", "", "Restart: todo"),
        ("message:posted", "'=Sam()", "", '\'=1+1, "x"\nand'),
        ("handoff:resolved", "'=Sam()", "resolved", "Prints over USB"),
    ]
    stranger = await act(world, "admin", other_tenant=True)
    async with plain_http(world, stranger) as http, http.get(f"{path}.csv") as reply:
        assert (reply.status, (await reply.json(content_type=None))["code"]) == (404, "not_found")


async def test_retry_beside_its_first_is_answered_as_it(world: World, sql: Sql) -> None:
    """[A5] Both wait for the same row; whoever comes second sees what the first one did."""
    admin = await act(world, "admin")
    change = {"version": 1, "nudge_after_s": 600}
    async with sql.transaction():
        await sql.execute("SELECT FROM accounts FOR UPDATE")
        both = [asyncio.create_task(admin.http.request("PATCH", "/api/account", change)) for _ in range(2)]
        await piled_up(sql, 2)
    first, second = await asyncio.gather(*both)
    assert first == second
    assert await sql.fetchval("SELECT count(*) FROM account_changes") == 1
