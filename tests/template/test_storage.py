"""State, plans and messages: encrypted, closed to the public, forgotten in time (SEC-2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.stack_template import GLOBALS, listed, resources, statements, template
from tests.template.transformed import Document, names_in, of_kind, transformed

pytestmark = pytest.mark.requirement("SEC-2")

KEY = {"Fn::GetAtt": ["Key", "Arn"]}
PARAMETERS: dict[str, Any] = template()["Parameters"]


def test_the_table_is_encrypted_and_can_be_put_back() -> None:
    table = resources("AWS::DynamoDB::Table")["State"]
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_table_forgets_what_has_expired() -> None:
    table = resources("AWS::DynamoDB::Table")["State"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_plans_are_encrypted_and_closed_to_the_public() -> None:
    bucket = resources("AWS::S3::Bucket")["Plans"]
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4


def test_plans_and_logs_are_forgotten_after_a_time_that_is_a_setting() -> None:
    (rule,) = resources("AWS::S3::Bucket")["Plans"]["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] == {"Ref": "PlanRetentionDays"}
    assert resources("AWS::Logs::LogGroup")["Logs"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert PARAMETERS["PlanRetentionDays"]["Default"] == 30
    assert PARAMETERS["LogRetentionDays"]["Default"] == 90


# What holds something that no deployment makes again: state, plans, people, letters, logs.
HOLDS_STATE = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::Cognito::UserPool",
    "AWS::SQS::Queue",
    "AWS::Logs::LogGroup",
)
# What holds something that the stack, or the table, makes again.
HOLDS_NONE = {
    "AWS::Scheduler::ScheduleGroup": "the table has each schedule; they would call what is gone",
    "AWS::SNS::Topic": "its messages are sent at once",
    "AWS::Events::EventBus": "its events are delivered at once",
    "AWS::Cognito::UserPoolClient": "it has no users",
    "AWS::AppConfig::HostedConfigurationVersion": "nobody reads it",
}
PROTECTED = {"AWS::DynamoDB::Table": ("DeletionProtectionEnabled", True)} | {
    "AWS::Cognito::UserPool": ("DeletionProtection", "ACTIVE")
}
DEPLOYED = transformed()
STATEFUL = {name for kind in HOLDS_STATE for name in of_kind(DEPLOYED, kind)}


def keys_of(name: str) -> set[str]:
    """The keys of the stack without which what a resource holds can't be read."""
    return names_in(DEPLOYED[name]["Properties"]) & set(of_kind(DEPLOYED, "AWS::KMS::Key"))


def test_what_holds_state_and_every_key_of_it_are_known() -> None:
    """(aws 1)"""
    assert {"State", "Plans", "UserPool", "DeadLetters", "Logs"} == STATEFUL
    assert {key for name in STATEFUL for key in keys_of(name)} == {"Key"}


@pytest.mark.parametrize("name", sorted(STATEFUL | {key for name in STATEFUL for key in keys_of(name)}))
def test_what_holds_state_and_the_key_to_it_outlive_the_stack(name: str) -> None:
    """(aws 1) The key was deleted with the stack, and then nobody could have read the table that was kept.

    What is protected from deletion can't be taken back when the first deployment fails, and so is left.
    """
    resource: Document = DEPLOYED[name]
    protected = resource["Type"] in PROTECTED
    assert resource["DeletionPolicy"] == ("Retain" if protected else "RetainExceptOnCreate")
    assert resource["UpdateReplacePolicy"] == "Retain"
    if protected:
        property_, value = PROTECTED[resource["Type"]]
        assert resource["Properties"][property_] == value


def test_a_resource_that_is_not_kept_holds_nothing() -> None:
    """(aws 1) A new kind of resource that is not known yet is to be judged here."""
    services = ("DynamoDB", "S3", "SQS", "SNS", "Logs", "KMS", "Cognito", "Scheduler", "Events", "AppConfig")
    known = {*HOLDS_STATE, *HOLDS_NONE, "AWS::KMS::Key"}
    setting = ("Policy", "Domain", "Group", "Server", "Rule", "Subscription", "Application", "Profile")
    for kind in {one["Type"] for one in DEPLOYED.values()} - known:
        assert kind.split("::")[1] not in services or kind.endswith(setting), kind


