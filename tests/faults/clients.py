"""What happens to clients and to what stands before the replicas, and races of many."""

from __future__ import annotations

import asyncio
import signal
import time

from tests.faults.load import Turn, claim, hand_off
from tests.faults.people import Person
from tests.faults.records import new
from tests.faults.stage import Balancer, Stage
from tests.proxy import Proxy


async def half_open(stage: Stage) -> None:
    """Connections on which nothing arrives any more, in either direction, though nobody hung up."""
    async with Proxy.to(stage.topology.urls[0]) as proxy:
        people = [_behind(stage, proxy, number) for number in range(10)]
        await stage.load.all_ready()
        for person in people:
            person.came_back.clear()
        dead = set(proxy.links)
        proxy.watch = lambda link, _way, _data: link not in dead
        async with asyncio.timeout(60):
            await asyncio.gather(*(person.came_back.wait() for person in people))
        await asyncio.sleep(2)
        await _directly(stage, people)


def _behind(stage: Stage, proxy: Proxy, number: int) -> Person:
    return stage.load.add(stage.load.companies[number % 2], "senior", next_url=lambda: proxy.url)


async def nginx_reload(stage: Stage) -> None:
    """Old workers go when their connections have ended, or after three seconds."""
    nginx = stage.topology.nginx
    people = await _through(stage, nginx)
    for _ in range(int(stage.whole(5, 2))):
        nginx.send(signal.SIGHUP)
        await asyncio.sleep(5)
    await _directly(stage, people)


async def nginx_kill(stage: Stage) -> None:
    """With all its workers, and so all connections."""
    nginx = stage.topology.nginx
    people = await _through(stage, nginx)
    for _ in range(int(stage.whole(5, 2))):
        await nginx.end(signal.SIGKILL)
        await asyncio.sleep(0.5)
        await nginx.start()
        await asyncio.sleep(2)
    await _directly(stage, people)


async def _through(stage: Stage, nginx: Balancer) -> list[Person]:
    """Everybody comes through the balancer from now on."""
    people = list(stage.load.everybody)
    for person in people:
        person.next_url = lambda: nginx.url
        person.hang_up()
    await stage.load.all_ready()
    return people


async def _directly(stage: Stage, people: list[Person]) -> None:
    """They go on at the replicas, for what stood between ends."""
    for number, person in enumerate(people):
        person.next_url = Turn(stage.topology.urls, number)
        person.hang_up()
    await stage.load.all_ready()


async def nginx_handshakes(stage: Stage) -> None:
    """Fifty at a time."""
    count = int(stage.whole(5000, 500))
    failed = await stage.load.handshakes(stage.topology.nginx.url, count, at_once=50)
    stage.expect(not failed, f"{failed} handshakes failed")
    stage.notes.append(f"{count} handshakes, {failed} failed")


async def crowd(stage: Stage) -> None:
    """A thousand clients lose their connections at once, and come back at once."""
    count = int(stage.whole(1000, 200))
    people = [
        stage.load.add(stage.load.companies[number % 2], "engineer", rooms=1, queue=False) for number in range(count)
    ]
    await stage.load.all_ready()
    for person in people:
        person.hang_up()
    start = time.time()
    await stage.load.all_ready()
    stage.notes.append(f"{count} back after {time.time() - start:.1f} s")
    await asyncio.sleep(2)


async def asleep(stage: Stage) -> None:
    """One is away while ten minutes pass, another until the log has forgotten what he knew."""
    sql = stage.topology.postgres.run
    company = stage.load.companies[0]
    sleeper, late = company.people[1], company.people[2]
    for person in (sleeper, late):
        person.recording.asleep = True
        person.fall_asleep()
    await asyncio.sleep(stage.whole(10, 3))
    await sql("UPDATE events SET at = at - interval '10 minutes' WHERE account_id = $1::uuid", company.id)
    lives = len(sleeper.recording.lives), len(late.recording.lives)
    sleeper.may_connect.set()
    await sleeper.ready.wait()
    await asyncio.sleep(stage.whole(5, 2))
    await sql("DELETE FROM events WHERE account_id = $1::uuid AND at < now() - interval '5 minutes'", company.id)
    late.may_connect.set()
    await late.ready.wait()
    resumed = sleeper.joins(lives[0])
    stage.expect(all(join.recovered for join in resumed), "the sleeper was not told what he missed")
    stage.expect(any(not join.recovered for join in late.joins(lives[1])), "the late one got no snapshot")
    stage.notes.append(f"{sum(len(join.events) for join in resumed)} told after ten minutes")


