"""What an engineer reads: runs, failures, records, connections, checks, logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.answers import (
    ESTIMATE,
    REQUEST,
    WHY,
    Json,
    a_log_line,
    a_run,
    blocked,
    example,
    had_died,
    in_progress,
    page,
    updated,
    waiting,
)
from tests.cli.conftest import Tool

RUN = a_run()["run_id"]
CONNECTION = a_run()["connection_id"]
RUNS = f"/runs/{RUN}"
RECORDS = f"{RUNS}/records"
DIAGNOSIS = f"/connections/{CONNECTION}/diagnosis"
CHECKS = example("a_diagnosis")["checks"]
FAILED = updated(outcome="failed", reason={**WHY, "code": "SYSTEM_REFUSED"}, request=REQUEST)
FAILURE = {**example("a_page_of_failures")["items"][0], "request": REQUEST}


def failures(*items: Json, **changed: Any) -> Json:
    groups = [{"code": "REQUIRED_FIELD_MISSING", "count": 12}, {"code": "SYSTEM_REFUSED", "count": 3}]
    return {**page(*items), "groups": groups, "groups_complete": True, **changed}


def test_runs_are_a_table_with_what_one_asks_for_first(tool: Tool) -> None:
    tool.reads("/runs", page(a_run(), in_progress(7)))

    line = f"runs --connection {CONNECTION} --flow employee_export --status partial"
    head, first, second = tool.shows(line)

    assert head.split() == ["RUN", "CONNECTION", "FLOW", "MODE/TRIGGER", "STATUS", "AT", "COUNTS"]
    for part in (RUN, CONNECTION, "sync/manual", "partial", "2026-11-23 05:02:11Z", "3 created", "1 blocked"):
        assert part in first
    assert "running" in second
    query = {"connection_id": CONNECTION, "flow": "employee_export", "status": "partial", "limit": "50"}
    assert tool.calls[0][2] == query


@pytest.mark.parametrize(
    ("wanted", "limits", "more"),
    [(1, ["1"], True), (150, ["150", "149"], False), (300, ["200", "200"], False)],
)
def test_a_list_goes_on_page_by_page_to_its_limit(
    tool: Tool, wanted: int, limits: list[str], more: bool
) -> None:
    tool.reads("/runs", page(a_run(), cursor="next"), page(a_run(status="failed")))

    lines = tool.shows(f"runs --limit {wanted}")

    assert [query["limit"] for _, _, query, _ in tool.calls] == limits
    assert [query.get("cursor") for _, _, query, _ in tool.calls] == [None, "next"][: len(limits)]
    assert ("There are more: --limit 2" in lines) is more


@pytest.mark.requirement("OPS-2")
def test_a_run_shows_its_failing_records_with_reason_request_and_remedy(tool: Tool) -> None:
    tool.reads(RUNS, a_run(counts={**a_run()["counts"], "failed": 1}))
    tool.reads(RECORDS, page(FAILED), page(blocked()))

    tool.shows(
        f"show {RUN}",
        "status      PARTIAL",
        "250 / 250",
        "reasons     1 NOT_ACTIVE (skipped), 1 REQUIRED_FIELD_MISSING (blocked)",
        "calls       9 to simployer; 14 to xledger (13 forecast), 1 refused, 1 made again, 2.0 s waited",
        "employee:1043  Employee 1043  FAILED  SYSTEM_REFUSED",
        "request     xledger POST /graphql answered 422 (E_EMAIL)",
        "remedy      Make a new token.",
        "employee:1042  Employee 1042  BLOCKED  REQUIRED_FIELD_MISSING",
        "why         Employee 1042 has no employment start date in Simployer One.",
        f"payrelay show {RUN} employee:1043",
        f"payrelay logs {RUN} employee:1043",
        f"payrelay replay {RUN}",
        status=3,
    )
    assert [query["outcome"] for _, _, query, _ in tool.calls[1:]] == ["failed", "blocked"]


@pytest.mark.parametrize(
    ("run", "texts"),
    [
        (
            a_run(status="failed", counts=dict.fromkeys(a_run()["counts"], 0), error=WHY, request=REQUEST),
            [*WHY.values(), "answered 422", f"payrelay replay {RUN} --all"],
        ),
        (in_progress(7), ["7 / 250", f"payrelay tail {RUN}", f"payrelay stop {RUN}"]),
        (
            waiting(),
            ["last sign of life 2026-11-23 03:19:07Z", "waits for Xledger until 03:19:47 (429, first try)"],
        ),
        (had_died(), ["STOPPED", "STOPPED_BY_USER", "Kari stopped", "its execution is ABORTED"]),
        (example("a_held_run"), ["41 of 250 people", "an admin applies it", f"payrelay apply {RUN}"]),
        (a_run(mode="preview", estimate=ESTIMATE), ["3 are right already", "about 7 calls"]),
        (a_run(replay_of="run_OLD", plan_of="run_PLAN"), ["run_OLD", "run_PLAN"]),
        (a_run(requested_by="kari\x1b[2J\x07\nroot\x9b31m"), ["by kari [2J  root 31m"]),
    ],
    ids=[
        "failed as a whole",
        "running",
        "waiting",
        "had died",
        "held",
        "preview",
        "descends from others",
        "control characters",
    ],
)
def test_a_run_shows_how_it_stands_and_what_is_next(tool: Tool, run: Json, texts: list[str]) -> None:
    """Also what a run in progress waits for, and that one had died (oncall OC-13, OC-15, OC-33)."""
    tool.reads(RUNS, run)
    tool.reads(RECORDS, page())

    status = 0 if run["finished_at"] is None else 3
    assert "".join(tool.shows(f"show {RUN}", *texts, status=status)).isprintable()


@pytest.mark.requirement("OPS-2")
def test_of_many_records_of_one_cause_three_are_shown(tool: Tool) -> None:
    """(oncall OC-36)"""
    many = [blocked(record_id=f"employee:{number}") for number in range(97)]
    tool.reads(RUNS, a_run(counts={**a_run()["counts"], "blocked": 97}))
    tool.reads(RECORDS, page(*many))

    lines = tool.shows(f"show {RUN}", "    97  REQUIRED_FIELD_MISSING", "and 94 more: --reason", status=3)

    assert len([line for line in lines if "BLOCKED" in line]) == 3
    assert len([line for line in lines if "remedy  " in line]) == 1
    lines = tool.shows(f"show {RUN} --reason REQUIRED_FIELD_MISSING --limit 200", status=3)
    assert len([line for line in lines if "BLOCKED" in line]) == 97
    assert f"  payrelay replay {RUN} --reason REQUIRED_FIELD_MISSING" in lines


@pytest.mark.requirement("OPS-2", "OPS-5")
def test_a_record_shows_all_about_it_and_what_to_type_next(tool: Tool) -> None:
    tool.reads(RUNS, a_run())
    tool.reads(RECORDS, page(blocked(request={**REQUEST, "status": None, "code": None})))

    tool.shows(
        f"show {RUN} employee:1042",
        "BLOCKED  REQUIRED_FIELD_MISSING",
        "Employee 1042 has no employment start date in Simployer One.",
        "xledger POST /graphql not answered",
        "Fill in employment start date",
        f"payrelay logs {RUN} employee:1042",
        f"payrelay replay {RUN} employee:1042",
        f"payrelay diagnose {CONNECTION} 1042 --flow employee_export",
        f"payrelay history {CONNECTION} employee:1042",
        status=3,
    )


def test_a_record_that_did_not_fail_is_found_among_all(tool: Tool) -> None:
    changes = [*updated()["changes"], {"field": "phone", "old": None, "new": "5"}]
    tool.reads(RUNS, a_run())
    tool.reads(RECORDS, page(blocked()), page(blocked(), cursor="next"), page(updated(changes=changes)))

    email = "email: ola@old.example → ola@nordlys.example"
    tool.shows(f"show {RUN} employee:1043", email, "phone: (blank) → 5")


def test_a_record_that_is_not_there_is_said_in_one_line(tool: Tool) -> None:
    tool.reads(RUNS, a_run())
    tool.reads(RECORDS, page())

    told = tool("show", RUN, "1042")

    assert (told.status, told.out) == (1, "")
    assert told.err.startswith(f"payrelay: {RUN} has no record 1042. Ids are like employee:1042")


@pytest.mark.requirement("RUN-7")
def test_records_are_searched_for_by_the_api(tool: Tool) -> None:
    tool.reads(RUNS, a_run(mode="preview"))
    tool.reads(RECORDS, page(cursor="looks on"), page(updated()))

    line = f"records {RUN} --search nordmann --field email --risk bank --outcome updated"
    tool.shows(line, "WOULD BE UPDATED", "    email: ola@old.example → ola@nordlys.example")

    query = {"search": "nordmann", "field": "email", "risk": "bank", "outcome": "updated", "limit": "50"}
    assert [call[2] for call in tool.calls[1:]] == [query, {**query, "cursor": "looks on"}]
    tool.api.reset()
    tool.reads(RUNS, a_run())
    tool.reads(RECORDS, page())
    tool.shows(f"records {RUN}", "There are no such records.")


@pytest.mark.requirement("TRG-4")
def test_somebody_is_told_who_they_are(tool: Tool) -> None:
    tool.reads("/me", example("somebody_of_the_office"))
    tool.shows("me", "ada@acme.example", "admin, employee", f"your own    {CONNECTION}  Acme: balances")


@pytest.mark.requirement("OPS-2")
def test_failures_begin_with_their_groups(tool: Tool) -> None:
    tool.reads("/failures", failures(FAILURE, {**FAILURE, "record_id": "employee:7"}))

    lines = tool.shows(
        "failures --reason REQUIRED_FIELD_MISSING --flow employee_export",
        *("employee:1042", "employee:7", "answered 422 (E_EMAIL)", "remedy      Fill in employment"),
        f"payrelay show {RUN} employee:1042",
        status=3,
    )
    assert lines[:2] == ["    12  REQUIRED_FIELD_MISSING", "     3  SYSTEM_REFUSED"]
    assert lines.count(f"2026-11-23 05:02:11Z  {RUN}  employee_export  {CONNECTION}") == 1


@pytest.mark.requirement("OPS-2")
def test_failures_that_were_not_all_counted_say_so(tool: Tool) -> None:
    tool.reads("/failures", failures(FAILURE, groups_complete=False, next_cursor="more"))

    tool.shows("failures --limit 1", "only the newest were counted", "--limit 2", status=3)


@pytest.mark.parametrize(
    ("line", "path", "says"),
    [
        ("failures", "/failures", "Nothing failed, and nothing is blocked."),
        ("runs", "/runs", "There are no such runs."),
        ("connections", "/connections", "There are no connections."),
        (f"logs {RUN}", f"{RUNS}/logs", "There are no such log lines."),
    ],
)
def test_an_empty_list_is_said(tool: Tool, line: str, path: str, says: str) -> None:
    tool.reads(path, failures(groups=[]))

    assert tool.shows(line) == [says]
    assert list(tool.calls[0][2]) == ["limit"]


@pytest.mark.parametrize(
    ("text", "ago"),
    [("90m", timedelta(minutes=90)), ("24h", timedelta(days=1)), ("7d", timedelta(days=7))],
)
def test_since_may_be_how_long_ago(tool: Tool, text: str, ago: timedelta) -> None:
    tool.reads("/failures", failures())

    tool("failures", "--since", text)

    asked = datetime.fromisoformat(tool.calls[0][2]["since"])
    assert abs(datetime.now(UTC) - ago - asked) < timedelta(minutes=1)


def test_since_may_be_a_time_of_any_zone(tool: Tool) -> None:
    tool.reads("/failures", failures())

    tool("failures", "--since", "2026-11-22T06:00:00+01:00")

    assert tool.calls[0][2]["since"] == "2026-11-22T05:00:00Z"


@pytest.mark.parametrize(
    "text", ["2026-11-22T06:00:00", "yesterday", "0h", "5w", "0001-01-01T00:00:00+14:00"]
)
def test_since_without_a_zone_is_not_guessed(tool: Tool, text: str) -> None:
    told = tool("failures", "--since", text)

    assert told.status == 2
    assert "24h, 7d or 2026-11-22T06:00:00Z" in told.err


def test_connections_show_how_each_flow_stands(tool: Tool) -> None:
    standing = {
        "last_run_id": RUN,
        "last_status": "partial",
        "last_finished_at": "2026-11-23T05:02:11.480Z",
        "agreed_at": "2026-11-20T05:02:00.000Z",
        "next_run_at": "2026-11-24T05:00:00.000Z",
        "missed_at": "2026-11-22T05:00:00.000Z",
    }
    standings = {"employee_export": standing, "time_off_export": dict.fromkeys(standing)}
    tool.reads(
        "/connections", page(example("a_connection", status="attention", reason=WHY, standings=standings))
    )

    """(oncall OC-9)"""
    lines = tool.shows("connections", f"payrelay connect {CONNECTION}", status=3)
    head, code, why, remedy, titles, first, second, *_ = lines

    assert head == f"{CONNECTION}  Nordlys Energi  simployer_xledger  attention"
    assert [code.split()[-1], why[14:], remedy[14:]] == list(WHY.values())
    assert titles.split("  ")[-1] == "MISSED"
    days = ["partial 2026-11-23", "2026-11-24 05:00:00Z", "2026-11-20 05:02:00Z", "2026-11-22 05:00:00Z"]
    assert [day for day in days if day not in first] == []
    assert second.split() == ["time_off_export", "-", "-", "-", "-"]


@pytest.mark.parametrize(
    ("checks", "texts", "status"),
    [
        (
            CHECKS,
            [
                "ok    employee_export: connection is connected",
                "FAILS employee_export: both sides agree",
                "these fields differ: homeAddress",
                "remedy      Start a sync.",
                "1 of 2 checks fails.",
            ],
            3,
        ),
        (
            example("a_diagnosis_of_everybody")["checks"],
            ["differs  DIFFERS", "records     E0042, E0051", "2 of 8 checks fail."],
            3,
        ),
        ([{**CHECKS[1], "passed": None}], ["?     employee_export: both sides agree"], 0),
    ],
    ids=["one record", "everybody", "nothing fails"],
)
def test_checks_name_causes_and_records_and_end_with_3_if_one_fails(
    tool: Tool, checks: list[Json], texts: list[str], status: int
) -> None:
    tool.reads(DIAGNOSIS, {"checks": checks})

    line = f"diagnose {CONNECTION} 1042 --entity employee --flow employee_export"
    tool.shows(line, *texts, status=status)
    tool.shows(f"diagnose {CONNECTION}", *texts, status=status)

    assert [query for _, _, query, _ in tool.calls] == [
        {"key": "1042", "entity": "employee", "flow": "employee_export"},
        {},
    ]


@pytest.mark.parametrize(
    ("line", "found", "status"),
    [
        ("runs", page(a_run(), a_run(status="failed")), 0),
        (f"show {RUN}", {**a_run(), "failing": [blocked()]}, 3),
        (f"show {RUN} employee:1042", blocked(), 3),
        (f"diagnose {CONNECTION}", example("a_diagnosis"), 3),
    ],
    ids=["a list is one object with items", "a run has what fails beside it", "a record", "a diagnosis"],
)
def test_json_is_the_apis_own_and_ends_the_same(tool: Tool, line: str, found: Json, status: int) -> None:
    tool.reads("/runs", page(a_run(), cursor="next"), page(a_run(status="failed")))
    tool.reads(RUNS, a_run())
    tool.reads(RECORDS, page(blocked()))
    tool.reads(DIAGNOSIS, example("a_diagnosis"))

    told = tool("--json", *line.split())

    assert (told.json, told.status) == (found, status)


@pytest.mark.requirement("OPS-5")
def test_the_logs_of_a_record_are_read_oldest_first(tool: Tool) -> None:
    asked = {"request_id": "a1", "system": "xledger", "http_status": 422}
    call = a_log_line("2026-11-23T05:02:08.100Z", fields=asked)
    late = a_log_line("2026-11-23T05:02:09.900Z", message="settled", level="WARNING", fields={"why": "a b"})
    tool.reads(f"{RUNS}/logs", page(late, call))

    assert tool.shows(f"logs {RUN} employee:1042") == [
        "2026-11-23 05:02:08.100Z  INFO     ApplyPage  call  system=xledger http_status=422 request_id=a1",
        '2026-11-23 05:02:09.900Z  WARNING  ApplyPage  settled  why="a b"',
    ]
    assert tool.calls[0][2] == {"record": "employee:1042", "limit": "200"}


@pytest.mark.requirement("OPS-5")
def test_the_logs_are_searched_to_their_end_and_meanwhile_that_is_said(tool: Tool) -> None:
    """A page may be empty before the end (aws 9)."""
    found = a_log_line("2026-11-23T05:02:08.100Z", fields={})
    tool.reads(f"{RUNS}/logs", page(cursor="a"), page(found, cursor="b"), page(cursor="c"), page(found))

    told = tool("logs", RUN)

    assert told.status == 0
    assert len(told.out.splitlines()) == 2
    still = "payrelay: still searching the log; {} lines so far"
    assert told.err.splitlines() == [still.format(count) for count in (0, 1, 1)]
    assert [query.get("cursor") for _, _, query, _ in tool.calls] == [None, "a", "b", "c"]


@pytest.mark.requirement("OPS-5")
def test_lines_of_failed_calls_alone_and_of_who_has_looked(tool: Tool) -> None:
    """(oncall OC-3, OC-5)"""
    calls = [a_log_line(f"2026-11-23T05:02:0{n}Z", fields={"http_status": n * 100}) for n in (0, 2, 5)]
    tool.reads(f"{RUNS}/logs", page(*calls, a_log_line("2026-11-23T05:02:09Z", message="step", fields={})))

    lines = tool.shows(f"logs {RUN} --calls --looking")

    assert [line.rpartition("=")[2] for line in lines] == ["0", "500"]
    assert tool.calls[0][2]["looking"] == "true"


def test_the_lines_of_a_record_that_there_is_not_are_an_error(tool: Tool) -> None:
    """(oncall OC-28)"""
    tool.reads(f"{RUNS}/logs", page())
    tool.reads(RUNS, a_run())
    tool.reads(RECORDS, page())

    told = tool("logs", RUN, "employee:9999")

    assert told.status == 1
    assert "has no record employee:9999" in told.err


@pytest.mark.requirement("CON-5")
def test_changes_of_a_connection_say_who_when_and_which_fields(tool: Tool) -> None:
    tool.reads(f"/connections/{CONNECTION}/changes", example("a_page_of_changes"))

    tool.shows(
        f"changes {CONNECTION}",
        "2026-11-23 05:02:09Z",
        "kari@nordlys.example",
        "settings.synergy.base_url",
    )


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(("left", "status"), [(4188, 0), (120, 3)])
def test_the_day_s_calls_are_a_table_and_say_for_what_some_are_kept(
    tool: Tool, left: int, status: int
) -> None:
    found = example("the_calls_of_a_day")
    found["xero"]["left"] = left
    tool.reads(f"/connections/{CONNECTION}/calls", found)

    head, autovu, xero, kept = tool.shows(f"calls {CONNECTION}", status=status)

    assert head.split()[:6] == ["SYSTEM", "USED", "LIMIT", "LEFT", "KEPT", "RESET"]
    assert autovu.split() == ["autovu", "96", "-", "-", "-", "-", "0", "0", "14.2", "s", "6"]
    reset = ["2026-11-30", "00:00:00Z"]
    assert xero.split() == ["xero", "812", "5000", str(left), "120", *reset, "1", "1", "31.0", "s", "9"]
    assert kept == "Of xero, 120 are kept for invoice_sync at 2026-11-29 18:00:00Z."
