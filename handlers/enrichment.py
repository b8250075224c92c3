"""Improves the package of a handoff with a language model, in the background."""

from __future__ import annotations

import asyncio
from uuid import UUID

from handlers.assistant import Assistant, ModelFailed
from handlers.evidence import material, numbered, typed_with
from handlers.grounding import grounded
from handlers.package import Package
from store import enrichment, sessions
from store.db import Database
from store.models import Event


async def enrich(db: Database, assistant: Assistant, account_id: UUID, handoff_id: UUID) -> tuple[Event, ...]:
    """Do what is due for the handoff, if anything is, and answer what to publish.

    Any number may do it at once: one asks the model, and its result is written if it still fits. A failure that may
    pass is tried again once the lease of the try is over, `store.enrichment.MAX_TRIES` times in all.
    """
    if not assistant.is_configured:
        return ()
    taken = await enrichment.take(db, account_id, handoff_id)
    if taken is None:
        return ()
    if taken.is_over:
        return await enrichment.give_up(db, taken)
    package = Package.model_validate_json(taken.package)
    evidence = await sessions.evidence(db, account_id, taken.session_id)
    typed = [*typed_with(package, handoff_id, taken.handed_off_by)]
    pieces = await asyncio.to_thread(numbered, evidence, handoff_id, typed)  # some hundred milliseconds at worst
    try:
        draft = await assistant.draft(material(pieces, package))
    except ModelFailed as failure:
        return () if failure.may_pass and not taken.is_last else await enrichment.give_up(db, taken)
    better, analysis = grounded(draft, pieces, package, rev=taken.package_rev + 1)
    found = None if analysis is None else analysis.model_dump_json()
    return await enrichment.improve(db, taken, package=better.model_dump_json(), analysis=found)
