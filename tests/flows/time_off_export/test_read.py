"""What the time-off export makes of both sides' lists, and of rows in them that can't be used (RUN-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from payrelay.flows.time_off_export.days import Codes
from payrelay.flows.time_off_export.read import Sides
from payrelay.systems.rows import BadRow, Day, Listed
from payrelay.systems.simployer.models import LeaveTransaction, LeaveType, LeaveTypeCode, Page
from payrelay.systems.xledger.models import AbsenceNode, DbId, Lookup, Reference
from tests.flows.time_off_export.builders import FEBRUARY

pytestmark = pytest.mark.requirement("RUN-4")


def bad(row_id: str, number: str) -> BadRow:
    return BadRow(row_id, number, "date", "is no day")


@dataclass
class Systems:
    """Both systems, with some rows that can't be used."""

    days: list[LeaveTransaction] = field(default_factory=list)
    bad_days: list[BadRow] = field(default_factory=list)
    held: list[AbsenceNode] = field(default_factory=list)
    bad_held: list[BadRow] = field(default_factory=list)

    @property
    def sides(self) -> Sides:
        both: Any = self
        return Sides(both, both)

    def leave_transactions(self, *_: Any, employee_ids: Sequence[str] = ()) -> Page[LeaveTransaction]:
        rows = [row for row in self.days if row.employee_id in employee_ids]
        return Page(Listed(rows, self.bad_days), 0, 0)

    def leave_types(self) -> Listed[LeaveType]:
        code = LeaveTypeCode("x1", "t1", "c1", "FERIE")
        return Listed([LeaveType("t1", "Ferie", codes=(code,))], [bad("t9", "Permisjon")])

    def absence_codes(self) -> Listed[Lookup]:
        return Listed([Lookup(DbId("71"), "FERIE")], [bad("72", "SYK")])

    def absences(self, *_: Any) -> Listed[AbsenceNode]:
        return Listed(self.held, self.bad_held)


def test_the_look_ups_come_back_from_the_runs_context_as_they_were_read() -> None:
    codes = Codes.of(Systems().sides.pages(FEBRUARY).context)
    assert (codes.code("t1", "c1"), codes.known) == ("FERIE", {"FERIE"})
    assert (codes.lost_types.instead_of("t9"), codes.lost_types.instead_of("t8")) == (
        bad("t9", "Permisjon"),
        None,
    )
    assert codes.lost_codes.instead_of("SYK") == bad("72", "SYK")


def test_the_context_of_a_plan_of_the_version_before_is_still_read() -> None:
    codes = Codes.of({"types": {}, "codes": ["FERIE"]})
    assert codes.refusal("t1", "FERIE", "Absence 101-l1") is None


DAY = LeaveTransaction("d1", "APPROVED", "t1", "e1", Day(2026, 2, 9))


@pytest.mark.parametrize(
    ("bad_days", "people"),
    [([], {"e1"}), ([bad("d2", "e2")], {"e1", "e2"}), ([bad("d2", "")], {"e1", "e2", "e3"})],
    ids=["all can be read", "one can't", "one can't, and tells nobody"],
)
def test_who_has_a_day_that_can_not_be_read_has_leave(bad_days: list[BadRow], people: set[str]) -> None:
    sides = Systems([DAY], bad_days).sides
    assert sides.with_leave({"e1", "e2", "e3"}, FEBRUARY) == people


@pytest.mark.parametrize(
    ("bad_held", "unreadable"),
    [([], ()), ([bad("95002", "8")], ("8",)), ([bad("95002", "")], ("7", "8"))],
    ids=["all can be read", "one can't", "one can't, and tells nobody"],
)
def test_an_absence_that_can_not_be_read_is_its_employees_or_anybodys(
    bad_held: list[BadRow], unreadable: tuple[str, ...]
) -> None:
    node = AbsenceNode(db_id=DbId("95001"), employee=Reference("7"), from_date=date(2026, 2, 9))
    found, lost = Systems(held=[node], bad_held=bad_held).sides.absences(FEBRUARY, ["7", "8"])
    assert found == {"7": [node]}
    assert tuple(one for one in ("7", "8") if lost.instead_of(one)) == unreadable
