"""What time off comes to: hours, extent, days worked and parents together, one table (TO-3).

A case is written as `leave: days hours/extent`, `…` for what is missing; days without their year are of 2026.
`~` before the hours says that they come from a time sheet. Expected is `days percent`, or `!leave: words`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from payrelay.flows.time_off_export.compare import match
from payrelay.flows.time_off_export.days import Codes, Hours, Owner, days_of, unreadable_leaves, wanted_of
from payrelay.flows.time_off_export.rules import Period, Scope
from payrelay.systems.rows import Day, Unusable
from payrelay.systems.simployer.models import Colleague, Leave, LeaveParent, LeaveTransaction
from tests.flows.time_off_export.builders import on, person

NOVEMBER = Scope(Period(date(2026, 11, 1), date(2026, 11, 30)), look_back_months=3)
TYPES = {
    "ferie": {"name": "Ferie", "codes": {"c1": "FERIE"}},
    "syk": {"name": "Sykmelding", "codes": {"c1": "SYK"}},
}
KARI = Colleague("e1", "101", "c1", "Kari", "Nordmann")


def leave_days(text: str) -> list[date]:
    """`11-04..11-06,11-09` → the days; of a stretch its Mondays to Fridays, all of them with `*` behind."""
    found = []
    for part in text.split(","):
        first, _, last = part.partition("..")
        every = last.endswith("*")
        start, end = on(first), on(last.rstrip("*") or first)
        days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        found += [day for day in days if every or not last or day.weekday() < 5]
    return found


def amount(text: str) -> Decimal | None:
    return None if text == "…" else Decimal(text)


def rows_of(text: str) -> tuple[list[LeaveTransaction], dict[str, Leave]]:
    """The transactions, and the leaves that are said to have a length (`l1[half_day]: …`)."""
    rows: list[LeaveTransaction] = []
    leaves: dict[str, Leave] = {}
    for line in filter(None, (part.strip() for part in text.split(";"))):
        named = re.fullmatch(r"(\w+)(?:/(\w+))?(?:\[(\w+)\])?: (\S+) (~?)(\S+)/(\S+)", line)
        assert named, line
        parent, kind, length, days, sheet, hours, extent = named.groups()
        dates = leave_days(days)
        for day in dates:
            rows.append(
                LeaveTransaction(
                    id=f"d{len(rows)}",
                    status="APPROVED",
                    leave_type_id=kind or "ferie",
                    employee_id="e1",
                    date=Day(day.year, day.month, day.day),
                    hours=amount(hours),
                    extent=amount(extent),
                    description=f"Text of {parent}",
                    parent=LeaveParent(parent, "TimesheetEntry" if sheet else "Leave"),
                    employee=KARI,
                )
            )
        if length:
            first, last = (Day(one.year, one.month, one.day) for one in (dates[0], dates[-1]))
            leaves[parent] = Leave(parent, first, last, length)
    return rows, leaves


def shown(day: str) -> str:
    return day.removeprefix("2026-")


def worked_out(text: str, scope: Scope = NOVEMBER, **hours: Any) -> tuple[list[str], dict[str, str]]:
    """What a first export writes, and by its leave the words with which leave is blocked."""
    rows, leaves = rows_of(text)
    owner = Owner.of(rows, Hours(hours.get("full", {}), hours.get("short", {})))
    context = {"types": TYPES, "codes": ["FERIE", "SYK"]}
    lengths = {one.id: one.duration or "" for one in leaves.values()}
    assert unreadable_leaves(owner, owner.to_read(scope.period), leaves, Unusable([], str)) == {}
    told = days_of(owner, Codes.of(context), scope, lengths)
    found = match(person(), wanted_of(owner, told, leaves, scope), scope, withdraws=True)
    written = []
    for write in sorted(found.writes, key=lambda one: (one.record.key, one.record.source_id)):
        node = write.payload.node
        days = [shown(node["fromDate"]), shown(node["toDate"])]
        code = node["absenceCode"]["code"]
        kind = "" if code == "FERIE" else f" {code}"
        written.append(f"{'..'.join(dict.fromkeys(days))} {node['leavePercent']}{kind}")
    said = {}
    for record in [*told.stuck.values(), *found.records]:
        assert record.outcome == "blocked"
        assert record.reason
        said[record.source_id.split(":")[1]] = f"{record.reason.message} {record.reason.remedy}"
    return written, said


FULL = "v: 10-05..10-09 7.5/100; "  # a week of vacation in October, which shows what a full day is
SHORT_FRIDAYS = "v: 10-05..10-08,10-12..10-15 8/100; w: 10-09,10-16 5.5/100; "
CASES: dict[str, tuple[str, list[str]]] = {
    # Hours and extent (faults D1).
    "a half day said to be 100 %": (FULL + "l[half_day]: 11-10 3.75/100", ["11-10 50"]),
    "two hours, no extent": (FULL + "l: 11-10 2/…", ["11-10 27"]),
    "two hours said to be 100 %": (FULL + "l[minutes]: 11-10 2/100", ["11-10 27"]),
    "half an hour": (FULL + "l[minutes]: 11-10 0.5/100", ["11-10 7"]),
    "a minute is not nothing": (FULL + "l[minutes]: 11-10 0.02/100", ["11-10 1"]),
    "a whole day": (FULL + "l: 11-10 7.5/100", ["11-10 100"]),
    "a half day that both say": (FULL + "l: 11-10 3.75/50", ["11-10 50"]),
    "an extent finer than a percent": (FULL + "l: 11-10 2.81/37.5", ["11-10 37.5"]),
    "hours rounded to two places": (FULL + "l: 11-10 2.48/33", ["11-10 33"]),
    "no hours": (FULL + "l: 11-10 …/60", ["11-10 60"]),
    "no hours anywhere": ("l: 11-10..11-12 …/100", ["11-10..11-12 100"]),
    "hours without any extent": (FULL + "l: 11-10..11-12 7.5/…", ["11-10..11-12 100"]),
    "more hours than a full day": (FULL + "l: 11-10 9/100", ["11-10 100"]),
    "more hours, no extent": (FULL + "l: 11-10 9/…", ["11-10 100"]),
    "a part of a day, alone": ("l[half_day]: 11-10 3.75/100", ["11-10 50"]),
    "a half day without extent, alone": ("l[half_day]: 11-10 3.75/…", ["11-10 50"]),
    "a day of someone who works short days": ("l[one_day]: 11-10 3.75/100", ["11-10 100"]),
    "a week of someone who works short days": ("l: 11-09..11-13 3.75/100", ["11-09..11-13 100"]),
    "graded sick leave of 50 %": ("l/syk: 11-02..11-30 3.75/50", ["11-02..11-30 50 SYK"]),
    "graded, then whole": (
        "l/syk: 11-02..11-06 3.75/50; l/syk: 11-09..11-13 7.5/100",
        ["11-02..11-06 50 SYK", "11-09..11-13 100 SYK"],
    ),
    "many half days do not make short days": (
        (
            "v: 10-05..10-06 7.5/100; a[half_day]: 10-12 3.75/100; b[half_day]: 10-19 3.75/100; "
            "c[half_day]: 10-26 3.75/100; l[half_day]: 11-10 3.75/100"
        ),
        ["11-10 50"],
    ),
    "short Fridays, twice seen": (
        SHORT_FRIDAYS + "l: 11-09..11-12 8/100; l: 11-13 5.5/100",
        ["11-09..11-13 100"],
    ),
    "half of a short Friday": (SHORT_FRIDAYS + "l[half_day]: 11-13 2.75/50", ["11-13 50"]),
    "a sheet tells by its hours": (FULL + "l: 11-10 ~3/100", ["11-10 40"]),
    "a sheet that agrees": ("l: 11-10 ~3/40", ["11-10 40"]),
    # What the settings say goes before what is read.
    "full days by the settings": ("l[minutes]: 11-10 2/100; {full=8}", ["11-10 25"]),
    "a week by the settings": (
        "l: 11-12 8/100; l: 11-13 5.5/100; {full=8,8,8,8,5.5,0,0}",
        ["11-12..11-13 100"],
    ),
    "a short day of everybody": (
        FULL + "l: 11-09..11-10 7.5/100; l: 11-11 4/100; {short=4}",
        ["11-09..11-11 100"],
    ),
    "a day on which nobody works": (FULL + "l: 11-10,11-12 7.5/100; {short=0}", ["11-10..11-12 100"]),
    # Hours that contradict the extent, or that nothing can be held against.
    "a short day within whole ones": (
        FULL + "l[longer]: 11-09..11-10 7.5/100; l: 11-11 3.75/100",
        ["!l: hours 3.75"],
    ),
    "whole days of half the hours": (FULL + "l[longer]: 11-09..11-11 3.75/100", ["!l: hours 3.75"]),
    "more hours than the extent": (FULL + "l: 11-10 7.5/50", ["!l: extent says 50 %"]),
    "two hours, nothing known": ("l[minutes]: 11-10 2/100", ["!l: time_off.full_day_hours"]),
    "two hours, no extent, nothing known": ("l: 11-10 2/…", ["!l: nothing tells how many hours"]),
    "no hours on any day": (FULL + "l: 11-10..11-11 0/100", ["!l: 0 hours"]),
    "no hours on a weekend": (FULL + "l: 11-13 7.5/100; m: 11-14..11-15* 0/100", ["11-13 100"]),
    # Values that are none (faults D4).
    "extent 0": ("l: 11-10 0/0", ["!l: extent 0 %"]),
    "extent 0 of a whole day": (FULL + "l: 11-10 7.5/0", ["!l: extent 0 %"]),
    "extent 150": (FULL + "l: 11-10 11.25/150", ["!l: extent 150 %"]),
    "extent -100": (FULL + "l: 11-10 -7.5/-100", ["!l: extent -100 %"]),
    "extent 100.5": (FULL + "l: 11-10 7.5/100.5", ["!l: extent 100.5 %"]),
    "hours below zero": (FULL + "l: 11-10 -7.5/100", ["!l: hours -7.5"]),
    "more hours than a day has": (FULL + "l: 11-10 25/100", ["!l: hours 25"]),
    "neither hours nor extent": (FULL + "l: 11-10 …/…", ["!l: extent and hours"]),
    "one bad day keeps its leave back": ("l: 11-09..11-11 7.5/100; l: 11-12 7.5/0", ["!l: 2026-11-12"]),
    "and no other leave": ("l: 11-09 7.5/0; m: 11-11..11-12 7.5/100", ["11-11..11-12 100", "!l: extent 0 %"]),
    "a bad day before the period": ("l: 10-30 7.5/0; l: 11-02 7.5/100", ["11-02 100"]),
    # Days that are not worked split no leave (faults D2).
    "Wednesdays only": ("l/syk: 11-04,11-11,11-18,11-25 7.5/100", ["11-04..11-25 100 SYK"]),
    "Mondays, Wednesdays and Fridays": ("l: 11-02,11-04,11-06,11-09,11-11 7.5/100", ["11-02..11-11 100"]),
    "over a weekend": ("l: 11-12..11-17 7.5/100", ["11-12..11-17 100"]),
    "weekends too": ("l: 11-12..11-17* 7.5/100", ["11-12..11-17 100"]),
    "a Friday that is worked": (FULL + "l: 11-12,11-16 7.5/100", ["11-12 100", "11-16 100"]),
    "a week that is worked": (
        "l: 11-02..11-06,11-16..11-27 7.5/100",
        ["11-02..11-06 100", "11-16..11-27 100"],
    ),
    "parental leave on Fridays": (
        FULL + "l: 11-06,11-13,11-20 7.5/100",
        ["11-06 100", "11-13 100", "11-20 100"],
    ),
    "a rota": ("l: 11-02,11-05,11-07,11-10,11-11,11-16,11-20,11-24 8/100", ["11-02..11-24 100"]),
    "every other week": ("l: 11-02,11-04,11-10,11-12,11-16,11-18 7.5/100", ["11-02..11-18 100"]),
    "a day without hours": (
        FULL + "l: 11-12 7.5/100; l: 11-13 0/100; l: 11-16 7.5/100",
        ["11-12..11-16 100"],
    ),
    "a sheet's days stand alone": ("l: 11-04 ~7.5/100; l: 11-11 ~7.5/100", ["11-04 100", "11-11 100"]),
    "other leave between": (
        "l: 11-02,11-09 7.5/100; m/syk: 11-04 7.5/100",
        ["11-02 100", "11-04 100 SYK", "11-09 100"],
    ),
    "two leaves next to each other": (
        "l: 11-09..11-10 7.5/100; m: 11-11..11-12 7.5/100",
        ["11-09..11-10 100", "11-11..11-12 100"],
    ),
    # Parts of one day add up (faults D3).
    "two half days of one type": ("l: 11-10 3.75/50; m: 11-10 3.75/50", ["11-10 100"]),
    "two parts of one leave": ("l: 11-10 3.75/50; l: 11-10 1.5/20", ["11-10 70"]),
    "three parts": ("l: 11-10 3/40; m: 11-10 3/40; n: 11-10 1.5/20", ["11-10 100"]),
    "hours that add up": (FULL + "l[minutes]: 11-10 2/100; m[minutes]: 11-10 1/100", ["11-10 40"]),
    "a half day within graded leave": (
        "l: 11-09..11-11 3.75/50; m: 11-10 3.75/50",
        ["11-09 50", "11-10 100", "11-11 50"],
    ),
    "two graded leaves": ("l: 11-09..11-11 3.75/50; m: 11-09..11-11 3.75/50", ["11-09..11-11 100"]),
    "half vacation, half sick": ("l: 11-10 3.75/50; m/syk: 11-10 3.75/50", ["11-10 50", "11-10 50 SYK"]),
    "more than a day of one type": (
        "l: 11-10 4.5/60; m: 11-10 4.5/60",
        ["!l: leave m (Text of m, 2026-11-10)", "!m: Leave m"],
    ),
    "the same twice": ("l: 11-10 7.5/100; m: 11-10 7.5/100", ["!l: and leave m", "!m: and leave l"]),
    "vacation and sick": (
        "l: 11-09..11-13 7.5/100; m/syk: 11-11 7.5/100",
        ["!l: and leave m (Text of m, 2026-11-11)", "!m: leave l (Text of l, 2026-11-09 to 2026-11-13)"],
    ),
    "one leave twice on a day": ("l: 11-10 7.5/100; l: 11-10 7.5/100", ["!l: another row of the same leave"]),
    "a collision before the period": ("l: 10-30 7.5/100; m: 10-30 7.5/100; l: 11-02 7.5/100", ["11-02 100"]),
}
HOLIDAYS: list[tuple[str, str, str]] = [
    ("May 1st", "2026-04-27..2026-04-30,2026-05-04..2026-05-08", "2026-04-27..2026-05-08"),
    ("Ascension Day", "2026-05-04..2026-05-13,2026-05-15..2026-05-22", "2026-05-04..2026-05-22"),
    ("Whit Monday", "2026-05-18..2026-05-22,2026-05-26..2026-05-29", "2026-05-18..2026-05-29"),
    ("Easter", "2026-03-23..2026-04-01,2026-04-07..2026-04-10", "2026-03-23..2026-04-10"),
    ("Easter 2027", "2027-03-15..2027-03-24,2027-03-30..2027-04-02", "2027-03-15..2027-04-02"),
    (
        "New Year",
        "2026-12-14..2026-12-23,2026-12-28..2026-12-30,2027-01-04..2027-01-08",
        "2026-12-14..2027-01-08",
    ),
    ("Midsummer Eve", "2026-06-08..2026-06-18,2026-06-22..2026-06-26", "2026-06-08..2026-06-26"),
    ("a leap day", "2028-02-21..2028-03-03", "2028-02-21..2028-03-03"),
    (
        "a leap day that is a Saturday",
        "2032-02-25..2032-02-27*,2032-03-01..2032-03-02*",
        "2032-02-25..2032-03-02",
    ),
]


@pytest.mark.requirement("TO-3")
@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=list(CASES))
def test_time_off_is_worked_out_from_hours_extent_days_and_parents(text: str, expected: list[str]) -> None:
    """The right value of each case, or who is blocked and why (faults D1, D2, D3, D4)."""
    text, _, chosen = text.partition("{")
    name, _, figures = chosen.rstrip("}").partition("=")
    hours = [Decimal(one) for one in figures.split(",")] if figures else []
    given: dict[str, Any] = {"full": {"101": hours}} if name == "full" else {}
    if name == "short":
        given = {"short": {date(2026, 11, 11): hours[0]}}
    written, said = worked_out(text, **given)
    assert written == [one for one in expected if not one.startswith("!")]
    blocked = dict(one[1:].split(": ", 1) for one in expected if one.startswith("!"))
    assert said.keys() == blocked.keys()
    for leave, words in blocked.items():
        assert words in said[leave]
        assert f"leave {leave} (Text of {leave}" in said[leave].replace("Leave", "leave")
        assert "Kari Nordmann (101)" in said[leave]


@pytest.mark.requirement("TO-3")
@pytest.mark.parametrize(
    ("days", "expected"), [row[1:] for row in HOLIDAYS], ids=[row[0] for row in HOLIDAYS]
)
def test_a_public_holiday_without_a_transaction_splits_no_leave(days: str, expected: str) -> None:
    """(faults D2)"""
    year = leave_days(days)[0].year
    scope = Scope(Period(date(year, 1, 1), date(year + 1, 1, 31)), look_back_months=0)
    written, said = worked_out(f"l: {days} 7.5/100", scope)
    assert (written, said) == ([f"{'..'.join(shown(one) for one in expected.split('..'))} 100"], {})
