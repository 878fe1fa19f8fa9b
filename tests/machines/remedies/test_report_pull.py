"""The remedies of the report pull, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from local.sandbox import Running
from tests.flows.conftest import Clock
from tests.machines.cures import Cure, carry_out, nothing, then
from tests.worlds.payroll import FEBRUARY, FLOW, JANUARY, Delft, delft, pay, payroll_run

Step = Callable[[Delft], None]
TWO = [*pay(2001, NETTOLOON="5791.07"), *pay(2012, NETTOLOON="2176.66")]
CARDS = ({"ID": 2001, "FullName": "Eva Smit"}, {"ID": 2012, "FullName": "Ruben Meijer"})


@pytest.fixture
def office(exact: tuple[Running, Clock]) -> Delft:
    """Two people's January, approved."""
    sandboxes, clock = exact
    clock.now = datetime(2026, 3, 7, 5, 0, tzinfo=UTC)
    made = delft(sandboxes.urls, clock)
    made.fill(TWO, payroll_run())
    made.put("synergy", {"Resource": [*CARDS]})
    return made


# --- what a person does on the screens ---------------------------------------------------------------------


def pulled(office: Delft) -> None:
    """A pull, a week ago."""
    assert office.pull().status == "succeeded"
    office.clock.pass_by(7 * 86_400)


def approve(office: Delft) -> None:
    """The calculation of January is approved again."""
    office.approved()


def approved_at_last(period: str) -> Step:
    """The calculation that was open is approved."""

    def step(office: Delft) -> None:
        office.edit("payroll_plus", "payrollRuns", {"prPeriod": period}, status="Approved")
        office.approved(period)

    return step


def books(person: int | str, **amounts: str) -> Step:
    """What is booked on an employee ID of Payroll Plus beside the rest."""

    def step(office: Delft) -> None:
        rows = [{**row, "employeeId": str(person)} for row in pay(1, **amounts)]
        state = office.state("payroll_plus")
        office.put("payroll_plus", {**state, "componentReport": [*state["componentReport"], *rows]})

    return step


def booked_on(old: str, new: str) -> Step:
    """The employee ID is another in Payroll Plus."""
    return lambda office: office.edit("payroll_plus", "componentReport", {"employeeId": old}, employeeId=new)


def card(**card: Any) -> Step:
    """Somebody has a card in Synergy."""

    def step(office: Delft) -> None:
        office.put("synergy", {"Resource": [*CARDS, card]})

    return step


def out(office: Delft) -> None:
    """Payroll takes somebody out of January."""
    office.without(2012)


def withdrawn(office: Delft) -> None:
    office.edit("payroll_plus", "payrollRuns", {"prPeriod": JANUARY}, status="Open", approvedAt=None)


STRANGER = books(2099, NETTOLOON="100.00")
TWICE = then(pulled, books("002012", BONUS="100.00"), approve)
OTHERWISE = then(pulled, booked_on("2012", "E2012"), approve)
EMPTIED = then(pulled, out, approve)
ASKED = {"periods": [FEBRUARY]}

CURES = [
    Cure(
        "NO_SYNERGY_RESOURCE",
        then(card(ID=2020, FullName="Sanne de Wit"), STRANGER),
        booked_on("2099", "2020"),
        "correct the employee ID in Exact Payroll Plus to that one",
    ),
    Cure("NO_SYNERGY_RESOURCE", STRANGER, card(ID=2099), "create it"),
    Cure(
        "NO_SYNERGY_RESOURCE",
        books("E2099", NETTOLOON="100.00"),
        then(card(ID=2100), booked_on("E2099", "2100")),
        "create it; the employee ID has to be the ID of the card",
    ),
    Cure(
        "NO_SYNERGY_RESOURCE",
        STRANGER,
        nothing,
        "Leave it if they are paid outside Exact Synergy",
        stays=True,
    ),
    Cure("SPELLED_TWICE", TWICE, then(booked_on("002012", "2012"), approve), "or all of it on one"),
    Cure(
        "SPELLED_TWICE",
        TWICE,
        then(booked_on("002012", "2001"), approve),
        "book what belongs to another person on that person's employee ID",
    ),
    Cure(
        "SPELLED_OTHERWISE",
        OTHERWISE,
        then(booked_on("E2012", "2012"), approve),
        "correct the employee ID in Exact Payroll Plus to 2012 and approve the calculation again",
    ),
    Cure(
        "SPELLED_OTHERWISE",
        OTHERWISE,
        then(booked_on("E2012", "2001"), approve),
        "If it is somebody else, correct it there to the ID of their own card in Exact Synergy",
    ),
    Cure("REPORT_EMPTIED", EMPTIED, nothing, "Nothing, if that is right"),
    Cure(
        "REPORT_EMPTIED",
        EMPTIED,
        then(books(2012, NETTOLOON="2176.66"), approve),
        "correct it in Exact Payroll Plus and approve the calculation again",
    ),
    Cure(
        "PERIOD_NOT_APPROVED",
        lambda office: office.fill(TWO, payroll_run(), payroll_run(FEBRUARY, "Processed")),
        approved_at_last(FEBRUARY),
        "Approve the calculation in Exact Payroll Plus, then start the run again",
        ASKED,
    ),
    Cure("PERIOD_WITHDRAWN", then(pulled, withdrawn), nothing, "Nothing now", stays=True),
    Cure(
        "PERIOD_WITHDRAWN",
        then(pulled, withdrawn),
        approved_at_last(JANUARY),
        "once the calculation is approved again in Exact Payroll Plus, the next pull takes it",
    ),
]


@pytest.mark.requirement("RUN-7", "REP-1")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(office: Delft, case: Cure) -> None:
    carry_out(office, FLOW, case)
