"""What is to be written in Delft, with each kind of write, and what both systems have afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tests.worlds.hr import OVERTIME, Delft, account, card, contract, office, request

AUG_1, OCT_1, JAN_5 = date(2018, 8, 1), date(2018, 10, 1), date(2026, 1, 5)
MONTHS = [
    {
        "prPeriod": f"2026-{month:02d}",
        "startDate": f"2026-{month:02d}-01",
        "endDate": f"2026-{month:02d}-28",
        "status": "Open",
    }
    for month in (1, 2)
]


def people_before(delft: Delft) -> None:
    """A hire, somebody in step whose account changed, and a leaver."""
    delft.settle(card(1042), card(1043))
    state = delft.state("synergy")
    state["Resource"].append(card(1055))
    state["RoleMember"].append({"ResourceID": 1055, "RoleCode": "PAYROLLPLUS"})
    state["Contract"].append(contract(1055))
    state["BankAccount"].append(account(1055))
    delft.put("synergy", state)
    delft.edit("synergy", "BankAccount", {"ResourceID": 1042}, IBAN="BE53123456789012")
    delft.card(1043, InactiveDate="2026-12-31T00:00:00", Fax="015")
    delft.edit("synergy", "Contract", {"ResourceID": 1043}, EndDate="2026-12-31T00:00:00")


def requests_before(delft: Delft) -> None:
    """Two wages of which one ends the other, overtime that moves, and hours."""
    items = [{"ItemCode": "OVW150", "TextFreeField1": OVERTIME}]
    moved = request(90017, "OVERTIME", JAN_5, JAN_5, ItemCode="OVW150", Quantity=6.5)
    delft.fill(
        office(card(1042), Item=items, Request=[moved]),
        {
            "employees": [{"employeeId": "1042", "birthName": "Graaf"}],
            "employments": [{"employeeId": "1042", "payrollNoEE": 1, "employed": "2018-01-01"}],
            "payrollPeriods": MONTHS,
            "organizationalEntities": [{"employeeId": "1042", "devidingUnit": "Delft"}],
            "workDetails": [{"employeeId": "1042", "shift": "D1"}],
            "components": [{"component": OVERTIME, "unit": "uren", "kind": "variableInput"}],
        },
    )
    delft.requests_run()
    february = date(2026, 2, 3)
    state = delft.state("synergy")
    state["Request"] = [
        {**moved, "StartDate": f"{february}T00:00:00", "EndDate": f"{february}T00:00:00"},
        request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"),
        request(90044, "GROSSWAGE", OCT_1, Amount="3650.00"),
        request(90030, "UNPAID", JAN_5, JAN_5, Quantity=8),
    ]
    delft.put("synergy", state)


RESOURCES = ("conceptEmployees", "employees", "employments", "sepaBankPayments", "payments", "variableInputs")


def ended(delft: Delft) -> dict[str, Any]:
    """What both systems have that the flows write."""
    payroll = delft.state("payroll_plus")
    for row in payroll["employees"]:
        row.pop("modifiedAt", None)
    there = {name: sorted(payroll[name], key=str) for name in RESOURCES}
    requests = [(row["HID"], row["StatusCode"], row["EndDate"]) for row in delft.state("synergy")["Request"]]
    return {**there, "requests": sorted(requests)}


BEFORE: Mapping[str, Callable[[Delft], None]] = {
    "payroll_sync": people_before,
    "request_sync": requests_before,
}
