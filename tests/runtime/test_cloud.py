"""The services that the API's tests reach do what moto's do, as far as the product can tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from moto import mock_aws

from tests.worlds.aws import REGION, client
from tests.worlds.cloud import cloud
from tests.worlds.kms import KEY

BUS, GROUP = "bus", "payrelay"
CONTEXT = {"tenant": "demo", "connection": "con_A", "system": "sage"}
# A queue and a key that there are.
Account = tuple[str, str]


@pytest.fixture(scope="module", params=["moto", "here"])
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account with a bus, a group of schedules, a queue and a key."""
    queue = f"https://sqs.{REGION}.amazonaws.com/123456789012/letters"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        if request.param == "here":
            with cloud(bus=BUS, group=GROUP, queue=queue):
                yield queue, KEY
            return
        with mock_aws():
            client("events").create_event_bus(Name=BUS)
            client("scheduler").create_schedule_group(Name=GROUP)
            client("sqs").create_queue(QueueName="letters")
            yield queue, client("kms").create_key()["KeyMetadata"]["Arn"]


def outcome(service: str, call: str, **asked: Any) -> Any:
    """What was answered, or the code with which it was refused."""
    try:
        return getattr(client(service), call)(**asked)
    except ClientError as error:
        return error.response["Error"]["Code"]


def secret(call: str, name: str, **more: Any) -> Any:
    """What Secrets Manager says: the text, whether it is to be deleted, or a refusal."""
    key = "Name" if call == "create_secret" else "SecretId"
    answer = outcome("secretsmanager", call, **{key: name}, **more)
    if isinstance(answer, str):
        return answer
    assert answer["Name"] == name
    return answer.get("SecretString", "DeletedDate" in answer or None)


@pytest.mark.requirement("CON-3")
def test_a_secret_is_made_changed_deleted_taken_back_and_forgotten(account: Account) -> None:
    steps: list[tuple[str, dict[str, Any], Any]] = [
        ("get_secret_value", {}, "ResourceNotFoundException"),
        ("put_secret_value", {"SecretString": "0"}, "ResourceNotFoundException"),
        ("restore_secret", {}, "ResourceNotFoundException"),
        ("describe_secret", {}, "ResourceNotFoundException"),
        ("delete_secret", {"RecoveryWindowInDays": 30}, "ResourceNotFoundException"),
        ("delete_secret", {"ForceDeleteWithoutRecovery": True}, None),
        ("create_secret", {"SecretString": "1"}, None),
        ("create_secret", {"SecretString": "2"}, "ResourceExistsException"),
        ("get_secret_value", {}, "1"),
        ("put_secret_value", {"SecretString": "2"}, None),
        ("get_secret_value", {}, "2"),
        ("delete_secret", {"RecoveryWindowInDays": 3}, "InvalidParameterException"),
        ("delete_secret", {"RecoveryWindowInDays": 30}, None),
        ("delete_secret", {"RecoveryWindowInDays": 30}, "InvalidRequestException"),
        ("get_secret_value", {}, "InvalidRequestException"),
        ("describe_secret", {}, True),
        ("restore_secret", {}, None),
        ("get_secret_value", {}, "2"),
        ("delete_secret", {"RecoveryWindowInDays": 7}, None),
        ("delete_secret", {"ForceDeleteWithoutRecovery": True}, None),
        ("get_secret_value", {}, "ResourceNotFoundException"),
    ]
    assert [(call, secret(call, "one", **more)) for call, more, _ in steps] == [
        (call, answer) for call, _, answer in steps
    ]


@pytest.mark.requirement("CON-3")
def test_secrets_are_listed_but_for_those_that_are_to_be_deleted(account: Account) -> None:
    for name in ("stays", "goes"):
        assert secret("create_secret", name, SecretString=name) is None
    secret("delete_secret", "goes", RecoveryWindowInDays=30)

    def listed(**asked: Any) -> list[str]:
        return sorted(one["Name"] for one in outcome("secretsmanager", "list_secrets", **asked)["SecretList"])

    assert listed() == ["stays"]
    assert listed(IncludePlannedDeletion=True) == ["goes", "stays"]


