"""What is too large for an item, or for a transaction: nothing goes unrecorded (aws 17)."""

from __future__ import annotations

import random
from base64 import b85encode
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.memory.table import MemoryTable
from payrelay.domain.records import Change, Outcome, PlannedPage, Record, Seen
from payrelay.domain.runs import Link, Run, Status
from payrelay.ledger import Ledger, history
from payrelay.ledger.deliveries import Answered, Begun, Intent, Settled
from payrelay.ledger.parts import BATCH, PAGE, seen_by
from payrelay.ledger.pieces import OUTLIVES
from payrelay.ledger.records import records_of
from payrelay.ledger.sizes import LARGEST_ITEM, size_of
from payrelay.ledger.table import Table, to_wire
from tests.ledger.conftest import CONNECTION, FLOW, NOW, TENANT, Clients, a_record, a_run, start
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("RUN-7")

TTL = 1_800_000_000
KEY = {"pk": "p", "sk": "s"}


def text(dice: random.Random, length: int) -> str:
    """Nothing that could be made much shorter."""
    return f"{b85encode(dice.randbytes(length)).decode()[: length - 1]}æ"


def changed(key: str, changes: int, length: int, outcome: Outcome = Outcome.UPDATED) -> Record:
    """A record of so many changes, from and to texts of that length."""
    dice = random.Random(key)
    made = [Change(f"field{n:02d}", text(dice, length), text(dice, length)) for n in range(changes)]
    return a_record(key, outcome, changes=tuple(made))


def test_a_chunk_of_many_long_changes_is_kept_and_listed_in_order(ledger: Ledger) -> None:
    """Of 200 records with 20 long changes each; 675 KB, compressed."""
    run = a_run(status=Status.SUCCEEDED)
    many = [changed(f"{n:04d}", 20, 105) for n in range(200)]
    ledger.parts.put_batch(run, 0, many, TTL)
    few = [changed(f"{n:04d}", 1, 10) for n in range(200, 203)]
    ledger.parts.put_batch(run, 1, few, TTL)
    every = [*many, *few]
    assert ledger.parts.part_records(run, BATCH, 0) == many
    chunks = [*ledger.parts.records(run, BATCH)]
    assert [record for _, records in chunks for record in records] == every
    assert [*ledger.parts.records(run, BATCH, after=chunks[0][0])] == chunks[1:]
    listed = [*records_of(ledger, run)]
    assert [record for _, record in listed] == every
    place = listed[120][0]
    assert [record for _, record in records_of(ledger, run, after=place)] == every[121:]


def test_a_part_that_is_done_again_counts_once_however_large_it_was(ledger: Ledger) -> None:
    run = a_run()
    ledger.parts.put_batch(run, 0, [changed(f"{n:04d}", 20, 105) for n in range(200)], TTL)
    small = [changed("0001", 1, 10, Outcome.FAILED)]
    for _ in range(2):
        ledger.parts.put_batch(run, 0, small, TTL)
    assert ledger.parts.part_records(run, BATCH, 0) == small


def test_a_single_record_that_is_larger_than_an_item_is_kept(ledger: Ledger) -> None:
    run = a_run()
    stored = [changed("1", 1, 5), changed("2", 3, 250_000), changed("3", 1, 5)]
    ledger.parts.put_page(run, PlannedPage(0, 0, tuple(stored), ()), TTL)
    assert ledger.parts.part_records(run, PAGE, 0) == stored
    assert [one for _, records in ledger.parts.records(run, PAGE) for one in records] == stored


def test_a_page_that_saw_and_names_very_many_is_kept(ledger: Ledger) -> None:
    dice, run = random.Random(3), a_run()
    ids = tuple(text(dice, 24) for _ in range(30_000))
    page = PlannedPage(0, 30_000, (), (), Seen(ids, None, 30_000, ids[:5]))
    ledger.parts.put_page(run, page, TTL, named=ids[::-1])
    (found,) = ledger.parts.summaries(run, PAGE, seen=True)
    assert seen_by(found).ids == ids
    assert ledger.parts.looked_at(run) == {*ids}
    assert len(ledger.parts.summaries(run, PAGE)) == 1


