"""Setting balances in Millennium one by one; they are absolute, and none goes over a newer one (AC-6, AC-7).

Timeline: a balance is put with the moment of the row that was read. Changed since: it is read again and
decided again. The accrual is not there: it is added; there already: it is put. A payroll that is processed
locks all of the company, so that nothing more of the batch is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from payrelay.domain.records import Applied, Change, Outcome, Record, Write
from payrelay.errors import Rejected, RetryLater
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import MILLENNIUM
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.accrual_sync.to_millennium.as_of import There, Verdict, verdict
from payrelay.flows.accrual_sync.to_millennium.compare import AS_OF, BALANCE, shown, target_id
from payrelay.flows.engine.bulk import Refusal, refused
from payrelay.flows.flow import Interrupted
from payrelay.systems.millennium.models import Accrual, Put
from payrelay.systems.rows import BadRow, Unusable

# What Millennium shows beside a balance.
NOTE = "TWP"
# How often a balance that others change meanwhile is read again.
_TRIES = 3


class _Locked(Exception):
    """A payroll is being processed: nothing of the company can be written now."""


def deliver(systems: Systems, writes: Sequence[Write[Payload]]) -> list[Applied]:
    """What became of each; Interrupted where Millennium does not answer any more."""
    applied: list[Applied] = []
    for place, write in enumerate(writes):
        try:
            applied.append(_One(systems, write).done())
        except _Locked:
            return [*applied, *(_locked(systems, one) for one in writes[place:])]
        except RetryLater as trouble:
            raise Interrupted(applied, trouble) from trouble
    return applied


def _locked(systems: Systems, write: Write[Payload]) -> Applied:
    why = reason("PAYROLL_LOCKED", label=write.record.label, company=systems.company)
    return Applied(replace(write.record, outcome=Outcome.FAILED, reason=why))


class _One:
    """One balance on its way."""

    def __init__(self, systems: Systems, write: Write[Payload]) -> None:
        self.millennium, self.write, self.record = systems.millennium, write, write.record
        self.payload = write.payload
        self.value, self.day = Decimal(self.payload.value), date.fromisoformat(self.payload.day)

    def done(self) -> Applied:
        """Set it, whatever others do meanwhile."""
        adds, version = self.payload.adds, self.payload.version
        for _ in range(_TRIES):
            try:
                answer = self._add() if adds else self._put(version)
            except Rejected as refusal:
                return Applied(refused(self.record, Refusal.of(refusal)))
            match answer:
                case Put.DONE:
                    outcome = Outcome.CREATED if adds else Outcome.UPDATED
                    return Applied(replace(self.record, outcome=outcome), self._target_id)
                case Put.LOCKED:
                    raise _Locked
                case Put.EXISTS:
                    adds = False
                case Put.MISSING if adds:
                    return Applied(self._nobody())
                case Put.MISSING:
                    adds = True
                    continue
            row = self._row()
            if isinstance(row, BadRow):
                return Applied(self._unreadable(row))
            settled = self._settled(row)
            if settled:
                return Applied(settled, self._target_id)
            adds, version = row is None, row.modified_at if row else None
        return Applied(self._changed(version))

    @property
    def _target_id(self) -> str:
        return target_id(self.payload.employee, self.payload.code)

    def _put(self, version: str | None) -> Put:
        payload = self.payload
        return self.millennium.put_balance(
            payload.employee, payload.code, self.value, as_of=self.day, note=NOTE, modified_at=version
        )

    def _add(self) -> Put:
        payload = self.payload
        return self.millennium.add_balance(
            payload.employee, payload.code, self.value, as_of=self.day, note=NOTE
        )

    def _row(self) -> Accrual | BadRow | None:
        """The balance as it stands there now."""
        bad: list[BadRow] = []
        rows = self.millennium.accruals_of(self.payload.employee).take(bad)
        found = next((row for row in rows if row.code == self.payload.code), None)
        return found or Unusable(bad, lambda row: row.number).instead_of(self.payload.code)

    def _settled(self, row: Accrual | None) -> Record | None:
        """The record of a balance that is not to be written any more; None where it is to be, still."""
        if row is None:
            return None
        decimals = max(0, -int(self.value.as_tuple().exponent))
        there = There(row.balance, row.as_of_date)
        found = verdict(self.value, there, self.day, None, decimals)
        if found is Verdict.EQUAL:
            return replace(self.record, outcome=Outcome.UNCHANGED, reason=None, changes=())
        if found is Verdict.NEWER:
            why = reason(
                "NEWER_BALANCE_THERE",
                label=self.record.label,
                there=shown(row.balance, decimals),
                last=f"{row.as_of_date}",
                here=self.payload.value,
                day=self.payload.day,
            )
            return replace(self.record, outcome=Outcome.SKIPPED, reason=why, changes=())
        old = {BALANCE: shown(row.balance, decimals), AS_OF: f"{row.as_of_date}" if row.as_of_date else None}
        changes = tuple(Change(one.field, old.get(one.field), one.new) for one in self.record.changes)
        self.record = replace(self.record, changes=changes)
        return None

    def _nobody(self) -> Record:
        payload = self.payload
        why = reason(
            "NOT_IN_MILLENNIUM", label=self.record.label, employee=payload.employee, value=payload.value
        )
        return replace(self.record, outcome=Outcome.BLOCKED, reason=why, changes=())

    def _unreadable(self, row: BadRow) -> Record:
        why = row.why(self.record.label, MILLENNIUM)
        return replace(self.record, outcome=Outcome.BLOCKED, reason=why, changes=())

    def _changed(self, version: str | None) -> Record:
        why = reason("CHANGED_MEANWHILE", label=self.record.label, at=version or "an unknown time")
        return replace(self.record, outcome=Outcome.FAILED, reason=why)
