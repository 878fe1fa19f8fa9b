"""boto3 clients of the local stack."""

from typing import Any, cast

import boto3
from botocore.config import Config

REGION = "eu-west-1"


def client(service: str, endpoint: str) -> Any:
    """A client of one service at the stack's endpoint; MiniStack takes any credentials."""
    return boto3.client(
        cast(Any, service),
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 1}, read_timeout=120),
    )
