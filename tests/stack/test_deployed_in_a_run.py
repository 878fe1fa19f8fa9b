"""A deployment in the middle of a run, which goes on with what it began with (aws 19)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from local.stack.home import Home
from local.stack.stack import Plan, Stack, up
from tests.stack.small import quiet, small_plan

pytestmark = pytest.mark.stack

# As template.yaml does it: the alias, the layer that publishes, the version by its number in the machine.
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  LocalEndpoint: {Type: String}
Globals:
  Function: {AutoPublishAlias: live, AutoPublishAliasAllProperties: true}
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.12}
    Properties: {ContentUri: layer/, PublishLambdaVersion: true}
  Tell:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: tell/
      Handler: tell.handler
      Runtime: python3.12
      Layers: [!Ref Shared]
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machine.asl.json
      DefinitionSubstitutions: {TellFunction: !Ref Tell.Version}
Outputs:
  Machine: {Value: !Ref Machine}
  Tell: {Value: !Ref Tell.Alias}
"""
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
ARGUMENTS = {"FunctionName": "${TellFunction}", "Payload": {}}
MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "First",
    "States": {
        "First": {
            **TASK,
            "Arguments": ARGUMENTS,
            "Assign": {"first": "{% $states.result.Payload %}"},
            "Next": "Pause",
        },
        "Pause": {"Type": "Wait", "Seconds": 6, "Next": "Second"},
        "Second": {
            **TASK,
            "Arguments": ARGUMENTS,
            "Output": ["{% $first %}", "{% $states.result.Payload %}"],
            "End": True,
        },
    },
}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    files = {
        "template.yaml": TEMPLATE,
        "machine.asl.json": json.dumps(MACHINE),
        "tell/tell.py": "import shared\n\ndef handler(event, context):\n    return shared.NAME\n",
        "layer/shared/__init__.py": "NAME = 'before'\n",
    }
    return small_plan(tmp_path, files)


def started(stack: Stack) -> str:
    answer = stack.client("stepfunctions").start_execution(stateMachineArn=stack.outputs["Machine"])
    return str(answer["executionArn"])


def seen(stack: Stack, execution: str, of: str) -> None:
    """Wait until the history of an execution has an event of this kind."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        events = stack.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
        if any(event["type"] == of for event in events):
            return
        time.sleep(0.1)
    raise AssertionError(f"no {of}")


def told(stack: Stack, execution: str) -> Any:
    seen(stack, execution, "ExecutionSucceeded")
    return json.loads(stack.client("stepfunctions").describe_execution(executionArn=execution)["output"])


@pytest.mark.requirement("RUN-1")
def test_a_run_in_progress_keeps_its_version_and_the_next_has_the_new_one(home: Home, plan: Plan) -> None:
    """(aws 19) Only a layer has changed, which no function's own properties show."""
    stack = up(home, plan, quiet)
    running = started(stack)
    seen(stack, running, "WaitStateEntered")
    (plan.template.parent / "layer/shared/__init__.py").write_text("NAME = 'after'\n")
    stack = up(home, plan, quiet)
    answer = stack.client("lambda").invoke(FunctionName=stack.outputs["Tell"], Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == "after", "the alias has moved"
    assert told(stack, running) == ["before", "before"]
    assert told(stack, started(stack)) == ["after", "after"]