@pytest.mark.requirement("OPS-5")
def test_logs_are_encrypted_with_the_key_which_is_for_this_log_group_alone() -> None:
    """(aws 20)"""
    logs = resources("AWS::Logs::LogGroup")["Logs"]
    assert logs["KmsKeyId"] == KEY
    _, statement = statements(resources("AWS::KMS::Key")["Key"]["KeyPolicy"])
    assert statement["Principal"] == {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}}
    ((test, condition),) = statement["Condition"].items()
    assert (test, list(condition)) == ("ArnEquals", ["kms:EncryptionContext:aws:logs:arn"])
    arn = condition["kms:EncryptionContext:aws:logs:arn"]["Fn::Sub"]
    assert arn.endswith(f":log-group:{logs['LogGroupName']['Fn::Sub']}")


@pytest.mark.requirement("OPS-5")
def test_failed_executions_are_logged_without_their_data() -> None:
    """(aws 20)"""
    to = [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}]
    for machine in of_kind(DEPLOYED, "AWS::StepFunctions::StateMachine").values():
        logging = machine["Properties"]["LoggingConfiguration"]
        assert logging == {"Level": "ERROR", "IncludeExecutionData": False, "Destinations": to}


# By the reference of PutRetentionPolicy.
RETENTIONS = "1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653"


def test_logs_are_kept_for_a_time_that_cloudwatch_takes() -> None:
    """(aws 18) 100 days were refused in the middle of a deployment."""
    assert PARAMETERS["LogRetentionDays"]["AllowedValues"] == [int(days) for days in RETENTIONS.split()]


def test_every_queue_is_encrypted_and_keeps_its_messages_two_weeks() -> None:
    for queue in resources("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"])
def test_nothing_comes_or_goes_unencrypted(kind: str) -> None:
    (policy,) = resources(kind).values()
    denied = [s for s in statements(policy["PolicyDocument"]) if s["Effect"] == "Deny"]
    assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_the_key_is_rotated_and_the_accounts_to_give() -> None:
    key = resources("AWS::KMS::Key")["Key"]
    assert key["EnableKeyRotation"] is True
    statement, _ = statements(key["KeyPolicy"])
    # In a key's own policy `*` means this key, and the account decides by its other policies.
    assert statement["Resource"] == "*"
    assert statement["Principal"]["AWS"]["Fn::Sub"].endswith(":root")


def test_only_rules_of_the_stack_may_write_to_the_dead_letters_from_outside() -> None:
    (policy,) = resources("AWS::SQS::QueuePolicy").values()
    (allowed,) = [s for s in statements(policy["PolicyDocument"]) if s["Effect"] == "Allow"]
    assert listed(allowed["Action"]) == ["sqs:SendMessage"]
    found = resources("AWS::Events::Rule").items()
    rules = [{"Fn::GetAtt": [name, "Arn"]} for name, rule in found if "DeadLetterConfig" in str(rule)]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": rules}}


@pytest.mark.requirement("OPS-5")
def test_functions_log_as_json_into_one_group_and_are_traced() -> None:
    assert GLOBALS["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "Logs"}}
    assert GLOBALS["Tracing"] == "Active"
    for machine in resources("AWS::Serverless::StateMachine").values():
        assert machine["Tracing"] == {"Enabled": True}


@pytest.mark.requirement("RUN-8")
def test_functions_keep_to_a_quarter_of_an_hour() -> None:
    """How much memory each has is measured: `test_memory.py`."""
    for properties in resources("AWS::Serverless::Function").values():
        assert properties.get("Timeout", GLOBALS["Timeout"]) <= 900
