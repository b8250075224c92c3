"""Who is there: tokens into principals, and the local sign-in that makes tokens."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from time import monotonic
from typing import Annotated
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, StringConstraints, ValidationError

from server.config import Settings
from server.limits import Buckets, slow_down
from store import accounts
from store.db import Database
from store.errors import Refusal
from store.models import Principal, Role

AUDIENCE = "resolutionflow"
MAX_TOKEN_CHARS = 8_192
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
REMEMBERED = 20_000
"""Tokens and people that are not looked at anew, each for its time."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class _Claims(BaseModel):
    sub: UUID
    account: UUID
    account_name: Name
    name: Name
    role: Role
    exp: int
    iat: object = None


@dataclass(frozen=True, slots=True)
class Token:
    """A valid token: who, until when, and since when if it says so."""

    who: Principal
    expires_at: datetime
    issued_at: datetime | None


class Tokens:
    """Verifies tokens: HS256 under the secret, or RS256/ES256 under the keys of `RF_JWT_JWKS_URL`, never both."""

    def __init__(self, settings: Settings) -> None:
        self._ttl = timedelta(seconds=settings.token_ttl)
        self._verified: OrderedDict[bytes, Token] = OrderedDict()
        """Tokens that were valid under the secret, by their hashes. What ends them before `exp` is looked at later."""
        self._secret: str | None = None
        self._keys: jwt.PyJWKClient | None = None
        if settings.jwt_jwks_url is not None:
            self._keys = jwt.PyJWKClient(settings.jwt_jwks_url, lifespan=300, timeout=5)
        else:
            self._secret = settings.signing_secret()

    @property
    def issues(self) -> bool:
        """Whether tokens are made here, and not by an identity provider."""
        return self._secret is not None

    async def verify(self, token: object) -> Token:
        """Raises `Refusal`: `token_expired`, `unauthorized`, or `unavailable` when the keys cannot be fetched."""
        if not isinstance(token, str) or not 0 < len(token) <= MAX_TOKEN_CHARS:
            raise Refusal("unauthorized", "A token is required.")
        try:
            return self._remembered(token) if self._keys is None else await self._decode(token, self._keys)
        except Refusal:
            raise
        except jwt.ExpiredSignatureError:
            raise Refusal("token_expired", "The token has expired.") from None
        except jwt.PyJWKClientConnectionError:
            raise Refusal("unavailable", "The identity provider's keys cannot be fetched. Try again.") from None
        except Exception:  # noqa: BLE001  # PyJWT raises more than its own errors on hostile text
            raise Refusal("unauthorized", "The token is not valid.") from None

    def _remembered(self, token: str) -> Token:
        """A token under the secret, which never changes: one that was valid is valid until it expires."""
        name = sha256(token.encode()).digest()
        known = self._verified.get(name)
        if known is None or known.expires_at <= datetime.now(UTC):
            self._verified.pop(name, None)
            known = self._verified[name] = self._decoded(token, self._secret or "", ["HS256"])
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)
        return known

    async def _decode(self, token: str, keys: jwt.PyJWKClient) -> Token:
        """A token under one of the provider's keys, which may be withdrawn: it is verified each time."""
        await self._fetch_keys(keys)
        key = await asyncio.to_thread(keys.get_signing_key_from_jwt, token)
        return self._decoded(token, key, ["RS256", "ES256"])

    def _decoded(self, token: str, key: str | jwt.PyJWK, algorithms: list[str]) -> Token:
        payload = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud"], "verify_iat": False},
        )
        try:
            claims = _Claims.model_validate(payload)
        except ValidationError:
            raise Refusal("unauthorized", "The token lacks a claim or has one of a wrong form.") from None
        who = Principal(claims.account, claims.account_name, claims.sub, claims.name, claims.role)
        expires_at = min(datetime.fromtimestamp(min(claims.exp, LATEST.timestamp()), UTC), LATEST)
        return Token(who, expires_at, _moment(claims.iat))

    async def _fetch_keys(self, keys: jwt.PyJWKClient) -> None:
        try:
            await asyncio.to_thread(keys.get_signing_keys)
        except Exception:  # noqa: BLE001  # an answer that holds no keys says nothing about the token
            raise Refusal("unavailable", "The identity provider's keys cannot be fetched. Try again.") from None

    def issue(self, who: Principal, ttl: timedelta | None = None) -> tuple[str, datetime]:
        """A token for this principal. Only where `issues`."""
        if self._secret is None:
            raise LookupError("an identity provider issues the tokens")
        now = datetime.now(UTC)
        expires_at = (now + (ttl or self._ttl)).replace(microsecond=0)
        claims = {
            "sub": str(who.user_id),
            "account": str(who.account_id),
            "account_name": who.account_name,
            "name": who.name,
            "role": who.role,
            "aud": AUDIENCE,
            "iat": now.timestamp(),  # with its fraction: it is compared with the moment of a revocation
            "exp": expires_at,
        }
        return jwt.encode(claims, self._secret, algorithm="HS256"), expires_at


