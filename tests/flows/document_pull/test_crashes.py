"""A crash at every call of a pull of documents, then the next run: the same dossiers (RUN-5)."""

from __future__ import annotations

from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Running
from payrelay.systems.http import door as http
from tests.flows.conftest import Clock
from tests.worlds.exact import CREDENTIALS
from tests.worlds.saboteur import Saboteur, back_to, moments, one_in
from tests.worlds.slips import FLOW, Slips, closed, payroll_run, pdf, slip, slips, statement

MARCH = "2026-03-01T08:00:00Z"


def nothing_yet(paid: Slips) -> None:
    """Two slips, a statement, one of nobody, one whose content is another's."""
    paid.after_pay(
        slip(),
        slip("ps-882", 1043),
        slip("ps-883", 9999),
        slip("ps-884", 1043, sha256="00" * 32),
        statement(),
        payrollYears=[closed()],
    )


def calculated_again(paid: Slips) -> None:
    """A run of a closed year approved again: a slip and a statement in version 2, the other out of date."""
    december = payroll_run("run-12", "2025-12")
    rows = [slip("ps-12", runId="run-12"), slip("ps-13", 1043, runId="run-12")]
    statements = [statement(), statement("as-1043", 1043)]
    paid.after_pay(*rows, *statements, payrollRuns=[december], payrollYears=[closed()])
    paid.pull()
    rows[0] = slip("ps-12", runId="run-12", version=2, content=pdf("again"))
    statements[0] = statement(version=2, content=pdf("again"))
    paid.payroll(documents=[*rows, *statements], payrollRuns=[payroll_run("run-12", "2025-12", at=MARCH)])


def ended(paid: Slips) -> list[tuple[str, int, str, str]]:
    """What is in the dossiers, each as often as it is there."""
    rows = paid.state("synergy")["Document"]
    return sorted((row["TextFreeField1"], row["ResourceID"], row["Subject"], row["Content"]) for row in rows)


@pytest.mark.requirement("RUN-5", "DOC-3", "DOC-4")
@pytest.mark.parametrize("stays_dead", [False, True])
@pytest.mark.parametrize("before", [nothing_yet, calculated_again])
def test_a_crash_at_any_call_leaves_what_a_clean_run_leaves(
    exact: tuple[Running, Clock], monkeypatch: pytest.MonkeyPatch, before: Any, stays_dead: bool
) -> None:
    served, clock = exact
    clock.now = Clock().now
    first = slips(served.urls, clock)
    before(first)
    as_before = back_to(first, CREDENTIALS)

    def trial(at: int | None) -> tuple[Any, list[str]]:
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        made = slips(served.urls, clock, memory_ledger(saboteur.edge))
        as_before(made)
        run = made.start(FLOW)
        if saboteur.kills(made, run, stays_dead=stays_dead):
            clock.pass_by(made.limits.lease_seconds + 1)
            made.pull()
        found = ended(made)
        made.forget_requests()
        said = made.said(made.pull())
        return (found, said, made.sent("synergy"), made.said(made.pull())), saboteur.seen

    clean, edges = trial(None)
    assert clean[2] == []
    # Around every write to Synergy, and of those to our own ledger some: the engine's tests have the others.
    found = moments(edges)
    vendors = [at for at in found if "synergy" in edges[at] + edges[at - 1]]
    ours = [at for at in found if at not in vendors]
    for at in (*vendors, *one_in(4, ours), len(edges) - 1):
        left, _ = trial(at)
        assert left == clean, f"after a crash at edge {at}: {edges[at]}"
