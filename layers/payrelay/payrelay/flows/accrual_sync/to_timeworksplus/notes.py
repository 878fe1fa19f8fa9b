"""What people are to know of the date of a balance, beside that it is written or kept back (AC-3)."""

from __future__ import annotations

from collections.abc import Sequence

from payrelay.domain.records import Reason
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.to_timeworksplus.people import Person
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period, period_of
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Dating, is_of_another_year, void_before

_ACTIVE = "A"


def notes_of(
    person: Person, label: str, value: str, dated: Dating, periods: Sequence[Period]
) -> list[Reason]:
    """All that is unusual about the day of a balance."""
    told = {"label": label, "value": value, "day": dated.day}
    return [*_of_check(person, told, dated), *_of_day(person, told, dated, periods)]


def _of_check(person: Person, told: dict[str, object], dated: Dating) -> list[Reason]:
    check, found = dated.check, []
    if check and is_of_another_year(dated):
        years = {"check": check.day, "check_year": check.day.year, "year": check.end.year}
        found.append(reason("CHECK_OF_ANOTHER_YEAR", **told, **years))
    void = void_before(dated, person.checks)
    if check and void:
        values = {
            "number": check.number,
            "batch": check.batch,
            "begin": check.begin,
            "void": void.number,
            "void_day": void.day,
            "void_end": void.end,
        }
        found.append(reason("PERIOD_AFTER_VOIDED_WORK", **told, **values))
    return found


def _of_day(
    person: Person, told: dict[str, object], dated: Dating, periods: Sequence[Period]
) -> list[Reason]:
    found = []
    if periods and period_of(dated.day, periods) is None:
        check = dated.check
        source = f"check {check.number} of batch {check.batch}" if check else "its Last Accrue Date"
        found.append(reason("DATE_OUTSIDE_PERIODS", **told, source=source))
    came = person.hired if person.hired and dated.day < person.hired else None
    came_back = person.status == _ACTIVE and person.left is not None and dated.day <= person.left
    if came or came_back:
        found.append(reason("BALANCE_BEFORE_HIRE", **told, hired=came or f"after {person.left}"))
    return found


def joined(first: Reason, others: Sequence[Reason]) -> Reason:
    """One reason that says all, under the code of the first."""
    every = (first, *others)
    messages = " ".join(one.message for one in every)
    remedies = dict.fromkeys(one.remedy for one in every)
    return Reason(first.code, messages, " ".join(remedies))
