"""The dead letters: what could not even start a run, kept until somebody redrives it (OPS-3)."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING

import boto3

from payrelay.domain.runs import Connection, Trigger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def leave(connection: Connection, flow: str, trigger: Trigger) -> None:
    """Leave what asked for a run, in the shape that StartRun takes."""
    event = {
        "tenant": connection.tenant,
        "connection_id": connection.connection_id,
        "flow": flow,
        "trigger": trigger.value,
    }
    _client().send_message(QueueUrl=os.environ["DEAD_LETTERS_URL"], MessageBody=json.dumps(event))


@lru_cache(maxsize=1)
def _client() -> SQSClient:
    return boto3.client("sqs")
