"""One worker at a time, and nobody waits for a dead one (CON-3)."""

from __future__ import annotations

import pytest

from payrelay.ledger import Ledger
from tests.ledger.conftest import CONNECTION, NOW, TENANT

pytestmark = pytest.mark.requirement("CON-3")


def take(ledger: Ledger, owner: str, now: int = NOW) -> str | None:
    return ledger.locks.take(TENANT, CONNECTION, owner, now=now, until=now + 60)


def test_a_lock_is_taken_by_one_and_free_once_given_back(ledger: Ledger) -> None:
    assert take(ledger, "one") == ""
    assert take(ledger, "two") is None
    ledger.locks.release(TENANT, CONNECTION, "one", "version-1")
    assert take(ledger, "two") == "version-1"


def test_the_holder_may_take_it_again(ledger: Ledger) -> None:
    assert take(ledger, "one") == ""
    assert take(ledger, "one") == ""


def test_a_lock_expires_with_its_holder(ledger: Ledger) -> None:
    take(ledger, "dead")
    assert take(ledger, "two", NOW + 60) is None
    assert take(ledger, "two", NOW + 61) == ""


def test_a_late_release_changes_nothing(ledger: Ledger) -> None:
    take(ledger, "slow")
    take(ledger, "two", NOW + 61)
    ledger.locks.release(TENANT, CONNECTION, "slow", "stale")
    assert take(ledger, "three", NOW + 62) is None


def test_locks_of_other_connections_and_tenants_are_apart(ledger: Ledger) -> None:
    take(ledger, "one")
    assert ledger.locks.take(TENANT, "con_B", "two", now=NOW, until=NOW + 60) == ""
    assert ledger.locks.take("other", CONNECTION, "two", now=NOW, until=NOW + 60) == ""
