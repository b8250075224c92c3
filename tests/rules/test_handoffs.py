"""Claiming, each rule through real sockets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loadtest.client import Client, Refused
from tests.conftest import MakeWorld, World, claim, hand_off, open_session
from tests.rules.scenes import Data, Sql, act, imprint, new_id, piled_up, refused, set_scene, vanish
from tests.rules.wire import connected, event

CLAIM_CHANGES = ("handoffs", "sessions", "rooms", "events")
"""All that a claim changes but its own record."""
PAST_EXPIRY = (
    "UPDATE handoffs SET expires_at = clock_timestamp() - interval '1 minute' WHERE id = $1 RETURNING expires_at"
)


async def release(client: Client, handoff: Data, note: str = "Not mine after all") -> Data:
    payload = {"handoff_id": handoff["id"], "fencing_token": handoff["fencing_token"], "note": note}
    released: Data = (await client.command("handoff:release", payload))["handoff"]
    return released


async def resolve(client: Client, handoff: Data) -> None:
    payload = {"handoff_id": handoff["id"], "fencing_token": handoff["fencing_token"]}
    await client.command("handoff:resolve", {**payload, "outcome": "workaround", "note": "Restarted the spooler"})


def wire_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def test_claim_has_exactly_one_winner(world: World) -> None:
    """[H1]"""
    engineer = await world.client("engineer")
    seniors = [await world.client("senior", f"Senior {n}") for n in range(5)]
    handoff = await hand_off(engineer)
    answers = await asyncio.gather(*(claim(senior, handoff["id"]) for senior in seniors), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, dict)]
    losers = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(winners) == 1
    assert len(losers) == 4
    assert {loser.details["claimed_by"]["id"] for loser in losers} == {winners[0]["handoff"]["claimed_by"]["id"]}


async def test_claim_has_exactly_one_winner_on_two_replicas(make_world: MakeWorld, sql: Sql) -> None:
    """[H1] All claims stand at one barrier, the handoff's row lock, which is then let go."""
    async with make_world() as world, make_world() as replica:
        handoff = await hand_off(await world.client("engineer"))
        people = [world.person("senior", f"Senior {n}") for n in range(8)]
        seniors = [await (world, replica)[n % 2].client(who) for n, who in enumerate(people)]
        async with sql.transaction():
            await sql.execute("SELECT FROM handoffs WHERE id = $1 FOR UPDATE", handoff["id"])
            claims = [asyncio.create_task(claim(senior, handoff["id"])) for senior in seniors]
            await piled_up(sql, len(claims))
        answers = await asyncio.gather(*claims, return_exceptions=True)
        (winner,) = [answer for answer in answers if isinstance(answer, dict)]
        losers = [answer for answer in answers if isinstance(answer, Refused)]
        assert [loser.code for loser in losers] == ["already_claimed"] * 7
        assert [loser.details["claimed_by"] for loser in losers] == [winner["handoff"]["claimed_by"]] * 7
        assert winner["claim"]["fencing_token"] == winner["handoff"]["fencing_token"] == 1
        assert not winner["replayed"]
        results = await sql.fetch("SELECT result FROM claims WHERE handoff_id = $1", handoff["id"])
        assert sorted(row["result"] for row in results) == ["lost"] * 7 + ["won"]
        assert await sql.fetchval("SELECT count(*) FROM events WHERE type = 'handoff:claimed'") == 2


async def test_claim_by_the_originator_is_refused(world: World) -> None:
    """[H2] Before any other refusal, whatever the role."""
    engineer = await world.client("engineer")
    handoff = await hand_off(engineer)
    assert (await refused(claim(engineer, handoff["id"]))).code == "self_claim"


@pytest.mark.parametrize("ending", ["claimed", "withdrawn", "expired", "resolved"])
async def test_claim_by_the_originator_is_self_claim_however_the_handoff_stands(
    world: World, sql: Sql, ending: str
) -> None:
    """[H2] Also where anyone else hears `already_claimed` or `closed`, and for a role that may not claim."""
    originator, senior = await act(world, "senior"), await act(world, "senior")
    handoff = await hand_off(originator.socket)
    if ending in ("claimed", "resolved"):
        held = (await claim(senior.socket, handoff["id"]))["handoff"]
        if ending == "resolved":
            await resolve(senior.socket, held)
    elif ending == "withdrawn":
        await originator.socket.command("handoff:withdraw", {"handoff_id": handoff["id"], "reason": "mistake"})
    else:
        await sql.execute(PAST_EXPIRY, handoff["id"])
    demoted = await world.client(replace(originator.who, role="viewer"))
    before = await imprint(sql)
    for client in (originator.socket, demoted):
        assert (await refused(claim(client, handoff["id"]))).code == "self_claim"
    assert await imprint(sql) == before


