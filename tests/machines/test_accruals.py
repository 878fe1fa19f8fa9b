"""Accruals of both directions at random: what a preview promises, the sync after it keeps (RUN-7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from payrelay.domain.records import Record
from tests.machines.chance import SEEDS, Chance
from tests.machines.promises import kept
from tests.worlds.accruals import (
    CO,
    P0,
    P1,
    P2,
    P3,
    PAID,
    SITE,
    Accruals,
    accrual,
    check,
    clocks,
    entry,
    held,
    paid,
    used,
)
from tests.worlds.timeclock import Beta, batch

FLOW = "accrual_sync"
PEOPLE = range(1001, 1025)
VALUES = ("40.0000", "40.0049", "40.0050", "-4.5000", "0.0000", "8.1250", "13.3333")
SAID = ("40.00", "40.01", "-4.50", "0.00", "8.13", "", "99.99")
# Each pay day with the period that it pays and its entry of the payroll calendar.
RUNS = {"2025-12-12": (P0, 86), "2025-12-26": (P1, 87), PAID: (P2, 88), "2026-01-14": (P3, 91)}
BLOCKED = 90
DESCRIPTIONS = {"VAC": "Vacation", "SICK1": "Sick", "SICK2": "Sick ", "PERS": "Personal"}
CATEGORY = {"VAC": "Vacation", "SICK1": "Sick", "SICK2": "Sick", "PERS": "Personal"}


def balances(chance: Chance, person: int) -> list[Any]:
    """What payroll has of somebody: mostly the usual two, accrued with the last check."""
    rows = []
    for code in DESCRIPTIONS:
        if not chance.happens({"VAC": 95, "SICK1": 80, "SICK2": 15, "PERS": 30}[code]):
            continue
        accrued = chance.one(PAID, PAID, PAID, *RUNS, "2026-01-04", None)
        more = chance.some(10, StartDate=("2025-12-22", "2026-02-01"), EndDate=("2025-12-21", "2026-01-04"))
        rows.append(accrual(person, code, chance.one(*VALUES), accrued, **more))
    return rows


def checks(chance: Chance, person: int) -> list[Any]:
    """Their checks: some void, some corrections of a day, some of a run that blocks accruals."""
    rows = []
    for day, (period, number) in RUNS.items():
        if not chance.happens(75):
            continue
        one = chance.one(period, period, period, period, (day, day), P3)
        blocks = chance.happens(10)
        rows.append(
            check(
                person,
                day,
                one,
                BLOCKED if blocks and day == PAID else number,
                Voided=chance.happens(10),
                CheckNumber=f"{person}{number}",
                BatchNumber=number,
            )
        )
    return rows


def at_the_clock(chance: Chance, person: int) -> list[Any]:
    """What the time clock was told of them, and the hours that they used."""
    rows: list[Any] = []
    for category in ("Vacation", "Sick", "Personal"):
        for day in (P0[1], P1[1], P2[1], PAID):
            if chance.happens(35):
                marks = {"isHidden": chance.happens(20), "expires": chance.one(None, None, "2026-03-31")}
                rows += held(person, f"{chance.one(*SAID)} @{day}", category=category, **marks)
        if chance.happens(20):
            rows.append(used(person, chance.one("2025-12-30", "2026-01-07"), "8", category))
    return rows


def at_timeworksplus(company: Accruals, record: Record) -> Mapping[str, Any]:
    """What TimeWorksPlus was told as of the day that a record names, by the names of its changes."""
    if record.entity != "accrual":
        return {}
    employee, _, description = record.key.partition(":")
    day = next(one.new for one in record.changes if one.field == "effective")
    for row in company.state("timeworksplus")["accruals"]:
        if (row["EmployeeCode"], row["category"], row["effective"]) == (employee, description, day):
            return {"balance": row["value"], "effective": row["effective"]}
    return {"balance": None, "effective": None}


def at_millennium(company: Beta, record: Record) -> Mapping[str, Any]:
    """What Millennium has of a balance, by the names of the changes."""
    if record.entity != "accrual":
        return {}
    employee, _, category = record.key.partition(":")
    code = next(code for code, name in CATEGORY.items() if name == category and code != "SICK2")
    balance, day = company.there(employee, code) or (None, None)
    return {"balance": balance, "as_of": day}


@pytest.mark.requirement("RUN-7", "AC-4", "AC-5")
@pytest.mark.parametrize("seed", SEEDS)
def test_balances_end_up_in_timeworksplus_as_the_preview_said(company: Accruals, seed: int) -> None:
    chance = Chance(seed)
    company.settings(brake={"people": 1000, "share": 1})
    calendar = [entry(number, day, PayrollStarted=True) for day, (_, number) in RUNS.items()]
    calendar.append(entry(BLOCKED, PAID, RunNumber=2, AccrualsBlocked=True))
    known = [one for one in PEOPLE if chance.happens(95)]
    people = [paid(one, **chance.some(10, Status=("T", "L"), FirstName=("Zoë",))) for one in known]
    of = {one: (balances(chance, one), checks(chance, one)) for one in known}
    company.payroll(*people, *calendar, *_rows(of), codes=DESCRIPTIONS)
    clocked = [one for one in PEOPLE if chance.happens(90)]
    rows = [row for one in clocked for row in (clocks(one), *at_the_clock(chance, one))]
    categories = ("Sick", "Vacation", *(("Personal",) if chance.happens(60) else ()))
    company.clocked(*rows, categories=categories, finalized=(P0, *((P1,) if chance.happens(70) else ())))
    standing = lambda record: at_timeworksplus(company, record)  # noqa: E731
    for many in (3, 22):  # read alone, and from the lists
        some = {"employees": [str(one) for one in chance.sample([*PEOPLE, 1999], many)]}
        kept(company, FLOW, "timeworksplus", standing, options=some)
    kept(company, FLOW, "timeworksplus", standing)
    # Payroll goes on, and a period is opened again or finalized.
    of = {
        one: (balances(chance, one), checks(chance, one)) if chance.happens(30) else rows
        for one, rows in of.items()
    }
    company.payroll(*people, *calendar, *_rows(of), codes=DESCRIPTIONS)
    company.finalize(chance.one(P1, P2), undo=chance.happens(50))
    kept(company, FLOW, "timeworksplus", standing)


@pytest.mark.requirement("RUN-7", "AC-6", "AC-7")
@pytest.mark.parametrize("seed", SEEDS)
def test_balances_end_up_in_millennium_as_the_preview_said(clocked: Beta, seed: int) -> None:
    chance = Chance(seed)
    clocked.settings(brake={"people": 1000, "share": 1})
    codes = {**DESCRIPTIONS, "SICK2": chance.one("Sick 2", "Sick ")}
    known = [one for one in PEOPLE if chance.happens(95)]
    clocked.codes(**codes)
    clocked.edit_state(
        "millennium",
        employees=[{"EmployeeId": str(one), **chance.some(10, Status=("T", "L"))} for one in known],
        accruals=[standing_row(chance, one, code) for one in known for code in codes if chance.happens(70)],
        batches=[
            batch(3, P2, EmployeeIds=[str(one) for one in known if chance.happens(90)]),
            batch(4, chance.one(P2, P3), EmployeeIds=[str(one) for one in known if chance.happens(10)]),
        ],
    )
    clocked.categories("Sick", "Vacation", *(("Personal",) if chance.happens(60) else ()))
    here = [one for one in PEOPLE if chance.happens(90)]

    def tell() -> None:
        rows = [row for one in here for row in at_the_clock(chance, one)]
        for resource in ("accruals", "usage"):
            of = [{"siteId": SITE, **row} for name, row in rows if name == resource]
            clocked.put("timeworksplus", {**clocked.state("timeworksplus"), resource: of})

    clocked.edit_state("timeworksplus", employees=[{"EmployeeCode": str(one)} for one in here])
    tell()
    standing = lambda record: at_millennium(clocked, record)  # noqa: E731
    for many in (3, 22):
        some = {"employees": [str(one) for one in chance.sample([*PEOPLE, 1999], many)]}
        kept(
            clocked, FLOW, "millennium", standing, options={**some, "as_of": chance.one("batch", "finalized")}
        )
    for as_of in ("finalized", "batch"):
        kept(clocked, FLOW, "millennium", standing, options={"as_of": as_of})
    tell()
    clocked.finalized(P0, P1, P2)
    kept(clocked, FLOW, "millennium", standing, options={"as_of": "finalized"})


def standing_row(chance: Chance, person: int, code: str) -> dict[str, Any]:
    """A balance of Millennium, of which it says, or does not, as of when it is."""
    row = {"Co": CO, "EmployeeId": str(person), "Code": code, "Balance": chance.one(*VALUES)}
    return {**row, **chance.some(40, AsOfDate=(P0[1], P1[1], P2[1]))}


def _rows(of: Mapping[int, tuple[list[Any], list[Any]]]) -> list[Any]:
    return [row for own in of.values() for rows in own for row in rows]
