"""What stands between a balance of Millennium and TimeWorksPlus: the set-up, and one employee's (AC-10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Check
from payrelay.flows.accrual_sync.facts import Facts, Notebook
from payrelay.flows.accrual_sync.places import CODE_PAGE, UP
from payrelay.flows.accrual_sync.records import employee_and_description, key_of, label_of, named
from payrelay.flows.accrual_sync.rules import Category, trimmed
from payrelay.flows.accrual_sync.rules_there import Rules, hidden
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.accrual_sync.to_timeworksplus.balance import NOTHING, Compared
from payrelay.flows.accrual_sync.to_timeworksplus.clock import periods_around
from payrelay.flows.accrual_sync.to_timeworksplus.compare import Comparer
from payrelay.flows.accrual_sync.to_timeworksplus.days import by_description
from payrelay.flows.accrual_sync.to_timeworksplus.people import Person
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period, period_of
from payrelay.flows.accrual_sync.to_timeworksplus.read import Reader
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Check as Paid
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Dating, Row, counts, dating, hours, in_effect
from payrelay.flows.accrual_sync.to_timeworksplus.set_up import SetUp, read_set_up, said_of

# Somebody waits for the answer: of long lists so many pages at most are read.
_MOST_PAGES = 20
_MOST_NAMED = 10
# Pay days are looked for so long before and after today, and periods of the last checks so far back.
_BEFORE, _AFTER, _CHECKS = timedelta(days=1100), timedelta(days=366), timedelta(days=20)


# --- the company ------------------------------------------------------------------------------------------


def of_company(systems: Systems, notebook: Notebook, rules: Rules, now: datetime) -> Iterator[Check]:
    """Which description goes to which category; who has two codes of one; hidden ones; checks' periods."""
    linked = notebook.linked()
    set_up = read_set_up(systems, linked)
    yield from _mapping(set_up, linked)
    yield from _without_code(set_up, rules)
    yield from rules.each(set_up.going, must_be_lowered=True)
    yield from _ambiguous(systems, set_up)
    yield from hidden(systems, now.date())
    yield from _outside(systems, now.date())


def _mapping(set_up: SetUp, linked: Iterable[str]) -> Iterator[Check]:
    """Each description with its category, proposed as long as nothing went there; why others have none."""
    known = set(linked)
    for name, one in set_up.categories.items():
        if one.problem:
            yield _problem(name, said_of(one))
            continue
        proposed = "" if name in known else "proposed: "
        codes = f"accrual code {one.code_names}"
        if len(one.codes) > 1:
            codes = f"accrual codes {one.code_names}, of which each employee may have one in effect"
        yield Check(_goes(name), True, f'{proposed}{codes}, to the category "{one.category}"', keys=(name,))
    yield from (_problem(one.key, one) for one in set_up.unreadable)


def _goes(description: str) -> str:
    return f'Description "{description}" goes to a category'


def _problem(name: str, record: Record) -> Check:
    assert record.reason
    why = record.reason
    passed = None if record.outcome is Outcome.SKIPPED else False
    return Check(_goes(name), passed, why.message, why.remedy, why.code, (name,))


def _without_code(set_up: SetUp, rules: Rules) -> Iterator[Check]:
    """Categories of AccrueUpScript that no description goes to."""
    listed = rules.up.categories if rules.up else ()
    found = [one for one in listed if trimmed(one) not in set_up.categories]
    if not found:
        return
    names = ", ".join(f'"{one}"' for one in found)
    remedy = (
        f"Take them off the list ({UP}) if that is meant. Else edit the Description of the accrual code "
        f"({CODE_PAGE}), so that it is the category's name, letter by letter."
    )
    seen = f"no accrual code of Millennium has the Description {names}"
    yield Check("each category of AccrueUpScript gets balances", None, seen, remedy, keys=tuple(found))


def _ambiguous(systems: Systems, set_up: SetUp) -> Iterator[Check]:
    """Who has more than one code of a description in effect, where a description has several."""
    several = {name for name, one in set_up.going.items() if len(one.codes) > 1}
    if not several:
        return
    own = {code: name for code, name in set_up.codes.items() if name in several}
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    looked_at = 0
    pages = systems.millennium.accruals()
    for page in islice(pages, _MOST_PAGES):
        for row in page.take([]):
            looked_at += 1
            if row.code in own:
                found = Row(row.code, row.balance, row.last_accrue_date, row.start_date, row.end_date)
                rows[row.employee_id, own[row.code]].append(found)
    more = next(pages, None) is not None
    found_in = [whose for whose, those in rows.items() if len(in_effect(those, ())) > 1]
    keys = [key_of(*whose) for whose in found_in]
    name = "each employee has one code of a Description in effect"
    of = f"the first {looked_at} balances" if more else f"{looked_at} balances"
    if not keys:
        yield Check(name, True, f"{of} looked at")
        return
    shown = "; ".join(_labels(systems, found_in[:_MOST_NAMED])) + (
        f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    )
    remedy = "End all but one of them (End Date) on the employee's Accrual tab in Millennium."
    seen = f"{len(keys)} with more than one, of {of}: {shown}. They are blocked, the others go"
    yield Check(name, False, seen, remedy, "SEVERAL_IN_EFFECT", tuple(keys))


