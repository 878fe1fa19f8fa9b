"""The one table: conditional writes, transactions and queries; the real one and its stand-in alike."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local.memory.table import MemoryTable
from payrelay.domain.runs import Status
from payrelay.ledger.plans import Plans
from payrelay.ledger.table import NEWEST, ConditionFailed, Item, Table

KEY = {"pk": "p", "sk": "s"}


def filled(table: Table) -> Table:
    """Runs of two tenants, and what belongs to one of them."""
    for number in range(1, 6):
        for tenant in ("a", "b"):
            table.put(
                {
                    "pk": f"{tenant}#{number}",
                    "sk": "RUN",
                    "by_time_pk": tenant,
                    "by_time_sk": f"run_{number}",
                    "number": number,
                }
            )
    for name in ("PAGE#00002", "BATCH#00001", "PAGE#00001", "PAGE#00010", "RECORDS#1"):
        table.put({"pk": "a#1", "sk": name, "name": name, "size": len(name)})
    return table


def names(items: Any) -> list[str]:
    return [item["sk"] for item in items]


def test_what_is_replaced_is_told(table: Table) -> None:
    assert table.replace({**KEY, "number": 1, "gone": True}) is None
    assert table.replace({**KEY, "number": 2}) == {**KEY, "number": 1, "gone": True}
    assert table.get(KEY) == {**KEY, "number": 2}


def test_what_is_put_is_read_back_in_plain_values(table: Table) -> None:
    item: Item = {
        **KEY,
        "text": "Åse",
        "whole": 7,
        "half": Decimal("7.50"),
        "bytes": b"\x00\xff",
        "yes": True,
        "status": Status.HELD,
        "listed": [1, ("a", None), {"b": Decimal("2.0")}],
        "mapped": {"none": None, "empty": {}, "nothing": ""},
        "left_out": None,
    }
    table.put(item)
    found = table.get(KEY)
    assert found == {
        **KEY,
        "text": "Åse",
        "whole": 7,
        "half": Decimal("7.5"),
        "bytes": b"\x00\xff",
        "yes": True,
        "status": "held",
        "listed": [1, ["a", None], {"b": 2}],
        "mapped": {"none": None, "empty": {}, "nothing": ""},
    }
    assert [type(found[name]) for name in ("whole", "half", "bytes", "yes", "status")] == [
        int,
        Decimal,
        bytes,
        bool,
        str,
    ]


@pytest.mark.parametrize("value", [1.5, object(), {1: "a"}, Decimal("NaN"), Decimal("Infinity")])
def test_a_value_of_no_type_of_the_table_is_refused(table: Table, value: Any) -> None:
    with pytest.raises(Exception, match=r".+"):
        table.put({**KEY, "value": value})
    assert table.get(KEY) is None


def test_nobody_holds_what_is_stored(table: Table) -> None:
    inner = {"changes": ["a"]}
    table.put({**KEY, "inner": inner})
    inner["changes"].append("b")
    found = table.get(KEY)
    assert found
    found["inner"]["changes"].append("c")
    assert table.get(KEY) == {**KEY, "inner": {"changes": ["a"]}}


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ("attribute_exists(pk)", {}, True),
        ("attribute_not_exists(pk)", {}, False),
        ("attribute_not_exists(#gone)", {}, True),
        ("version = :version", {"version": 3}, True),
        ("version = :version", {"version": 4}, False),
        ("version = :version", {"version": "3"}, False),
        ("version < :limit", {"limit": 3}, False),
        ("version <= :limit", {"limit": 3}, True),
        ("version >= :limit", {"limit": 3}, True),
        ("version > :limit", {"limit": Decimal("2.5")}, True),
        ("gone = :gone", {"gone": 1}, False),
        ("gone < :gone", {"gone": 1}, False),
        ("#status IN (:held, :done)", {"held": "held", "done": "done"}, True),
        ("#status IN (:held, :done)", {"held": "x", "done": "y"}, False),
        ("#flag = :yes", {"yes": True}, True),
        ("attribute_not_exists(pk) OR #status = :held", {"held": "held"}, True),
        ("attribute_exists(pk) AND version = :version AND #status = :x", {"version": 3, "x": "x"}, False),
        ("attribute_not_exists(pk) OR version = :v AND #status = :held", {"v": 3, "held": "held"}, True),
    ],
)
def test_a_write_happens_if_its_condition_holds(
    table: Table, condition: str, values: dict[str, Any], holds: bool
) -> None:
    old = {**KEY, "version": 3, "status": "held", "flag": True}
    table.put(old)
    writes: list[Callable[[], object]] = [
        lambda: table.put({**KEY, "version": 9}, condition=condition, **values),
        lambda: table.update(KEY, "SET version = :new", condition=condition, new=9, **values),
        lambda: table.transact_or_raise(
            [table.updating(KEY, "SET version = :new", condition=condition, new=9, **values)]
        ),
        lambda: table.delete(KEY, condition=condition, **values),
    ]
    for write in writes:
        table.put(old)
        if holds:
            write()
            assert (table.get(KEY) or {}).get("version") in (9, None)
        else:
            with pytest.raises(ConditionFailed):
                write()
            assert table.get(KEY) == old


def test_an_update_gives_the_new_item_and_makes_one_where_there_is_none(table: Table) -> None:
    made = table.update(KEY, "SET #owner = :me, n = :n", condition="attribute_not_exists(pk)", me="me", n=1)
    assert made == {**KEY, "owner": "me", "n": 1}
    counted = table.update(
        KEY, "SET n = n + :one, #map = :map", condition="#owner = :me", one=1, me="me", map={"a": [1]}
    )
    assert counted == {**KEY, "owner": "me", "n": 2, "map": {"a": [1]}}
    assert table.get(KEY) == counted


def test_many_items_are_read_at_once_whoever_is_not_there_left_out(table: Table) -> None:
    for number in range(0, 250, 2):
        table.put({"pk": "many", "sk": f"{number:03d}"})
    found = table.get_many({"pk": "many", "sk": f"{number:03d}"} for number in range(250))
    assert sorted(item["sk"] for item in found) == [f"{number:03d}" for number in range(0, 250, 2)]
    assert table.get_many([]) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"partition": "a#1", "prefix": "PAGE#"}, ["PAGE#00001", "PAGE#00002", "PAGE#00010"]),
        (
            {"partition": "a#1", "prefix": "PAGE#", "newest_first": True},
            ["PAGE#00010", "PAGE#00002", "PAGE#00001"],
        ),
        ({"partition": "a#1", "prefix": "PAGE#", "after": "PAGE#00001"}, ["PAGE#00002", "PAGE#00010"]),
        ({"partition": "a#1", "prefix": "BATCH#", "after": "BATCH#00001"}, []),
        ({"partition": "a#1", "after": "PAGE#00010"}, ["RECORDS#1", "RUN"]),
        ({"partition": "a#1", "after": "PAGE#00002", "newest_first": True}, ["PAGE#00001", "BATCH#00001"]),
        (
            {"partition": "a#1", "after": "PAGE#00002", "last": "RECORDS#1"},
            ["PAGE#00002", "PAGE#00010", "RECORDS#1"],
        ),
        ({"partition": "a#1", "prefix": "NONE"}, []),
        ({"partition": "nobody"}, []),
    ],
)
def test_a_partition_is_listed_by_its_sort_key(table: Table, asked: dict[str, Any], found: list[str]) -> None:
    assert names(filled(table).query(**asked)) == found


def test_a_partition_is_listed_with_the_fields_asked_for(table: Table) -> None:
    found = [*filled(table).query("a#1", prefix="PAGE#", fields=("sk", "size", "nothing"))]
    assert found == [{"sk": f"PAGE#{n:05d}", "size": 10} for n in (1, 2, 10)]


def test_an_index_lists_the_items_that_have_its_keys(table: Table) -> None:
    filled(table)
    assert [item["number"] for item in table.query("a", index="by_time")] == [1, 2, 3, 4, 5]
    newest = table.query("a", index="by_time", newest_first=True, after="run_4")
    assert [item["number"] for item in newest] == [3, 2, 1]
    older = table.query("b", index="by_time", after="run_2", prefix="run_")
    assert [item["number"] for item in older] == [3, 4, 5]
    assert [*table.query("a", index="by_connection")] == []


def test_a_partition_is_read_to_its_oldest_end_however_long_it_is(table: Table) -> None:
    for number in range(2 * NEWEST + 5):
        table.put({"pk": "long", "sk": f"{number:03d}"})
    assert [item["sk"] for item in table.query("long", newest_first=True)] == [
        f"{number:03d}" for number in reversed(range(2 * NEWEST + 5))
    ]


def test_an_index_follows_its_items(table: Table) -> None:
    item = {**KEY, "by_time_pk": "a", "by_time_sk": "1"}
    table.put(item)
    table.put({**item, "by_time_sk": "2"})
    assert [found["by_time_sk"] for found in table.query("a", index="by_time")] == ["2"]
    table.put(KEY)
    assert [*table.query("a", index="by_time")] == []
    table.put(item)
    table.delete(KEY)
    assert [*table.query("a", index="by_time")] == []


def test_a_transaction_does_all_or_nothing_and_says_who_failed(table: Table) -> None:
    first, second, third = ({"pk": "t", "sk": name} for name in "123")
    table.put({**second, "n": 1})
    actions = [
        table.putting({**first, "n": 1}, condition="attribute_not_exists(pk)"),
        table.updating(second, "SET n = :n", condition="n = :old", n=5, old=2),
        table.deleting(third, condition="attribute_exists(pk)"),
    ]
    assert table.transact(actions) == [1, 2]
    with pytest.raises(ConditionFailed):
        table.transact_or_raise(actions)
    assert [*table.query("t")] == [{**second, "n": 1}]
    table.put({**second, "n": 2})
    table.put(third)
    assert table.transact(actions) == []
    assert [*table.query("t")] == [{**first, "n": 1}, {**second, "n": 5}]


@pytest.mark.parametrize("keys", ["11", "", "".join(chr(200 + n) for n in range(101))])
def test_a_transaction_writes_one_to_a_hundred_items_once_each(table: Table, keys: str) -> None:
    with pytest.raises(Exception, match=r".+"):
        table.transact([table.putting({"pk": "t", "sk": key}) for key in keys])
    assert [*table.query("t")] == []


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda table: table.put({"pk": "p", "sk": ""}), id="a key is given"),
        pytest.param(lambda table: table.put({"pk": "p", "sk": 1}), id="a key is a text"),
        pytest.param(lambda table: table.put({**KEY, "by_time_pk": "x" * 420_000}), id="400 KB at most"),
        pytest.param(lambda table: [*table.get_many([KEY, KEY])], id="one key once"),
        pytest.param(
            lambda table: table.update(KEY, "SET sk = :sk", condition="attribute_not_exists(pk)", sk="x"),
            id="a key does not change",
        ),
        pytest.param(
            lambda table: table.update(KEY, "SET a = :a", condition="b = :b", a=1), id="a value for each name"
        ),
        pytest.param(
            lambda table: table.update(KEY, "SET a = :a", condition="attribute_not_exists(pk)", a=1, b=2),
            id="a name for each value",
        ),
        pytest.param(
            lambda table: table.update(KEY, "SET n = n + :n", condition="attribute_not_exists(pk)", n=1),
            id="nothing is counted on from nothing",
        ),
    ],
)
def test_what_the_table_would_refuse_is_refused(table: Table, write: Callable[[Table], object]) -> None:
    with pytest.raises(Exception, match=r".+"):
        write(table)
    assert [*table.query("p")] == []


def test_any_course_of_writes_ends_the_same_in_the_stand_in(real: tuple[Table, Plans]) -> None:
    """Random puts, updates, deletes and transactions, under conditions that hold as often as not."""
    dice, memory = random.Random(5), MemoryTable()
    tables = (real[0], memory)
    for _ in range(150):
        steps = [_step(dice) for _ in range(dice.choice([1, 1, 2, 3]))]
        steps = list({(step[1]["pk"], step[1]["sk"]): step for step in steps}.values())
        failed = [table.transact([_action(table, step) for step in steps]) for table in tables]
        assert failed[0] == failed[1], steps
    for partition in "ab":
        assert [*tables[0].query(partition)] == [*memory.query(partition)]
        for index in ("by_time", "by_connection"):
            listed = [_keys(table.query(partition, index=index)) for table in tables]
            assert sorted(listed[0]) == sorted(listed[1])


def _keys(items: Any) -> list[tuple[str, str]]:
    return [(item["pk"], item["sk"]) for item in items]


def _step(dice: random.Random) -> tuple[str, Item, str, dict[str, Any], int]:
    key = {"pk": dice.choice("ab"), "sk": dice.choice("12345")}
    condition, values = dice.choice(
        [
            ("attribute_exists(pk)", {}),
            ("attribute_not_exists(pk)", {}),
            ("n = :was", {"was": dice.randrange(3)}),
            ("n < :was OR attribute_not_exists(n)", {"was": dice.randrange(3)}),
            ("attribute_exists(pk) AND n IN (:one, :two)", {"one": 1, "two": 2}),
        ]
    )
    return dice.choice(["put", "update", "delete"]), key, condition, values, dice.randrange(3)


def _action(table: Table, step: tuple[str, Item, str, dict[str, Any], int]) -> Item:
    kind, key, condition, values, n = step
    if kind == "delete":
        return table.deleting(key, condition=condition, **values)
    if kind == "update":
        return table.updating(key, "SET n = :n", condition=condition, n=n, **values)
    indexed = {"by_time_pk": key["pk"], "by_time_sk": str(n)} if n else {}
    return table.putting({**key, "n": n, **indexed}, condition=condition, **values)
