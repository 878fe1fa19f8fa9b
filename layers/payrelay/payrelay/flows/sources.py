"""Where a field's value comes from: the source fields of each flow that maps fields one to one (RUN-6)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec


@cache
def sources_of(flow: str) -> Mapping[str, str]:
    """By target field, the source fields as the source names them; empty where a flow has no such table."""
    room = f"payrelay.flows.{flow}.mapping"
    found: Mapping[str, str] = getattr(import_module(room), "SOURCES", {}) if find_spec(room) else {}
    return found
