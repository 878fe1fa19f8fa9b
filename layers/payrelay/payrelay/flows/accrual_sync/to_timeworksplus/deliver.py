"""Setting balances in TimeWorksPlus, five hundred in a call; what can't be set stops no other (AC-5, RUN-4).

Periods are looked at just before. A period that is finalized in between refuses the whole call: then they are
looked at again, and what is still open goes without the rest. Setting a balance again does no harm, so that
after a crash whatever still differs is sent once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Applied, Outcome, Record, Write
from payrelay.errors import Rejected
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import TIMEWORKSPLUS
from payrelay.flows.accrual_sync.to_timeworksplus.clock import periods_around
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period, closing, way_out
from payrelay.flows.engine.bulk import Refusal, refused
from payrelay.systems.timeworksplus.client import FINALIZED, LARGEST_WRITE, SYSTEM, TimeWorksPlusClient
from payrelay.systems.timeworksplus.models import Balance, NewBalance

W = Write[Payload]
# The day, the employee and the category of a balance.
Place: TypeAlias = tuple[str, str, str]
# What the refusal of a row says where its period is finalized.
_FINALIZED = "finalized"


class Delivery(Struct):
    """What becomes of some writes, on the way; `today` is the day of the run."""

    client: TimeWorksPlusClient
    today: date
    done: list[Applied] = field(default_factory=list)

    def deliver(self, writes: Sequence[W]) -> list[Applied]:
        """What became of each."""
        left = self._marked(self._open(writes))
        for group in in_groups(left, LARGEST_WRITE):
            self._send(list(group))
        return self.done

    def _marked(self, writes: list[W]) -> list[W]:
        """The same with whether each balance is hidden, and until when it lasts, where that was not told.

        What is left out of a row is reset. Read for the days of just these.
        """
        untold = {_place(one) for one in writes if one.target_id and one.payload.is_hidden is None}
        told = {
            place: balance
            for day in sorted({day for day, *_ in untold})
            for page in self.client.balances(date.fromisoformat(day))
            for person in page.take([])
            for balance in person.balances
            if (place := (day, person.employee_code, balance.category)) in untold
        }
        return [_with_marks(one, told) for one in writes] if told else writes

    def _open(self, writes: Sequence[W]) -> list[W]:
        """Those whose day lies in no finalized period; the others are blocked without a call."""
        if not writes:
            return []
        periods = periods_around(self.client, {date.fromisoformat(one.payload.day) for one in writes})
        left = []
        for one in writes:
            closed = closing(date.fromisoformat(one.payload.day), periods)
            if closed:
                self.done.append(Applied(self._finalized(one, closed, periods)))
            else:
                left.append(one)
        return left

    def _send(self, writes: list[W], *, again: bool = False) -> None:
        try:
            refusals = self.client.set_balances([_row(one.payload) for one in writes]) if writes else []
        except Rejected as error:
            self._send_others(writes, error, again=again)
            return
        told = {(one.employee_code, one.category, one.effective): one for one in refusals}
        for one in writes:
            payload = one.payload
            refusal = told.get((payload.employee, payload.category, payload.day))
            if refusal is None:
                self.done.append(Applied(one.record, payload.employee))
            elif _FINALIZED in refusal.message.casefold():
                self.done.append(Applied(self._closed(one)))
            else:
                self.done.append(Applied(refused(one.record, Refusal(SYSTEM, refusal.message))))

    def _send_others(self, writes: list[W], error: Rejected, *, again: bool) -> None:
        """After a refusal of a whole call: what it is about is found, and the others go without it."""
        left = writes
        if not again and error.code == FINALIZED:
            left = self._open(writes)
        elif not again:
            left = self._of_known_categories(writes, error)
        if len(left) < len(writes):
            self._send(left)
        elif len(writes) == 1:
            self.done.append(Applied(self._refused(writes[0], error)))
        else:
            half = len(writes) // 2
            self._send(writes[:half], again=True)
            self._send(writes[half:], again=True)

    def _of_known_categories(self, writes: list[W], error: Rejected) -> list[W]:
        """Those whose category there still is; of the others the refusal is told."""
        known = {one.category for one in self.client.categories().whole("Category", TIMEWORKSPLUS)}
        gone = [one for one in writes if one.payload.category not in known]
        self.done += [Applied(refused(one.record, Refusal.of(error))) for one in gone]
        return [one for one in writes if one.payload.category in known]

    def _finalized(self, write: W, closed: Period, periods: Sequence[Period]) -> Record:
        """A period that was finalized since the plan was made: a normal outcome, and not repeated."""
        old = next((change.old for change in write.record.changes if change.field == "balance"), None)
        why = reason(
            "PERIOD_FINALIZED",
            label=write.record.label,
            value=write.payload.value,
            there=old or "no balance",
            day=write.payload.day,
            period=closed.words,
            since=self.today,
            days="0 days",
            way=way_out(closed, periods, self.today),
        )
        return replace(write.record, outcome=Outcome.BLOCKED, reason=why, changes=())

    def _refused(self, write: W, error: Rejected) -> Record:
        return self._closed(write) if error.code == FINALIZED else refused(write.record, Refusal.of(error))

    def _closed(self, write: W) -> Record:
        """One of a period that TimeWorksPlus says is finalized, though none of its list is."""
        day = date.fromisoformat(write.payload.day)
        closed = Period(day, day, finalized=True)
        return self._finalized(write, closed, [closed])


def _place(write: W) -> Place:
    return write.payload.day, write.payload.employee, write.payload.category


def _with_marks(write: W, told: Mapping[Place, Balance]) -> W:
    payload, found = write.payload, told.get(_place(write))
    if payload.is_hidden is not None or found is None:
        return write
    expires = f"{found.expires}" if found.expires else None
    return replace(write, payload=replace(payload, is_hidden=found.is_hidden, expires=expires))


def _row(payload: Payload) -> NewBalance:
    return NewBalance(
        payload.employee,
        payload.category,
        Decimal(payload.value),
        date.fromisoformat(payload.day),
        payload.is_hidden,
        date.fromisoformat(payload.expires) if payload.expires else None,
    )
