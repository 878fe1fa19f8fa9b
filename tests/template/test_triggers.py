"""Who may start what: schedules, the rule of dead executions, the API, and those who may call it."""

from __future__ import annotations

import json
import re

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
    assert variables["SCHEDULE_TARGET_ARN"] == {"Ref": "StartRun.Alias"}
    assert variables["SCHEDULE_DLQ_ARN"] == DEAD_LETTERS
    (policy,) = resources("AWS::IAM::Role")["SchedulerRole"]["Policies"]
    granted = {s["Action"]: s["Resource"] for s in statements(policy["PolicyDocument"])}
    assert granted == {
        # Schedules that were made before there was an alias have the bare name.
        "lambda:InvokeFunction": [{"Ref": "StartRun.Alias"}, {"Fn::GetAtt": ["StartRun", "Arn"]}],
        "sqs:SendMessage": DEAD_LETTERS,
    }


@pytest.mark.requirement("TRG-1")
def test_a_scheduled_start_that_fails_is_not_lost() -> None:
    start = FUNCTIONS["StartRun"]
    assert start["DeadLetterQueue"] == {"Type": "SQS", "TargetArn": DEAD_LETTERS}
    assert start["EventInvokeConfig"]["MaximumEventAgeInSeconds"] == 3600
    # It may find that the run before is dead, and closes it.
    assert {"LedgerAccess", "PlansReading", "EventsAccess"} <= policies_of(role_of("StartRun"))


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
    assert target["Arn"] == {"Ref": "CloseDeadRun.Alias"}
    assert target["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}
    permission = resources("AWS::Lambda::Permission")["DeadExecutionsMayCall"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["DeadExecutions", "Arn"]}


@pytest.mark.requirement("TRG-4")
def test_the_api_is_limited_and_answers_within_its_gateways_patience() -> None:
    limits = resources("AWS::ApiGatewayV2::Stage")["ApiStage"]["DefaultRouteSettings"]
    assert limits == {"ThrottlingBurstLimit": 400, "ThrottlingRateLimit": 200}
    assert FUNCTIONS["ApiFunction"]["Timeout"] <= 29


@pytest.mark.requirement("TRG-4", "CON-4")
def test_nobody_signs_up_alone_or_moves_to_another_tenant() -> None:
    pool = resources("AWS::Cognito::UserPool")["UserPool"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    client = resources("AWS::Cognito::UserPoolClient")["UserPoolClient"]
    assert client["WriteAttributes"] == ["email"]


@pytest.mark.requirement("TRG-4")
def test_a_persons_token_names_their_tenant() -> None:
    """(aws 3) What a client may not read is not in its tokens; who has no tenant there gets nowhere."""
    pool = resources("AWS::Cognito::UserPool")["UserPool"]
    client = resources("AWS::Cognito::UserPoolClient")["UserPoolClient"]
    custom = {f"custom:{attribute['Name']}" for attribute in pool["Schema"]}
    assert set(client["ReadAttributes"]) == {"email", "email_verified", *custom}
    assert template()["Parameters"]["TenantClaim"]["Default"] in client["ReadAttributes"]
    assert not custom & set(client["WriteAttributes"])


@pytest.mark.requirement("TRG-4")
def test_a_person_is_the_same_in_capitals() -> None:
    """(aws 18) A pool can't change that later."""
    pool = resources("AWS::Cognito::UserPool")["UserPool"]
    before, otherwise = ["MindCapitals", {"Ref": "AWS::NoValue"}], {"CaseSensitive": False}
    assert pool["UsernameConfiguration"] == {"Fn::If": [*before, otherwise]}
    assert template()["Parameters"]["NamesMindCapitals"]["Default"] == "no"


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(
    ("domain", "taken"),
    [
        ("", True),
        ("acme-pay", True),
        ("a", True),
        ("Acme", False),
        ("-a", False),
        ("a-", False),
        ("a_b", False),
        ("pay-for-laws", False),
        ("cognito-pay", False),
        ("a" * 63, True),
        ("a" * 64, False),
    ],
)
def test_the_address_for_tokens_of_apps_is_one_that_cognito_takes(domain: str, taken: bool) -> None:
    """(aws 18) It was made of the stack's name, and one with a capital failed in the middle."""
    pattern = template()["Parameters"]["TokenAddress"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, domain)) == taken


@pytest.mark.requirement("TRG-4")
def test_people_can_always_sign_in_at_an_address_of_the_pool() -> None:
    """(aws 18) One that is given, as apps of the pool need it; or of the API's id, which has no capital."""
    domain = template()["Resources"]["TokenDomain"]
    assert "Condition" not in domain
    otherwise = {"Fn::Sub": "payrelay-${Api}"}
    assert domain["Properties"]["Domain"] == {
        "Fn::If": ["OwnTokenAddress", {"Ref": "TokenAddress"}, otherwise]
    }
    given = template()["Conditions"]["OwnTokenAddress"]
    assert given == {"Fn::Not": [{"Fn::Equals": [{"Ref": "TokenAddress"}, ""]}]}
    (rule,) = template()["Rules"].values()
    assert rule["RuleCondition"] == template()["Conditions"]["AppsInThePool"]
    assert [one["Assert"] for one in rule["Assertions"]] == [given]


def test_nothing_but_the_address_for_tokens_minds_a_capital_in_the_stacks_name() -> None:
    """(aws 18) Buckets and domains take none; CloudFormation makes the bucket's name, in small letters."""
    named = [
        (resource["Type"], str(resource["Properties"]))
        for resource in template()["Resources"].values()
        if resource["Type"] in ("AWS::S3::Bucket", "AWS::Cognito::UserPoolDomain")
    ]
    assert len(named) == 2
    assert not [kind for kind, properties in named if "AWS::StackName" in properties]


@pytest.mark.parametrize(
    ("function", "parameter"),
    [
        ("ApiFunction", "ReservedForApi"),
        ("LoginHook", "ReservedForLoginHook"),
        ("StartRun", "ReservedForStartRun"),
        ("Console", "ReservedForConsole"),
    ],
)
def test_executions_may_be_reserved_for_what_must_not_wait(function: str, parameter: str) -> None:
    """(aws 14) None by themselves: a new account has few, and AWS refuses to reserve all but 100."""
    condition, yes, no = FUNCTIONS[function]["ReservedConcurrentExecutions"]["Fn::If"]
    assert (yes, no) == ({"Ref": parameter}, {"Ref": "AWS::NoValue"})
    assert template()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, 0]}]}
    assert template()["Parameters"][parameter]["Default"] == 0


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
    """(security F3) What strangers send took the limit of all tenants' calls.

    (aws 14) It is as wide as a morning: 1,000 customers of 250 people within two hours, and three times that.
    """
    stage = resources("AWS::ApiGatewayV2::Stage")["ApiStage"]["RouteSettings"]
    route = resources("AWS::ApiGatewayV2::Route")["LoginHookRoute"]["RouteKey"]
    assert stage[route] == {"ThrottlingBurstLimit": 200, "ThrottlingRateLimit": 100}
    assert stage[route]["ThrottlingRateLimit"] * 3600 * 2 > 2.8 * 1000 * 250


