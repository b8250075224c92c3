"""What the server says on a connection without number or log, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from handlers.views import Empty, Me, Member, Milliseconds, Person, View


class Limits(View):
    payload_bytes: int
    commands_per_second: float
    commands_per_second_user: float
    commands_per_second_account: float
    connections_per_user: int
    rooms_per_connection: int
    outbound_bytes: int


class Hello(Me):
    protocol: Literal[1]
    replica: str
    server_time: AwareDatetime
    token_expires_at: AwareDatetime
    limits: Limits


class TypingSignal(View):
    room: str
    session_id: UUID
    user: Person
    typing: bool


class AssistantDelta(View):
    """What the assistant has answered so far, whole: at most four a second, none that has to be heard.

    The answer itself comes as the message `answer_id`, or in its place a `system` message that says it failed.
    """

    room: str
    session_id: UUID
    message_id: Annotated[UUID, Field(description="The message that asked")]
    answer_id: UUID
    text: str


class PresenceSignal(View):
    """Who is in the room. `stale` while other replicas are not heard: then none of theirs comes or goes."""

    room: str
    members: Annotated[tuple[Member, ...], Field(description="By name, at most 200")]
    count: Annotated[int, Field(ge=0, description="How many there are")]
    stale: bool


class Evicted(View):
    room: str
    reason: str


class Draining(View):
    reconnect_after_ms: Milliseconds


SIGNALS: Final[Mapping[str, type[View]]] = {
    "hello": Hello,
    "typing": TypingSignal,
    "assistant:delta": AssistantDelta,
    "presence": PresenceSignal,
    "auth:expired": Empty,
    "room:evicted": Evicted,
    "server:draining": Draining,
}


class Connect(View):
    """The `auth` of CONNECT."""

    token: str


class ConnectCode(View):
    code: Literal["unauthorized", "token_expired", "unavailable", "overloaded"]
    status: int


class ConnectRefused(View):
    """CONNECT_ERROR."""

    message: str
    data: ConnectCode
