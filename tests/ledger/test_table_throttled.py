"""A table that throttles, and answers that get lost: the service's refusals, and the real classes (aws 6)."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from local.bench import first_links
from local.memory.simulated import SimulatedTime
from local.memory.table import MemoryTable
from local.memory.throttled import ThrottlingClient
from payrelay.ledger import keys
from payrelay.ledger.apps import Apps
from payrelay.ledger.backoff import PATIENCE_SECONDS, SAFETY_SECONDS, TableBusy
from payrelay.ledger.table import CLIENT, ConditionFailed, Table
from tests.ledger.conftest import Clients

KEY = {"pk": "p", "sk": "s"}
THROTTLED = ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]


class Refusing:
    """A client that refuses the next calls for these reasons, one each; `sent` are the arguments of all."""

    def __init__(self, client: Any, *refusals: Any) -> None:
        self._client, self._refusals = client, iter(refusals)
        self.sent: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def called(**arguments: Any) -> Any:
            self.sent.append(arguments)
            refusal = next(self._refusals, None)
            if refusal is None:
                return call(**arguments)
            code = refusal if isinstance(refusal, str) else "TransactionCanceledException"
            answer: Any = {"Error": {"Code": code, "Message": "refused"}}
            if not isinstance(refusal, str):
                answer["CancellationReasons"] = [{"Code": one} for one in refusal]
            raise ClientError(answer, name)

        return called


class Waits:
    """A clock that goes on while something waits, and how long each wait was."""

    def __init__(self) -> None:
        self.at, self.pauses = 0.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.pauses.append(seconds)

    def table(self, client: Any) -> Table:
        return Table(client, "state", sleep=self.sleep, clock=lambda: self.at)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def dynamodb(clients: Clients, real: Any) -> Any:
    del real
    return clients[0]


CALLS: dict[str, Callable[[Table], Any]] = {
    "GetItem": lambda table: table.get(KEY) == {**KEY, "n": 1},
    "BatchGetItem": lambda table: table.get_many([KEY]) == [{**KEY, "n": 1}],
    "Query": lambda table: [*table.query("p")] == [{**KEY, "n": 1}],
    "Query for anything": lambda table: table.has_any("p"),
    "PutItem": lambda table: table.put({**KEY, "n": 1}) is None,
    "PutItem if": lambda table: table.put({**KEY, "n": 2}, condition="n = :n", n=1) is None,
    "UpdateItem": lambda table: (
        table.update(KEY, "SET n = :n", condition="attribute_exists(pk)", n=2)["n"] == 2
    ),
    "DeleteItem": lambda table: table.delete(KEY) is None,
    "DeleteItem if": lambda table: table.delete(KEY, condition="n = :n", n=1) is None,
    "TransactWriteItems": lambda table: (
        table.transact([table.deleting(KEY), table.putting({"pk": "p", "sk": "2"})]) == []
    ),
}


@pytest.mark.parametrize("code", THROTTLED)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_that_is_throttled_is_made_again(
    dynamodb: Any, waits: Waits, call: Callable[[Table], Any], code: str
) -> None:
    Table(dynamodb, "state").put({**KEY, "n": 1})
    assert call(waits.table(Refusing(dynamodb, *[code] * 4)))
    assert len(waits.pauses) == 4
    assert waits.pauses[3] > waits.pauses[0]


@pytest.mark.parametrize("name", ["PutItem", "UpdateItem", "DeleteItem"])
def test_a_single_write_that_meets_a_transaction_is_made_again(
    dynamodb: Any, waits: Waits, name: str
) -> None:
    Table(dynamodb, "state").put({**KEY, "n": 1})
    assert CALLS[name](waits.table(Refusing(dynamodb, *["TransactionConflictException"] * 4)))
    assert len(waits.pauses) == 4


@pytest.mark.parametrize(
    "refusal",
    [
        ("ThrottlingError", "None"),
        ("None", "ProvisionedThroughputExceeded"),
        ("ThrottlingError", "TransactionConflict"),
        ("TransactionConflict", "None"),
        "TransactionInProgressException",
        "InternalServerError",
    ],
)
def test_a_transaction_that_is_refused_for_now_is_done_again_with_the_same_token(
    dynamodb: Any, waits: Waits, refusal: Any
) -> None:
    client = Refusing(dynamodb, *[refusal] * 3)
    table = waits.table(client)
    assert table.transact([table.putting(KEY), table.putting({"pk": "p", "sk": "2"})]) == []
    assert len(waits.pauses) == 3
    assert len({one["ClientRequestToken"] for one in client.sent}) == 1
    assert len([*table.query("p")]) == 2


def test_a_condition_that_failed_beside_what_was_throttled_is_told_at_once(
    dynamodb: Any, waits: Waits
) -> None:
    table = waits.table(Refusing(dynamodb, ("ThrottlingError", "ConditionalCheckFailed")))
    assert table.transact([table.putting(KEY), table.putting({"pk": "p", "sk": "2"})]) == [1]
    assert waits.pauses == []


def test_two_that_are_throttled_do_not_come_again_at_the_same_moment(dynamodb: Any) -> None:
    found = []
    for _ in range(2):
        waits = Waits()
        waits.table(Refusing(dynamodb, *["ThrottlingException"] * 6)).get(KEY)
        found.append(waits.pauses)
    assert found[0] != found[1]


def test_keys_that_were_not_read_are_asked_for_again_after_a_pause() -> None:
    time_ = SimulatedTime()
    memory = MemoryTable()
    client = ThrottlingClient(memory, time_, read_units=20)
    table = Table(client, "state", sleep=time_.sleep, clock=time_.now)  # type: ignore[arg-type]
    wanted = [{"pk": "p", "sk": f"{n:03d}"} for n in range(100)]
    for key in wanted:
        memory.put(key)
    assert sorted(item["sk"] for item in table.get_many(wanted)) == [key["sk"] for key in wanted]
    assert client.refused["BatchGetItem"] >= 4
    assert client.calls["BatchGetItem"] < 20
    assert time_.now() >= 4


def test_a_list_that_is_throttled_in_the_middle_goes_on_where_it_was(dynamodb: Any, waits: Waits) -> None:
    stored = Table(dynamodb, "state")
    for number in range(25):
        stored.put({"pk": "p", "sk": f"{number:02d}", "large": b"x" * 100_000})
    client = Refusing(dynamodb, None, "ThrottlingException", "ProvisionedThroughputExceededException")
    found = [item["sk"] for item in waits.table(client).query("p")]
    assert found == [f"{number:02d}" for number in range(25)]
    assert len(waits.pauses) == 2


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_table_is_not_waited_for_for_ever(
    dynamodb: Any, waits: Waits, call: Callable[[Table], Any]
) -> None:
    with pytest.raises(TableBusy, match=r"table state is busy .*ThrottlingException"):
        call(waits.table(Refusing(dynamodb, *["ThrottlingException"] * 1000)))
    assert PATIENCE_SECONDS / 2 < waits.at <= PATIENCE_SECONDS


def test_a_step_with_less_time_waits_less_and_has_some_left_to_say_so(
    dynamodb: Any,
) -> None:
    at = [1000.0]

    def sleep(seconds: float) -> None:
        at[0] += seconds

    client = Refusing(dynamodb, *["ThrottlingException"] * 1000)
    table = Table(client, "state", sleep=sleep, clock=lambda: at[0], time_left=lambda: 1012 - at[0])  # type: ignore[arg-type]
    with pytest.raises(TableBusy):
        table.get(KEY)
    assert at[0] <= 1012 - SAFETY_SECONDS


def test_a_note_of_an_apps_last_call_is_not_waited_for(dynamodb: Any, waits: Waits) -> None:
    """Or the first call of a day took as long as the table was waited for."""
    client = Refusing(dynamodb, "ThrottlingException")
    with pytest.raises(TableBusy):
        Apps(waits.table(client)).note_use("hash", "2026-03-02")
    assert (len(client.sent), waits.pauses) == (1, [])


def lossy(time_: SimulatedTime, memory: MemoryTable) -> Table:
    """A table each of whose answers gets lost, and which is asked once more, as botocore does."""
    client = ThrottlingClient(memory, time_, lost=lambda _: True)
    return Table(client, "state", sleep=time_.sleep, clock=time_.now)  # type: ignore[arg-type]


def test_what_we_had_written_ourselves_is_nobody_elses() -> None:
    """The answer got lost, the write came again, and its condition fails by what the first one wrote."""
    memory = MemoryTable()
    table = lossy(SimulatedTime(), memory)
    new, version = "attribute_not_exists(pk)", "version = :version"
    table.put({**KEY, "version": 1}, condition=new)
    table.put({**KEY, "version": 2}, condition=version, version=1)
    change = "SET version = :next, #owner = :me"
    made = table.update(KEY, change, condition=version, version=2, next=3, me="me")
    assert made == memory.get(KEY) == {**KEY, "version": 3, "owner": "me"}
    other = {"pk": "p", "sk": "2"}
    assert table.transact([table.putting(other, condition=new), table.deleting(KEY)]) == []
    table.delete(other, condition="attribute_exists(pk)")
    assert [*memory.query("p")] == []


def test_what_somebody_else_has_written_is_told_also_when_an_answer_was_lost() -> None:
    memory = MemoryTable()
    table = lossy(SimulatedTime(), memory)
    memory.put({**KEY, "version": 2, "owner": "them"})
    with pytest.raises(ConditionFailed):
        table.put({**KEY, "version": 1}, condition="attribute_not_exists(pk)")
    change = "SET version = :next, #owner = :me"
    with pytest.raises(ConditionFailed):
        table.update(KEY, change, condition="version = :version", version=1, next=2, me="me")
    with pytest.raises(ConditionFailed):
        table.delete(KEY, condition="version = :version", version=1)
    assert memory.get(KEY) == {**KEY, "version": 2, "owner": "them"}


def test_an_update_that_was_throttled_after_a_lost_answer_is_known_as_ours(waits: Waits) -> None:
    memory, time_ = MemoryTable(), SimulatedTime()
    memory.put({**KEY, "version": 1})
    inner = ThrottlingClient(memory, time_)

    class LostThenThrottled:
        calls = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def update_item(self, **arguments: Any) -> Any:
            answer, self.calls = inner.update_item(**arguments), self.calls + 1
            if self.calls == 1:
                raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "UpdateItem")
            return answer

    made = waits.table(LostThenThrottled()).update(
        KEY, "SET version = :n", condition="version = :v", n=2, v=1
    )
    assert made == {**KEY, "version": 2}


@pytest.mark.parametrize(
    ("code", "status", "sent"),
    [
        ("TransactionCanceledException", 400, 1),
        ("ProvisionedThroughputExceededException", 400, 3),
        ("ThrottlingException", 400, 3),
        ("RequestLimitExceeded", 400, 3),
        ("TransactionInProgressException", 400, 3),
        ("InternalServerError", 500, 3),
    ],
)
def test_what_botocore_tries_again_by_itself_and_with_which_token(
    monkeypatch: pytest.MonkeyPatch, code: str, status: int, sent: int
) -> None:
    """A cancelled transaction it never does; whatever it does has the token of the first try."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    client = boto3.client("dynamodb", region_name="us-east-1", config=CLIENT)
    tokens = []

    class Raw:
        def __init__(self, body: bytes) -> None:
            self._body = body

        def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
            yield self._body

    def answer(request: Any, **_: Any) -> AWSResponse:
        tokens.append(json.loads(request.body)["ClientRequestToken"])
        said = {
            "__type": f"com.amazonaws.dynamodb.v20120810#{code}",
            "message": "",
            "CancellationReasons": [],
        }
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, Raw(json.dumps(said).encode()))

    client.meta.events.register("before-send.dynamodb", answer)
    with pytest.raises(ClientError, match=code):
        client.transact_write_items(TransactItems=[{"Delete": {"TableName": "state", "Key": {}}}])
    assert len(tokens) == sent
    assert len(set(tokens)) == 1


@pytest.mark.parametrize("shards", [1, keys.LINK_SHARDS])
def test_the_links_of_a_first_run_are_all_there_once_though_the_table_throttles(
    monkeypatch: pytest.MonkeyPatch, shards: int
) -> None:
    """Also where they were all in one partition; there it takes as long as that has room."""
    monkeypatch.setattr(keys, "LINK_SHARDS", shards)
    count, units = 800, 40
    told = first_links.first_run(count, write_units=units, lost=20)
    found = Counter(link.source_id for link in told.ledger.links.all("bench", "con_BENCH", "employee"))
    assert found == Counter(f"source-{n:06d}" for n in range(count))
    assert {number for (pk, _), number in told.client.puts.items() if "#LINKS#" in pk} == {1}
    assert told.sent == Counter(f"{n:06d}" for n in range(1, count, 2))
    assert told.client.refused["TransactWriteItems"] > 20
    assert told.steps_again == 0 or shards == 1
    assert (told.seconds > 2 * count / units * 0.9) == (shards == 1)
