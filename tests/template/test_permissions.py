"""Every function may do what it needs and nothing else (SEC-2)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.architecture.sources import FUNCTIONS as FUNCTION_FOLDERS
from tests.architecture.sources import PACKAGE, python_files
from tests.architecture.test_handlers import SYSTEMS_OF
from tests.template.stack_template import (
    FUNCTIONS,
    GLOBALS,
    called_by,
    grants,
    listed,
    policies_of,
    resources,
    role_of,
    statements,
)

pytestmark = pytest.mark.requirement("SEC-2")

# What Step Functions needs to have failed executions logged.
DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
# Where AWS offers no narrower scope than `*`, and why.
WIDE = {
    "xray:PutTraceSegments": "X-Ray has no resources that a policy could name",
    "xray:PutTelemetryRecords": "X-Ray has no resources that a policy could name",
    **dict.fromkeys(DELIVERY, "deliveries of logs have no resources that a policy could name"),
}
# Of what has no path below something of ours: all that begins with our name.
NAMED = {"states:DescribeExecution": "an execution's ARN has the names of its machine and its run"}
# A run in progress goes on with the versions that it began with: all of a function's.
VERSIONED = {"lambda:InvokeFunction": ":*"}
# What no call of that name in the code asks for, and who does.
ASKED_BY_OTHERS = {
    "iam:PassRole": "the scheduler, when a schedule is made",
    "kms:Decrypt": "DynamoDB and S3, for the one who reads",
    "kms:GenerateDataKey": "DynamoDB and S3, for the one who writes",
    "lambda:InvokeFunction": "Step Functions and the scheduler",
    "logs:CreateLogStream": "Lambda",
    "logs:PutLogEvents": "Lambda",
    "s3:ListBucket": "S3, which says only so that an object is gone and not denied",
    "xray:PutTelemetryRecords": "Lambda",
    "xray:PutTraceSegments": "Lambda",
    **dict.fromkeys(DELIVERY, "Step Functions"),
}
GRANTS = [pytest.param(name, statement, id=f"{name}-{n}") for n, (name, statement) in enumerate(grants())]


def scope(resource: Any) -> str:
    """A resource of a statement as text."""
    if isinstance(resource, dict):
        (value,) = resource.values()
        return ".".join(value) if isinstance(value, list) else str(value)
    return str(resource)


def method(action: str) -> str:
    """`s3:GetObject` as boto3 has it: get_object."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", action.split(":")[1]).lower()


@pytest.mark.parametrize(("name", "statement"), GRANTS)
def test_a_grant_names_its_actions_and_its_resources(name: str, statement: dict[str, Any]) -> None:
    assert statement["Effect"] == "Allow"
    assert not {"NotAction", "NotResource"} & set(statement)
    for action in listed(statement["Action"]):
        assert "*" not in action
        for resource in map(scope, listed(statement["Resource"])):
            # A wildcard may end a path below something that is ours.
            below = "-*" if action in NAMED else VERSIONED.get(action, "/*")
            narrow = "*" not in resource.removesuffix(below) and resource not in ("", "*")
            assert narrow or (resource == "*" and action in WIDE), f"{action} on {resource}"


@pytest.mark.parametrize(("name", "statement"), GRANTS)
def test_a_grant_is_of_this_stack_only(name: str, statement: dict[str, Any]) -> None:
    for resource in listed(statement["Resource"]):
        if resource != "*":
            assert isinstance(resource, dict), "made of the stack's own resources and name"
            text = resource.get("Fn::Sub", "")
            assert "arn:" not in text or "${AWS::StackName}" in text or "${Schedules}" in text


def test_no_grant_is_left_that_the_code_does_not_use() -> None:
    source = "\n".join(path.read_text() for path in python_files(PACKAGE, FUNCTION_FOLDERS))
    actions = {action for _, statement in grants() for action in listed(statement["Action"])}
    called = {action for action in actions if f".{method(action)}(" in source}
    by_paginator = {action for action in actions if f'get_paginator("{method(action)}")' in source}
    assert actions - called - by_paginator == set(ASKED_BY_OTHERS)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_has_a_role_that_is_written_out(function: str) -> None:
    # The role that SAM makes by itself may write to every log of the account.
    assert "Policies" not in FUNCTIONS[function]
    assert role_of(function) in resources("AWS::IAM::Role")
    assert "LogsAccess" in policies_of(role_of(function))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_only_what_speaks_to_outside_systems_may_read_credentials(function: str) -> None:
    folder = FUNCTIONS[function]["CodeUri"].removeprefix("functions/")
    may = "CredentialsAccess" in policies_of(role_of(function))
    assert may == (folder in SYSTEMS_OF or folder == "api")


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_with_dead_letters_may_leave_them(function: str) -> None:
    # The hook answers its caller, so that it has to leave them itself.
    leaves = "DeadLetterQueue" in FUNCTIONS[function] or function == "LoginHook"
    assert leaves == ("DeadLetterAccess" in policies_of(role_of(function)))


@pytest.mark.parametrize("machine", sorted(resources("AWS::Serverless::StateMachine")))
def test_a_state_machine_may_call_its_own_functions_only(machine: str) -> None:
    properties = resources("AWS::Serverless::StateMachine")[machine]
    logs, policy = properties["Policies"]
    assert logs == {"Ref": "MachineLogsAccess"}
    (statement,) = statements(policy)
    assert statement["Action"] == "lambda:InvokeFunction"
    allowed = [resource["Fn::Sub"] for resource in statement["Resource"]]
    assert sorted(allowed) == sorted(f"${{{name}.Arn}}:*" for name in called_by(machine).values())


def test_roles_are_for_the_one_service_that_needs_them() -> None:
    for name, properties in resources("AWS::IAM::Role").items():
        (statement,) = statements(properties["AssumeRolePolicyDocument"])
        expected = "scheduler" if name == "SchedulerRole" else "lambda"
        assert statement["Principal"] == {"Service": f"{expected}.amazonaws.com"}, name


def test_every_role_and_policy_is_used() -> None:
    kinds = ("AWS::Serverless::Function", "AWS::IAM::Role", "AWS::Serverless::StateMachine")
    text = str([resources(kind) for kind in kinds])
    for name in [*resources("AWS::IAM::Role"), *resources("AWS::IAM::ManagedPolicy")]:
        assert f"'{name}'" in text, name
    assert "Role" not in GLOBALS
