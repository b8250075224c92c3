"""Whose rights are looked at, and when: of all who are connected only those whom it may concern."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from server.auth import Token
from server.roll import Roll
from store import accounts
from store.accounts import Rights
from store.db import Database
from store.models import Principal


class Somebody:
    """A connection that keeps what it is held to."""

    def __init__(self, account_id: UUID) -> None:
        self.who = Principal(account_id, "Acme", uuid4(), "Ada", "engineer")
        self.token = Token(self.who, datetime.max.replace(tzinfo=UTC), datetime.now(UTC))
        self.held_to: list[Rights] = []
        self.stubborn = False

    def comply(self, rights: Rights) -> None:
        if self.stubborn:
            raise RuntimeError
        self.held_to.append(rights)


class Asked:
    """The people of each question."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.questions: list[set[Principal]] = []
        self.broken = False
        self.meanwhile: Callable[[], None] = lambda: None
        self._ask = accounts.changed_rights
        monkeypatch.setattr(accounts, "changed_rights", self._changed)

    async def _changed(self, db: Database, people: Collection[Principal]) -> dict[tuple[UUID, UUID], Rights]:
        self.questions.append(set(people))
        self.meanwhile()
        if self.broken:
            raise ConnectionError
        return await self._ask(db, people)

    def take(self) -> list[set[Principal]]:
        questions, self.questions = self.questions, []
        return questions


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


async def crowd(db: Database, roll: Roll, size: int = 3) -> list[Somebody]:
    account_id = uuid4()
    people = [Somebody(account_id) for _ in range(size)]
    for one in people:
        await accounts.provision(db, one.who, one.token.issued_at)
        roll.enter(one, one.who)
    return people


async def test_nobody_is_asked_about_again_until_somebody_s_rights_change(db: Database, asked: Asked) -> None:
    """[R9] But whoever came, or has another token, since the last look: it may have changed in between."""
    roll = Roll(db)
    people = await crowd(db, roll)
    everyone = {one.who for one in people}
    await roll.check_access(1)
    await roll.check_access(1)
    assert asked.take() == [everyone]
    [late] = await crowd(db, roll, 1)
    await roll.check_access(1)
    roll.changed(people[0])
    await roll.check_access(1)
    await roll.check_access(1)
    assert asked.take() == [{late.who}, {people[0].who}]
    roll.leave(people[1], people[1].who)
    await accounts.revoke(db, people[0].who.account_id, people[0].who.user_id)
    await roll.check_access(2)
    assert asked.take() == [everyone - {people[1].who} | {late.who}]
    assert [len(one.held_to) for one in (*people, late)] == [1, 0, 0, 0]


async def test_whom_a_failed_look_was_to_ask_about_the_next_one_asks_about(db: Database, asked: Asked) -> None:
    """[R9] Newcomers, and everyone where rights have changed; not who left meanwhile."""
    roll = Roll(db)
    people = await crowd(db, roll)
    await roll.check_access(1)
    [late] = await crowd(db, roll, 1)
    for rights, expected in ((1, {late.who}), (2, {one.who for one in (*people, late)})):
        asked.take()
        asked.broken = True
        with pytest.raises(ConnectionError):
            await roll.check_access(rights)
        asked.broken = False
        await roll.check_access(rights)
        assert asked.take() == [expected, expected]
        roll.changed(late)
    asked.broken, asked.meanwhile = True, lambda: roll.leave(late, late.who)
    with pytest.raises(ConnectionError):
        await roll.check_access(2)
    asked.take()
    await roll.check_access(2)
    assert asked.take() == []


async def test_one_who_cannot_be_made_to_comply_holds_up_nobody_else(db: Database) -> None:
    """[R9] And is tried again."""
    roll = Roll(db)
    people = await crowd(db, roll)
    await roll.check_access(1)
    for one in people:
        await accounts.revoke(db, one.who.account_id, one.who.user_id)
    people[0].stubborn = True
    await roll.check_access(2)
    people[0].stubborn = False
    await roll.check_access(2)
    assert [len(one.held_to) for one in people] == [1, 1, 1]
