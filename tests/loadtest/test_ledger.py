"""The checker is seen to catch what it is there for: planted losses, doubles and disorder, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson
import pytest

from loadtest.connection import Connection, Declined, Gone
from loadtest.ledger import Ledger, Sighting, stamp
from loadtest.posting import Poster, Posters
from server.frames import text_frame

ROOM = "session:5b1f"
ANSWER = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


def event(seq: int, room: str = ROOM, body: str = "") -> bytes:
    about = {"at": "2026-03-01T10:00:00.000000Z", "seq": seq, "data": {"message": {"body": body}}, "room": room}
    return text_frame("42" + orjson.dumps(["message:posted", {**about, "type": "message:posted"}]).decode())


class Planter:
    """A server that says what the test wants said."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.recovered: list[int] = []
        self.head = 0
        self.accepts = True
        self.answers = True
        self.heard = asyncio.Event()
        """That something came to which it gives no answer."""
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator[Planter]:
        made = cls()
        server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield made
        finally:
            server.close()
            for writer in made.writers:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER + text_frame('0{"sid":"x"}'))
        while text := await self._text(reader):
            if text.startswith("40"):
                refused = '44{"message":"no","data":{"code":"unauthorized","status":401}}'
                writer.write(text_frame('40{"sid":"x"}' if self.accepts else refused))
            elif not self.answers:
                self.heard.set()
            elif text.startswith("42"):
                number, _, payload = text[2:].partition("[")
                writer.write(text_frame(f"43{number}[" + self._answer("[" + payload) + "]"))

    def _answer(self, text: str) -> str:
        name, payload = orjson.loads(text)
        if name == "message:post":
            self.head += 1
            return orjson.dumps({"ok": True, "data": {"message": {"seq": self.head}}}).decode()
        if name == "nonsense":
            error = {"code": "unknown_command", "message": "No.", "status": 404, "retryable": False, "details": {}}
            return orjson.dumps({"ok": False, "error": error}).decode()
        events = [orjson.loads(event(seq).partition(b"42[")[2].partition(b",")[2][:-1]) for seq in self.recovered]
        joined = {"room": ROOM, "epoch": "1", "seq": self.head, "recovered": "after" in payload, "events": events}
        return orjson.dumps({"ok": True, "data": joined}).decode()

    @staticmethod
    async def _text(reader: asyncio.StreamReader) -> str:
        try:
            head = await reader.readexactly(2)
            size = head[1] & 127
            size = int.from_bytes(await reader.readexactly(2), "big") if size == 126 else size
            return (await reader.readexactly(4 + size))[4:].decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return ""

    def say(self, *frames: bytes, to: Sequence[int] | None = None) -> None:
        for number in range(len(self.writers)) if to is None else to:
            self.writers[number].write(b"".join(frames))


@pytest.fixture
async def planter() -> AsyncIterator[Planter]:
    async with Planter.listening() as made:
        yield made


async def seated(planter: Planter, ledger: Ledger) -> Connection:
    connection = await Connection.open(ledger, planter.url, "token")
    seat = await connection.join("session", {"session_id": "5b1f"})
    seat.room.members += 1
    return connection


async def settled(connection: Connection) -> None:
    """All that was said before has been read."""
    with pytest.raises(Declined):
        await connection.call("nonsense", {})


async def counted(planter: Planter, said: Sequence[Sequence[int]]) -> Ledger:
    """What the ledger holds when each of the lists came in one piece, to two members: the second finds it known."""
    ledger = Ledger()
    members = [await seated(planter, ledger) for _ in range(2)]
    for numbers in said:
        planter.say(*(event(seq) for seq in numbers))
        for member in members:
            await settled(member)
    head = max(seq for numbers in said for seq in numbers)
    for member in members:
        ledger.close(member.seats, {ROOM: head})
        member.close()
    return ledger


@pytest.mark.parametrize(
    ("said", "lost", "twice", "disorder"),
    [
        pytest.param([[1], [2], [3]], 0, 0, 0, id="as it should be"),
        pytest.param([[1, 2, 3]], 0, 0, 0, id="in one piece"),
        pytest.param([[1], [3]], 1, 0, 0, id="a loss"),
        pytest.param([[1, 3], [4]], 1, 0, 0, id="a loss in one piece"),
        pytest.param([[1], [2], [2], [3]], 0, 1, 0, id="a double"),
        pytest.param([[1, 2], [1, 2], [3]], 0, 2, 0, id="a piece twice"),
        pytest.param([[1], [3], [2], [4]], 0, 0, 1, id="a disorder"),
        pytest.param([[1], [4], [3], [2], [5]], 0, 0, 2, id="backwards"),
        pytest.param([[2], [2]], 1, 1, 0, id="a loss and a double"),
    ],
)
async def test_each_delivery_is_counted(
    planter: Planter, said: list[list[int]], lost: int, twice: int, disorder: int
) -> None:
    tally = (await counted(planter, said)).tally
    assert (tally.lost, tally.twice, tally.disorder) == (2 * lost, 2 * twice, 2 * disorder)
    assert tally.wrong == 2 * (lost + twice + disorder)


