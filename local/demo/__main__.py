"""`python -m local.demo`: the whole product in one go, on a stack that is thrown away."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from local.demo import accruals, documents, journal, leave, payroll, reports
from local.demo.client import (
    Api,
    DemoFailedError,
    Json,
    Outside,
    chapter,
    must,
    say,
    show_changes,
    show_checks,
    show_reasons,
    show_run,
)
from local.demo.invoices import (
    LABELS,
    Books,
    auto_sync_until_a_crash,
    end_auto_sync,
    links,
    queue_and_sync,
)
from local.demo.telling import Telling, side_by_side
from local.stack.errors import StackError
from local.stack.stack import THROW_AWAY, Stack, running_stack
from local.stack.users import USERS
from payrelay.domain.schedules import next_runs, schedule_of

FLOW = "employee_export"
OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True)
class Scene:
    """The people and things of the story."""

    admin: Api
    stranger: Api
    simployer: Outside
    xledger: Outside
    connection: str
    books: tuple[Books, ...]
    acme: leave.Acme
    delft: reports.Delft
    hours: accruals.Pair
    stack: Stack

    @classmethod
    def of(cls, stack: Stack) -> "Scene":
        """From what `stack.json` tells every client."""
        facts = stack.facts
        return cls(
            Api(facts["api_url"], facts["tokens"]["admin"]),
            Api(facts["api_url"], facts["tokens"]["other_tenant_admin"]),
            Outside(facts["sandboxes"]["simployer"]),
            Outside(facts["sandboxes"]["xledger"]),
            facts["connections"]["simployer_xledger"],
            tuple(Books.of(facts, package) for package in LABELS),
            leave.Acme.of(facts),
            reports.Delft.of(facts),
            accruals.Pair.of(facts),
            stack,
        )

    def run(self, flow: str = FLOW, mode: str = "sync", **options: Any) -> Json:
        """One run, shown in a line."""
        run = self.admin.run(self.connection, flow, mode, **options)
        show_run(run)
        return run


def first_sync(scene: Scene) -> None:
    """250 people, most of them in Xledger already."""
    connection = scene.admin.call("GET", f"/connections/{scene.connection}")
    reached = " and ".join(f"{name} ({system})" for system, name in connection["organisations"].items())
    say(f"   {connection['name']} is {connection['status']}: {reached}")
    run = scene.run()
    must(run["counts"]["created"] > 0, "the first sync created nobody")
    say("   Everyone who was not written, and why (three of each):")
    for outcome in ("blocked", "skipped"):
        show_reasons(scene.admin.records(run, outcome=outcome)[:3])


def second_sync(scene: Scene) -> None:
    """Nothing changed, so nothing is written."""
    scene.xledger.forget()
    run = scene.run()
    must(run["counts"]["created"] + run["counts"]["updated"] == 0, "an unchanged employee was written")
    must(scene.xledger.writes() == 0, "Xledger saw a write")
    say("   Xledger saw no writing call at all.")


def edits_on_both_sides(scene: Scene) -> None:
    """Simployer is the source, so it wins on the integration data fields, and only there."""
    scene.simployer.edit("employee", lambda row: row.get("employeeNumber") == "1001", title="Head of Payroll")
    scene.xledger.edit("employees", lambda row: row["code"] == "1002", email="typed.by.hand@nordlys.example")
    say("   In Simployer: employee 1001 has a new title. In Xledger: somebody typed over 1002's e-mail.")
    run = scene.run()
    records = {record["key"]: record for record in scene.admin.records(run, outcome="updated")}
    must({"1001", "1002"} <= records.keys(), "an edit was not seen")
    for key in ("1001", "1002"):
        say(f"   {records[key]['label']}: updated")
        show_changes(records[key])


def preview_and_apply(scene: Scene) -> None:
    """What preview shows is what apply writes; what moved meanwhile is left alone."""
    scene.simployer.edit(
        "employee", lambda row: row.get("employeeNumber") == "1003", privatePhone="+4790000003"
    )
    scene.simployer.edit(
        "employee", lambda row: row.get("employeeNumber") == "1004", privatePhone="+4790000004"
    )
    scene.xledger.forget()
    preview = scene.run(mode="preview")
    for record in scene.admin.records(preview, outcome="updated"):
        say(f"   would update {record['label']}")
        show_changes(record)
    must(scene.xledger.writes() == 0, "the preview wrote")
    contact = next(row for row in scene.xledger.state()["contacts"] if row.get("code") == "1004")
    scene.xledger.edit("contacts", lambda row: row["dbId"] == contact["dbId"], phone="+4711111111")
    say("   Before it is applied, somebody changes 1004's phone in Xledger.")
    applied = scene.admin.follow(scene.admin.call("POST", f"/runs/{preview['run_id']}/apply"))
    show_run(applied)
    moved = scene.admin.records(applied, outcome="blocked")
    show_reasons(moved)
    must([record["key"] for record in moved] == ["1004"], "the moved record was not left alone")


def brake(scene: Scene) -> None:
    """A run that would end half the staff stops before its first write."""
    before = scene.simployer.state()
    state = scene.simployer.state()
    last_day = f"{date.today() + timedelta(days=30)}T00:00:00.000Z"  # noqa: DTZ011
    for row in state["employee"][::2]:
        row["endDate"] = last_day
    scene.simployer.put(state)
    say("   An import in Simployer goes wrong: every second employee gets a leaving date.")
    scene.xledger.forget()
    run = scene.run()
    must(run["status"] == "held" and scene.xledger.writes() == 0, "the brake did not hold the run")
    say(f"        {run['held']['message']}")
    say(f"        {run['held']['remedy']}")
    scene.simployer.put(before)
    say("   The import is undone; nothing had been written.")


def blocked_and_cured(scene: Scene) -> None:
    """A blocked employee says why; once it is mended, a replay takes just that one."""
    run = scene.run()
    blocked = [r for r in scene.admin.records(run, outcome="blocked") if r["key"] == "1233"]
    must(len(blocked) == 1, "employee 1233 should be blocked")
    show_reasons(blocked)
    checks = scene.admin.call(
        "GET", f"/connections/{scene.connection}/diagnosis?flow={FLOW}&entity=employee&key=1233"
    )["checks"]
    say("   The diagnosis of employee 1233, live on both systems:")
    show_checks(checks)
    state = scene.xledger.state()
    model = next(row for row in state["objectValues"] if row["code"])
    state["objectValues"].append({**model, "dbId": "990990", "code": "990", "description": "New projects"})
    scene.xledger.put(state)
    say("   Cost centre 990 is created in Xledger, and the record replayed.")
    replay = scene.admin.call("POST", f"/runs/{run['run_id']}/replay", {"records": ["employee:1233"]})
    cured = scene.admin.follow(replay)
    show_run(cured)
    must(
        cured["counts"]["created"] == 1 and cured["replay_of"] == run["run_id"], "the replay did not cure it"
    )


def audit_trail(scene: Scene) -> None:
    """Every field that was ever written."""
    path = f"/connections/{scene.connection}/history?entity=employee&key=1001"
    for entry in scene.admin.call("GET", path)["items"]:
        say(f"   {entry['at']}  {entry['outcome']} by {entry['run_id']} ({entry['requested_by']})")
        show_changes(entry, most=3)


def time_off(scene: Scene) -> None:
    """February's absences; the second time there is nothing to do."""
    period = {"from": "2026-02-01", "to": "2026-02-28"}
    run = scene.run("time_off_export", **period)
    cut = [r for r in scene.admin.records(run) if r["reason"] and r["reason"]["code"] == "CUT_TO_PERIOD"]
    for record in cut[:2]:
        say(f"   {record['label']}: {record['reason']['message']}")
    scene.xledger.forget()
    again = scene.run("time_off_export", **period)
    must(again["counts"]["created"] == 0 and scene.xledger.writes() == 0, "an absence was written twice")


