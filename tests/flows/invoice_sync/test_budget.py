"""An Auto Sync leaves to scheduled runs what they need of a vendor's day (RUN-11, IN-2)."""

from __future__ import annotations

import pytest

from payrelay.domain.budget import Left, Spent
from payrelay.domain.runs import Run
from payrelay.flows.engine.budget import days_of
from tests.worlds.invoices import CONNECTION, FLOW, TENANT, Books, invoice

pytestmark = [
    pytest.mark.requirement("RUN-11", "IN-2"),
    pytest.mark.parametrize("trade", ["xero"], indirect=True),
]
EVERY_DAY = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@pytest.fixture
def linked(books: Books) -> Books:
    """Sixty documents that can be posted, five in a batch."""
    books.link("Harper Ltd")
    books.book(*(invoice(f"S2{number:03}") for number in range(60)))
    books.forget_requests()
    return books


def due(books: Books, at: str = "18:00", *, enabled: bool = True) -> None:
    schedule = {"days": list(EVERY_DAY), "time": at, "time_zone": "Europe/London", "enabled": enabled}
    books.ledger.connections.put_schedule(TENANT, CONNECTION, FLOW, schedule)


def day(books: Books) -> tuple[int, int | None, int]:
    """Used, left and reserved of Xero's day."""
    found = days_of(books.engine, books.connection).by_system["xero"]
    return found.used, found.left, found.reserved


def why(run: Run) -> tuple[str, str]:
    assert run.error
    return run.status.value, run.error.code


def test_a_session_ends_before_it_takes_what_is_kept_for_a_scheduled_run(linked: Books) -> None:
    linked.settings(calls={"xero": {"day": 66}})
    due(linked)
    run = linked.auto()
    assert why(run) == ("stopped", "CALLS_RESERVED")
    used, left, kept = day(linked)
    assert (used + (left or 0), kept) == (66, 50)
    assert left is not None
    assert left >= kept
    assert run.error
    assert run.error.message.startswith(
        f"Xero takes 66 calls a day, of which {left} are left, and a batch needs "
    )
    assert (
        "50 of them are kept for scheduled runs (50 for invoice_sync at 18:00 UTC), which go first"
        in run.error.message
    )
    assert "after 2026-03-03 00:00 UTC" in run.error.remedy
    assert "`calls.xero.day`" in run.error.remedy
    posted = len(linked.posted())
    assert 0 < posted < 60
    assert len(linked.queue()) == 60 - posted, "the rest waits"
    linked.clock.pass_by(19 * 3600)
    linked.settings(calls={"xero": {"day": 500}})
    assert linked.auto().status == "succeeded"
    assert len(linked.posted()) == 60


def test_a_session_that_is_begun_with_nothing_to_spare_calls_nobody(linked: Books) -> None:
    linked.settings(calls={"xero": {"day": 55}})
    due(linked)
    assert why(linked.auto()) == ("stopped", "CALLS_RESERVED")
    assert linked.calls() == []
    due(linked, enabled=False)
    assert len(linked.posted()) == 0
    linked.auto()
    assert len(linked.posted()) > 0, "nothing is kept for a schedule that is switched off"


def test_a_scheduled_run_is_never_stopped_by_it_and_tells_how_much_is_kept_for_the_next(
    linked: Books,
) -> None:
    linked.settings(calls={"xero": {"day": 5}})
    due(linked)
    run = linked.sync()
    assert run.status == "succeeded"
    linked.settings(calls={"xero": {"day": 500}})
    made = run.asked["made_xero"]
    assert day(linked)[2] == made + -(-made // 10)


def test_what_xero_itself_says_is_left_counts_more_than_our_own_counting(linked: Books) -> None:
    now = linked.clock()
    linked.ledger.calls.add(TENANT, CONNECTION, Spent({"made_xero": 1}, {"xero": Left(9, now)}), now)
    assert day(linked) == (1, 9, 0)
    run = linked.auto()
    assert why(run) == ("stopped", "CALLS_RESERVED")
    assert run.error
    assert "none of them is kept for a scheduled run" in run.error.message
