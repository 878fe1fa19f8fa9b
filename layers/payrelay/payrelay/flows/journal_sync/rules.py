"""What is booked of a journal entry, and why it may not be, told before its first line (JRN-1, JRN-2)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from payrelay.domain.spelling import shown, trimmed

LINE_TEXT, EURO, GENERAL = "Salaris", "EUR", "M"
_CENTS = 2
# So many lines are named in a message, the others are counted.
_MOST_NAMED = 5


class Line(Struct, frozen=True):
    """A line of an entry, as Payroll Plus gives it: debit is positive, credit negative."""

    number: int
    account: str
    amount: Decimal
    centre: str = ""
    unit: str = ""


class Entry(Struct, frozen=True):
    """A journal entry of Payroll Plus; `company` is its Administratienummer."""

    id: str
    run_id: str
    company: str
    description: str
    day: date
    reporting: date
    fulfilment: date
    lines: tuple[Line, ...]


class Account(Struct, frozen=True):
    """A general ledger account of a company."""

    blocked: bool = False
    needs_centre: bool = False


class Journal(Struct, frozen=True):
    """A journal of a company; a general one is of the type M."""

    type: str
    blocked: bool = False


class Period(Struct, frozen=True):
    """A financial period of a company."""

    year: int
    number: int
    start: date
    end: date
    closed: bool = False


class Company(Struct, frozen=True):
    """A company of Globe Next as it is now; codes are without outer blanks, of centres and units those that
    can be used."""

    number: str
    journal: str
    currency: str
    journals: Mapping[str, Journal] = {}
    accounts: Mapping[str, Account] = {}
    centres: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    periods: tuple[Period, ...] = ()


class Booked(Struct, frozen=True):
    """An entry that stands in Globe Next: its number, debit total, and the digest of what it says.

    Where it took the place of another one that was reversed, `replaces` is the id of that.
    """

    number: str
    total: Decimal
    digest: str
    entry_id: str
    booking: int = 1
    replaces: str = ""
    company: str = ""


class Problem(Struct, frozen=True):
    """Why an entry is not booked: a code of `reasons.py`, and the values that its message names."""

    code: str
    values: Mapping[str, str] = {}


class Sent(Struct, frozen=True):
    """A line as it is sent; a centre or unit that does not match is blank."""

    account: str
    amount: Decimal
    centre: str = ""
    unit: str = ""


class Booking(Struct, frozen=True):
    """What is sent of an entry: its lines, and the journal and period of its header."""

    journal: str
    year: int
    period: int
    lines: tuple[Sent, ...]


def debit(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of the debit side."""
    return sum((one for one in amounts if one > 0), Decimal(0))


