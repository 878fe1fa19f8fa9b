"""The set-up that the article asks for, item by item, on both sides; then one employee's balances (AC-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from payrelay.domain.runs import Check
from payrelay.errors import CredentialsRefused, Rejected
from payrelay.flows.accrual_sync.facts import Notebook
from payrelay.flows.accrual_sync.places import DOWN, PUNCH, UP
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import MILLENNIUM, TIMEWORKSPLUS
from payrelay.flows.accrual_sync.rules_there import Rules
from payrelay.flows.diagnosis import as_far_as_answered, reached
from payrelay.systems.millennium.client import ACCRUAL_TASK
from payrelay.systems.millennium.models import ScheduledTask

if TYPE_CHECKING:
    from payrelay.flows.accrual_sync.flow import AccrualSync

# What each direction has to say beside what both say.
_ROOMS = {
    "millennium": "payrelay.flows.accrual_sync.to_timeworksplus.diagnose",
    "timeworksplus": "payrelay.flows.accrual_sync.to_millennium.diagnose",
}
_PROCESS_SERVER = "on the Millennium process server"


def checks(flow: AccrualSync, key: str | None) -> list[Check]:
    """Both systems reached; then the set-up of both, or what the key names.

    It is an employee's balance, `1001:Vacation`, an employee, `1001`, or a category, `Vacation`.
    """
    systems = flow.systems
    found = [reached(MILLENNIUM, systems.millennium), reached(TIMEWORKSPLUS, systems.timeworksplus)]
    if not all(check.passed for check in found):
        return found
    return [*found, *as_far_as_answered(lambda: _of(flow, key))]


def _of(flow: AccrualSync, key: str | None) -> Iterator[Check]:
    room: Any = import_module(_ROOMS[flow.system_of_record])
    notebook, now = Notebook(flow.ledger, *flow.connection_key), datetime.now(UTC)
    if key:
        yield from room.of_key(flow.systems, notebook, key, now)
        return
    yield from _company(flow)
    rules = Rules.read(flow.systems)
    yield from _rules(flow, rules)
    yield from room.of_company(flow.systems, notebook, rules, now)


# --- Millennium's note and task, and our schedule ---------------------------------------------------------


def _company(flow: AccrualSync) -> Iterator[Check]:
    systems = flow.systems
    connection = flow.ledger.connections.get(*flow.connection_key)
    by_vendor = connection is not None and connection.settings.get("runs_by") == "vendor"
    note = systems.millennium.accrual_note()
    name = "the Accrual Note is in the Company Notes"
    if note is None:
        why = reason("ACCRUAL_NOTE_MISSING", company=systems.company)
        yield Check(name, False, why.message, why.remedy, code="ACCRUAL_NOTE_MISSING")
    else:
        yield Check(name, True, f"there, for the company {systems.company}")
        yield _memo(systems.company, note.memo)
    yield _task(flow, by_vendor=by_vendor)
    if not by_vendor:
        yield _schedule(flow)


def _memo(company: str, memo: str) -> Check:
    name = "the Memo of the Accrual Note is blank"
    if not memo:
        return Check(name, True, "blank: scheduled runs go")
    why = reason("TURNED_OFF_BY_MEMO", company=company, memo=memo)
    return Check(name, None, why.message, why.remedy, code="TURNED_OFF_BY_MEMO")


def _task(flow: AccrualSync, *, by_vendor: bool) -> Check:
    """Whether the task of the process server runs for the company, or does not: as `runs_by` asks."""
    wanted = "runs" if by_vendor else "does not run"
    company = flow.systems.company
    name = f'the scheduled task "{ACCRUAL_TASK}" {wanted} for the company {company}'
    try:
        rows = flow.systems.millennium.tasks().whole("Scheduled task", MILLENNIUM)
    except (Rejected, CredentialsRefused) as error:
        remedy = f'Look whether the task "{ACCRUAL_TASK}" runs for {company} {_PROCESS_SERVER}.'
        return Check(name, None, f"not shown to the user of this connection: {error.message}", remedy)
    own = [row for row in rows if row.name.strip() == ACCRUAL_TASK]
    runs = [row for row in own if row.enabled and company in row.companies]
    seen = _seen_of(own, company)
    if bool(runs) == by_vendor:
        return Check(name, True, seen)
    if by_vendor:
        remedy = (
            f'Have the "{ACCRUAL_TASK}" scheduled task set up and running for {company} {_PROCESS_SERVER} '
            "(Millennium - TWP Integration - Installation and Setup), or set runs_by of the connection to "
            "payrelay."
        )
    else:
        remedy = (
            f'Disable the "{ACCRUAL_TASK}" scheduled task for {company} {_PROCESS_SERVER}, or set runs_by of '
            "the connection to vendor: two programs must not write the same balances."
        )
    return Check(name, False, seen, remedy)


def _seen_of(tasks: list[ScheduledTask], company: str) -> str:
    if not tasks:
        return "there is no such task"
    said = []
    for one in tasks:
        state = "enabled" if one.enabled else "disabled"
        often = f", every {one.every_minutes} minutes" if one.every_minutes else ""
        last = f", last run at {one.last_run_at}" if one.last_run_at else ""
        whose = ", ".join(one.companies) or "no company"
        said.append(f"{state} for {whose}{often}{last}")
    return "; ".join(said) + ("" if any(company in one.companies for one in tasks) else f" (not {company})")


def _schedule(flow: AccrualSync) -> Check:
    """Whether something starts runs by itself."""
    name = "a schedule looks for what moved"
    for row in flow.ledger.connections.schedules(*flow.connection_key):
        if row["flow"] == flow.name and row["enabled"]:
            every = row.get("every_minutes")
            often = f"every {every} minutes" if every else f"at {row['time']}"
            return Check(name, True, f"{often}, {row['time_zone']}")
    remedy = (
        f"Set one (PUT /connections/{flow.connection_id}/schedules/{flow.name}), such as every 30 minutes on "
        "weekdays. Without it balances go when somebody starts a run."
    )
    return Check(name, None, "none is set, or it is not enabled", remedy)


# --- the rules of TimeWorksPlus ---------------------------------------------------------------------------


def _rules(flow: AccrualSync, rules: Rules) -> Iterator[Check]:
    is_millenniums = flow.system_of_record == "millennium"
    yield _up(rules, is_millenniums=is_millenniums)
    name = "PunchCategories lists the categories"
    if rules.punch is None:
        remedy = f"Add the rule PunchCategories with the categories in TimeWorksPlus: {PUNCH}."
        yield Check(name, False, "TimeWorksPlus has no such rule", remedy)
    else:
        yield Check(name, bool(rules.punch.categories), ", ".join(rules.punch.categories) or "none")
    yield _down(rules, is_millenniums=is_millenniums)


def _up(rules: Rules, *, is_millenniums: bool) -> Check:
    """Only one side calculates: the script is empty with Millennium as record, and is there without."""
    name = "AccrueUpScript lists the categories, and holds no script"
    if not is_millenniums:
        name = "AccrueUpScript lists the categories, and holds the script that accrues"
    if rules.up is None or not rules.up.categories:
        seen = "TimeWorksPlus has no such rule" if rules.up is None else "it lists no category"
        remedy = (
            "Enter the Descriptions of the accrual codes of Millennium in the category list of the rule in "
            f"TimeWorksPlus: {UP}."
        )
        return Check(name, False, seen, remedy)
    script, listed = bool((rules.up.script or "").strip()), ", ".join(rules.up.categories)
    if script is not is_millenniums:
        return Check(name, True, f"{listed}; {'with' if script else 'without'} a script")
    if is_millenniums:
        remedy = (
            f"Remove the script in TimeWorksPlus ({UP}), and leave the list: Millennium calculates, and two "
            "must not. You don't need to enter any scripts in this rule."
        )
        return Check(name, False, f"{listed}; with a script, so that TimeWorksPlus accrues too", remedy)
    remedy = (
        f"Enter the script that accrues in TimeWorksPlus ({UP}); or, if Millennium calculates, set "
        "system_of_record of the connection to millennium."
    )
    return Check(name, False, f"{listed}; without a script, so that nothing accrues", remedy)


def _down(rules: Rules, *, is_millenniums: bool) -> Check:
    name = "an AccrueDownScript takes off the hours used"
    if rules.down and (rules.down.script or "").strip():
        return Check(name, True, f"for {', '.join(rules.down.categories) or 'no category'}")
    seen = "it holds no script" if rules.down else "TimeWorksPlus has no such rule"
    remedy = f"Add an AccrueDownScript for decrementing the accrual balances in TimeWorksPlus: {DOWN}."
    return Check(name, False if is_millenniums else None, seen, remedy)
