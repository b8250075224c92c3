"""Who is connected here, and whether they still may be."""

from __future__ import annotations

from collections import Counter
from typing import Protocol
from uuid import UUID

from server.auth import Token
from store import accounts
from store.accounts import People, Rights
from store.db import Database
from store.models import Principal


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
        self._asked: tuple[dict[Admitted, Token], People] | None = None
        """What is to be asked about as long as nothing changes."""

    def enter(self, connection: Admitted, who: Principal) -> None:
        self._admitted.add(connection)
        self._by_user[_user(who)] += 1
        self.changed()

    def leave(self, connection: Admitted, who: Principal) -> None:
        self._admitted.discard(connection)
        user = _user(who)
        self._by_user[user] -= 1
        if not self._by_user[user]:
            del self._by_user[user]
        self.changed()

    def changed(self) -> None:
        """A connection has another token."""
        self._asked = None

    def connections_of(self, who: Principal) -> int:
        return self._by_user[_user(who)]

    async def check_access(self) -> None:
        """Evict and dismiss everyone whose access was taken away, and give changed roles their effect. One query."""
        if self._asked is None:
            tokens = {connection: connection.token for connection in self._admitted if connection.token is not None}
            self._asked = tokens, People({token.who for token in tokens.values()})
        tokens, people = self._asked
        if not tokens:
            return
        changed = await accounts.changed_rights(self._db, people)
        if not changed:
            return
        for connection, token in tokens.items():
            rights = changed.get(_user(token.who))
            if rights is not None and connection.token is token:  # one renewed meanwhile was just looked up
                connection.comply(rights)


def _user(who: Principal) -> tuple[UUID, UUID]:
    return who.account_id, who.user_id
