"""The figures of escalation: what is asked for, what is told to whom, and cases worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from loadtest.client import Client
from store.metrics import Figure
from store.models import Outcome, Reason, Severity
from tests.conftest import World, claim, hand_off, open_session
from tests.rules.reckoned import TARGETS
from tests.rules.scenes import Actor, Data, Sql, act, new_id, refused, send

NOTHING: Data = {"n": 0, "p50": None, "p75": None, "p90": None, "p95": None, "values": []}
NO_SLA: Data = {
    "met": 0, "late": 0, "unclaimed_past_target": 0, "too_young": 0, "ended_before_target": 0, "attainment": None,
}  # fmt: skip


async def ask(actor: Actor | Client, **payload: Any) -> Data:
    client = actor.socket if isinstance(actor, Actor) else actor
    return await client.command("queue:metrics", payload)


async def behind(actor: Actor | Client, figure: str, **payload: Any) -> list[str]:
    client = actor.socket if isinstance(actor, Actor) else actor
    answer = await client.command("queue:metrics_handoffs", {"figure": figure, **payload})
    return [handoff["id"] for handoff in answer["handoffs"]]


async def aged(sql: Sql, handoff_id: str, **ago: float) -> None:
    """As if it had been made so long ago."""
    columns = ("created_at", "first_queued_at", "queued_since", "claim_by", "expires_at", "first_claimed_at")
    moved = ", ".join(f"{column} = {column} - $2::interval" for column in columns)
    await sql.execute(f"UPDATE handoffs SET {moved} WHERE id = $1", handoff_id, timedelta(**ago))


async def test_window_in_which_nothing_was_made_has_no_figures(world: World) -> None:
    """[Q2] Counts of nothing, and null where a 0 would look like a measurement."""
    engineer, admin = await act(world, "engineer"), await act(world, "admin")
    await hand_off(engineer.socket)
    told = await ask(admin, **{"from": "2026-01-01", "to": "2026-02-01"})
    nothing = {
        "created": 0,
        "time_to_claim": NOTHING,
        "time_to_first_action": NOTHING,
        "time_to_resolve": NOTHING,
        "queue_wait_total": NOTHING,
        "sla": NO_SLA | {"by_severity": dict.fromkeys(get_args(Severity), NO_SLA)},
        "abandonment": {
            "expired": 0, "withdrawn": 0, "cancelled_queued": 0, "self_solved": 0, "created": 0, "rate": None,
        },
        "conflicts": {"handoffs": 0, "claimed": 0, "rate": None, "stale_view": 0},
        "rebound": {"handoffs": 0, "claimed": 0, "rate": None},
        "breakdown": {
            "severity": dict.fromkeys(get_args(Severity), 0), "reason": dict.fromkeys(get_args(Reason), 0),
        },
        "outcomes": dict.fromkeys(get_args(Outcome), 0),
    }  # fmt: skip
    window = {"from": "2026-01-01T00:00:00.000000Z", "to": "2026-02-01T00:00:00.000000Z", "tz": "UTC"}
    before = {"from": "2025-12-01T00:00:00.000000Z", "to": window["from"], "tz": "UTC"}
    assert told.pop("now")["waiting"] == 1
    assert told.pop("targets") == TARGETS
    assert told == nothing | {"window": window, "people": [], "previous": nothing | {"window": before}}


async def test_account_in_which_nothing_happened_has_no_oldest(world: World) -> None:
    """[Q2] Nobody waits, so nothing waited longest."""
    told = await ask(await act(world, "viewer"))
    assert told["now"] == {"waiting": 0, "oldest_wait_s": None, "past_target": 0, "claimed_active": 0, "stale": 0}


async def test_one_unclaimed_past_its_target_is_no_success(world: World, sql: Sql) -> None:
    """[Q2] Attainment is 0 of 1 and not nothing; what is still young stays out of it; few values are listed."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    late = (await hand_off(engineer.socket, severity="critical"))["id"]
    young = (await hand_off(engineer.socket, severity="low"))["id"]
    await aged(sql, late, minutes=16)
    told = await ask(senior)
    counts = {"unclaimed_past_target": 1, "too_young": 1, "attainment": 0}
    of_each = {"critical": {"unclaimed_past_target": 1, "attainment": 0}, "low": {"too_young": 1}}
    by_severity = {word: NO_SLA | of_each.get(word, {}) for word in get_args(Severity)}
    assert told["sla"] == NO_SLA | counts | {"by_severity": by_severity}
    assert (told["now"]["waiting"], told["now"]["past_target"]) == (2, 1)
    assert 960 <= told["now"]["oldest_wait_s"] < 1000
    wait = told["queue_wait_total"]
    assert (wait["n"], wait["p50"], [value["handoff_id"] for value in wait["values"]]) == (2, None, [young, late])
    assert await behind(senior, "sla.unclaimed_past_target") == await behind(senior, "now.past_target") == [late]
    assert await behind(senior, "sla.too_young", severity="low") == [young]
    assert await behind(senior, "sla.too_young", severity="high") == []
    await aged(sql, late, hours=72)
    told = await ask(senior)
    assert (told["sla"]["unclaimed_past_target"], told["abandonment"]["expired"]) == (1, 1)
    assert told["queue_wait_total"]["values"][1]["seconds"] == 72 * 3600
    assert (told["now"]["waiting"], told["abandonment"]["rate"]) == (1, 0.5)
    assert (await senior.socket.command("handoff:get", {"handoff_id": late}))["handoff"]["status"] == "queued"


