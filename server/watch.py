"""The look that a process takes at the database now and again, for what nobody may have told it of."""

from __future__ import annotations

from server.config import Settings
from server.delivery import Delivery
from server.gateway import Gateway
from server.work import Work


class Watch:
    """Missed events, changed rights and due work are found in one query, whose cost does not grow with the number of
    connections; what is asked beyond it is about those whom it concerns.
    """

    def __init__(self, settings: Settings, delivery: Delivery, gateway: Gateway, work: Work) -> None:
        self._settings, self._delivery, self._gateway, self._work = settings, delivery, gateway, work

    def pace(self) -> float:
        """Seconds between two looks."""
        usual = self._settings.head_check
        return min(usual, self._settings.head_check_deaf) if self._delivery.in_doubt else usual

    async def look(self) -> None:
        """Find what there is, and see to it. Where that fails, everybody's rights are looked up all the same."""
        try:
            seen = await self._delivery.check_heads()
        except Exception:
            await self._gateway.check_access(object())
            raise
        self._work.note(due=seen.due, late=seen.late)
        await self._gateway.check_access(seen.rights)
