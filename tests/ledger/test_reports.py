"""Payroll reports as they are kept, also as the version before kept them (REP-1)."""

from __future__ import annotations

import pytest

from local.memory.ledger import memory_ledger
from payrelay.domain.sensitive import Secret
from payrelay.ledger.parts import squeeze, unsqueeze
from payrelay.ledger.reports import Report
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("REP-1")

WHERE = ("demo", "con_1")
REPORT = Report("2012", "2026-01", 1, "d", "2026-03-07T05:00:00.000Z", "run_1", 4_000_000_000)
ONE, TWO = (("Net", Secret("1.00")),), (("Bonus", Secret("1.00")), ("Bonus", Secret("2.00")))


def test_a_component_with_two_rows_is_kept_whole_and_one_with_one_as_it_always_was() -> None:
    """What the version before has kept is read, and what it would read stays as it knows it (faults F4)."""
    memory = memory_ledger()
    reports = memory.ledger.reports
    assert reports.put(*WHERE, replace(REPORT, components={"NET": ONE, "BONUS": TWO}))
    ((kept,),) = reports.of(*WHERE, "2012")
    assert kept.components == {"NET": ONE, "BONUS": TWO}

    (item,) = (item for item in memory.table.everything() if "components" in item)
    plain = unsqueeze(item["components"])
    assert plain == {"NET": ["Net", "1.00"], "BONUS": [["Bonus", "1.00"], ["Bonus", "2.00"]]}
    assert squeeze({"NET": plain["NET"]}) == squeeze({"NET": ["Net", "1.00"]})


def test_whether_anybody_has_a_report_of_a_period() -> None:
    reports = memory_ledger().ledger.reports
    assert not reports.any_of(*WHERE, "2026-01")
    assert reports.put(*WHERE, REPORT)
    assert reports.any_of(*WHERE, "2026-01")
    assert not reports.any_of(*WHERE, "2026-02")
    assert not reports.of_era(1).any_of(*WHERE, "2026-01"), "that of another organisation is nobody's here"
