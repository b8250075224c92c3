"""Two accounts at work: people who follow rooms, write at a steady pace and race for every handoff."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import asyncpg
import jwt

from tests.faults.people import Person
from tests.faults.records import Data, Entry, Recording, Sent, new
from tests.faults.sockets import BareSocket, JavaScriptSocket, Lost, Node

RACERS = 5
SESSIONS = 4
CYCLE_EVENTS = 7
"""Of a session that is opened, handed off, taken and resolved, in both rooms."""
SETTLING = 60.0
"""Seconds after the last fault within which everything has to be answered and everybody to know all."""

HEADS = "SELECT account_id::text, name, seq FROM rooms WHERE account_id = ANY($1)"


class Company:
    """One account and its people: one in three hands off, the others race."""

    def __init__(self, name: str) -> None:
        self.id, self.name = new(), name
        self.sessions = [new() for _ in range(SESSIONS)]
        self.people: list[Person] = []

    @property
    def engineers(self) -> list[Person]:
        return self.people[::3]

    @property
    def seniors(self) -> list[Person]:
        return [person for number, person in enumerate(self.people) if number % 3]


class _Nobody:
    """Hears nothing."""

    def heard(self, name: str, data: Data, when: float) -> None: ...


class Turn:
    """The replicas, or what stands before them, one after the other, beginning with the own one."""

    def __init__(self, urls: Sequence[str], number: int) -> None:
        self.home = urls[number % len(urls)]
        self._urls, self._number = urls, number
        self._next = number

    def __call__(self) -> str:
        self._next += 1
        return self._urls[(self._next - 1) % len(self._urls)]

    def begin_again(self) -> None:
        self._next = self._number


class Load:
    """Everybody, and what they do. Made by `opened`."""

    def __init__(self, urls: Sequence[str], secret: str, http: aiohttp.ClientSession, node: Node | None) -> None:
        self.urls = list(urls)
        self.companies = Company("Acme MSP"), Company("Birchwood IT")
        self.everybody: list[Person] = []
        self._secret, self._http, self._node = secret, http, node
        self._runs: list[asyncio.Task[None]] = []
        self._work: set[asyncio.Task[Any]] = set()
        self._pace: list[asyncio.Task[None]] = []
        self._numbers = itertools.count()
        self._shared: dict[tuple[str, int], Entry] = {}

    @classmethod
    @asynccontextmanager
    async def opened(cls, urls: Sequence[str], secret: str, *, clients: int, javascript: bool) -> AsyncIterator[Load]:
        """All connected and in their rooms: every second client is the JavaScript one, if wanted."""
        async with AsyncExitStack() as stack:
            connector = aiohttp.TCPConnector(limit=0)
            http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            node = await stack.enter_async_context(Node.started()) if javascript else None
            load = cls(urls, secret, http, node)
            stack.push_async_callback(load._end)
            for company in load.companies:
                clerk = load.add(company, "engineer", rooms=0)
                for session in company.sessions:
                    await clerk.do("session:create", session_id=session, title="T", client_name="C", problem="P")
                for number in range(clients // 2):
                    role = "senior" if number % 3 else "engineer"
                    company.people.append(load.add(company, role, javascript=javascript and number % 2 == 1))
            await load.all_ready()
            yield load

    @property
    def recordings(self) -> list[Recording]:
        return [person.recording for person in self.everybody]

    @property
    def accounts(self) -> list[str]:
        return [company.id for company in self.companies]

    def add(
        self,
        company: Company,
        role: str,
        *,
        rooms: int = 2,
        queue: bool = True,
        javascript: bool = False,
        next_url: Callable[[], str] | None = None,
    ) -> Person:
        """Somebody new, who connects at once and follows the queue and so many of the sessions."""
        number = next(self._numbers)
        recording = Recording(f"{company.name} {role} {number}", company.id, new())
        person = Person(
            recording,
            self._token(company, recording, role),
            self._javascript if javascript else lambda owner: BareSocket(owner, self._http),
            next_url or Turn(self.urls, number),
            self._share,
        )
        if queue:
            person.follow("queue")
        for room in range(rooms):
            person.follow("session", session_id=company.sessions[(number + room) % SESSIONS])
        self.everybody.append(person)
        self._runs.append(asyncio.create_task(person.run(), name=recording.name))
        return person

    def _javascript(self, owner: Person) -> JavaScriptSocket:
        assert self._node is not None
        return JavaScriptSocket(owner, self._node)

    def _token(self, company: Company, recording: Recording, role: str) -> str:
        claims = {"sub": recording.user, "account": company.id, "account_name": company.name, "name": recording.name}
        rest = {"role": role, "aud": "resolutionflow", "exp": int(time.time()) + 86_400}
        return jwt.encode(claims | rest, self._secret, algorithm="HS256")

    def _share(self, entry: Entry) -> Entry:
        """One object for what all were told alike: the memory of a long run."""
        first = self._shared.setdefault((entry.room, entry.seq), entry)
        return first if first == entry else entry

    async def all_ready(self) -> None:
        """Everybody who may connect is connected and in their rooms."""
        async with asyncio.timeout(SETTLING):
            for person in self.everybody:
                if person.may_connect.is_set():
                    await person.ready.wait()

    async def spread(self) -> None:
        """Whoever was driven to another replica goes back to his own, so that all have their share."""
        for person in self.everybody:
            if isinstance(person.next_url, Turn) and person.url != person.next_url.home:
                person.next_url.begin_again()
                person.hang_up()
        await self.all_ready()

    async def handshakes(self, url: str, count: int, *, at_once: int) -> int:
        """How many of so many connections were not greeted."""
        company = self.companies[0]
        token = self._token(company, Recording("Uma", company.id, new()), "engineer")
        turn = asyncio.Semaphore(at_once)

        async def shake() -> bool:
            async with turn:
                socket = BareSocket(_Nobody(), self._http)
                try:
                    await socket.open(url, token)
                except Lost:
                    return False
                finally:
                    await socket.close()
                return True

        return (await asyncio.gather(*(shake() for _ in range(count)))).count(False)

    # Work

    def begin(self, per_second: float) -> None:
        """About so many events a second from now on, half of them of handoffs."""
        for company in self.companies:
            each = per_second / len(self.companies) / 2
            self._pace.append(asyncio.create_task(self._steadily(each, partial(self.write, company))))
            self._pace.append(asyncio.create_task(self._steadily(each / CYCLE_EVENTS, partial(self.race, company))))

    async def _steadily(self, per_second: float, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """At their times, also when the loop was late."""
        loop = asyncio.get_running_loop()
        start = loop.time() + random.random() / per_second
        for number in itertools.count():
            await asyncio.sleep(max(0.0, start + number / per_second - loop.time()))
            self.spawn(work())

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Goes on by itself, and has to be through at the end."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def write(self, company: Company) -> None:
        author = random.choice(company.people)
        body = "Rebooted the print server. " * random.randint(1, 8)
        session = random.choice(company.sessions)
        await author.do("message:post", session_id=session, message_id=new(), body=body, kind="note")

    async def race(self, company: Company) -> None:
        """A handoff from its beginning to its end, with several seniors reaching for it at once."""
        handoff = await hand_off(random.choice(company.engineers))
        racers = random.sample(company.seniors, min(RACERS, len(company.seniors)))
        for racer, sent in zip(racers, await claim(racers, handoff), strict=True):
            if (data := sent.data) is not None:
                token = data["claim"]["fencing_token"]
                end = {"outcome": "fixed_by_senior", "note": "Cleared the queue"}
                await racer.do("handoff:resolve", handoff_id=handoff, fencing_token=token, **end)

    async def finish(self, database_url: str) -> bool:
        """No new work; whether all of it was answered and everybody stands at the head of the log in time."""
        for pace in self._pace:
            pace.cancel()
        await asyncio.gather(*self._pace, return_exceptions=True)
        self._pace.clear()
        try:
            async with asyncio.timeout(SETTLING):
                while self._work:
                    await asyncio.wait(self._work)
                while True:
                    await self.all_ready()
                    if await self._up_to_date(database_url):
                        return True
                    await asyncio.sleep(0.1)
        except TimeoutError:
            return False

    async def _up_to_date(self, database_url: str) -> bool:
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(HEADS, self.accounts)
        finally:
            await connection.close()
        heads = {(account, name): seq for account, name, seq in rows}
        return all(
            person.ready.is_set()
            and all(room.seq == heads.get((person.recording.account, room.name), 0) for room in person.rooms)
            for person in self.everybody
        )

    async def _end(self) -> None:
        tasks = [*self._pace, *self._work, *self._runs]
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


async def hand_off(engineer: Person) -> str:
    """The id of a new handoff of a new session."""
    session, handoff = new(), new()
    await engineer.do("session:create", session_id=session, title="T", client_name="C", problem="P")
    why = {"severity": random.choice(("high", "normal")), "reason": "skill", "ask": "Look at the spooler"}
    await engineer.do("handoff:create", handoff_id=handoff, session_id=session, **why)
    return handoff


async def claim(racers: Sequence[Person], handoff: str) -> list[Sent]:
    """What each of them was answered."""
    return await asyncio.gather(*(one.do("handoff:claim", handoff_id=handoff, claim_id=new()) for one in racers))
