"""Records of a run are searched for, also of a large one, and never by an endless read (RUN-7)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from payrelay.domain.records import Change, Outcome, PlannedPage, Reason, Record, Write
from payrelay.ledger.parts import CHUNK
from tests.worlds.api import World, flat, record
from tests.worlds.in_memory import made_world

pytestmark = pytest.mark.requirement("RUN-7")

EMAIL, PHONE = Change("email", "a@demo.example", "b@demo.example"), Change("phone", None, "+4790000001")
WHY = Reason("NOT_ACTIVE", "Not active.", "Activate them.")


def somebody(key: str, label: str, outcome: Outcome, *changes: Change, why: Reason | None = None) -> Record:
    return Record("employee", key, label, outcome, f"source-{key}", why, changes)


PEOPLE = (
    somebody("1041", "Åse Lindqvist", Outcome.SKIPPED, why=WHY),
    somebody("1042", "Ola LINDQVIST-Berg", Outcome.UPDATED, EMAIL, PHONE),
    somebody("X-77", "A\u030ase Nordmann", Outcome.CREATED, EMAIL),
    somebody("1055", "Kari Strauß", Outcome.UPDATED, PHONE),
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One for all: each test has its own runs."""
    with made_world() as made:
        yield made


@pytest.fixture(scope="module")
def records(world: World) -> str:
    """Those of a finished preview, of which one record was skipped, and three would be written."""
    run_id = world.start(world.connected(), mode="preview")
    world.plan(run_id, PEOPLE[:1], [Write(one, {}) for one in PEOPLE[1:]])
    world.finish(run_id)
    return f"/runs/{run_id}/records"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=lindqvist", ["1041", "1042"]),
        ("search=ÅSE", ["1041", "X-77"]),  # however its letters are put together
        ("search=strauss", ["1055"]),
        ("search=x-7", ["X-77"]),
        ("search=104", ["1041", "1042"]),
        ("search=employee", []),
        ("field=email", ["1042", "X-77"]),
        ("field=mail", []),
        ("field=phone&search=lindqvist", ["1042"]),
        ("search=lindqvist&outcome=skipped", ["1041"]),
        ("search=lindqvist&reason=NOT_ACTIVE", ["1041"]),
        ("field=phone&outcome=created", []),
    ],
)
def test_records_are_found_by_name_key_and_field(
    world: World, records: str, query: str, found: list[str]
) -> None:
    answer = world.call("GET", f"{records}?{quote(query, safe='=&')}", role="viewer")
    assert [one["key"] for one in answer.json["items"]] == found


@pytest.mark.parametrize("query", ["search=", f"search={'x' * 201}", "field=", "field=a&field=b"])
def test_a_wrong_search_is_refused(world: World, records: str, query: str) -> None:
    answer = world.call("GET", f"{records}?{query}")
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert answer.fields.keys() == {query.partition("=")[0]}


@pytest.mark.requirement("RUN-8")
@pytest.mark.parametrize("mode", ["sync", "preview"])
def test_a_page_of_a_large_run_reads_few_of_its_parts(
    world: World, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Whatever is searched for: the cursor leads on to what is found at last."""
    import query

    monkeypatch.setattr(query, "LOOKED_AT", 900)
    run_id = world.start(world.connected(), mode=mode)
    run = world.plan(run_id)
    engine = world.container.engine
    run = engine.ledger.runs.change(run, pages=40)
    for index in range(40):
        people = tuple(record(f"{index:02d}-{n}", Outcome.SKIPPED, "NOT_ACTIVE") for n in range(50))
        page = PlannedPage(index, 0, people, ())
        if mode == "preview":
            writes = tuple(Write(somebody(one.key, one.label, Outcome.UPDATED, EMAIL), {}) for one in people)
            page = PlannedPage(index, 0, (), writes)
            engine.ledger.plans.put_writes(run, index, writes)
        engine.ledger.parts.put_page(run, page, engine.ttl(run))
    world.finish(run_id)
    bucket, read = world.memory.bucket, []
    usual = bucket.get_object
    monkeypatch.setattr(bucket, "get_object", lambda **what: (read.append(what), usual(**what))[1])
    world.memory.table.calls.clear()

    pages = world.pages(f"/runs/{run_id}/records?search=39-7", "key")

    assert flat(pages) == ["39-7"]
    # A call looks at six parts of 50, for each of which a hundred count as well, and begins one more.
    assert len(pages) == 7
    queries = world.memory.table.calls["Query"] + len(read)
    assert queries <= len(pages) * (3 + 7)


def test_a_cursor_goes_on_within_a_part_without_its_earlier_chunks(world: World) -> None:
    run_id = world.start(world.connected())
    people = [record(f"{n:04d}", Outcome.SKIPPED, "NOT_ACTIVE") for n in range(2 * CHUNK + 7)]
    world.plan(run_id, people)
    pages = world.pages(f"/runs/{run_id}/records?limit=150", "key")
    assert [len(page) for page in pages] == [150, 150, 107]
    assert flat(pages) == [one.key for one in people]
    started = world.run(run_id)
    parts = world.container.ledger.parts
    assert [chunk for chunk, _ in parts.part_chunks(started, "PAGE", 0, first=2)] == [2]


def test_parts_without_a_reason_or_field_are_not_read_in_search_of_it(world: World) -> None:
    run_id = world.start(world.connected())
    run = world.plan(run_id)
    engine = world.container.engine
    run = engine.ledger.runs.change(run, pages=30)
    for index in range(30):
        code = "EMAIL_MISSING" if index == 27 else "NOT_ACTIVE"
        page = PlannedPage(index, 0, (record(f"{index:02d}", Outcome.SKIPPED, code),), ())
        engine.ledger.parts.put_page(run, page, engine.ttl(run))
    engine.ledger.parts.put_batch(run, 0, [somebody("b", "B", Outcome.UPDATED, PHONE)], engine.ttl(run))
    engine.ledger.parts.put_batch(run, 1, [somebody("c", "C", Outcome.UPDATED, EMAIL)], engine.ttl(run))
    world.finish(run_id)
    for query, found in (("reason=EMAIL_MISSING", ["27"]), ("field=email", ["c"])):
        world.memory.table.calls.clear()
        pages = world.pages(f"/runs/{run_id}/records?{query}", "key")
        assert pages == [found]
        # Its pages and batches, a few at a time, and the one part that has it.
        assert world.memory.table.calls["Query"] <= 5
