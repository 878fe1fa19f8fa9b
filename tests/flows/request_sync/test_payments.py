"""One payment in force at a time: what a request ends, and what stands in its way (RQ-4, RQ-6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.flows.request_sync.payments import Payment, Placed, Undone, after, no_wage_from, placed, undone
from payrelay.flows.request_sync.rules import Problem, Request, Value
from payrelay.flows.request_sync.types import TYPES

AUG_1, SEP_30, OCT_1, JUL_1, DEC_1 = (
    date(2018, 8, 1),
    date(2018, 9, 30),
    date(2018, 10, 1),
    date(2018, 7, 1),
    date(2018, 12, 1),
)


def wage(hid: int, start: date, amount: str, end: date | None = None) -> Payment:
    return Payment("basicWage", "BASIC", Decimal(amount), start, end, f"ESE-{hid}" if hid else "")


def deduction(hid: int, start: date, component: str = "4100", end: date | None = None) -> Payment:
    return Payment("netDeduction", component, Decimal(25), start, end, f"ESE-{hid}" if hid else "")


def asked(hid: int, start: date, kind: str = "GROSSWAGE", end: date | None = None, **more: Any) -> Request:
    return Request(hid=hid, type=kind, status="Realised", person=1042, start=start, end=end, **more)


def put(
    request: Request,
    *there: Payment,
    amount: str = "3650",
    component: str = "BASIC",
    by_component: bool = False,
) -> Placed | Problem:
    value = Value(component, Decimal(amount))
    return placed(request, TYPES[request.type], value, there, by_component=by_component)


@pytest.mark.requirement("RQ-4")
def test_the_wage_of_october_ends_that_of_august_on_30_september() -> None:
    """(the document's own example, PW-12)"""
    first = wage(90001, AUG_1, "3500")
    made = put(asked(90044, OCT_1), first)
    assert made == Placed(wage(90044, OCT_1, "3650"), (wage(90001, AUG_1, "3500", SEP_30),))
    assert isinstance(made, Placed)
    assert after([first], [*made.ends, *made.leaves, made.payment]) == [
        wage(90001, AUG_1, "3500", SEP_30),
        wage(90044, OCT_1, "3650"),
    ]


IN_THE_WAY: dict[str, tuple[Request, tuple[Payment, ...], str | None]] = {
    "a raise that reaches back (PW-13)": (
        asked(90060, JUL_1),
        (wage(90001, AUG_1, "3500"),),
        "STARTS_BEFORE_ANOTHER",
    ),
    "a raise on the same day": (asked(90060, AUG_1), (wage(90001, AUG_1, "3500"),), "STARTS_BEFORE_ANOTHER"),
    "a wage that ends before the next begins": (
        asked(90060, JUL_1, end=date(2018, 7, 31)),
        (wage(90001, AUG_1, "3500"),),
        None,
    ),
    "a wage that runs into the next": (
        asked(90060, JUL_1, end=AUG_1),
        (wage(90001, AUG_1, "3500"),),
        "STARTS_BEFORE_ANOTHER",
    ),
    "entered in payroll by hand": (asked(90060, OCT_1), (wage(0, AUG_1, "3500"),), "RECORD_BY_HAND"),
    "entered by hand, and ended": (asked(90060, OCT_1), (wage(0, AUG_1, "3500", SEP_30),), None),
    "one that was set to zero is not in force": (asked(90060, JUL_1), (wage(90001, AUG_1, "0"),), None),
    "its own": (asked(90001, AUG_1), (wage(90001, AUG_1, "3500"),), None),
    "the first": (asked(90001, AUG_1), (), None),
}


@pytest.mark.requirement("RQ-4")
@pytest.mark.parametrize("case", IN_THE_WAY)
def test_nothing_ends_before_it_begins(case: str) -> None:
    request, there, code = IN_THE_WAY[case]
    made = put(request, *there)
    assert (made.code if isinstance(made, Problem) else None) == code


@pytest.mark.requirement("RQ-4")
def test_one_that_ends_later_is_cut_to_the_day_before() -> None:
    made = put(asked(90044, OCT_1), wage(90001, AUG_1, "3500", DEC_1))
    assert isinstance(made, Placed)
    assert made.ends == (wage(90001, AUG_1, "3500", SEP_30),)


@pytest.mark.requirement("RQ-4")
@pytest.mark.parametrize(("by_component", "ended"), [(False, 1), (True, 0)])
def test_another_component_of_the_type_is_ended_unless_the_setting_says_component(
    by_component: bool, ended: int
) -> None:
    request = asked(90044, OCT_1, "NETDED")
    made = put(request, deduction(90001, AUG_1, "4200"), component="4100", by_component=by_component)
    assert isinstance(made, Placed)
    assert len(made.ends) == ended


@pytest.mark.requirement("RQ-4")
def test_another_type_is_never_ended() -> None:
    made = put(asked(90044, OCT_1), deduction(90001, AUG_1))
    assert isinstance(made, Placed)
    assert made.ends == ()


@pytest.mark.requirement("RQ-6")
def test_a_payment_that_moved_leaves_zero_where_it_stood() -> None:
    made = put(asked(90001, OCT_1), wage(90001, AUG_1, "3500"))
    assert made == Placed(wage(90001, OCT_1, "3650"), (), (wage(90001, AUG_1, "0", AUG_1),))


REOPENED = {
    "a wage without an end": (asked(90001, AUG_1), wage(90001, AUG_1, "3500"), True),
    "a wage with an end": (asked(90001, AUG_1), wage(90001, AUG_1, "3500", SEP_30), False),
    "a wage by a salary scale": (asked(90001, AUG_1, salary_scale=True), wage(90001, AUG_1, "3500"), False),
    "a deduction": (asked(90001, AUG_1, "NETDED"), deduction(90001, AUG_1), False),
}


@pytest.mark.requirement("RQ-6")
@pytest.mark.parametrize("case", REOPENED)
def test_a_re_opened_payment_remains_but_for_an_open_wage(case: str) -> None:
    request, payment, zeroed = REOPENED[case]
    took_back = undone(request, TYPES[request.type], [payment, wage(90099, JUL_1, "1", JUL_1)])
    zero = wage(90001, AUG_1, "0")
    assert took_back == (Undone((zero,)) if zeroed else Undone(stays=(payment,)))


@pytest.mark.requirement("RQ-6")
def test_whether_a_wage_is_in_force_is_told() -> None:
    assert no_wage_from([wage(90001, AUG_1, "0")], AUG_1)
    assert not no_wage_from([wage(90001, AUG_1, "3500")], OCT_1)
    assert no_wage_from([wage(90001, AUG_1, "3500", SEP_30), deduction(1, AUG_1)], OCT_1)
