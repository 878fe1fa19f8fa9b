"""Bad days of AutoVu and of each package: what waits, what ends the run, what the next run makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from payrelay.domain.invoices import Side
from payrelay.domain.runs import Run, Trigger
from payrelay.flows.engine.engine import Limits
from payrelay.flows.engine.orders import Replay, replay_order
from payrelay.systems.registry import PACKAGES
from tests.flows.conftest import Clock
from tests.worlds.invoices import (
    ANY_PACKAGE,
    AT_QUICKBOOKS,
    EACH_WAY,
    FLOW,
    TENANT,
    Books,
    Row,
    Watch,
    bill,
    credit_note,
    invoice,
)
from tests.worlds.structs import replace
from tests.worlds.trail import trails

# A reading and a writing call of each package, as its sandbox names them.
READS = {"quickbooks": "query Invoice", "xero": "GET Contacts", "sage": "list sales_invoices"}
WRITES = {"quickbooks": "batch", "xero": "PUT Invoices", "sage": "create sales_invoices"}
STAGES = pytest.mark.parametrize("stage", [READS, WRITES], ids=["reading", "posting"])
# Both modes apply a batch by the same functions, and come to one by their own, whatever the package: each
# is seen at one of the two ways to take documents.
MODES = pytest.mark.parametrize(
    ("trade", "mode"), [("xero", "sync"), ("sage", "auto")], indirect=["trade"], ids=["sync", "auto"]
)
EACH_AND_AUTO = pytest.mark.parametrize(
    ("trade", "mode"),
    [*((package, "sync") for package in PACKAGES), ("sage", "auto")],
    indirect=["trade"],
)
AUTOVU_STAGES = (
    "list documents",
    "list chartofaccounts",
    "get syncsettings",
    "get accounts",
    "change documents",
)


@pytest.fixture
def linked(books: Books) -> Books:
    """A company whose customer and supplier are linked, with two clean documents in its list."""
    books.link("Harper Ltd")
    books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    books.book(invoice("S2001"), invoice("S2002"))
    books.forget_requests()
    return books


@pytest.fixture
def says(
    trade: tuple[str, Any, Clock], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Books, str, int | None], None]:
    """Lets a system's next refusals (429) name these seconds, or none."""
    _, sandboxes, _ = trade

    def name(books: Books, system: str, seconds: int | None) -> None:
        room = sandboxes.room(system)
        plainly = room.refuse
        monkeypatch.setattr(room, "refuse", lambda status, retry_after=None: plainly(status, seconds))

    return name


def go(books: Books, mode: str = "sync") -> Run:
    return books.auto() if mode == "auto" else books.sync()


def settled(books: Books, run: Run) -> None:
    """Both documents stand once and are off the list."""
    assert run.status == "succeeded", (run.error, books.stored(run))
    assert books.posted() == {"S2001": 1, "S2002": 1}
    assert books.queue() == []


def recovered(books: Books) -> None:
    """Once all is calm again, the next run does what is left, and posts nothing twice."""
    for name in (books.package, books.source):
        books.calm(name)
    settled(books, books.sync())


# --- waiting ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-4", "IN-2")
@EACH_AND_AUTO
@STAGES
def test_the_seconds_that_a_package_names_are_waited_out_to_the_second(
    linked: Books, says: Callable[..., None], stage: dict[str, str], mode: str
) -> None:
    slept: list[float] = []
    linked.door = replace(linked.door, sleep=slept.append)
    says(linked, linked.package, 17)
    linked.faults(linked.package, errors=[429], match=stage[linked.package], count=1)
    before = linked.clock()
    run = go(linked, mode)
    assert (linked.waits, slept) == ([17], [])
    # A second passes before each start.
    assert linked.clock() - before == timedelta(seconds=18)
    settled(linked, run)


@ANY_PACKAGE
@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("stage", AUTOVU_STAGES)
def test_the_seconds_that_autovu_names_are_waited_out_at_every_stage(
    linked: Books, says: Callable[..., None], stage: str
) -> None:
    says(linked, linked.source, 23)
    linked.faults(linked.source, errors=[429], match=stage, count=1)
    run = linked.sync()
    assert linked.waits == [23]
    settled(linked, run)


@pytest.mark.requirement("RUN-4")
def test_a_limit_without_a_time_is_waited_out_as_the_package_documents_it(
    linked: Books, says: Callable[..., None]
) -> None:
    says(linked, linked.package, None)
    linked.faults(linked.package, errors=[429], match=WRITES[linked.package], count=2)
    run = linked.sync()
    # QuickBooks is asked once more after a second, and then after the minute that it documents.
    assert linked.waits == {"quickbooks": [60], "xero": [5, 5], "sage": [5, 5]}[linked.package]
    settled(linked, run)


