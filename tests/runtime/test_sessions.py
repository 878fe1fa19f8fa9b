"""Sessions: one for all workers, kept with the credentials, renewed once, given to no other address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention
from payrelay.runtime.credentials import Credentials
from payrelay.runtime.keyring import Keyring, Place
from payrelay.runtime.moving import Moving
from payrelay.runtime.safe import Safe
from payrelay.runtime.sessions import Sessions
from payrelay.systems.sessions import Session
from tests.worlds.aws import Vault, client
from tests.worlds.cloud import cloud
from tests.worlds.kms import KEY, Kms

pytestmark = pytest.mark.requirement("CON-3")

TENANT, CONNECTION, SYSTEM = "demo", "con_A", "millennium"
KIND = "millennium_timeworksplus"
PLACE = Place(KIND, TENANT, CONNECTION, SYSTEM)
SECRET = f"payrelay-connections/{KIND}/{TENANT}/{CONNECTION}"
HERE, ELSEWHERE = "https://a.mpay.com", "https://b.mpay.com"
ACCOUNT = {"username": "u", "password": "p"}


class Bench:
    """One connection's session, its vendor, and a clock."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.number = 0
        self.refuses = False
        self.ledger = memory_ledger().ledger
        self.client = client("secretsmanager")
        session = Vault(Kms())
        self.keyring = Keyring(lambda *_: session, KEY, sleep=lambda _: None)  # type: ignore[arg-type,return-value]
        moving = Moving(lambda _: session, "payrelay", KIND, self.ledger, self.keyring)  # type: ignore[arg-type,return-value]
        self.credentials = Credentials(
            lambda _: session,  # type: ignore[arg-type,return-value]
            "payrelay",
            KIND,
            self.ledger,
            moving,
            sleep=lambda _: None,
        )
        self.credentials.create(TENANT, CONNECTION, {SYSTEM: ACCOUNT}, {SYSTEM: HERE})

    def sign_in(self) -> Session:
        self.number += 1
        if self.refuses:
            raise CredentialsRefused(SYSTEM, "LOGIN_FAILED")
        return Session(Secret(f"session-{self.number}"), int(self.time) + 3600)

    def worker(self, company: str = "ACME", address: str = HERE) -> Sessions:
        whose, told = (TENANT, CONNECTION, SYSTEM), {"company": Secret(company)}
        entered = self.credentials.of(TENANT, CONNECTION, SYSTEM)
        safe, now = Safe(self.ledger.seals, self.keyring, PLACE), lambda: self.time
        return Sessions(self.credentials, safe, self.sign_in, whose, entered, told, address, now)

    def given(self, worker: Sessions) -> str | None:
        """The token with which a worker begins, if it has one."""
        found = worker.kept().get("session_token")
        return found.reveal() if found else None

    def kept(self) -> dict[str, str]:
        """What is in the table, deciphered."""
        safe = Safe(self.ledger.seals, self.keyring, PLACE)
        found = [safe.open(parts) for parts in safe.read().kept]
        return {name: secret.reveal() for one in found for name, secret in one.items()}

    def entered(self) -> Any:
        """The secret."""
        answer = self.client.get_secret_value(SecretId=SECRET)
        return json.loads(answer["SecretString"])[SYSTEM]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with cloud():
        yield Bench()


def test_the_first_worker_signs_in_and_the_others_begin_with_its_session(bench: Bench) -> None:
    assert bench.given(bench.worker()) is None
    assert bench.worker().renew().reveal() == "session-1"
    assert bench.given(bench.worker()) == "session-1"
    kept = bench.kept()
    assert (kept["session_token"], kept["session_until"]) == ("session-1", "1003600")
    assert bench.entered() == ACCOUNT


def test_a_session_that_ends_soon_is_given_to_nobody(bench: Bench) -> None:
    bench.worker().renew()
    bench.time += 3600 - 121
    assert bench.given(bench.worker()) == "session-1"
    bench.time += 1
    assert bench.given(bench.worker()) is None
    assert bench.worker().renew().reveal() == "session-2"


def test_whoever_is_refused_second_uses_what_the_first_one_got(bench: Bench) -> None:
    bench.worker().renew()
    first, second = bench.worker(), bench.worker()
    bench.given(first), bench.given(second)
    threads = [threading.Thread(target=one.renew) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.number == 2
    assert bench.given(bench.worker()) == "session-2"


def test_a_session_of_another_company_is_none(bench: Bench) -> None:
    bench.worker().renew()
    assert bench.given(bench.worker("BETA")) is None
    assert bench.worker("BETA").renew().reveal() == "session-2"
    assert bench.given(bench.worker()) is None


def test_a_refused_sign_in_is_made_once_and_nothing_is_kept_of_it(bench: Bench) -> None:
    bench.refuses = True
    with pytest.raises(CredentialsRefused):
        bench.worker().renew()
    assert (bench.number, bench.kept(), bench.entered()) == (1, {}, ACCOUNT)


def test_new_credentials_end_a_session(bench: Bench) -> None:
    bench.worker().renew()
    with bench.credentials.held(TENANT, CONNECTION) as held:
        held.entered({SYSTEM: {**ACCOUNT, "password": "new"}}, {SYSTEM: HERE}, {SYSTEM: HERE})
    assert bench.given(bench.worker()) is None


@pytest.mark.requirement("SEC-3")
def test_no_session_is_opened_at_another_address_than_the_credentials_were_entered_for(bench: Bench) -> None:
    with pytest.raises(NeedsAttention):
        bench.worker(address=ELSEWHERE).renew()
    assert bench.number == 0
