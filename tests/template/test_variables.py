"""A state machine reads a variable only where every path to it has assigned it (aws 16)."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.template.stack_template import MACHINES, Document, state_machine

# `$name`, but not the call of a function, and not what the service itself gives.
READ = re.compile(r"\$([A-Za-z_]\w*)\b(?!\s*\()")
GIVEN = {"states"}
# What its branches read is looked at by itself.
BRANCHES = ("ItemProcessor", "Iterator", "Branches")


def read(value: Any) -> set[str]:
    """The variables that the expressions of a state read."""
    if isinstance(value, str) and value.startswith("{%"):
        return set(READ.findall(value)) - GIVEN
    if isinstance(value, dict):
        return {name for key, inner in value.items() if key not in BRANCHES for name in read(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in read(inner)}
    return set()


def ways(state: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Every state that may come next, with the variables that are assigned on the way there."""
    always = set(state.get("Assign", ()))
    for caught in state.get("Catch", ()):
        yield caught["Next"], set(caught.get("Assign", ()))
    for choice in state.get("Choices", ()):
        yield choice["Next"], set(choice.get("Assign", ()))
    for name in ("Next", "Default"):
        if name in state:
            yield state[name], always


def unassigned(definition: Mapping[str, Any], given: frozenset[str] = frozenset()) -> list[str]:
    """What is read where some path has not assigned it: `state: $variable`."""
    at: dict[str, set[str]] = {definition["StartAt"]: set(given)}
    todo = [definition["StartAt"]]
    while todo:
        name = todo.pop()
        for following, assigned in ways(definition["States"][name]):
            there = at[name] | assigned
            known = at.get(following)
            if known is None or known - there:
                at[following] = there if known is None else known & there
                todo.append(following)
    found = []
    for name, state in definition["States"].items():
        found += [f"{name}: ${variable}" for variable in sorted(read(state) - at.get(name, set()))]
        if "ItemProcessor" in state:
            found += unassigned(state["ItemProcessor"], frozenset(at.get(name, set())))
    return found


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_every_variable_is_assigned_on_every_path_to_where_it_is_read(path: Path) -> None:
    """(aws 16) OpenRun's Catch did not assign the run, which CloseRun reads."""
    definition = state_machine(path)
    assert any(read(state) for state in definition["States"].values())
    assert unassigned(definition) == []


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_a_path_that_assigns_nothing_is_seen(path: Path) -> None:
    definition: Document = copy.deepcopy(state_machine(path))
    del definition["States"]["OpenRun"]["Catch"][0]["Assign"]
    assert unassigned(definition) == ["CloseRun: $run"]
    del definition["States"]["OpenRun"]["Assign"]
    inner = {"PlanPage: $run", "ApplyPage: $run", "ListPages: $run"}
    assert inner < set(unassigned(definition))
