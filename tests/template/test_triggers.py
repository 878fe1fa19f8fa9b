"""Who may start what: schedules, the rule of dead executions, the API, and those who may call it."""

from __future__ import annotations

import pytest

from tests.template.stack_template import (
    FUNCTIONS,
    listed,
    policies_of,
    resources,
    role_of,
    statements,
    template,
)

DEAD_LETTERS = {"Fn::GetAtt": ["DeadLetters", "Arn"]}


@pytest.mark.requirement("TRG-1")
def test_schedules_call_one_function_and_leave_their_dead_letters() -> None:
    variables = FUNCTIONS["ApiFunction"]["Environment"]["Variables"]
    assert variables["SCHEDULE_TARGET_ARN"] == {"Fn::GetAtt": ["StartRun", "Arn"]}
    assert variables["SCHEDULE_DLQ_ARN"] == DEAD_LETTERS
    (policy,) = resources("AWS::IAM::Role")["SchedulerRole"]["Policies"]
    granted = {s["Action"]: s["Resource"] for s in statements(policy["PolicyDocument"])}
    assert granted == {
        "lambda:InvokeFunction": {"Fn::GetAtt": ["StartRun", "Arn"]},
        "sqs:SendMessage": DEAD_LETTERS,
    }


@pytest.mark.requirement("TRG-1")
def test_a_scheduled_start_that_fails_is_not_lost() -> None:
    start = FUNCTIONS["StartRun"]
    assert start["DeadLetterQueue"] == {"Type": "SQS", "TargetArn": DEAD_LETTERS}
    assert start["EventInvokeConfig"]["MaximumEventAgeInSeconds"] == 3600
    # It may find that the run before is dead, and closes it.
    assert {"LedgerAccess", "PlansAccess", "EventsAccess"} <= policies_of(role_of("StartRun"))


@pytest.mark.requirement("TRG-1")
def test_schedules_are_spread_over_some_minutes() -> None:
    parameter = template()["Parameters"]["ScheduleJitterMinutes"]
    assert (parameter["MinValue"], parameter["Default"], parameter["MaxValue"]) == (1, 10, 60)
    variables = FUNCTIONS["ApiFunction"]["Environment"]["Variables"]
    assert variables["SCHEDULE_JITTER_MINUTES"] == {"Ref": "ScheduleJitterMinutes"}


@pytest.mark.requirement("RUN-1", "RUN-4")
def test_an_execution_that_dies_has_its_run_closed() -> None:
    rule = resources("AWS::Events::Rule")["DeadExecutions"]
    assert rule["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["CloseDeadRun", "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}
    permission = resources("AWS::Lambda::Permission")["DeadExecutionsMayCall"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["DeadExecutions", "Arn"]}


@pytest.mark.requirement("TRG-4")
def test_the_api_is_limited_and_answers_within_its_gateways_patience() -> None:
    limits = resources("AWS::ApiGatewayV2::Stage")["ApiStage"]["DefaultRouteSettings"]
    assert limits == {"ThrottlingBurstLimit": 100, "ThrottlingRateLimit": 50}
    assert FUNCTIONS["ApiFunction"]["Timeout"] <= 29


@pytest.mark.requirement("TRG-4", "CON-4")
def test_nobody_signs_up_alone_or_moves_to_another_tenant() -> None:
    pool = resources("AWS::Cognito::UserPool")["UserPool"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    client = resources("AWS::Cognito::UserPoolClient")["UserPoolClient"]
    assert client["WriteAttributes"] == ["email"]


@pytest.mark.requirement("TRG-4")
def test_the_roles_of_people_and_of_apps_are_the_same_but_for_those_that_only_people_have() -> None:
    """An app is no person: nothing is its own (faults H3), and it does not run Payrelay (oncall OC-35)."""
    groups = {group["GroupName"] for group in resources("AWS::Cognito::UserPoolGroup").values()}
    (server,) = resources("AWS::Cognito::UserPoolResourceServer").values()
    scopes = {scope["ScopeName"] for scope in server["Scopes"]}
    assert scopes == {"viewer", "operator", "admin"}
    assert groups == {*scopes, "employee", "service"}
    app = resources("AWS::Cognito::UserPoolClient")["AppClient"]
    assert set(listed(app["AllowedOAuthScopes"])) == {f"{server['Identifier']}/{scope}" for scope in scopes}


@pytest.mark.requirement("TRG-4")
def test_apps_have_no_client_in_the_user_pool_unless_it_is_asked_for() -> None:
    """(aws 11) Each costs $6 a month, and a pool may have 1,000: apps have keys of ours."""
    asked = template()["Parameters"]["CognitoApps"]
    assert (asked["Default"], asked["AllowedValues"]) == ("no", ["no", "yes"])
    assert template()["Conditions"]["AppsInThePool"] == {"Fn::Equals": [{"Ref": "CognitoApps"}, "yes"]}
    of_apps = {
        name
        for name, one in template()["Resources"].items()
        if one["Type"] == "AWS::Cognito::UserPoolResourceServer"
        or "client_credentials" in one.get("Properties", {}).get("AllowedOAuthFlows", ())
    }
    assert of_apps == {"ApiScopes", "AppClient"}
    asked_for = [template()["Resources"][name] for name in of_apps] + [template()["Outputs"]["AppClientId"]]
    assert [one.get("Condition") for one in asked_for] == ["AppsInThePool"] * 3
    named = [
        name
        for name, one in template()["Resources"].items()
        if name not in of_apps and "AppClient" in str(one)
    ]
    assert named == [], "nothing that is always there needs it"


@pytest.mark.requirement("EVT-1")
def test_events_go_to_a_bus_of_the_stack() -> None:
    assert list(resources("AWS::Events::EventBus")) == ["Bus"]
    assert template()["Outputs"]["EventBusName"] == {"Value": {"Ref": "Bus"}}


@pytest.mark.requirement("TRG-3")
def test_the_login_hook_that_anybody_may_call_has_a_throttle_of_its_own() -> None:
    """(security F3) What strangers send took the limit of all tenants' calls."""
    stage = resources("AWS::ApiGatewayV2::Stage")["ApiStage"]["RouteSettings"]
    route = resources("AWS::ApiGatewayV2::Route")["LoginHookRoute"]["RouteKey"]
    assert stage == {route: {"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10}}
