"""What several replicas share, and the way to events past their retention."""

from store.migrate import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql("0002_replicas.sql")
