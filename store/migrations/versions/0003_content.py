"""Settings of an account, the clock of a handoff, and what background work goes by."""

from store.migrate import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql("0003_content.sql")
