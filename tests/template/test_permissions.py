"""Every function may do what it needs and nothing else (SEC-2)."""

from __future__ import annotations

from typing import Any

import pytest

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
# Taken by roles of ours, under tags: who may is held by `test_secrets_access`.
TAKEN_BY_ROLES = ("ConnectionsRole", "OldCredentialsRole")
# A run in progress goes on with the versions that it began with: all of a function's.
VERSIONED = {"lambda:InvokeFunction": ":*"}
GRANTS = [pytest.param(name, statement, id=f"{name}-{n}") for n, (name, statement) in enumerate(grants())]


def scope(resource: Any) -> str:
    """A resource of a statement as text."""
    if isinstance(resource, dict):
        (value,) = resource.values()
        return ".".join(value) if isinstance(value, list) else str(value)
    return str(resource)


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


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_has_a_role_that_is_written_out(function: str) -> None:
    # The role that SAM makes by itself may write to every log of the account.
    assert "Policies" not in FUNCTIONS[function]
    assert role_of(function) in resources("AWS::IAM::Role")
    assert "LogsAccess" in policies_of(role_of(function))


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
        if name in TAKEN_BY_ROLES:
            assert set(statement["Principal"]) == {"AWS"}
            continue
        expected = "scheduler" if name == "SchedulerRole" else "lambda"
        assert statement["Principal"] == {"Service": f"{expected}.amazonaws.com"}, name


def test_every_role_and_policy_is_used() -> None:
    kinds = ("AWS::Serverless::Function", "AWS::IAM::Role", "AWS::Serverless::StateMachine")
    text = str([resources(kind) for kind in kinds])
    policies = resources("AWS::IAM::ManagedPolicy")
    assert all("Roles" not in policy or policy["Roles"] for policy in policies.values())
    alone = [name for name, policy in policies.items() if "Roles" not in policy]
    for name in {*resources("AWS::IAM::Role"), *alone} - {*TAKEN_BY_ROLES}:
        assert f"'{name}'" in text, name
    assert "Role" not in GLOBALS