@pytest.mark.requirement("RUN-4")
@MODES
@STAGES
@pytest.mark.parametrize("system", ["package", "autovu"])
def test_a_wait_of_most_of_a_day_ends_the_run_and_the_next_one_goes_on(
    linked: Books, says: Callable[..., None], stage: dict[str, str], mode: str, system: str
) -> None:
    name = linked.package if system == "package" else linked.source
    match = stage[linked.package]
    if system == "autovu":
        match = "get accounts" if stage is READS else "change documents"
    says(linked, name, 70_000)
    linked.faults(name, errors=[429], match=match)
    before = linked.clock()
    run = go(linked, mode)
    assert run.status == "failed"
    assert run.error
    assert run.error.code == "COME_BACK_LATER"
    assert "70000 seconds" in run.error.message
    assert linked.waits == []
    assert linked.clock() - before == timedelta(seconds=1)
    linked.clock.pass_by(70_000)
    recovered(linked)


@ANY_PACKAGE
@pytest.mark.requirement("RUN-4")
def test_a_run_that_waited_long_looks_at_its_plan_again_before_it_posts(
    linked: Books, says: Callable[..., None]
) -> None:
    says(linked, linked.package, 1200)
    linked.faults(linked.package, errors=[429], match=WRITES[linked.package], count=1)
    taken_off = {"MarkedForSync": False, "RowVersion": "r99"}
    real = linked.clock.pass_by

    def others(seconds: float) -> None:
        real(seconds)
        if seconds == 1200:
            linked.edit(linked.source, "documents", {"DocumentId": "d-S2001"}, **taken_off)

    linked.clock.pass_by = others  # type: ignore[method-assign]
    run = linked.sync()
    linked.clock.pass_by = real  # type: ignore[method-assign]
    assert linked.reasons(run) == {"d-S2001": "DOCUMENT_GONE"}
    assert linked.outcomes(run) == {"d-S2001": "skipped", "d-S2002": "created"}
    assert linked.posted() == {"S2002": 1}


# --- trouble ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-4", "RUN-5")
@EACH_AND_AUTO
@pytest.mark.parametrize(
    ("stage", "error"),
    [(READS, 503), (WRITES, 500), (WRITES, "reset")],
    ids=["reading", "posting", "posting, cut off"],
)
def test_a_package_that_is_down_fails_the_run_and_the_next_one_finishes_it(
    linked: Books, stage: dict[str, str], mode: str, error: Any
) -> None:
    linked.faults(linked.package, errors=[error], match=stage[linked.package])
    run = go(linked, mode)
    assert run.status == "failed"
    assert run.error
    assert run.error.code == "SYSTEM_UNREACHABLE"
    assert run.error.message.startswith(linked.label)
    assert len(linked.waits) == 3
    assert run.counts
    assert run.counts["created"] == 0
    assert len(linked.queue()) == 2
    recovered(linked)


@pytest.mark.requirement("RUN-4", "RUN-5", "IN-10")
@MODES
@pytest.mark.parametrize("stage", AUTOVU_STAGES)
def test_autovu_down_at_any_stage_fails_the_run_and_the_next_one_finishes_it(
    linked: Books, stage: str, mode: str
) -> None:
    linked.faults(linked.source, errors=[503], match=stage)
    run = go(linked, mode)
    assert run.status == "failed"
    assert run.error
    assert run.error.code == "SYSTEM_UNREACHABLE"
    assert "AutoVu" in run.error.message
    assert set(linked.posted().values()) == ({1} if stage == "change documents" else set())
    recovered(linked)


@pytest.mark.requirement("RUN-5", "IN-10")
@pytest.mark.parametrize("error", [500, "after_write_reset", "reset"])
@pytest.mark.parametrize(
    ("trade", "after", "mode"),
    [
        # QuickBooks takes the batch in one call.
        ("quickbooks", 0, "sync"),
        *((package, after, "sync") for package in ("xero", "sage") for after in range(3)),
        *(("sage", after, "auto") for after in range(3)),
    ],
    indirect=["trade"],
)
def test_trouble_in_the_middle_of_a_batch_is_looked_up_and_the_rest_is_posted(
    linked: Books, error: Any, after: int, mode: str
) -> None:
    linked.book(invoice("S2001"), credit_note(), bill(), invoice("S2002"))
    linked.faults(linked.package, errors=[error], count=1, after=after, match=MIDDLE[linked.package])
    run = go(linked, mode)
    assert run.status == "succeeded", linked.stored(run)
    assert linked.posted() == {"S2001": 1, "C901": 1, "PX-77": 1, "S2002": 1}
    assert linked.queue() == []


MIDDLE = {"quickbooks": "batch", "xero": "PUT", "sage": "create"}


