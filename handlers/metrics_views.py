"""What `queue:metrics` answers, field by field. What the numbers mean stands in docs/metrics.md."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from handlers.views import Person, Targets, View
from store.models import Outcome, Reason, Severity

Count = Annotated[int, Field(ge=0)]
Rate = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]


class Window(View):
    """Created in [from, to)."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    tz: str


class Value(View):
    handoff_id: UUID
    seconds: Seconds


class Duration(View):
    """Percentiles of `n` values; of less than five the values instead."""

    n: Count
    p50: Seconds | None
    p75: Seconds | None
    p90: Seconds | None
    p95: Seconds | None
    values: tuple[Value, ...] | None


class Attainment(View):
    """`attainment` is met ÷ (met + late + unclaimed_past_target), null where that is nothing."""

    met: Count
    late: Count
    unclaimed_past_target: Count
    too_young: Count
    ended_before_target: Count
    attainment: Rate | None


class BySeverity(View):
    critical: Attainment
    high: Attainment
    normal: Attainment
    low: Attainment


class Sla(Attainment):
    by_severity: BySeverity


class Abandonment(View):
    """`rate` is (expired + withdrawn + cancelled_queued) ÷ created."""

    expired: Count
    withdrawn: Count
    cancelled_queued: Count
    self_solved: Count
    created: Count
    rate: Rate | None


class OfClaimed(View):
    """`rate` is handoffs ÷ claimed."""

    handoffs: Count
    claimed: Count
    rate: Rate | None


class Conflicts(OfClaimed):
    stale_view: Count


class Breakdown(View):
    severity: dict[Severity, Count]
    reason: dict[Reason, Count]


class Period(View):
    window: Window
    created: Count
    time_to_claim: Duration
    time_to_first_action: Duration
    time_to_resolve: Duration
    queue_wait_total: Duration
    sla: Sla
    abandonment: Abandonment
    conflicts: Conflicts
    rebound: OfClaimed
    breakdown: Breakdown
    outcomes: dict[Outcome, Count]


class Now(View):
    """At this moment, whatever the window."""

    waiting: Count
    oldest_wait_s: Seconds | None
    past_target: Count
    claimed_active: Count
    stale: Count


class Share(View):
    """With how many handoffs of the window somebody did that."""

    user: Person
    handed_off: Count
    claimed: Count
    returned: Count
    resolved: Count


class Metrics(Period):
    """`people` is null for everybody but admins. `targets` are the account's now, in seconds."""

    previous: Period
    now: Now
    targets: Targets
    people: tuple[Share, ...] | None


class CountedHandoff(View):
    """`client` and `headline` are those of its package."""

    id: UUID
    session_id: UUID
    created_at: AwareDatetime
    severity: Severity
    status: Literal["queued", "claimed", "resolved", "withdrawn", "expired", "cancelled"]
    client: str | None
    headline: str | None
    seconds: Seconds | None


class CountedHandoffs(View):
    """Newest first. `next` is the `before` of the following page."""

    handoffs: tuple[CountedHandoff, ...]
    next: UUID | None
