"""A world for each test of the API: nothing leaves the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import StringIO
from logging import StreamHandler
from types import SimpleNamespace
from typing import Any

import boto3
import jwt
import pytest
import responses
from moto import mock_aws

from payrelay.runtime import identity
from payrelay.runtime.container import this_container
from payrelay.runtime.observability import logger
from tests.conftest import read_template
from tests.worlds.api import ENVIRONMENT, REGION, World, key_set, load


@lru_cache
def client(name: str) -> Any:
    """One client for all tests, since clients are slow to make; moto sees the calls of each."""
    connect: Any = boto3.client
    return connect(name)


@lru_cache
def table_properties() -> dict[str, Any]:
    """The table as the template describes it."""
    properties = read_template()["Resources"]["State"]["Properties"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {name: properties[name] for name in wanted}


@contextmanager
def made_world() -> Iterator[World]:
    """Two tenants, of which `demo` has the add-on, in AWS in memory."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in ("LOCAL_ENDPOINT", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        patch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: key_set())
        client("dynamodb").create_table(TableName=ENVIRONMENT["TABLE_NAME"], **table_properties())
        where = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket=ENVIRONMENT["PLANS_BUCKET"], CreateBucketConfiguration=where)
        client("events").create_event_bus(Name=ENVIRONMENT["EVENT_BUS"])
        client("sqs").create_queue(QueueName="dead-letters")
        client("scheduler").create_schedule_group(Name=ENVIRONMENT["SCHEDULE_GROUP"])
        yield cold_start()


def cold_start() -> World:
    """The function as after a cold start."""
    api = load("api", "api")
    for cached in (api.verifier, identity.token_rules, this_container):
        cached.cache_clear()
    container = this_container()
    container._session = SimpleNamespace(client=client)  # type: ignore[assignment]
    world = World(api, container)
    container.__dict__["executions"] = world.executions
    container.ledger.connections.set_add_ons("demo", frozenset({"simployer_xledger"}))
    return world


@pytest.fixture
def world() -> Iterator[World]:
    """A world of its own."""
    with made_world() as made:
        yield made


@pytest.fixture(scope="module")
def calm_world() -> Iterator[World]:
    """One world for all tests of a module that leave no trace."""
    with made_world() as made:
        yield made


@pytest.fixture
def vendors() -> Iterator[responses.RequestsMock]:
    """The outside systems; a call that a test did not expect fails."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """Every line that the functions log, as CloudWatch would get it."""
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    written = StringIO()
    usual = handler.setStream(written)
    yield written
    if usual is not None:
        handler.setStream(usual)
