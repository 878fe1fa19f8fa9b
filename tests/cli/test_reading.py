"""What an engineer reads: runs, failures, records, connections, checks, logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.answers import (
    ESTIMATE,
    REQUEST,
    WHY,
    a_log_line,
    a_run,
    blocked,
    example,
    in_progress,
    page,
    updated,
)
from tests.cli.conftest import Tool

RUN = a_run()["run_id"]
CONNECTION = a_run()["connection_id"]
RUNS = f"/runs/{RUN}"
DIAGNOSIS = f"/connections/{CONNECTION}/diagnosis"


def a_failure(**changed: Any) -> dict[str, Any]:
    return {**example("a_page_of_failures")["items"][0], "request": REQUEST, **changed}


def failures(*items: dict[str, Any], **changed: Any) -> dict[str, Any]:
    groups = [{"code": "REQUIRED_FIELD_MISSING", "count": 12}, {"code": "SYSTEM_REFUSED", "count": 3}]
    return {**page(*items), "groups": groups, "groups_complete": True, **changed}


def test_runs_are_a_table_with_what_one_asks_for_first(tool: Tool) -> None:
    tool.answers("GET", "/runs", page(a_run(), in_progress(7)))

    told = tool("runs", "--connection", CONNECTION, "--flow", "employee_export", "--status", "partial")

    head, first, second = told.out.splitlines()
    assert head.split() == ["RUN", "CONNECTION", "FLOW", "MODE/TRIGGER", "STATUS", "AT", "COUNTS"]
    for part in (RUN, CONNECTION, "sync/manual", "partial", "2026-11-23 05:02:11Z", "3 created", "1 blocked"):
        assert part in first
    assert "running" in second
    assert tool.calls[0][2] == {
        "connection_id": CONNECTION,
        "flow": "employee_export",
        "status": "partial",
        "limit": "50",
    }
    assert told.status == 0


@pytest.mark.parametrize(
    ("wanted", "limits", "more"),
    [(1, ["1"], True), (150, ["150", "149"], False), (300, ["200", "200"], False)],
)
def test_a_list_goes_on_page_by_page_to_its_limit(
    tool: Tool, wanted: int, limits: list[str], more: bool
) -> None:
    tool.answers("GET", "/runs", page(a_run(), cursor="next"))
    tool.answers("GET", "/runs", page(a_run(status="failed")))

    told = tool("runs", "--limit", str(wanted))

    assert [query["limit"] for _, _, query, _ in tool.calls] == limits
    assert [query.get("cursor") for _, _, query, _ in tool.calls] == [None, "next"][: len(limits)]
    assert ("There are more: --limit 2" in told.out) is more


def test_a_list_as_json_is_one_object_with_items(tool: Tool) -> None:
    tool.answers("GET", "/runs", page(a_run(), cursor="next"))
    tool.answers("GET", "/runs", page(a_run(status="failed")))

    assert tool("runs", "--json").json == page(a_run(), a_run(status="failed"))


@pytest.mark.requirement("OPS-2")
def test_a_run_shows_its_failing_records_with_reason_request_and_remedy(tool: Tool) -> None:
    counts = {**a_run()["counts"], "failed": 1}
    tool.answers("GET", RUNS, a_run(counts=counts))
    failed = updated(outcome="failed", reason={**WHY, "code": "SYSTEM_REFUSED"}, request=REQUEST)
    tool.answers("GET", f"{RUNS}/records", page(failed))
    tool.answers("GET", f"{RUNS}/records", page(blocked()))

    told = tool("show", RUN)

    assert [query["outcome"] for _, _, query, _ in tool.calls[1:]] == ["failed", "blocked"]
    for text in (
        "status      PARTIAL",
        "250 / 250",
        "employee:1043  Employee 1043  FAILED  SYSTEM_REFUSED",
        "request     xledger POST /graphql answered 422 (E_EMAIL)",
        "remedy      Make a new token.",
        "employee:1042  Employee 1042  BLOCKED  REQUIRED_FIELD_MISSING",
        "why         Employee 1042 has no employment start date in Simployer One.",
        f"payrelay show {RUN} employee:1043",
        f"payrelay replay {RUN}",
    ):
        assert text in told.out
    assert told.status == 0


def test_a_run_that_failed_as_a_whole_shows_its_error(tool: Tool) -> None:
    none = dict.fromkeys(a_run()["counts"], 0)
    tool.answers("GET", RUNS, a_run(status="failed", counts=none, error=WHY, request=REQUEST))

    told = tool("show", RUN)

    for text in ("CREDENTIALS_REFUSED", "Xledger refuses the token.", "Make a new token.", "answered 422"):
        assert text in told.out
    assert f"payrelay replay {RUN} --all" in told.out


@pytest.mark.parametrize(
    ("run", "texts"),
    [
        (in_progress(7), ["7 / 250", f"payrelay tail {RUN}", f"payrelay stop {RUN}"]),
        (example("a_held_run"), ["41 of 250 people", "an admin applies the plan", f"payrelay apply {RUN}"]),
        (a_run(mode="preview", estimate=ESTIMATE), ["3 are right already", "about 7 calls"]),
        (a_run(replay_of="run_OLD", plan_of="run_PLAN"), ["run_OLD", "run_PLAN"]),
    ],
    ids=["running", "held", "preview", "descends from others"],
)
def test_a_run_shows_what_is_next(tool: Tool, run: dict[str, Any], texts: list[str]) -> None:
    tool.answers("GET", RUNS, run)
    tool.answers("GET", f"{RUNS}/records", page())

    told = tool("show", RUN)

    assert [text for text in texts if text not in told.out] == []


def test_a_run_as_json_is_the_apis_own_with_what_fails_beside_it(tool: Tool) -> None:
    tool.answers("GET", RUNS, a_run())
    tool.answers("GET", f"{RUNS}/records", page(blocked()))

    assert tool("--json", "show", RUN).json == {**a_run(), "failing": [blocked()]}


@pytest.mark.requirement("OPS-2", "OPS-5")
def test_a_record_shows_all_about_it_and_what_to_type_next(tool: Tool) -> None:
    tool.answers("GET", RUNS, a_run())
    tool.answers("GET", f"{RUNS}/records", page(blocked(request={**REQUEST, "status": None, "code": None})))

    told = tool("show", RUN, "employee:1042")

    for text in (
        "BLOCKED  REQUIRED_FIELD_MISSING",
        "Employee 1042 has no employment start date in Simployer One.",
        "xledger POST /graphql not answered",
        "Fill in employment start date",
        f"payrelay logs {RUN} employee:1042",
        f"payrelay replay {RUN} employee:1042",
        f"payrelay diagnose {CONNECTION} 1042 --flow employee_export",
    ):
        assert text in told.out


def test_a_record_that_did_not_fail_is_found_among_all(tool: Tool) -> None:
    tool.answers("GET", RUNS, a_run())
    tool.answers("GET", f"{RUNS}/records", page(blocked()))
    tool.answers("GET", f"{RUNS}/records", page(blocked(), cursor="next"))
    old = {"field": "phone", "old": None, "new": "5"}
    tool.answers("GET", f"{RUNS}/records", page(updated(changes=[*updated()["changes"], old])))

    told = tool("show", RUN, "employee:1043")

    assert "email: ola@old.example → ola@nordlys.example" in told.out
    assert "phone: (blank) → 5" in told.out


def test_a_record_that_is_not_there_is_said_in_one_line(tool: Tool) -> None:
    tool.answers("GET", RUNS, a_run())
    tool.answers("GET", f"{RUNS}/records", page())

    told = tool("show", RUN, "1042")

    assert told.status == 1
    assert told.err.startswith(f"payrelay: {RUN} has no record 1042. Ids are like employee:1042")
    assert told.out == ""


@pytest.mark.requirement("OPS-2")
def test_failures_begin_with_their_groups(tool: Tool) -> None:
    tool.answers("GET", "/failures", failures(a_failure(), a_failure(record_id="employee:7")))

    told = tool("failures", "--reason", "REQUIRED_FIELD_MISSING", "--flow", "employee_export")

    lines = told.out.splitlines()
    assert lines[:2] == ["    12  REQUIRED_FIELD_MISSING", "     3  SYSTEM_REFUSED"]
    assert told.out.count(f"2026-11-23 05:02:11Z  {RUN}  employee_export  {CONNECTION}") == 1
    for text in ("employee:1042", "employee:7", "answered 422 (E_EMAIL)", "remedy      Fill in employment"):
        assert text in told.out
    assert f"payrelay show {RUN} employee:1042" in told.out


@pytest.mark.requirement("OPS-2")
def test_failures_that_were_not_all_counted_say_so(tool: Tool) -> None:
    tool.answers("GET", "/failures", failures(a_failure(), groups_complete=False, next_cursor="more"))

    told = tool("failures", "--limit", "1")

    assert "only the newest were counted" in told.out
    assert "--limit 2" in told.out


def test_no_failures_are_good_news(tool: Tool) -> None:
    tool.answers("GET", "/failures", {**failures(), "groups": []})

    assert tool("failures").out == "Nothing failed, and nothing is blocked.\n"


@pytest.mark.parametrize(
    ("text", "ago"),
    [("90m", timedelta(minutes=90)), ("24h", timedelta(days=1)), ("7d", timedelta(days=7))],
)
def test_since_may_be_how_long_ago(tool: Tool, text: str, ago: timedelta) -> None:
    tool.answers("GET", "/failures", failures())

    tool("failures", "--since", text)

    asked = datetime.fromisoformat(tool.calls[0][2]["since"])
    assert abs(datetime.now(UTC) - ago - asked) < timedelta(minutes=1)


def test_since_may_be_a_time_of_any_zone(tool: Tool) -> None:
    tool.answers("GET", "/failures", failures())

    tool("failures", "--since", "2026-11-22T06:00:00+01:00")

    assert tool.calls[0][2]["since"] == "2026-11-22T05:00:00Z"


@pytest.mark.parametrize("text", ["2026-11-22T06:00:00", "yesterday", "0h", "5w"])
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
    never = dict.fromkeys(standing)
    standings = {"employee_export": standing, "time_off_export": never}
    connection = example("a_connection", status="attention", reason=WHY, standings=standings)
    tool.answers("GET", "/connections", page(connection))

    head, code, why, remedy, titles, first, second = tool("connections").out.splitlines()

    assert head == f"{CONNECTION}  Nordlys Energi  simployer_xledger  attention"
    assert "CREDENTIALS_REFUSED" in code
    assert "Xledger refuses the token." in why
    assert "Make a new token." in remedy
    assert titles.split("  ")[-1] == "MISSED"
    days = ["partial 2026-11-23", "2026-11-24 05:00:00Z", "2026-11-20 05:02:00Z", "2026-11-22 05:00:00Z"]
    assert [day for day in days if day not in first] == []
    assert second.split() == ["time_off_export", "-", "-", "-", "-"]


def test_a_diagnosis_with_a_failing_check_ends_with_3(tool: Tool) -> None:
    tool.answers("GET", DIAGNOSIS, example("a_diagnosis"))

    told = tool("diagnose", CONNECTION, "1042", "--entity", "employee", "--flow", "employee_export")

    assert told.status == 3
    for text in (
        "ok    employee_export: connection is connected",
        "FAILS employee_export: both sides agree",
        "these fields differ: homeAddress",
        "remedy      Start a sync.",
        "1 of 2 checks fails.",
    ):
        assert text in told.out
    assert tool.calls[0][2] == {"key": "1042", "entity": "employee", "flow": "employee_export"}


def test_a_diagnosis_of_everybody_names_causes_and_records(tool: Tool) -> None:
    tool.answers("GET", DIAGNOSIS, example("a_diagnosis_of_everybody"))

    told = tool("diagnose", CONNECTION)

    assert "differs  DIFFERS" in told.out
    assert "records     E0042, E0051" in told.out
    assert "2 of 8 checks fail." in told.out


def test_a_diagnosis_without_a_failing_check_ends_with_0(tool: Tool) -> None:
    checks = [{**check, "passed": passed} for check, passed in zip(*both(), strict=True)]
    tool.answers("GET", DIAGNOSIS, {"checks": checks})

    told = tool("diagnose", CONNECTION)

    assert told.status == 0
    assert "?     employee_export: both sides agree" in told.out


def both() -> tuple[list[dict[str, Any]], list[bool | None]]:
    return example("a_diagnosis")["checks"], [True, None]


def test_a_diagnosis_as_json_ends_with_the_same_status(tool: Tool) -> None:
    tool.answers("GET", DIAGNOSIS, example("a_diagnosis"))

    told = tool("diagnose", CONNECTION, "--json")

    assert (told.json, told.status) == (example("a_diagnosis"), 3)


@pytest.mark.requirement("OPS-5")
def test_the_logs_of_a_record_are_read_oldest_first(tool: Tool) -> None:
    late = a_log_line("2026-11-23T05:02:09.900Z", message="settled", level="WARNING", fields={"why": "a b"})
    tool.answers("GET", f"{RUNS}/logs", page(late, a_log_line("2026-11-23T05:02:08.100Z")))

    told = tool("logs", RUN, "employee:1042")

    assert told.out.splitlines() == [
        "2026-11-23 05:02:08.100Z  INFO     ApplyPage  call  system=xledger http_status=422",
        '2026-11-23 05:02:09.900Z  WARNING  ApplyPage  settled  why="a b"',
    ]
    assert tool.calls[0][2] == {"record": "employee:1042", "limit": "200"}


@pytest.mark.requirement("OPS-5")
def test_the_logs_of_a_run_are_those_of_all_its_records(tool: Tool) -> None:
    tool.answers("GET", f"{RUNS}/logs", page())

    assert tool("logs", RUN).out == "There are no such log lines.\n"
    assert "record" not in tool.calls[0][2]


def test_text_of_others_can_not_move_the_cursor(tool: Tool) -> None:
    tool.answers("GET", RUNS, a_run(requested_by="kari\x1b[2J\x07\nroot\x9b31m"))
    tool.answers("GET", f"{RUNS}/records", page())

    told = tool("show", RUN)

    assert told.out.isascii()
    assert "by kari [2J  root 31m" in told.out
