"""Alarms and the dashboard: on what the code emits, and each alarm with its entry of the runbook (OPS-4)."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

import pytest

from cli.__main__ import payrelay
from payrelay.domain.reasons import reason
from payrelay.domain.records import Outcome
from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.flows.engine.close import measured
from payrelay.runtime.observability import count_call, measure
from tests.architecture.sources import FUNCTIONS as FOLDERS
from tests.architecture.sources import PACKAGE, python_files
from tests.conftest import ROOT
from tests.docs.documents import anchors
from tests.template.stack_template import (
    FUNCTIONS,
    policies_of,
    resources,
    role_of,
    statements,
    template,
)

pytestmark = pytest.mark.requirement("OPS-4")

ALARMS = resources("AWS::CloudWatch::Alarm")
# What AWS itself measures, with the resource that it is measured of.
OF_AWS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {
        "QueueName": {"Fn::GetAtt": ["DeadLetters", "QueueName"]}
    },
    ("AWS/DynamoDB", "ReadThrottleEvents"): {"TableName": {"Ref": "State"}},
    ("AWS/DynamoDB", "WriteThrottleEvents"): {"TableName": {"Ref": "State"}},
    # Of the whole account: of each function or machine of its own it would cost that often.
    ("AWS/Lambda", "Errors"): {},
    ("AWS/Lambda", "Throttles"): {},
    ("AWS/Events", "TriggeredRules"): {"RuleName": {"Ref": "DeadExecutions"}},
    ("AWS/ApiGateway", "5xx"): {"ApiId": {"Ref": "Api"}},
}
# What is counted in two ways of the whole account.
THROTTLED_EXECUTIONS = [{"ServiceMetric": "StateTransition"}, {"APIName": "StartExecution"}]
# Alarmed on (OPS-4): run failed, records failed, dead letters, schedule missed, credentials, throttling.
WANTED = {
    "RunsFailed",
    "RunsDied",
    "RecordsFailed",
    "MirrorDrift",
    "ApproximateNumberOfMessagesVisible",
    "SchedulesMissed",
    "CredentialsRefused",
    "LoginRolesUnknown",
    "VendorThrottled",
    "ReadThrottleEvents",
    "WriteThrottleEvents",
    # (aws 20) a failing API alarmed nobody
    "Errors",
    "Throttles",
    "TriggeredRules",
    "5xx",
    "ThrottledEvents",
}

DIED = reason("RUN_DIED", problem="its execution is ABORTED")


def a_run(status: Status, **changed: Any) -> Run:
    """A run that ended."""
    fields: dict[str, Any] = {
        "trigger": Trigger.MANUAL,
        "mode": Mode.SYNC,
        "status": status,
        "requested_by": "tester",
        "queued_at": "2026-03-02T05:00:00.000Z",
        "started_at": "2026-03-02T05:00:01.000Z",
        "finished_at": "2026-03-02T05:00:13.500Z",
        "counts": {outcome.value: number for number, outcome in enumerate(Outcome)},
    }
    return Run("demo", "con_A", "run_1", "employee_export", **{**fields, **changed})


def emitted() -> dict[str, set[str]]:
    """The metrics that the code emits, by name, with what they are told apart by."""
    found: dict[str, set[str]] = {
        name: {"flow"}
        for status in Status
        if status.final
        for name in measured(a_run(status, died=DIED, full=True, drift=0))
    }
    found[f"Records{next(iter(Outcome)).value.capitalize()}"] = {"flow"}
    source = "\n".join(path.read_text() for path in python_files(PACKAGE, FOLDERS))
    for name, by in re.findall(r"measure\(\{\"(\w+)\": [^}]+\}(?:, (\w+)=)?", source):
        found[name] = {by} - {""}
    for name in re.findall(r"(?:single_metric\(|add_metric\()\s*name=\"(\w+)\"", source):
        found[name] = {"system"} if name.startswith("Vendor") else set()
    return found


EMITTED = emitted()


def dimensions(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {one["Name"]: one["Value"] for one in alarm.get("Dimensions", ())}


def test_there_is_an_alarm_for_all_that_needs_a_person() -> None:
    """(aws 20)"""
    assert {one["MetricName"] for alarm in ALARMS.values() for one in counted(alarm)} == WANTED | {
        "SchedulesWatched"
    }


def counted(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The metrics that an alarm is on."""
    if "Metrics" not in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]


