"""What the API shows and starts of one employee: their balances on both sides, and their refresh (LB-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payrelay.domain.runs import Mode, Trigger
from payrelay.flows.balance_sync import whose
from payrelay.flows.balance_sync.compare import not_valid, type_not_valid
from payrelay.flows.balance_sync.people import (
    BALANCES,
    DETAILS,
    EMPLOYEE,
    Account,
    Fault,
    Held,
    LeaveTypes,
)
from payrelay.flows.balance_sync.rows import owed_by_table
from payrelay.flows.balance_sync.rules import hours_text
from payrelay.flows.engine.start import Order, ready, start_run
from payrelay.systems.express_leave.models import sees

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from payrelay.domain.runs import Connection, Run
    from payrelay.flows.balance_sync.flow import BalanceSync
    from payrelay.flows.engine.engine import Engine, Executions
    from payrelay.systems.attache.models import LeaveRow
    from payrelay.systems.rows import BadRow

View = dict[str, Any]


def refresh(
    engine: Engine,
    executions: Executions,
    connection: Connection,
    flow: str,
    employee: str,
    who: str,
    run_id: str,
    *,
    alone: bool = False,
) -> tuple[Run, bool]:
    """A run over one employee alone, beside which a run over everybody may go on; and whether it joined one.

    While one over everybody is in progress it is joined: it takes this employee along. Not if it is to be
    of this employee `alone`, who has no business with what a run over everybody tells.
    """
    ready(engine, connection)
    current = engine.ledger.runs.in_progress(connection.tenant, connection.connection_id, flow)
    if not alone and current and current.mode is Mode.SYNC and current.only is None and not current.options:
        return current, True
    options = {"employees": [employee]}
    order = Order(flow, Mode.SYNC, Trigger.MANUAL, who, options=options, scope=employee)
    return start_run(engine, executions, connection, order, run_id)


def own_code(flow: BalanceSync, email: str, asked: str | None, today: date) -> str | None:
    """The code of the employee whose verified e-mail this is, if they ask for themselves; else None (LB-12).

    Whom they ask for is None where they say no more than that it is themselves.

    Payroll is asked each time. The same calls are made whomever is asked for, whether there is such a person
    or not.
    """
    own = whose.owner(email, flow.sides.staff(), today)
    return own.code if own and (asked is None or whose.is_theirs(asked, own)) else None


def balances_of(flow: BalanceSync, asked: str) -> tuple[str, list[View]] | None:
    """One employee's code, and their balances on both sides, live; None when payroll does not have them.

    They are asked for by code, however it is spelled, or by e-mail, if that is one employee's alone.
    """
    code, table = asked, flow.sides.attache.leave_table(asked)
    if table is None:
        codes = whose.meant(asked, flow.sides.staff())
        if len(codes) != 1 or (table := flow.sides.attache.leave_table(codes[0])) is None:
            return None
        (code,) = codes
    link = flow.links_of([code]).get(f"{EMPLOYEE}:{code}")
    bad: list[BadRow] = []
    rows = table.take(bad)
    _, faults = owed_by_table(code, rows, bad)
    told = {code: faults}
    account = flow.sides.accounts_of([code], {code: link.target_id} if link else {}, told).get(code)
    held = flow.sides.held_by(code, faults)
    return code, views(rows, held, account, flow.sides.leave_types(), faults)


def own_balances_of(flow: BalanceSync, code: str) -> list[View] | None:
    """An employee's balances as they may see them themselves: what Visible To hides is left out (LB-7)."""
    found = balances_of(flow, code)
    return None if found is None else [one for one in found[1] if one["visible"]]


def views(
    table: Sequence[LeaveRow],
    held: Mapping[str, Held],
    account: Account | None,
    types: LeaveTypes,
    faults: Sequence[Fault],
) -> list[View]:
    """A view of each type of leave that one of the two systems has for the employee.

    Of a row that can't be used there is one, too, with what is the matter: nothing is shown as not there
    that is only not readable.
    """
    rows = {row.income_code: row for row in table}
    kinds = {kind.income_code: kind for kind in types.known}
    spoilt = {fault.of: not_valid(fault).message for fault in faults if fault.of not in (DETAILS, BALANCES)}
    of_all = next((not_valid(fault).message for fault in faults if fault.of in (DETAILS, BALANCES)), None)
    found = []
    for code in sorted({*rows, *held, *spoilt}):
        row, there, kind = rows.get(code), held.get(code), kinds.get(code)
        bad_type = types.fault_of(code) if kind is None else None
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
                "problem": spoilt.get(code)
                or (type_not_valid(bad_type).message if bad_type else None)
                or of_all,
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
