"""Synthetic users: tokens made from the server's secret, and everything they name from one seed."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from uuid import UUID, uuid5

import jwt

AUDIENCE = "resolutionflow"
SPACE = UUID("6c9c5a5e-6f0c-4bb1-9a52-6b1f4c1f0e11")
LIFETIME = 12 * 3600
MIN_SECRET_BYTES = 32


@dataclass(frozen=True)
class People:
    """The users of one run, and what they make. The same seed names the same accounts and users in every run.

    The server makes the accounts and users when it first sees their tokens (T3); their names begin with `Load`.
    """

    secret: str = field(repr=False)
    seed: str
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    """Of all processes of a run the same, of no two runs."""

    def id(self, *names: object) -> str:
        """A uuid of what lasts from run to run: the seed and `names` alone decide it."""
        return str(uuid5(SPACE, "/".join([self.seed, *map(str, names)])))

    def made(self, *names: object) -> str:
        """A uuid of what this run makes: no other run has it, also of the same seed."""
        return str(uuid5(SPACE, "/".join([self.seed, self.run, *map(str, names)])))

    def account(self, number: int) -> str:
        return self.id("account", number)

    def token(self, account: int, user: object, role: str = "engineer") -> str:
        """Of that user of that account. It says since when it holds, so that a change of role is seen as one."""
        now = time.time()
        claims = {
            "sub": self.id("user", account, user),
            "account": self.account(account),
            "account_name": f"Load {self.seed} {account}",
            "name": f"Load {role} {user}",
            "role": role,
            "aud": AUDIENCE,
            "iat": now,
            "exp": int(now) + LIFETIME,
        }
        return jwt.encode(claims, self.secret, algorithm="HS256")
