"""How things look: times, counts, a run, a record, a request, the estimate of a replay in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .api import Json
from .screen import Pairs, Table, facts

MOST_CHANGES = 40
# Shown of each reason, where many records have it.
EXAMPLES = 3
FAILING = ("failed", "blocked")
WRITES = ("created", "updated")


def moment(text: str | None) -> str:
    """A time of the API, to the second and still in UTC."""
    return "-" if text is None else f"{text[:10]} {text[11:19]}Z"


def counted(counts: Json) -> str:
    """The counts that are not zero."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing looked at"


def planned(run: Json) -> bool:
    """Whether its counts are a plan, of which nothing was written: a preview, or a held run."""
    return bool(run["mode"] == "preview" or run["status"] == "held")


def counts_of(run: Json) -> str:
    """The counts of a run; of a plan, what would be."""
    if not planned(run):
        return counted(run["counts"])
    return counted({f"would be {name}" if name in WRITES else name: n for name, n in run["counts"].items()})


def reasons_of(run: Json) -> str | None:
    """The most frequent reasons of its records, once it has ended."""
    found = run.get("reasons", [])
    told = [f"{one['count']} {one['code']} ({one['outcome']})" for one in found[:EXAMPLES]]
    rest = sum(one["count"] for one in found[EXAMPLES:])
    return ", ".join([*told, *([f"{rest} with others"] if rest else [])]) or None


def calls_of(run: Json) -> str | None:
    """How many calls it made to which system, beside those that were forecast, how many of them were refused
    or made again, and how long it waited."""
    return "; ".join(_called(system, calls) for system, calls in run.get("calls", {}).items()) or None


def _called(system: str, calls: Json) -> str:
    told = calls.get("forecast")
    forecast = f" ({told} forecast)" if told not in (None, calls["made"]) else ""
    refused = f", {calls['refused']} refused" if calls["refused"] else ""
    again = f", {calls['retried']} made again" if calls.get("retried") else ""
    waited = f", {calls['waited_s']} s waited" if calls["waited_s"] else ""
    return f"{calls['made']} to {system}{forecast}{refused}{again}{waited}"


def more(found: Json, limit: int) -> list[str | Table]:
    """That a list has more than was asked for."""
    return [f"There are more: --limit {limit * 2}"] if found["next_cursor"] else []


def request_of(found: Json) -> str | None:
    """The request that went wrong, without what was in it."""
    request = found.get("request")
    if request is None:
        return None
    answer = "not answered" if request["status"] is None else f"answered {request['status']}"
    code = f" ({request['code']})" if request["code"] not in (None, "", str(request["status"])) else ""
    return f"{request['system']} {request['method']} {request['path']} {answer}{code}"


def why(found: Json, reason: Json | None) -> Pairs:
    """The reason of a run or a record: what, which request, and what to do."""
    request = ("request", request_of(found))
    if reason is None:
        return [request]
    return [("why", reason["message"]), request, ("remedy", reason["remedy"])]


def stands(run: Json) -> str:
    """The status of a run, and what it waits for, or that it had died."""
    if waits := run.get("waits"):
        return f"{run['status']}: {waits['message']}"
    return f"{run['status']} (it had died)" if _had_died(run) else str(run["status"])


def _had_died(run: Json) -> bool:
    """Whether a run died of which its error tells something else."""
    return bool(run.get("died")) and run["error"] != run["died"]


def run_parts(run: Json) -> list[str | Table]:
    """All about one run."""
    estimate = run.get("estimate")
    asked = f"{run['mode']}, {run['trigger']}, by {run['requested_by']}"
    about: Pairs = [
        ("status", run["status"].upper()),
        ("flow", f"{run['flow']} ({asked})"),
        ("connection", run["connection_id"]),
        ("replays", run["replay_of"]),
        ("plan of", run["plan_of"]),
        ("applied by", run.get("applied_by")),
        ("queued", moment(run["queued_at"])),
        ("started", moment(run["started_at"])),
        ("finished", moment(run["finished_at"])),
        *_alive(run),
        ("progress", f"{run['progress']['done']} / {run['progress']['total']}"),
        ("compared", _compared(run)),
        ("counts", counts_of(run)),
        ("reasons", reasons_of(run)),
        ("calls", calls_of(run)),
        ("estimate", estimate and estimated(estimate)),
    ]
    return [run["run_id"], facts([*about, *_error(run), *_held(run), *_alike(run)], by=2)]


def _compared(run: Json) -> str | None:
    """What a run has read: everything, or what moved; and what it found otherwise than was known."""
    if not run.get("compared"):
        return None
    if run["compared"] != "all":
        return "what moved since the last time"
    drift = run.get("drift")
    return f"everything; {drift} otherwise than was known" if drift else "everything"


def _alike(run: Json) -> Pairs:
    """Other runs that were held for the same cause, and what became of them."""
    return [
        (
            "held, too" if not number else "",
            f"{one['run_id']} of {moment(one['queued_at'])}, by {one['requested_by']}: "
            + (f"applied by {one['applied_by']}" if one.get("applied_by") else "not applied"),
        )
        for number, one in enumerate(run.get("same_cause", ()))
    ]


