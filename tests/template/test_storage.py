"""State, plans and messages: encrypted, closed to the public, forgotten in time (SEC-2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.stack_template import GLOBALS, listed, resources, statements, template

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


@pytest.mark.parametrize("name", ["State", "Plans"])
def test_what_holds_data_outlives_the_stack(name: str) -> None:
    resource = template()["Resources"][name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


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
    (statement,) = statements(key["KeyPolicy"])
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
def test_functions_keep_to_512_mb_and_a_quarter_of_an_hour() -> None:
    assert GLOBALS["MemorySize"] == 512
    for properties in resources("AWS::Serverless::Function").values():
        assert "MemorySize" not in properties
        assert properties.get("Timeout", GLOBALS["Timeout"]) <= 900
