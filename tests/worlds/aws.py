"""Clients of AWS in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws

from tests.worlds.cloud import answered_here, this_cloud

REGION = "eu-north-1"


@lru_cache
def client(name: str) -> Any:
    """One client for all tests, since clients are slow to make; `cloud` answers its calls, or moto."""
    connect: Any = boto3.client
    # What botocore says of itself takes longer to put together than all else of a call.
    return answered_here(connect(name, region_name=REGION, config=Config(user_agent="tests")))


@contextmanager
def letters_in_moto() -> Iterator[str]:
    """A queue of dead letters that gives them out again, in place of the account's own; its URL."""
    del this_cloud().services["sqs"]
    with mock_aws():
        url: str = client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
        yield url


Step = Callable[[str], None]


class Stepped:
    """A client that tells of each call, before and after it."""

    def __init__(self, real: Any, step: Step) -> None:
        self._real, self._step = real, step

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name == "exceptions" or not callable(found):
            return found

        def call(**arguments: Any) -> Any:
            self._step(name)
            answer = found(**arguments)
            self._step(name)
            return answer

        return call


class Vault:
    """A session of a vault: the clients of all tests, and this KMS; `step` is told of each call."""

    def __init__(self, kms: Any = None, step: Step = lambda _: None) -> None:
        self._kms, self._step = kms, step

    def client(self, name: str, **_: Any) -> Any:
        return Stepped(self._kms if name == "kms" and self._kms else client(name), self._step)