async def test_released_handoff_keeps_its_first_claim_and_waits_anew(world: World, sql: Sql) -> None:
    """[Q2] [H8] Once claimed it is never unclaimed; both stays count as waiting; two claims are a rebound."""
    engineer, senior, admin = [await act(world, role) for role in ("engineer", "senior", "admin")]
    handoff_id = (await hand_off(engineer.socket, severity="critical"))["id"]
    await aged(sql, handoff_id, minutes=10)
    token = (await claim(senior.socket, handoff_id))["claim"]["fencing_token"]
    release = {"handoff_id": handoff_id, "fencing_token": token, "note": "Needs the vendor's login"}
    await senior.socket.command("handoff:release", release)
    await sql.execute("UPDATE handoffs SET queued_since = queued_since - interval '20 minutes'")
    told = await ask(admin)
    assert (told["sla"]["met"], told["sla"]["attainment"], told["rebound"]["rate"]) == (1, 1, 0)
    assert (told["now"]["waiting"], told["now"]["past_target"]) == (1, 1)
    assert told["time_to_claim"]["values"][0]["seconds"] == pytest.approx(600, abs=10)
    assert told["queue_wait_total"]["values"][0]["seconds"] == pytest.approx(1800, abs=10)
    assert told["people"][-1] == {
        "user": {"id": str(senior.who.user_id), "name": "Senior"},
        "handed_off": 0, "claimed": 1, "returned": 1, "resolved": 0,
    }  # fmt: skip
    token = (await claim(senior.socket, handoff_id))["claim"]["fencing_token"]
    told = await ask(admin)
    assert (told["rebound"]["rate"], told["conflicts"]["claimed"], told["people"][-1]["claimed"]) == (1, 1, 1)
    end = {"outcome": "fixed_by_senior", "note": "Cleared the queue"}
    await senior.socket.command("handoff:resolve", {"handoff_id": handoff_id, "fencing_token": token, **end})
    assert [share["resolved"] for share in (await ask(admin))["people"]] == [0, 1]