def _labels(systems: Systems, whose: Sequence[tuple[str, str]]) -> list[str]:
    """These balances with the names of the people, as far as Millennium lists them soon."""
    names = dict.fromkeys((employee for employee, _ in whose), "")
    for page in islice(systems.millennium.employees(), _MOST_PAGES):
        for row in page.take([]):
            if row.employee_id in names:
                names[row.employee_id] = " ".join(part for part in (row.first_name, row.last_name) if part)
        if all(names.values()):
            break
    return [label_of(employee, names[employee], description) for employee, description in whose]


def _outside(systems: Systems, today: date) -> Iterator[Check]:
    """Checks of the last pay days that date balances by a period that TimeWorksPlus does not have."""
    entries = systems.millennium.calendar(today - _BEFORE, today + _AFTER).take([])
    blocked = {one.calendar_id for one in entries if one.accruals_blocked}
    days = [one.check_date for one in entries if one.processed or one.payroll_started]
    if not days:
        return
    last = max(days)
    found: dict[tuple[int, date, date], int] = defaultdict(int)
    ends: set[date] = set()
    for page in islice(systems.millennium.checks(last - _CHECKS, last), _MOST_PAGES):
        for row in page.take([]):
            begin, end = _day(row.period_begin_date), _day(row.period_end_date)
            if counts(begin, end, row.calendar_id, blocked, voided=row.voided):
                ends.add(end)
                found[row.batch_number, begin, end] += 1
    name = "the checks of the last pay days are for pay periods of TimeWorksPlus"
    periods = periods_around(systems.timeworksplus, ends)
    known = {(one.begin, one.end) for one in periods}
    odd = {batch: count for batch, count in found.items() if batch[1:] not in known}
    if not odd:
        yield Check(name, True, f"{sum(found.values())} checks of {len(found)} batches looked at")
        return
    seen = "; ".join(_odd(batch, count, periods) for batch, count in list(odd.items())[:_MOST_NAMED])
    remedy = (
        "Every check has to be in a batch that has the correct Period End Date: correct the batch in "
        "Millennium, or the pay periods in TimeWorksPlus."
    )
    is_outside = any(period_of(end, periods) is None for _, _, end in odd)
    yield Check(name, False if is_outside else None, seen, remedy, "DATE_OUTSIDE_PERIODS")


def _odd(batch: tuple[int, date, date], count: int, periods: Sequence[Period]) -> str:
    number, begin, end = batch
    lies_in = period_of(end, periods)
    there = f"TimeWorksPlus has {lies_in.words} instead" if lies_in else f"no pay period there has {end}"
    checks = "1 check" if count == 1 else f"{count} checks"
    return f"{checks} of batch {number} for {begin} to {end}: {there}"


# --- one employee, or one category ------------------------------------------------------------------------


def of_key(systems: Systems, notebook: Notebook, key: str, now: datetime) -> Iterator[Check]:
    """One description; or of one employee all balances, or one of them."""
    linked = notebook.linked()
    set_up = read_set_up(systems, linked)
    mapping = {one.keys[0]: one for one in _mapping(set_up, linked)}
    if trimmed(key) in mapping:
        yield mapping[trimmed(key)]
        return
    employee, description = employee_and_description(key)
    if description in mapping:
        yield mapping[description]
    elif description:
        remedy = f"Look at the Descriptions on the {CODE_PAGE}."
        yield Check(_goes(description), False, "Millennium has no accrual code of this Description", remedy)
    reading = Reader(systems, set_up).named((employee,), now.date())
    person = next(iter(reading.people.persons()), None)
    yield from _is_there(employee, person)
    if person is None:
        return
    rows = by_description(person, set_up.codes)
    for name in rows:
        if description in ("", name):
            facts = notebook.facts([key_of(employee, name)])
            comparer = Comparer(set_up.going, reading.periods, facts, now)
            yield from _balance(person, set_up.going[name], rows[name], comparer)


