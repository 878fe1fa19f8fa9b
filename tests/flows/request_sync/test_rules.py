"""What a request wants in Payroll Plus, and why it may not have it: tables of cases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.flows.request_sync.reasons import reason
from payrelay.flows.request_sync.rules import (
    Component,
    Item,
    Period,
    Problem,
    Request,
    Value,
    dates,
    period_of,
    values_of,
    years,
)
from payrelay.flows.request_sync.types import TYPES, Reopened

JAN_5, JAN_9 = date(2026, 1, 5), date(2026, 1, 9)


def request(kind: str = "HOURS", start: date = JAN_5, end: date | None = JAN_9, **more: Any) -> Request:
    values = {
        name: Decimal(value) if isinstance(value, str) and name != "item" else value
        for name, value in more.items()
    }
    return Request(
        **{
            "hid": 90017,
            "type": kind,
            "status": "Realised",
            "person": 1042,
            "start": start,
            "end": end,
            **values,
        }
    )


@pytest.mark.requirement("RQ-1")
def test_each_of_the_ten_types_has_its_place() -> None:
    places = {code: (one.place, tuple(name for name, _ in one.parts)) for code, one in TYPES.items()}
    assert places == {
        "GROSSWAGE": ("basicWage", ("BASIC",)),
        "NETSUR": ("netPayment", ()),
        "GROSSSUR": ("grossPaymentTable", ()),
        "NETDED": ("netDeduction", ()),
        "GROSSDED": ("grossDeduction", ()),
        "SICK": ("variableInput", ("Uren ziek (uren)", "Uren nsup ziek (uren)", "Wachturen ziek (uren)")),
        "HOURS": ("variableInput", ("Uren gewerkt (uren)",)),
        "UNPAID": ("variableInput", ("Uren onb.verz (uren)",)),
        "OVERTIME": ("variableInput", ()),
        "MILEAGE": ("variableInput", ()),
    }


@pytest.mark.requirement("RQ-6")
def test_what_a_re_opened_request_leaves_depends_on_its_type() -> None:
    assert {code for code, one in TYPES.items() if one.reopened is Reopened.ZERO} == {
        "SICK",
        "HOURS",
        "UNPAID",
        "OVERTIME",
        "MILEAGE",
    }
    assert [code for code, one in TYPES.items() if one.reopened is Reopened.WAGE] == ["GROSSWAGE"]


@pytest.mark.requirement("RQ-2")
@pytest.mark.parametrize("kind", TYPES)
def test_five_types_must_have_an_end_date(kind: str) -> None:
    must = kind in ("SICK", "HOURS", "UNPAID", "OVERTIME", "MILEAGE")
    assert dates(request(kind, end=None), TYPES[kind]) == (Problem("END_DATE_MISSING") if must else None)
    assert dates(request(kind), TYPES[kind]) is None
    before = dates(request(kind, JAN_9, JAN_5), TYPES[kind])
    assert before == Problem("END_BEFORE_START", {"start": "2026-01-09", "end": "2026-01-05"})


FOUR_WEEKLY = (
    Period("2026-01", date(2025, 12, 29), date(2026, 1, 25), "Open"),
    Period("2026-02", date(2026, 1, 26), date(2026, 2, 22), "Open"),
    Period("2026-14", date(2026, 12, 28), date(2027, 1, 3), "Open"),
)
MONTHLY = (
    Period("2026-01", date(2026, 1, 1), date(2026, 1, 31), "Processed"),
    Period("2026-02", date(2026, 2, 1), date(2026, 2, 28), "Open"),
    Period("2026-03", date(2026, 3, 1), date(2026, 3, 31), "Open"),
)
PERIODS = [
    (FOUR_WEEKLY, date(2026, 1, 26), date(2026, 2, 8), "2026-02"),
    (FOUR_WEEKLY, date(2025, 12, 30), date(2026, 1, 2), "2026-01"),
    (FOUR_WEEKLY, date(2026, 1, 24), date(2026, 1, 27), None),
    (FOUR_WEEKLY, date(2026, 12, 30), date(2027, 1, 2), "2026-14"),
    (FOUR_WEEKLY, date(2026, 5, 1), date(2026, 5, 1), None),
    (MONTHLY, date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
    (MONTHLY, date(2026, 2, 28), date(2026, 3, 1), None),
    (MONTHLY, date(2025, 12, 31), date(2026, 1, 1), None),
]


@pytest.mark.requirement("RQ-3")
@pytest.mark.parametrize(("periods", "start", "end", "name"), PERIODS)
def test_start_and_end_lie_in_one_period_of_the_person(
    periods: tuple[Period, ...], start: date, end: date, name: str | None
) -> None:
    """(PW-15)"""
    found = period_of(request(start=start, end=end), periods)
    if name is None:
        assert isinstance(found, Problem)
        why = reason(found.code, label="Realised hours 90017", **found.values)
        expected = "No payroll period found for this employee with the request start date & end date"
        assert why.message == expected
    else:
        assert isinstance(found, Period)
        assert found.name == name


@pytest.mark.requirement("RQ-3")
def test_a_closed_period_takes_nothing_and_the_next_open_one_is_named() -> None:
    found = period_of(request(start=date(2026, 1, 5)), MONTHLY)
    values = {
        "period": "2026-01",
        "status": "Processed",
        "open": "2026-02, the next period that is open",
        "held": "",
    }
    assert found == Problem("PAYROLL_PERIOD_CLOSED", values)


@pytest.mark.requirement("RQ-3")
def test_both_calendar_years_are_asked_where_a_request_runs_over_new_year() -> None:
    assert years(request(start=date(2025, 12, 30), end=date(2026, 1, 2))) == (2025, 2026)
    assert years(request()) == (2026,)


OVERTIME = "Uren ovw 150% (overwerk)"
COMPONENTS = {
    one.name: one
    for one in (
        Component(OVERTIME, "uren", "variableInput"),
        Component("KM.vergoed.onb (bedrag per eenheid)", "bedrag per eenheid", "variableInput"),
        Component("KM.belast (eenheden)", "eenheden", "variableInput"),
        Component("4100", "bedrag", "netDeduction"),
    )
}


def item(component: str) -> Item:
    return Item("OVW150", component)


VALUES: list[tuple[Request, Item | None, Any]] = [
    (request("HOURS", quantity="76"), None, (Value("Uren gewerkt (uren)", Decimal("76.00")),)),
    (request("HOURS", quantity="0.25"), None, (Value("Uren gewerkt (uren)", Decimal("0.25")),)),
    (request("HOURS", quantity="0"), None, (Value("Uren gewerkt (uren)", Decimal("0.00")),)),
    (request("HOURS"), None, Problem("VALUE_MISSING", {"field": "quantity"})),
    (
        request("HOURS", quantity="6.333"),
        None,
        Problem("VALUE_TOO_FINE", {"field": "quantity", "seen": "is 6.333"}),
    ),
    (request("HOURS", quantity="6.500"), None, (Value("Uren gewerkt (uren)", Decimal("6.50")),)),
    (
        request("SICK", number_1="16", number_2="4", number_3="2"),
        None,
        (
            Value("Uren ziek (uren)", Decimal("16.00")),
            Value("Uren nsup ziek (uren)", Decimal("4.00")),
            Value("Wachturen ziek (uren)", Decimal("2.00")),
        ),
    ),
    (
        request("SICK", number_1="16", number_2="0"),
        None,
        (Value("Uren ziek (uren)", Decimal("16.00")), Value("Uren nsup ziek (uren)", Decimal("0.00"))),
    ),
    (request("SICK"), None, Problem("VALUE_MISSING", {"field": "number_1"})),
    (
        request("OVERTIME", item="OVW150", quantity="6.5"),
        item(f"{OVERTIME} "),
        (Value(OVERTIME, Decimal("6.50")),),
    ),
    (
        request("OVERTIME", item="OVW150", quantity="6.5"),
        item("\u00a0" + OVERTIME),
        (Value(OVERTIME, Decimal("6.50")),),
    ),
    (
        request("OVERTIME", item="OVW150", quantity="1"),
        item("Uren ovw 999%"),
        Problem("COMPONENT_UNKNOWN", {"item": "OVW150", "value": "Uren ovw 999%"}),
    ),
    (
        request("OVERTIME", item="OVW150", quantity="1"),
        item(" "),
        Problem("COMPONENT_MISSING", {"item": "OVW150"}),
    ),
    (request("OVERTIME", quantity="1"), None, Problem("ITEM_MISSING")),
    (
        request("OVERTIME", item="X", quantity="1"),
        Item("X", found=False),
        Problem("ITEM_UNKNOWN", {"item": "X"}),
    ),
    (
        request("OVERTIME", item="OVW150", quantity="1"),
        item("4100"),
        Problem(
            "COMPONENT_OF_ANOTHER_KIND",
            {"item": "OVW150", "value": "4100", "kind": "netDeduction", "place": "variableInput"},
        ),
    ),
    (
        request("MILEAGE", item="KM", amount="0.23", quantity="120"),
        item("KM.vergoed.onb (bedrag per eenheid)"),
        (Value("KM.vergoed.onb (bedrag per eenheid)", Decimal("0.23")),),
    ),
    (
        request("MILEAGE", item="KM", amount="0.23", quantity="120"),
        item("KM.belast (eenheden)"),
        (Value("KM.belast (eenheden)", Decimal("120.00")),),
    ),
    (request("NETDED", item="LEASE", amount="-25"), item("4100"), (Value("4100", Decimal("-25.00")),)),
    (request("GROSSWAGE", amount="3500"), None, (Value("BASIC", Decimal("3500.00")),)),
    (request("GROSSWAGE", quantity="3500"), None, Problem("VALUE_MISSING", {"field": "amount"})),
]


@pytest.mark.requirement("RQ-1", "RQ-5")
@pytest.mark.parametrize(("asked", "named", "values"), VALUES)
def test_values_go_to_their_components(asked: Request, named: Item | None, values: Any) -> None:
    """(PW-17, PW-19)"""
    assert values_of(asked, TYPES[asked.type], named, COMPONENTS) == values