@pytest.mark.requirement("TRG-4")
def test_every_route_that_needs_no_token_has_a_throttle_and_is_made_before_the_stage() -> None:
    """(security F3) API Gateway refuses settings for a route that is not there yet."""
    routes = resources("AWS::ApiGatewayV2::Route")
    public = {name: one["RouteKey"] for name, one in routes.items() if name != "ApiRoute"}
    stage = template()["Resources"]["ApiStage"]
    assert set(stage["Properties"]["RouteSettings"]) == set(public.values())
    assert set(stage["DependsOn"]) == set(public)


@pytest.mark.requirement("SEC-2")
def test_what_serves_the_console_may_write_its_log_and_do_nothing_else() -> None:
    role = role_of("Console")
    assert policies_of(role) == {"LogsAccess"}
    assert "Policies" not in resources("AWS::IAM::Role")[role]


@pytest.mark.requirement("TRG-4")
def test_the_console_is_reached_by_reading_and_at_no_path_of_the_api() -> None:
    routes = resources("AWS::ApiGatewayV2::Route").values()
    to_it = {"Fn::Sub": "integrations/${ConsoleIntegration}"}
    assert {one["RouteKey"] for one in routes if one["Target"] == to_it} == {
        f"{method} {path}" for method in ("GET", "HEAD") for path in ("/console", "/console/{proxy+}")
    }


@pytest.mark.requirement("TRG-4")
def test_people_sign_in_by_a_code_that_comes_back_to_the_console_alone() -> None:
    """And the token has their tenant: a scope beside `openid` would cut it down to what that scope names."""
    client = resources("AWS::Cognito::UserPoolClient")["UserPoolClient"]
    assert (client["AllowedOAuthFlows"], client["AllowedOAuthScopes"]) == (["code"], ["openid"])
    assert "GenerateSecret" not in client, "a page can't keep one"
    assert client["CallbackURLs"] == client["LogoutURLs"]
    ((condition, _, on_aws),) = (one["Fn::If"] for one in client["CallbackURLs"])
    assert (condition, on_aws) == ("Local", {"Fn::Sub": "${Api.ApiEndpoint}/console/"})


@pytest.mark.requirement("SEC-1")
def test_the_access_log_keeps_no_path_in_which_a_name_or_a_key_may_be() -> None:
    """The function's own lines have the route; the request's id leads to them."""
    shown = json.loads(resources("AWS::ApiGatewayV2::Stage")["ApiStage"]["AccessLogSettings"]["Format"])
    assert "$context.integration.requestId" in shown.values()
    assert not {"$context.path", "$context.identity.sourceIp"} & set(shown.values())