def test_alarms_cost_little() -> None:
    """(aws 20) $0.10 a month for each metric that one is on, after ten that are free."""
    assert sum(len(counted(alarm)) for alarm in ALARMS.values()) <= 25


def test_throttled_executions_are_added_up_of_the_whole_account() -> None:
    """(aws 20)"""
    alarm = ALARMS["ExecutionsThrottledAlarm"]
    total, *summed = alarm["Metrics"]
    assert total["Expression"] == " + ".join(f"FILL({one['Id']}, 0)" for one in summed)
    assert {one["MetricStat"]["Metric"]["Namespace"] for one in summed} == {"AWS/States"}
    assert [dimensions(metric) for metric in counted(alarm)] == THROTTLED_EXECUTIONS
    assert not any(one["ReturnData"] for one in summed)


@pytest.mark.parametrize("name", [name for name, alarm in ALARMS.items() if "Metrics" not in alarm])
def test_an_alarm_is_on_a_metric_that_is_emitted(name: str) -> None:
    alarm = ALARMS[name]
    if alarm["Namespace"] == "Payrelay":
        assert alarm["MetricName"] in EMITTED
        assert not alarm["MetricName"].startswith("VendorE"), "is told apart by system only"
        assert dimensions(alarm) == {"service": "payrelay"}
        return
    of = OF_AWS[alarm["Namespace"], alarm["MetricName"]]
    index = dimensions(alarm).pop("GlobalSecondaryIndexName", None)
    assert {n: v for n, v in dimensions(alarm).items() if n != "GlobalSecondaryIndexName"} == of
    indexes = resources("AWS::DynamoDB::Table")["State"]["GlobalSecondaryIndexes"]
    assert index is None or index in [one["IndexName"] for one in indexes]


def notice(name: str) -> tuple[str, str, str, str]:
    """What an alarm says: what there is, whose it is or what tells that, and its entry of the runbook."""
    described = ALARMS[name]["AlarmDescription"]
    text = described["Fn::Sub"] if isinstance(described, dict) else described
    found = re.fullmatch(r"(.+?)\. Whose: (.+)\. What to do: ([^#]+)#(.+)", text)
    assert found, text
    says, whose, path, anchor = found.groups()
    return says, whose, path, anchor


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_whose_it_is_or_the_one_command_that_does(name: str) -> None:
    """(oncall OC-35)"""
    _, whose, _, _ = notice(name)
    if whose == "all tenants":
        of_all = ("AWS/DynamoDB", "AWS/Lambda", "AWS/States", "AWS/ApiGateway")
        assert counted(ALARMS[name])[0]["Namespace"] in of_all or name == "WatchSilentAlarm"
    elif whose.startswith("aws logs filter-log-events "):
        told = re.findall(r'\$\.message = "([^"]+)"', whose)
        source = "\n".join(path.read_text() for path in python_files(PACKAGE, FOLDERS))
        assert told
        assert all(f'"{message}"' in source for message in told)
    else:
        tool, command, *options = shlex.split(whose)
        assert tool == "./payrelay"
        with payrelay.make_context("payrelay", [command, *options], resilient_parsing=False) as context:
            found = payrelay.commands[command]
            assert found.make_context(command, list(options), parent=context)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_leads_to_its_entry_of_the_runbook(name: str) -> None:
    says, _, path, anchor = notice(name)
    assert path == "docs/runbook.md"
    assert anchor in anchors(ROOT / path)
    entry = section(anchor)
    assert "**You see**" in entry
    meaning = re.sub(r"\s+", " ", entry.split("**You see**")[0].partition("\n")[2]).strip()
    assert meaning.startswith("**For the customer** ")
    assert re.search(r"can(?:'t)? wait|in the morning", meaning), "whether it can wait until morning"
    quoted = re.findall(r"alarm (?:that begins )?\"([^\"]+)\"", re.sub(r"\s+", " ", entry))
    assert any(says.startswith(words) for words in quoted), (says, quoted)


