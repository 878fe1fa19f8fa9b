"""Somebody changes something in an outside system, beside the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local.stack.stack import Stack
from tests.worlds.sandboxes import ADMIN


def mend(stack: Stack, system: str, change: Callable[[dict[str, Any]], None]) -> None:
    """What `change` makes of a system's data."""
    url = f"{stack.facts['sandboxes'][system]}/_sandbox/state"
    state = ADMIN.get(url, timeout=30).json()
    change(state)
    assert ADMIN.put(url, json=state, timeout=30).ok


def people(stack: Stack, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Other values of people in Simployer One, by their numbers."""

    def change(state: dict[str, Any]) -> None:
        for row in state["employee"]:
            row.update(changes.get(row.get("employeeNumber", ""), {}))

    mend(stack, "simployer", change)
