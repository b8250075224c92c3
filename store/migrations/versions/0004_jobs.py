"""The queue of background jobs."""

from store.migrate import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql("0004_jobs.sql")