def schedule(scene: Scene) -> None:
    """06:00 in Oslo is 06:00 in Oslo, in winter and in summer."""
    asked: Json = {
        "days": ["SAT", "SUN", "MON"],
        "time": "06:00",
        "time_zone": "Europe/Oslo",
        "enabled": True,
    }
    stored = scene.admin.call("PUT", f"/connections/{scene.connection}/schedules/{FLOW}", asked)
    say(f"   {', '.join(asked['days'])} at {asked['time']} {asked['time_zone']}")
    say(f"   next run: {stored['next_run_at']}")
    change = _next_clock_change(datetime.now(UTC))
    say(f"   Over the clock change of {change.astimezone(OSLO):%d %B %Y}:")
    around = next_runs(schedule_of(stored), change - timedelta(days=2), 3)
    for moment in around:
        say(f"        {moment.astimezone(OSLO):%a %d %b %H:%M} in Oslo = {moment.astimezone(UTC):%H:%M} UTC")
    must({moment.astimezone(OSLO).hour for moment in around} == {6}, "a run left its local time")


def _next_clock_change(after: datetime) -> datetime:
    moment = after.replace(minute=0, second=0, microsecond=0)
    while moment.astimezone(OSLO).utcoffset() == (moment + timedelta(hours=1)).astimezone(OSLO).utcoffset():
        moment += timedelta(hours=1)
    return moment + timedelta(hours=1)


