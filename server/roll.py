"""Who is connected here, and whether they still may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable
from typing import Protocol
from uuid import UUID

import structlog

from server.auth import Token
from store import accounts
from store.accounts import Rights
from store.db import Database
from store.models import Principal

log = structlog.get_logger()


class Admitted(Protocol):
    """A connection whose CONNECT succeeded. Whoever gives it another token tells the roll."""

    @property
    def token(self) -> Token | None: ...

    def comply(self, rights: Rights) -> None:
        """Hold to what the user may now."""
        ...


class Roll:
    """The admitted connections of this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._by_user: Counter[tuple[UUID, UUID]] = Counter()
        self._admitted: set[Admitted] = set()
        self._unchecked: set[Admitted] = set()
        """Those who came, or have another token, since the last look."""
        self._checked: Hashable = None
        """How the rights stood that all others were held to."""

    def enter(self, connection: Admitted, who: Principal) -> None:
        self._admitted.add(connection)
        self._unchecked.add(connection)
        self._by_user[_user(who)] += 1

    def leave(self, connection: Admitted, who: Principal) -> None:
        self._admitted.discard(connection)
        self._unchecked.discard(connection)
        user = _user(who)
        self._by_user[user] -= 1
        if not self._by_user[user]:
            del self._by_user[user]

    def changed(self, connection: Admitted) -> None:
        """It has another token."""
        self._unchecked.add(connection)

    def connections_of(self, who: Principal) -> int:
        return self._by_user[_user(who)]

    async def check_access(self, rights: Hashable) -> None:
        """Evict and dismiss everyone whose access was taken away, and give changed roles their effect.

        While `rights` is the same, only those who came or renewed since the last look can hold what was so before a
        change; only they are asked about. Whoever could not be is asked about next time. One query, or none.
        """
        asked = self._admitted if rights != self._checked else self._unchecked
        tokens = {connection: connection.token for connection in asked if connection.token is not None}
        self._unchecked = set()
        try:
            changed = await self._changed({token.who for token in tokens.values()})
        except BaseException:
            self._unchecked.update(tokens.keys() & self._admitted)
            raise
        self._checked = rights
        for connection, token in tokens.items():
            rights_now = changed.get(_user(token.who))
            if rights_now is not None and connection.token is token:  # one renewed meanwhile was just looked up
                try:
                    connection.comply(rights_now)
                except Exception:  # the others are to comply all the same
                    log.exception("rights without effect")
                    self._unchecked.add(connection)

    async def _changed(self, people: Collection[Principal]) -> dict[tuple[UUID, UUID], Rights]:
        return await accounts.changed_rights(self._db, people) if people else {}


def _user(who: Principal) -> tuple[UUID, UUID]:
    return who.account_id, who.user_id
