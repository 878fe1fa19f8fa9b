"""Tables of docs/flows/balance_sync.md (LB-1 to LB-12)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.balance_sync.rules import IN_PAYROLL, REQUIRED, Verdict
from payrelay.flows.balance_sync.settings import BalanceSyncOptions
from payrelay.flows.settings import attache_express_leave

VERDICTS = {
    Verdict.SET: ("Express Leave has no balance of this type yet", "it is set"),
    Verdict.CHANGE: ("the hours or the As At differ", "it is overwritten"),
    Verdict.REFRESH: (
        "nothing differs, and Payroll has saved it again since (the same Entitlement Owing overtyped)",
        "it is written once more, and Payroll's comment goes into the audit trail",
    ),
    Verdict.LEAVE: ("nothing differs", "it is left alone"),
    Verdict.OLDER: ("Express Leave's As At is later", "it is blocked: a later balance is never replaced"),
}


def details() -> str:
    """The fields of an employee that are written."""
    rows = [
        (code(name.title()), words, "required" if name in REQUIRED else "")
        for name, words in IN_PAYROLL.items()
    ]
    return table(("Express Leave", "Payroll", ""), rows)


def verdicts() -> str:
    """What becomes of a balance."""
    return table(("when", "what happens"), (VERDICTS[verdict] for verdict in Verdict))


def settings() -> str:
    """Settings of a connection."""
    return settings_table(attache_express_leave.Settings)


def options() -> str:
    """Options of a run."""
    return settings_table(BalanceSyncOptions)
