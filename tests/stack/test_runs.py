"""Whole runs on the real template: API, state machine, functions, table, bus, against the sandboxes."""

from __future__ import annotations

import base64
import json
import time

import pytest
import requests

from local.stack.seed import CREDENTIALS
from local.stack.stack import Stack
from payrelay.ledger import keys
from payrelay.ledger.table import to_wire
from tests.worlds.user import FLOW, User, calm, faults

pytestmark = pytest.mark.stack


@pytest.fixture
def connection(stack: Stack) -> str:
    return str(stack.facts["connections"]["simployer_xledger"])


def writes(stack: Stack) -> int:
    url = f"{stack.facts['sandboxes']['xledger']}/_sandbox/requests"
    return sum(1 for request in requests.get(url, timeout=10).json() if request["writes"])


def forget(stack: Stack) -> None:
    requests.delete(f"{stack.facts['sandboxes']['xledger']}/_sandbox/requests", timeout=10)


@pytest.mark.requirement("EX-2", "EX-4", "RUN-2", "RUN-3", "CON-4")
def test_the_second_sync_writes_nothing_and_another_tenant_sees_neither(
    stack: Stack, admin: User, connection: str
) -> None:
    first = admin.follow(admin.start(connection))
    assert first["status"] in ("succeeded", "partial"), first
    assert sum(first["counts"].values()) == first["progress"]["total"] == first["progress"]["done"]
    forget(stack)
    second = admin.follow(admin.start(connection))
    assert second["counts"]["created"] == second["counts"]["updated"] == 0
    assert writes(stack) == 0
    stranger = User(stack, "other_tenant_admin")
    assert stranger("GET", "/runs").json()["items"] == []
    ours = f"/runs/{first['run_id']}"
    for path in (ours, f"{ours}/records", f"/connections/{connection}"):
        assert stranger("GET", path).status_code == 404


@pytest.mark.requirement("RUN-4")
def test_a_vendor_that_is_down_fails_the_run_by_the_state_machines_own_waits(
    stack: Stack, admin: User, connection: str, quick_waits: None
) -> None:
    faults(stack, "simployer", errors=[503])
    try:
        run = admin.follow(admin.start(connection))
    finally:
        calm(stack, "simployer")
    assert run["status"] == "failed"
    assert run["error"]["code"] == "SYSTEM_UNREACHABLE"
    assert "Simployer One" in run["error"]["message"]
    assert admin.follow(admin.start(connection))["status"] in ("succeeded", "partial")


@pytest.mark.requirement("RUN-1", "RUN-2")
def test_an_aborted_execution_is_closed_by_the_rule_and_blocks_nobody(
    stack: Stack, admin: User, connection: str
) -> None:
    faults(stack, "simployer", latency_ms=1500)
    try:
        run = admin.start(connection)
        joined = admin("POST", f"/connections/{connection}/runs", {"flow": FLOW, "mode": "sync"})
        assert joined.status_code == 200
        assert joined.json()["joined"] is True
        assert joined.json()["run_id"] == run["run_id"]
        machines = stack.client("stepfunctions").list_state_machines()["stateMachines"]
        arn = next(m["stateMachineArn"] for m in machines if m["name"].endswith(FLOW))
        execution = f"{arn.replace(':stateMachine:', ':execution:')}:{run['run_id']}"
        stack.client("stepfunctions").stop_execution(executionArn=execution)
        ended = admin.follow(run)
    finally:
        calm(stack, "simployer")
    assert ended["status"] == "failed"
    assert ended["error"]["code"] == "RUN_DIED"
    assert admin.follow(admin.start(connection))["status"] in ("succeeded", "partial")


@pytest.mark.requirement("RUN-2")
def test_a_run_can_be_stopped(stack: Stack, admin: User, connection: str) -> None:
    faults(stack, "simployer", latency_ms=1000)
    try:
        run = admin.start(connection)
        assert admin("POST", f"/runs/{run['run_id']}/stop").status_code == 202
        ended = admin.follow(run)
    finally:
        calm(stack, "simployer")
    assert ended["status"] == "stopped"
    assert ended["error"]["code"] == "STOPPED_BY_USER"


@pytest.mark.requirement("TRG-1", "EX-1", "TRG-2")
def test_a_schedule_stands_in_the_scheduler_and_its_target_starts_the_run(
    stack: Stack, admin: User, connection: str
) -> None:
    wanted = {"days": ["MON", "TUE"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}
    assert admin("PUT", f"/connections/{connection}/schedules/{FLOW}", wanted).status_code == 200
    scheduler = stack.client("scheduler")
    summaries = scheduler.list_schedules(GroupName="payrelay", NamePrefix=connection)["Schedules"]
    (summary,) = [one for one in summaries if one["Name"].startswith(connection)]
    stored = scheduler.get_schedule(GroupName="payrelay", Name=summary["Name"])
    assert stored["ScheduleExpressionTimezone"] == "Europe/Oslo"
    assert stored["FlexibleTimeWindow"]["Mode"] == "FLEXIBLE"
    assert stored["Target"]["DeadLetterConfig"]["Arn"]
    answer = stack.client("lambda").invoke(
        FunctionName=stored["Target"]["Arn"], Payload=stored["Target"]["Input"].encode()
    )
    started = json.loads(answer["Payload"].read())
    run = admin.follow({"run_id": started["run_id"]})
    assert run["trigger"] == "schedule"
    assert run["status"] in ("succeeded", "partial")


@pytest.mark.requirement("EVT-1")
def test_a_finished_run_is_heard_on_the_bus(stack: Stack, admin: User, connection: str) -> None:
    queue = stack.client("sqs").create_queue(QueueName="listener")["QueueUrl"]
    arn = stack.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    events = stack.client("events")
    bus = stack.outputs["EventBusName"]
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["payrelay"]}))
    events.put_targets(
        Rule="all", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn["Attributes"]["QueueArn"]}]
    )
    run = admin.follow(admin.start(connection))
    heard = []
    until = time.monotonic() + 20
    while time.monotonic() < until and "RunFinished" not in [event["detail-type"] for event in heard]:
        answer = stack.client("sqs").receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        heard += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
    finished = next(event for event in heard if event["detail-type"] == "RunFinished")
    assert finished["detail"]["run_id"] == run["run_id"]
    assert finished["detail"]["counts"] == run["counts"]


