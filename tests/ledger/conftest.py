"""The ledger twice: on the template's own table in moto, and on the stand-in of benchmarks and flow tests."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from threading import Lock
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models import Table as MotoTable
from moto.s3.models import s3_backends

from local.bench.memory_bucket import MemoryBucket
from local.memory.table import MemoryTable
from payrelay.domain.records import Change, Outcome, Record
from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.ledger import Ledger
from payrelay.ledger.plans import Plans
from payrelay.ledger.table import Table
from tests.conftest import create_table

REGION = "us-east-1"
TENANT, CONNECTION, FLOW = "demo", "con_A", "employee_export"
NOW = 1_700_000_000

Clients = tuple[Any, Any]


@pytest.fixture(scope="package")
def clients() -> Iterator[Clients]:
    """DynamoDB and S3 in moto, with the template's own table."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        _one_copy_for_a_transaction(patch)
        # What botocore says of itself takes longer to put together than all else of a call.
        config = Config(user_agent="tests")
        dynamodb = _one_call_at_a_time(boto3.client("dynamodb", config=config))
        s3 = boto3.client("s3", config=config)
        create_table(dynamodb)
        s3.create_bucket(Bucket="plans")
        yield dynamodb, s3


def _one_call_at_a_time(client: Any) -> Any:
    """DynamoDB does each call as a whole; moto's calls get in each other's way when threads make them."""
    lock, call = Lock(), client._make_api_call

    def locked(*arguments: Any) -> Any:
        with lock:
            return call(*arguments)

    client._make_api_call = locked
    return client


def _one_copy_for_a_transaction(patch: pytest.MonkeyPatch) -> None:
    """What moto goes back to when a transaction fails; it would copy the whole table for each write of it."""
    copies: dict[int, MotoTable] = {}
    transact = DynamoDBBackend.transact_write_items

    def copied(table: MotoTable, memo: dict[int, Any]) -> MotoTable:
        if id(table) not in copies:
            copies[id(table)] = found = MotoTable.__new__(MotoTable)
            found.__dict__ = deepcopy(table.__dict__, memo)
        return copies[id(table)]

    def transacted(backend: DynamoDBBackend, items: list[dict[str, Any]]) -> None:
        copies.clear()
        transact(backend, items)

    patch.setattr(MotoTable, "__deepcopy__", copied, raising=False)
    patch.setattr(DynamoDBBackend, "transact_write_items", transacted)


@pytest.fixture
def real(clients: Clients) -> Iterator[tuple[Table, Plans]]:
    """The template's own table and a bucket, both empty."""
    dynamodb, s3 = clients
    yield Table(dynamodb, "state"), Plans(s3, "plans")
    dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables["state"].items.clear()
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["plans"].keys.clear()


@pytest.fixture(params=["moto", "memory"])
def state(request: pytest.FixtureRequest) -> tuple[Table, Plans]:
    """A table and plans, both empty: real, or the stand-ins."""
    if request.param == "memory":
        return MemoryTable(), Plans(MemoryBucket(), "plans")  # type: ignore[arg-type]
    found: tuple[Table, Plans] = request.getfixturevalue("real")
    return found


@pytest.fixture
def table(state: tuple[Table, Plans]) -> Table:
    return state[0]


@pytest.fixture
def ledger(state: tuple[Table, Plans]) -> Ledger:
    return Ledger.over(*state)


def a_run(number: int = 1, **changed: Any) -> Run:
    """A queued run; a later number is a later run."""
    fields: dict[str, Any] = {
        "tenant": TENANT,
        "connection_id": CONNECTION,
        "run_id": f"run_{number:03d}",
        "flow": FLOW,
        "trigger": Trigger.MANUAL,
        "mode": Mode.SYNC,
        "status": Status.QUEUED,
        "requested_by": "kari@nordlys.example",
        "queued_at": "2026-03-02T05:00:00.000Z",
    }
    return Run(**{**fields, **changed})


def start(ledger: Ledger, run: Run, now: int = NOW) -> Run:
    """The run in progress once `run` was started."""
    return ledger.runs.start(run, now=now, lease_seconds=100, ttl=now + 10_000).run


def a_record(key: str, outcome: Outcome = Outcome.UPDATED, **changed: Any) -> Record:
    """A record of an employee whose title changed."""
    fields: dict[str, Any] = {
        "entity": "employee",
        "key": key,
        "label": f"Employee {key}",
        "outcome": outcome,
        "source_id": f"s{key}",
        "changes": (Change("contact.jobTitle", "Trainee", "Controller"),),
    }
    return Record(**{**fields, **changed})
