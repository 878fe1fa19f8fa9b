"""A run as its state machine makes it: states entered and functions called, counted from the definition."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from local.bench.transitions import DEFINITION, path

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Machine:
    """States entered: always, for a page, and for a batch; and how many of them call a function."""

    always: int
    page: int
    batch: int
    calls_always: int
    calls_page: int
    calls_batch: int

    def transitions(self, pages: int, batches: int) -> int:
        """The states that a run without trouble enters."""
        return self.always + pages * self.page + batches * self.batch

    def calls(self, pages: int, batches: int) -> int:
        """The functions that it calls."""
        return self.calls_always + pages * self.calls_page + batches * self.calls_batch


def sync() -> Machine:
    """What runs of all flows share, but for those that go on by themselves."""
    machine: Document = json.loads(DEFINITION.read_text())
    page, batch = (machine["States"][name]["ItemProcessor"] for name in ("PlanPages", "ApplyPages"))
    entered = [(path(one), _tasks(one)) for one in (machine, page, batch)]
    return Machine(*(len(states) for states, _ in entered), *(tasks for _, tasks in entered))


def auto(batches: int) -> tuple[int, int]:
    """States entered and functions called by a session that goes on by itself, over so many batches.

    Opened, listed and closed once. For each batch: what comes next, whether to plan, the plan, whether there
    is something to write, and the batch; and once more what comes next, when there is nothing left.
    """
    machine: Document = json.loads(DEFINITION.with_name("auto_sync.asl.json").read_text())
    states = machine["States"]
    always = _walk(states, machine["StartAt"], "NextBatch")
    around = _walk(states, "NextBatch", "NextBatch", start=True)
    end = _walk(states, "NextBatch", None, start=True, over=True)
    tasks = [sum(states[name]["Type"] == "Task" for name in part) for part in (always, around, end)]
    return (
        len(always) + batches * len(around) + len(end),
        tasks[0] + batches * tasks[1] + tasks[2],
    )


# What the steps of a session answer, in the words of the Choice states: while it goes on, and at its end.
ON, OVER = ("'list'", "'done'", "'plan'", "writes > 0"), ("'finish'",)


def _walk(
    states: Document, name: str, last: str | None, *, start: bool = False, over: bool = False
) -> list[str]:
    """The states from one to another, which is not among them."""
    entered: list[str] = []
    while name != last or (start and not entered):
        entered.append(name)
        state = states[name]
        if state.get("End") or state["Type"] in ("Succeed", "Fail"):
            break
        name = _chosen(state, OVER if over else ON) if state["Type"] == "Choice" else state["Next"]
        if len(entered) > 2 * len(states):
            raise ValueError(f"the state machine goes round in circles: {entered}")
    return entered


def _chosen(state: Document, answers: tuple[str, ...]) -> str:
    for choice in state["Choices"]:
        if any(answer in choice["Condition"] for answer in answers):
            return str(choice["Next"])
    return str(state["Default"])


def _tasks(machine: Document) -> int:
    return sum(machine["States"][name]["Type"] == "Task" for name in path(machine))
