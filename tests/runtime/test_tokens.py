"""Tokens: renewed in time, stored before they are used, and never lost between two workers (CON-2, CON-3)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from local.memory.ledger import memory_ledger
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OtherCompany, OutcomeUnknown, RetryLater
from payrelay.runtime.credentials import Credentials
from payrelay.runtime.tokens import Tokens
from payrelay.systems.oauth import Grant
from tests.worlds.aws import client, vault

pytestmark = pytest.mark.requirement("CON-3")

TENANT, CONNECTION, SYSTEM = "demo", "con_A", "sage"
KIND = "autovu_accounting"
SECRET = f"payrelay-connections/{KIND}/{TENANT}/{CONNECTION}"
APP = {"client_id": "the-client", "client_secret": "the-secret"}


class Vendor:
    """A token endpoint whose refresh tokens are good for one use, as Sage's."""

    def __init__(self) -> None:
        self.number = 0
        self.good = "refresh-0"
        self.revoked: list[str] = []
        self.fails: Exception | None = None
        self.company: str | None = None
        self.meanwhile: Callable[[], None] = lambda: None

    def refresh(self, refresh_token: Secret) -> Grant:
        if self.fails:
            raise self.fails
        if refresh_token.reveal() != self.good:
            raise CredentialsRefused(SYSTEM, "invalid_grant")
        self.meanwhile()
        return self._grant()

    def exchange(self, code: Secret, redirect_uri: str, verifier: Secret | None = None) -> Grant:
        assert (code.reveal(), redirect_uri) == ("code-1", "https://app.example/back")
        return self._grant()

    def revoke(self, refresh_token: Secret) -> None:
        self.revoked.append(refresh_token.reveal())

    def _grant(self) -> Grant:
        self.number += 1
        self.good = f"refresh-{self.number}"
        return Grant(Secret(f"access-{self.number}"), Secret(self.good), 300, self.company)


class Bench:
    """One connection's tokens, its vendor, and a clock."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.pause: Callable[[], object] = lambda: None
        self.vendor = Vendor()
        self.ledger = memory_ledger().ledger
        self.client = client("secretsmanager")
        self.credentials = self.worker_credentials()
        self.credentials.create(TENANT, CONNECTION, {SYSTEM: APP, "autovu": {"integration_key": "k"}})

    def worker_credentials(self) -> Credentials:
        return Credentials(
            lambda _: vault(), "payrelay", KIND, self.ledger.locks, now=self.now, sleep=self.sleep
        )

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.pause()

    def worker(self) -> Tokens:
        whose = (TENANT, CONNECTION, SYSTEM)
        return Tokens(self.worker_credentials(), self.vendor, whose, self.now)  # type: ignore[arg-type]

    def kept(self) -> dict[str, Any]:
        answer = self.client.get_secret_value(SecretId=SECRET)
        return json.loads(answer["SecretString"])

    def consent(self, lives: int = 300, **more: str) -> None:
        tokens = {"access_token": "access-0", "refresh_token": "refresh-0"}
        expires = {"expires_at": str(int(self.time) + lives)}
        with self.credentials.held(TENANT, CONNECTION) as held:
            held.put({SYSTEM: {**APP, **tokens, **expires, **more}})


@pytest.fixture
def bench() -> Iterator[Bench]:
    with mock_aws():
        yield Bench()


def test_a_token_that_lasts_is_used_as_it_is(bench: Bench) -> None:
    bench.consent()
    assert bench.worker().current().reveal() == "access-0"
    assert bench.vendor.number == 0


def test_a_token_is_renewed_before_it_expires_and_what_else_is_kept_stays(bench: Bench) -> None:
    bench.consent(lives=119, company_id="c1")
    assert bench.worker().current().reveal() == "access-1"
    kept = bench.kept()
    assert kept[SYSTEM] == {
        **APP,
        "company_id": "c1",
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_at": str(int(bench.time) + 300),
    }
    assert kept["autovu"] == {"integration_key": "k"}


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
    kept = bench.kept()[SYSTEM]
    assert (kept["refresh_token"], kept["company_id"]) == ("refresh-1", "org-17")


@pytest.mark.requirement("CON-2")
def test_a_consent_for_another_company_is_given_back_and_nothing_else_changes(bench: Bench) -> None:
    bench.consent(company_id="org-17")
    before = bench.kept()
    bench.vendor.company = "org-18"
    with pytest.raises(OtherCompany, match="org-18 instead of org-17"):
        bench.worker().exchange(Secret("code-1"), "https://app.example/back")
    assert bench.vendor.revoked == ["refresh-1"]
    assert bench.kept() == before


def test_new_credentials_entered_meanwhile_do_not_undo_a_refresh(bench: Bench) -> None:
    bench.consent(lives=0)
    bench.worker().current()
    with bench.credentials.held(TENANT, CONNECTION) as held:
        held.put({"autovu": {"integration_key": "new"}})
    kept = bench.kept()
    assert (kept[SYSTEM]["refresh_token"], kept["autovu"]) == ("refresh-1", {"integration_key": "new"})


def test_a_new_token_is_stored_before_it_is_used(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.consent(lives=0)
    worker = bench.worker()

    def full(*args: Any, **more: Any) -> None:
        raise RuntimeError("Secrets Manager is down")

    monkeypatch.setattr(bench.client, "put_secret_value", full)
    with pytest.raises(RuntimeError):
        worker.current()
    monkeypatch.undo()
    assert bench.kept()[SYSTEM]["access_token"] == "access-0"


def test_a_holder_that_died_is_waited_for_no_longer_than_its_lock(bench: Bench) -> None:
    bench.consent(lives=0)
    now = int(bench.time)
    bench.ledger.locks.take(TENANT, CONNECTION, "dead", now=now, until=now + 60)
    with pytest.raises(RetryLater, match="another worker"):
        bench.worker().current()
    bench.time += 61
    assert bench.worker().current().reveal() == "access-1"


def test_a_secret_that_is_still_read_as_it_was_is_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets Manager may show the old version for a moment; its refresh token is dead by then."""
    bench.consent(lives=0)
    old = bench.client.get_secret_value(SecretId=SECRET)
    bench.worker().current()
    bench.time += 300
    late, real = [old, old, old], bench.client.get_secret_value
    monkeypatch.setattr(bench.client, "get_secret_value", lambda **more: late.pop() if late else real(**more))
    assert bench.worker().current().reveal() == "access-2"


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
    assert worker.exchange(Secret("code-1"), "https://app.example/back").reveal() == "access-1"
    worker.choose("company-7")
    assert bench.kept()[SYSTEM]["company_id"] == "company-7"
    worker.revoke()
    assert bench.vendor.revoked == ["refresh-1"]
    assert bench.kept()[SYSTEM] == APP
    worker.revoke()
    assert bench.vendor.revoked == ["refresh-1"]


@pytest.mark.requirement("CON-2")
def test_a_company_that_comes_with_the_tokens_is_chosen_and_stays(bench: Bench) -> None:
    worker = bench.worker()
    bench.vendor.company = "org-17"
    worker.exchange(Secret("code-1"), "https://app.example/back")
    assert worker.company().reveal() == "org-17"
    bench.vendor.company = None
    worker.renew()
    assert (bench.vendor.number, worker.company().reveal()) == (2, "org-17")
