"""Who is calling: what a client needs to know of them before anything else (TRG-4, LB-12, REP-2)."""

from __future__ import annotations

from typing import Any

from call import Answer, Call

from payrelay.domain.runs import ConnectionStatus
from payrelay.flows.catalog import KINDS
from payrelay.runtime.identity import Role


def read(call: Call) -> Answer:
    """The caller as the API knows them, and where they may look for what is their own."""
    call.query()
    who = call.principal
    roles = [who.role] + [Role.EMPLOYEE] * (who.employee and who.role is not Role.EMPLOYEE)
    body = {
        "subject": who.subject,
        "tenant": who.tenant or None,
        "role": who.role.label,
        "roles": [role.label for role in roles],
        "email": who.email or None,
        "connections": _their_own(call) if who.email and who.tenant else [],
    }
    return Answer(body)


def _their_own(call: Call) -> list[dict[str, Any]]:
    """The connections that have something of people's own, and what; nobody is asked whether of this one."""
    found = []
    for connection in call.container.ledger.connections.list(call.tenant):
        kind = KINDS[connection.kind]
        offers = ["balances"] * (kind.login_flow is not None)
        offers += ["payroll_report"] * (kind.offering("payroll_reports") is not None)
        if offers and connection.status is not ConnectionStatus.NOT_CONNECTED:
            names = ("connection_id", "name", "kind")
            found.append({**{name: getattr(connection, name) for name in names}, "offers": offers})
    return found
