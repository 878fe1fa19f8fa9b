"""Tokens: renewed in time, stored before they are used, and never lost between two workers (CON-2, CON-3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OtherCompany, OutcomeUnknown, RetryLater
from payrelay.ledger.seals import Seals
from tests.worlds.cloud import cloud
from tests.worlds.oauth import APP, BACK, CONNECTION, SECRET, SYSTEM, TENANT, Bench

pytestmark = pytest.mark.requirement("CON-3")


@pytest.fixture
def bench() -> Iterator[Bench]:
    with cloud():
        yield Bench()


def test_a_token_that_lasts_is_used_as_it_is(bench: Bench) -> None:
    bench.consent()
    assert bench.worker().current().reveal() == "access-0"
    assert bench.vendor.number == 0


def test_a_token_is_renewed_before_it_expires_and_what_else_is_kept_stays(bench: Bench) -> None:
    bench.consent(lives=119, company_id="c1")
    assert bench.worker().current().reveal() == "access-1"
    newest, former = bench.pairs()
    assert newest == {
        "company_id": "c1",
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_at": str(int(bench.time) + 300),
        "client_id": "the-client",
        "address": "",
    }
    assert former["refresh_token"] == "refresh-0"
    entered = bench.entered()
    assert (entered[SYSTEM], entered["autovu"]) == (APP, {"integration_key": "k"})


def test_a_refused_token_is_renewed_although_it_should_last(bench: Bench) -> None:
    bench.consent()
    worker = bench.worker()
    worker.current()
    assert worker.renew().reveal() == "access-1"


def test_whoever_comes_second_uses_what_the_first_one_got(bench: Bench) -> None:
    bench.consent()
    first, second = bench.worker(), bench.worker()
    first.current()
    second.current()
    assert first.renew().reveal() == second.renew().reveal() == "access-1"
    assert bench.vendor.number == 1


@pytest.mark.parametrize("company", [None, "org-17"], ids=["tokens alone", "tokens with their company"])
def test_two_at_once_refresh_once_and_lose_nothing(bench: Bench, company: str | None) -> None:
    """The second arrives while the first is at the vendor: it waits for the lock, and finds the new token."""
    bench.consent(company_id="org-17")
    bench.vendor.company = company
    first, second = bench.worker(), bench.worker()
    for worker in (first, second):
        worker.current()
    found: list[str] = []
    arriving = threading.Thread(target=lambda: found.append(second.renew().reveal()))
    waits, done = threading.Event(), threading.Event()

    def meanwhile() -> None:
        bench.pause = lambda: (waits.set(), done.wait(10))
        arriving.start()
        assert waits.wait(10)

    bench.vendor.meanwhile = meanwhile
    found.append(first.renew().reveal())
    done.set()
    arriving.join()
    assert found == ["access-1", "access-1"]
    assert bench.vendor.number == 1
    kept = bench.pairs()[0]
    assert (kept["refresh_token"], kept["company_id"]) == ("refresh-1", "org-17")


@pytest.mark.requirement("CON-2")
def test_a_consent_for_another_company_is_given_back_and_nothing_else_changes(bench: Bench) -> None:
    bench.consent(company_id="org-17")
    before = bench.pairs()
    bench.vendor.company = "org-18"
    with pytest.raises(OtherCompany, match="org-18 instead of org-17"):
        bench.worker().exchange(Secret("code-1"), BACK)
    assert bench.vendor.revoked == ["refresh-1"]
    assert bench.pairs() == before


def test_new_credentials_entered_meanwhile_do_not_undo_a_refresh(bench: Bench) -> None:
    bench.consent(lives=0)
    bench.worker().current()
    with bench.credentials.held(TENANT, CONNECTION) as held:
        held.put({"autovu": {"integration_key": "new"}})
    assert bench.pairs()[0]["refresh_token"] == "refresh-1"
    assert bench.entered()["autovu"] == {"integration_key": "new"}


def test_a_new_token_is_stored_before_it_is_used(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.consent(lives=0)
    worker = bench.worker()

    def full(*args: Any, **more: Any) -> None:
        raise RuntimeError("DynamoDB is down")

    monkeypatch.setattr(Seals, "put", full)
    with pytest.raises(RuntimeError):
        worker.current()
    monkeypatch.undo()
    assert bench.pairs()[0]["access_token"] == "access-0"


def test_a_holder_that_died_is_waited_for_no_longer_than_its_lock(bench: Bench) -> None:
    bench.consent(lives=0)
    now = int(bench.time)
    bench.ledger.locks.take(TENANT, CONNECTION, "dead", now=now, until=now + 60)
    with pytest.raises(RetryLater, match="another worker"):
        bench.worker().current()
    bench.time += 61
    assert bench.worker().current().reveal() == "access-1"


@pytest.mark.parametrize("what", ["renew", "exchange"])
def test_no_vendor_is_asked_without_the_time_to_wait_for_it_and_to_store_its_answer(
    bench: Bench, what: str
) -> None:
    """(aws 2) A call of the API that has 0.3 s left would cut the answer off, and both pairs are dead."""
    bench.consent()
    worker = bench.worker()
    worker.current()
    calls = {"renew": worker.renew, "exchange": lambda: worker.exchange(Secret("code-1"), BACK)}
    for left in (0.3, 16.9):
        bench.ends_at = bench.time + left
        with pytest.raises(RetryLater, match="no time left"):
            calls[what]()
    assert bench.vendor.number == 0
    bench.ends_at = bench.time + 17
    assert calls[what]().reveal() == "access-1"


@pytest.mark.parametrize(("left", "waits"), [(23.0, 6.0), (890.0, 20.25)], ids=["the API", "a step"])
def test_a_lock_is_waited_for_so_that_there_is_time_for_what_comes_then(
    bench: Bench, left: float, waits: float
) -> None:
    """(aws 2)"""
    bench.consent(lives=0)
    started = bench.time
    bench.ledger.locks.take(TENANT, CONNECTION, "other", now=int(started), until=int(started) + 60)
    bench.ends_at = started + left
    with pytest.raises(RetryLater, match="another worker"):
        bench.worker().current()
    assert bench.time - started == pytest.approx(waits, abs=0.3)


def test_a_secret_that_is_still_read_as_it_was_is_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets Manager may show the old version for a moment, in which somebody's new key is missing."""
    old = bench.client.get_secret_value(SecretId=SECRET)
    with bench.credentials.held(TENANT, CONNECTION) as held:
        held.put({"autovu": {"integration_key": "new"}})
    late, real = [old, old, old], bench.client.get_secret_value
    monkeypatch.setattr(bench.client, "get_secret_value", lambda **more: late.pop() if late else real(**more))
    with bench.credentials.held(TENANT, CONNECTION) as held:
        assert held.of("autovu") == {"integration_key": "new"}


