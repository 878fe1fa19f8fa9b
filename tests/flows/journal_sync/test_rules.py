"""What is booked of a journal entry, and why it may not be: tables of cases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.flows.journal_sync.rules import (
    Account,
    Booked,
    Booking,
    Company,
    Entry,
    Journal,
    Line,
    Period,
    Problem,
    Sent,
    already,
    booking_of,
    credit,
    debit,
    digest,
    flaw,
    header_text,
    still_missing,
)
from tests.worlds.structs import replace

JAN_31 = date(2026, 1, 31)
OPEN = Period(2026, 1, date(2026, 1, 1), JAN_31)
CLOSED = Period(2025, 12, date(2025, 12, 1), date(2025, 12, 31), closed=True)
WAGES, OWED = Line(1, "4000", Decimal("3500.00"), "001"), Line(2, "1700", Decimal("-3500.00"))


def entry(*lines: Line, **changed: Any) -> Entry:
    made = Entry("je-55", "run-55", "500", "Januari 2026", JAN_31, JAN_31, JAN_31, lines or (WAGES, OWED))
    return replace(made, **changed)


def lines(*amounts: str, account: str = "4000") -> tuple[Line, ...]:
    return tuple(Line(number, account, Decimal(one)) for number, one in enumerate(amounts, 1))


def company(**changed: Any) -> Company:
    made = Company(
        number="500",
        journal="90",
        currency="EUR",
        journals={"90": Journal("M")},
        accounts={"4000": Account(), "1700": Account()},
        centres=frozenset({"001"}),
        units=frozenset(),
        periods=(CLOSED, OPEN),
    )
    return replace(made, **changed)


@pytest.mark.requirement("JRN-1")
@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        pytest.param(("3500.00", "-3500.00"), None, id="balanced"),
        pytest.param(
            ("1000.33", "1000.33", "1000.33", "-3001.00"),
            Problem("ENTRY_NOT_BALANCED", {"debit": "3000.99", "credit": "3001.00", "difference": "0.01"}),
            id="PW-01 a cent too little",
        ),
        pytest.param(
            ("1000.34", "-1000.33"),
            Problem("ENTRY_NOT_BALANCED", {"debit": "1000.34", "credit": "1000.33", "difference": "0.01"}),
            id="PW-01 a cent too much",
        ),
        pytest.param(("-250.00", "250.00"), None, id="PW-02 more deductions than pay"),
        pytest.param(("0.10", "0.20", "-0.30"), None, id="cents that no float adds up"),
        pytest.param(("100.00", "-250.00", "150.00"), None, id="negative lines among others"),
        pytest.param(("0.00", "0.00"), None, id="all zero"),
        pytest.param((), Problem("ENTRY_EMPTY"), id="no lines"),
        pytest.param(
            ("1000.335", "-1000.335"),
            Problem("ENTRY_AMOUNT_TOO_FINE", {"lines": "line 1 has 1000.335; line 2 has -1000.335"}),
            id="finer than a cent, though it adds up",
        ),
        pytest.param(
            ("999999999999.99", "-999999999999.98", "-0.01"), None, id="more digits than a double has"
        ),
    ],
)
def test_an_entry_by_itself(amounts: tuple[str, ...], expected: Problem | None) -> None:
    assert flaw(replace(entry(), lines=lines(*amounts))) == expected


@pytest.mark.requirement("JRN-1")
def test_signs_stay_as_they_stand() -> None:
    """PW-02: no absolute value, no account exchanged, no line left out."""
    correction = entry(Line(1, "4000", Decimal("-250.00")), Line(2, "1700", Decimal("250.00")))
    found = booking_of(correction, company())
    assert isinstance(found, Booking)
    assert found.lines == (Sent("4000", Decimal("-250.00")), Sent("1700", Decimal("250.00")))
    amounts = [one.amount for one in found.lines]
    assert (debit(amounts), credit(amounts)) == (Decimal("250.00"), Decimal("250.00"))


UNUSABLE = "LEDGER_ACCOUNT_NOT_USABLE"
WHERE_500 = {"administration": '"500"'}


@pytest.mark.requirement("JRN-1", "JRN-2")
@pytest.mark.parametrize(
    ("of_entry", "of_company", "expected"),
    [
        pytest.param({}, {"number": "   500"}, None, id="PW-26 c: outer blanks of the company"),
        pytest.param({"company": "500 "}, {}, None, id="outer blanks of the number"),
        pytest.param(
            {}, {"number": "510"}, Problem("COMPANY_MISMATCH", {**WHERE_500, "there": '"510"'}), id="PW-26 a"
        ),
        pytest.param(
            {},
            {"number": "0500"},
            Problem("COMPANY_MISMATCH", {**WHERE_500, "there": '"0500"'}),
            id="PW-26 b",
        ),
        pytest.param(
            {}, {"number": ""}, Problem("COMPANY_MISMATCH", {**WHERE_500, "there": '""'}), id="no company set"
        ),
        pytest.param({}, {"journal": ""}, Problem("GENERAL_JOURNAL_BLANK"), id="journal blank"),
        pytest.param(
            {},
            {"journal": "91"},
            Problem("GENERAL_JOURNAL_NOT_USABLE", {"journal": "91", "what": "does not exist"}),
            id="journal unknown",
        ),
        pytest.param(
            {},
            {"journals": {"90": Journal("M", blocked=True)}},
            Problem("GENERAL_JOURNAL_NOT_USABLE", {"journal": "90", "what": "is blocked"}),
            id="journal blocked",
        ),
        pytest.param(
            {},
            {"journals": {"90": Journal("V")}},
            Problem(
                "GENERAL_JOURNAL_NOT_USABLE",
                {"journal": "90", "what": 'is no general journal (its type is "V")'},
            ),
            id="journal of sales",
        ),
        pytest.param({}, {"currency": ""}, None, id="no currency told"),
        pytest.param(
            {}, {"currency": "USD"}, Problem("COMPANY_NOT_IN_EURO", {"currency": "USD"}), id="not in euro"
        ),
        pytest.param(
            {"lines": (WAGES, replace(OWED, account=""))},
            {},
            Problem(UNUSABLE, {"lines": "line 2 has no account"}),
            id="PW-24 a: account blank",
        ),
        pytest.param(
            {"lines": (WAGES, replace(OWED, account=" \u200b"))},
            {},
            Problem(UNUSABLE, {"lines": "line 2 has no account"}),
            id="account of nothing that shows",
        ),
        pytest.param(
            {"lines": (WAGES, replace(OWED, account="4099"))},
            {},
            Problem(UNUSABLE, {"lines": "line 2 has the account 4099, which does not exist there"}),
            id="PW-24 b: account unknown",
        ),
        pytest.param(
            {"lines": (WAGES, replace(OWED, account="4099"))},
            {"accounts": {"4000": Account(), "4099": Account(blocked=True)}},
            Problem(UNUSABLE, {"lines": "line 2 has the account 4099, which is blocked there"}),
            id="PW-24 c: account blocked",
        ),
        pytest.param(
            {"lines": lines(*(["1.00"] * 7), account="04000")},
            {},
            Problem(
                UNUSABLE,
                {
                    "lines": "; ".join(
                        f"line {number} has the account 04000, which does not exist there"
                        for number in range(1, 6)
                    )
                    + "; and 2 more lines"
                },
            ),
            id="leading zeros of an account count; many lines",
        ),
        pytest.param(
            {"lines": (replace(WAGES, centre="002"), OWED)},
            {"accounts": {"4000": Account(needs_centre=True), "1700": Account()}},
            Problem(
                "COST_CENTRE_MANDATORY",
                {"lines": "line 1 (account 4000) has the cost centre 002, which can't be used there"},
            ),
            id="cost centre mandatory and without a match",
        ),
        pytest.param(
            {},
            {"accounts": {"4000": Account(), "1700": Account(needs_centre=True)}},
            Problem("COST_CENTRE_MANDATORY", {"lines": "line 2 (account 1700) has no cost centre"}),
            id="cost centre mandatory and blank",
        ),
        pytest.param(
            {"day": date(2025, 12, 31)},
            {},
            Problem(
                "FINANCIAL_PERIOD_CLOSED",
                {"year": "2025", "period": "12", "what": "date", "day": "2025-12-31"},
            ),
            id="PW-27: the date in a closed period",
        ),
        pytest.param(
            {"reporting": date(2025, 12, 31)},
            {},
            Problem(
                "FINANCIAL_PERIOD_CLOSED",
                {"year": "2025", "period": "12", "what": "reporting date", "day": "2025-12-31"},
            ),
            id="PW-27: the reporting date in a closed period",
        ),
        pytest.param({"fulfilment": date(2025, 12, 31)}, {}, None, id="the fulfilment date closes nothing"),
        pytest.param(
            {"day": date(2027, 1, 1)},
            {},
            Problem("FINANCIAL_PERIOD_MISSING", {"what": "date", "day": "2027-01-01"}),
            id="no period of the date",
        ),
    ],
)
def test_what_its_company_takes(
    of_entry: dict[str, Any], of_company: dict[str, Any], expected: Problem | None
) -> None:
    found = booking_of(replace(entry(), **of_entry), company(**of_company))
    assert (found if isinstance(found, Problem) else None) == expected


@pytest.mark.requirement("JRN-1", "JRN-2")
@pytest.mark.parametrize(
    ("centres", "units", "expected"),
    [
        pytest.param({"001"}, set(), ("001", ""), id="PW-25: company 500 has the centre"),
        pytest.param(set(), {"P1"}, ("", "P1"), id="PW-25: company 600 has the unit"),
        pytest.param({"001"}, {"P1"}, ("001", "P1"), id="both"),
        pytest.param({"1"}, {"p1"}, ("", ""), id="leading zeros and capitals count"),
    ],
)
def test_a_centre_or_unit_goes_where_it_matches(
    centres: set[str], units: set[str], expected: tuple[str, str]
) -> None:
    wages = replace(WAGES, centre=" 001", unit="P1 ")
    there = company(centres=frozenset(centres), units=frozenset(units))
    found = booking_of(entry(wages, OWED), there)
    assert isinstance(found, Booking)
    assert (found.lines[0].centre, found.lines[0].unit) == expected


def booked(of: Entry | None = None, **changed: Any) -> Booked:
    made = Booked("20260017", Decimal("3500.00"), digest(of or entry()), "je-55")
    return replace(made, **changed)


DEARER = entry(replace(WAGES, amount=Decimal("3600.00")), replace(OWED, amount=Decimal("-3600.00")))
TOTALS = {"number": "20260017", "old": "3500.00", "new": "3600.00", "same": ""}
SAME = " (the same total, in other lines, accounts or dates)"


@pytest.mark.requirement("JRN-1", "RUN-5")
@pytest.mark.parametrize(
    ("now", "listed", "again", "expected"),
    [
        pytest.param(entry(), {"je-55"}, False, booked(), id="booked as it is"),
        pytest.param(entry(), {"je-55"}, True, booked(), id="booked as it is, and asked for again"),
        pytest.param(entry(OWED, WAGES), {"je-55"}, False, booked(), id="lines in another order"),
        pytest.param(entry(description="Jan"), {"je-55"}, False, booked(), id="another description"),
        pytest.param(
            entry(replace(WAGES, amount=Decimal("3500")), OWED),
            {"je-55"},
            False,
            booked(),
            id="3500 is 3500.00",
        ),
        pytest.param(DEARER, {"je-55"}, False, Problem("ENTRY_CHANGED", TOTALS), id="PW-28: another amount"),
        pytest.param(DEARER, {"je-55"}, True, None, id="PW-28: reversed, and a person says so"),
        pytest.param(
            entry(replace(WAGES, account="4010"), OWED),
            {"je-55"},
            False,
            Problem("ENTRY_CHANGED", {**TOTALS, "new": "3500.00", "same": SAME}),
            id="another account, the same total",
        ),
        pytest.param(
            entry(reporting=date(2026, 2, 1)),
            {"je-55"},
            False,
            Problem("ENTRY_CHANGED", {**TOTALS, "new": "3500.00", "same": SAME}),
            id="another date, the same total",
        ),
        pytest.param(
            replace(DEARER, id="je-58"),
            {"je-58"},
            False,
            Problem("ENTRY_REPLACED", {**TOTALS, "before": "je-55"}),
            id="PW-28: under another id",
        ),
        pytest.param(replace(DEARER, id="je-58"), {"je-58"}, True, None, id="under another id, asked for"),
        pytest.param(
            replace(DEARER, id="je-58"), {"je-55", "je-58"}, False, None, id="a second one of the run"
        ),
    ],
)
def test_what_was_booked_before(
    now: Entry, listed: set[str], again: bool, expected: Problem | Booked | None
) -> None:
    assert already(now, [booked()], listed, again=again) == expected


@pytest.mark.requirement("JRN-1")
def test_one_that_took_the_place_of_another_leaves_the_way_free() -> None:
    there = [booked(), booked(DEARER, entry_id="je-58", number="20260018", replaces="je-55")]
    assert already(replace(entry(), id="je-60"), there, {"je-58", "je-60"}, again=False) is None


@pytest.mark.requirement("JRN-2")
@pytest.mark.parametrize(
    ("description", "booking", "expected"),
    [
        ("Januari 2026", 1, "Januari 2026 [je-55]"),
        (" Correctie januari ", 1, "Correctie januari [je-55]"),
        ("Januari 2026", 2, "Januari 2026 [je-55/2]"),
        ("", 1, "[je-55]"),
    ],
)
def test_the_header_has_the_entrys_description_and_our_mark(
    description: str, booking: int, expected: str
) -> None:
    assert header_text(entry(description=description), booking) == expected


A, B = Sent("4000", Decimal("1.00"), "001"), Sent("1700", Decimal("-1.00"))


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize(
    ("there", "expected"),
    [
        pytest.param([], [A, A, B], id="none of them"),
        pytest.param([A], [A, B], id="one of two that are alike"),
        pytest.param([B, A], [A], id="in another order"),
        pytest.param([A, A, B], [], id="all of them"),
        pytest.param([A, A, A], None, id="one too many"),
        pytest.param([Sent("4000", Decimal("2.00"))], None, id="one that is not wanted"),
        pytest.param([Sent("4000", Decimal("1.00"))], None, id="one without its cost centre"),
    ],
)
def test_which_lines_are_still_missing(there: list[Sent], expected: list[Sent] | None) -> None:
    assert still_missing([A, A, B], there) == expected
