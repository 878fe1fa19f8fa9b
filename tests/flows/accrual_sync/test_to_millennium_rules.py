"""What goes to Millennium, when, as of which day, under which code: tables of cases (AC-6, AC-7, AC-9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.flows.accrual_sync.rules import Code
from payrelay.flows.accrual_sync.to_millennium.as_of import There, Verdict, falls, rounded, verdict
from payrelay.flows.accrual_sync.to_millennium.batches import Batch, Undated, end_of, named
from payrelay.flows.accrual_sync.to_millennium.compare import cases_of, compared, unreadable
from payrelay.flows.accrual_sync.to_millennium.look import Look, Pair, why_of
from payrelay.flows.accrual_sync.to_millennium.one_to_one import Fit, fit, two_to_one
from payrelay.flows.accrual_sync.to_millennium.payroll_starts import (
    Asked,
    Finalized,
    Payroll,
    Start,
    Task,
    Work,
    last_finalized,
    task_of,
)
from payrelay.flows.accrual_sync.to_millennium.people import Person

STARTED, AGAIN = "2026-01-06T15:00:00Z", "2026-01-07T09:00:00Z"
P1 = Finalized(date(2025, 12, 8), date(2025, 12, 21), "2025-12-22T09:10:00")
P1_AGAIN = Finalized(date(2025, 12, 8), date(2025, 12, 21), "2026-01-06T18:00:00")
P2 = Finalized(date(2025, 12, 22), date(2026, 1, 4), "2026-01-06T16:00:00")
TICK, BY_HAND, BUTTON = Asked(True, False), Asked(False, False), Asked(False, True)


def payroll(
    calendar_id: int = 88, at: str = STARTED, *, started: bool = True, processed: bool = False
) -> Payroll:
    return Payroll(calendar_id, date(2026, 1, 9), started, at if started else "", processed)


def start(period: Finalized | None = P1, calendar_id: int = 88, at: str = STARTED) -> Start:
    end, stamp = (f"{period.end}", period.finalized_at) if period else ("", "")
    return Start(calendar_id, at, end, stamp)


NEWS = Task(Work.EVERYBODY, starts=(start(),))
REST = Task(Work.UNFINISHED)


@pytest.mark.requirement("AC-7")
@pytest.mark.parametrize(
    ("asked", "payrolls", "period", "handled", "task"),
    [
        pytest.param(TICK, [], P1, [], REST, id="no payroll at all"),
        pytest.param(TICK, [payroll(started=False)], P1, [], REST, id="one that is not started"),
        pytest.param(TICK, [payroll()], P1, [], NEWS, id="started"),
        pytest.param(TICK, [payroll()], P1, [start()], REST, id="started, and answered to"),
        pytest.param(TICK, [payroll(processed=True)], P1, [], REST, id="processed: its checks are made"),
        pytest.param(
            TICK,
            [payroll(at=AGAIN)],
            P1,
            [start()],
            Task(Work.EVERYBODY, starts=(start(at=AGAIN),)),
            id="started again",
        ),
        pytest.param(
            TICK,
            [payroll()],
            P2,
            [start()],
            Task(Work.EVERYBODY, starts=(start(P2),)),
            id="a period was finalized since",
        ),
        pytest.param(
            TICK,
            [payroll()],
            P1_AGAIN,
            [start()],
            Task(Work.EVERYBODY, starts=(start(P1_AGAIN),)),
            id="the same period was opened, corrected and finalized again",
        ),
        pytest.param(
            TICK,
            [payroll()],
            P1,
            [start(P2)],
            NEWS,
            id="the period was opened again: the one before is the last (nothing older goes over it)",
        ),
        pytest.param(
            TICK,
            [payroll(), payroll(90)],
            P1,
            [start()],
            Task(Work.EVERYBODY, starts=(start(), start(calendar_id=90))),
            id="a second payroll beside one that was answered to",
        ),
        pytest.param(
            TICK, [payroll(87, processed=True), payroll()], P1, [start()], REST, id="the one before is done"
        ),
        pytest.param(
            TICK,
            [payroll()],
            None,
            [],
            Task(Work.NOTHING, "NO_PERIOD_FINALIZED", (start(None),)),
            id="no period was ever finalized",
        ),
        pytest.param(TICK, [payroll()], None, [start(None)], REST, id="that is said once"),
        pytest.param(BY_HAND, [payroll()], P1, [start()], NEWS, id="by hand: always everybody"),
        pytest.param(BY_HAND, [], P1, [], Task(Work.EVERYBODY), id="by hand, and no payroll started"),
        pytest.param(BUTTON, [payroll()], None, [], Task(Work.EVERYBODY), id="the button needs no period"),
        pytest.param(
            BUTTON,
            [payroll(started=False)],
            P1,
            [],
            Task(Work.NOTHING, "NO_PAYROLL_STARTED"),
            id="no batch yet",
        ),
        pytest.param(
            BUTTON, [payroll(processed=True)], P1, [], Task(Work.NOTHING, "NO_PAYROLL_STARTED"), id="too late"
        ),
    ],
)
def test_what_a_run_does(
    asked: Asked, payrolls: list[Payroll], period: Finalized | None, handled: list[Start], task: Task
) -> None:
    known = {one.calendar_id: one for one in handled}
    assert task_of(asked, payrolls, period, known) == task


@pytest.mark.requirement("AC-7")
def test_the_last_finalized_period_is_the_one_that_ends_last() -> None:
    assert last_finalized([P2, P1]) == P2
    assert last_finalized([]) is None


BIWEEKLY = Batch(3, "Biweekly", date(2025, 12, 22), date(2026, 1, 4), frozenset({"1001", "1003"}))
SALARIED = Batch(4, "Salaried", date(2025, 12, 22), date(2026, 1, 4), frozenset({"1001"}))
WEEKLY = Batch(5, "Weekly", date(2026, 1, 5), date(2026, 1, 11), frozenset({"1002", "1003"}))


@pytest.mark.requirement("AC-7")
@pytest.mark.parametrize(
    ("person", "batches", "end"),
    [
        pytest.param("1001", [BIWEEKLY], date(2026, 1, 4), id="one batch"),
        pytest.param("1009", [BIWEEKLY], date(2026, 1, 4), id="one batch, and somebody who is not in it"),
        pytest.param(
            "1009", [BIWEEKLY, SALARIED], date(2026, 1, 4), id="all end on one day: it is everybody's"
        ),
        pytest.param("1001", [BIWEEKLY, WEEKLY], date(2026, 1, 4), id="their own"),
        pytest.param("1002", [BIWEEKLY, WEEKLY], date(2026, 1, 11), id="their own, the later one"),
        pytest.param(
            "1001", [BIWEEKLY, SALARIED, WEEKLY], date(2026, 1, 4), id="in two that end on the same day"
        ),
        pytest.param("1009", [BIWEEKLY, WEEKLY], Undated("IN_NO_BATCH", (BIWEEKLY, WEEKLY)), id="in none"),
        pytest.param("1003", [BIWEEKLY, WEEKLY], Undated("IN_TWO_BATCHES", (BIWEEKLY, WEEKLY)), id="in both"),
    ],
)
def test_each_employee_goes_by_their_own_batch(
    person: str, batches: list[Batch], end: date | Undated
) -> None:
    assert end_of(person, batches) == end


def test_batches_are_named_with_number_name_and_dates() -> None:
    bare = Batch(7, "", date(2026, 1, 5), date(2026, 1, 18))
    assert named([BIWEEKLY, bare]) == (
        'batch 3 "Biweekly" (2025-12-22 to 2026-01-04), batch 7 (2026-01-05 to 2026-01-18)'
    )


DAY, BEFORE, AFTER = date(2025, 12, 21), date(2025, 12, 7), date(2026, 1, 4)


def there(balance: str | None, as_of: date | None = None) -> There:
    return There(None if balance is None else Decimal(balance), as_of)


@pytest.mark.requirement("AC-6", "AC-7")
@pytest.mark.parametrize(
    ("balance", "there", "written", "decimals", "expected"),
    [
        # (AW-11) nothing is no zero, and a zero is not nothing
        pytest.param(
            None, there("12.0000"), None, 2, Verdict.EMPTY, id="no balance: that of Millennium stays"
        ),
        pytest.param(None, None, None, 2, Verdict.NOTHING, id="none on either side"),
        pytest.param(None, there(None), None, 2, Verdict.NOTHING, id="blank on both sides"),
        pytest.param("0.00", there("3.0000"), None, 2, Verdict.UPDATE, id="a zero is a balance"),
        pytest.param("0.00", there("0.0000"), None, 2, Verdict.EQUAL, id="zero on both sides"),
        pytest.param("0.00", there(None), None, 2, Verdict.UPDATE, id="zero, and blank in Millennium"),
        pytest.param("0.00", None, None, 2, Verdict.ADD, id="zero, and no such accrual yet"),
        pytest.param("24.50", None, None, 2, Verdict.ADD, id="a missing one is added"),
        pytest.param("24.5", there("24.5000"), None, 2, Verdict.EQUAL, id="other zeros"),
        pytest.param("-4.00", there("-4.0000"), None, 2, Verdict.EQUAL, id="below zero, equal"),
        pytest.param("-4.00", there("4.0000"), None, 2, Verdict.UPDATE, id="below zero"),
        # (AW-14) half up, away from zero, on both sides
        pytest.param("8.13", there("8.1250"), None, 2, Verdict.EQUAL, id="half up"),
        pytest.param("-8.13", there("-8.1250"), None, 2, Verdict.EQUAL, id="half up, below zero"),
        pytest.param("8.12", there("8.1250"), None, 2, Verdict.UPDATE, id="not half even"),
        pytest.param("7.50", there("8.0000"), None, 0, Verdict.EQUAL, id="a code of whole hours"),
        pytest.param("13.33", there("13.3333"), None, 4, Verdict.UPDATE, id="a code of four decimals"),
        pytest.param("13.33", there("13.3300"), None, 4, Verdict.EQUAL, id="and then it stays"),
        # (AW-13) an older day never goes over a newer one
        pytest.param("24.50", there("21.50", AFTER), None, 2, Verdict.NEWER, id="Millennium has a later day"),
        pytest.param("24.50", there("21.50"), AFTER, 2, Verdict.NEWER, id="a later one was written before"),
        pytest.param(
            "24.50", there("21.50", BEFORE), AFTER, 2, Verdict.NEWER, id="the later of the two counts"
        ),
        pytest.param("24.50", there("21.50", DAY), DAY, 2, Verdict.UPDATE, id="the same day, corrected"),
        pytest.param("24.50", there("21.50", BEFORE), BEFORE, 2, Verdict.UPDATE, id="an earlier day"),
        pytest.param("21.50", there("21.50", AFTER), AFTER, 2, Verdict.EQUAL, id="a later day, and equal"),
        pytest.param("24.50", None, AFTER, 2, Verdict.NEWER, id="a later one was written, and is gone"),
    ],
)
def test_what_becomes_of_a_balance(
    balance: str | None, there: There | None, written: date | None, decimals: int, expected: Verdict
) -> None:
    hours = None if balance is None else Decimal(balance)
    assert verdict(hours, there, DAY, written, decimals) is expected


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("balance", "there", "expected"),
    [
        ("3.00", there("12.0000"), True),
        ("-1.00", there("0.0000"), True),
        ("12.00", there("3.0000"), False),
        ("0.00", there(None), False),
        ("0.00", None, False),
    ],
)
def test_the_brake_watches_balances_that_fall(balance: str, there: There | None, expected: bool) -> None:
    assert falls(Decimal(balance), there) is expected


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [("8.125", 2, "8.13"), ("-8.125", 2, "-8.13"), ("7.5", 0, "8"), ("1", 4, "1.0000"), ("1", 6, "1.0000")],
)
def test_a_balance_has_the_decimals_of_its_code(value: str, decimals: int, text: str) -> None:
    assert f"{rounded(Decimal(value), decimals):f}" == text


VAC, SICK, PTO = Code("VAC", "Vacation"), Code("SICK", "Sick"), Code("PTO", "PTO")
LINKED = {"Vacation": "VAC", "Sick": "SICK"}


def told(found: Fit) -> dict[str, str]:
    return {one.category: one.code for one in found.problems}


@pytest.mark.requirement("AC-6", "AC-9")
@pytest.mark.parametrize(
    ("categories", "codes", "linked", "pairs", "problems"),
    [
        pytest.param(
            ["Sick", "Vacation"], [VAC, SICK], {}, {"Sick": "SICK", "Vacation": "VAC"}, {}, id="each"
        ),
        pytest.param(
            ["Vacation "], [Code("VAC", "\u00a0Vacation")], {}, {"Vacation": "VAC"}, {}, id="blanks"
        ),
        pytest.param(
            ["Vacation", "PTO"], [VAC], {}, {"Vacation": "VAC"}, {"PTO": "NO_CODE_FOR_CATEGORY"}, id="no code"
        ),
        pytest.param(["Vacation"], [VAC, PTO], {}, {"Vacation": "VAC"}, {}, id="codes of Millennium alone"),
        pytest.param(
            ["Vacation"],
            [Code("VAC", "VACATION")],
            {},
            {},
            {"Vacation": "NO_CODE_FOR_CATEGORY"},
            id="other case",
        ),
        pytest.param(
            ["Sick", "Vacation"],
            [VAC, Code("SICK1", "Sick"), Code("SICK2", "Sick ")],
            LINKED,
            {"Vacation": "VAC"},
            {"Sick": "TWO_CODES_FOR_CATEGORY"},
            id="two codes to one, made later: the others go",
        ),
        pytest.param(
            ["Vacation", "Vacation "],
            [VAC],
            {},
            {},
            {"Vacation": "TWO_CATEGORIES"},
            id="two that look the same",
        ),
        pytest.param(
            ["Vacation"],
            [Code("VAC", "Vacation", 2, "8")],
            {},
            {},
            {"Vacation": "DIVISOR_NOT_ONE"},
            id="divisor",
        ),
        pytest.param(
            ["Vacation"],
            [Code("VAC", "Vacation", 2, "")],
            {},
            {"Vacation": "VAC"},
            {},
            id="divisor of one",
        ),
        # (AW-10) a category got a new name
        pytest.param(
            ["Sick", "PTO"],
            [VAC, SICK, PTO],
            LINKED,
            {"Sick": "SICK"},
            {"Vacation": "CATEGORY_GONE", "PTO": "CATEGORY_NEW"},
            id="renamed, and a code has the new name: it is not filled without a word",
        ),
        pytest.param(
            ["Sick", "PTO"],
            [VAC, SICK],
            LINKED,
            {"Sick": "SICK"},
            {"Vacation": "CATEGORY_GONE", "PTO": "NO_CODE_FOR_CATEGORY"},
            id="renamed",
        ),
        pytest.param(
            ["Sick", "Vacation"],
            [VAC, SICK, PTO],
            LINKED,
            {"Sick": "SICK", "Vacation": "VAC"},
            {},
            id="and back",
        ),
        pytest.param(
            ["Sick", "PTO"],
            [Code("VAC", "PTO"), SICK],
            LINKED,
            {"Sick": "SICK", "PTO": "VAC"},
            {},
            id="renamed on both sides: it goes on",
        ),
        pytest.param(
            ["Sick", "PTO"],
            [Code("VAC", "Old vacation"), SICK, PTO],
            LINKED,
            {"Sick": "SICK", "PTO": "PTO"},
            {},
            id="given up in Millennium: the new one is another",
        ),
        pytest.param(
            ["Sick", "PTO"], [SICK, PTO], LINKED, {"Sick": "SICK", "PTO": "PTO"}, {}, id="code gone"
        ),
        pytest.param(
            ["Sick"], [VAC, SICK], LINKED, {"Sick": "SICK"}, {"Vacation": "CATEGORY_GONE"}, id="taken away"
        ),
        pytest.param(
            ["Sick", "Vacation", "PTO"],
            [VAC, SICK, PTO],
            LINKED,
            {"Sick": "SICK", "Vacation": "VAC", "PTO": "PTO"},
            {},
            id="one more category",
        ),
        pytest.param(
            ["Sick", "Vacation"],
            [Code("VAC", "PTO"), SICK],
            LINKED,
            {"Sick": "SICK"},
            {"Vacation": "CODE_RENAMED"},
            id="renamed in Millennium",
        ),
        pytest.param(
            ["Sick", "VACATION"],
            [VAC, SICK],
            LINKED,
            {"Sick": "SICK"},
            {"Vacation": "CATEGORY_GONE", "VACATION": "NO_CODE_FOR_CATEGORY"},
            id="other case is another name",
        ),
    ],
)
def test_categories_and_codes_one_to_one(
    categories: list[str],
    codes: list[Code],
    linked: dict[str, str],
    pairs: dict[str, str],
    problems: dict[str, str],
) -> None:
    found = fit(categories, codes, linked)
    assert ({name: code.code for name, code in found.pairs.items()}, told(found)) == (pairs, problems)


@pytest.mark.requirement("AC-9")
@pytest.mark.parametrize(
    ("categories", "codes", "links", "settled"),
    [
        (["Sick", "Vacation"], [VAC, SICK], {}, ()),
        (["Sick", "PTO"], [VAC, SICK, PTO], {}, ()),
        (["Sick", "PTO"], [Code("VAC", "PTO"), SICK], {"PTO": "VAC"}, ("Vacation",)),
        (["Sick", "Vacation", "PTO"], [VAC, SICK, PTO], {"PTO": "PTO"}, ()),
        (["Sick", "Vacation"], [Code("VAC2", "Vacation"), SICK], {"Vacation": "VAC2"}, ()),
    ],
)
def test_what_is_kept_of_the_pairs(
    categories: list[str], codes: list[Code], links: dict[str, str], settled: tuple[str, ...]
) -> None:
    found = fit(categories, codes, LINKED)
    assert (found.links, found.settled) == (links, settled)


@pytest.mark.requirement("AC-9")
def test_a_renamed_category_names_the_likely_new_name() -> None:
    found: dict[str, Any] = {
        one.category: one.values for one in fit(["Sick", "PTO"], [VAC, PTO], LINKED).problems
    }
    assert found["Vacation"] == {"codes": "VAC", "likely": "PTO"}
    two = fit(["Sick", "PTO", "Floating"], [VAC, SICK], LINKED)
    told_of = {one.category: one.values for one in two.problems}
    assert told_of["Vacation"] == {"codes": "VAC", "likely": "PTO or Floating"}
    assert "Its new name there is likely PTO or Floating." in why_of(two.problems[0]).message
    assert found["PTO"] == {"codes": "PTO", "gone": "Vacation", "before": "VAC"}


@pytest.mark.requirement("AC-6")
def test_two_codes_to_one_category_are_found_whatever_else_there_is() -> None:
    codes = [VAC, Code("SICK1", "Sick"), Code("SICK2", "Sick\u00a0"), Code("A", "Other"), Code("B", "Other")]
    assert two_to_one(["Sick", "Vacation"], codes) == {"Sick": ["SICK1", "SICK2"]}


@pytest.mark.requirement("RUN-4", "AC-6")
def test_a_row_that_can_not_be_used_keeps_back_its_own_employee_only() -> None:
    bad = ("Millennium", "Balance", 'is not a number as text, such as "24.5000"')
    people = [
        Person("1001", "Ann Lee", True, True, False, [("Vacation", "24.50")], [], [bad]),
        Person("1002", "Bob Ray", True, True, False, [("Vacation", "24.50")]),
        Person("1003", "Cid Moe", True, True, False, [], [], [bad]),
        Person("", "", True, True, False, [], [], [bad]),
    ]
    look = Look({"Vacation": Pair("VAC", 2)}, end=DAY)
    cases = list(cases_of(people, look, ()))
    found = compared(cases, {}, look, "2026-01-10T15:00:00Z")
    said = [*found.records, *unreadable(people, {case.person.id for case in cases})]
    assert [(one.record_id, one.outcome.value) for one in said] == [
        ("accrual:1001:Vacation", "blocked"),
        ("category:1003", "blocked"),
        ("category:Millennium", "blocked"),
    ]
    assert [write.record.key for write in found.writes] == ["1002:Vacation"]
