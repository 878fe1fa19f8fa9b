"""Links, spread over partitions; those that were kept in one are read where they are (aws 6)."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import asdict

from local.memory.ledger import memory_ledger
from payrelay.domain.records import Outcome
from payrelay.domain.runs import Link
from payrelay.ledger import Ledger, keys
from payrelay.ledger.deliveries import Intent, Settled
from payrelay.ledger.table import Table
from tests.ledger.conftest import CONNECTION, NOW, TENANT, a_run
from tests.worlds.structs import replace

WHERE = (TENANT, CONNECTION, "employee")


def a_link(source_id: str, target_id: str = "t1") -> Link:
    return Link("employee", source_id, f"k{source_id}", target_id, {"all": target_id}, {"n": source_id})


def kept_before(table: Table, *links: Link, place: str = CONNECTION) -> None:
    """Links as they were kept before they were spread."""
    for link in links:
        table.put({**keys.former_link(TENANT, place, link.entity, link.source_id), **asdict(link)})


@pytest.fixture
def links(table: Table, ledger: Ledger) -> dict[str, Link]:
    """Of four links two where they were before; one of the two was put again since."""
    found = {name: a_link(name) for name in ("a", "b", "c", "d")}
    kept_before(table, found["a"], a_link("b", "t0"))
    ledger.links.put_many(TENANT, CONNECTION, [found["b"], found["c"], found["d"]])
    return found


def test_the_links_of_one_entity_are_in_many_partitions_and_all_found(ledger: Ledger) -> None:
    made = {f"s{n}": a_link(f"s{n}") for n in range(96)}
    ledger.links.adopt(TENANT, CONNECTION, made.values())
    places = Counter(keys.link(*WHERE, name)["pk"] for name in made)
    assert set(places) == set(keys.links(*WHERE))
    assert max(places.values()) < 96 / keys.LINK_SHARDS * 2
    assert {link.source_id: link for link in ledger.links.all(*WHERE)} == made
    assert ledger.links.get(*WHERE, ["s7", "s8", "x"]) == {name: made[name] for name in ("s7", "s8")}


def test_links_of_before_are_found_by_every_way_and_what_was_put_since_counts(
    ledger: Ledger, links: dict[str, Link]
) -> None:
    by_id = {link.source_id: link for link in ledger.links.all(*WHERE)}
    assert by_id == links
    assert len([*ledger.links.all(*WHERE)]) == 4
    assert sorted(ledger.links.source_ids(*WHERE)) == sorted(links)
    assert ledger.links.get(*WHERE, ["d", "a", "b", "x", "a"]) == {name: links[name] for name in "dab"}
    told = {item["source_id"]: item["digests"] for item in ledger.links.digests(*WHERE)}
    assert told == {name: link.digests for name, link in links.items()}
    assert sorted(item["key"] for item in ledger.links.targets(*WHERE)) == ["ka", "kb", "kc", "kd"]
    assert {item["target_id"] for item in ledger.links.targets(*WHERE)} == {"t1"}


def test_a_link_of_before_is_not_made_a_second_time(ledger: Ledger, links: dict[str, Link]) -> None:
    """What is adopted counts only where nothing is known, wherever that is kept."""
    ledger.links.adopt(TENANT, CONNECTION, [a_link(name, "t2") for name in ("a", "b", "c", "e")])
    assert ledger.links.get(*WHERE, "abcde") == {**links, "e": a_link("e", "t2")}
    assert len([*ledger.links.all(*WHERE)]) == 5


def test_a_link_of_before_that_is_put_or_forgotten_does_not_come_back(
    ledger: Ledger, links: dict[str, Link]
) -> None:
    ledger.links.put(TENANT, CONNECTION, a_link("a", "t3"))
    assert ledger.links.get(*WHERE, ["a"]) == {"a": a_link("a", "t3")}
    for name in ("a", "b", "c"):
        ledger.links.forget(*WHERE, name)
    assert [*ledger.links.all(*WHERE)] == [links["d"]]
    assert ledger.links.get(*WHERE, "abc") == {}


def test_a_link_of_before_is_gone_with_what_it_linked(ledger: Ledger, links: dict[str, Link]) -> None:
    run = a_run()
    for name in ("a", "b"):
        record_id = f"employee:{name}"
        ledger.deliveries.claim(run, "me", [Intent(record_id, name, "f")], now=NOW, until=NOW + 60)
        gone = Settled(record_id, True, Outcome.UPDATED, "t1", unlink=("employee", name))
        ledger.deliveries.settle(run, "me", [gone])
    assert {link.source_id for link in ledger.links.all(*WHERE)} == set(links) - {"a", "b"}


@pytest.mark.requirement("CON-2")
def test_links_of_before_are_of_their_own_era(table: Table, ledger: Ledger) -> None:
    kept_before(table, a_link("a"))
    kept_before(table, a_link("b"), place=f"{CONNECTION}~1")
    assert [link.source_id for link in ledger.links.all(*WHERE)] == ["a"]
    assert [link.source_id for link in ledger.of_era(1).links.all(*WHERE)] == ["b"]


def test_links_cost_no_more_than_before_but_for_the_number_of_partitions() -> None:
    """In the same calls: of a hundred that are known one, of all one for each partition and one to ask."""
    ledger, table, _ = memory_ledger()
    ledger.links.put_many(TENANT, CONNECTION, [a_link(f"{n:03d}") for n in range(100)])
    table.calls.clear()
    assert len(ledger.links.get(*WHERE, [f"{n:03d}" for n in range(100)])) == 100
    assert table.calls == {"BatchGetItem": 1}
    table.calls.clear()
    assert ledger.links.get(*WHERE, ["x", "y"]) == {}
    assert table.calls == {"BatchGetItem": 1, "Query": 1}
    table.calls.clear()
    assert len([*ledger.links.source_ids(*WHERE)]) == 100
    assert table.calls == {"Query": keys.LINK_SHARDS + 1}


def test_a_transaction_of_a_batch_has_room_for_all_that_goes_with_it(ledger: Ledger) -> None:
    """Of 25 records a delivery, a link, what it replaces in both places, and the trail are 125 writes."""
    run, names = a_run(), [f"{n:02d}" for n in range(25)]
    intents = [Intent(f"employee:{name}", name, "f") for name in names]
    ledger.deliveries.claim(run, "me", intents, now=NOW, until=NOW + 60)
    done = Settled("", True, Outcome.UPDATED, "t1", history={"at": "now"})
    ledger.deliveries.settle(
        run,
        "me",
        [
            replace(done, record_id=f"employee:{name}", link=a_link(name), unlink=("employee", f"old-{name}"))
            for name in names
        ],
    )
    assert len([*ledger.links.all(*WHERE)]) == 25
