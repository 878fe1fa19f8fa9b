"""A stack of before goes on without a new consent: its secrets move with their first use (aws 2, aws 12)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsMissing, RetryLater
from payrelay.ledger.seals import Seals
from payrelay.runtime.credentials import LOCKED_SECONDS, version_of
from payrelay.runtime.keyring import Place
from payrelay.runtime.safe import Safe
from payrelay.runtime.sessions import Sessions
from payrelay.systems.sessions import Session
from tests.worlds.aws import client
from tests.worlds.cloud import cloud
from tests.worlds.oauth import APP, CONNECTION, KIND, OLD_SECRET, SECRET, SYSTEM, TENANT, Bench

pytestmark = pytest.mark.requirement("CON-3")

SAGE = "https://api.accounting.sage.com"
AUTOVU = {"integration_key": "k"}
FINGERPRINT = "ab" * 32


class Died(BaseException):
    """The worker is gone."""


def tokens(bench: Bench) -> dict[str, str]:
    """As they were kept with what was entered."""
    until = str(int(bench.time) + 500)
    return {
        "access_token": "access-0",
        "refresh_token": "refresh-0",
        "expires_at": until,
        "company_id": "c1",
    }


def before(bench: Bench, **more: Any) -> dict[str, Any]:
    """A connection as it was kept before: everything in one secret."""
    bench.client.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    addresses = {SYSTEM: SAGE, "autovu": "https://api.autovu.example"}
    stored = {
        SYSTEM: {**APP, **tokens(bench)},
        "autovu": AUTOVU,
        "entered_for": {SYSTEM: addresses, "autovu": addresses},
        "fingerprint_key": FINGERPRINT,
        **more,
    }
    text = json.dumps(stored)
    bench.client.create_secret(Name=OLD_SECRET, SecretString=text)
    at = "2026-01-05T10:00:00Z"
    settings = {"package": SYSTEM, SYSTEM: {"base_url": SAGE}}
    bench.ledger.connections.create(
        Connection(TENANT, CONNECTION, "Books", KIND, settings, ConnectionStatus.CONNECTED, at, at)
    )
    bench.ledger.locks.take(TENANT, CONNECTION, "old", now=int(bench.time), until=int(bench.time) + 1)
    bench.ledger.locks.release(TENANT, CONNECTION, "old", version_of(text))
    return stored


@pytest.fixture
def bench() -> Iterator[Bench]:
    with cloud():
        yield Bench()


def names(bench: Bench, *, restorable: bool = False) -> set[str]:
    found = bench.client.list_secrets(IncludePlannedDeletion=restorable)
    return {one["Name"] for one in found["SecretList"]}


def first_use(bench: Bench) -> str:
    """What a step does: the credentials of the connection, then its token."""
    credentials = bench.worker_credentials()
    app = credentials.of(TENANT, CONNECTION, SYSTEM, SAGE)
    assert {name: secret.reveal() for name, secret in app.items()} == APP
    assert credentials.fingerprint_key(TENANT, CONNECTION).hex() == FINGERPRINT
    return bench.worker(address=SAGE).current().reveal()


def test_the_first_use_moves_everything_and_asks_the_vendor_for_nothing(bench: Bench) -> None:
    before(bench)
    started = bench.time
    assert first_use(bench) == "access-0"
    assert bench.time == started, "nothing was waited for"
    assert (bench.vendor.number, names(bench)) == (0, {SECRET})
    entered = bench.entered()
    assert (entered[SYSTEM], entered["autovu"], entered["fingerprint_key"]) == (APP, AUTOVU, FINGERPRINT)
    assert entered["entered_for"][SYSTEM][SYSTEM] == SAGE
    worker = bench.worker(address=SAGE)
    assert worker.chosen() == "c1"
    bench.time += 400
    assert worker.current().reveal() == "access-1"


def test_a_token_that_has_run_out_is_renewed_by_the_first_use(bench: Bench) -> None:
    before(bench)
    bench.time += 400
    assert first_use(bench) == "access-1"
    assert bench.pairs()[0]["company_id"] == "c1"


def steps_of(bench: Bench, what: Callable[[Bench], object]) -> int:
    seen = [0]
    bench.step = lambda _: seen.__setitem__(0, seen[0] + 1)
    what(bench)
    bench.step = lambda _: None
    return seen[0]


def test_who_dies_at_any_step_of_the_move_leaves_a_connection_that_works() -> None:
    """Each step in turn, before and after each call; the next use finishes what was begun."""
    with cloud():
        measured = Bench()
        before(measured)
        steps = steps_of(measured, first_use)
    assert steps > 25
    for number in range(1, steps + 1):
        with cloud():
            bench = Bench()
            before(bench)
            seen = [0]

            def step(name: str, seen: list[int] = seen, number: int = number) -> None:
                seen[0] += 1
                if seen[0] == number:
                    raise Died(name)

            bench.step = step
            with pytest.raises(Died):
                first_use(bench)
            bench.step = lambda _: None
            bench.time += LOCKED_SECONDS + 1
            assert first_use(bench) == "access-0", number
            assert first_use(bench) == "access-0"
            assert names(bench) == {SECRET}, f"the secret of before is left after step {number}"
            assert not bench.ledger.moves.pending(TENANT, CONNECTION)
            bench.time += 400
            assert bench.worker(address=SAGE).current().reveal() == "access-1"


def test_what_renewed_itself_under_the_old_name_until_the_new_one_was_there_is_what_counts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of the version before is still at it, after a move that was broken off."""
    stored = before(bench)
    seal = Seals.put

    def died(*arguments: Any) -> Any:
        seal(*arguments)
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(Seals, "put", died)
        with pytest.raises(Died):
            first_use(bench)
    newer = {**stored[SYSTEM], "access_token": "access-9", "refresh_token": "refresh-9"}
    bench.client.put_secret_value(SecretId=OLD_SECRET, SecretString=json.dumps({**stored, SYSTEM: newer}))
    bench.time += LOCKED_SECONDS + 1
    assert first_use(bench) == "access-9"


