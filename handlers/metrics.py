"""Commands on how an account's escalations go, in numbers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from handlers.command import Caller, Id, PageSize, Payload
from handlers.sessions import unpacked
from store import metrics
from store.errors import Refusal
from store.metrics import Cohort, Figure
from store.models import Answer, Reason, Severity

_DAY = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(_DAY.pattern + r"[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _moment(text: object) -> date | datetime:
    if isinstance(text, str) and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    if isinstance(text, str) and _INSTANT.fullmatch(text):
        return datetime.fromisoformat(text.upper())
    raise ValueError("a date or an instant of this century is expected, as RFC 3339 has them")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known(zone: str) -> str:
    if zone not in _zones():
        raise ValueError("there is no such time zone")
    return zone


Moment = Annotated[datetime | date, BeforeValidator(_moment)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known)]


class ReadMetrics(Payload):
    """Of the handoffs created in [from, to). A date is its first instant in `tz`."""

    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    tz: Zone = "UTC"

    def cohort(self) -> Cohort:
        """Those they are compared with were created, between two dates, in as many days of the calendar before."""
        before = None
        if self.from_ and self.to and not isinstance(self.from_, datetime) and not isinstance(self.to, datetime):
            before = self.from_ - (self.to - self.from_)
        return Cohort(*(_instant(moment, ZoneInfo(self.tz)) for moment in (self.from_, self.to, before)))


def _instant(moment: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=zone).astimezone(UTC)


async def read_metrics(caller: Caller, p: ReadMetrics) -> Answer:
    people = caller.who.role == "admin"
    return Answer(unpacked(await metrics.read(caller.db, caller.who.account_id, p.cohort(), tz=p.tz, people=people)))


class HandoffsBehind(ReadMetrics):
    """`figure` is a number's place in the answer of `queue:metrics`; those of people are of the one with `user_id`."""

    figure: Figure
    user_id: Id | None = None
    severity: Severity | None = None
    reason: Reason | None = None
    before: Id | None = None
    limit: PageSize = 50

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if self.of_people != (self.user_id is not None):
            raise ValueError("user_id goes with the figures of people, and they with it")
        return self

    @property
    def of_people(self) -> bool:
        return self.figure.startswith("people.")


async def handoffs_behind(caller: Caller, p: HandoffsBehind) -> Answer:
    if p.of_people and caller.who.role != "admin":
        raise Refusal("role_required")
    return await metrics.handoffs_behind(
        caller.db,
        caller.who.account_id,
        p.cohort(),
        p.figure,
        user_id=p.user_id,
        severity=p.severity,
        reason=p.reason,
        before=p.before,
        limit=p.limit,
    )
