"""Every call to AWS that a function may make is allowed by its role, and nothing else is (SEC-2, aws 8)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from payrelay.domain.runs import Mode
from payrelay.flows.catalog import KINDS, flow_row
from payrelay.runtime.executions import BY_ITSELF
from tests.architecture.sources import FUNCTIONS as FOLDERS
from tests.architecture.sources import PACKAGE, python_files, tree
from tests.template import iam
from tests.template.aws_calls import (
    HELD_AS,
    Piece,
    bound,
    calls_of,
    facts,
    operations,
    pieces,
    services,
    walk,
)
from tests.template.iam import statements_of, text
from tests.template.stack_template import FUNCTIONS, environment, listed, resources, role_of

pytestmark = pytest.mark.requirement("SEC-2")

# As policies name the services and operations that boto3 names otherwise.
PREFIX = {"stepfunctions": "states"}
ACTIONS = {
    "lambda:Invoke": {"lambda:InvokeFunction"},
    # SQS has no action of its own for several messages at once.
    "sqs:ChangeMessageVisibilityBatch": {"sqs:ChangeMessageVisibility"},
    # What the ledger puts into one; a condition on an item that is not written is not among it.
    "dynamodb:TransactWriteItems": {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
}
# What AWS does in the name of whoever makes a call, and so has to be allowed, too.
ALONG_WITH = {
    "dynamodb:GetItem": {"kms:Decrypt by dynamodb", "kms:GenerateDataKey by dynamodb"},
    # An object that has expired must look gone, and not denied.
    "s3:GetObject": {"kms:Decrypt by s3", "s3:ListBucket"},
    "s3:PutObject": {"kms:GenerateDataKey by s3"},
    "scheduler:CreateSchedule": {"iam:PassRole"},
    "sts:AssumeRole": {"sts:TagSession"},
}
# Lambda itself, for every function: its log, its traces; and its dead letters, if it has any.
OF_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
# What may be allowed and never called: one role is that of all page steps of the flows of a kind, and some of
# those keep nothing between their batches.
SPARE = {"ApplyPage": {"s3:PutObject", "kms:GenerateDataKey by s3"}}
# The roles that a function takes, by the variables that name them.
TAKEN = {"CONNECTIONS_ROLE_ARN": "ConnectionsRole", "OLD_CREDENTIALS_ROLE_ARN": "OldCredentialsRole"}


def roles(function: str) -> Iterator[str]:
    """A function's role, and those that it takes."""
    yield role_of(function)
    allowed = {text(one) for one in resources_of(role_of(function), "sts:AssumeRole")}
    for variable, role in TAKEN.items():
        if variable in environment(function) and f"arn:{role}" in allowed:
            yield role


def resources_of(role: str, action: str) -> list[object]:
    return [
        one
        for statement in statements_of(role)
        if action in listed(statement["Action"])
        for one in listed(statement["Resource"])
    ]


def allowed_to(function: str) -> set[str]:
    """The actions that a function's roles allow; those of a key with the service through which, if any."""
    return {
        action + _by(statement)
        for role in roles(function)
        for statement in statements_of(role)
        for action in listed(statement["Action"])
    }


def _by(statement: iam.Document) -> str:
    via = statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService")
    return f" by {text(via).partition('.')[0]}" if via else ""


def needed_by(function: str) -> set[str]:
    """The actions that a function's calls take, with those that AWS makes along with them."""
    found = set(OF_LAMBDA)
    for call in calls_of(function):
        name = operations()[call.operation][1]
        action = f"{PREFIX.get(call.service, call.service)}:{name}"
        # Several messages at once are several of one.
        action = action.removesuffix("Batch") if call.service == "sqs" else action
        found |= ACTIONS.get(action, {action})
    if len(list(roles(function))) == 1:
        found.discard("sts:AssumeRole")
    if "DeadLetterQueue" in FUNCTIONS[function]:
        found.add("sqs:SendMessage")
    return found.union(*(more for action, more in ALONG_WITH.items() if action in found))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_do_what_its_code_calls_and_nothing_else(function: str) -> None:
    needed, allowed = needed_by(function), allowed_to(function)
    assert needed - allowed == set(), "its code calls it, and no policy allows it"
    spare = {action for step, actions in SPARE.items() if function.endswith(step) for action in actions}
    assert allowed - needed <= spare, "a policy allows it, and nothing calls it"


# --- Which machines are started (aws 8) ---

MACHINES = {
    text(properties["Name"]).removeprefix("payrelay-"): name
    for name, properties in resources("AWS::Serverless::StateMachine").items()
}
STARTERS = ["ApiFunction", "LoginHook", "StartRun", "StartWaiting"]
LOGIN_FLOWS = {kind.login_flow for kind in KINDS.values() if kind.login_flow}
ALL_FLOWS = {flow for kind in KINDS.values() for flow in kind.flows}
START = Piece(PACKAGE / "flows" / "engine" / "start.py", "", "start_run")


def ordered() -> set[str]:
    """The modes of the runs that no person orders; only those wait for the one before them."""
    return {
        Mode[node.attr].value
        for folder in ("start_run", "login_hook")
        for path in python_files(FOLDERS / folder)
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Order"
        for node in ast.walk(call)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Mode"
    }


def machines_of(function: str) -> set[str]:
    """The machines that a function may come to start, by its flows and by their modes.

    Who orders a run joins the one in progress, of whatever mode, and starts it if it is still queued. Who
    only starts what has waited starts what no person ordered.
    """
    flows = LOGIN_FLOWS if FUNCTIONS[function]["CodeUri"] == "functions/login_hook" else ALL_FLOWS
    joins = START in walk(function).reached
    return {
        MACHINES[f"{flow}{BY_ITSELF if mode == Mode.AUTO.value else ''}"]
        for flow in flows
        for mode in (flow_row(flow).modes if joins else ordered())
    }


def test_who_starts_runs() -> None:
    starts = [name for name in FUNCTIONS if "start_execution" in {call.operation for call in calls_of(name)}]
    assert sorted(starts) == STARTERS
    assert ordered() == {"sync"}


@pytest.mark.parametrize("function", STARTERS)
def test_a_starter_may_start_every_machine_that_its_code_may_and_no_other(function: str) -> None:
    started = {
        text(one).removeprefix("arn:") for one in resources_of(role_of(function), "states:StartExecution")
    }
    assert started == machines_of(function)


# --- That the calls are found at all ---


def test_calls_to_aws_stand_where_a_client_is_held() -> None:
    found = {
        (piece.owner, call.service)
        for path in python_files(PACKAGE, FOLDERS)
        for key in pieces(path)
        for piece in [Piece(path, *key)]
        for call in facts(piece).calls
    }
    assert {owner for owner, _ in found} <= set(HELD_AS)
    assert {service for _, service in found} == services()


def test_what_holds_a_client_goes_by_its_known_names() -> None:
    unknown = [
        f"{path.name}: {name}: {annotation}"
        for path in python_files(PACKAGE, FOLDERS)
        for name, annotation in _declared(tree(path))
        if name.lstrip("_") not in HELD_AS.get(annotation, {name.lstrip("_")})
        # Rows of a flow have such a name, too.
        if not bound(path).get(annotation, ("", ""))[0].endswith((".people", ".rules"))
    ]
    assert unknown == []


def _declared(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Every argument, field and function of a file with its type."""
    for node in ast.walk(module):
        match node:
            case ast.arg(arg=name, annotation=ast.Name(id=annotation)):
                yield name, annotation
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=annotation)):
                yield name, annotation
            case ast.FunctionDef(name=name, returns=ast.Name(id=annotation)):
                yield name, annotation
