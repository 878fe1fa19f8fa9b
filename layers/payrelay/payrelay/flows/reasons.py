"""Every reason of the product: those that flows share, and those that one flow alone has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from payrelay.domain.reasons import REASONS
from payrelay.flows.catalog import KINDS


@cache
def every_reason() -> Mapping[str, tuple[str, str]]:
    """All reasons by code (message, remedy): the shared ones, then each flow's own."""
    rooms = (f"payrelay.flows.{flow}.reasons" for kind in KINDS.values() for flow in kind.flows)
    found = dict(REASONS)
    for room in rooms:
        if find_spec(room):
            found |= import_module(room).REASONS
    return found