async def test_withdrawal_by_mistake_and_the_new_attempt_are_two(world: World) -> None:
    """[Q2] Each is counted by itself: one withdrawn, one claimed. What the engineer solved is not abandoned."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    session_id = await open_session(engineer.socket)
    first = (await hand_off(engineer.socket, session_id))["id"]
    await engineer.socket.command("handoff:withdraw", {"handoff_id": first, "reason": "mistake"})
    second = await hand_off(engineer.socket, session_id)
    assert (second["parent_id"], second["attempt_no"]) == (first, 2)
    await claim(senior.socket, second["id"])
    third = (await hand_off(engineer.socket))["id"]
    await engineer.socket.command("handoff:withdraw", {"handoff_id": third, "reason": "solved_self"})
    told = await ask(senior)
    assert told["abandonment"] == {
        "expired": 0, "withdrawn": 1, "cancelled_queued": 0, "self_solved": 1, "created": 3, "rate": 0.3333,
    }  # fmt: skip
    assert (told["sla"]["met"], told["sla"]["ended_before_target"], told["sla"]["attainment"]) == (1, 2, 1)
    assert await behind(senior, "abandonment.withdrawn") == [first]
    assert await behind(senior, "abandonment.self_solved") == [third]
    assert await behind(senior, "conflicts.claimed") == [second["id"]]


@pytest.mark.parametrize(
    ("day", "hours", "first", "before"),
    [
        ("2026-03-29", 23, "2026-03-28T23:00:00Z", "2026-03-27T23:00:00Z"),
        ("2026-10-25", 25, "2026-10-24T22:00:00Z", "2026-10-23T22:00:00Z"),
    ],
)
async def test_day_in_which_clocks_change_is_as_long_as_it_is(
    world: World, sql: Sql, day: str, hours: int, first: str, before: str
) -> None:
    """[Q2] In Berlin, of 23 and 25 hours, while the day before it is a whole one; the end is not in it."""
    engineer = await act(world, "engineer")
    begins, earlier = datetime.fromisoformat(first), datetime.fromisoformat(before)
    ends, instant = begins + timedelta(hours=hours), timedelta(microseconds=1)
    made = {}
    for at in (earlier - instant, earlier, begins - instant, begins, ends - instant, ends):
        made[at] = (await hand_off(engineer.socket))["id"]
        await sql.execute("UPDATE handoffs SET created_at = $2 WHERE id = $1", made[at], at)
    window = {"from": day, "to": str(datetime.fromisoformat(day).date() + timedelta(days=1)), "tz": "Europe/Berlin"}
    told = await ask(engineer, **window)
    windows = [
        tuple(datetime.fromisoformat(told_of["window"][word]) for word in ("from", "to"))
        for told_of in (told, told["previous"])
    ]
    assert windows == [(begins, ends), (earlier, begins)]
    assert told["window"]["tz"] == told["previous"]["window"]["tz"] == "Europe/Berlin"
    assert (told["created"], told["previous"]["created"]) == (2, 2)
    assert await behind(engineer, "created", **window) == [made[ends - instant], made[begins]]
    exact = {"from": first, "to": ends.isoformat()}
    told = await ask(engineer, **exact)
    assert datetime.fromisoformat(told["previous"]["window"]["from"]) == begins - timedelta(hours=hours)


async def test_figures_of_one_account_are_not_another_s(world: World) -> None:
    """[Q2] [A6] Neither counted nor named, nor found by an id of somebody there."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    await claim(senior.socket, (await hand_off(engineer.socket))["id"])
    await hand_off(engineer.socket)
    stranger = await act(world, "admin", other_tenant=True)
    told = await ask(stranger)
    assert (told["created"], told["people"], told["now"]["waiting"], told["now"]["claimed_active"]) == (0, [], 0, 0)
    for figure in get_args(Figure):
        of = {"user_id": str(engineer.who.user_id)} if figure.startswith("people.") else {}
        assert await behind(stranger, figure, **of) == []