def another_tenant(scene: Scene) -> None:
    """Whatever id it sends, another tenant sees nothing."""
    seen = scene.stranger.call("GET", "/connections")["items"]
    refused = scene.stranger.call("GET", f"/connections/{scene.connection}", expect=4)
    say(f"   its connections: {seen};  ours: {refused['status']} {refused['code']}")
    must(seen == [] and refused["status"] == 404, "another tenant saw something")


def invoice_queue(scene: Scene) -> None:
    """The list of each package, its first five, and what a person does about the others."""
    for books in scene.books:
        say(f"   AutoVu to {books.label}")
        queue_and_sync(books)
        links(books)


def auto_sync(scene: Scene) -> None:
    """Sixty documents each, five at a time; an answer gets lost on the way, and a function dies."""
    say("   Sixty invoices wait for each package; early on, one answer is lost after the write.")
    auto_sync_until_a_crash(scene.books, lambda: scene.stack.crash("InvoiceSyncApplyPage"))


def auto_sync_ended(scene: Scene) -> None:
    """Nothing is lost, and nothing is there twice."""
    end_auto_sync(scene.books)


def leave_login(scene: Scene) -> None:
    """An administrator logs in to Express Leave."""
    leave.login_and_balances(scene.acme)


def leave_causes(scene: Scene) -> None:
    """Everybody, and then one employee for each cause."""
    leave.everybody(scene.acme)
    leave.causes(scene.acme)
    leave.overtyped(scene.acme)


def leave_connection(scene: Scene) -> None:
    """Nobody is right while Express Leave is not connected."""
    leave.not_connected(scene.acme)


def leave_refresh(scene: Scene) -> None:
    """One person's own balances."""
    leave.own_balances(scene.acme)


def payroll_people(scene: Scene) -> None:
    """Payroll's morning, before anybody is paid."""
    payroll.hire_and_leaver(scene.delft)


def payroll_requests(scene: Scene) -> None:
    """What was realised goes to payroll, and is processed."""
    payroll.requests(scene.delft)


def payroll_taken_back(scene: Scene) -> None:
    """A request that is opened again counts no more."""
    payroll.overtime_taken_back(scene.delft)


def payroll_documents(scene: Scene) -> None:
    """What five hundred people want after a pay run."""
    documents.slips_and_statements(scene.delft)


def payroll_journal(scene: Scene) -> None:
    """What the controller wants after a pay run."""
    journal.entries_and_a_blank_journal(scene.delft)


def report_pull(scene: Scene) -> None:
    """Saturday morning, early."""
    reports.pull_and_read(scene.delft)


def report_correction(scene: Scene) -> None:
    """What payroll corrects later replaces, and what was there stays."""
    reports.correction(scene.delft)


def report_replay(scene: Scene) -> None:
    """The engineer on call, with the tool alone."""
    reports.replay(scene.delft)


def accruals_to_the_clock(scene: Scene) -> None:
    """Payroll says what everybody has left."""
    accruals.to_the_clock(scene.hours.acme)


def accruals_opened_again(scene: Scene) -> None:
    """What people do about the balances that waited."""
    accruals.opened_again(scene.hours.acme)


def accruals_to_payroll(scene: Scene) -> None:
    """The other way, at another company."""
    accruals.to_payroll(scene.hours.beta)