@ANY_PACKAGE
@pytest.mark.requirement("IN-10")
def test_posted_and_autovu_down_for_the_second_one_is_told_by_the_next_run(linked: Books) -> None:
    """Posted is posted, also in the trail (oncall OC-2) (oncall OC-6)."""
    linked.faults(linked.source, errors=[503], match="change documents", after=1)
    run = linked.sync()
    assert run.status == "failed"
    assert linked.posted() == {"S2001": 1, "S2002": 1}
    assert len(linked.queue()) == 1
    told = {one.record_id: one for one in linked.stored(run)}
    assert {one.outcome.value for one in told.values()} == {"created"}
    reasons = [one.reason for one in told.values() if one.reason]
    assert [one.code for one in reasons] == ["WRITTEN_IN_PART"]
    assert "what is told to AutoVu of it" in reasons[0].message
    done = trails(linked)
    assert {name: [one[0] for one in done[name]] for name in told} == {name: [run.run_id] for name in told}
    recovered(linked)


# --- tokens ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-3", "IN-2")
def test_tokens_that_expire_before_every_step_of_auto_sync_are_renewed(linked: Books) -> None:
    linked.limits = Limits(auto_seconds=10**6, lease_seconds=10**6)
    numbers = [f"S3{number:03}" for number in range(12)]
    linked.book(*(invoice(number) for number in numbers))
    # Longer than any of the three packages' tokens lives.
    linked.before_apply = lambda: linked.clock.pass_by(3601)
    run = linked.auto()
    assert run.status == "succeeded", run.error
    assert linked.posted() == dict.fromkeys(numbers, 1)
    assert linked.renewals >= 3


@pytest.mark.requirement("CON-3")
@STAGES
def test_a_token_refused_once_is_renewed_and_one_refused_again_ends_the_run(
    linked: Books, stage: dict[str, str]
) -> None:
    linked.faults(linked.package, errors=["token"], match=stage[linked.package], count=1)
    settled(linked, linked.sync())
    assert linked.renewals == 1
    linked.book(invoice("S2003"))
    linked.faults(linked.package, errors=["token"], match=stage[linked.package])
    run = linked.sync()
    assert run.error
    assert run.error.code == "CREDENTIALS_REFUSED"
    assert linked.connection.status == "attention"
    assert "S2003" not in linked.posted()


# --- people ----------------------------------------------------------------------------------------------


@ANY_PACKAGE
@pytest.mark.requirement("RUN-4", "IN-4")
def test_a_document_edited_after_it_was_posted_leaves_the_list_and_says_so(linked: Books) -> None:
    linked.faults(linked.source, errors=["edited"], match="change documents", count=1)
    run = linked.sync()
    assert linked.outcomes(run) == {"d-S2001": "created", "d-S2002": "created"}
    assert linked.reasons(run) == {"d-S2001": "DOCUMENT_EDITED"}
    settled(linked, run)


@ANY_PACKAGE
@pytest.mark.requirement("RUN-4", "IN-10")
def test_a_document_that_somebody_keeps_editing_is_taken_off_by_the_next_run(linked: Books) -> None:
    linked.faults(linked.source, errors=["edited"], match="documents/d-S2001")
    run = linked.sync()
    assert linked.outcomes(run) == {"d-S2001": "created", "d-S2002": "created"}
    assert linked.reasons(run) == {"d-S2001": "DOCUMENT_EDITED"}
    assert [row["Number"] for row in linked.queue()] == ["S2001"]
    recovered(linked)


def without(books: Books, document_id: str) -> None:
    """Somebody deletes a document in AutoVu."""
    state = books.state(books.source)
    rows = [row for row in state["documents"] if row["DocumentId"] != document_id]
    books.put(books.source, {**state, "documents": rows})


def taken_off(books: Books, document_id: str) -> None:
    """Somebody takes a document off the list."""
    off = {"MarkedForSync": False, "RowVersion": "r99"}
    books.edit(books.source, "documents", {"DocumentId": document_id}, **off)


def corrected(books: Books, document_id: str) -> None:
    """Somebody corrects a document."""
    edit = {"Reference": "Job 89", "RowVersion": "r99"}
    books.edit(books.source, "documents", {"DocumentId": document_id}, **edit)


MEANWHILE: list[tuple[Callable[[Books, str], None], tuple[str, str], tuple[str, str]]] = [
    (without, ("skipped", "DOCUMENT_GONE"), ("created", "DOCUMENT_DELETED")),
    (taken_off, ("skipped", "DOCUMENT_GONE"), ("created", "DOCUMENT_EDITED")),
    (corrected, ("created", ""), ("created", "DOCUMENT_EDITED")),
]