def credit(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of the credit side, without its sign."""
    return -sum((one for one in amounts if one < 0), Decimal(0))


def money(amount: Decimal) -> str:
    """An amount for a message or a change, to the cent."""
    return f"{amount:.2f}"


def total_of(entry: Entry) -> Decimal:
    """What people call the total of an entry: its debit side."""
    return debit(line.amount for line in entry.lines)


def digest(entry: Entry) -> str:
    """What identifies what an entry says in the ledger; its description and the order of its lines do not."""
    lines = sorted(
        [trimmed(one.account), trimmed(one.centre), trimmed(one.unit), f"{one.amount.normalize():f}"]
        for one in entry.lines
    )
    days = [f"{day}" for day in (entry.day, entry.reporting, entry.fulfilment)]
    shape = json.dumps([trimmed(entry.company), days, lines])
    return hashlib.sha256(shape.encode()).hexdigest()


def mark(entry_id: str, booking: int = 1) -> str:
    """Our own mark at the end of the header's description, by which an entry is found again."""
    return f"[{entry_id}]" if booking == 1 else f"[{entry_id}/{booking}]"


def header_text(entry: Entry, booking: int = 1) -> str:
    """The description of the header: that of the entry, which is the payroll period, and our mark."""
    return f"{trimmed(entry.description)} {mark(entry.id, booking)}".strip()


# --- what is wrong with an entry by itself --------------------------------------------------------------


def flaw(entry: Entry) -> Problem | None:
    """What is wrong with an entry, whatever its company has: nothing in it, an amount, the balance."""
    if not entry.lines:
        return Problem("ENTRY_EMPTY")
    fine = [one for one in entry.lines if _is_too_fine(one.amount)]
    if fine:
        said = _named((f"line {one.number} has {one.amount:f}" for one in fine), len(fine))
        return Problem("ENTRY_AMOUNT_TOO_FINE", {"lines": said})
    amounts = [one.amount for one in entry.lines]
    off = sum(amounts, Decimal(0))
    if off != 0:
        sides = {"debit": money(debit(amounts)), "credit": money(credit(amounts))}
        return Problem("ENTRY_NOT_BALANCED", {**sides, "difference": money(abs(off))})
    return None


def _is_too_fine(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return not isinstance(exponent, int) or exponent < -_CENTS


# --- what was booked before -----------------------------------------------------------------------------


def already(
    entry: Entry, booked: Iterable[Booked], listed: Iterable[str], *, again: bool
) -> Problem | Booked | None:
    """What stands in the way of an entry, or makes it one that is done; None where it is to be booked.

    `booked` are the entries of its payroll run and company that stand in Globe Next, and `listed` are those
    that the run has now: one that was booked and is gone from the run has been replaced by this one. Where a
    person has reversed what stands there, and asked for it, the entry is booked `again`.
    """
    rows = list(booked)
    own = [one for one in rows if one.entry_id == entry.id]
    if own:
        last = max(own, key=lambda one: one.booking)
        if last.digest == digest(entry):
            return last
        return None if again else _differs(entry, last)
    before = replaced(rows, listed)
    if before and not again:
        return Problem("ENTRY_REPLACED", {**_totals(entry, before), "before": before.entry_id})
    return None


def replaced(booked: Iterable[Booked], listed: Iterable[str]) -> Booked | None:
    """The entry that stands in Globe Next, is gone from its payroll run, and was not replaced yet."""
    rows = list(booked)
    there = {*listed, *(one.replaces for one in rows)}
    return next((one for one in rows if one.entry_id not in there), None)


def _differs(entry: Entry, booked: Booked) -> Problem:
    return Problem("ENTRY_CHANGED", _totals(entry, booked))


def _totals(entry: Entry, booked: Booked) -> dict[str, str]:
    new = total_of(entry)
    same = " (the same total, in other lines, accounts or dates)" if new == booked.total else ""
    where = {"company": booked.company} if booked.company else {}
    totals = {"old": money(booked.total), "new": money(new), "same": same}
    return {"number": booked.number, **totals, **where}


# --- what its company has ------------------------------------------------------------------------------


def booking_of(entry: Entry, company: Company) -> Booking | Problem:
    """What is sent of an entry that is sound by itself, or why its company does not take it."""
    problem = mismatch(entry.company, company) or journal_problem(company) or _money_problem(company)
    if problem:
        return problem
    problem = _accounts(entry, company) or _centres(entry, company)
    if problem:
        return problem
    period = _period_of(entry.day, "date", company)
    reporting = _period_of(entry.reporting, "reporting date", company)
    for found in (period, reporting):
        if isinstance(found, Problem):
            return found
    assert isinstance(period, Period)
    lines = tuple(_sent(one, company) for one in entry.lines)
    return Booking(company.journal, period.year, period.number, lines)


def mismatch(administration: str, company: Company) -> Problem | None:
    """The Administratienummer and the company are one text: leading zeros count, outer blanks do not."""
    if trimmed(administration) == trimmed(company.number):
        return None
    return Problem(
        "COMPANY_MISMATCH",
        {"administration": shown(trimmed(administration)), "there": shown(trimmed(company.number))},
    )


def journal_problem(company: Company) -> Problem | None:
    """Whether the general journal is set, and can take an entry."""
    if not company.journal:
        return Problem("GENERAL_JOURNAL_BLANK")
    there = company.journals.get(company.journal)
    if there is None:
        return _unusable(company, "does not exist")
    if there.blocked:
        return _unusable(company, "is blocked")
    if there.type != GENERAL:
        return _unusable(company, f"is no general journal (its type is {shown(there.type)})")
    return None


def _unusable(company: Company, what: str) -> Problem:
    return Problem("GENERAL_JOURNAL_NOT_USABLE", {"journal": company.journal, "what": what})


def _money_problem(company: Company) -> Problem | None:
    if company.currency in ("", EURO):
        return None
    return Problem("COMPANY_NOT_IN_EURO", {"currency": company.currency})


def _accounts(entry: Entry, company: Company) -> Problem | None:
    """Each line has an account that the company has and that is open; else none of them is sent."""
    found = [(one, what) for one in entry.lines if (what := _account_problem(one, company))]
    if not found:
        return None
    return Problem("LEDGER_ACCOUNT_NOT_USABLE", {"lines": _named((_of(*one) for one in found), len(found))})


def _account_problem(line: Line, company: Company) -> str:
    name = trimmed(line.account)
    if not name:
        return "has no account"
    account = company.accounts.get(name)
    if account is None:
        return f"has the account {name}, which does not exist there"
    return f"has the account {name}, which is blocked there" if account.blocked else ""


def _centres(entry: Entry, company: Company) -> Problem | None:
    """An account that must have a cost centre gets one that matches; it is never left blank."""
    found = []
    for line in entry.lines:
        account, name = company.accounts[trimmed(line.account)], trimmed(line.centre)
        if account.needs_centre and name not in company.centres:
            what = f"the cost centre {name}, which can't be used there" if name else "no cost centre"
            found.append(f"line {line.number} (account {trimmed(line.account)}) has {what}")
    return Problem("COST_CENTRE_MANDATORY", {"lines": _named(found, len(found))}) if found else None


def _of(line: Line, what: str) -> str:
    return f"line {line.number} {what}"


def _named(lines: Iterable[str], count: int) -> str:
    """The first of these, and how many there are beside them."""
    words = [one for one, _ in zip(lines, range(_MOST_NAMED), strict=False)]
    more = f"; and {count - _MOST_NAMED} more lines" if count > _MOST_NAMED else ""
    return "; ".join(words) + more


def _sent(line: Line, company: Company) -> Sent:
    """A line with the centre and the unit that its company has, each by itself; else blank."""
    centre, unit = trimmed(line.centre), trimmed(line.unit)
    return Sent(
        trimmed(line.account),
        line.amount,
        centre if centre in company.centres else "",
        unit if unit in company.units else "",
    )


def _period_of(day: date, what: str, company: Company) -> Period | Problem:
    """The open period of a day."""
    found = [one for one in company.periods if one.start <= day <= one.end]
    if not found:
        return Problem("FINANCIAL_PERIOD_MISSING", {"what": what, "day": f"{day}"})
    closed = next((one for one in found if one.closed), None)
    if closed:
        values = {"year": f"{closed.year}", "period": f"{closed.number}", "what": what, "day": f"{day}"}
        return Problem("FINANCIAL_PERIOD_CLOSED", values)
    return found[0]


# --- lines that stand there already --------------------------------------------------------------------


def still_missing(wanted: Sequence[Sent], there: Sequence[Sent]) -> list[Sent] | None:
    """Which of the lines are not there yet, in their order; None where there is one that is not wanted.

    Lines that are alike stand for each other: which of them came does not matter.
    """
    left = Counter(there)
    missing: list[Sent] = []
    for one in wanted:
        if left[one]:
            left[one] -= 1
        else:
            missing.append(one)
    return None if +left else missing