def test_very_many_cured_and_carried_failures_are_kept(ledger: Ledger) -> None:
    dice, run = random.Random(4), a_run(2)
    ids = sorted(f"employee:{text(dice, 20)}" for _ in range(30_000))
    ledger.parts.put_cured(run, ids, TTL)
    assert ledger.parts.cured(TENANT, CONNECTION, FLOW, "run_001") == [(run.run_id, frozenset(ids))]
    start(ledger, run)
    standing = {"last_run_id": run.run_id, "base_run_id": run.run_id, "carried": {"run_001#PAGE#00000": ids}}
    ended = replace(run, status=Status.SUCCEEDED, finished_at="2026-03-02T05:01:00.000Z")
    assert ledger.runs.finish(ended, standing=standing)
    kept = ledger.connections.standing(TENANT, CONNECTION, FLOW)
    assert kept["carried"] == standing["carried"]
    assert ledger.connections.standings(TENANT, CONNECTION)[FLOW]["carried"] == standing["carried"]


def test_what_a_flow_carries_is_forgotten_some_time_after_the_runs_that_it_is_of() -> None:
    """The item itself has no end, and was given other pieces by each run."""
    dice, (ledger, table, _) = random.Random(5), memory_ledger()
    start(ledger, a_run())
    ended = a_run(status=Status.SUCCEEDED, finished_at="2026-03-02T05:01:00.000Z")
    carried = {"run_000#PAGE#00000": [text(dice, 20) for _ in range(5_000)]}
    ledger.runs.finish(ended, standing={"last_run_id": ended.run_id, "carried": carried})
    pieces = [item for item in table.everything() if "#LARGE#" in item["pk"]]
    assert pieces
    assert {item.get("ttl") for item in pieces} == {NOW + 10_000 + OUTLIVES}


def settled(run: Run, record: Record) -> Settled:
    link = Link("employee", record.source_id, record.key, f"t{record.key}", {}, {"note": record.label})
    entry = history.entry(run, record, "2026-03-02T05:00:00.000Z")
    return Settled(record.record_id, True, record.outcome, link.target_id, link=link, history=entry)


def test_a_batch_of_long_changes_is_settled_with_its_trail(ledger: Ledger) -> None:
    """One entry of 600 KB among others of 45 KB, which are claimed, begun and settled together."""
    run = a_run()
    records = [changed(f"{n:02d}", 3, 100_000 if n == 7 else 7_500) for n in range(25)]
    intents = [Intent(one.record_id, one.source_id, "f") for one in records]
    ledger.deliveries.claim(run, "owner", intents, now=NOW, until=NOW + 60)
    answered = [Begun(one.record_id, Answered(one.outcome, one.changes), {}) for one in records]
    ledger.deliveries.begin(run, "owner", answered)
    claims = ledger.deliveries.claim(run, "owner", intents, now=NOW, until=NOW + 60)
    assert [claims[one.record_id].answered for one in records] == [one.answered for one in answered]
    ledger.deliveries.settle(run, "owner", [settled(run, one) for one in records])
    for one in records:
        (entry,) = ledger.history.of(TENANT, CONNECTION, one.record_id)
        assert tuple(Change(**change) for change in entry["changes"]) == one.changes
    assert len([*ledger.links.all(TENANT, CONNECTION, "employee")]) == 25


def test_many_links_of_much_are_kept_in_as_many_transactions_as_they_need() -> None:
    dice, (ledger, table, _) = random.Random(6), memory_ledger()
    links = [Link("person", f"{n:03d}", "k", "t", {}, {"note": text(dice, 45_000)}) for n in range(200)]
    ledger.links.adopt(TENANT, CONNECTION, links[:100])
    ledger.links.put_many(TENANT, CONNECTION, links[100:])
    assert table.calls["TransactWriteItems"] == 4
    found = sorted(ledger.links.all(TENANT, CONNECTION, "person"), key=lambda link: link.source_id)
    assert found == links


