"""The deployed watch and the alarms, on the running stack."""

from __future__ import annotations

import json

import pytest

from local.stack.stack import Stack

pytestmark = pytest.mark.stack


@pytest.mark.requirement("TRG-5")
def test_the_deployed_watch_looks_at_the_schedules_and_may_do_so(stack: Stack) -> None:
    where = {"StackName": "payrelay", "LogicalResourceId": "Watch"}
    found = stack.client("cloudformation").describe_stack_resource(**where)["StackResourceDetail"]
    answer = stack.client("lambda").invoke(FunctionName=found["PhysicalResourceId"], Payload=b"{}")
    assert "FunctionError" not in answer
    told = json.loads(answer["Payload"].read())
    assert told["missed"] == 0
    assert told["watched"] >= 0


@pytest.mark.requirement("OPS-4")
def test_the_alarms_go_to_the_topic_and_the_dashboard_is_there(stack: Stack) -> None:
    watcher = stack.client("cloudwatch")
    alarms = watcher.describe_alarms()["MetricAlarms"]
    assert len(alarms) == 17, "and one on several metrics, which the emulator does not know"
    for alarm in alarms:
        assert alarm["AlarmActions"] == [stack.outputs["AlarmsTopic"]]
        assert "docs/runbook.md#" in alarm["AlarmDescription"]
    body = watcher.get_dashboard(DashboardName="payrelay")["DashboardBody"]
    assert stack.outputs["TableName"] in body
    assert "${" not in body.replace("${PROP(", "")