async def test_claim_is_for_the_roles_of_the_account(world: World, sql: Sql) -> None:
    """[A9] Seniors and admins, unless the account says otherwise; a refused role takes and records nothing."""
    engineer, colleague = await world.client("engineer"), await world.client("engineer")
    senior, viewer = await world.client("senior"), await world.client("viewer")
    handoff = await hand_off(engineer)
    before = await imprint(sql)
    for client in (colleague, viewer):
        assert (await refused(claim(client, handoff["id"]))).code == "role_required"
    await sql.execute("UPDATE accounts SET claim_roles = '{engineer}' WHERE id = $1", world.account_id)
    assert (await refused(claim(senior, handoff["id"]))).code == "role_required"
    assert await imprint(sql) == before
    assert (await claim(colleague, handoff["id"]))["handoff"]["claimed_by"]["id"] == colleague.hello.user.id


async def test_claim_tells_the_loser_who_won_and_when(world: World, sql: Sql) -> None:
    """[H3] The winner by name, the time of the win, by how much the loser was late; no `next` on an empty queue."""
    engineer, winner, loser = [await world.client(role, "Ada") for role in ("engineer", "senior", "senior")]
    handoff = await hand_off(engineer)
    await claim(winner, handoff["id"])
    before = await imprint(sql, *CLAIM_CHANGES)
    aged = "UPDATE handoffs SET claimed_at = claimed_at - interval '5 s' RETURNING claimed_at"
    claimed_at = await sql.fetchval(aged)
    lost = await refused(claim(loser, handoff["id"]))
    await sql.execute("UPDATE handoffs SET claimed_at = claimed_at + interval '5 s'")
    assert lost.code == "already_claimed"
    assert set(lost.details) == {"claimed_by", "claimed_at", "lost_by_ms", "next"}
    assert lost.details["claimed_by"] == {"id": winner.hello.user.id, "name": "Ada"}
    assert lost.details["claimed_at"] == wire_time(claimed_at)
    assert type(lost.details["lost_by_ms"]) is int
    assert lost.details["lost_by_ms"] >= 5000
    assert lost.details["next"] is None
    assert await imprint(sql, *CLAIM_CHANGES) == before


async def test_claim_points_the_loser_to_the_next_it_may_take(world: World, sql: Sql) -> None:
    """[H3] In the order of Q1, without what is claimed, past its expiry or the loser's own."""
    engineer, winner, loser = await world.client("engineer"), await world.client("senior"), await world.client("senior")
    lost_one = await hand_off(engineer, severity="critical")
    taken = await hand_off(engineer, severity="critical")
    expired = await hand_off(engineer, severity="critical")
    await hand_off(loser, severity="critical")
    high = await hand_off(engineer, severity="high")
    older = await hand_off(engineer, severity="high")
    for handoff in (lost_one, taken):
        await claim(winner, handoff["id"])
    await sql.execute(PAST_EXPIRY, expired["id"])
    await sql.execute(
        "UPDATE handoffs SET first_queued_at = first_queued_at - interval '1 h' WHERE id = $1", older["id"]
    )
    following = [(await refused(claim(loser, lost_one["id"]))).details["next"]]
    for _ in range(2):
        await claim(winner, following[-1]["id"])
        following.append((await refused(claim(loser, lost_one["id"]))).details["next"])
    assert [handoff and handoff["id"] for handoff in following] == [older["id"], high["id"], None]
    assert set(following[0]) == set(high)


async def test_claim_of_the_winner_is_replayed(world: World, sql: Sql) -> None:
    """[H4] Under the same or another claim id: the same fencing token, and no event."""
    engineer, winner, other = await world.client("engineer"), await act(world, "senior"), await world.client("senior")
    handoff = await hand_off(engineer)
    won = await claim(winner.socket, handoff["id"])
    before = await imprint(sql, *CLAIM_CHANGES)
    again = await claim(winner.socket, handoff["id"], won["claim"]["id"])
    assert again == {**won, "replayed": True}
    second_id = new_id()
    elsewhere = await claim(await world.client(winner.who), handoff["id"], second_id)
    assert elsewhere == {**won, "claim": {"id": second_id, "fencing_token": 1}, "replayed": True}
    assert await imprint(sql, *CLAIM_CHANGES) == before
    for claim_id in (won["claim"]["id"], second_id):
        assert (await refused(claim(other, handoff["id"], claim_id))).code == "id_conflict"


