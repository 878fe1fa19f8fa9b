"""The order in which a slip shows what somebody's pay is made of."""

from __future__ import annotations

NET = "NETTOLOON"


def slip_order(component: str) -> tuple[bool, str]:
    """Sorts components by their codes, and what people look for last: the net pay."""
    return component == NET, component