@pytest.mark.parametrize("failure", [RetryLater, OutcomeUnknown])
def test_a_vendor_in_trouble_leaves_the_tokens_as_they_are(bench: Bench, failure: type[RetryLater]) -> None:
    bench.consent(lives=0)
    bench.vendor.fails = failure(SYSTEM, "busy", seconds=5)
    with pytest.raises(RetryLater):
        bench.worker().current()
    bench.vendor.fails = None
    assert bench.worker().current().reveal() == "access-1"


def test_without_a_consent_there_is_no_token(bench: Bench) -> None:
    with pytest.raises(CredentialsRefused, match="no consent"):
        bench.worker().current()


@pytest.mark.requirement("CON-2")
def test_a_consent_is_exchanged_a_company_chosen_and_all_given_back(bench: Bench) -> None:
    worker = bench.worker()
    assert worker.exchange(Secret("code-1"), BACK).reveal() == "access-1"
    worker.choose("company-7")
    assert bench.pairs()[0]["company_id"] == "company-7"
    worker.revoke()
    assert bench.vendor.revoked == ["refresh-1"]
    assert (bench.pairs(), bench.entered()[SYSTEM]) == ([], APP)
    worker.revoke()
    assert bench.vendor.revoked == ["refresh-1"]


@pytest.mark.requirement("CON-2")
def test_a_company_that_comes_with_the_tokens_is_chosen_and_stays(bench: Bench) -> None:
    worker = bench.worker()
    bench.vendor.company = "org-17"
    worker.exchange(Secret("code-1"), BACK)
    assert worker.company().reveal() == "org-17"
    bench.vendor.company = None
    worker.renew()
    assert (bench.vendor.number, worker.company().reveal()) == (2, "org-17")