def _is_there(employee: str, person: Person | None) -> Iterator[Check]:
    label = named(employee, person.name if person else "")
    sides = {
        "Millennium": person is not None and person.paid,
        "TimeWorksPlus": person is not None and person.clocked,
    }
    for system, there in sides.items():
        remedy = f"Add the employee in {system}, or correct the id in one of the two: they must be equal."
        name, seen = f"{label} is an employee of {system}", "there" if there else "not there"
        yield Check(name, there, seen, None if there else remedy)


def _balance(person: Person, category: Category, rows: Sequence[Row], comparer: Comparer) -> Iterator[Check]:
    """Both balances, the day with the check that gave it, its period, what a run would do, when written."""
    name = category.description
    label, key = label_of(person.employee, person.name, name), key_of(person.employee, name)
    facts = comparer.known.get(key, Facts())
    chosen = in_effect(rows, person.checks)
    row = chosen[0]
    if len(chosen) == 1 and row.accrued:
        dated = dating(row.accrued, person.checks)
        yield _both(person, category, row, dated, label)
        yield Check(f"{label}: the effective date", True, _given_by(dated, row.accrued))
        yield _period(dated.day, comparer.periods, label)
    else:
        codes = "; ".join(f"{one.code} {hours(one.balance)} ({_accrued(one)})" for one in chosen)
        yield Check(f"{label}: both balances", None, f"Millennium has {codes}; there is no effective date")
    yield _next(person, key, label, comparer)
    yield Check(f"{label}: when it was last written", True if facts.written_day else None, _last(facts))


def _accrued(row: Row) -> str:
    return f"Last Accrue Date {row.accrued}" if row.accrued else "no Last Accrue Date"


def _both(person: Person, category: Category, row: Row, dated: Dating, label: str) -> Check:
    days = [dated.day, *([dated.later.end] if dated.later else [])]
    there = []
    for day in days:
        held = person.held_on(category.category, day)
        value = hours(held.value) if held and held.value is not None else NOTHING
        hidden = ", hidden" if held and held.is_hidden else ""
        there.append(f"{value} on {day}{hidden}")
    seen = (
        f"Millennium has {hours(row.balance)} (code {row.code}, {_accrued(row)}); "
        f"TimeWorksPlus has {' and '.join(there)}"
    )
    return Check(f"{label}: both balances", True, seen)


def _given_by(dated: Dating, accrued: date) -> str:
    """The effective date, and which check gave it."""
    if dated.check:
        found = f"{dated.day}, by {_of_check(dated.check)}"
    else:
        found = f"{accrued}, the Last Accrue Date itself: no check of that day counts"
    if dated.later:
        found += f". A later check accrued nothing: {_of_check(dated.later)}; that day is compared first"
    return found


def _of_check(check: Paid) -> str:
    return f"check {check.number} of batch {check.batch}, paid {check.day} for {check.begin} to {check.end}"


def _period(day: date, periods: Sequence[Period], label: str) -> Check:
    name, found = f"{label}: its pay period is open", period_of(day, periods)
    if found is None:
        return Check(name, None, f"TimeWorksPlus has no pay period with {day}")
    state = "finalized and accepted" if found.accepted else "finalized" if found.finalized else "open"
    # A balance that is equal already needs no open period: what a run would do says whether it matters.
    return Check(name, None if found.finalized else True, f"{found.words}, {state}")


def _next(person: Person, key: str, label: str, comparer: Comparer) -> Check:
    """What a run would do about it now: it says the same as the run."""
    name, found = f"{label}: what the next run would do", Compared()
    comparer.compare(person, found, frozenset({key}))
    if found.writes:
        payload, why = found.writes[0].payload, found.writes[0].record.reason
        said = f"; {why.message}" if why else ""
        return Check(
            name, None, f"write {payload.value} as of {payload.day}{said}", why.remedy if why else None
        )
    told = next((one for one in found.records if one.reason), None)
    if told and told.reason:
        passed = {Outcome.BLOCKED: False, Outcome.UNCHANGED: True}.get(told.outcome)
        return Check(name, passed, told.reason.message, told.reason.remedy, told.reason.code)
    return Check(name, True, "nothing: both are equal")


def _last(facts: Facts) -> str:
    found = "never by Payrelay"
    if facts.written_day:
        found = f"{facts.written_value} as of {facts.written_day}, at {facts.written_when}"
    if facts.parked_since:
        since = facts.parked_since[:10]
        found += f"; {facts.parked_value} as of {facts.parked_day} is kept back since {since}"
    return found


def _day(day: date) -> date:
    return date.fromordinal(day.toordinal())
