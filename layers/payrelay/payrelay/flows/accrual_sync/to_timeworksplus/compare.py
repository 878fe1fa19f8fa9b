"""Comparing a person's balances of both systems: what is written when, what is said (AC-2, AC-4, AC-5)."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from payrelay.domain.records import Outcome, Reason
from payrelay.domain.runs import Run
from payrelay.flows.accrual_sync.facts import Facts
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import balance_record, company_record, key_of, label_of
from payrelay.flows.accrual_sync.rules import Category
from payrelay.flows.accrual_sync.to_timeworksplus.balance import Around, Balance, Compared, with_alike
from payrelay.flows.accrual_sync.to_timeworksplus.days import by_description
from payrelay.flows.accrual_sync.to_timeworksplus.people import Bad, Person
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period
from payrelay.flows.accrual_sync.to_timeworksplus.rules import hours


class Comparer(Struct, frozen=True):
    """Compares people; `known` is what is kept of balances, by key, and `now` when the run was asked for."""

    categories: Mapping[str, Category]
    periods: Sequence[Period]
    known: Mapping[str, Facts]
    now: datetime

    @classmethod
    def of(
        cls, run: Run, going: Mapping[str, Category], periods: Sequence[Period], known: Mapping[str, Facts]
    ) -> Comparer:
        """That of a run."""
        return cls(going, periods, known, datetime.fromisoformat(run.queued_at))

    def compare(self, person: Person, into: Compared, only: Container[str] | None = None) -> None:
        """All balances of one person, or `only` those of these keys."""
        going = self.categories.items()
        if only is not None:
            going = {n: one for n, one in going if key_of(person.employee, n) in only}.items()
        codes = {code.code: name for name, one in going for code in one.codes}
        into.people += 1
        if person.bad and self._unreadable(person, codes, into):
            return
        if not person.paid:
            self._not_paid(person, codes, into)
            return
        around, hurt = Around(self.periods, self.known, self.now), False
        unread = {codes.get(one.code) for one in person.bad}
        for name, rows in by_description(person, codes).items():
            if name in unread:
                continue
            one = Balance(around, person, self.categories[name], rows, into)
            hurt = one.judged(watched=not hurt) or hurt

    def _not_paid(self, person: Person, codes: Mapping[str, str], into: Compared) -> None:
        """Somebody whom Millennium does not know: named for each balance that they have."""
        names = {self.categories[name].category: name for name in codes.values()}
        for held in person.held:
            if held.value is None or held.category not in names:
                continue
            name, employee = names[held.category], person.employee
            label = label_of(employee, person.name, name)
            values = {"value": hours(held.value), "employee": employee}
            why = with_alike(reason("NOT_IN_MILLENNIUM", label=label, **values), person)
            into.records.append(balance_record(employee, person.name, name, Outcome.SKIPPED, why))

    def _unreadable(self, person: Person, codes: Mapping[str, str], into: Compared) -> bool:
        """Tell of rows that can't be used; whether nothing more can be said of the person."""
        if not person.employee:
            for one in person.bad:
                label = f"A row of {one.system} that names nobody"
                into.records.append(company_record(one.system, label, Outcome.BLOCKED, _why(label, one)))
            return True
        whole = next((one for one in person.bad if one.code not in codes), None)
        names = [codes[one.code] for one in person.bad if one.code in codes]
        if whole:
            names = [*names, *by_description(person, codes)] or list(codes.values())[:1]
        for name in dict.fromkeys(names):
            label = label_of(person.employee, person.name, name)
            bad = whole or next(one for one in person.bad if codes.get(one.code) == name)
            why = _why(label, bad)
            into.records.append(balance_record(person.employee, person.name, name, Outcome.BLOCKED, why))
        return whole is not None


def _why(label: str, bad: Bad) -> Reason:
    values = {"field": bad.field, "problem": bad.problem, "system": bad.system}
    return reason("VALUE_NOT_VALID", label=label, **values)