@pytest.mark.requirement("TRG-1")
def test_a_schedule_is_made_replaced_and_deleted(account: Account) -> None:
    target = {"Arn": "arn:aws:lambda:eu-north-1:123456789012:function:f", "RoleArn": "arn:aws:iam::1:role/r"}
    retries = {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}
    wanted: dict[str, Any] = {
        "ScheduleExpression": "cron(0 6 ? * MON *)",
        "ScheduleExpressionTimezone": "Europe/Oslo",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {**target, "Input": json.dumps({"tenant": "demo"}), "RetryPolicy": retries},
        "State": "DISABLED",
    }

    def schedule(call: str, name: str = "one", group: str = GROUP, **more: Any) -> Any:
        answer = outcome("scheduler", call, Name=name, GroupName=group, **more)
        return answer if isinstance(answer, str) else {n: answer[n] for n in wanted if n in answer}

    missing = "ResourceNotFoundException"
    assert schedule("get_schedule") == schedule("delete_schedule") == missing
    assert schedule("update_schedule", **wanted) == missing
    assert schedule("get_schedule", group="other") == missing
    assert schedule("create_schedule", **wanted) == {}
    assert schedule("create_schedule", **wanted) == "ConflictException"
    assert schedule("get_schedule") == wanted
    other = {**wanted, "ScheduleExpression": "cron(0 7 ? * MON *)", "State": "ENABLED"}
    assert schedule("update_schedule", **other) == {}
    assert schedule("get_schedule") == other
    assert schedule("create_schedule", "two", **wanted) == {}
    listed = outcome("scheduler", "list_schedules", GroupName=GROUP)["Schedules"]
    assert [(one["Name"], one["State"]) for one in listed] == [("two", "DISABLED"), ("one", "ENABLED")]
    assert schedule("delete_schedule") == schedule("delete_schedule", "two") == {}
    assert schedule("get_schedule") == missing


@pytest.mark.requirement("CON-3")
def test_what_is_sealed_opens_with_its_context_alone(account: Account) -> None:
    _, key = account

    def opened(part: bytes, **changed: str) -> Any:
        answer = outcome("kms", "decrypt", CiphertextBlob=part, EncryptionContext={**CONTEXT, **changed})
        return answer if isinstance(answer, str) else answer["Plaintext"]

    sealed = outcome("kms", "encrypt", KeyId=key, Plaintext=b"text", EncryptionContext=CONTEXT)
    assert opened(sealed["CiphertextBlob"]) == b"text"
    assert opened(sealed["CiphertextBlob"], tenant="other") == "InvalidCiphertextException"
    gone = outcome("kms", "encrypt", KeyId=f"{key}0", Plaintext=b"text", EncryptionContext=CONTEXT)
    assert gone == "NotFoundException"
    long = outcome("kms", "encrypt", KeyId=key, Plaintext=b"x" * 4097, EncryptionContext=CONTEXT)
    assert long == "ValidationException"


@pytest.mark.requirement("EVT-1", "OPS-3")
def test_events_and_letters_are_taken(account: Account) -> None:
    entry = {"EventBusName": BUS, "Source": "payrelay", "DetailType": "RunFinished", "Detail": "{}"}
    answer = outcome("events", "put_events", Entries=[entry] * 2)
    assert answer["FailedEntryCount"] == 0
    assert [list(one) for one in answer["Entries"]] == [["EventId"]] * 2
    queue, _ = account
    about = {"ErrorMessage": {"DataType": "String", "StringValue": "why"}}
    assert outcome("sqs", "send_message", QueueUrl=queue, MessageBody="{}", MessageAttributes=about)[
        "MessageId"
    ]


@pytest.mark.requirement("CON-3")
def test_a_call_that_the_service_does_not_know_is_not_even_sent(account: Account) -> None:
    """It is botocore itself that checks what it is given."""
    for wrong in ({"SecretId": 1}, {"Name": "one"}, {"SecretId": "one", "Version": "1"}):
        with pytest.raises(ParamValidationError):
            client("secretsmanager").get_secret_value(**wrong)
    missing = client("secretsmanager").exceptions.ResourceNotFoundException
    with pytest.raises(missing):
        client("secretsmanager").get_secret_value(SecretId="none")
