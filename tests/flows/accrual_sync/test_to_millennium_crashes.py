"""A crash, or a lost answer, at every call towards Millennium: what one clean run would leave (RUN-5)."""

from __future__ import annotations

from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Running
from payrelay.domain.runs import Trigger
from payrelay.flows.accrual_sync.facts import Facts
from payrelay.systems.http import door as http
from tests.worlds.accruals import NOW
from tests.worlds.run import Clock
from tests.worlds.saboteur import Saboteur, moments, one_in
from tests.worlds.timeclock import Beta, beta, person

D21 = "2025-12-21"


def ended(company: Beta) -> Any:
    """What both systems have in the end, and what is known of it."""
    rows = [
        (row["EmployeeId"], row["Code"], row["Balance"], row["AsOfDate"])
        for row in company.state("millennium")["accruals"]
    ]
    links = company.ledger.links.all("demo", "con_TEST", "accrual")
    return sorted(rows), sorted((link.source_id, f"{Facts.of(link).last_day}") for link in links)


@pytest.mark.requirement("RUN-5", "AC-6", "AC-7")
@pytest.mark.parametrize("stays_dead", [False, True])
def test_a_crash_at_any_call_leaves_what_one_clean_run_would(
    time_clock: tuple[Running, Clock], monkeypatch: pytest.MonkeyPatch, stays_dead: bool
) -> None:
    served, clock = time_clock

    def trial(at: int | None) -> tuple[Any, list[str]]:
        clock.now = NOW
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        company = beta(served.urls, clock, memory_ledger(saboteur.edge))
        company.staff(
            person("1001", {"Vacation": [("24.50", D21)], "Sick": [("4.00", D21)]}, {"VAC": "18.0000"}),
            person("1002", {"Vacation": [("8.00", D21)]}, {"VAC": "8.0000"}),
        )
        run = company.start("accrual_sync", trigger=Trigger.SCHEDULE)
        if saboteur.kills(company, run, stays_dead=stays_dead):
            clock.pass_by(company.limits.lease_seconds + 1)
            company.tick()
        found = ended(company)
        company.forget_requests()
        again = company.tick()
        assert (again.counts["updated"] + again.counts["created"], company.written()) == (0, [])
        return found, saboteur.seen

    clean, edges = trial(None)
    assert clean[0] == [
        ("1001", "SICK", "4.00", D21),
        ("1001", "VAC", "24.50", D21),
        ("1002", "VAC", "8.0000", None),
    ]
    found = moments(edges)
    vendors = [at for at in found if "millennium" in edges[at] + edges[at - 1]]
    ours = [at for at in found if at not in vendors]
    some = (vendors, one_in(2, ours)) if stays_dead else (one_in(2, vendors), one_in(3, ours))
    for at in sorted(at for edges_of in some for at in edges_of):
        left, _ = trial(at)
        assert left == clean, f"after a crash at edge {at}: {edges[at]}"