async def test_claim_whose_answer_was_lost_does_not_claim_again_after_a_release(world: World, sql: Sql) -> None:
    """[H5] Claim, lost answer, release by an admin, and only then the retry: it is told that the claim has ended."""
    engineer, admin, who = await world.client("engineer"), await world.client("admin"), world.person("senior")
    handoff, claim_id = await hand_off(engineer), new_id()
    room = await admin.join_session(handoff["session_id"])
    async with connected(world.url, world.token(who)) as wire, sql.transaction():
        await sql.execute("SELECT FROM handoffs FOR UPDATE")
        await wire.send(event("handoff:claim", {"handoff_id": handoff["id"], "claim_id": claim_id}, 1))
        await piled_up(sql, 1)
        vanish(wire)
    claimed = (await room.next("handoff:claimed")).data["handoff"]
    assert claimed["claimed_by"]["id"] == str(who.user_id)
    await release(admin, claimed)
    senior = await world.client(who)
    before = await imprint(sql)
    for _ in range(2):
        assert (await refused(claim(senior, handoff["id"], claim_id))).code == "claim_ended"
    assert await imprint(sql) == before
    anew = await claim(senior, handoff["id"])
    assert (anew["replayed"], anew["claim"]["fencing_token"]) == (False, 2)
    assert (await refused(claim(senior, handoff["id"], claim_id))).code == "claim_ended"


@pytest.mark.parametrize("ending", ["taken by another", "reassigned", "resolved"])
async def test_claim_that_ended_stays_ended(world: World, sql: Sql, ending: str) -> None:
    """[H5] However it ended; also under the id of a replay."""
    engineer, first, other = await act(world, "engineer"), await act(world, "senior"), await act(world, "senior")
    held: Data = {}
    scene = await set_scene(world, "queued", engineer, other)
    claim_ids = [new_id(), new_id()]
    for claim_id in claim_ids:
        held = (await claim(first.socket, scene.handoff_id, claim_id))["handoff"]
    if ending == "taken by another":
        await release(first.socket, held)
        await claim(other.socket, scene.handoff_id)
    elif ending == "reassigned":
        to = {"to_user_id": str(other.who.user_id), "note": "Yours", "fencing_token": 1}
        await first.socket.command("handoff:reassign", {"handoff_id": scene.handoff_id, **to})
    else:
        await resolve(first.socket, held)
    before = await imprint(sql)
    for claim_id in claim_ids:
        assert (await refused(claim(first.socket, scene.handoff_id, claim_id))).code == "claim_ended"
    assert await imprint(sql) == before


async def test_claim_that_was_lost_stays_lost_when_the_handoff_is_free_again(world: World, sql: Sql) -> None:
    """[H5] Its retry is answered as it was and does not claim; only a new claim id does."""
    engineer, winner, loser = await world.client("engineer"), await world.client("senior"), await world.client("senior")
    handoff, claim_id = await hand_off(engineer), new_id()
    held = (await claim(winner, handoff["id"]))["handoff"]
    lost = await refused(claim(loser, handoff["id"], claim_id))
    await release(winner, held)
    before = await imprint(sql)
    again = await refused(claim(loser, handoff["id"], claim_id))
    assert (again.code, again.details) == ("already_claimed", lost.details)
    assert await imprint(sql) == before
    assert (await claim(loser, handoff["id"]))["claim"]["fencing_token"] == 2


