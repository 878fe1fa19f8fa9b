"""docs/balance-sync.md: fields, rules, diagnosis and settings of the balance sync (LB-1 to LB-12)."""

from __future__ import annotations

from collections.abc import Iterator

from payrelay.flows.balance_sync.compare import FIELDS, IN_PAYROLL, REQUIRED
from payrelay.flows.balance_sync.rules import Verdict
from payrelay.flows.settings.attache_express_leave import BalanceSyncOptions, Settings

from .markdown import code, page, table
from .settings import SETTING_COLUMNS, rows_of

INTRO = """\
The flow `balance_sync` brings employees and their leave balances from Attaché Payroll to Express Leave when
an administrator or HR manager logs in there. Payroll is right: what differs in Express Leave is
overwritten. Users who were made in Express Leave itself are never touched."""

LOGIN = """\
Express Leave tells `POST /hooks/login/{connection_id}` of every login, signed as Standard Webhooks say, or
in its own form (`X-ExpressLeave-Signature`). `POST /connections/{connection_id}/hook-secret` makes the
secret, and a new one beside which the old one is good for another day. The login of an Administrator or HR
Manager starts a run, or joins the one in progress; that of anybody else starts nothing. The same message
twice starts one run. While a run goes on, Express Leave shows its balloons: each run has a sync record
there, which is told how far it is and how it ended.

Connecting works in the same place as before: Company Details, Connect to Organisation. The organisation is
chosen on Attaché's page, Express Leave is told which one it is, and a full sync starts. Disconnect, and
connect again, refreshes a connection that has gone stale."""

BALANCES = """\
A balance is what the employee is entitled to and the pro-rata part together, in hours, as at the day to
which leave was accrued. Amounts are decimals from wire to wire; where the leave table is kept in days, one
day is its hours per day. The employee's leave table decides which types have a balance: one that is missing
there is reported and not set to zero."""

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

DIAGNOSIS = """\
`GET /connections/{connection_id}/diagnosis?entity=employee&key=E0042` (an employee code, or an e-mail) asks
both systems, writes nothing, and goes through the causes in the order in which people look for them: the
connection; the employee exists in Payroll and is enabled for Attaché Online; the user in Express Leave is a
Payroll User; then for each type of leave whether the leave table has it and it is set up, whether the user
may see it (Visible To), and whether balance and As At agree; the other details; the last sync. Without
`key` everybody is looked at: whether the As At dates are those of Payroll, and then each cause with those
whom it concerns, the most frequent first."""

ALONE = """\
`POST /connections/{connection_id}/people/{person_id}/refresh` brings one employee's balances up to date,
with no administrator there, from that employee's own leave table; beside it a run over everybody may go on.
`GET /connections/{connection_id}/people/{person_id}/balances` shows both sides as they are now, each
balance with the row that it comes from."""


def render() -> str:
    """The document."""
    return page(
        "Leave balances: Attaché Payroll to Express Leave",
        "payrelay/flows/balance_comparison.py, domain/leave.py or flows/settings/attache_express_leave.py",
        INTRO,
        "## A login",
        LOGIN,
        "## Employee details",
        "Only these are written; user type and approver are Express Leave's own.",
        table(("Express Leave", "Payroll", ""), _fields()),
        "## Balances",
        BALANCES,
        table(("when", "what happens"), (VERDICTS[verdict] for verdict in Verdict)),
        "## Diagnosis",
        DIAGNOSIS,
        "## One employee alone",
        ALONE,
        "## Settings",
        "Settings of a connection of the kind `attache_express_leave` (`settings` in `POST /connections`).",
        table(SETTING_COLUMNS, rows_of(Settings)),
        "Options of a run (`options` in `POST /connections/{connection_id}/runs`).",
        table(SETTING_COLUMNS, rows_of(BalanceSyncOptions)),
        "## Reasons",
        "Why a record did not sync, and what to do about it: [reasons.md](reasons.md).",
    )


def _fields() -> Iterator[tuple[str, ...]]:
    for name, _, _ in FIELDS:
        yield code(name), IN_PAYROLL[name], "required" if name in REQUIRED else ""
