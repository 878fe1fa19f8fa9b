"""What stands between a balance of TimeWorksPlus and Millennium: the set-up, and one employee's (AC-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Check
from payrelay.flows.accrual_sync.facts import Facts, Notebook
from payrelay.flows.accrual_sync.places import CODE_PAGE, SETUP_TAB
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import employee_and_description, key_of, label_of, named
from payrelay.flows.accrual_sync.rules import trimmed
from payrelay.flows.accrual_sync.rules_there import Rules, hidden
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.accrual_sync.to_millennium.batches import Undated
from payrelay.flows.accrual_sync.to_millennium.batches import named as named_batches
from payrelay.flows.accrual_sync.to_millennium.compare import cases_of, compared
from payrelay.flows.accrual_sync.to_millennium.look import Company, Look, Pair, said_of
from payrelay.flows.accrual_sync.to_millennium.marks import Marks
from payrelay.flows.accrual_sync.to_millennium.one_to_one import Fit, described, fit
from payrelay.flows.accrual_sync.to_millennium.payroll_starts import (
    Finalized,
    Payroll,
    last_finalized,
    open_payrolls,
)
from payrelay.flows.accrual_sync.to_millennium.people import Person, Reading
from payrelay.flows.accrual_sync.to_timeworksplus.set_up import code_of
from payrelay.systems.millennium.models import AccrualCode


class _Seen(Struct, frozen=True):
    """What is known of the company before one of its people is looked at."""

    codes: list[AccrualCode]
    fitted: Fit
    linked: Mapping[str, str]
    payrolls: list[Payroll]
    finalized: Finalized | None
    scheduled: Look
    by_hand: Look

    @classmethod
    def of(cls, systems: Systems, notebook: Notebook, now: datetime) -> _Seen:
        """As both systems have it now."""
        company = Company(systems, now.date())
        rows, payrolls = company.code_rows(), company.payrolls()
        finalized = last_finalized(company.finalized())
        batches = company.batches(payrolls, with_people=True)
        linked = Marks(notebook.ledger, notebook.tenant, notebook.connection_id).linked()
        fitted = fit(company.categories(), [code_of(row) for row in rows], linked)
        pairs = {name: Pair(one.code, one.decimals) for name, one in fitted.pairs.items()}
        scheduled = Look(pairs, end=finalized.end if finalized else None)
        by_hand = Look(pairs, batches=batches)
        return cls(rows, fitted, linked, payrolls, finalized, scheduled, by_hand)

    def mapping(self) -> Iterator[Check]:
        """Each category with its code, proposed as long as nothing went there; and why others have none."""
        for name, code in self.fitted.pairs.items():
            proposed = "" if name in self.linked else "proposed: "
            decimals = "1 decimal" if code.decimals == 1 else f"{code.decimals} decimals"
            seen = f"{proposed}accrual code {described([code])}, {decimals}"
            yield Check(_of_category(name), True, seen, keys=(name,))
        yield from (_problem(said_of(one)) for one in self.fitted.problems)


# --- the company ------------------------------------------------------------------------------------------


def of_company(systems: Systems, notebook: Notebook, rules: Rules, now: datetime) -> Iterator[Check]:
    """Which category goes to which code, a clean set-up of these, and which payroll waits for balances."""
    seen = _Seen.of(systems, notebook, now)
    yield from seen.mapping()
    going = {one.code for one in seen.fitted.pairs.values()}
    others = [code_of(row) for row in seen.codes if row.code not in going]
    if others:
        remedy = (
            f"Nothing to do if that is meant. Else edit the Description ({CODE_PAGE}) so that it is the "
            "category's name, letter by letter."
        )
        yield Check(
            "each accrual code gets a category",
            None,
            f"no category of TimeWorksPlus goes to {described(others)}",
            remedy,
            keys=tuple(one.code for one in others),
        )
    yield from rules.each(seen.fitted.pairs, must_be_lowered=False)
    named_there = {
        trimmed(one) for one in (*seen.fitted.pairs, *(one.category for one in seen.fitted.problems))
    }
    yield from (_clean(row) for row in seen.codes if trimmed(row.description) in named_there)
    yield from hidden(systems, now.date())
    yield from _days(seen)


def _problem(record: Record) -> Check:
    assert record.reason
    passed = None if record.outcome is Outcome.SKIPPED else False
    why = record.reason
    return Check(_of_category(record.key), passed, why.message, why.remedy, why.code, (record.key,))


def _of_category(name: str) -> str:
    return f'category "{name}" goes to one accrual code'


def _clean(row: AccrualCode) -> Check:
    """Whether Millennium leaves the calculation of a code to TimeWorksPlus."""
    name = f"Millennium does not calculate {row.code}"
    found = ["an accrual table"] if row.has_table else []
    found += [f'Model "{row.model}"'] if row.model else []
    found += [f'{label} "{value}"' for label, value in _set_up(row) if value is not None]
    if not found:
        return Check(name, True, "no accrual table, and a clean Accrual Setup tab")
    deleted = "Delete the accrual table, and clear" if row.has_table else "Clear"
    remedy = (
        f"{deleted} all fields on the {SETUP_TAB} for {row.code} except for Desc, Check Stub/Desc, Divisor "
        "and Decimals: Millennium will no longer be calculating accruals."
    )
    return Check(name, False, f"it has {', '.join(found)}", remedy, keys=(row.code,))


def _set_up(row: AccrualCode) -> Iterator[tuple[str, str | None]]:
    """What stands on the Accrual Setup tab, as its fields are called there."""
    if row.setup:
        yield "Accrual Rate", row.setup.accrual_rate
        yield "Accrue On", row.setup.accrue_on
        yield "Max Balance", row.setup.max_balance
        yield "Carry Over", row.setup.carry_over
        yield "Reset Date", row.setup.reset_date
        yield "Waiting Days", row.setup.waiting_days


def _days(seen: _Seen) -> Iterator[Check]:
    """What a scheduled run and the button would take the balances of now."""
    name = "a pay period is finalized, whose end scheduled runs go by"
    if seen.finalized:
        yield Check(name, True, _of_period(seen.finalized))
    else:
        why = reason("NO_PERIOD_FINALIZED", site="this connection")
        yield Check(name, None, "no pay period is finalized in TimeWorksPlus", why.remedy, why.code)
    name = "a payroll is started, whose batches Update Accrual Balances goes by"
    started = open_payrolls(seen.payrolls)
    if not started:
        remedy = "Nothing to do: balances go once the next payroll is started in Millennium."
        yield Check(name, None, "no payroll is started and not processed", remedy)
        return
    dates = ", ".join(f"{one.check_date} (started {one.started_at})" for one in started)
    batches = named_batches(seen.by_hand.batches)
    yield Check(name, bool(batches) or None, f"payroll of {dates}: {batches or 'no batch yet'}")
    ends = [one for one in seen.by_hand.batches if seen.finalized and one.end > seen.finalized.end]
    if ends and seen.finalized:
        days = ", ".join(f"{one.check_date}" for one in started)
        values = {"end": f"{seen.finalized.end}", "payroll": days, "batches": named_batches(ends)}
        why = reason("PAYROLL_PERIOD_NOT_FINALIZED", **values)
        name = "the period of the started payroll is finalized"
        yield Check(name, None, why.message, why.remedy, why.code)


def _of_period(period: Finalized) -> str:
    return f"{period.begin} to {period.end}, finalized {period.finalized_at or 'at an unknown time'}"


# --- one employee, or one category ------------------------------------------------------------------------


def of_key(systems: Systems, notebook: Notebook, key: str, now: datetime) -> Iterator[Check]:
    """One category; or of one employee all balances, or one of them."""
    seen = _Seen.of(systems, notebook, now)
    mapping = {one.keys[0]: one for one in seen.mapping()}
    if trimmed(key) in mapping:
        yield mapping[trimmed(key)]
        return
    employee, category = employee_and_description(key)
    if category in mapping:
        yield mapping[category]
    elif category:
        remedy = "Look at the names of the categories in TimeWorksPlus."
        yield Check(_of_category(category), False, "TimeWorksPlus has no such category", remedy)
    days = [(seen.scheduled, "a scheduled run"), (seen.by_hand, "Update Accrual Balances")]
    people = [(_person(systems, look, employee), look, who) for look, who in days if _has_day(look, employee)]
    if not people:
        yield from _days(seen)
        return
    first = next((one for one, _, _ in people if one), None)
    yield from _is_there(employee, first)
    if first is None:
        return
    for name in seen.scheduled.pairs:
        wanted = category == name or (not category and _has_any(people, name))
        if wanted:
            yield from _balance(notebook, employee, name, people, seen)


def _has_any(people: Sequence[tuple[Person | None, Look, str]], category: str) -> bool:
    """Whether one of the systems has a balance of the category."""
    return any(
        dict(person.here).get(category) or any(one.code == look.codes[category] for one in person.there)
        for person, look, _ in people
        if person
    )


def _has_day(look: Look, employee: str) -> bool:
    day = look.day_of(employee)
    return isinstance(day, date) or bool(day.batches)


def _person(systems: Systems, look: Look, employee: str) -> Person | None:
    reading = Reading(systems, look.codes, look.day_of)
    found = reading.people(reading.named([employee], look.all_days))
    return found[0] if found else None


def _is_there(employee: str, person: Person | None) -> Iterator[Check]:
    label = named(employee, person.name if person else "")
    for system, there in (
        ("TimeWorksPlus", person and person.is_here),
        ("Millennium", person and person.is_there),
    ):
        remedy = (
            None if there else f"Add the employee in {system}, or correct the code there: both must be equal."
        )
        yield Check(
            f"{label} is an employee of {system}", bool(there), "there" if there else "not there", remedy
        )


def _balance(
    notebook: Notebook,
    employee: str,
    category: str,
    people: Sequence[tuple[Person | None, Look, str]],
    seen: _Seen,
) -> Iterator[Check]:
    """Both balances, the days with what gave them, what runs would do, and when it was last written."""
    key = key_of(employee, category)
    facts = notebook.facts([key]).get(key, Facts())
    for person, look, who in people:
        if person is None:
            continue
        label = label_of(employee, person.name, category)
        yield _both(person, category, look, label, who)
        yield _day(person, look, label, who, seen)
        yield _next(person, key, facts, look, label, who)
    label = label_of(employee, next((one.name for one, _, _ in people if one), ""), category)
    yield Check(f"{label}: when it was last written", True if facts.written_day else None, _last(facts))


def _both(person: Person, category: str, look: Look, label: str, who: str) -> Check:
    pair, day = look.pairs[category], look.day_of(person.id)
    here = dict(person.here).get(category)
    there = next((one for one in person.there if one.code == pair.code), None)
    ours = f"{there.balance}, as of {there.as_of or 'a day that is not said'}" if there else "no such accrual"
    on = f"on {day}" if isinstance(day, date) else "on the days of the batches"
    seen = f"Millennium has {ours} (code {pair.code}); TimeWorksPlus has {here or 'no balance'} {on}"
    return Check(f"{label}: both balances, for {who}", True, seen)


def _day(person: Person, look: Look, label: str, who: str, seen: _Seen) -> Check:
    name, day = f"{label}: the day that {who} goes by", look.day_of(person.id)
    if isinstance(day, Undated):
        values = {"label": label, "employee": named(person.id, person.name)}
        why = reason(day.code, **values, batches=named_batches(day.batches))
        return Check(name, None, f"none: {why.message}", why.remedy, why.code)
    if not look.batches:
        assert seen.finalized
        return Check(
            name, True, f"{day}, the end of the last finalized pay period: {_of_period(seen.finalized)}"
        )
    own = [one for one in look.batches if one.end == day and (not one.people or person.id in one.people)]
    closed = seen.finalized is not None and day <= seen.finalized.end
    period = "its pay period is finalized" if closed else "its pay period is not finalized, and need not be"
    return Check(name, True, f"{day}, the end of {named_batches(own or look.batches)}; {period}")


def _next(person: Person, key: str, facts: Facts, look: Look, label: str, who: str) -> Check:
    """What a run would do about it now: it says the same as the run."""
    name = f"{label}: what {who} would do now"
    cases = list(cases_of([person], look, [key]))
    found = compared(cases, {key: facts}, look, "")
    if found.records:
        why = found.records[0].reason
        assert why
        passed = None if found.records[0].outcome is Outcome.SKIPPED else False
        return Check(name, passed, why.message, why.remedy, why.code)
    if found.writes:
        payload = found.writes[0].payload
        return Check(name, None, f"write {payload.value} as of {payload.day}")
    return Check(name, True, "nothing: both are equal" if found.unchanged else "nothing: there is no balance")


def _last(facts: Facts) -> str:
    if not facts.written_day:
        agreed = f"; found equal as of {facts.agreed_day}" if facts.agreed_day else ""
        return f"never by Payrelay{agreed}"
    agreed = f"; found equal as of {facts.agreed_day} since" if facts.agreed_day > facts.written_day else ""
    return f"{facts.written_value} as of {facts.written_day}, at {facts.written_when}{agreed}"
