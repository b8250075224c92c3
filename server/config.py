"""Every limit and address. The only reader of the environment."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from handlers.command import Abilities
from store.redis_address import topology

Transport = Literal["websocket", "polling"]
Words = Annotated[tuple[str, ...], NoDecode]

MIN_SECRET_BYTES = 32


class UnusableSecret(Exception):  # noqa: N818
    """The file that should hold the signing secret does not."""


class Settings(BaseSettings):
    """Read from the environment, each field under its name with the prefix `RF_`. All times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="RF_", frozen=True, extra="ignore")

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535, description="0 takes a free one")
    replica: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}", max_length=100)
    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path("resolutionflow"))
    database_url: SecretStr | None = Field(None, description="absent: an embedded PostgreSQL in the data folder")
    redis_url: SecretStr | None = Field(None, description="absent: one process")

    jwt_secret: SecretStr | None = Field(
        None, description="at least 32 bytes; absent: made and kept in the data folder"
    )
    jwt_jwks_url: str | None = Field(None, description="where the identity provider publishes its keys")
    token_ttl: float = Field(12 * 3600, gt=0, description="of the tokens made by the local sign-in")
    allowed_origins: Words = Field((), description="exact origins, comma-separated; absent: the same origin")
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (), description="addresses and networks, comma-separated, whose X-Forwarded-For is believed"
    )
    transports: Annotated[tuple[Transport, ...], NoDecode] = ("websocket",)
    compression: bool = Field(False, description="negotiate permessage-deflate, at about 100 KB a connection")

    llm_base_url: str | None = Field(None, description="speaks OpenAI's chat completions; absent: no language model")
    llm_model: str | None = None
    llm_api_key: SecretStr | None = None
    llm_draft_timeout: float = Field(10.0, gt=0, le=15, description="for a better package, a second try included")
    llm_answer_timeout: float = Field(30.0, gt=0, le=50, description="for an answer in a session")

    pool_size: int = Field(10, ge=1)
    acquire_timeout: float = Field(2.0, gt=0)
    statement_timeout: float = Field(5.0, gt=0)
    lock_timeout: float = Field(3.0, gt=0)
    database_recovery: float = Field(5.0, gt=0, description="how long a command waits for PostgreSQL to come back")

    connect_timeout: float = Field(10.0, gt=0, description="from the handshake to a successful CONNECT")
    token_grace: float = Field(30.0, ge=0, description="from a token's exp to the end of its connection")
    fast_path: bool = Field(True, description="sockets past aiohttp and engineio wherever that is possible")
    io_uring: bool = Field(True, description="one system call for all sockets of a room, where the kernel allows it")
    ping_interval: float = Field(25.0, gt=0)
    ping_timeout: float = Field(20.0, gt=0)
    head_check: float = Field(1.0, gt=0, description="how often events, changed rights and due work are looked for")
    head_check_deaf: float = Field(0.25, gt=0, description="the same, while other replicas may not be heard")
    gap_grace: float = Field(0.05, ge=0, description="how long an event may be overtaken before the log is read")
    log_retention: float = Field(90 * 86_400, gt=0, description="how long events can be resumed from")
    log_trim: float = Field(300, gt=0, description="how often older ones are forgotten")
    background: bool = Field(True, description="whether this replica does background work; at least one must")
    webhook_timeout: float = Field(10.0, gt=0, le=20, description="of one attempt to tell an account's system")
    webhook_private: bool = Field(False, description="allow webhooks to addresses that are not public")
    drain: float = Field(2.0, ge=0, description="the window over which connections are sent away on stop")

    payload_bytes: int = Field(64 * 1024, ge=1024)
    frame_bytes: int = Field(1024 * 1024, ge=1024, description="a larger frame ends the connection")
    commands_per_second: float = Field(200, gt=0, description="for each connection; twice as many at once")
    commands_per_second_user: float = Field(1000, gt=0, description="over all replicas")
    commands_per_second_account: float = Field(10_000, gt=0, description="over all replicas")
    sign_ins_per_minute: float = Field(20, gt=0, description="for each e-mail address")
    sign_ins_per_minute_address: float = Field(200, gt=0, description="for each client's network address")
    connections: int = Field(20_000, ge=1, description="of this process")
    connections_per_user: int = Field(1000, ge=1)
    rooms_per_connection: int = Field(200, ge=1)
    outbound_bytes: int = Field(1024 * 1024, ge=1024, description="waiting for one connection")

    @field_validator("allowed_origins", "transports", "trusted_proxies", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @field_validator("jwt_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must have at least {MIN_SECRET_BYTES} bytes")
        return value

    @field_validator("database_url")
    @classmethod
    def _address_of_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _address_of_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            topology(value.get_secret_value(), timeout=1)
        return value

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.env == "production" and self.jwt_secret is None and self.jwt_jwks_url is None:
            raise ValueError("RF_JWT_SECRET (at least 32 bytes) or RF_JWT_JWKS_URL must be set in production")
        if (self.llm_base_url is None) != (self.llm_model is None):
            raise ValueError("RF_LLM_BASE_URL and RF_LLM_MODEL go together: set both or neither")
        if not self.transports:
            raise ValueError("RF_TRANSPORTS must name at least one of websocket, polling")
        return self

    @cached_property
    def abilities(self) -> Abilities:
        assistant = self.llm_base_url is not None and self.llm_model is not None
        return Abilities(assistant=assistant, private_webhooks=self.webhook_private)

    def signing_secret(self) -> str:
        """The secret given, or the one kept in the data folder, which is made on first use."""
        if self.jwt_secret is not None:
            return self.jwt_secret.get_secret_value()
        file = self.data_dir / "jwt_secret"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.NamedTemporaryFile(dir=self.data_dir) as made:
                made.write(secrets.token_hex(32).encode())
                made.flush()
                os.link(made.name, file)  # whole or not at all, and the first one stays
        except FileExistsError:
            pass
        secret = file.read_text("ascii").strip()
        if len(secret) < MIN_SECRET_BYTES:
            raise UnusableSecret(f"{file} holds no secret of at least {MIN_SECRET_BYTES} bytes; delete it")
        return secret
