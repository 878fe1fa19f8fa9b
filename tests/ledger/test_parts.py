"""Pages and batches: summaries that are put, and records in chunks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from payrelay.domain.mirror import Part
from payrelay.domain.records import Outcome, PlannedPage, Reason, Record, Risk, Seen, Write
from payrelay.domain.runs import Mode
from payrelay.ledger import Ledger
from payrelay.ledger.parts import BATCH, CHUNK, PAGE, kept_by, left_by, seen_by
from tests.ledger.conftest import a_record, a_run, start
from tests.worlds.structs import replace

TTL = 1_800_000_000


def a_page(index: int, records: Sequence[Record] = (), writes: int = 0, unchanged: int = 0) -> PlannedPage:
    planned = tuple(Write(a_record(str(9000 + n)), {}, risks=(Risk.END,)) for n in range(writes))
    seen = Seen((f"a{index}", f"b{index}"), f"b{index - 1}" if index else None, 10, ("x",) if index else None)
    return PlannedPage(index, unchanged, tuple(records), planned, seen)


def blocked(key: str) -> Record:
    return a_record(
        key,
        Outcome.BLOCKED,
        reason=Reason("EMAIL_MISSING", f"{key} has no e-mail.", "Fill it in."),
        changes=(),
    )


def test_a_page_that_is_put_twice_counts_once(ledger: Ledger) -> None:
    run = a_run()
    for _ in range(2):
        ledger.parts.put_page(run, a_page(0, [blocked("1")], writes=3, unchanged=5), TTL)
        ledger.parts.put_batch(run, 0, [a_record("1"), a_record("2", Outcome.CREATED)], TTL)
    (page,) = ledger.parts.summaries(run, PAGE)
    assert (page["index"], page["looked_at"], page["writes"]) == (0, 9, 3)
    assert (page["counts"]["blocked"], page["counts"]["unchanged"], page["counts"]["updated"]) == (1, 5, 0)
    assert page["planned"]["updated"] == 3
    assert page["risks"] == {"end": 3, "people": 3}
    (batch,) = ledger.parts.summaries(run, BATCH)
    assert (batch["counts"]["created"], batch["counts"]["updated"]) == (1, 1)
    assert ledger.parts.batch_done(run, 0)
    assert not ledger.parts.batch_done(run, 1)


def test_whoever_goes_through_a_run_part_by_part_reads_a_few_from_there_on(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.ledger.parts.AT_A_TIME", 2)
    run = a_run()
    for index in range(7):
        ledger.parts.put_page(run, a_page(index), TTL)
        ledger.parts.put_batch(run, index, [a_record(str(index))], TTL)
    assert [page["index"] for page in ledger.parts.summaries_from(run, PAGE, 2)] == [2, 3, 4, 5, 6]
    assert [one["index"] for one in ledger.parts.summaries_from(run, BATCH, 6)] == [6]
    assert [*ledger.parts.summaries_from(run, PAGE, 7)] == []


def test_pages_are_listed_in_order_with_what_they_saw_if_asked(ledger: Ledger) -> None:
    run = a_run()
    for index in (10, 2, 0):
        ledger.parts.put_page(run, a_page(index), TTL)
    assert [page["index"] for page in ledger.parts.summaries(run, PAGE)] == [0, 2, 10]
    first, second, _ = (seen_by(item) for item in ledger.parts.summaries(run, PAGE, seen=True))
    assert first == Seen(("a0", "b0"), None, 10)
    assert second == Seen(("a2", "b2"), "b1", 10, ("x",))
    assert second.present == ("x",)


def test_pages_of_an_earlier_read_of_a_moving_source_do_not_count(ledger: Ledger) -> None:
    run = a_run()
    for index in (0, 1):
        ledger.parts.put_page(run, a_page(index, [blocked("1")]), TTL)
    again = replace(run, reads=1)
    ledger.parts.put_page(again, a_page(0, [blocked("2")]), TTL)
    assert [page["index"] for page in ledger.parts.summaries(again, PAGE)] == [0]
    assert [[one.key for one in records] for _, records in ledger.parts.records(again, PAGE)] == [["2"]]
    assert ledger.parts.part_records(again, PAGE, 1) == []


def test_many_records_are_kept_in_chunks_and_listed_after_a_cursor(ledger: Ledger) -> None:
    run, count = a_run(), 2 * CHUNK + 1
    stored = [a_record(f"{n:04d}") for n in range(count)]
    ledger.parts.put_batch(run, 0, stored, TTL)
    ledger.parts.put_batch(run, 1, [blocked("last")], TTL)
    chunks = [*ledger.parts.records(run, BATCH)]
    assert [len(records) for _, records in chunks] == [CHUNK, CHUNK, 1, 1]
    assert [record for _, records in chunks for record in records] == [*stored, blocked("last")]
    after = [*ledger.parts.records(run, BATCH, after=chunks[1][0])]
    assert after == chunks[2:]
    assert ledger.parts.part_records(run, BATCH, 0) == stored
    assert [*ledger.parts.records(run, PAGE)] == []


def test_parts_in_which_records_failed_are_listed_newest_run_first(ledger: Ledger) -> None:
    for number in (1, 2):
        run = a_run(number)
        ledger.parts.put_page(run, a_page(0, [blocked("1"), blocked("2")]), TTL)
        ledger.parts.put_page(run, a_page(1, [a_record("3", Outcome.SKIPPED)]), TTL)
        ledger.parts.put_batch(run, 0, [blocked("4")], TTL)
    preview = a_run(3, mode=Mode.PREVIEW)
    ledger.parts.put_page(preview, a_page(0, [blocked("1")]), TTL)
    found = [*ledger.parts.failing("demo")]
    assert [(one.run_id, one.kind, one.index) for one in found] == [
        ("run_002", "PAGE", 0),
        ("run_002", "BATCH", 0),
        ("run_001", "PAGE", 0),
        ("run_001", "BATCH", 0),
    ]
    assert found[0].reasons == {"EMAIL_MISSING": 2}
    assert [*ledger.parts.failing("demo", start=found[2].place)] == found[2:]


@pytest.mark.requirement("CON-4")
def test_parts_are_only_there_for_their_own_tenant(ledger: Ledger) -> None:
    ledger.parts.put_page(a_run(), a_page(0, [blocked("1")]), TTL)
    stranger = a_run(tenant="other")
    assert ledger.parts.summaries(stranger, PAGE) == []
    assert [*ledger.parts.records(stranger, PAGE)] == []
    assert [*ledger.parts.failing("other")] == []


def test_a_run_and_its_parts_do_not_get_in_each_others_way(ledger: Ledger) -> None:
    run = a_run()
    start(ledger, run)
    ledger.parts.put_page(run, a_page(0, [blocked("1")]), TTL)
    assert ledger.runs.get("demo", run.run_id) == run
    assert len(ledger.parts.summaries(run, PAGE)) == 1


@pytest.mark.requirement("RUN-11")
def test_what_a_page_left_and_kept_of_the_mirror_comes_back(ledger: Ledger) -> None:
    run = a_run()
    left = tuple(f"a{number:023d}" for number in range(100))
    kept = Part("a1", "9f86d081884c7d65", 999)
    ledger.parts.put_page(run, replace(a_page(0), left=left, mirror=kept, drift=3), TTL)
    ledger.parts.put_page(run, a_page(1), TTL)
    first, second = ledger.parts.summaries(run, PAGE, seen=True)
    assert (left_by(first), kept_by(first)) == ([*left], kept)
    assert (left_by(second), kept_by(second)) == ([], None)
    assert [page.get("drift", 0) for page in ledger.parts.summaries(run, PAGE)] == [3, 0]
    assert "left" not in ledger.parts.summaries(run, PAGE)[0], "who counts needs no names"