def accruals_renamed(scene: Scene) -> None:
    """Somebody renames a category."""
    accruals.renamed(scene.hours.beta)


CHAPTERS = (
    ("First sync: 250 employees of Simployer One, compared with Xledger", first_sync),
    ("Second sync: nothing has changed", second_sync),
    ("An edit on each side: the source wins, field by field", edits_on_both_sides),
    ("A preview, looked at and then applied", preview_and_apply),
    ("The brake: a run that would end half the staff", brake),
    ("A blocked employee: why, the cure, and a replay", blocked_and_cured),
    ("The audit trail of employee 1001", audit_trail),
    ("Time off: the absences of February", time_off),
    ("A schedule over a daylight-saving change", schedule),
    ("Leave balances: an administrator logs in to Express Leave", leave_login),
    ("Why a balance is not right: every cause, its cure, and the next login", leave_causes),
    ("Express Leave is not connected: nobody's balance is right", leave_connection),
    ("An employee refreshes their own balances", leave_refresh),
    ("Invoices: the queue, Sync, and what a person does about the rest", invoice_queue),
    ("Auto Sync: sixty invoices to each package, a lost answer, and a crash", auto_sync),
    ("Payroll reports: the pull of the weekend, and who may read one", report_pull),
    ("A late correction of an old period", report_correction),
    ("The engineer on call: what failed, why, and a replay that tells first what it would do", report_replay),
    ("From HR to payroll: a hire becomes a concept and then an employee; a leaver", payroll_people),
    (
        "Requests: a raise that ends the wage before it, a sick week over a period's edge",
        payroll_requests,
    ),
    ("Overtime that is opened again", payroll_taken_back),
    ("Pay slips and statements: a missing setting, somebody unknown, a wrong content", payroll_documents),
    ("The journal in Exact Globe Next: each entry once, a blank journal, a lost answer", payroll_journal),
    ("Accruals of Millennium at the time clock: a correction, two Sick codes", accruals_to_the_clock),
    ("A finalized pay period that is opened again", accruals_opened_again),
    ("Accruals of TimeWorksPlus in payroll: those of the open batch", accruals_to_payroll),
    ("A category gets another name", accruals_renamed),
    ("Auto Sync, to its end", auto_sync_ended),
    ("The login of another tenant", another_tenant),
)
# With each of these begins a story of other systems; all stories go on side by side.
BEGINNINGS = (leave_login, invoice_queue, report_pull, accruals_to_the_clock)
# This one waits for the others, and so do those after it.
LAST = auto_sync_ended


CONSOLE = f"""
That stack is gone again. To click through all of this in the console:

   make up

It prints the console's address and the password of its people. Sign in as {USERS[0].name}, and begin with
Invoices: choose a package, look at the queue, and press Sync. Then look at the run, and at Leave."""


def tell_all(scene: Scene) -> None:
    """Every chapter, one after the other."""
    tells: list[Callable[[Scene], None]] = [tell for _, tell in CHAPTERS]
    begins = [0, *(tells.index(tell) for tell in (*BEGINNINGS, LAST))]
    happening = [Telling(partial(tell, scene)) for tell in tells[: begins[-1]]]
    side_by_side([happening[first:after] for first, after in pairwise(begins)])
    for number, (title, tell) in enumerate(CHAPTERS):
        chapter(number + 1, title)
        if number < len(happening):
            happening[number].tell()
        else:
            tell(scene)


def main() -> int:
    """Tell the story; 0 when everything was seen that it promises, 1 with the reason when not."""
    argparse.ArgumentParser(prog="make demo", description=__doc__).parse_args()
    began = time.monotonic()
    say("Starting the stack of template.yaml and the outside systems on this machine …")
    try:
        # The vendors' limits on calls are off, so that the story is short.
        plan = replace(THROW_AWAY, rate_limits=False)
        with running_stack(plan=plan, say=lambda text: say(f"   {text}")) as stack:
            say("   Five stories of different systems go on side by side; they are told one by one.")
            tell_all(Scene.of(stack))
    except (DemoFailedError, StackError) as error:
        say(f"\nThe demo failed: {error}")
        return 1
    say(f"\nAll of it ran on this machine, in {time.monotonic() - began:.0f} seconds.")
    say(CONSOLE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