@pytest.mark.parametrize(
    "value",
    [
        b"\x00\xff" * 300_000,
        "Åse " * 200_000,
        [{"n": 7, "half": None, "listed": [True, "x" * 1000]}] * 500,
        {"a": {"b": ["c" * 500_000]}},
    ],
)
def test_a_value_of_any_kind_comes_back_as_it_was_by_every_way(table: Table, value: Any) -> None:
    item = {**KEY, "n": 1, "by_time_pk": "t", "by_time_sk": "1", "ttl": TTL, "large": value}
    table.put(item)
    assert table.get(KEY) == item
    assert table.get_many([KEY]) == [item]
    assert [*table.query("p")] == [item]
    assert [*table.query("t", index="by_time")] == [item]
    assert [*table.query("p", fields=("n", "large"))] == [{"n": 1, "large": value}]
    assert [*table.query("p", fields=("n",))] == [{"n": 1}]
    assert table.update(KEY, "SET n = :n", condition="n = :one", n=2, one=1) == {**item, "n": 2}
    table.update(KEY, "SET #large = :small, #other = :other", condition="n = :n", n=2, small=1, other=value)
    assert table.get(KEY) == {**item, "n": 2, "large": 1, "other": value}


def test_two_values_that_are_the_same_have_the_same_pieces_and_come_back_both(table: Table) -> None:
    """Each of them was asked for twice, which no table takes."""
    item = {**KEY, "one": "Åse " * 200_000, "other": "Åse " * 200_000, "small": 1}
    table.put(item)
    assert table.get(KEY) == item
    assert [*table.query("p")] == [item]


def test_pieces_outlive_what_names_them_and_one_that_is_gone_harms_nobody(
    real: tuple[Table, Any], clients: Clients
) -> None:
    table, plans = real
    ledger, run, dynamodb = Ledger.over(table, plans), a_run(), clients[0]
    ledger.parts.put_batch(run, 0, [changed("1", 3, 200_000)], TTL)
    ledger.parts.put_batch(run, 1, [changed("2", 1, 10)], TTL)
    pages = dynamodb.get_paginator("scan").paginate(TableName="state")
    pieces = [one for page in pages for one in page["Items"] if "#LARGE#" in one["pk"]["S"]]
    assert len(pieces) > 1
    assert {one["ttl"]["N"] for one in pieces} == {str(TTL + OUTLIVES)}
    dynamodb.delete_item(TableName="state", Key={name: pieces[1][name] for name in ("pk", "sk")})
    assert [one for _, found in ledger.parts.records(run, BATCH) for one in found] == [changed("2", 1, 10)]


def test_whoever_reads_while_a_large_value_is_replaced_finds_one_of_the_two() -> None:
    """Crash between the pieces and the item that names them: the item is as it was."""
    found: list[Any] = []
    table = MemoryTable(lambda edge: found.append(table.get(KEY)) if edge == "after PutItem" else None)
    one, other = ({**KEY, "large": letter * 900_000} for letter in ("a", "b"))
    table.put(one)
    table.put(other)
    assert [item for n, item in enumerate(found) if item not in (None, one, other)] == []
    assert found[-1] == other


def test_sizes_are_counted_as_the_table_counts_them(clients: Clients, real: Any) -> None:
    """Names and values: of a text its bytes in UTF-8; of what is nested a little for each level."""
    del real
    dynamodb = clients[0]
    value = {
        "tekst": "æ" * 1000,
        "list": [{"a": "b" * 100, "n": -123456, "yes": True}] * 50,
        "raw": b"x" * 10,
    }
    size = size_of({**KEY, "value": value, "fill": ""})
    fits = {**KEY, "value": value, "fill": "x" * (LARGEST_ITEM - size)}
    dynamodb.put_item(TableName="state", Item=to_wire({**fits, "fill": fits["fill"][:-6000]}))
    with pytest.raises(dynamodb.exceptions.ClientError, match="size"):
        dynamodb.put_item(TableName="state", Item=to_wire({**fits, "fill": fits["fill"] + "x" * 2000}))