@pytest.mark.requirement("OPS-5")
def test_one_query_finds_the_log_lines_of_a_run(stack: Stack, admin: User, connection: str) -> None:
    run = admin.follow(admin.start(connection))
    lines = []
    for page in (
        stack.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=stack.outputs["LogGroup"], filterPattern=f'"{run["run_id"]}"')
    ):
        lines += [event["message"] for event in page["events"]]
    told = [json.loads(line) for line in lines if line.startswith("{")]
    steps = [line for line in told if line.get("message") == "step"]
    assert len(steps) >= 5, "every step of the run says so"
    assert all(line["connection_id"] == connection for line in steps)
    calls = [line for line in told if line.get("message") == "call"]
    assert {line["system"] for line in calls} == {"simployer", "xledger"}


@pytest.mark.requirement("TRG-4")
def test_an_app_signs_in_as_itself_and_acts_for_its_tenant(stack: Stack, connection: str) -> None:
    """An app from before there were keys: it has a client of its own in the user pool."""
    assert "AppClientId" not in stack.outputs, "the template makes none unless it is asked for"
    pool, cognito = stack.outputs["UserPoolId"], stack.client("cognito-idp")
    scopes = [{"ScopeName": "operator", "ScopeDescription": "Start and replay runs"}]
    cognito.create_resource_server(UserPoolId=pool, Identifier="payrelay", Name="Payrelay API", Scopes=scopes)
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="payroll",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["payrelay/operator"],
    )["UserPoolClient"]
    client_id, secret = made["ClientId"], made["ClientSecret"]
    stack.client("dynamodb").put_item(
        TableName=stack.outputs["TableName"],
        Item={
            **to_wire(keys.app(client_id)),
            **to_wire({"tenant": "demo", "role": "operator"}),
        },
    )
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = requests.post(
        f"{stack.endpoint}/oauth2/token",
        data={"grant_type": "client_credentials", "scope": "payrelay/operator"},
        headers={"Authorization": f"Basic {basic}"},
        timeout=10,
    )
    app = User(stack, answer.json()["access_token"])
    assert app("GET", f"/connections/{connection}").status_code == 200
    assert app("POST", "/connections", {"name": "x"}).status_code == 403


@pytest.mark.requirement("TRG-4", "SEC-1")
def test_an_app_calls_with_its_key_until_that_is_revoked(stack: Stack, admin: User, connection: str) -> None:
    """(aws 11) On the real table: one consistent read a call, and no secret in what is kept or logged."""
    made = admin("POST", "/apps", {"name": "Payday", "role": "operator"}).json()
    app = User(stack, made["key"])
    assert app("GET", f"/connections/{connection}").status_code == 200
    assert app("POST", "/connections", {"name": "x"}).status_code == 403
    (listed,) = (one for one in admin("GET", "/apps").json()["items"] if one["app_id"] == made["app_id"])
    assert listed["last_used_on"] is not None
    assert admin("DELETE", f"/apps/{made['app_id']}").status_code == 204
    refused = app("GET", f"/connections/{connection}")
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")
    assert made["key"] not in everything_kept(stack)


@pytest.mark.requirement("CON-2", "EX-7", "CON-1")
def test_a_wrong_token_is_named_at_connect_and_a_tenant_without_the_add_on_is_refused(
    stack: Stack, admin: User
) -> None:
    settings = {name: {"base_url": stack.facts["sandboxes"][name]} for name in CREDENTIALS}
    body = {"name": "Trial", "kind": "simployer_xledger", "settings": settings, "credentials": CREDENTIALS}
    wrong = {**CREDENTIALS, "xledger": {"api_token": "no-such-token"}}
    made = admin("POST", "/connections", {**body, "credentials": wrong}).json()
    refused = admin("POST", f"/connections/{made['connection_id']}/connect")
    assert refused.status_code == 409
    assert refused.json()["code"] == "CREDENTIALS_REFUSED"
    assert "Xledger" in refused.json()["detail"]
    assert admin("GET", f"/connections/{made['connection_id']}").json()["status"] == "attention"
    stranger = User(stack, "other_tenant_admin")
    theirs = stranger("POST", "/connections", body).json()
    answer = stranger("POST", f"/connections/{theirs['connection_id']}/connect")
    assert (answer.status_code, answer.json()["code"]) == (403, "ADD_ON_NOT_ACTIVE")


@pytest.mark.requirement("CON-3", "SEC-1")
def test_tokens_show_in_no_answer_log_or_item_of_the_state(
    stack: Stack, admin: User, connection: str
) -> None:
    shown = admin("GET", f"/connections/{connection}").text + admin("GET", "/connections").text
    shown += everything_kept(stack)
    for token in ("simployer-sandbox-token", "xledger-sandbox-token", stack.facts["tokens"]["admin"]):
        assert token not in shown


def everything_kept(stack: Stack) -> str:
    """All items of the table, and all lines of the log."""
    shown = ""
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"]):
        shown += str(page["Items"])
    for page in (
        stack.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=stack.outputs["LogGroup"])
    ):
        shown += "".join(event["message"] for event in page["events"])
    return shown
