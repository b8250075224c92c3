from __future__ import annotations


def openapi() -> dict[str, object]:
    return {}


def asyncapi() -> dict[str, object]:
    return {}