async def test_figures_by_person_are_for_admins(world: World) -> None:
    """[Q2] Null for all others, who are refused the handoffs behind them."""
    engineer, senior, admin = [await act(world, role) for role in ("engineer", "senior", "admin")]
    handoff_id = (await hand_off(engineer.socket))["id"]
    await claim(senior.socket, handoff_id)
    of_engineer = {"figure": "people.handed_off", "user_id": str(engineer.who.user_id)}
    for actor in (await act(world, "viewer"), engineer, senior):
        assert (await ask(actor))["people"] is None
        for door in actor.doors:
            assert (await refused(send(door, "queue:metrics_handoffs", of_engineer))).code == "role_required"
    assert [share["user"]["name"] for share in (await ask(admin))["people"]] == ["Engineer", "Senior"]
    assert await behind(admin, **of_engineer) == [handoff_id]
    assert await behind(admin, "people.claimed", user_id=str(senior.who.user_id)) == [handoff_id]


@pytest.mark.parametrize(
    ("payload", "at"),
    [
        ({"tz": "Mars/Olympus"}, ["tz"]),
        ({"from": "yesterday"}, ["from"]),
        ({"to": "2026-02-30"}, ["to"]),
        ({"from": "2026-01-01T00:00:00"}, ["from"]),
        ({"from": "2026-02-01", "to": "2026-02-01"}, ["from"]),
        ({"from": "2026-02-02", "to": "2026-02-01"}, ["from"]),
        ({"from": "2099-01-01"}, ["from"]),
        ({"from": "2025-01-01", "to": "2026-02-06"}, ["from"]),
        ({"to": "2026-02-01", "from": "2000-01-01T00:00:00-23:59"}, ["from"]),
    ],
)
async def test_window_that_is_none_is_refused(world: World, payload: Data, at: list[str]) -> None:
    """[Q2] [A3] With the field that is wrong, at both doors and for both commands."""
    viewer = await act(world, "viewer")
    for door in viewer.doors:
        for name, more in (("queue:metrics", {}), ("queue:metrics_handoffs", {"figure": "created"})):
            told = await refused(send(door, name, payload | more))
            assert (told.code, [field["loc"] for field in told.details["fields"]]) == ("invalid_payload", [at])


async def test_figures_of_people_are_of_somebody(world: World) -> None:
    """[Q2] The one goes with the other."""
    admin = await act(world, "admin")
    for payload in ({"figure": "people.claimed"}, {"figure": "created", "user_id": new_id()}, {"figure": "nosuch"}):
        assert (await refused(send(admin.http, "queue:metrics_handoffs", payload))).code == "invalid_payload"


async def test_handoffs_behind_a_number_come_in_pages(world: World) -> None:
    """[Q2] Newest first, each once."""
    engineer = await act(world, "engineer")
    made = [(await hand_off(engineer.socket))["id"] for _ in range(5)]
    found, asked = [], {"figure": "now.waiting", "limit": 2}
    for _ in range(3):
        page = await engineer.socket.command("queue:metrics_handoffs", asked)
        found += [handoff["id"] for handoff in page["handoffs"]]
        asked["before"] = page["next"]
    assert (found, page["next"]) == (made[::-1], None)


async def test_handoffs_behind_a_number_are_told_by_client_and_headline(world: World, sql: Sql) -> None:
    """[Q2] As their packages have them; null where a package has none."""
    engineer = await act(world, "engineer")
    bare, full = [await hand_off(engineer.socket) for _ in range(2)]
    nothing = "package - 'headline' #- '{background,client}'"
    await sql.execute(f"UPDATE handoffs SET package = {nothing} WHERE id = $1", bare["id"])
    page = await engineer.socket.command("queue:metrics_handoffs", {"figure": "created"})
    told = {handoff["id"]: (handoff["client"], handoff["headline"]) for handoff in page["handoffs"]}
    package = full["package"]
    assert told == {bare["id"]: (None, None), full["id"]: (package["background"]["client"], package["headline"])}
    assert None not in told[full["id"]]