def hidden(bench: Bench, monkeypatch: pytest.MonkeyPatch, reads: int) -> list[str]:
    """The new secret is not shown to so many reads; the names that were asked for."""
    asked: list[str] = []
    usual = bench.client.get_secret_value
    missing = bench.client.exceptions.ResourceNotFoundException

    def get(**arguments: Any) -> Any:
        asked.append(arguments["SecretId"])
        if arguments["SecretId"] == SECRET and asked.count(SECRET) <= reads:
            raise missing({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return usual(**arguments)

    monkeypatch.setattr(bench.client, "get_secret_value", get)
    return asked


@pytest.mark.parametrize("reads", [4, 99], ids=["for a moment", "for longer than it is waited for"])
def test_who_is_shown_the_secret_of_before_after_its_move_puts_nothing_over_what_was_renewed_since(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, reads: int
) -> None:
    """(aws 2) Secrets Manager shows for a moment what was there before; the lock tells what is there."""
    before(bench)
    first_use(bench)
    bench.time += 400
    assert bench.worker(address=SAGE).current().reveal() == "access-1"
    bench.client.restore_secret(SecretId=OLD_SECRET)
    with monkeypatch.context() as late:
        hidden(bench, late, reads)
        with suppress(RetryLater):
            bench.worker_credentials().of(TENANT, CONNECTION, SYSTEM, SAGE)
    kept = [pair["refresh_token"] for pair in bench.pairs()]
    assert kept == (["refresh-1", "refresh-0"] if reads == 4 else ["refresh-0", "refresh-1", "refresh-0"])
    bench.time += 400
    assert bench.worker(address=SAGE).current().reveal() == "access-2"


def test_who_reads_while_another_one_moves_it_finds_it_moved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(aws 2) The new name was asked for too early, and the old one too late: nothing is missing."""
    before(bench)
    first_use(bench)
    asked = hidden(bench, monkeypatch, 2)
    app = bench.worker_credentials().of(TENANT, CONNECTION, SYSTEM, SAGE)
    assert {name: secret.reveal() for name, secret in app.items()} == APP
    assert asked[:2] == [SECRET, OLD_SECRET]


@pytest.mark.parametrize("broken_off", [False, True])
def test_what_was_moved_can_be_restored_for_a_month(bench: Bench, broken_off: bool) -> None:
    """(aws 2) Whoever goes back to the version before finds what it reads, as it was."""
    stored = before(bench)
    if broken_off:
        bench.client.create_secret(Name=SECRET, SecretString=json.dumps({SYSTEM: APP, "moved": True}))
        bench.ledger.moves.begin(TENANT, CONNECTION)
        bench.worker_credentials().of(TENANT, CONNECTION, SYSTEM)
    else:
        first_use(bench)
    assert names(bench) == {SECRET}
    ends = bench.client.describe_secret(SecretId=OLD_SECRET)["DeletedDate"]
    assert 29 < (ends - datetime.now(UTC)).total_seconds() / 86400 <= 30
    bench.client.restore_secret(SecretId=OLD_SECRET)
    assert json.loads(bench.client.get_secret_value(SecretId=OLD_SECRET)["SecretString"]) == stored


def test_a_connection_without_a_consent_moves_too(bench: Bench) -> None:
    before(bench, **{SYSTEM: APP})
    assert bench.worker_credentials().of(TENANT, CONNECTION, "autovu")["integration_key"].reveal() == "k"
    assert (bench.pairs(), names(bench)) == ([], {SECRET})
    assert not bench.worker(address=SAGE).given()


def test_credentials_of_a_time_when_no_address_was_noted_stay_at_the_address_of_the_settings(
    bench: Bench,
) -> None:
    before(bench, entered_for={})
    assert first_use(bench) == "access-0"
    assert not bench.worker(address="https://evil.example").given()


def test_whoever_enters_something_first_moves_it_too(bench: Bench) -> None:
    before(bench)
    addresses = {SYSTEM: SAGE}
    with bench.worker_credentials().held(TENANT, CONNECTION) as held:
        held.entered({SYSTEM: {**APP, "client_secret": "newer"}}, addresses, addresses)
    assert (names(bench), bench.entered()[SYSTEM]["client_secret"]) == ({SECRET}, "newer")
    assert bench.worker(address=SAGE).current().reveal() == "access-0", "the consent is of the same app"


def test_a_session_moves_too() -> None:
    whose = ("millennium_timeworksplus", TENANT, "con_M", "millennium")
    account, here = {"username": "u", "password": "p"}, "https://a.mpay.com"
    with cloud():
        bench = Bench()
        at = "2026-01-05T10:00:00Z"
        settings = {"company": "ACME", "millennium": {"base_url": here}}
        bench.ledger.connections.create(
            Connection(TENANT, "con_M", "P", whose[0], settings, ConnectionStatus.CONNECTED, at, at)
        )
        until = str(int(bench.time) + 3600)
        session = {"session_token": "session-0", "session_until": until, "session_for": "ACME"}
        stored = {
            "millennium": {**account, **session},
            "timeworksplus": {"issuer_id": "1", "api_secret": "s"},
            "entered_for": {"millennium": {"millennium": here}},
            "fingerprint_key": FINGERPRINT,
        }
        bench.client.create_secret(Name=f"payrelay/{TENANT}/con_M", SecretString=json.dumps(stored))
        credentials = bench.worker_credentials(whose[0])
        entered = credentials.of(*whose[1:], here)
        assert {name: secret.reveal() for name, secret in entered.items()} == account
        safe = Safe(bench.ledger.seals, bench.keyring(), Place(*whose))

        def sign_in() -> Session:
            raise AssertionError("it is signed in already")

        told = {"company": Secret("ACME")}
        sessions = Sessions(credentials, safe, sign_in, whose[1:], entered, told, here, bench.now)
        assert sessions.kept()["session_token"].reveal() == "session-0"
        assert names(bench) == {SECRET, f"payrelay-connections/{whose[0]}/{TENANT}/con_M"}


# Deleting, in either layout.


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize("layout", ["before", "now", "moved", "broken off"])
def test_deleting_a_connection_deletes_all_of_it(bench: Bench, layout: str) -> None:
    if layout == "now":
        bench.consent()
    else:
        before(bench)
    if layout == "moved":
        first_use(bench)
    if layout == "broken off":
        bench.client.create_secret(Name=SECRET, SecretString=json.dumps({SYSTEM: APP, "moved": True}))
        bench.ledger.moves.begin(TENANT, CONNECTION)
        bench.consent()
    for _ in range(2):
        bench.worker_credentials().delete(TENANT, CONNECTION)
    assert names(bench, restorable=True) == set()
    left = [item["sk"] for item in bench.memory.table.everything() if "CONNECTION#con_A" in item["pk"]]
    assert not [sk for sk in left if sk.startswith(("SEAL", "MOVE"))]


# What Secrets Manager refuses.


def test_what_a_broken_off_call_left_under_its_name_is_replaced(bench: Bench) -> None:
    """ResourceExistsException: a crash between the secret and the connection's item."""
    bench.credentials.create(TENANT, CONNECTION, {SYSTEM: {**APP, "client_secret": "second"}})
    assert bench.entered()[SYSTEM]["client_secret"] == "second"
    assert len(bench.entered()["fingerprint_key"]) == 64


def test_a_name_that_is_being_deleted_is_taken_back(bench: Bench) -> None:
    """InvalidRequestException: somebody had it deleted with a time to recover it."""
    bench.client.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    with pytest.raises(CredentialsMissing, match="is to be deleted"):
        bench.credentials.of(TENANT, CONNECTION, SYSTEM)
    bench.credentials.create(TENANT, CONNECTION, {SYSTEM: {**APP, "client_secret": "second"}})
    assert bench.credentials.of(TENANT, CONNECTION, SYSTEM)["client_secret"].reveal() == "second"


def test_a_name_that_is_not_free_yet_is_asked_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS itself refuses it in this way, also for a moment after a deletion without recovery."""
    bench.client.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    going = bench.client.exceptions.InvalidRequestException
    refusals, usual = (
        [going({"Error": {"Code": "InvalidRequestException"}}, "CreateSecret")] * 3,
        bench.client.create_secret,
    )

    def create(**arguments: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return usual(**arguments)

    monkeypatch.setattr(bench.client, "create_secret", create)
    bench.credentials.create(TENANT, CONNECTION, {SYSTEM: APP})
    assert bench.entered()[SYSTEM] == APP


def test_an_old_secret_that_is_being_deleted_is_none(bench: Bench) -> None:
    before(bench)
    client("secretsmanager").delete_secret(SecretId=OLD_SECRET, RecoveryWindowInDays=7)
    with pytest.raises(CredentialsMissing):
        bench.worker_credentials().of(TENANT, CONNECTION, SYSTEM)
