"""The remedies of the request sync, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.machines.cures import Cure, carry_out, nothing, then
from tests.worlds import hr
from tests.worlds.hr import OVERTIME, Delft, card, request

Step = Callable[[Delft], None]
JAN_5, AUG_1, OCT_1 = date(2026, 1, 5), date(2018, 8, 1), date(2018, 10, 1)
ITEMS = [
    {"ItemCode": "OVW150", "TextFreeField1": OVERTIME},
    {"ItemCode": "B", "TextFreeField1": "Uren ovw 999%"},
    {"ItemCode": "C", "TextFreeField1": ""},
    {"ItemCode": "LEASE", "TextFreeField1": "4100"},
]
COMPONENTS = [
    {"component": OVERTIME, "unit": "uren", "kind": "variableInput"},
    {"component": "4100", "unit": "bedrag", "kind": "netDeduction"},
]
PEOPLE = ("1042", "1043")
BY_HAND = {"employeeId": "1042", "kind": "basicWage", "component": "BASIC", "amount": "3000.00"}
TESTS = "tests/flows/request_sync/test_requests.py"
FAULTS = "tests/flows/request_sync/test_faults.py"
# A person changes something during the run, or a right is missing.
ELSEWHERE = {
    "EDITED_MEANWHILE": f"{TESTS}::test_one_that_is_edited_while_it_is_sent_is_not_processed_as_it_was",
    "EDITED_AS_PROCESSED": f"{FAULTS}::test_what_somebody_does_to_a_request_at_the_moment_it_is_processed",
    "DELETED_MEANWHILE": f"{FAULTS}::test_what_somebody_does_to_a_request_at_the_moment_it_is_processed",
    "NO_RIGHT_TO_PROCESS": f"{TESTS}::test_without_the_right_to_process_it_is_in_payroll_and_says_so",
}


@pytest.fixture
def staffed(office: Delft) -> Delft:
    """Two employees in payroll, with months, a unit and a shift."""
    months = [("2026-01", "2026-01-01", "2026-01-31"), ("2026-02", "2026-02-01", "2026-02-28")]
    office.fill(
        hr.office(card(1042), card(1043), Item=ITEMS),
        {
            "employees": [{"employeeId": one, "birthName": "Graaf"} for one in PEOPLE],
            "employments": [
                {"employeeId": one, "payrollNoEE": 1, "employed": "2018-01-01"} for one in PEOPLE
            ],
            "payrollPeriods": [
                {"prPeriod": name, "startDate": first, "endDate": last, "status": "Open"}
                for name, first, last in months
            ],
            "organizationalEntities": [{"employeeId": one, "devidingUnit": "Delft"} for one in PEOPLE],
            "workDetails": [{"employeeId": one, "shift": "D1"} for one in PEOPLE],
            "components": COMPONENTS,
        },
    )
    return office


# --- what a person does on the screens ---------------------------------------------------------------------


def asked(*requests: dict[str, Any]) -> Step:
    """These requests, in place of those with their numbers."""

    def step(office: Delft) -> None:
        state, known = office.state("synergy"), {row["HID"] for row in requests}
        kept = [row for row in state["Request"] if row["HID"] not in known]
        office.put("synergy", {**state, "Request": [*kept, *requests]})

    return step


def hours(start: date = JAN_5, end: date | None = JAN_5, **values: Any) -> dict[str, Any]:
    return request(90001, "HOURS", start, end, **{"Quantity": 8, **values})


def overtime(item: str | None) -> dict[str, Any]:
    return request(90001, "OVERTIME", JAN_5, JAN_5, ItemCode=item, Quantity=2)


def wage(hid: int, start: date, status: str = "Realised") -> dict[str, Any]:
    return request(hid, "GROSSWAGE", start, Amount="3500.00", StatusCode=status)


def lease(status: str = "Realised") -> dict[str, Any]:
    return request(90001, "NETDED", JAN_5, ItemCode="LEASE", Amount="25.00", StatusCode=status)


def there(resource: str, system: str = "payroll_plus", **values: Any) -> Step:
    """Somebody changes all rows of a resource."""
    return lambda office: office.edit(system, resource, {}, **values)


def rows(resource: str, *found: dict[str, Any], system: str = "payroll_plus") -> Step:
    """These are the rows of a resource."""
    return lambda office: office.put(system, {**office.state(system), resource: list(found)})


def item(code: str, component: str) -> Step:
    return lambda office: office.edit("synergy", "Item", {"ItemCode": code}, TextFreeField1=component)


def sent(office: Delft) -> None:
    """A run."""
    office.requests_run()


def concept(office: Delft) -> None:
    """1050 is a concept employee."""
    row = {"employeeId": "1050", "birthName": "Graaf", "employed": "2025-12-01", "status": "Concept"}
    rows("conceptEmployees", row)(office)


def converted(office: Delft) -> None:
    """And is made an employee, with a unit and a shift."""
    office.convert(1050)
    complete(office)


def employed(office: Delft) -> None:
    """1050 comes to payroll."""
    concept(office)
    converted(office)


def complete(office: Delft) -> None:
    state = office.state("payroll_plus")
    office.put(
        "payroll_plus",
        {
            **state,
            "organizationalEntities": [
                *state["organizationalEntities"],
                {"employeeId": "1050", "devidingUnit": "Delft"},
            ],
            "workDetails": [*state["workDetails"], {"employeeId": "1050", "shift": "D1"}],
            "payrollPeriods": [
                *state["payrollPeriods"],
                *(
                    {**row, "employeeId": "1050"}
                    for row in state["payrollPeriods"]
                    if row.get("employeeId") == "1042"
                ),
            ],
        },
    )


def steps_of(has_process: bool) -> Step:
    row = {"Code": "HOURS", "Description": "Realised hours", "HasRealise": True, "HasProcess": has_process}
    return rows("RequestType", {**row, "PersonField": "All"}, system="synergy")


UNIT = [{"employeeId": one, "devidingUnit": "Delft"} for one in PEOPLE]
SHIFT = [{"employeeId": one, "shift": "D1"} for one in PEOPLE]
JAN_30, FEB_2 = date(2026, 1, 30), date(2026, 2, 2)
CURES = [
    Cure(
        "NO_PAYROLL_PERIOD",
        asked(hours(JAN_30, FEB_2)),
        asked(hours(JAN_30, date(2026, 1, 31)), request(90002, "HOURS", date(2026, 2, 1), FEB_2, Quantity=8)),
        "make one request for each payroll period",
    ),
    Cure(
        "PAYROLL_PERIOD_CLOSED",
        then(there("payrollPeriods", status="Processed"), asked(hours())),
        there("payrollPeriods", status="Open"),
        "Withdraw the run of 2026-01 in Exact Payroll Plus",
    ),
    Cure("END_DATE_MISSING", asked(hours(end=None)), asked(hours()), "fill in End date"),
    Cure("END_BEFORE_START", asked(hours(end=date(2026, 1, 4))), asked(hours()), "correct its dates"),
    Cure("VALUE_MISSING", asked(hours(Quantity=None)), asked(hours()), "fill in Quantity"),
    Cure("VALUE_TOO_FINE", asked(hours(Quantity=6.333)), asked(hours()), "enter Quantity with two decimals"),
    Cure("ITEM_MISSING", asked(overtime(None)), asked(overtime("OVW150")), "choose an Item"),
    Cure("ITEM_UNKNOWN", asked(overtime("GONE")), asked(overtime("OVW150")), "choose another Item"),
    Cure("COMPONENT_MISSING", asked(overtime("C")), item("C", OVERTIME), "Enter the component code"),
    Cure(
        "COMPONENT_UNKNOWN",
        asked(overtime("B")),
        item("B", OVERTIME),
        "Correct free text field 1 of the item B",
    ),
    Cure(
        "COMPONENT_OF_ANOTHER_KIND",
        asked(overtime("LEASE")),
        asked(overtime("OVW150")),
        "Choose another item",
    ),
    Cure(
        "REQUEST_TYPE_WITHOUT_STEPS",
        then(steps_of(False), asked(hours())),
        steps_of(True),
        "Give the request type the steps Realise and Process",
    ),
    Cure(
        "REQUEST_TYPE_UNKNOWN",
        asked(request(90001, "TRAINING", JAN_5)),
        nothing,
        "Nothing to do.",
        stays=True,
    ),
    Cure(
        "NOT_IN_PAYROLL_PLUS", asked(hours(ResourceID=1050)), employed, "goes by itself once they are there"
    ),
    Cure(
        "REQUEST_WAITS_FOR_CONCEPT",
        then(concept, asked(hours(ResourceID=1050))),
        converted,
        "Make them an employee in Exact Payroll Plus",
    ),
    Cure(
        "REQUEST_WAITS_FOR_EMPLOYMENT",
        then(there("employments", termDate="2019-12-31"), asked(hours())),
        there("employments", termDate=None),
        "take the term date away",
    ),
    Cure(
        "ORGANIZATIONAL_ENTITY_MISSING",
        then(rows("organizationalEntities"), asked(hours())),
        rows("organizationalEntities", *UNIT),
        "Enter one in Exact Payroll Plus",
    ),
    Cure("SHIFT_MISSING", then(rows("workDetails"), asked(hours())), rows("workDetails", *SHIFT), "Enter it"),
    Cure(
        "STARTS_BEFORE_ANOTHER",
        then(asked(wage(90001, OCT_1)), sent, asked(wage(90002, AUG_1))),
        asked(wage(90002, date(2018, 11, 1))),
        "Correct the start date of one of the two",
    ),
    Cure(
        "RECORD_BY_HAND",
        then(rows("payments", {**BY_HAND, "startDate": "2018-08-01"}), asked(wage(90001, OCT_1))),
        rows("payments", {**BY_HAND, "startDate": "2018-08-01", "endDate": "2018-09-30"}),
        "End it in Exact Payroll Plus on 2018-09-30",
    ),
    Cure(
        "PAYMENT_REMAINS",
        then(asked(lease()), sent, asked(lease("Reopened"))),
        nothing,
        "If it is not to be paid any more",
        stays=True,
    ),
    Cure(
        "NO_WAGE_IN_FORCE",
        then(asked(wage(90001, AUG_1)), sent, asked(wage(90001, AUG_1, "Reopened"))),
        asked(wage(90001, AUG_1)),
        "Correct the request and realise it again",
    ),
    Cure(
        "ENDS_ANOTHER",
        then(asked(wage(90001, AUG_1)), sent, asked(wage(90002, OCT_1))),
        nothing,
        "Nothing to do.",
    ),
]


@pytest.mark.requirement("RUN-7", "RQ-2", "RQ-8")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(staffed: Delft, case: Cure) -> None:
    carry_out(staffed, "request_sync", case)
