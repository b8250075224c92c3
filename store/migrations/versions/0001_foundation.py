"""Accounts, users, sessions, messages, tasks, handoffs, claims, and the log of rooms."""

from store.migrate import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql("0001_foundation.sql")
