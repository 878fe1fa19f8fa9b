"""What the employee export makes of both sides' lists, and of rows in them that can't be used (RUN-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from payrelay.domain.runs import Link
from payrelay.flows.employee_export.read import Sides, references
from payrelay.systems.rows import BadRow, Listed
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.models import ContactNode, DbId, EmployeeNode, Lookup, Lookups

pytestmark = pytest.mark.requirement("RUN-4")


@dataclass
class Simployer:
    """Employees of the source, of whom some can't be used."""

    rows: list[Employee] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    def employees_by_id(self, ids: Sequence[str]) -> Listed[Employee]:
        return Listed([r for r in self.rows if r.id in ids], [b for b in self.bad if b.id in ids])

    def employees_by_number(self, numbers: Sequence[str]) -> Listed[Employee]:
        rows = [row for row in self.rows if row.employee_number in numbers]
        return Listed(rows, [bad for bad in self.bad if bad.number in numbers])


@dataclass
class Xledger:
    """What Xledger answers, whatever it is asked."""

    employees: Listed[EmployeeNode] = field(default_factory=lambda: Listed([]))
    contacts: Listed[ContactNode] = field(default_factory=lambda: Listed([]))
    lost: Sequence[BadRow] = ()

    def employees_by_code(self, _: Sequence[str]) -> Listed[EmployeeNode]:
        return self.employees

    def contacts_by_id(self, _: Sequence[str]) -> Listed[ContactNode]:
        return self.contacts

    def lookups(self) -> Lookups:
        kinds = {
            "employee_groups": [Lookup(DbId("11"), "FAST")],
            "employment_types": [],
            "exit_reasons": [Lookup(DbId("31"), "F", "Frivillig"), Lookup(DbId("32"), "U")],
            "cost_centres": [Lookup(DbId("310"), "310")],
        }
        return Lookups(**{kind: Listed(rows, self.lost) for kind, rows in kinds.items()})


def sides(simployer: Simployer | None = None, xledger: Xledger | None = None) -> Sides:
    found: Any = Sides(simployer or Simployer(), xledger or Xledger())  # type: ignore[arg-type]
    return found


def employee(source_id: str, number: str) -> Employee:
    return Employee(id=source_id, active=True, employee_number=number)


def bad(row_id: str, number: str) -> BadRow:
    return BadRow(row_id, number, "email", "is no text")


NODE = EmployeeNode(db_id=DbId("7"), code="101", contact_db_id=DbId("8"))
CONTACT = ContactNode(db_id=DbId("8"))


@pytest.mark.parametrize(
    ("employees", "contacts", "lost"),
    [
        (Listed([NODE]), Listed([CONTACT]), None),
        (Listed([]), Listed([]), None),
        (Listed([], [bad("7", "101")]), Listed([]), "7"),
        (Listed([], [bad("9", "109")]), Listed([]), None),
        (Listed([], [bad("9", "")]), Listed([]), "9"),
        (Listed([NODE], [bad("9", "")]), Listed([CONTACT]), None),
        (Listed([NODE]), Listed([], [bad("8", "")]), "8"),
    ],
    ids=[
        "both are there",
        "nobody is there",
        "the employee can not be read",
        "somebody else can not be read",
        "somebody without a code can not be read",
        "and that is somebody else",
        "the contact can not be read",
    ],
)
def test_whom_xledger_shows_unreadably_is_not_taken_for_absent(
    employees: Listed[EmployeeNode], contacts: Listed[ContactNode], lost: str | None
) -> None:
    found = sides(xledger=Xledger(employees, contacts)).targets(["101"])["101"]
    assert (found.unreadable and found.unreadable.id) == lost


def test_the_look_ups_come_back_from_the_runs_context_as_they_were_read() -> None:
    """An exit reason goes by its description, which a row that can't be used does not tell."""
    found = references(sides(xledger=Xledger(lost=[bad("9", "990")])).context())
    assert found.codes["exit_reasons"] == {"31": "Frivillig", "32": "U"}
    assert found.known["cost_centres"] == {"310"}
    lost = {kind: bool(found.unusable[kind].instead_of("Pensjon")) for kind in found.codes}
    assert lost == {
        "employee_groups": False,
        "employment_types": False,
        "cost_centres": False,
        "exit_reasons": True,
    }
    assert found.unusable["cost_centres"].instead_of("990") == bad("9", "990")


def test_the_context_of_a_plan_of_the_version_before_is_still_read() -> None:
    found = references({"cost_centres": {"310": "5"}, "cost_centres_by_id": {"5": "310"}})
    assert (found.codes["cost_centres"], bool(found.unusable["cost_centres"])) == ({"5": "310"}, False)


def test_who_was_asked_for_and_can_not_be_read_is_not_missing() -> None:
    source = Simployer([employee("e1", "101")], [bad("e2", "102")])
    found = sides(source).asked_for(["e1", "e2", "e3", "number:102", "number:103"])
    assert [row.id for row in found.rows] == ["e1"]
    assert {row.id for row in found.bad} == {"e2"}
    assert found.missing == ("e3", "number:103")


def test_a_record_that_is_there_and_can_not_be_read_is_not_gone() -> None:
    source = Simployer([employee("e9", "103")], [bad("e2", "102")])
    links = [Link("employee", f"e{n}", f"10{n}", str(n)) for n in (1, 2, 3)]
    lost, takers, unread = sides(source).gone(links)
    assert [link.source_id for link in lost] == ["e1", "e3"]
    assert {number: [one.id for one in rows] for number, rows in takers.items()} == {"103": ["e9"]}
    assert unread == set()


@pytest.mark.requirement("EX-6")
def test_other_records_of_a_number_are_found_by_number_and_by_its_last_delivery() -> None:
    source = Simployer([employee("e2", "101"), employee("e1", "101")], [bad("e3", "103"), bad("e4", "")])
    found, lost = sides(source).rivals(["101", "103"], {"101": "e1", "104": "e4"}, {"e1"})
    assert [row.id for row in found] == ["e2"]
    assert {number: row.id for number, row in lost.items()} == {"103": "e3", "104": "e4"}
