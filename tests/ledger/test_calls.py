"""The calls of a connection's day: added to by many, read by system (RUN-11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payrelay.domain.budget import Left, Spent, Told
from payrelay.ledger import Ledger
from tests.ledger.conftest import CONNECTION, TENANT

pytestmark = pytest.mark.requirement("RUN-11")
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=9)


def spent(left: Left | None = None, **numbers: int) -> Spent:
    return Spent(numbers, {"xero": left} if left else {})


def add(ledger: Ledger, what: Spent, at: datetime = NOW, *, diagnosed: bool = False) -> None:
    ledger.calls.add(TENANT, CONNECTION, what, at, diagnosed=diagnosed)


def test_a_day_begins_with_nothing(ledger: Ledger) -> None:
    day = ledger.calls.of(TENANT, CONNECTION, NOW)
    assert (day.of("made", "xero"), day.told) == (0, {})


def test_what_steps_and_people_have_called_adds_up_by_system(ledger: Ledger) -> None:
    add(ledger, spent(made_xero=3, refused_xero=1, retried_xero=1, waited_xero=2500, made_express_leave=2))
    add(ledger, spent(made_xero=4), diagnosed=True)
    add(ledger, spent())
    day = ledger.calls.of(TENANT, CONNECTION, NOW)
    found = {what: day.of(what, "xero") for what in ("made", "refused", "retried", "waited", "diagnosed")}
    assert found == {"made": 7, "refused": 1, "retried": 1, "waited": 2500, "diagnosed": 4}
    assert (day.of("made", "express_leave"), day.of("diagnosed", "express_leave")) == (2, 0)


def test_each_day_by_utc_and_each_connection_of_each_tenant_is_its_own(ledger: Ledger) -> None:
    add(ledger, spent(made_xero=3))
    assert ledger.calls.of(TENANT, CONNECTION, NOW + timedelta(hours=8, minutes=59)).of("made", "xero") == 3
    for tenant, connection_id, at in (
        (TENANT, CONNECTION, LATER),
        (TENANT, "con_B", NOW),
        ("other", CONNECTION, NOW),
    ):
        assert ledger.calls.of(tenant, connection_id, at).of("made", "xero") == 0


def test_what_the_vendor_told_last_counts_with_what_was_made_since(ledger: Ledger) -> None:
    add(ledger, spent(Left(4000, NOW), made_xero=3))
    add(ledger, spent(made_xero=5, made_autovu=9))
    assert ledger.calls.of(TENANT, CONNECTION, NOW).told == {"xero": Told(4000, 5)}
    add(ledger, spent(Left(0, NOW, LATER), made_xero=2))
    day = ledger.calls.of(TENANT, CONNECTION, NOW)
    assert day.told == {"xero": Told(0, 0, LATER)}
    assert day.of("made", "xero") == 10