async def claimants(stage: Stage) -> None:
    """A thousand on all replicas reach for one handoff."""
    count = int(stage.whole(1000, 200))
    company = stage.load.companies[0]
    people = [stage.load.add(company, "senior", rooms=0, queue=False) for _ in range(count)]
    await stage.load.all_ready()
    answers = await claim(people, await hand_off(company.engineers[0]))
    winners = [person for person, sent in zip(people, answers, strict=True) if sent.data is not None]
    told = [
        sent.answer["error"]["details"]["claimed_by"]["id"]
        for sent in answers
        if sent.answer is not None and not sent.answer["ok"] and sent.answer["error"]["code"] == "already_claimed"
    ]
    stage.expect(len(winners) == 1, f"{len(winners)} winners")
    stage.expect(len(told) == count - 1 and set(told) == {one.recording.user for one in winners}, "not all told who")
    stage.notes.append(f"{len(winners)} won, {len(told)} told who")


async def two_writers(stage: Stage) -> None:
    """One room, two replicas, ten thousand messages: everybody sees the one order of the log."""
    company = stage.load.companies[0]
    session = company.sessions[0]
    count = int(stage.whole(10_000, 1000))
    urls = stage.topology.urls

    async def write(author: Person, turns: int) -> None:
        for _ in range(turns):
            await author.do("message:post", session_id=session, message_id=new(), body="Rebooted", kind="note")

    authors = [
        stage.load.add(company, "engineer", rooms=0, queue=False, next_url=lambda url=url: url)  # type: ignore[misc]
        for url in urls[:2]
        for _ in range(4)
    ]
    await stage.load.all_ready()
    await asyncio.gather(*(write(author, count // len(authors)) for author in authors))
    stage.notes.append(f"{count} messages")


async def presence(stage: Stage) -> None:
    """Whoever was on a killed replica is gone for the others; with Redis away nobody is reported gone."""
    company = stage.load.companies[0]
    victim_of = stage.topology.replicas[2]
    here, there = stage.topology.urls[0], victim_of.url
    watcher = stage.load.add(company, "engineer", rooms=0, next_url=lambda: here)
    victim = stage.load.add(company, "engineer", rooms=0, next_url=lambda: there)
    await stage.load.all_ready()
    stage.expect(await _shows(watcher, victim, present=True, within=5), "nobody is told of a newcomer")
    await stage.topology.redis.end(signal.SIGKILL)
    stage.expect(not await _shows(watcher, victim, present=False, within=stage.whole(40, 8)), "gone with Redis")
    await stage.topology.redis.start()
    await asyncio.sleep(4)
    stage.expect(await _shows(watcher, victim, present=True, within=5), "not there again after Redis")
    victim.recording.asleep = True
    victim.fall_asleep()
    await victim_of.end(signal.SIGKILL)
    start = time.time()
    stage.expect(await _shows(watcher, victim, present=False, within=30), "a ghost after 30 s")
    stage.notes.append(f"ghost gone after {time.time() - start:.1f} s")
    await victim_of.start()
    victim.may_connect.set()


async def _shows(watcher: Person, whom: Person, *, present: bool, within: float) -> bool:
    """Whether the newest presence that the watcher was told comes to say so in time."""
    room = f"escalations:{watcher.recording.account}"
    end = time.time() + within
    while time.time() < end:
        told, _ = watcher.signals.get(("presence", room), ({"members": []}, 0.0))
        if (whom.recording.user in {member["id"] for member in told["members"]}) is present:
            return True
        await asyncio.sleep(0.1)
    return False
