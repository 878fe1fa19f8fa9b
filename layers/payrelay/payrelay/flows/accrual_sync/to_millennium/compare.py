"""What becomes of each balance of a person: written, left alone, or waiting, and why (AC-6, AC-7)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.reasons import reason as shared_reason
from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.flows.accrual_sync.facts import Facts
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import balance_record, company_record, key_of, label_of, named
from payrelay.flows.accrual_sync.to_millennium.as_of import There, Verdict, falls, later, rounded, verdict
from payrelay.flows.accrual_sync.to_millennium.batches import Undated
from payrelay.flows.accrual_sync.to_millennium.batches import named as named_batches
from payrelay.flows.accrual_sync.to_millennium.look import Look, Pair
from payrelay.flows.accrual_sync.to_millennium.people import Person, Standing

BALANCE, AS_OF = "balance", "as_of"


class Case(Struct, frozen=True):
    """One balance: whose, of which category and code, and what both sides have."""

    person: Person
    category: str
    pair: Pair
    day: date | Undated
    here: Decimal | None
    standing: Standing | None

    @property
    def key(self) -> str:
        """The key of its record."""
        return key_of(self.person.id, self.category)

    @property
    def there(self) -> There | None:
        """What Millennium has."""
        return self.standing.there if self.standing else None

    def verdict(self, facts: Facts) -> Verdict:
        """What is done about it."""
        assert isinstance(self.day, date)
        return verdict(self.here, self.there, self.day, facts.last_day, self.pair.decimals)


# Of these it matters what was written before.
_MATTERS = frozenset({Verdict.UPDATE, Verdict.ADD, Verdict.EQUAL})


class Compared(Struct):
    """What came of comparing: the records and the writes, how many are equal, what to keep of those."""

    records: list[Record] = field(default_factory=list)
    writes: list[Write[Payload]] = field(default_factory=list)
    unchanged: int = 0
    agreed: dict[str, Facts] = field(default_factory=dict)


def cases_of(
    people: Sequence[Person], look: Look, only: Collection[str], whole: Collection[str] = ()
) -> Iterator[Case]:
    """The balances of these people that one of the systems has; if keys are named, only those.

    Of categories that are named as a `whole` everybody's.
    """
    for person in people:
        here = dict(person.here)
        there = {one.code: one for one in person.there}
        for category, pair in look.pairs.items():
            key = key_of(person.id, category)
            if (only or whole) and key not in only and category not in whole:
                continue
            value, standing = here.get(category), there.get(pair.code)
            if value is None and standing is None:
                continue
            if _is_long_gone(person, standing):
                continue
            hours = Decimal(value) if value else None
            yield Case(person, category, pair, look.day_of(person.id), hours, standing)


def unreadable(people: Sequence[Person], shown: Collection[str]) -> Iterator[Record]:
    """What is said of rows that can't be used of people who are not `shown` by any balance."""
    for person in people:
        if not person.unreadable or person.id in shown:
            continue
        system, where, problem = person.unreadable[0]
        label = named(person.id, person.name) if person.id else f"A row of {system} that names nobody"
        values = {"label": label, "field": where, "problem": problem, "system": system}
        why = shared_reason("VALUE_NOT_VALID", **values)
        yield company_record(person.id or system, label, Outcome.BLOCKED, why)


def _is_long_gone(person: Person, standing: Standing | None) -> bool:
    """Whether it is about somebody who left, is not in TimeWorksPlus, and has nothing left in Millennium."""
    return person.has_left and not person.is_here and standing is not None and not Decimal(standing.balance)


def undecided(cases: Sequence[Case]) -> list[str]:
    """The keys of those for which it matters what was written before: to be written, or equal."""
    dated = (case for case in cases if isinstance(case.day, date))
    return [case.key for case in dated if case.verdict(Facts()) in _MATTERS]


def compared(cases: Sequence[Case], known: Mapping[str, Facts], look: Look, at: str) -> Compared:
    """What becomes of these balances; `known` are the facts of what was written before, `at` is now."""
    found = Compared()
    hurt: set[str] = set()
    for case in cases:
        facts = known.get(case.key, Facts())
        why = _in_the_way(case)
        if why:
            outcome, told = why
            found.records.append(_record(case, outcome, told))
            continue
        assert isinstance(case.day, date)
        match case.verdict(facts):
            case Verdict.NOTHING:
                continue
            case Verdict.EQUAL:
                found.unchanged += 1
                if facts.last_day is None or facts.last_day < case.day:
                    found.agreed[case.key] = replace(facts, agreed_day=f"{case.day}")
            case Verdict.EMPTY:
                found.records.append(_record(case, Outcome.SKIPPED, _told(case, "NO_BALANCE", facts)))
            case Verdict.NEWER:
                told = _told(case, "NEWER_BALANCE_THERE", facts)
                found.records.append(_record(case, Outcome.SKIPPED, told))
            case decided:
                write = _write(case, look, facts, at, adds=decided is Verdict.ADD)
                # A person is hurt once, whatever falls (RUN-10).
                if write.risks and case.person.id in hurt:
                    write = replace(write, risks=())
                hurt |= {case.person.id} if write.risks else set()
                found.writes.append(write)
    return found


