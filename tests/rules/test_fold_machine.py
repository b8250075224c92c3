"""R7 of all commands: whatever people do, state folded with events is the later state, and handoffs stay sound."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, nullcontext
from functools import reduce
from random import Random
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from handlers import COMMANDS, timers
from loadtest.client import Refused, RoomView
from loadtest.fold import Event, fold
from server.app import pool_limits
from server.config import Settings
from store import enrichment, events
from store.db import Database
from store.events import Recovered, Snapshot, read_escalation_room, read_session_room
from store.models import Principal, Room
from tests.rules.houses import House, InProcess, Sockets
from tests.rules.imagined import NEW_SESSION, WRITES, Imagined, Sent, View

SEEDS = st.integers(0, 2**32 - 1)
"""All that a rule draws: what happens at once may end in several ways, and Hypothesis wants its draws alike."""
NEW_QUEUE: View = {"handoffs": []}

UNSOUND = """
WITH told AS (
    SELECT account_id, room, seq, type, data -> 'handoff' AS h, data -> 'handoff' ->> 'id' AS id
    FROM events WHERE account_id = ANY ($1) AND data ? 'handoff'
),
steps AS (
    SELECT *, lag(h) OVER (PARTITION BY account_id, room, id ORDER BY seq) AS before FROM told
)
SELECT 'two active handoffs of a session' AS what, session_id::text AS id FROM handoffs
WHERE account_id = ANY ($1) AND status IN ('queued', 'claimed') GROUP BY account_id, session_id HAVING count(*) > 1
UNION ALL
SELECT 'claims are not one for each fencing token', h.id::text FROM handoffs h
WHERE account_id = ANY ($1) AND ARRAY(SELECT generate_series(1, h.fencing_token)) <> ARRAY(
    SELECT c.fencing_token FROM claims c
    WHERE c.account_id = h.account_id AND c.handoff_id = h.id AND c.result IN ('won', 'assigned') ORDER BY 1)
UNION ALL
SELECT 'claimed by who handed it off', id::text FROM handoffs
WHERE account_id = ANY ($1) AND claimed_by = handed_off_by
UNION ALL
SELECT 'told as claimed by who handed it off', id FROM told
WHERE h -> 'claimed_by' -> 'id' = h -> 'handed_off_by' -> 'id'
UNION ALL
SELECT 'version does not rise by one', id FROM steps
WHERE (h ->> 'version')::int <> coalesce((before ->> 'version')::int, 0) + 1
UNION ALL
SELECT 'fencing token does not rise by one with a claim alone', id FROM steps
WHERE (h ->> 'fencing_token')::int <> coalesce((before ->> 'fencing_token')::int, 0)
      + (type IN ('handoff:claimed', 'handoff:reassigned'))::int
UNION ALL
SELECT 'a terminal state was left', id FROM steps WHERE before ->> 'status' NOT IN ('queued', 'claimed')
UNION ALL
SELECT 'no move of a handoff', id FROM steps
WHERE (coalesce(before ->> 'status', ''), type, h ->> 'status') NOT IN (
    ('', 'handoff:created', 'queued'), ('queued', 'handoff:claimed', 'claimed'),
    ('claimed', 'handoff:released', 'queued'), ('claimed', 'handoff:reassigned', 'claimed'),
    ('claimed', 'handoff:started', 'claimed'), ('claimed', 'handoff:resolved', 'resolved'),
    ('queued', 'handoff:tagged', 'queued'), ('claimed', 'handoff:tagged', 'claimed'),
    ('queued', 'handoff:nudged', 'queued'), ('claimed', 'handoff:nudged', 'claimed'),
    ('claimed', 'handoff:resumed', 'claimed'),
    ('queued', 'handoff:enriched', 'queued'), ('claimed', 'handoff:enriched', 'claimed'),
    ('queued', 'handoff:withdrawn', 'withdrawn'), ('queued', 'handoff:expired', 'expired'),
    ('queued', 'handoff:cancelled', 'cancelled'), ('claimed', 'handoff:cancelled', 'cancelled'))
