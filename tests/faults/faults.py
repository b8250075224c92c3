"""All faults by name."""

from __future__ import annotations

from tests.faults import clients, outages
from tests.faults.outages import Fault

FAULTS: dict[str, tuple[Fault, float]] = {
    "nothing": (outages.nothing, 50),
    "replica-kill": (outages.replica_kill, 50),
    "replica-rolling": (outages.replica_rolling, 50),
    "replica-stop": (outages.replica_stop, 50),
    "redis-kill-3": (outages.redis_kill_3, 50),
    "redis-kill-60": (outages.redis_kill_60, 50),
    "redis-client-kill": (outages.redis_client_kill, 50),
    "redis-stop": (outages.redis_stop, 50),
    "redis-overflow": (outages.redis_overflow, 50),
    "bus-junk": (outages.bus_junk, 50),
    "postgres-fast": (outages.postgres_fast, 50),
    "postgres-immediate": (outages.postgres_immediate, 50),
    "postgres-backends": (outages.postgres_backends, 50),
    "answer-lost": (outages.answer_lost, 50),
    "half-open": (clients.half_open, 50),
    "nginx-reload": (clients.nginx_reload, 50),
    "nginx-kill": (clients.nginx_kill, 50),
    "nginx-handshakes": (clients.nginx_handshakes, 10),
    "crowd": (clients.crowd, 10),
    "asleep": (clients.asleep, 50),
    "claimants": (clients.claimants, 20),
    "two-writers": (clients.two_writers, 0),
    "presence": (clients.presence, 20),
}
"""By name, with the events a second of the load."""
LONG = frozenset({"nothing", "redis-kill-60", "presence"})
"""Not in the short form."""