def alive(run: Json) -> str | None:
    """When a run in progress last gave a sign of life, where the API says so."""
    at = run.get("last_sign_of_life_at")
    return moment(at) if at and run["finished_at"] is None else None


def ended(run: Json) -> list[str | Table]:
    """How a run came out, in short."""
    head = f"{run['run_id']}  {run['mode']}  {run['status'].upper()}: {counts_of(run)}"
    error = _error(run) if run["error"] is not None else []
    return [head, facts([*error, *_held(run)], by=2)]


def failing_parts(records: Iterable[Json], by: int = 0) -> list[str | Table]:
    """Records with why they failed or are blocked, and what to do."""
    parts: list[str | Table] = []
    for record in records:
        parts += [" " * by + head(record), facts(why(record, record["reason"]), by=by + 4)]
    return parts


def grouped_parts(
    counts: Json, records: Sequence[Json], whole: bool, few: int = EXAMPLES
) -> list[str | Table]:
    """By reason: how many have it, and some of them; what they all say alike is said once."""
    parts: list[str | Table] = []
    for code, count in counts.items():
        ours = [record for record in records if code_of(record) == code]
        shown = ours[: len(ours) if whole else few]
        parts += ["", f"{count:>6}  {code}"]
        once = len(shown) > 1 and len({str(why(one, one["reason"])) for one in shown}) == 1
        for number, record in enumerate(shown):
            said = [] if once and number else why(record, record["reason"])
            parts.append("        " + head(record))
            parts += [facts(said, by=12)] if said else []
        if count > len(shown):
            parts.append(f"        and {count - len(shown)} more: --reason {code}")
    return parts


def code_of(record: Json) -> str:
    """The code of a record's reason."""
    return record["reason"]["code"] if record["reason"] else "(no reason)"


def planned_parts(records: Iterable[Json]) -> list[str | Table]:
    """Records of a plan, one a line with what would change."""
    parts: list[str | Table] = []
    for record in records:
        changes = [changed(one) for one in record["changes"]]
        withheld = record.get("withheld")
        said = changes or [str(withheld["changes"]) if withheld else "(no fields are told)"]
        parts.append(f"  {record['record_id']}  {record['label']}  would be {record['outcome']}")
        parts += [f"      {line}" for line in said[:EXAMPLES]]
        if len(said) > EXAMPLES:
            parts.append(f"      and {len(said) - EXAMPLES} more fields")
    return parts


def record_parts(record: Json, *, plan: bool = False) -> list[str | Table]:
    """All about one record; of a `plan`, what would become of it."""
    parts: list[str | Table] = [head(record, plan=plan)]
    parts.append(facts([("attempts", record["attempts"]), *why(record, record["reason"])], by=2))
    changes = record["changes"]
    if changes:
        parts.append("  changes")
    parts += [f"    {changed(one)}" for one in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        parts.append(f"    … and {len(changes) - MOST_CHANGES} more fields")
    if withheld := record.get("withheld"):
        parts.append(f"  changes  {withheld['changes']}. {withheld['why']}")
    return parts


def estimated(estimate: Json) -> str:
    """What a replay would do, in words."""
    right, writes, refused = estimate["already_right"], estimate["would_write"], estimate["refused"]
    parts = []
    if right:
        parts.append(f"{right} {_is(right)} right already")
    parts.append(f"{writes} would be written" if writes else "nothing would be written")
    if refused:
        parts.append(f"{refused} would overwrite something newer and {_is(refused)} refused")
    calls = estimate["calls"]
    return f"{', '.join(parts)}; about {calls} {'call' if calls == 1 else 'calls'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _alive(run: Json) -> Pairs:
    """What only a run in progress shows: its last sign of life, and what it waits for."""
    seen, waits = run.get("last_sign_of_life_at"), run.get("waits")
    return [("alive", seen and f"last sign of life {moment(seen)}"), ("waits", waits and waits["message"])]


def _error(run: Json) -> Pairs:
    error = run["error"]
    died = run["died"]["message"] if _had_died(run) else None
    return [("error", error and error["code"]), *why(run, error), ("died", died)]


def _held(run: Json) -> Pairs:
    held = run["held"]
    return [] if held is None else [("held", held["message"]), ("remedy", held["remedy"])]


def head(record: Json, *, plan: bool = False) -> str:
    """One line for a record: which one, how it came out, and the code of its reason."""
    code = f"  {record['reason']['code']}" if record["reason"] else ""
    would = "WOULD BE " if plan and record["outcome"] in WRITES else ""
    return f"{record['record_id']}  {record['label']}  {would}{record['outcome'].upper()}{code}"


def changed(change: Json) -> str:
    """One change of a field."""
    return f"{change['field']}: {_value(change['old'])} → {_value(change['new'])}"


def _value(found: object) -> str:
    """A value of a field; a blank one is seen."""
    return "(blank)" if found in (None, "") else str(found)
