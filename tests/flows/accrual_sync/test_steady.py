"""Runs of which nothing is new: what was kept of each balance stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Link
from tests.worlds.accruals import PAID, Accruals, accrual, check, held
from tests.worlds.run import CONNECTION, TENANT
from tests.worlds.timeclock import Beta, person


def kept(company: Accruals) -> dict[str, Link]:
    links = company.ledger.links.all(TENANT, CONNECTION, "accrual")
    return {link.source_id: link for link in links}


def counted(monkeypatch: pytest.MonkeyPatch, company: Accruals) -> list[str]:
    """From now on the balances of which something is kept."""
    found: list[str] = []
    real = company.ledger.links.put_many

    def put_many(tenant: str, connection_id: str, links: Any) -> None:
        put = list(links)
        found.extend(link.source_id for link in put if link.entity == "accrual")
        real(tenant, connection_id, put)

    monkeypatch.setattr(type(company.ledger.links), "put_many", lambda _, *given: put_many(*given))
    return found


@pytest.mark.requirement("AC-7", "RUN-8")
def test_a_balance_that_is_equal_keeps_what_is_known_of_it_towards_millennium(
    clocked: Beta, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocked.staff(
        person("2001", {"Vacation": [("24.50", "2025-12-21")]}, {"VAC": "21.0000"}),
        person("2002", {"Vacation": [("8.00", "2025-12-21")]}, {"VAC": "8.0000"}),
    )
    clocked.button(as_of="batch")
    before = kept(clocked)
    assert before["2001:Vacation"].facts["written_value"] == "24.50"
    put = counted(monkeypatch, clocked)
    assert clocked.button(as_of="batch").counts["unchanged"] == 2
    assert put == []
    assert kept(clocked) == before


@pytest.mark.requirement("AC-4", "RUN-8")
def test_a_balance_that_is_equal_keeps_what_is_known_of_it_towards_timeworksplus(
    company: Accruals, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.payroll(
        accrual(1001, "VAC", "40.0000", PAID), check(1001), accrual(1002, "VAC", "8.0000", PAID), check(1002)
    )
    company.clocked(*held(1001, "36.92 @2025-12-21"), *held(1002, "8.00 @2026-01-04"))
    company.sync()
    before = kept(company)
    put = counted(monkeypatch, company)
    assert company.sync().counts["unchanged"] == 2
    assert put == []
    assert kept(company) == before