def section(anchor: str) -> str:
    """The entry of the runbook that has this anchor."""
    for part in re.split(r"^## ", (ROOT / "docs" / "runbook.md").read_text(), flags=re.MULTILINE)[1:]:
        title = part.split("\n")[0]
        if re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") == anchor:
            return part
    raise KeyError(anchor)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_goes_to_the_topic_and_is_not_raised_by_silence(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
    silence = "breaching" if name == "WatchSilentAlarm" else "notBreaching"
    assert alarm["TreatMissingData"] == silence


def test_the_topic_is_encrypted_with_a_key_that_cloudwatch_may_use() -> None:
    assert resources("AWS::SNS::Topic")["Alarms"]["KmsMasterKeyId"] == {"Fn::GetAtt": ["AlarmsKey", "Arn"]}
    key = resources("AWS::KMS::Key")["AlarmsKey"]
    # It holds nothing that lasts, and each of its first two rotations would cost a key more (docs/costs.md).
    assert key["EnableKeyRotation"] is False
    _, alarms = statements(key["KeyPolicy"])
    (policy,) = resources("AWS::SNS::TopicPolicy").values()
    allowed, denied = statements(policy["PolicyDocument"])
    for statement in (alarms, allowed):
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_who_gets_alarms_by_mail_is_a_parameter() -> None:
    assert template()["Parameters"]["AlarmEmail"]["Default"] == ""
    subscription = template()["Resources"]["AlarmsSubscription"]
    assert subscription["Condition"] == "AlarmsByEmail"
    assert subscription["Properties"]["Endpoint"] == {"Ref": "AlarmEmail"}


def widgets() -> dict[str, list[list[Any]]]:
    """The lines of every widget of the dashboard, by its title."""
    body = resources("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"]
    filled = re.sub(r"\$\{!(\w+)", r"${\1", body)
    return {one["properties"]["title"]: one["properties"]["metrics"] for one in json.loads(filled)["widgets"]}


WIDGETS = widgets()
LINES = [
    pytest.param(line, id=f"{title}-{n}") for title, lines in WIDGETS.items() for n, line in enumerate(lines)
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_dashboard_is_of_a_metric_that_is_emitted(line: list[Any]) -> None:
    if isinstance(line[0], dict):
        found = re.fullmatch(
            r"SEARCH\('\{Payrelay,service,(\w+)\} MetricName=\"(\w+)\"', '(Sum|Maximum|p\d+)', 300\)",
            line[0]["expression"],
        )
        assert found
        assert found[1] in EMITTED[found[2]]
    elif line[0] == "Payrelay":
        assert line[1] in EMITTED
        assert line[2:4] == ["service", "payrelay"]
    else:
        assert (line[0], line[1]) in OF_AWS


def test_the_dashboard_shows_runs_durations_records_and_vendors() -> None:
    shown = json.dumps(WIDGETS)
    ended = {f"Runs{status.value.capitalize()}" for status in Status if status.final}
    records = {f"Records{outcome.value.capitalize()}" for outcome in Outcome}
    others = {
        "RunSeconds",
        "VendorErrors",
        "VendorCallMilliseconds",
        "VendorThrottled",
        "SchedulesMissed",
        "MirrorDrift",
    }
    for name in ended | records | others | {"ApproximateNumberOfMessagesVisible"}:
        assert name in shown, name


def test_a_run_is_measured_by_outcome_and_time() -> None:
    run = a_run(Status.PARTIAL, counts={"created": 2, "failed": 1, "blocked": 3, "updated": 0})
    assert measured(run) == {
        "RunsFinished": 1,
        "RunsPartial": 1,
        "RunSeconds": 12.5,
        "RecordsCreated": 2,
        "RecordsFailed": 1,
        "RecordsBlocked": 3,
    }
    waited = a_run(Status.FAILED, started_at=None, counts=None)
    assert measured(waited) == {"RunsFinished": 1, "RunsFailed": 1, "RunSeconds": 13.5}
    died = a_run(Status.STOPPED, counts=None, died=DIED)
    assert measured(died) == {"RunsFinished": 1, "RunsStopped": 1, "RunsDied": 1, "RunSeconds": 12.5}
    assert "RecordsFailed" not in measured(a_run(Status.SUCCEEDED, mode=Mode.PREVIEW))


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("changed", "drift"),
    [
        ({}, None),
        ({"full": False}, None),
        ({"full": True, "drift": 0}, 0),
        ({"full": True, "drift": 3}, 3),
        ({"full": True, "drift": 3, "mode": Mode.PREVIEW}, None),
    ],
    ids=["one way", "short", "none", "three", "preview"],
)
def test_what_a_full_comparison_found_otherwise_is_measured(
    changed: dict[str, Any], drift: int | None
) -> None:
    assert measured(a_run(Status.SUCCEEDED, **changed)).get("MirrorDrift") == drift


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines in the embedded metric format that were written."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in found if "_aws" in line]


def test_what_is_measured_is_added_to_the_whole_and_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    measure({"RunsFailed": 1, "RunSeconds": 2.5}, flow="employee_export")
    measure({"SchedulesWatched": 7})
    by_flow, whole = lines_of(capsys)
    (described,) = by_flow["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == "Payrelay"
    assert described["Dimensions"] == [["service"], ["service", "flow"]]
    assert described["Metrics"] == [
        {"Name": "RunsFailed", "Unit": "Count"},
        {"Name": "RunSeconds", "Unit": "Seconds"},
    ]
    assert (by_flow["service"], by_flow["flow"], by_flow["RunSeconds"]) == (
        "payrelay",
        "employee_export",
        [2.5],
    )
    assert whole["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert "flow" not in whole


@pytest.mark.parametrize(("status", "names"), [(200, set()), (500, set()), (429, {"VendorThrottled"})])
def test_a_vendor_that_says_too_many_calls_is_counted(
    status: int, names: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    count_call("xledger", "POST", "/graphql", status, 0.2)
    found = [
        line
        for line in lines_of(capsys)
        if line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0] == ["service"]
    ]
    assert {name for line in found for name in line} & {"VendorThrottled"} == names


@pytest.mark.requirement("TRG-5")
def test_the_watch_looks_every_quarter_of_an_hour_and_knows_the_jitter() -> None:
    rule = resources("AWS::Events::Rule")["EveryQuarter"]
    assert rule["ScheduleExpression"] == "rate(15 minutes)"
    assert [target["Arn"] for target in rule["Targets"]] == [{"Ref": "Watch.Alias"}]
    permission = resources("AWS::Lambda::Permission")["EveryQuarterMayCall"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["EveryQuarter", "Arn"]}
    assert permission["FunctionName"] == {"Ref": "Watch.Alias"}
    variables = FUNCTIONS["Watch"]["Environment"]["Variables"]
    assert variables["SCHEDULE_JITTER_MINUTES"] == {"Ref": "ScheduleJitterMinutes"}


@pytest.mark.requirement("TRG-5", "SEC-2", "RUN-1")
def test_the_watch_may_close_dead_runs_as_the_function_for_it_may() -> None:
    """(oncall OC-13) It was not allowed to read a lease or to close anything: only here it worked."""
    role = role_of("Watch")
    closing = policies_of(role_of("CloseDeadRun")) - {"DeadLetterAccess"}
    assert policies_of(role) == closing | {"ExecutionsAccess"}
    assert "Policies" not in resources("AWS::IAM::Role")[role]
    assert [name for name in FUNCTIONS if role_of(name) == role] == ["Watch"]


@pytest.mark.requirement("RUN-1", "SEC-2")
@pytest.mark.parametrize("function", ["ApiFunction", "StartRun", "LoginHook", "Watch"])
def test_whoever_may_look_at_a_run_may_see_whether_its_execution_has_ended(function: str) -> None:
    """(oncall OC-13)"""
    assert "ExecutionsAccess" in policies_of(role_of(function))
