"""Why an employee's time off is or is not exported: ordered checks, live, writing nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from payrelay.domain.records import Record
from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.time_off_export.read import Sides
from payrelay.flows.time_off_export.records import TARGET

# What a run of now would say and write of one employee number or of all; None if that is too much to read.
Look = Callable[[str | None], Sequence[Record] | None]
# So many differences are named, and the others counted.
NAMED = 5


def checks(sides: Sides, key: str | None, look: Look | None) -> list[Check]:
    """Both systems reached; then whether Xledger knows the one employee, and whether both sides agree.

    There is no `look` where time off was never exported: then nothing can be expected to agree.
    """
    found = [reached("Simployer One", sides.simployer), reached("Xledger", sides.xledger)]
    if not all(check.passed for check in found):
        return found
    number = key.split("-")[0] if key else None
    if number:
        known = _known(sides, number)
        found.append(known)
        if not known.passed:
            return found
    return [*found, _agreement(look(number))] if look else found


def _known(sides: Sides, number: str) -> Check:
    name = "employee exists in Xledger"
    employees, lost = sides.employees([number])
    bad = None if number in employees else lost.instead_of(number)
    if bad:
        why = bad.why(f"Employee {number}", TARGET)
        return Check(name, False, why.message, why.remedy)
    there = number in employees
    seen = f"employee {number} is {'' if there else 'not '}there"
    return Check(name, there, seen, None if there else "Run the employee export first.")


def _agreement(records: Sequence[Record] | None) -> Check:
    """Whether time off is equal on both sides, in the period and in the months that are looked at again."""
    name = "time off agrees, in this period and the months before"
    if records is None:
        seen = "there is too much time off to look through here"
        remedy = "Ask for one employee number, or start a preview: it names what differs."
        return Check(name, None, seen, remedy)
    # A cut is no difference; what is to be written is one, whatever is said beside it.
    if not records:
        return Check(name, True, "every absence is equal on both sides")
    told = [one.reason.message if _differs(one) and one.reason else _planned(one) for one in records[:NAMED]]
    more = f" And {len(records) - NAMED} more." if len(records) > NAMED else ""
    remedy = next((one.reason.remedy for one in records if _differs(one) and one.reason), "Start a sync.")
    keys, labels = tuple(one.key for one in records), {one.key: one.label for one in records}
    return Check(name, False, " ".join(told) + more, remedy, keys=keys, labels=labels)


def _differs(record: Record) -> bool:
    return record.reason is not None and record.outcome == "blocked"


def _planned(record: Record) -> str:
    fields = ", ".join(change.field for change in record.changes)
    return f"{record.label} is not in Xledger as it is to be ({fields})."
