"""Messages that come together share a round trip and a commit, and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest
import uvloop

from store import accounts, claims, handoffs, lanes, messages, sessions
from store.db import Database, PoolLimits
from store.errors import Refusal
from store.models import Answer, Principal
from tests.conftest import World, claim, hand_off, open_session
from tests.rules.scenes import Sql, new_id, piled_up, refused

BOUND = 10.0


async def engineer_of(db: Database) -> Principal:
    who = Principal(uuid4(), "Acme MSP", uuid4(), "Uma", "engineer")
    await accounts.provision(db, who)
    return who


async def session_of(db: Database, who: Principal) -> UUID:
    session_id = uuid4()
    await sessions.create(db, who, session_id, title="T", client_name="C", problem="P")
    return session_id


async def post(db: Database, who: Principal, session_id: UUID, body: str, message_id: UUID | None = None) -> Answer:
    made = message_id or uuid4()
    return await messages.post(db, who, session_id, message_id=made, kind="note", body=body, fencing_token=None)


async def test_messages_of_many_accounts_go_together_and_are_decided_apart(db: Database, sql: Sql) -> None:
    """[R3] [A4] In few transactions; each in its own room, numbered without a gap; what is refused is refused alone."""
    people = [await engineer_of(db) for _ in range(4)]
    rooms = [await session_of(db, who) for who in people]
    closed = await session_of(db, people[0])
    await sessions.close(db, people[0], closed, resolution="Done", force=False)
    posts = [post(db, people[n % 4], rooms[n % 4], f"Note {n}") for n in range(80)]
    strange = [
        post(db, people[0], closed, "Too late"),
        post(db, people[1], rooms[0], "Another account's"),
        post(db, people[2], uuid4(), "Nowhere"),
    ]
    answers = await asyncio.gather(*posts, *strange, return_exceptions=True)
    assert all(isinstance(answer, Answer) for answer in answers[:80])
    assert [answer.code for answer in answers[80:] if isinstance(answer, Refusal)] == [
        "closed",
        "not_found",
        "not_found",
    ]
    seqs = await sql.fetch(
        "SELECT room, array_agg(seq ORDER BY seq) AS seqs FROM events WHERE type = 'message:posted' GROUP BY room"
    )
    assert [row["seqs"] for row in seqs] == [list(range(2, 22))] * 4
    commits = await sql.fetchval("SELECT count(DISTINCT xmin::text) FROM messages")
    assert commits <= 10


async def test_the_same_message_twice_at_once_is_posted_once(db: Database, sql: Sql) -> None:
    """[A5] With others beside it, none of which is harmed."""
    who = await engineer_of(db)
    session_id, message_id = await session_of(db, who), uuid4()
    twice = [post(db, who, session_id, "Once", message_id) for _ in range(3)]
    answers = await asyncio.gather(*twice, *(post(db, who, session_id, f"Other {n}") for n in range(5)))
    assert len({str(answer.data["message"]) for answer in answers[:3]}) == 1
    assert sum(len(answer.events) for answer in answers) == 6
    assert await sql.fetchval("SELECT count(*) FROM messages") == 6
    assert await sql.fetchval("SELECT count(DISTINCT xmin::text) FROM messages") <= 2, "the others went together"


async def test_nobody_waits_for_a_session_that_is_locked(db: Database, sql: Sql) -> None:
    """[H1] Its own messages wait, and are posted when it is free."""
    who = await engineer_of(db)
    held, free = await session_of(db, who), await session_of(db, who)
    async with sql.transaction():
        await sql.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", held)
        waiting = asyncio.create_task(post(db, who, held, "Waits"))
        async with asyncio.timeout(BOUND):
            await asyncio.gather(*(post(db, who, free, f"Note {n}") for n in range(10)))
        assert not waiting.done()
    async with asyncio.timeout(BOUND):
        assert len((await waiting).events) == 1


async def test_a_room_that_is_locked_holds_others_up_for_a_moment_only(database_url: str, sql: Sql) -> None:
    """[H1] Those who came with its message are posted while it still waits; it is posted when the room is free."""
    async with Database.open(database_url, PoolLimits(lock=60, statement=60)) as db:
        people = [await engineer_of(db) for _ in range(6)]
        rooms = [await session_of(db, who) for who in people]
        async with sql.transaction():
            await sql.execute("SELECT FROM rooms WHERE account_id = $1 FOR UPDATE", people[0].account_id)
            waiting = asyncio.create_task(post(db, people[0], rooms[0], "Waits"))
            async with asyncio.timeout(BOUND):
                await asyncio.gather(*(post(db, *pair, "Free") for pair in zip(people[1:], rooms[1:], strict=True)))
            assert not waiting.done()
        async with asyncio.timeout(BOUND):
            assert len((await waiting).events) == 1


@pytest.mark.parametrize(("locks", "winners"), [(True, 1), (False, 2)], ids=["as it is", "red without its lock"])
async def test_claims_of_two_replicas_at_one_row_have_one_winner(
    db: Database, database_url: str, sql: Sql, monkeypatch: pytest.MonkeyPatch, *, locks: bool, winners: int
) -> None:
    """[H1] [H2] Also where each comes with others of its own replica."""
    if not locks:
        monkeypatch.setattr(
            claims, "CLAIM_TOGETHER", claims.CLAIM_TOGETHER.replace("FOR NO KEY UPDATE SKIP LOCKED", "")
        )
    who = await engineer_of(db)
    seniors = [replace(who, user_id=uuid4(), name=f"Senior {n}", role="senior") for n in range(4)]
    for senior in seniors:
        await accounts.provision(db, senior)
    taken, *others = [await queued(db, who) for _ in range(5)]
    async with Database.open(database_url, PoolLimits()) as other:
        async with sql.transaction():
            await sql.execute("SELECT FROM handoffs WHERE id = $1 FOR UPDATE", taken)
            claiming = [
                asyncio.create_task(claims.claim(one, senior, handoff, uuid4()))
                for one, senior, free in zip((db, other), seniors, others, strict=False)
                for handoff in (free, taken)
            ]
            await piled_up(sql, 2)
        told = await asyncio.gather(*claiming, return_exceptions=True)
    assert sum(isinstance(answer, Answer) for answer in told) == winners + 2
    assert {one.code for one in told if isinstance(one, Refusal)} <= {"already_claimed"}


async def queued(db: Database, who: Principal) -> UUID:
    session_id, handoff_id = await session_of(db, who), uuid4()
    await handoffs.create(
        db, who, session_id, handoff_id=handoff_id, severity="high", reason="skill", ask="A", note=None, package="{}",
        enrich=False,
    )  # fmt: skip
    return handoff_id


async def test_owner_and_others_at_once_are_each_held_to_their_token(world: World) -> None:
    """[H4] In one statement: the owner's token, a wrong one, none, and the one who handed off."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    session_id = await open_session(engineer)
    handoff = await hand_off(engineer, session_id)
    token = (await claim(senior, handoff["id"]))["claim"]["fencing_token"]

    def note() -> dict[str, object]:
        return {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": "N"}

    posted = await asyncio.gather(
        senior.command("message:post", note() | {"fencing_token": token}),
        engineer.command("message:post", note()),
        refused(senior.command("message:post", note() | {"fencing_token": token + 1})),
        refused(senior.command("message:post", note())),
    )
    assert [answer["message"]["kind"] for answer in posted[:2]] == ["note", "note"]
    assert [answer.code for answer in posted[2:]] == ["not_owner", "invalid_payload"]


async def test_where_the_statement_of_all_fails_each_is_run_alone() -> None:
    """And told what it would have been told alone."""
    alone: list[object] = []

    async def together(_: object) -> list[asyncpg.Record]:
        raise asyncpg.DataError

    async def by_itself(item: lanes.Item) -> asyncpg.Record:
        alone.append(item[1])
        if item[1] == 2:
            raise asyncpg.UniqueViolationError
        return {"verdict": item[1]}  # type: ignore[return-value]

    lane = lanes.Lanes(together, by_itself)
    account_id = uuid4()
    told = await asyncio.gather(*(lane.run((account_id, n)) for n in range(4)), return_exceptions=True)
    assert alone == [0, 1, 2, 3]
    assert str(told) == "[{'verdict': 0}, {'verdict': 1}, UniqueViolationError(), {'verdict': 3}]"


async def test_a_refusal_of_the_database_is_everybodys() -> None:
    """It is not asked again for each."""
    asked: list[object] = []

    async def away(items: object) -> list[asyncpg.Record]:
        asked.append(items)
        raise Refusal("unavailable", "Away.")

    async def never(_: lanes.Item) -> asyncpg.Record:
        pytest.fail("asked again")

    lane = lanes.Lanes(away, never)
    account_id = uuid4()
    told = await asyncio.gather(*(lane.run((account_id, n)) for n in range(4)), return_exceptions=True)
    assert [one.code for one in told if isinstance(one, Refusal)] == ["unavailable"] * 4
    assert len(asked) == 1


async def never(_: lanes.Item) -> asyncpg.Record:
    pytest.fail("nothing is to be run alone")


async def test_a_statement_that_hangs_holds_up_the_next_for_a_moment_only() -> None:
    """Those who come after it are decided while it still waits, one statement at a time."""
    begun: list[object] = []
    free = {number: asyncio.Event() for number in range(5)}
    free[0].set()

    async def together(items: Sequence[lanes.Item]) -> list[asyncpg.Record]:
        begun.extend(item[1] for item in items)
        await free[int(str(items[0][1]))].wait()
        return [{"verdict": item[1]} for item in items]  # type: ignore[misc]

    lane, account_id = lanes.Lanes(together, never), uuid4()
    async with asyncio.timeout(BOUND):
        assert (await lane.run((account_id, 0)))["verdict"] == 0
        await asyncio.sleep(lanes.PATIENCE / 2)
        hanging = asyncio.create_task(lane.run((account_id, 1)))
        await asyncio.sleep(0)
        next_one = asyncio.create_task(lane.run((account_id, 2)))
        while 2 not in begun:  # noqa: ASYNC110  # nobody tells it
            await asyncio.sleep(0.001)
        free[1].set()
        assert (await hanging)["verdict"] == 1
        behind = asyncio.create_task(lane.run((account_id, 3)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert begun == [0, 1, 2]
        free[2].set()
        free[3].set()
        assert [(await one)["verdict"] for one in (next_one, behind)] == [2, 3]


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_long_turn_is_not_taken_for_a_long_statement(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """What was to begin behind it begins once, with all who came."""
    sizes: list[int] = []

    async def together(items: Sequence[lanes.Item]) -> list[asyncpg.Record]:
        sizes.append(len(items))
        await asyncio.sleep(0.01)
        return [{"verdict": "ok"} for _ in items]  # type: ignore[misc]

    async def write() -> None:
        lane, account_id = lanes.Lanes(together, never), uuid4()
        await lane.run((account_id,))
        await asyncio.sleep(lanes.PATIENCE / 2)
        asked = [asyncio.create_task(lane.run((account_id,))) for _ in range(3)]
        asyncio.get_running_loop().call_soon(time.sleep, 1.5 * lanes.PATIENCE)
        await asyncio.gather(*asked)
        await asyncio.sleep(2 * lanes.PATIENCE)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(write())
    assert sizes == [1, 3]


@pytest.mark.parametrize(("gather", "leave"), [(2 * BOUND, False), (0.2, True)])
async def test_those_who_write_over_and_over_go_together(
    monkeypatch: pytest.MonkeyPatch, gather: float, leave: bool
) -> None:
    """Not in turns, whenever they began; who stays away is waited for a moment only."""
    monkeypatch.setattr(lanes, "GATHER", gather)
    sizes: list[int] = []

    async def together(items: Sequence[lanes.Item]) -> list[asyncpg.Record]:
        sizes.append(len(items))
        await asyncio.sleep(0.001)
        return [{"verdict": "ok"} for _ in items]  # type: ignore[misc]

    lane, account_id = lanes.Lanes(together, never), uuid4()

    async def write(times: int) -> None:
        for _ in range(times):
            await lane.run((account_id,))

    async with asyncio.timeout(BOUND):
        alone = asyncio.create_task(write(20))
        await asyncio.sleep(0)
        others = [asyncio.create_task(write(19)) for _ in range(3)]
        await asyncio.gather(alone, *others)
        assert sizes == [1] + [4] * 19
        if leave:
            await asyncio.gather(write(1), write(5))
            assert sizes[-5:] == [2, 1, 1, 1, 1]


async def test_who_writes_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """However soon the next comes."""
    monkeypatch.setattr(lanes, "GATHER", 2 * BOUND)

    async def together(items: Sequence[lanes.Item]) -> list[asyncpg.Record]:
        return [{"verdict": "ok"} for _ in items]  # type: ignore[misc]

    lane, account_id = lanes.Lanes(together, lambda _: together([])), uuid4()  # type: ignore[arg-type,return-value]
    async with asyncio.timeout(BOUND):
        for _ in range(5):
            await lane.run((account_id,))
