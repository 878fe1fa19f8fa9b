"""Documents are taken from the list that showed them, and seen once more before they are posted (IN-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from payrelay.domain.invoices import Kind, Side
from payrelay.domain.records import Outcome, Record, Write
from payrelay.domain.runs import Page
from payrelay.flows.engine import plan
from payrelay.flows.invoice_sync.compare import record_of
from payrelay.flows.invoice_sync.listed import FRESH_SECONDS, as_listed_now
from payrelay.flows.invoice_sync.posting import posting_of
from payrelay.flows.invoice_sync.writes import Payload, Post, Row, Tell
from payrelay.flows.opening import open_flow
from payrelay.ledger.plans import Plans
from tests.worlds.documents import INVOICE, NOMINALS, STANDARD
from tests.worlds.invoices import (
    ANY_PACKAGE,
    FLOW,
    TENANT,
    Books,
    Watch,
    bill,
    credit_note,
    invoice,
)
from tests.worlds.steps import Crash, event
from tests.worlds.structs import replace

# --- what is as it was planned, and what is planned anew ---------------------------------------------------


class Lists:
    """AutoVu, which lists documents at these versions."""

    def __init__(self, **versions: str) -> None:
        self._versions = versions

    def listed_versions(self, ids: Mapping[Kind, Collection[str]]) -> dict[str, str]:
        wanted = {one for some in ids.values() for one in some}
        return {one: version for one, version in self._versions.items() if one in wanted}


def a_post(document_id: str, **changed: Any) -> Write[Payload]:
    one = replace(INVOICE, document_id=document_id, number=document_id)
    made = posting_of(one, NOMINALS, {1: STANDARD}, needs_tax=True, account_id="7", connection_id="con_1")
    assert made
    return Write(record_of(one, Outcome.CREATED, None), Post(Row("r7", ""), made, **changed))


PLANNED_ANEW = Record("document", "d1", "S1", Outcome.BLOCKED, "d1", None)
CASES: list[tuple[str, Write[Payload], Lists, bool, str]] = [
    ("as it was", a_post("d1"), Lists(d1="r7"), True, "post"),
    ("edited", a_post("d1"), Lists(d1="r8"), True, "anew"),
    ("deleted, or taken off", a_post("d1"), Lists(), True, "anew"),
    ("edited, of a plan that a person wished", a_post("d1"), Lists(d1="r8"), False, "post"),
    ("gone, of a plan that a person wished", a_post("d1"), Lists(), False, "gone"),
    ("it may have been posted", a_post("d1", doubtful=True), Lists(d1="r7"), True, "post"),
    ("it may have been posted, and was edited", a_post("d1", doubtful=True), Lists(d1="r8"), True, "post"),
    ("it may have been posted, and is gone", a_post("d1", doubtful=True), Lists(), True, "gone"),
    ("known to be gone", a_post("d1", doubtful=True, listed=False), Lists(d1="r7"), True, "gone"),
    ("nothing is posted", replace(a_post("d1"), payload=Tell(Row("r7", ""), "no")), Lists(), True, "other"),
]


@pytest.mark.requirement("IN-2", "IN-10")
@pytest.mark.parametrize(
    ("write", "lists", "may", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_what_is_not_as_it_was_planned_is_planned_anew(
    write: Write[Payload], lists: Any, may: bool, expected: str
) -> None:
    asked: list[str] = []

    def afresh(ids: Sequence[str]) -> dict[str, Write[Payload] | Record]:
        asked.extend(ids)
        return dict.fromkeys(ids, PLANNED_ANEW)

    (found,) = as_listed_now(lists, [write], afresh if may else None)
    assert asked == (["d1"] if expected == "anew" else [])
    if isinstance(found, Record):
        assert expected == "anew"
    elif isinstance(found.payload, Post):
        assert expected == ("post" if found.payload.listed else "gone")
    else:
        assert expected == "other"


# --- through the sandboxes ---------------------------------------------------------------------------------


@pytest.fixture
def linked(books: Books) -> Books:
    """A company whose customer and supplier are linked."""
    books.link("Harper Ltd")
    books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    return books


def asked_of_autovu(books: Books) -> Counter[str]:
    return Counter(str(one["operation"]) for one in books.requests(books.source))


@ANY_PACKAGE
@pytest.mark.requirement("IN-2", "RUN-11")
@pytest.mark.parametrize("mode", ["sync", "auto"])
def test_a_clean_document_is_read_from_the_list_alone(linked: Books, mode: str) -> None:
    """Each account once a batch, the list right before a batch is posted, and each document written back."""
    linked.book(*(invoice(f"S30{number:02}") for number in range(10)))
    linked.forget(linked.source)
    run = linked.auto() if mode == "auto" else linked.sync()
    assert run.counts
    calls = asked_of_autovu(linked)
    posted = 10 if mode == "auto" else 5
    assert run.counts["created"] == posted
    assert calls["get documents"] == 0
    assert calls["get accounts"] == posted // 5
    assert calls["change documents"] == posted
    # The kinds once, and once more when nothing new is left, and their kind before each posting.
    assert calls["list documents"] == (3 + 3 + 2 if mode == "auto" else 3 + 1)


def flow_at(books: Books, seconds: float) -> Any:
    """The flow by a clock that is so far ahead."""
    flow: Any = open_flow(books, FLOW, books.connection)
    plainly = flow.clock
    return replace(flow, clock=lambda: plainly() + timedelta(seconds=seconds))


@ANY_PACKAGE
@pytest.mark.requirement("IN-2")
@pytest.mark.parametrize("seconds", [0, FRESH_SECONDS + 1, -60], ids=["now", "later", "clock set back"])
def test_a_list_that_is_not_of_just_now_is_read_again(linked: Books, seconds: float) -> None:
    linked.book(*(invoice(f"S30{number:02}") for number in range(12)))
    run = linked.start(FLOW, "auto")
    plan.open_run(linked.engine, {"run": event(run)})
    first = flow_at(linked, 0).next_batch(run, {})
    assert (len(first.ids), first.listed, first.untried) == (5, 12, 7)
    linked.forget(linked.source)
    second = flow_at(linked, seconds).next_batch(run, first.looks)
    assert (len(second.ids), second.untried) == (5, 2)
    assert not set(first.ids) & set(second.ids)
    assert asked_of_autovu(linked) == ({"list documents": 3} if seconds else {})
    linked.forget(linked.source)
    page = Page(0, ids=first.ids)
    _, others = flow_at(linked, seconds)._documents(run, page)
    assert others == []
    # What the second look has not shown any more is read by itself.
    assert asked_of_autovu(linked) == ({"get documents": 5} if seconds else {})


@ANY_PACKAGE
@pytest.mark.requirement("IN-2", "RUN-5")
def test_a_crash_after_the_list_was_kept_chooses_the_same_batch(
    linked: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked.book(*(invoice(f"S30{number:02}") for number in range(7)))
    plainly = Plans.put_tried
    died: list[Any] = []

    def dies_once(self: Plans, *told: Any) -> None:
        if not died:
            died.append(told)
            raise Crash
        plainly(self, *told)

    monkeypatch.setattr(Plans, "put_tried", dies_once)
    run = linked.auto()
    assert died
    assert run.counts
    assert run.counts["created"] == run.total == 7
    assert set(linked.posted().values()) == {1}
    assert linked.queue() == []


@ANY_PACKAGE
@pytest.mark.requirement("IN-2", "IN-10")
def test_what_is_edited_between_its_list_and_its_posting_is_posted_as_it_is_now(linked: Books) -> None:
    """The number, too: the old one is nowhere, and nothing is left to be said."""
    linked.book(invoice("S2001"), invoice("S2002"))

    def others() -> None:
        linked.before_apply = lambda: None
        linked.edit(linked.source, "documents", {"DocumentId": "d-S2001"}, Number="S2009", Reference="Job 9")
        linked.edit(linked.source, "documents", {"DocumentId": "d-S2002"}, Sent=False)

    linked.before_apply = others
    run = linked.sync()
    assert linked.outcomes(run) == {"d-S2001": "created", "d-S2002": "blocked"}
    assert linked.reasons(run) == {"d-S2002": "NOT_SENT"}
    changes = {one.field: one.new for one in linked.records(run)["document:d-S2001"].changes}
    assert (changes["number"], changes["reference"]) == ("S2009", "Job 9")
    assert linked.posted() == {"S2009": 1}
    assert linked.document("d-S2002")["StatusCode"] == "Cannot sync until marked as sent."


@ANY_PACKAGE
@pytest.mark.requirement("IN-2", "IN-10")
def test_a_document_taken_off_the_list_while_it_is_posted_is_told_with_the_cure(linked: Books) -> None:
    linked.book(invoice("S2001"))
    off = Watch(
        lambda: linked.edit(linked.source, "documents", {"DocumentId": "d-S2001"}, MarkedForSync=False),
        linked.package,
        writes=True,
    )
    linked.door = replace(linked.door, observer=off)
    run = linked.sync()
    (record,) = linked.stored(run)
    target = linked.document("d-S2001")["ExternalId"]
    assert record.outcome == "created"
    assert record.reason
    assert "was taken off the list in AutoVu while it was being synced" in record.reason.message
    assert f"or void it there ({target})" in (record.reason.remedy or "")
    assert linked.posted() == {"S2001": 1}
    assert linked.sync().total == 0


def marked_again(books: Books) -> None:
    books.edit(books.source, "documents", {"DocumentId": "d-S2001"}, Reference="Job 89")


def nothing(books: Books) -> None:
    del books


@ANY_PACKAGE
@pytest.mark.requirement("IN-10", "RUN-5")
@pytest.mark.parametrize("meanwhile", [nothing, marked_again], ids=["as it was", "edited"])
@pytest.mark.parametrize("mode", ["sync", "auto"])
def test_a_crash_between_posting_and_writing_back_is_told_from_the_package(
    linked: Books, meanwhile: Callable[[Books], None], mode: str
) -> None:
    """Three kinds; the process dies as the first one is to be taken off AutoVu's list."""
    linked.book(invoice("S2001"), credit_note(), bill())

    def die() -> None:
        meanwhile(linked)
        raise Crash

    linked.door = replace(linked.door, observer=Watch(die, "autovu", writes=True))
    run = linked.auto() if mode == "auto" else linked.sync()
    assert run.status == "succeeded"
    assert linked.posted() == {"S2001": 1, "C901": 1, "PX-77": 1}
    assert linked.queue() == []
    for document_id in ("d-S2001", "d-C901", "d-PX-77"):
        link = linked.ledger.links.get(TENANT, linked.connection_id, "document", [document_id])[document_id]
        assert link.target_id == linked.document(document_id)["ExternalId"]