@pytest.mark.requirement("RUN-4", "IN-10")
@MODES
@pytest.mark.parametrize(
    ("act", "early", "late"), MEANWHILE, ids=["deleted", "taken off the list", "corrected"]
)
@pytest.mark.parametrize("moment", ["listed", "planned", "posted"])
def test_what_a_person_does_to_a_document_while_it_is_synced_is_told_and_stops_no_other(
    linked: Books, act: Any, early: tuple[str, str], late: tuple[str, str], moment: str, mode: str
) -> None:
    def others() -> None:
        act(linked, "d-S2001")

    expected = late if moment == "posted" else early
    if moment == "planned":
        # Once only.
        linked.before_apply = Once(others)
    else:
        path = "/accounts/{id}" if moment == "listed" else ""
        system, writes = ("autovu", False) if moment == "listed" else (linked.package, True)
        watching = Watch(others, system, writes=writes, path=path, after=moment == "posted")
        linked.door = replace(linked.door, observer=watching)
    run = go(linked, mode)
    one = linked.records(run)["document:d-S2001"]
    assert (one.outcome.value, one.reason.code if one.reason else "") == expected
    assert linked.records(run)["document:d-S2002"].outcome == "created"
    posted = {"S2002": 1} if expected[0] == "skipped" else {"S2001": 1, "S2002": 1}
    assert linked.posted() == posted
    assert linked.queue() == []
    assert linked.sync().total == 0


class Once:
    """Does it at the first call."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._acts = [act]

    def __call__(self) -> None:
        if self._acts:
            self._acts.pop()()


@ANY_PACKAGE
@pytest.mark.requirement("IN-6")
def test_an_account_edited_while_it_is_found_by_its_name_is_linked_by_its_next_document(
    linked: Books,
) -> None:
    linked.sync()
    wanted = linked.party(Side.CUSTOMER, "Harper Ltd")
    linked.edit(linked.source, "accounts", {"Name": "Harper Ltd"}, AccsID=None)
    linked.book(invoice("S2003"))
    linked.faults(linked.source, errors=["edited"], match="change accounts", count=1)
    assert linked.sync().status == "succeeded"
    assert account(linked)["AccsID"] is None
    linked.book(invoice("S2004"))
    assert linked.sync().status == "succeeded"
    assert account(linked)["AccsID"] == wanted
    assert linked.posted() == {f"S200{number}": 1 for number in range(1, 5)}


def account(books: Books) -> Row:
    rows: list[Row] = books.state(books.source)["accounts"]
    return next(row for row in rows if row["Name"] == "Harper Ltd")


@EACH_WAY
@pytest.mark.requirement("IN-2", "RUN-2")
@pytest.mark.parametrize("call", [1, 12, 20])
def test_auto_sync_stopped_in_the_middle_forgets_nothing(linked: Books, call: int) -> None:
    """Stopped while a call of some batch is under way: what was posted is told, the rest stays listed."""
    from payrelay.domain.reasons import reason
    from payrelay.domain.runs import Halt, Status

    numbers = [f"S3{number:03}" for number in range(12)]
    linked.book(*(invoice(number) for number in numbers))

    def stop() -> None:
        run = linked.ledger.runs.in_progress(TENANT, linked.connection_id, FLOW)
        assert run
        linked.ledger.runs.halt(run, Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="tester")))

    linked.door = replace(linked.door, observer=Watch(stop, "autovu", skip=call))
    run = linked.auto()
    assert run.status == "stopped"
    assert run.counts
    posted = linked.posted()
    assert len(posted) < 12
    assert run.counts["created"] == len(posted) == 12 - len(linked.queue())
    assert linked.auto().status == "succeeded"
    assert linked.posted() == dict.fromkeys(numbers, 1)


def stumbling(books: Books, number: str) -> None:
    """QuickBooks has a fault of its own over documents of this number."""
    books.edit("quickbooks", "settings", {}, fails_over=number)


@AT_QUICKBOOKS
@pytest.mark.requirement("OPS-1", "RUN-4")
def test_a_replay_tries_only_the_documents_that_failed(linked: Books) -> None:
    stumbling(linked, "S2002")
    linked.book(invoice("S2001"), invoice("S2002"))
    first = linked.sync()
    assert linked.outcomes(first) == {"d-S2001": "created", "d-S2002": "failed"}
    stumbling(linked, "")
    linked.book(*linked.state(linked.source)["documents"], invoice("S2003"))
    order = replay_order(linked.engine, first, Replay(outcomes=frozenset({"failed"})), "tester")
    again = linked.sync(trigger=Trigger.REPLAY, replay_of=order.replay_of, only=order.only)
    assert linked.outcomes(again) == {"d-S2002": "created"}
    assert again.replay_of == first.run_id
    assert linked.posted() == {"S2001": 1, "S2002": 1}
    assert [row["Number"] for row in linked.queue()] == ["S2003"]
