"""Alembic's way in: one transaction under one advisory lock, on the connection that `store.migrate` opened."""

from alembic import context
from sqlalchemy import text

ADVISORY_LOCK = 0x5265736F

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.get_context().connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})  # type: ignore[union-attr]
    context.config.attributes["before"] = context.get_context().get_current_revision()
    context.run_migrations()
