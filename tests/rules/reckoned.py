"""The figures of escalation computed a second time: from the log and the lost claims, by hand, in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, get_args

from store.models import Outcome, Reason, Severity

Data = dict[str, Any]

TARGETS: Mapping[str, int] = {"critical": 900, "high": 1800, "normal": 14_400, "low": 86_400}
"""Seconds from queueing to the first claim, where the account says nothing else."""

LOST = "SELECT handoff_id::text, lost_by_ms FROM claims WHERE account_id = $1 AND result = 'lost'"
"""What the log does not tell."""


@dataclass
class Life:
    """A handoff as its events tell it."""

    id: str
    session_id: str
    severity: str
    reason: str
    handed_off_by: str
    queued: datetime
    expires: datetime | None
    stays: list[tuple[datetime, datetime | None]]
    """In the queue, from when to when."""
    owner: str | None = None
    claims: list[tuple[str, datetime]] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)
    acted: datetime | None = None
    nudges: int = 0
    end: str | None = None
    ended: datetime | None = None
    ended_by: str | None = None
    outcome: str | None = None
    lost: list[int] = field(default_factory=list)

    @property
    def claimed(self) -> datetime | None:
        return self.claims[0][1] if self.claims else None

    @property
    def waits(self) -> bool:
        return self.end is None and self.owner is None

    def leave_queue(self, at: datetime) -> None:
        self.stays[-1] = (self.stays[-1][0], at)

    def finish(self, what: str, at: datetime, by: str | None = None) -> None:
        if self.owner is None:
            self.leave_queue(at)
        self.end, self.ended, self.ended_by = what, at, by


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def lives(events: Iterable[Data], lost: Iterable[tuple[str, int]], now: datetime) -> list[Life]:
    """All handoffs that the logs of sessions tell of, as of `now`.

    `lost`: of each lost claim the handoff and by how many milliseconds.
    """
    found: dict[str, Life] = {}
    held: dict[str, Life] = {}
    """By session what is claimed there."""
    for event in events:
        actor, at = (event["actor"] or {}).get("id"), when(event["at"])
        if event["type"].startswith("handoff:"):
            _follow(found, event["type"].removeprefix("handoff:"), event["data"], actor, at)
            life = found[event["data"]["handoff"]["id"]]
            held[life.session_id] = life
        elif event["type"].startswith(("message:", "task:")):
            holder = held.get(event["room"].removeprefix("session:"))
            if holder is not None and holder.end is None and actor == holder.owner:
                holder.acted = holder.acted or at
    for handoff_id, by_ms in lost:
        found[handoff_id].lost.append(by_ms)
    for life in found.values():
        if life.waits and life.expires is not None and life.expires <= now:
            life.finish("expired", life.expires)
    return list(found.values())


def _follow(found: dict[str, Life], what: str, data: Data, actor: str | None, at: datetime) -> None:
    view = data["handoff"]
    if what == "created":
        about = (view["id"], view["session_id"], view["severity"], view["reason"], view["handed_off_by"]["id"])
        found[view["id"]] = Life(*about, queued=at, expires=when(view["expires_at"]), stays=[(at, None)])
        return
    life = found[view["id"]]
    if actor is not None and actor == life.owner:
        life.acted = life.acted or at
    if what in ("nudged", "resumed"):
        life.nudges = data["nudge"]["n"] if what == "nudged" else 0
    elif what == "claimed":
        assert actor is not None
        life.leave_queue(at)
        life.owner, life.nudges = actor, 0
        life.claims.append((actor, at))
    elif what == "reassigned":
        life.owner, life.nudges = view["claimed_by"]["id"], 0
    elif what == "released":
        life.returned.add(str(life.owner))
        life.owner, life.expires = None, when(view["expires_at"])
        life.stays.append((at, None))
    elif what == "withdrawn":
        life.finish("self_solved" if data["reason"] == "solved_self" else "withdrawn", at)
    elif what == "cancelled":
        life.finish("cancelled_queued" if life.owner is None else "cancelled_claimed", at)
    elif what in ("resolved", "expired"):
        life.finish(what, when(view["closed_at"]), actor)
        life.outcome = view["outcome"]


def seconds(span: timedelta) -> float:
    return span / timedelta(seconds=1)


def _attainment(life: Life, now: datetime) -> str:
    due = life.queued + timedelta(seconds=TARGETS[life.severity])
    if life.claimed is not None:
        return "met" if life.claimed <= due else "late"
    if (life.ended or now) > due:
        return "unclaimed_past_target"
    return "too_young" if life.waits else "ended_before_target"


def _waited(life: Life, now: datetime) -> float:
    return sum(seconds((end or now) - start) for start, end in life.stays)


DURATIONS: Mapping[str, Callable[[Life, datetime], float | None]] = {
    "time_to_claim": lambda life, _: seconds(life.claimed - life.queued) if life.claimed else None,
    "time_to_first_action": lambda life, _: seconds(life.acted - life.claimed) if life.acted and life.claimed else None,
    "time_to_resolve": lambda life, _: (
        seconds(life.ended - life.queued) if life.end == "resolved" and life.ended else None
    ),
    "queue_wait_total": _waited,
}

PREDICATES: Mapping[str, Callable[[Life, datetime], bool]] = {
    "created": lambda _life, _now: True,
    "abandonment.expired": lambda life, _: life.end == "expired",
    "abandonment.withdrawn": lambda life, _: life.end == "withdrawn",
    "abandonment.cancelled_queued": lambda life, _: life.end == "cancelled_queued",
    "abandonment.self_solved": lambda life, _: life.end == "self_solved",
    "conflicts.handoffs": lambda life, _: any(by <= 10_000 for by in life.lost),
    "conflicts.claimed": lambda life, _: life.claimed is not None,
    "conflicts.stale_view": lambda life, _: any(by > 10_000 for by in life.lost),
    "rebound.handoffs": lambda life, _: len(life.claims) >= 2,
    "rebound.claimed": lambda life, _: life.claimed is not None,
    **{
        f"outcomes.{outcome}": lambda life, _, outcome=outcome: life.outcome == outcome  # type: ignore[misc]
        for outcome in get_args(Outcome)
    },
}

OF_NOW: Mapping[str, Callable[[Life, datetime], bool]] = {
    "now.waiting": lambda life, _: life.waits,
    "now.past_target": lambda life, now: life.waits and seconds(now - life.stays[-1][0]) > TARGETS[life.severity],
    "now.claimed_active": lambda life, _: life.end is None and life.owner is not None and life.nudges < 2,
    "now.stale": lambda life, _: life.end is None and life.owner is not None and life.nudges >= 2,
}

OF_PEOPLE: Mapping[str, Callable[[Life, str], bool]] = {
    "handed_off": lambda life, who: life.handed_off_by == who,
    "claimed": lambda life, who: who in {by for by, _ in life.claims},
    "returned": lambda life, who: who in life.returned,
    "resolved": lambda life, who: life.end == "resolved" and life.ended_by == who,
}


def percentile(values: Sequence[float], share: float) -> float:
    """With linear interpolation between the two nearest ranks."""
    ordered, rank = sorted(values), share * (len(values) - 1)
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def _duration(name: str, cohort: list[Life], now: datetime) -> Data:
    measured = [(life, value) for life in cohort if (value := DURATIONS[name](life, now)) is not None]
    values = [value for _, value in measured]
    enough = len(values) >= 5
    told: Data = {f"p{p}": percentile(values, p / 100) if enough else None for p in (50, 75, 90, 95)}
    measured.sort(key=lambda pair: (pair[1], pair[0].id))
    few = None if enough else [{"handoff_id": life.id, "seconds": value} for life, value in measured]
    return {"n": len(values), **told, "values": few}


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _sla(cohort: list[Life], now: datetime) -> Data:
    met, late, unclaimed, young, early = (
        sum(_attainment(life, now) == word for life in cohort)
        for word in ("met", "late", "unclaimed_past_target", "too_young", "ended_before_target")
    )
    return {
        "met": met,
        "late": late,
        "unclaimed_past_target": unclaimed,
        "too_young": young,
        "ended_before_target": early,
        "attainment": _rate(met, met + late + unclaimed),
    }


def figures(cohort: list[Life], now: datetime) -> Data:
    n = {name: sum(holds(life, now) for life in cohort) for name, holds in PREDICATES.items()}
    gone = {word: n[f"abandonment.{word}"] for word in ("expired", "withdrawn", "cancelled_queued")}
    by_severity = {word: [life for life in cohort if life.severity == word] for word in get_args(Severity)}
    by_reason = {word: [life for life in cohort if life.reason == word] for word in get_args(Reason)}
    conflicts, rebound, claimed = n["conflicts.handoffs"], n["rebound.handoffs"], n["conflicts.claimed"]
    return {
        "created": len(cohort),
        **{name: _duration(name, cohort, now) for name in DURATIONS},
        "sla": _sla(cohort, now) | {"by_severity": {word: _sla(some, now) for word, some in by_severity.items()}},
        "abandonment": {
            **gone,
            "self_solved": n["abandonment.self_solved"],
            "created": len(cohort),
            "rate": _rate(sum(gone.values()), len(cohort)),
        },
        "conflicts": {
            "handoffs": conflicts,
            "claimed": claimed,
            "rate": _rate(conflicts, claimed),
            "stale_view": n["conflicts.stale_view"],
        },
        "rebound": {"handoffs": rebound, "claimed": claimed, "rate": _rate(rebound, claimed)},
        "breakdown": {
            "severity": {word: len(some) for word, some in by_severity.items()},
            "reason": {word: len(some) for word, some in by_reason.items()},
        },
        "outcomes": {word: sum(life.outcome == word for life in cohort) for word in get_args(Outcome)},
    }


def live(everything: list[Life], now: datetime) -> Data:
    n = {name.removeprefix("now."): sum(holds(life, now) for life in everything) for name, holds in OF_NOW.items()}
    waits = [seconds(now - life.stays[-1][0]) for life in everything if life.waits]
    return n | {"oldest_wait_s": max(waits, default=None)}


def people(cohort: list[Life], names: Mapping[str, str]) -> list[Data]:
    """In the order of the names."""
    shares = [
        {"user": {"id": who, "name": name}}
        | {part: sum(did(life, who) for life in cohort) for part, did in OF_PEOPLE.items()}
        for who, name in names.items()
    ]
    some = [share for share in shares if any(share[part] for part in OF_PEOPLE)]
    return sorted(some, key=lambda share: (share["user"]["name"], share["user"]["id"]))


def behind(figure: str, cohort: list[Life], everything: list[Life], now: datetime, who: str = "") -> set[str]:
    """The ids of the handoffs that a figure counts."""
    noun, _, word = figure.partition(".")
    if noun == "now":
        return {life.id for life in everything if OF_NOW[figure](life, now)}
    if noun == "people":
        return {life.id for life in cohort if OF_PEOPLE[word](life, who)}
    if noun == "sla":
        return {life.id for life in cohort if _attainment(life, now) == word}
    if noun in DURATIONS:
        return {life.id for life in cohort if DURATIONS[noun](life, now) is not None}
    return {life.id for life in cohort if PREDICATES[figure](life, now)}


def assert_alike(told: Any, reckoned: Any, slack: float, at: str = "") -> None:
    """Equal, numbers to a thousandth and `slack`, which is how long was passed between the two."""
    if isinstance(reckoned, dict):
        assert set(told) == set(reckoned), at
        for name in reckoned:
            assert_alike(told[name], reckoned[name], slack, f"{at}.{name}")
    elif isinstance(reckoned, list):
        assert len(told) == len(reckoned), at
        for index, value in enumerate(reckoned):
            assert_alike(told[index], value, slack, f"{at}[{index}]")
    elif isinstance(reckoned, float):
        assert told is not None, at
        assert abs(told - reckoned) < 0.001 + slack, (at, told, reckoned)
    else:
        assert told == reckoned, at
