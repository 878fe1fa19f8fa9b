"""The ledger twice: on the template's own table in moto, and on the stand-in of benchmarks and flow tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from local.bench.memory_bucket import MemoryBucket
from local.bench.memory_table import MemoryTable
from payrelay.domain.records import Change, Outcome, Record
from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.ledger import Ledger
from payrelay.ledger.plans import Plans
from payrelay.ledger.table import Table

TENANT, CONNECTION, FLOW = "demo", "con_A", "employee_export"
NOW = 1_700_000_000

MakeTable = Callable[[], Table]


@pytest.fixture(params=["moto", "memory"])
def state(request: pytest.FixtureRequest) -> tuple[Table, Any]:
    """A table and an S3 client, both empty."""
    if request.param == "memory":
        return MemoryTable(), MemoryBucket()
    request.getfixturevalue("aws")
    return Table(boto3.client("dynamodb"), "state"), boto3.client("s3")


@pytest.fixture
def table(state: tuple[Table, Any]) -> Table:
    return state[0]


@pytest.fixture
def ledger(state: tuple[Table, Any]) -> Ledger:
    return Ledger.over(state[0], Plans(state[1], "plans"))


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
    return ledger.runs.start(run, now=now, lease_seconds=100, ttl=now + 10_000)


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
