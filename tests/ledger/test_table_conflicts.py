"""Transactions that meet each other on the same item: DynamoDB cancels one of the two (RUN-1)."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.table import ATTEMPTS, Table

pytestmark = [pytest.mark.requirement("RUN-1"), pytest.mark.usefixtures("real")]

ITEM = {"pk": "p", "sk": "a"}


class Client:
    """DynamoDB that cancels the next transactions for these reasons."""

    def __init__(self, *cancelled: tuple[str, ...]) -> None:
        self._client = boto3.client("dynamodb")
        self._cancelled = iter(cancelled)
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **arguments: Any) -> Any:
        self.calls += 1
        codes = next(self._cancelled, None)
        if codes is None:
            return self._client.transact_write_items(**arguments)
        answer: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": code} for code in codes],
        }
        raise self._client.exceptions.TransactionCanceledException(answer, "TransactWriteItems")


@pytest.fixture
def pauses() -> list[float]:
    return []


def write(client: Client, pauses: list[float]) -> list[int]:
    table = Table(client, "state", sleep=pauses.append)  # type: ignore[arg-type]
    actions = [
        table.putting(ITEM, condition="attribute_not_exists(pk)"),
        table.putting({"pk": "p", "sk": "b"}),
    ]
    return table.transact(actions)


def test_one_that_meets_another_is_done_again_after_a_growing_pause(pauses: list[float]) -> None:
    client = Client(("TransactionConflict", "None"), ("None", "TransactionConflict"))
    assert write(client, pauses) == []
    assert client.calls == 3
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 2
    assert Table(client, "state").get(ITEM) == ITEM  # type: ignore[arg-type]


def test_a_condition_that_failed_beside_it_is_told_at_once(pauses: list[float]) -> None:
    assert write(Client(("ConditionalCheckFailed", "TransactionConflict")), pauses) == [0]
    assert pauses == []


def test_one_that_lost_the_race_is_told_so_when_it_is_done_again(pauses: list[float]) -> None:
    Table(boto3.client("dynamodb"), "state").put(ITEM)
    assert write(Client(("TransactionConflict", "None")), pauses) == [0]


def test_the_end_comes_before_those_who_wait_have_gone(pauses: list[float]) -> None:
    client = Client(*[("TransactionConflict", "None")] * 50)
    with pytest.raises(TableBusy, match="TransactionConflict"):
        write(client, pauses)
    assert client.calls == ATTEMPTS
    assert sum(pauses) < 5


def test_one_that_was_throttled_beside_it_is_waited_for_longer(pauses: list[float]) -> None:
    """(aws 6) It was taken for a conflict alone, and given up after 2.5 s."""
    client = Client(*[("TransactionConflict", "ThrottlingError")] * (ATTEMPTS + 2))
    assert write(client, pauses) == []
    assert client.calls == ATTEMPTS + 3


def test_another_reason_is_an_error_at_once(pauses: list[float]) -> None:
    client = Client(("ValidationError", "None"))
    with pytest.raises(ClientError):
        write(client, pauses)
    assert (client.calls, pauses) == (1, [])