UNION ALL
SELECT 'not told in both rooms alike', id FROM told GROUP BY account_id, id, type, h HAVING count(*) <> 2
UNION ALL
SELECT 'the newest event is not the row', h.id::text FROM handoffs h
WHERE account_id = ANY ($1) AND handoff_view(h) <> (
    SELECT t.h FROM told t WHERE t.account_id = h.account_id AND t.id = h.id::text
    ORDER BY (t.h ->> 'version')::int DESC LIMIT 1)
"""

HEADS = "SELECT account_id, name, seq FROM rooms WHERE account_id = ANY ($1)"
NEGLECTED = """
WITH hurried AS (UPDATE accounts SET nudge_after = '0', release_idle = $2 WHERE id = ANY ($1))
UPDATE handoffs SET nudge_at = now(), claim_by = first_queued_at
WHERE account_id = ANY ($1) AND status IN ('queued', 'claimed')
"""
DUE_TO_ENRICH = """
UPDATE handoffs SET enrich_at = now(), enrich_tries = 0
WHERE account_id = ANY ($1) AND status IN ('queued', 'claimed') RETURNING account_id, id
"""
TTL = "UPDATE accounts SET handoff_ttl = make_interval(secs => $2) WHERE id = ANY ($1)"


class Work(Imagined, RuleBasedStateMachine):
    """Two accounts' people, doing what they may and what they may not, alone and at once."""

    def __init__(self, house: House, db: Database, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        RuleBasedStateMachine.__init__(self)
        Imagined.__init__(self)
        self.house, self.db, self.run = house, db, run
        self.views: list[tuple[Principal, RoomView]] = []
        self.queues: dict[Principal, View] = {}
        self.logs: dict[Room, list[Event]] = {}
        self.run(self.begin())

    async def begin(self) -> None:
        for who in self.people:
            await self.house.enter(who)
        for who in (self.people[1], self.people[5], self.people[7]):
            self.views.append((who, await self.house.follow(who, None)))
        for who in (self.people[0], self.people[6]):
            await self.send((who, "session:create", self.session_of(str(uuid4()))))

    def teardown(self) -> None:
        self.run(self.end())

    async def end(self) -> None:
        """Everything once more: nothing changed that no event told."""
        try:
            await self.check_rooms(await self.heads())
        finally:
            await self.house.empty()

    async def send(self, sent: Sent) -> str:
        """Apply the command; 'ok' or the refusal's code."""
        who, name, payload = sent
        result = await answer_of(self.house.send(who, name, payload))
        assert result not in ("internal", "unavailable"), sent
        if result == "ok" and name == "session:create":
            self.states.setdefault((who.account_id, payload["session_id"]), NEW_SESSION)
        return result

    # What happens

    @rule(seed=SEEDS)
    def one(self, seed: int) -> None:
        """A command by itself. Refused, it leaves no trace in the log."""
        self.dice = Random(seed)
        sent = self.some()
        before = self.run(self.heads())
        if self.run(self.send(sent)) != "ok":
            assert self.run(self.heads()) == before

    @rule(seed=SEEDS, count=st.integers(3, 6))
    def one_after_the_other(self, seed: int, count: int) -> None:
        self.dice = Random(seed)
        for _ in range(count):
            self.run(self.send(self.fitting()))
            self.run(self.check())

    @rule(seed=SEEDS, count=st.integers(2, 5))
    def many_at_once(self, seed: int, count: int) -> None:
        self.dice = Random(seed)
        draw = self.dice.choice([self.some, self.fitting])
        self.run(self.all_at_once([draw() for _ in range(count)]))

    @rule(seed=SEEDS)
    def race_for_a_handoff(self, seed: int) -> None:
        """One of those who may gets it, where it is to be had."""
        self.dice = Random(seed)
        if "queued" not in self.statuses():
            self.run(self.send(self.handoff_create()))
            self.run(self.check())
        account, handoff = self.handoff("queued")
        seniors = self.seniors(account)
        race: list[Sent] = [
            (who, "handoff:claim", {"handoff_id": handoff["id"], "claim_id": str(uuid4())}) for who in seniors
        ]
        self.sent += race
        results = Counter(self.run(self.all_at_once(race)))
        if handoff.get("status") == "queued":
            assert results["ok"] == 1 or results.keys() <= {"closed", "self_claim"}

    @rule(seed=SEEDS)
    def again(self, seed: int) -> None:
        """An earlier command once more, as after a lost answer."""
        self.dice = Random(seed)
        self.run(self.send(self.dice.choice(self.sent) if self.sent else self.fitting()))

    @rule(seed=SEEDS)
    def malformed(self, seed: int) -> None:
        """A field too few, or one too many."""
        self.dice = Random(seed)
        who, name, payload = self.some()
        required = [field for field, of in COMMANDS[name].payload.model_fields.items() if of.is_required()]
        gone = self.any_of([*required, None])
        broken = {**payload, "room": "session:x"} if gone is None else {k: v for k, v in payload.items() if k != gone}
        assert self.run(self.send((who, name, broken))) == "invalid_payload"

    @rule(seed=SEEDS)
    def what_queues_now_expires_at_once(self, seed: int) -> None:
        self.dice = Random(seed)
        sent = self.handoff_release() if "claimed" in self.statuses() else self.handoff_create()
        self.sent.append(sent)
        self.run(self.db.rows(TTL, self.accounts, 0))
        self.run(self.send(sent))
        self.run(self.db.rows(TTL, self.accounts, 3600))

    @rule(released=st.booleans())
    def nobody_cares_for_long(self, released: bool) -> None:
        """All that is due happens, as if no owner had done anything and every target was passed."""

        async def sweep() -> None:
            await self.db.rows(NEGLECTED, self.accounts, released)
            async for _ in timers.sweep(self.db):  # delivery finds it in the log
                pass

        self.run(sweep())

    @rule(fails=st.booleans())
    def packages_get_better(self, fails: bool) -> None:
        """Or not, and are then given up."""

        async def enrich() -> None:
            for row in await self.db.rows(DUE_TO_ENRICH, self.accounts):
                taken = await enrichment.take(self.db, row["account_id"], row["id"])
                assert taken is not None
                better = {**json.loads(taken.package), "headline": "Better", "prose": "Much better."}
                if fails:
                    await enrichment.give_up(self.db, taken)
                else:
                    await enrichment.improve(self.db, taken, package=json.dumps(better), analysis="{}")

        self.run(enrich())

    @rule(seed=SEEDS)
    def somebody_comes_or_goes(self, seed: int) -> None:
        self.dice = Random(seed)
        who, session_id, _ = self.session()
        name = f"session:{session_id}"
        followed = [(one, view) for one, view in self.views if (one, view.name) == (who, name)]
        for one, view in followed:
            self.views.remove((one, view))
            self.run(self.house.unfollow(one, view))
        if not followed and (who.account_id, session_id) in self.states:
            self.views.append((who, self.run(self.house.follow(who, session_id))))

    async def all_at_once(self, together: list[Sent]) -> list[str]:
        return await asyncio.gather(*(self.send(sent) for sent in together))

    async def heads(self) -> dict[Room, int]:
        """The newest number of every room of the two accounts."""
        rows = await self.db.rows(HEADS, self.accounts)
        return {Room(row["account_id"], row["name"]): row["seq"] for row in rows}

    # What holds

    @invariant()
    def folded_events_are_the_state(self) -> None:
        self.run(self.check())

    async def check(self) -> None:
        """Of the rooms in which something was told since the last time."""
        heads = await self.heads()
        changed = {room for room, head in heads.items() if len(self.logs.get(room, ())) != head}
        if changed:
            await self.check_rooms(changed)

    async def check_rooms(self, rooms: Collection[Room]) -> None:
        unsound = await self.db.rows(UNSOUND, self.accounts)
        assert [tuple(row) for row in unsound] == []
        for account, session_id in self.states:
            room = Room.of_session(account, UUID(session_id))
            if room in rooms:
                state = await read_session_room(self.db, account, UUID(session_id))
                self.logs[room] = await self.log_of(room, state)
                self.states[account, session_id] = folded(NEW_SESSION, self.logs[room], state)
        for who in self.people:
            room = Room.of_escalations(who.account_id)
            if room in rooms:
                state = await read_escalation_room(self.db, who.account_id, who.user_id)
                self.logs[room] = await self.log_of(room, state)
                self.queues[who] = folded(NEW_QUEUE, self.logs[room], state, who)
        for who, view in self.views:
            room = Room(who.account_id, view.name)
            log = self.logs.get(room, [])
            await self.house.caught_up(view, len(log))
            assert (view.gaps, view.duplicates, view.reset_count) == (0, 0, 0)
            assert view.events == log[view.snapshot_seq :]
            session = self.states.get((who.account_id, view.key.get("session_id", "")))
            later = {part: value for part, value in view.folded().items() if part != "members"}
            assert later == (self.queues.get(who, NEW_QUEUE) if session is None else session)

    async def log_of(self, room: Room, state: Recovered | Snapshot) -> list[Event]:
        log = [Event.parse(json.loads(event.body)) for event in await events.after(self.db, room, 0)]
        assert [event.seq for event in log] == list(range(1, state.seq + 1)), room.name
        return log


async def answer_of(command: Awaitable[View]) -> str:
    try:
        await command
    except Refused as refused:
        return refused.code
    return "ok"


def folded(new: View, log: list[Event], state: Recovered | Snapshot, who: Principal | None = None) -> View:
    """The state, which is what the whole log makes of nothing."""
    assert isinstance(state, Snapshot)
    me = "" if who is None else str(who.user_id)
    made = reduce(lambda view, event: fold(view, event, me), log, new)
    assert made == json.loads(state.state)
    return made


@contextmanager
def working(
    url: str, house: Callable[[Database], AbstractAsyncContextManager[House]]
) -> Iterator[type[RuleBasedStateMachine]]:
    """Makes machines whose people are all in one house, on an event loop that goes on only while they act."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        stack = AsyncExitStack()

        async def open_house() -> tuple[House, Database]:
            db = await stack.enter_async_context(Database.open(url, pool_limits(Settings())))
            return await stack.enter_async_context(house(db)), db

        opened = runner.run(open_house())
        try:

            class AtWork(Work):
                def __init__(self) -> None:
                    super().__init__(*opened, runner.run)

            yield AtWork
        finally:
            runner.run(stack.aclose())


def bounded(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],  # what happens at once does not happen twice, so shrinking would go nowhere
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_every_command_that_writes_is_in_the_machine() -> None:
    """[R7]"""
    reads = {
        "session:list",
        "session:get",
        "session:join",
        "session:leave",
        "session:history",
        "session:status_update",
        "typing",
        "presence:set",
        "handoff:get",
        "handoff:log",
        "queue:join",
        "queue:leave",
        "queue:get",
        "queue:metrics",
        "queue:metrics_handoffs",
        "room:events",
        "me:get",
        "auth:renew",
    }
    written = {draw.__name__.replace("_", ":", 1) for draw in WRITES}
    assert written == COMMANDS.keys() - reads


def test_state_folded_with_events_is_the_later_state(database_url: str) -> None:
    """[R7] [R3] [H1] [H7] [H10] Of every room, for everyone, after whatever was done, alone or at once."""
    with working(database_url, lambda db: nullcontext(InProcess(db))) as machine:
        run_state_machine_as_test(machine, settings=bounded(30, 40))


def test_state_folded_over_sockets_is_the_later_state(database_url: str) -> None:
    """[R7] [R4] As clients fold it from what a server sends them."""
    with working(database_url, Sockets.open) as machine:
        run_state_machine_as_test(machine, settings=bounded(4, 30))