def _moment(iat: object) -> datetime | None:
    """When a token says that it was issued, or None when it does not say so in a way that can be."""
    if isinstance(iat, int | float) and not isinstance(iat, bool) and 0 <= iat <= LATEST.timestamp():
        return datetime.fromtimestamp(iat, UTC)
    return None


class Doorkeeper:
    """Admits the holders of valid tokens: provisions those who are new, refuses those whose access was taken away."""

    FOR_SECONDS = 2.0
    """How long one who was looked up lately is not looked up again."""

    def __init__(self, tokens: Tokens, db: Database) -> None:
        self._tokens = tokens
        self._reception = accounts.Reception(db)
        self._provisioned: OrderedDict[tuple[Principal, datetime | None], tuple[Principal, float]] = OrderedDict()

    async def admit(self, token: object, *, remembered: bool = False) -> Token:
        """Raises `Refusal`. With `remembered`, one who was so a moment ago is not looked up again."""
        valid = await self._tokens.verify(token)
        if not remembered:
            return await self._look_up(valid)
        key = (valid.who, valid.issued_at)
        who, looked_up = self._provisioned.get(key, (None, 0.0))
        if who is not None and looked_up > monotonic() - self.FOR_SECONDS:
            return replace(valid, who=who)
        self._provisioned.pop(key, None)
        admitted = await self._look_up(valid)
        self._provisioned[key] = (admitted.who, monotonic())
        if len(self._provisioned) > REMEMBERED:
            self._provisioned.popitem(last=False)
        return admitted

    async def _look_up(self, valid: Token) -> Token:
        who = await self._reception.provision(valid.who, valid.issued_at)
        if who is None:
            raise Refusal("unauthorized", "This token is not accepted any more. Sign in again.")
        return valid if who is valid.who else replace(valid, who=who)


class SignIn:
    """E-mail and password into a token, at a bounded rate for each address and in time that tells nothing."""

    AT_ONCE = 2
    """Each hash takes 64 MiB and a core."""
    MAX_WAITING = 50

    def __init__(self, tokens: Tokens, db: Database, *, per_minute: float) -> None:
        self._tokens = tokens
        self._db = db
        self._tries = Buckets(per_minute / 60, burst=per_minute)
        self._hashing = asyncio.Semaphore(self.AT_ONCE)
        self._waiting = 0
        self._nobody = _nobodys_hash()

    async def __call__(self, email: str, password: str) -> tuple[str, datetime, Principal]:
        """Raises `Refusal`: `unauthorized`, `rate_limited`."""
        if wait := self._tries[email.lower()].take():
            raise slow_down(wait)
        if self._waiting >= self.MAX_WAITING:
            raise slow_down(1.0)
        user = await accounts.by_email(self._db, email)
        self._waiting += 1
        try:
            async with self._hashing:
                right = await asyncio.to_thread(self._matches, user.password_hash if user else None, password)
        finally:
            self._waiting -= 1
        if user is None or not right:
            raise Refusal("unauthorized", "E-mail or password is wrong.")
        return (*self._tokens.issue(user.principal), user.principal)

    def _matches(self, password_hash: str | None, password: str) -> bool:
        try:
            return PasswordHasher().verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    """What the password of somebody who does not exist is compared with; it takes as long to make as to verify."""
    return hash_password("nobody has this password")


def hash_password(password: str) -> str:
    """Argon2id with the library's present parameters."""
    return PasswordHasher().hash(password)
