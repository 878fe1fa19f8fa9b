"""A crash, or a lost answer, at every call of a journal sync: one entry each, and nothing pending (RUN-5)."""

from __future__ import annotations

from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Running
from payrelay.systems.http import door as http
from tests.flows.conftest import Clock
from tests.worlds.journal import Ledgers, entry, ledgers
from tests.worlds.saboteur import Saboteur, moments, one_in

ENTRIES = (
    entry("1000.00", "1000.00", "250.50"),
    entry("1000.00", entry_id="je-56", administratienummer="600"),
)


def ended(books: Ledgers) -> Any:
    """What both systems have in the end."""
    return books.ledger_rows(), books.pending(), sorted(row["Description"] for row in books.headers())


@pytest.mark.requirement("RUN-5", "JRN-1")
@pytest.mark.parametrize("stays_dead", [False, True])
def test_a_crash_at_any_call_leaves_each_entry_once_and_no_pending_line(
    exact: tuple[Running, Clock], monkeypatch: pytest.MonkeyPatch, stays_dead: bool
) -> None:
    served, clock = exact

    def trial(at: int | None) -> tuple[Any, list[str]]:
        clock.now = Clock().now
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        made = ledgers(served.urls, clock, memory_ledger(saboteur.edge))
        made.give(*ENTRIES)
        run = made.start("journal_sync")
        if saboteur.kills(made, run, stays_dead=stays_dead):
            clock.pass_by(made.limits.lease_seconds + 1)
            made.journal()
        found = ended(made)
        made.forget_requests()
        again = made.journal()
        assert (again.counts["unchanged"], made.sent()) == (2, [])
        assert not list(made.ledger.links.all("demo", "con_TEST", "journal_entry_on_its_way"))
        return found, saboteur.seen

    clean, edges = trial(None)
    assert (len(clean[0]), clean[1], len(clean[2])) == (6, [], 2)
    found = moments(edges)
    vendors = [at for at in found if "globe_next" in edges[at] + edges[at - 1]]
    ours = [at for at in found if at not in vendors]
    some = (vendors, one_in(2, ours)) if stays_dead else (one_in(2, vendors), one_in(4, ours))
    for at in (at for edges_of in some for at in edges_of):
        left, _ = trial(at)
        assert left == clean, f"after a crash at edge {at}: {edges[at]}"
