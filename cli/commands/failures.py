"""What failed and why: over all connections, in a run, in a record, and in what was logged."""

from __future__ import annotations

import json
from collections import Counter

import click

from cli.after import after, right
from cli.api import Api, Json
from cli.command_line import Section, flow_option, limit_option, run_argument, since
from cli.errors import NOT_RIGHT, OK, ToolError
from cli.screen import Screen, problem
from cli.show import (
    FAILING,
    WRITES,
    code_of,
    failing_parts,
    grouped_parts,
    moment,
    more,
    planned,
    planned_parts,
    record_parts,
    run_parts,
)

from .runs import RUN

# So many failing records are read to be counted by reason.
MOST_COUNTED = 2000
# What was written, but for a part of it.
IN_PART = "WRITTEN_IN_PART"
CALL, NO_ANSWER, REFUSED = "call", 0, 400
IDS = ("request_id",)
reason_option = click.option(
    "--reason", metavar="CODE", help="For this reason only, such as REQUIRED_FIELD_MISSING."
)

section = Section("What failed, and why")


@section.command("", "--since 24h --flow employee_export", "--reason REQUIRED_FIELD_MISSING")
@reason_option
@flow_option
@click.option(
    "--since",
    metavar="T",
    type=since,
    help="Of runs that ended since: 90m, 24h, 7d ago, or 2026-11-22T06:00:00Z.",
)
@click.option(
    "--open/--ever",
    "still",
    default=True,
    show_default=False,
    help="What is still wrong, each once, with the run that saw it last; or what each run ever told.",
)
@limit_option(50, "failures")
def failures(
    api: Api,
    screen: Screen,
    reason: str | None,
    flow: str | None,
    since: str | None,
    still: bool,
    limit: int,
) -> int:
    """List what failed or is blocked over all connections, counted by reason, newest first.

    What a later run wrote or found right is not listed any more, and nobody counts twice; --ever lists the
    history. Ends with 3 if anything is wrong still.
    """
    asked = {} if still else {"open": "false"}
    found = api.listing("/failures", reason=reason, flow=flow, since=since, limit=limit, **asked)
    screen.give(found)
    if not found["items"]:
        screen.say("Nothing failed, and nothing is blocked.")
        return OK
    screen.say(*(f"{group['count']:>6}  {group['code']}" for group in found["groups"]))
    if not found["groups_complete"]:
        screen.say("There are so many that only the newest were counted.")
    last = None
    for failure in found["items"]:
        run_id = failure["run_id"]
        if run_id != last:
            at = moment(failure["at"])
            screen.say("", f"{at}  {run_id}  {failure['flow']}  {failure['connection_id']}")
        screen.say(*failing_parts([failure], by=2))
        last = run_id
    if found["next_cursor"]:
        screen.say("", *more(found, limit))
    first = found["items"][0]
    screen.next(
        ["show", first["run_id"], first["record_id"]],
        ["replay", first["run_id"], "# once their remedies are done"],
    )
    return NOT_RIGHT if still else OK


@section.command(RUN, f"{RUN} employee:1042", f"{RUN} --reason REQUIRED_FIELD_MISSING")
@run_argument
@click.argument("record", required=False, help="A record's id, such as employee:1042.")
@reason_option
@limit_option(50, "records of a reason, or of a plan,")
def show(api: Api, screen: Screen, run_id: str, record: str | None, reason: str | None, limit: int) -> int:
    """Show a run and what failed in it by reason, or one record of it: changes, request and remedy.

    Of each reason three records are shown; with --reason all that have it. Of a preview, or a run that the
    brake holds, those come first that would be written. With --json, a run has its failing records beside it
    as `failing`. Ends with 3 if the run, or the record, is not right.
    """
    run = api.get("/runs/{}", run_id)
    if record:
        return _show_record(api, screen, run, record)
    plan: list[Json] = []
    if planned(run) and not reason:
        for outcome in WRITES:
            if run["counts"][outcome]:
                plan += api.listing("/runs/{}/records", run_id, outcome=outcome, limit=limit)["items"]
    counts, failing, whole = _failing(api, run, reason)
    screen.give({**run, "failing": failing[:limit], **({"planned": plan[:limit]} if plan else {})})
    screen.say(*run_parts(run))
    if plan:
        would = sum(run["counts"][outcome] for outcome in WRITES)
        screen.say("", "What would be written:", *planned_parts(plan[:limit]))
        screen.say(*([f"  and {would - limit} more: --limit {would}"] if would > limit else []))
    screen.say(*grouped_parts(counts, failing[:limit] if reason else failing, bool(reason)))
    if not whole:
        screen.say(f"There are so many that only {MOST_COUNTED} were counted.")
    if reason and not failing:
        screen.say(f"No record of this run failed or is blocked for {reason}.")
    elif reason:
        screen.next(["replay", run["run_id"], "--reason", reason, "# once its remedy is done"])
        return NOT_RIGHT
    screen.next(*after(run, failing, shown=True))
    return OK if right(run) else NOT_RIGHT


