"""What replicas say to each other of who is where."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from store.models import Present

HERE, ALIVE = "presence:here", "presence:alive"
"""The signals between replicas: who is in a room, and that a replica lives."""


class Here(BaseModel):
    """One replica's members of a room, the first by name. `number` rises with each that a replica says."""

    model_config = ConfigDict(frozen=True)
    origin: str = Field(max_length=100)
    number: int
    asks: bool
    count: int = Field(ge=0)
    members: tuple[Present, ...]


class Alive(BaseModel):
    model_config = ConfigDict(frozen=True)
    origin: str = Field(max_length=100)
    stops: bool