def _in_the_way(case: Case) -> tuple[Outcome, Reason] | None:
    """What keeps a balance back, whatever it is: the outcome and the reason."""
    person = case.person
    if person.unreadable:
        system, where, problem = person.unreadable[0]
        values = {"label": _label(case), "field": where, "problem": problem, "system": system}
        return Outcome.BLOCKED, shared_reason("VALUE_NOT_VALID", **values)
    if case.here is not None and not person.is_there:
        return Outcome.BLOCKED, _told(case, "NOT_IN_MILLENNIUM", value=_here(case))
    if not person.is_here:
        outcome = Outcome.SKIPPED if person.has_left else Outcome.BLOCKED
        return outcome, _told(case, "NOT_IN_TIMEWORKSPLUS", value=_there(case))
    if isinstance(case.day, Undated):
        return Outcome.BLOCKED, _told(case, case.day.code, batches=named_batches(case.day.batches))
    return None


def _write(case: Case, look: Look, facts: Facts, at: str, *, adds: bool) -> Write[Payload]:
    assert isinstance(case.day, date)
    assert case.here is not None
    value = shown(case.here, case.pair.decimals)
    known = later(case.there.as_of if case.there else None, None)
    changes = (
        Change(BALANCE, _there(case) or None, value),
        Change(AS_OF, f"{known}" if known else None, f"{case.day}"),
    )
    outcome = Outcome.CREATED if adds else Outcome.UPDATED
    day = f"{case.day}"
    return Write(
        record=_record(case, outcome, look.why_older, changes),
        payload=Payload(
            case.person.id,
            case.category,
            value,
            day,
            code=case.pair.code,
            adds=adds,
            version=case.standing.version if case.standing else None,
        ),
        target_id=None if adds else target_id(case.person.id, case.pair.code),
        risks=(Risk.EMPTY,) if falls(case.here, case.there) else (),
        facts=replace(facts, written_day=day, written_value=value, written_at=at).stored(),
    )


def target_id(employee: str, code: str) -> str:
    """How a balance of Millennium is known there: `1001/VAC`."""
    return f"{employee}/{code}"


def shown(value: Decimal, decimals: int) -> str:
    """A balance as it is written, with the decimals of its code; no minus before a zero."""
    found = rounded(value, decimals)
    return f"{found if found else abs(found):f}"


def _here(case: Case) -> str:
    return shown(case.here, case.pair.decimals) if case.here is not None else "none"


def _there(case: Case) -> str:
    there = case.there
    return shown(there.balance, case.pair.decimals) if there and there.balance is not None else ""


def _standing(case: Case, known: date | None) -> str:
    """What Millennium has, and of which day: its own, or the one that was written last."""
    if case.there is None or case.there.balance is None:
        return f"has no such balance now, and was last given one as of {known}"
    if case.there.as_of and case.there.as_of == known:
        return f"has {_there(case)} as of {known}"
    return f"has {_there(case)} now, and was last given a balance as of {known}"


def _label(case: Case) -> str:
    return label_of(case.person.id, case.person.name, case.category)


def _record(
    case: Case, outcome: Outcome, why: Reason | None = None, changes: tuple[Change, ...] = ()
) -> Record:
    return balance_record(case.person.id, case.person.name, case.category, outcome, why, changes)


def _told(case: Case, code: str, facts: Facts | None = None, **more: str) -> Reason:
    """A reason with what its message may name."""
    known = later(facts.last_day if facts else None, case.there.as_of if case.there else None)
    return reason(
        code,
        **{
            "label": _label(case),
            "employee": named(case.person.id, case.person.name) if code.startswith("IN_") else case.person.id,
            "here": _here(case),
            "there": _there(case) or "none",
            "day": f"{case.day}" if isinstance(case.day, date) else "",
            "standing": _standing(case, known),
            **more,
        },
    )