async def test_claim_past_the_expiry_is_closed_before_any_sweep(world: World, sql: Sql) -> None:
    """[H6] The row still says queued; neither claim nor withdrawal is let through, and nothing is written."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    handoff = await hand_off(engineer)
    expired_at = await sql.fetchval(PAST_EXPIRY, handoff["id"])
    before = await imprint(sql)
    expected = {"status": "expired", "at": wire_time(expired_at), "by": None, "outcome": None}
    told = await refused(claim(senior, handoff["id"]))
    assert (told.code, told.details) == ("closed", expected)
    withdrawal = {"handoff_id": handoff["id"], "reason": "mistake"}
    told = await refused(engineer.command("handoff:withdraw", withdrawal))
    assert (told.code, told.details) == ("closed", expected)
    assert await imprint(sql) == before


async def test_claim_of_a_closed_handoff_says_how_it_ended(world: World) -> None:
    """[H6] Withdrawn, resolved or cancelled: by whom, when, and with which outcome."""
    engineer, senior, late = await world.client("engineer"), await world.client("senior"), await world.client("senior")
    withdrawn = await hand_off(engineer)
    await engineer.command("handoff:withdraw", {"handoff_id": withdrawn["id"], "reason": "solved_self"})
    resolved = await hand_off(engineer)
    await resolve(senior, (await claim(senior, resolved["id"]))["handoff"])
    cancelled = await hand_off(engineer)
    await senior.command("session:close", {"session_id": cancelled["session_id"], "resolution": "Done by phone"})
    ended_by = {withdrawn["id"]: engineer, resolved["id"]: senior, cancelled["id"]: senior}
    for handoff_id, client in ended_by.items():
        told = await refused(claim(late, handoff_id))
        view = (await late.command("handoff:get", {"handoff_id": handoff_id}))["handoff"]
        user = client.hello.user
        assert told.code == "closed"
        assert told.details == {
            "status": view["status"],
            "at": view["closed_at"],
            "by": {"id": user.id, "name": user.name},
            "outcome": "workaround" if handoff_id == resolved["id"] else None,
        }


async def test_claim_past_the_expiry_is_told_the_same_after_the_session_closed(world: World, sql: Sql) -> None:
    """[H6] Expired is terminal from the moment of expiry: closing the session does not turn it into cancelled."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    handoff = await hand_off(engineer)
    await sql.execute(PAST_EXPIRY, handoff["id"])
    before = await refused(claim(senior, handoff["id"]))
    room, queue = await senior.join_session(handoff["session_id"]), await senior.join_queue()
    await engineer.command("session:close", {"session_id": handoff["session_id"], "resolution": "Solved meanwhile"})
    after = await refused(claim(senior, handoff["id"]))
    assert (after.code, after.details) == (before.code, before.details)
    for view in (room, queue):
        expired = await view.next()
        assert (expired.type, expired.actor) == ("handoff:expired", None)
        assert expired.data["handoff"]["closed_at"] == before.details["at"]
    assert (await room.next()).type == "session:closed"


async def test_create_after_an_expiry_is_a_further_try(world: World, sql: Sql) -> None:
    """[H6] The expired one does not stand in the way, swept or not, and its end is told before the new beginning."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    expired = await hand_off(engineer)
    room, queue = await senior.join_session(expired["session_id"]), await senior.join_queue()
    await sql.execute(PAST_EXPIRY, expired["id"])
    created = await hand_off(engineer, expired["session_id"])
    assert (created["parent_id"], created["attempt_no"]) == (expired["id"], 2)
    for view in (room, queue):
        end, begin = await view.next(), await view.next()
        assert (end.type, end.actor, end.data["handoff"]["status"]) == ("handoff:expired", None, "expired")
        assert (begin.type, begin.data["handoff"]) == ("handoff:created", created)


async def test_create_stamps_the_expiry_by_the_account(world: World, sql: Sql) -> None:
    """[H6] The account's time to live, from the moment of queueing on; while claimed there is none."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    await sql.execute("UPDATE accounts SET handoff_ttl = '90 minutes' WHERE id = $1", world.account_id)
    handoff = await hand_off(engineer)
    instants = [datetime.fromisoformat(handoff[field]) for field in ("created_at", "expires_at")]
    assert instants[1] - instants[0] == timedelta(minutes=90)
    held = (await claim(senior, handoff["id"]))["handoff"]
    assert held["expires_at"] is None
    assert (await release(senior, held))["expires_at"] > handoff["expires_at"]


async def test_create_is_refused_while_another_is_active(world: World, sql: Sql) -> None:
    """[H6] One active handoff a session, queued or claimed; a closed session takes none."""
    engineer, senior = await world.client("engineer"), await world.client("senior", "Ada")
    session_id = await open_session(engineer)
    handoff = await hand_off(engineer, session_id)
    before = await imprint(sql)
    queued = await refused(hand_off(senior, session_id))
    assert await imprint(sql) == before
    await claim(senior, handoff["id"])
    claimed = await refused(hand_off(engineer, session_id))
    assert (queued.code, claimed.code) == ("active_handoff", "active_handoff")
    at = {"handoff_id": handoff["id"]}
    assert queued.details == {**at, "status": "queued", "claimed_by": None}
    assert claimed.details == {**at, "status": "claimed", "claimed_by": {"id": senior.hello.user.id, "name": "Ada"}}
    closed_id = await open_session(engineer)
    session = (await engineer.command("session:close", {"session_id": closed_id, "resolution": "Done"}))["session"]
    told = await refused(hand_off(engineer, closed_id))
    assert told.code == "closed"
    assert told.details == {"status": "closed", "at": session["closed_at"], "by": session["closed_by"], "outcome": None}