def _failing(api: Api, run: Json, reason: str | None) -> tuple[Json, list[Json], bool]:
    """How many records failed or are blocked by reason, most first; these; and whether they are all."""
    found: list[Json] = []
    outcomes: list[Json] = [{"outcome": one, "reason": reason} for one in FAILING if run["counts"][one]]
    if not outcomes and run["status"] == "partial":
        outcomes = [{"reason": reason or IN_PART}]
    for asked in outcomes:
        for record in api.items("/runs/{}/records", run["run_id"], **asked):
            found.append(record)
            if len(found) == MOST_COUNTED:
                return dict(Counter(map(code_of, found)).most_common()), found, False
    return dict(Counter(map(code_of, found)).most_common()), found, True


def _show_record(api: Api, screen: Screen, run: Json, record_id: str) -> int:
    record = _find(api, run, record_id)
    screen.give(record)
    screen.say(f"{run['run_id']}  {run['flow']}  {run['mode']}  {run['status'].upper()}")
    screen.say(*record_parts(record, plan=planned(run)))
    check = ["diagnose", run["connection_id"], record["key"], "--flow", run["flow"]]
    look = [["logs", run["run_id"], record_id], check, ["history", run["connection_id"], record_id]]
    failing = record["outcome"] in FAILING
    if failing and run["finished_at"] is not None and not planned(run):
        look.append(["replay", run["run_id"], record_id, "# once its remedy is done"])
    screen.next(*look)
    return NOT_RIGHT if failing else OK


def _find(api: Api, run: Json, record_id: str) -> Json:
    """The record, looked for where one is mostly looked for: among those that failed, then among all."""
    outcomes = [outcome for outcome in FAILING if run["counts"][outcome]]
    for outcome in (*outcomes, None):
        for record in api.items("/runs/{}/records", run["run_id"], outcome=outcome):
            if record["record_id"] == record_id:
                return record
    raise ToolError(
        f"{run['run_id']} has no record {record_id}. Ids are like employee:1042; "
        "a record that was left unchanged is counted, and not kept"
    )


@section.command(RUN, f"{RUN} employee:1042 --limit 200", f"{RUN} --calls")
@run_argument
@click.argument("record", required=False, help="What concerns this record only, such as employee:1042.")
@click.option(
    "--calls", is_flag=True, help="Only calls to a system that failed, or got no answer (status 0)."
)
@click.option("--looking", is_flag=True, help="Also who looked at the run through the API since.")
@limit_option(1000, "lines")
def logs(
    api: Api, screen: Screen, run_id: str, record: str | None, calls: bool, looking: bool, limit: int
) -> int:
    """Show what a run's steps logged, oldest first, with every call to a system.

    Of a record these are its own lines, and those of the batch in which it was written, or of the page in
    which it was planned. Looking at a run leaves lines, too: they are left out. A large log is searched for a
    while; meanwhile that is said on standard error.
    """
    asked: dict[str, str | None] = {"record": record, "looking": "true" if looking else None}
    found = api.searched("/runs/{}/logs", run_id, limit=limit, query=asked, searching=_searching)
    if calls:
        found["items"] = [line for line in found["items"] if _failed_call(line)]
    screen.give(found)
    screen.say(*map(_log_line, sorted(found["items"], key=lambda line: str(line["at"]))))
    if record and not found["items"] and not calls:
        _find(api, api.get("/runs/{}", run_id), record)
    if not found["items"]:
        screen.say("No call failed." if calls else "There are no such log lines.")
    screen.say(*more(found, limit))
    return OK


def _searching(count: int) -> None:
    problem(f"still searching the log; {count} lines so far")


def _failed_call(line: Json) -> bool:
    status = line["fields"].get("http_status")
    return line["message"] == CALL and (
        status == NO_ANSWER or (isinstance(status, int) and status >= REFUSED)
    )


def _log_line(line: Json) -> str:
    # What was called and how it came out come before the long ids that only tell one call from another.
    named = sorted(line["fields"].items(), key=lambda field: field[0] in IDS)
    fields = " ".join(f"{name}={_plain(value)}" for name, value in named)
    at = f"{line['at'][:10]} {line['at'][11:]}"
    return "  ".join([at, f"{line['level']:<7}", line["function"], line["message"], fields]).rstrip()


def _plain(value: object) -> str:
    """A field's value: a text as it is if it is one word, everything else as JSON."""
    if isinstance(value, str) and value and not any(letter.isspace() for letter in value):
        return value
    return json.dumps(value, ensure_ascii=False)
