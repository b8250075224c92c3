"""The demo's sessions, one module per kind of trouble."""

from __future__ import annotations

from typing import Final

from server.demo_stories import birchwood, identity, laptops, mail, network, servers, storage, voice, workplace
from server.demo_story import Story

STORIES: Final[tuple[Story, ...]] = (
    *mail.STORIES,
    *identity.STORIES,
    *network.STORIES,
    *voice.STORIES,
    *servers.STORIES,
    *storage.STORIES,
    *workplace.STORIES,
    *laptops.STORIES,
    *birchwood.STORIES,
)
