"""What costs something while nothing happens, counted in the template; and why each resource of it does or
does not.

Every type of resource of the template is in one of the two lists; a test fails for one that is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from local.stack.template import read_template

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
USUAL_MEMORY = 128

# What is billed for a resource, by the names of `prices`.
BILLED: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGatewayV2::Api": ("api_requests",),
    "AWS::CloudWatch::Alarm": ("alarms",),
    "AWS::CloudWatch::Dashboard": ("dashboards",),
    "AWS::Cognito::UserPool": ("people",),
    "AWS::Cognito::UserPoolClient": ("app_clients",),
    "AWS::DynamoDB::Table": ("reads", "writes", "table_gb", "backup_gb"),
    "AWS::Events::EventBus": ("events",),
    "AWS::KMS::Key": ("keys", "kms_requests"),
    "AWS::Logs::LogGroup": ("log_gb", "log_kept_gb"),
    "AWS::S3::Bucket": ("s3_puts", "s3_gets", "s3_gb"),
    "AWS::SNS::Topic": ("alarm_mails",),
    "AWS::SQS::Queue": ("queue_requests",),
    "AWS::Scheduler::ScheduleGroup": ("schedule_calls",),
    "AWS::Serverless::Function": ("lambda_requests", "lambda_gb_seconds", "traces"),
    "AWS::Serverless::StateMachine": ("transitions", "traces"),
}
# What is made by the code, and so by no resource.
BY_THE_CODE = ("metrics", "secrets", "secret_calls")
FREE: Mapping[str, str] = {
    "AWS::AppConfig::Application": "AppConfig costs for settings that are asked for, and nobody asks",
    "AWS::AppConfig::ConfigurationProfile": "part of the application",
    "AWS::AppConfig::HostedConfigurationVersion": "part of the application",
    "AWS::ApiGatewayV2::Integration": "part of the API",
    "AWS::ApiGatewayV2::Route": "part of the API",
    "AWS::ApiGatewayV2::Stage": "part of the API; its access log is counted with the log lines",
    "AWS::Cognito::UserPoolDomain": "a domain of Cognito's own",
    "AWS::Cognito::UserPoolGroup": "part of the pool",
    "AWS::Cognito::UserPoolResourceServer": "part of the pool, for app clients, which are counted",
    "AWS::Events::Rule": "rules cost nothing; events of AWS itself and those of a rule's own clock neither",
    "AWS::IAM::ManagedPolicy": "IAM costs nothing",
    "AWS::IAM::Role": "IAM costs nothing",
    "AWS::Lambda::Permission": "part of its function",
    "AWS::S3::BucketPolicy": "part of the bucket",
    "AWS::SNS::Subscription": "part of the topic; mails are counted there",
    "AWS::SNS::TopicPolicy": "part of the topic",
    "AWS::SQS::QueuePolicy": "part of the queue",
    "AWS::Serverless::LayerVersion": "nothing is asked for code; an account may have 75 GB",
}


@cache
def template() -> Mapping[str, Any]:
    """The template as plain data."""
    return read_template(TEMPLATE)


def types() -> Counter[str]:
    """How many resources of each type there are."""
    return Counter(resource["Type"] for resource in template()["Resources"].values())


def memory_of(function: str) -> float:
    """Gigabytes of a function."""
    usual = template()["Globals"]["Function"].get("MemorySize", USUAL_MEMORY)
    return int(_properties(function).get("MemorySize", usual)) / 1024


def is_traced(function: str) -> bool:
    """Whether a function keeps traces of its own, and not only those that its caller began."""
    usual = template()["Globals"]["Function"].get("Tracing")
    return bool(_properties(function).get("Tracing", usual) == "Active")


def roles() -> int:
    """How many roles there are: each asks for the key by itself."""
    return types()["AWS::IAM::Role"]


def log_days() -> int:
    """How long log lines are kept."""
    return int(template()["Parameters"]["LogRetentionDays"]["Default"])


def standing(year: int = 1) -> dict[str, float]:
    """What the stack has a month with nobody in it, but for its watch.

    A key that is rotated costs as much once more after its first rotation, and again after its second.
    """
    return {
        "alarms": sum(_metrics(one) for one in _of_type("AWS::CloudWatch::Alarm")),
        "dashboards": types()["AWS::CloudWatch::Dashboard"],
        "keys": sum(1 + min(year - 1, 2) * _rotates(one) for one in _of_type("AWS::KMS::Key")),
        "app_clients": sum(_signs_in(one) for one in _of_type("AWS::Cognito::UserPoolClient")),
        # `SchedulesWatched`, every quarter of an hour.
        "metrics": 1,
    }


def _properties(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = template()["Resources"][name].get("Properties", {})
    return found


def _of_type(kind: str) -> list[Mapping[str, Any]]:
    return [one for one in template()["Resources"].values() if one["Type"] == kind]


def _metrics(alarm: Mapping[str, Any]) -> int:
    """How many metrics an alarm looks at: one, or those that its expression is made of."""
    queries = alarm["Properties"].get("Metrics", [])
    return sum("MetricStat" in query for query in queries) or 1


def _rotates(key: Mapping[str, Any]) -> bool:
    return bool(key["Properties"].get("EnableKeyRotation"))


def _signs_in(client: Mapping[str, Any]) -> bool:
    """Whether a client signs in as itself, and is there unless somebody asks for it not to be."""
    return "Condition" not in client and "client_credentials" in client["Properties"].get(
        "AllowedOAuthFlows", ()
    )