async def test_what_never_came_to_one_of_two_is_lost(planter: Planter) -> None:
    ledger = Ledger()
    first, second = [await seated(planter, ledger) for _ in range(2)]
    planter.say(event(1))
    planter.say(event(2), to=[0])
    for member in (first, second):
        await settled(member)
        ledger.close(member.seats, {})
        member.close()
    assert (ledger.tally.delivered, ledger.tally.lost) == (3, 1)


async def test_what_was_acked_and_came_to_nobody_is_lost(planter: Planter) -> None:
    ledger = Ledger()
    member = await seated(planter, ledger)
    await Posters(ledger, [Poster(member, "5b1f", 0, 50)]).at_rate(200, 0.02)
    ledger.close(member.seats, {})
    member.close()
    assert (planter.head, ledger.tally.lost) == (4, 4)


async def test_an_event_of_another_room_is_astray(planter: Planter) -> None:
    ledger = Ledger()
    member = await seated(planter, ledger)
    planter.say(event(1, "session:other"))
    await settled(member)
    member.close()
    assert (ledger.tally.delivered, ledger.tally.stray) == (0, 1)


async def test_an_event_has_arrived_when_all_have_it(planter: Planter) -> None:
    """And its latency is counted once for each."""
    ledger, arrived = Ledger(), list[Sighting]()
    ledger.on_event = arrived.append
    members = [await seated(planter, ledger) for _ in range(3)]
    said = event(1, body=stamp(17, 100))
    planter.say(said, to=[0, 1])
    await settled(members[0])
    await settled(members[1])
    assert arrived == []
    planter.say(said, to=[2])
    await settled(members[2])
    for member in members:
        member.close()
    assert [(sighting.seq, sighting.sender) for sighting in arrived] == [(1, 17)]
    assert (ledger.latency.total, ledger.to_last.total) == (3, 1)


@pytest.mark.parametrize(("recovered", "lost"), [([2, 3], 0), ([3], 1), ([], 2)])
async def test_what_a_resumed_room_left_out_is_lost(planter: Planter, recovered: list[int], lost: int) -> None:
    """[R5]"""
    ledger = Ledger()
    member = await seated(planter, ledger)
    planter.say(event(1))
    await settled(member)
    (seat,) = member.seats.values()
    member.close()
    planter.recovered, planter.head = recovered, 3
    again = await Connection.open(ledger, planter.url, "token")
    assert await again.join("session", {"session_id": "5b1f"}, after=seat, epoch="1") is seat
    ledger.close(again.seats, {})
    again.close()
    assert (seat.at, ledger.tally.lost, ledger.tally.resumed) == (3, lost, len(recovered))


async def test_a_connection_that_ends_by_itself_is_counted(planter: Planter) -> None:
    ledger = Ledger()
    member = await seated(planter, ledger)
    planter.writers[0].close()
    await asyncio.wait_for(member.ended, 5)
    assert ledger.tally.cut == 1
    with pytest.raises(Gone):
        await member.call("queue:join", {})


async def test_what_is_sent_on_a_connection_that_has_ended_goes_nowhere(planter: Planter) -> None:
    """Also between its end and the loop's telling of it."""
    ledger = Ledger()
    member = await seated(planter, ledger)
    sent = ledger.tally.sent
    assert member._transport is not None
    member._transport.abort()
    member.send("nonsense", {}, lambda _: None)
    member.nudge()
    await asyncio.wait_for(member.ended, 5)
    member.send("nonsense", {}, lambda _: None)
    assert (ledger.tally.sent, ledger.tally.cut) == (sent, 1)


async def test_nobody_waits_for_the_answers_of_a_connection_that_has_ended(planter: Planter) -> None:
    ledger = Ledger()
    member = await seated(planter, ledger)
    planter.answers = False
    posters = Posters(ledger, [Poster(member, "5b1f", 0, 50)])
    posting = asyncio.create_task(posters.at_rate(200, 0.02))
    await asyncio.wait_for(planter.heard.wait(), 5)
    planter.writers[0].close()
    await asyncio.wait_for(posting, 5)
    assert ledger.tally.unanswered == ledger.tally.paced > 0


async def test_a_refused_connect_says_why(planter: Planter) -> None:
    planter.accepts = False
    with pytest.raises(Gone, match="unauthorized"):
        await Connection.open(Ledger(), planter.url, "token")
