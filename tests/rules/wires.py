"""What fan-out writes to, without a wire."""

from __future__ import annotations

from typing import Self

from server.transport import Outgoing


class Unwired:
    """A receiver that is its own socket: one of those to which nothing is written past their transport."""

    fd = -1

    @property
    def socket(self) -> Self:
        return self

    def write(self, out: Outgoing) -> bool:
        raise NotImplementedError

    def write_rest(self, out: Outgoing, written: int) -> None:
        raise AssertionError(out, written)
