"""Which pages of the web may use the sockets."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit


def origin_allowed(origins: Sequence[str], host: str, allowed: Sequence[str]) -> bool:
    """Whether a page of the request's `Origin` may connect: the same host, or exactly one of `allowed`.

    Who sends no Origin is not a browser and may.
    """
    if not origins:
        return True
    if len(origins) > 1:
        return False
    if allowed:
        return origins[0] in allowed
    try:
        parts = urlsplit(origins[0])
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc != "" and parts.netloc == host
