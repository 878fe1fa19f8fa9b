"""State transitions of a run, counted from the shape of its state machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DEFINITION = Path(__file__).parents[2] / "infrastructure" / "statemachines" / "sync.asl.json"
# What every step answers in a run without trouble, in the words of the Choice states.
ANSWERS = ("'done'", "'list'", "'apply'")


def path(machine: dict[str, Any]) -> list[str]:
    """The states that a run without trouble enters, in order."""
    states, name, entered = machine["States"], machine["StartAt"], []
    while True:
        state = states[name]
        entered.append(name)
        if len(entered) > len(states):
            raise ValueError(f"the state machine goes round in circles: {entered}")
        if state.get("End") or state["Type"] in ("Succeed", "Fail"):
            return entered
        name = _chosen(state) if state["Type"] == "Choice" else state["Next"]


def _chosen(state: dict[str, Any]) -> str:
    for choice in state["Choices"]:
        if any(answer in choice["Condition"] for answer in ANSWERS):
            return str(choice["Next"])
    return str(state["Default"])


def count() -> tuple[int, dict[str, int]]:
    """The transitions of a run without trouble: those that are always there, and those per Map item."""
    machine = json.loads(DEFINITION.read_text())
    maps = {name: state for name, state in machine["States"].items() if state["Type"] == "Map"}
    return len(path(machine)), {name: len(path(state["ItemProcessor"])) for name, state in maps.items()}
