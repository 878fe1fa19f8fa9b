"""The effective date, the code in effect, rounding, the mapping, the way out of a period (AC-2 to AC-5)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from payrelay.flows.accrual_sync.rules import Code, mapped
from payrelay.flows.accrual_sync.to_timeworksplus.days import by_description, usual_span
from payrelay.flows.accrual_sync.to_timeworksplus.people import Person
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period, closing, way_out
from payrelay.flows.accrual_sync.to_timeworksplus.rules import (
    Check,
    Dating,
    Row,
    counts,
    dating,
    differs,
    hours,
    in_effect,
    is_of_another_year,
    void_before,
)

BLOCKED = (90,)
P0, P1, P2, P3 = (
    ("2025-11-24", "2025-12-07"),
    ("2025-12-08", "2025-12-21"),
    ("2025-12-22", "2026-01-04"),
    ("2026-01-05", "2026-01-18"),
)
R = {"day": "2026-01-09", "of": P2}


def day(text: str) -> date:
    return date.fromisoformat(text)


def checks(*given: dict[str, Any]) -> list[Check]:
    """Checks as they are read: which of them count is part of the rule."""
    found = []
    for number, one in enumerate(given, 1):
        begin, end = map(day, one["of"])
        void = one.get("void", False)
        valid = counts(begin, end, one.get("entry", 88), BLOCKED, voided=void)
        found.append(Check(day(one["day"]), begin, end, "3", f"{number}", valid, void))
    return found


@pytest.mark.requirement("AC-3")
@pytest.mark.parametrize(
    ("accrued", "given", "effective", "later"),
    [
        pytest.param("2026-01-09", [R], "2026-01-04", None, id="one check: the end of its period"),
        pytest.param("2026-01-09", [], "2026-01-09", None, id="none: the Last Accrue Date itself"),
        pytest.param(
            "2026-01-09", [R, {**R, "of": P1}], "2026-01-04", None, id="several: the latest period end"
        ),
        pytest.param(
            "2026-01-09",
            [R, {**R, "of": P3, "entry": 90}],
            "2026-01-04",
            None,
            id="AW-03: a bonus on the same day, its calendar entry blocked",
        ),
        pytest.param(
            "2026-01-09",
            [{**R, "entry": 90}],
            "2026-01-09",
            None,
            id="only one whose accruals are blocked: the day itself",
        ),
        pytest.param(
            "2026-01-09",
            [{**R, "of": ("2026-01-06", "2026-01-06")}],
            "2026-01-09",
            None,
            id="a correction begins and ends on one day",
        ),
        pytest.param(
            "2026-01-14",
            [{**R, "void": True}, {"day": "2026-01-14", "of": P2}],
            "2026-01-04",
            None,
            id="AW-04 a: void, and paid again for its period",
        ),
        pytest.param(
            "2026-01-14",
            [{**R, "void": True}, {"day": "2026-01-14", "of": P3}],
            "2026-01-18",
            None,
            id="AW-04 b: void, and paid again in the batch of the next period",
        ),
        pytest.param(
            "2026-01-09", [{**R, "void": True}], "2026-01-09", None, id="AW-04 c: void, and not paid again"
        ),
        pytest.param(
            "2025-12-26",
            [{"day": "2025-12-26", "of": P1}, R],
            "2025-12-21",
            "2026-01-04",
            id="AW-01: a later check that accrued nothing",
        ),
        pytest.param(
            "2025-12-26",
            [{"day": "2025-12-26", "of": P1}, {**R, "void": True}, {**R, "entry": 90}],
            "2025-12-21",
            None,
            id="later ones that do not count",
        ),
        pytest.param(
            "2026-01-09",
            [R, {"day": "2026-01-14", "of": P2}, {"day": "2026-01-15", "of": P0}],
            "2026-01-04",
            None,
            id="later ones for days up to the effective date are in the balance of that date",
        ),
        pytest.param(
            "2026-01-07",
            [R],
            "2026-01-07",
            None,
            id="entered by hand, and paid later for days before it",
        ),
        pytest.param(
            "2026-01-02",
            [{"day": "2026-01-02", "of": ("2025-12-15", "2025-12-28")}],
            "2025-12-28",
            None,
            id="AW-12: over New Year",
        ),
    ],
)
def test_the_effective_date(
    accrued: str, given: list[dict[str, Any]], effective: str, later: str | None
) -> None:
    found = dating(day(accrued), checks(*given))
    assert f"{found.day}" == effective
    assert (f"{found.later.end}" if found.later else None) == later


@pytest.mark.requirement("AC-3")
def test_a_number_that_comes_twice_is_two_checks() -> None:
    """AW-04: a reissue may repeat the number of the voided check."""
    void = Check(day("2026-01-09"), *map(day, P2), "3", "20417", counts=False, voided=True)
    again = Check(day("2026-01-09"), *map(day, P2), "4", "20417")
    assert dating(day("2026-01-09"), [again, void]) == Dating(day("2026-01-04"), again)


@pytest.mark.requirement("AC-3")
@pytest.mark.parametrize(
    ("given", "lost"),
    [
        ([{**R, "void": True}, {"day": "2026-01-14", "of": P3}], "2026-01-04"),
        ([{**R, "void": True}, {"day": "2026-01-14", "of": P2}], None),
        ([{**R, "void": True}, {**R}, {"day": "2026-01-14", "of": P3}], None),
        ([{"day": "2026-01-14", "of": P3}], None),
    ],
)
def test_work_of_a_voided_check_that_no_other_pays(given: list[dict[str, Any]], lost: str | None) -> None:
    rows = checks(*given)
    found = void_before(dating(day("2026-01-14"), rows), rows)
    assert (f"{found.end}" if found else None) == lost


@pytest.mark.requirement("AC-3")
@pytest.mark.parametrize(
    ("paid", "period", "told"), [("2026-01-02", "2025-12-28", True), ("2026-01-09", "2026-01-04", False)]
)
def test_a_check_of_another_year_than_its_period(paid: str, period: str, told: bool) -> None:
    check = Check(day(paid), day("2025-12-15"), day(period), "3", "1")
    assert is_of_another_year(Dating(check.end, check)) is told


def row(code: str, accrued: str | None, start: str | None = None, end: str | None = None) -> Row:
    days = (None if one is None else day(one) for one in (accrued, start, end))
    return Row(code, Decimal(5), *days)


@pytest.mark.requirement("AC-2")
@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        pytest.param([row("A", "2026-01-09")], "A", id="one"),
        pytest.param([row("A", "2025-12-26"), row("B", "2026-01-09")], "A B", id="both open: ambiguous"),
        pytest.param([row("A", "2026-01-09"), row("B", None)], "A B", id="AW-08: one that never accrued"),
        pytest.param(
            [row("A", "2025-12-26", end="2025-12-21"), row("B", "2026-01-09", start="2025-12-22")],
            "B",
            id="AW-07: one plan over, the next begun",
        ),
        pytest.param(
            [row("A", "2026-01-09", end="2026-01-04"), row("B", "2026-01-09", start="2026-01-05")],
            "A",
            id="the last day belongs to the plan that ends",
        ),
        pytest.param(
            [row("A", "2026-01-09", start="2026-01-05"), row("B", "2026-01-09", start="2026-01-06")],
            "A",
            id="none in effect: one holds the balance all the same",
        ),
        pytest.param([row("A", None), row("B", None, end="2025-01-01")], "A", id="without days the open one"),
    ],
)
def test_the_code_in_effect(rows: list[Row], chosen: str) -> None:
    found = in_effect(rows, checks(R, {"day": "2025-12-26", "of": P1}))
    assert " ".join(one.code for one in found) == chosen


@pytest.mark.requirement("AC-4")
@pytest.mark.parametrize(
    ("millennium", "timeworksplus", "decimals", "written"),
    [
        pytest.param("8.1250", "8.13", 2, None, id="AW-14: half up"),
        pytest.param("8.1249", "8.12", 2, None, id="AW-14: below the half"),
        pytest.param("-8.1250", "-8.13", 2, None, id="AW-14: away from zero"),
        pytest.param("13.3333", "13.33", 4, None, id="AW-14: the clock keeps two"),
        pytest.param("7.5000", "8", 0, None, id="AW-14: whole hours"),
        pytest.param("7.5000", "7.00", 0, "8.00", id="whole hours that differ"),
        pytest.param("13.3367", "13.33", 4, "13.34", id="two of four are written"),
        pytest.param("40.0000", "36.92", 2, "40.00", id="plain"),
        pytest.param("-4.0000", "4.00", 2, "-4.00", id="negative"),
        pytest.param("0.0000", None, 2, "0.00", id="zero is not nothing"),
        pytest.param("-0.0040", "0.00", 2, None, id="no minus before a zero"),
        pytest.param("-0.0040", "1.00", 2, "0.00", id="nor written"),
    ],
)
def test_what_differs_and_what_is_written(
    millennium: str, timeworksplus: str | None, decimals: int, written: str | None
) -> None:
    theirs = None if timeworksplus is None else Decimal(timeworksplus)
    found = differs(Decimal(millennium), theirs, decimals)
    assert found is (written is not None)
    if written:
        assert hours(Decimal(millennium), decimals) == written


@pytest.mark.requirement("AC-2", "AC-9")
@pytest.mark.parametrize(
    ("description", "linked", "problem", "other"),
    [
        ("Vacation", (), "", None),
        ("Vacation ", (), "", None),
        ("\u00a0Vacation\u00a0", (), "", None),
        ("VACATION", (), "NO_SUCH_CATEGORY", ("Vacation", "capitals")),
        ("Paid  Time Off", (), "NO_SUCH_CATEGORY", ("Paid Time Off", "blanks")),
        ("Personal", (), "NO_SUCH_CATEGORY", None),
        ("Floating", (), "NOT_IN_PUNCH_CATEGORIES", None),
        ("Personal", ("Personal", "Vacation"), "CATEGORY_RENAMED", None),
    ],
)
def test_a_description_and_its_category(
    description: str, linked: tuple[str, ...], problem: str, other: tuple[str, str] | None
) -> None:
    """AW-09: outer blanks are none; case and inner blanks make another name, which is named."""
    up = ("Vacation", "Paid Time Off", "Floating")
    found = mapped([Code("A", description)], up, ("Vacation", "Paid Time Off"), linked)
    one = found[description.strip()]
    assert (one.problem, one.alike) == (problem, other)
    if problem == "CATEGORY_RENAMED":
        assert one.likely == ("Paid Time Off", "Floating")


@pytest.mark.requirement("AC-2")
def test_several_codes_share_a_description_and_one_with_a_divisor_is_named() -> None:
    codes = [Code("SICK1", "Sick"), Code("SICK2", "Sick "), Code("DAYS", "Days", divides="8")]
    found = mapped(codes, ("Sick", "Days"), ("Sick", "Days"))
    assert found["Sick"].code_names == "SICK1, SICK2"
    assert {name: one.problem for name, one in found.items()} == {"Sick": "", "Days": "DIVISOR_NOT_ONE"}


PERIODS = [
    Period(day(P0[0]), day(P0[1]), finalized=True),
    Period(day(P1[0]), day(P1[1]), finalized=True, accepted=True),
    Period(day(P2[0]), day(P2[1])),
]


@pytest.mark.requirement("AC-5")
@pytest.mark.parametrize(
    ("on", "period"),
    [("2025-11-23", None), ("2025-11-24", P0), ("2025-12-21", P1), ("2025-12-22", None)],
)
def test_a_day_of_a_finalized_period(on: str, period: tuple[str, str] | None) -> None:
    found = closing(day(on), PERIODS)
    assert (found.words if found else None) == (" to ".join(period) if period else None)


@pytest.mark.requirement("AC-5")
def test_the_way_out_is_one_that_can_be_gone() -> None:
    """AW-05: un-accept first, later periods first, within a day; not after a year."""
    text = way_out(PERIODS[0], PERIODS, day("2026-01-10"))
    order = [
        "Ask your TimeWorksPlus partner to un-accept 2025-12-08 to 2025-12-21",
        "un-finalize 2025-12-08 to 2025-12-21, then 2025-11-24 to 2025-12-07 in TimeWorksPlus, in this order",
        "start the run again within a day",
        "finalize what you opened again, the earliest period first",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    alone = way_out(
        PERIODS[1], [replaced for replaced in PERIODS if replaced.begin != day(P1[0])], day(P3[0])
    )
    assert "accept" not in alone
    late = way_out(PERIODS[0], PERIODS, day("2026-12-08"))
    assert "more than a year ago" in late
    assert "un-accept" not in late


@pytest.mark.requirement("AC-3", "RUN-8")
@pytest.mark.parametrize(
    ("accrued", "since"),
    [
        pytest.param({"2026-01-09": 60}, "2026-01-09", id="one pay day"),
        pytest.param({"2026-01-09": 60, "2025-12-12": 1, "2025-06-27": 40}, "2025-12-12", id="six weeks"),
        pytest.param({"2026-01-02": 90, "2026-11-20": 10}, "2026-11-20", id="given once a year, for most"),
        pytest.param({"2026-01-09": 100, "2062-01-09": 1}, "2026-01-09", id="a slip of the pen"),
        pytest.param({"2026-01-09": 1, "2025-12-26": 1}, "2025-12-26", id="two people"),
    ],
)
def test_which_accruals_are_read_with_everybody_s(accrued: dict[str, int], since: str) -> None:
    days = Counter({day(text): count for text, count in accrued.items()})
    assert f"{usual_span(days, timedelta(weeks=6))[0]}" == since


@pytest.mark.requirement("AC-2")
def test_a_row_that_is_listed_twice_is_one() -> None:
    rows = (row("SICK1", "2026-01-09"), row("SICK1", "2026-01-09"), row("SICK2", "2026-01-09"))
    person = Person("1001", "Ann Lee", "A", None, True, True, None, rows, (), ())
    found = by_description(person, {"SICK1": "Sick", "SICK2": "Sick"})
    assert [one.code for one in found["Sick"]] == ["SICK1", "SICK2"]
