"""One employee's balances as both systems have them now: as at when, and from which row (LB-11, LB-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payrelay.flows.balance_sync.rules import hours_text
from payrelay.systems.express_leave.models import sees

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payrelay.flows.balance_sync.compare import LeaveType
    from payrelay.flows.balance_sync.people import Account, Held
    from payrelay.systems.attache.models import LeaveRow, LeaveTable

View = dict[str, Any]


def balances(
    table: LeaveTable, held: Mapping[str, Held], account: Account | None, kinds: Sequence[LeaveType]
) -> list[View]:
    """A view of each type of leave that one of the two systems has for the employee."""
    rows = {row.income_code: row for row in table.rows}
    named = {kind.income_code: kind for kind in kinds}
    found = []
    for code in sorted({*rows, *held}):
        row, there, kind = rows.get(code), held.get(code), named.get(code)
        owed = _hours(row) if row else None
        as_at = row.as_at.isoformat() if row and row.as_at else None
        shown = _shown(there) if there else None
        found.append(
            {
                "income_code": code,
                "description": row.description if row else kind.description if kind else code,
                "hours": owed,
                "as_at": as_at,
                "source": _source(row) if row else None,
                "shown": shown,
                "agrees": bool(owed and shown and (owed, as_at) == (shown["hours"], shown["as_at"])),
                "visible": bool(account and kind and sees(kind.visible_to, account.user_type)),
            }
        )
    return found


def _shown(held: Held) -> View:
    """What Express Leave shows, and since when."""
    amount = held.amount
    as_at = amount.as_at.isoformat()
    return {"hours": hours_text(amount.hours), "as_at": as_at, "synced_at": held.synced_at}


def _hours(row: LeaveRow) -> str | None:
    """What payroll owes, in hours; None where the row is not set up so that days can be hours."""
    try:
        return hours_text(row.hours())
    except ValueError:
        return None


def _source(row: LeaveRow) -> View:
    """The row of the leave table, in its own unit."""
    return {
        "system": "attache",
        "row": row.income_code,
        "unit": row.display_in.lower(),
        "entitlement_owing": f"{row.entitlement:f}",
        "pro_rata_owing": f"{row.pro_rata:f}",
        "pro_rata_counts": row.pro_rata_applicable,
        "hours_per_day": None if row.hours_per_day is None else f"{row.hours_per_day:f}",
        "saved_at": row.modified_at.isoformat().replace("+00:00", "Z"),
    }
