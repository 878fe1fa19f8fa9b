"""A crash at every call of payroll and request sync, then the next run: the same end (RUN-5)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Running
from payrelay.systems.http import door as http
from tests.flows.conftest import Clock
from tests.worlds.exact import CREDENTIALS
from tests.worlds.hr import Delft, delft
from tests.worlds.payday import BEFORE, ended
from tests.worlds.saboteur import Saboteur, back_to, moments
from tests.worlds.steps import Crash


@dataclass
class Stepping(Delft):
    """Notes at which edge each step began; with `dies` a step that crashed is not invoked again."""

    saboteur: Saboteur = field(default_factory=Saboteur)
    dies: bool = False
    begun: list[int] = field(default_factory=list)

    def invoke(self, function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        self.begun.append(len(self.saboteur.seen))
        return function(*arguments) if self.dies else super().invoke(function, *arguments)


@pytest.mark.requirement("RUN-5", "PE-4", "RQ-8")
@pytest.mark.parametrize("stays_dead", [False, True])
@pytest.mark.parametrize("flow", BEFORE)
def test_a_crash_at_any_call_leaves_what_a_clean_run_leaves(
    exact: tuple[Running, Clock], monkeypatch: pytest.MonkeyPatch, flow: str, stays_dead: bool
) -> None:
    """Every call of the pages and of the batch: the step is invoked again, or the next run finds the rest."""
    served, clock = exact
    clock.now = Clock().now
    first = delft(served.urls, clock)
    BEFORE[flow](first)
    as_before = back_to(first, CREDENTIALS)

    def trial(at: int | None) -> tuple[Any, list[str], list[int]]:
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        memory = memory_ledger(saboteur.edge)
        made = Stepping(dict(served.urls), memory.ledger, memory, clock, saboteur=saboteur, dies=stays_dead)
        as_before(made)
        run = made.start(flow)
        saboteur.awake = True
        with suppress(Crash):
            made.act(run)
        saboteur.awake = made.dies = False
        died = at is not None and len(saboteur.seen) == at + 1
        if died and stays_dead:
            clock.pass_by(made.limits.lease_seconds + 1)
            made.run(flow)
        found = ended(made)
        made.forget_requests()
        made.run(flow)
        return (found, made.sent(), made.sent("synergy")), saboteur.seen, made.begun

    clean, edges, begun = trial(None)
    assert clean[1:] == ([], [])
    for at in moments(edges, () if stays_dead else begun):
        left, seen, _ = trial(at)
        assert seen == edges[: at + 1] or not stays_dead
        assert left == clean, f"after a crash at edge {at}: {edges[at]}"
