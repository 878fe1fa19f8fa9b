"""What the stand-in for the table does beside what the table does: it refuses, counts, and tells of calls."""

from __future__ import annotations

import inspect
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from local.bench.expressions import UnknownForm
from local.costs.units import Weighed
from local.memory.ledger import memory_ledger
from local.memory.table import MemoryTable, plain
from payrelay.ledger.table import ConditionFailed, Table, from_wire, to_wire

KEY = {"pk": "p", "sk": "s"}


@pytest.mark.parametrize(
    "condition",
    [
        "size(pk) < :n",
        "NOT attribute_exists(pk)",
        "(n = :n)",
        "n <> :n",
        "n BETWEEN :n AND :n",
        "begins_with(pk, :n)",
        "n.inner = :n",
        "n = m",
        "n = :n and n = :n",
    ],
)
def test_a_condition_of_another_form_is_refused(condition: str) -> None:
    table = MemoryTable()
    with pytest.raises(UnknownForm):
        table.put(KEY, condition=condition, n=1)
    assert table.get(KEY) is None


@pytest.mark.parametrize(
    "change",
    [
        "REMOVE n",
        "ADD n :n",
        "SET n = n - :n",
        "SET n = if_not_exists(n, :n)",
        "SET n = :n REMOVE m",
        "SET n.inner = :n",
        "SET n = m",
    ],
)
def test_an_update_of_another_form_is_refused(change: str) -> None:
    with pytest.raises(UnknownForm):
        MemoryTable().update(KEY, change, condition="attribute_not_exists(pk)", n=1)


def test_values_of_different_types_are_never_equal() -> None:
    table = MemoryTable()
    table.put({**KEY, "flag": True})
    with pytest.raises(ConditionFailed):
        table.put(KEY, condition="flag = :one", one=1)


def test_an_item_that_an_update_makes_too_large_is_refused() -> None:
    """(aws 17)"""
    table = MemoryTable()
    table.put({**KEY, "raw": b"x" * 380_000})
    with pytest.raises(ValueError, match="larger than an item may be"):
        table.update(KEY, "SET more = :more", condition="attribute_exists(pk)", more="x" * 45_000)
    assert table.get(KEY) == {**KEY, "raw": b"x" * 380_000}


def test_a_transaction_of_more_than_four_megabytes_is_refused() -> None:
    """(aws 17)"""
    table = MemoryTable()
    actions = [table.putting({"pk": "p", "sk": f"{n:02d}", "raw": b"x" * 380_000}) for n in range(12)]
    with pytest.raises(ValueError, match="larger than one may be"):
        table.transact(actions)
    assert [*table.query("p")] == []
    table.transact(actions[:11])
    assert len([*table.query("p")]) == 11


def test_the_keys_of_an_index_are_texts() -> None:
    table = MemoryTable()
    with pytest.raises(ValueError, match="by_time"):
        table.put({**KEY, "by_time_pk": 1, "by_time_sk": "1"})
    assert table.get(KEY) is None


@pytest.mark.parametrize(
    "value",
    [
        "Åse",
        "",
        0,
        -7,
        10**30,
        Decimal("7.50"),
        Decimal("1E+3"),
        True,
        b"\x00",
        [1, (2, None), {"a": Decimal("0.1")}],
        {"a": {}},
    ],
)
def test_a_value_comes_back_as_the_real_table_gives_it(value: Any) -> None:
    real = from_wire(to_wire({"value": value}))["value"]
    assert plain(value) == real
    assert type(plain(value)) is type(real)


def test_every_method_of_the_table_is_its_own() -> None:
    """All but `put`, which the table itself makes of others."""
    public = {name for name, _ in inspect.getmembers(Table, inspect.isfunction) if not name.startswith("_")}
    assert public - {"put"} <= vars(MemoryTable).keys()
    for name in public - {"put"}:
        assert inspect.signature(getattr(MemoryTable, name)) == inspect.signature(getattr(Table, name)), name


def test_calls_and_written_items_are_counted() -> None:
    table = MemoryTable()
    table.put(KEY)
    table.transact([table.putting({**KEY, "n": 1}), table.putting({"pk": "p", "sk": "2"})])
    table.update(KEY, "SET n = :n", condition="attribute_exists(pk)", n=2)
    with pytest.raises(ConditionFailed):
        table.put(KEY, condition="attribute_not_exists(pk)")
    table.delete(KEY)
    table.get(KEY)
    [*table.get_many({"pk": "p", "sk": str(n)} for n in range(201))]
    [*table.query("p")]
    assert table.written == {"Put": 3, "Update": 1, "Delete": 1}
    assert table.calls == {
        "PutItem": 1,
        "TransactWriteItems": 2,
        "UpdateItem": 1,
        "DeleteItem": 1,
        "GetItem": 1,
        "BatchGetItem": 3,
        "Query": 1,
    }


def test_a_long_partition_is_read_in_several_calls() -> None:
    table = MemoryTable()
    for number in range(25):
        table.put({"pk": "p", "sk": f"{number:02d}", "large": b"x" * 100_000})
    assert len([*table.query("p", newest_first=True)]) == 25
    assert table.calls["Query"] == 3


def test_who_reads_the_newest_few_pays_for_a_hundred_items_and_not_for_a_megabyte() -> None:
    """(aws 11): the list of runs is asked for by every app that polls."""
    table, scale = MemoryTable(), Weighed()
    for number in range(900):
        table.put({"pk": "p", "sk": f"{number:03d}", "large": b"x" * 1000})
    table.scale = scale
    newest = [item["sk"] for item in islice(table.query("p", newest_first=True), 50)]
    assert newest[0] == "899"
    assert table.calls["Query"] == 1
    assert scale.units["reads"] <= 26


def test_whoever_watches_is_told_before_and_after_each_call() -> None:
    seen: list[str] = []
    ledger, table, bucket = memory_ledger(seen.append)
    table.put(KEY)
    with pytest.raises(ConditionFailed):
        table.put(KEY, condition="attribute_not_exists(pk)")
    ledger.connections.get("demo", "con_1")
    bucket.put_object(Bucket="plans", Key="a", Body=b"x")
    bucket.get_object(Bucket="plans", Key="a")
    calls = ["PutItem", "TransactWriteItems", "GetItem", "PutObject", "GetObject"]
    assert seen == [f"{when} {call}" for call in calls for when in ("before", "after")]


def test_a_watcher_that_stops_a_call_stops_what_it_does() -> None:
    class Stop(Exception):
        pass

    def stop(edge: str) -> None:
        if edge == "before PutItem":
            raise Stop

    table = MemoryTable(stop)
    with pytest.raises(Stop):
        table.put(KEY)
    assert table.get(KEY) is None
