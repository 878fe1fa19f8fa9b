"""Rotating tokens through crashes, lost answers and races: a working pair is never lost (aws 2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, RetryLater
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.seals import Seals
from payrelay.runtime.container import Container
from payrelay.runtime.credentials import LOCKED_SECONDS
from payrelay.runtime.settings import RuntimeSettings
from payrelay.systems.http.patience import CALL_SECONDS
from payrelay.systems.oauth import ANSWER_SECONDS, Grant
from payrelay.systems.registry import renewal
from tests.worlds.cloud import cloud
from tests.worlds.kms import refusal
from tests.worlds.oauth import BACK, CONNECTION, KIND, SECRET, SYSTEM, TENANT, Bench

pytestmark = pytest.mark.requirement("CON-3")

DAY, ROTATIONS = 24 * 3600, 200
XERO_GRACE = 30 * 60


class Died(BaseException):
    """The worker is gone: nothing after this is done, not even what `except Exception` would do."""


@pytest.fixture
def bench() -> Iterator[Bench]:
    with cloud():
        yield Bench()


def dying(bench: Bench, number: int) -> Callable[[str], None]:
    """Dies at the `number`th of what would be a call to the table, before or after it."""
    seen = [0]

    def step(name: str) -> None:
        del name
        seen[0] += 1
        if seen[0] == number:
            raise Died

    bench.step = step
    return step


def rotate(bench: Bench) -> str:
    """What a fresh worker gets when the access token has run out, and every lock of the dead has ended."""
    bench.time += 400
    return bench.worker().current().reveal()


def steps_of_a_rotation(bench: Bench) -> int:
    """How many points there are at which a worker may die; that of the vendor lies between two of them."""
    seen = [0]
    bench.step = lambda _: seen.__setitem__(0, seen[0] + 1)
    rotate(bench)
    bench.step = lambda _: None
    return seen[0]


@pytest.mark.parametrize("grace", [0, XERO_GRACE], ids=["Sage", "Xero"])
def test_two_hundred_rotations_in_a_day_with_a_death_at_each_step_of_each_leave_a_working_pair(
    grace: int,
) -> None:
    """(aws 2) Once a rotation, one more step than the last time: each is met many times over.

    Between Sage's answer and our write nobody can outlive a death: its old pair is dead by then, and the new
    one is in a worker's memory only. That moment is one call of KMS, which was asked just before, and one
    write; a call of these that is refused loses nothing (below). At Xero the grace is for that moment.
    """
    with cloud():
        bench = Bench(grace)
        bench.consent()
        steps = steps_of_a_rotation(bench)
        assert steps >= 8
        lost = answered_before_the_write(bench)
        for number in range(ROTATIONS):
            where = 1 + number % steps
            if not (grace == 0 and where in lost):
                dying(bench, where)
                with pytest.raises(Died):
                    rotate(bench)
                bench.step = lambda _: None
            assert rotate(bench) == f"access-{bench.vendor.number}"
            bench.time += DAY / ROTATIONS - 800 if DAY / ROTATIONS > 800 else 0
        assert bench.vendor.number >= ROTATIONS
        assert bench.pairs()[0]["refresh_token"] == bench.vendor.good


def answered_before_the_write(bench: Bench) -> set[int]:
    """The points at which the vendor has answered and nothing is written yet."""
    answered, number = [0], [0]
    bench.step = lambda _: number.__setitem__(0, number[0] + 1)
    bench.vendor.meanwhile = lambda: answered.__setitem__(0, number[0])
    rotate(bench)
    bench.step, bench.vendor.meanwhile = (lambda _: None), (lambda: None)
    return {answered[0] + more for more in (1, 2, 3)}


def test_a_rotation_writes_once_and_nothing_into_secrets_manager(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(aws 2, aws 12) Secrets Manager that takes nothing more for today loses nothing, for nothing is put."""
    bench.consent(lives=0)

    def full(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "LimitExceededException", "Message": "versions"}}, "Put")

    monkeypatch.setattr(bench.client, "put_secret_value", full)
    before = bench.memory.table.calls.copy()
    for number in range(1, 4):
        assert rotate(bench) == f"access-{number}"
    written = bench.memory.table.calls - before
    assert written["TransactWriteItems"] == 3, "one conditional write each, besides those of the lock"
    assert set(bench.pairs()[0]) >= {"access_token", "refresh_token"}
    assert "access" not in json.dumps(bench.entered())


def test_a_kms_that_refuses_is_found_out_before_the_vendor_is_asked(bench: Bench) -> None:
    """(aws 2) Else the vendor would have replaced what is kept, and the new pair could not be stored."""
    bench.consent(lives=0)
    bench.worker()
    bench.kms.down = "DisabledException"
    worker = bench.worker()
    with pytest.raises(RetryLater, match="enable-key"):
        worker.current()
    assert bench.vendor.number == 0
    bench.kms.down = ""
    assert bench.worker().current().reveal() == "access-1"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("DisabledException", "aws kms enable-key"),
        ("KMSInvalidStateException", "aws kms cancel-key-deletion"),
        ("AccessDeniedException", "deploys its template again"),
        ("NotFoundException", "deploys its template again"),
    ],
)
def test_what_is_wrong_with_the_key_is_said_with_what_to_do(bench: Bench, code: str, said: str) -> None:
    bench.consent(lives=0)
    bench.kms.down = code
    with pytest.raises(RetryLater) as refused:
        bench.worker().current()
    assert code in refused.value.message
    assert said in refused.value.message
    assert "No consent is lost" in refused.value.message


@pytest.mark.parametrize("times", [1, 5])
def test_a_throttled_kms_is_asked_again_also_after_the_vendor_has_answered(bench: Bench, times: int) -> None:
    bench.consent(lives=0)

    def meanwhile() -> None:
        bench.kms.refuse = ["ThrottlingException"] * times

    bench.vendor.meanwhile = meanwhile
    assert bench.worker().current().reveal() == "access-1"
    assert bench.pairs()[0]["access_token"] == "access-1"
    bench.kms.refuse = ["ThrottlingException"] * 99
    with pytest.raises(RetryLater, match="KMS is busy"):
        bench.worker().current()


def test_a_table_that_fails_after_the_vendor_has_answered_is_written_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.consent(lives=0)
    usual, refusals = Seals.put, [refusal("InternalServerError")] * 3

    def put(*arguments: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return usual(*arguments)

    monkeypatch.setattr(Seals, "put", put)
    assert bench.worker().current().reveal() == "access-1"
    assert refusals == []
    assert bench.pairs()[0]["access_token"] == "access-1"


def test_a_write_whose_answer_was_lost_is_seen_to_have_been_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client of AWS repeats it by itself, and hears that the condition does not hold any more."""
    bench.consent(lives=0)
    usual = Seals.put

    def twice(*arguments: Any) -> Any:
        usual(*arguments)
        return usual(*arguments)

    monkeypatch.setattr(Seals, "put", twice)
    assert bench.worker().current().reveal() == "access-1"
    assert [pair["refresh_token"] for pair in bench.pairs()] == ["refresh-1", "refresh-0"]


def one_container(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """All workers from now on share what one container has in memory."""
    keyring = bench.keyring()
    monkeypatch.setattr(bench, "keyring", lambda: keyring)


@pytest.mark.parametrize("trouble", ["kms", "table"])
def test_what_could_not_be_stored_is_stored_when_the_worker_is_called_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """(aws 2) At Sage nobody else has it: the container keeps it until then."""
    bench.consent(lives=0)
    one_container(bench, monkeypatch)
    with monkeypatch.context() as down:

        def meanwhile() -> None:
            if trouble == "kms":
                bench.kms.down = "ThrottlingException"
            else:
                down.setattr(bench.memory.table, "put", refused)

        def refused(*_: Any, **__: Any) -> None:
            raise refusal("InternalServerError")

        bench.vendor.meanwhile = meanwhile
        with pytest.raises((RetryLater, ClientError)):
            bench.worker().current()
    bench.kms.down, bench.vendor.meanwhile = "", lambda: None
    bench.time += 61
    assert bench.worker().current().reveal() == "access-1"
    assert bench.vendor.number == 1
    assert [pair["access_token"] for pair in bench.pairs()] == ["access-1", "access-0"]


def with_an_unsaved_pair(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """A keyring and its worker, whom KMS kept from storing the pair that the vendor had answered."""
    bench.consent(lives=0)
    keyring = bench.keyring()
    bench.vendor.meanwhile = lambda: setattr(bench.kms, "down", "ThrottlingException")
    with monkeypatch.context() as held_up:
        held_up.setattr(bench, "keyring", lambda: keyring)
        worker = bench.worker()
    with pytest.raises(RetryLater):
        worker.current()
    bench.kms.down, bench.vendor.meanwhile = "", lambda: None
    return keyring, worker


@pytest.mark.parametrize("again", ["the table is not read", "kms", "the table is not written"])
@pytest.mark.parametrize("since", ["nobody", "a consent"])
def test_what_could_not_be_stored_outlives_a_second_failure(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, again: str, since: str
) -> None:
    """(aws 2) What hindered it the first time may go on; it is let go of when it is written."""
    keyring, worker = with_an_unsaved_pair(bench, monkeypatch)
    if since == "a consent":
        bench.worker().exchange(Secret("code-1"), BACK)

    def busy(*_: Any, **__: Any) -> None:
        raise TableBusy("payrelay", 25, "ThrottlingException")

    with monkeypatch.context() as down:
        if again == "kms":
            bench.kms.down = "ThrottlingException"
        else:
            down.setattr(Seals, "get" if "read" in again else "put", busy)
        for _ in range(2):
            with pytest.raises((RetryLater, TableBusy)):
                worker.renew()
    bench.kms.down = ""
    got = worker.renew().reveal()
    assert "access-1" in [pair["access_token"] for pair in bench.pairs()]
    assert got == ("access-1" if since == "nobody" else "access-2")
    assert keyring.unsaved == {}


def test_what_could_not_be_stored_does_not_take_the_place_of_a_new_consent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, worker = with_an_unsaved_pair(bench, monkeypatch)
    bench.time += LOCKED_SECONDS + 1
    bench.worker().exchange(Secret("code-1"), BACK)
    assert worker.renew().reveal() == "access-2"
    assert [pair["access_token"] for pair in bench.pairs()] == ["access-2", "access-1"]


@pytest.mark.parametrize("hangs", ["kms", "table"])
def test_what_hangs_after_the_vendor_has_answered_leaves_the_time_to_keep_the_pair(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    """(aws 2) A call of the API ends after 29 seconds, and what its worker has in memory with it."""
    bench.consent(lives=0)
    one_container(bench, monkeypatch)
    started = bench.time
    bench.ends_at = started + CALL_SECONDS

    def hung(*_: Any, **__: Any) -> None:
        bench.time += 7
        raise ReadTimeoutError(endpoint_url="https://aws.example")

    with monkeypatch.context() as down:

        def meanwhile() -> None:
            bench.time += 9
            down.setattr(*((bench.kms, "encrypt", hung) if hangs == "kms" else (Seals, "put", hung)))

        bench.vendor.meanwhile = meanwhile
        with pytest.raises((RetryLater, ReadTimeoutError)):
            bench.worker().current()
    assert bench.time - started < 28
    bench.vendor.meanwhile, bench.ends_at = (lambda: None), inf
    assert bench.worker().current().reveal() == "access-1"
    assert bench.vendor.number == 1


def test_no_service_that_keeps_secrets_is_waited_for_longer_than_a_call_has() -> None:
    """(aws 2) What hangs is let go of; KMS, which is asked between an answer and its write, at once."""
    session: Any = boto3.Session(region_name="eu-north-1")
    container = Container(RuntimeSettings("t", "b", "e", "payrelay", "s", ""))
    container.session = session
    credentials, keyring = container.credentials_of(KIND), container.keyring
    kept = {
        "kms": keyring._clients.of(session),
        "entered": credentials._clients.of(session),
        "before": credentials._moving._clients.of(session),
        "hooks": container.hook_keys._old(),
    }
    for name, made in kept.items():
        assert (made.meta.config.connect_timeout, made.meta.config.read_timeout) == (2, 5), name
    assert kept["kms"].meta.config.retries["total_max_attempts"] == 1


# Lost answers.


def lose_the_answer(bench: Bench) -> None:
    """The vendor renews, and nobody hears of it."""
    usual = bench.vendor.refresh

    def lost(refresh_token: Secret) -> Grant:
        usual(refresh_token)
        raise OutcomeUnknown(SYSTEM, "did not answer", seconds=1)

    bench.vendor.refresh = lost  # type: ignore[method-assign]
    with pytest.raises(RetryLater):
        rotate(bench)
    bench.vendor.refresh = usual  # type: ignore[method-assign]


def test_after_a_lost_answer_the_pair_that_is_kept_is_tried_again(bench: Bench) -> None:
    """Xero takes a replaced refresh token for another half hour, for just that."""
    bench.vendor.grace = XERO_GRACE
    bench.consent()
    rotate(bench)
    lose_the_answer(bench)
    assert rotate(bench) == f"access-{bench.vendor.number}"


def test_the_pair_before_is_tried_when_the_newest_is_refused(bench: Bench) -> None:
    """QuickBooks may go on with the old one for a day."""
    bench.consent()
    rotate(bench)
    bench.vendor.good = "refresh-0"
    assert rotate(bench) == "access-2"
    assert [pair["refresh_token"] for pair in bench.pairs()] == ["refresh-2", "refresh-0"]


def test_when_both_are_dead_a_new_consent_is_asked_for_and_ends_it(bench: Bench) -> None:
    """Sage's answer was lost, and the old pair died with it."""
    bench.consent()
    rotate(bench)
    lose_the_answer(bench)
    with pytest.raises(CredentialsRefused) as refused:
        rotate(bench)
    assert refused.value.code == "invalid_grant"
    assert "give a new consent" in renewal(SYSTEM)
    assert len(bench.pairs()) == 2, "nothing is thrown away"
    assert bench.worker().exchange(Secret("code-1"), BACK).reveal() == f"access-{bench.vendor.number}"
    assert len(bench.pairs()) == 1


def test_a_refusal_of_the_app_itself_tries_no_other_pair(bench: Bench) -> None:
    bench.consent()
    rotate(bench)
    bench.vendor.fails = CredentialsRefused(SYSTEM, "wrong client", code="invalid_client")
    with pytest.raises(CredentialsRefused, match="wrong client"):
        rotate(bench)
    bench.vendor.fails = None
    assert rotate(bench) == "access-2"


# Two at once, although one should have waited: it was held up for longer than a lock lasts.


def test_the_second_to_write_takes_what_the_first_left_and_leaves_its_own_beside_it(bench: Bench) -> None:
    bench.vendor.grace = XERO_GRACE
    bench.consent(lives=0)
    found: list[str] = []

    def meanwhile() -> None:
        bench.vendor.meanwhile = lambda: None
        bench.time += LOCKED_SECONDS + 1
        found.append(bench.worker().current().reveal())

    bench.vendor.meanwhile = meanwhile
    assert bench.worker().current().reveal() == found[0] == "access-1"
    assert [pair["access_token"] for pair in bench.pairs()] == ["access-1", "access-2", "access-0"]
    bench.vendor.replaced.clear()
    assert rotate(bench) == "access-3", "whichever of the two the vendor goes on with"


def test_nobody_is_refused_while_another_one_is_held_up_before_its_write(bench: Bench) -> None:
    """(aws 2) Sage's old token is dead by then, and the new one is not there yet: that is no lost consent."""
    bench.consent(lives=0)
    usual = bench.vendor.refresh

    def held_up(refresh_token: Secret) -> Grant:
        grant = usual(refresh_token)
        bench.vendor.refresh = usual  # type: ignore[method-assign]
        bench.time += ANSWER_SECONDS + 100
        with pytest.raises(RetryLater, match="another worker"):
            bench.worker().current()
        return grant

    bench.vendor.refresh = held_up  # type: ignore[method-assign]
    assert bench.worker().current().reveal() == bench.worker().current().reveal() == "access-1"
    assert bench.vendor.number == 1


def test_who_is_refused_because_another_was_first_takes_what_that_one_left(bench: Bench) -> None:
    """Sage: the token was used meanwhile by a worker who had been held up."""
    bench.consent(lives=0)
    usual = bench.vendor.refresh

    def late(refresh_token: Secret) -> Grant:
        bench.vendor.refresh = usual  # type: ignore[method-assign]
        bench.time += LOCKED_SECONDS + 1
        bench.worker().current()
        return usual(refresh_token)

    bench.vendor.refresh = late  # type: ignore[method-assign]
    assert bench.worker().current().reveal() == "access-1"
    assert bench.vendor.number == 1


def test_a_consent_that_is_withdrawn_meanwhile_is_not_brought_back(bench: Bench) -> None:
    bench.consent(lives=0)

    def meanwhile() -> None:
        bench.vendor.meanwhile = lambda: None
        bench.time += LOCKED_SECONDS + 1
        bench.worker().revoke()

    bench.vendor.meanwhile = meanwhile
    with pytest.raises(CredentialsRefused, match="withdrawn"):
        bench.worker().current()
    assert bench.pairs() == []
    assert bench.vendor.revoked == ["refresh-0", "refresh-1"]


# Whose it is.


def test_disconnecting_gives_every_pair_back_that_may_be_good(bench: Bench) -> None:
    bench.consent()
    rotate(bench)
    bench.worker().revoke()
    assert bench.vendor.revoked == ["refresh-1", "refresh-0"]
    assert bench.pairs() == []
    assert not bench.worker().given()


def test_tokens_that_could_not_be_given_back_are_kept(bench: Bench) -> None:
    bench.consent()
    bench.vendor.fails = RetryLater(SYSTEM, "busy", seconds=5)
    with pytest.raises(RetryLater):
        bench.worker().revoke()
    bench.vendor.fails = None
    assert bench.worker().given()


def test_a_company_stays_chosen_whichever_pair_goes_on(bench: Bench) -> None:
    bench.consent()
    rotate(bench)
    bench.worker().choose("company-7")
    bench.vendor.good = "refresh-0"
    rotate(bench)
    assert bench.worker().chosen() == "company-7"


def test_tokens_of_another_app_are_none(bench: Bench) -> None:
    bench.consent(company_id="c-1")
    other = bench.worker(app="another-client")
    assert (other.given(), other.chosen()) == (False, None)
    with pytest.raises(CredentialsRefused, match="no consent"):
        other.current()
    assert bench.worker().given()


@pytest.mark.requirement("SEC-3")
def test_tokens_of_another_server_are_none(bench: Bench) -> None:
    bench.consent(address="https://a.example")
    assert bench.worker(address="https://a.example").given()
    assert not bench.worker(address="https://b.example").given()


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize("other", ["tenant", "connection", "system"])
def test_a_ciphertext_is_good_at_its_own_place_alone(bench: Bench, other: str) -> None:
    """Somebody who can write into the table puts another's tokens into their own connection."""
    bench.consent()
    sealed = bench.ledger.seals.get(TENANT, CONNECTION, SYSTEM)
    place = {"tenant": TENANT, "connection": CONNECTION, "system": SYSTEM} | {other: "xero"}
    context = {"tenant": TENANT, "connection": CONNECTION, "system": SYSTEM}
    assert bench.kms.contexts[-1] == context
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        bench.kms.decrypt(CiphertextBlob=sealed.kept[0][0], EncryptionContext=place)


def test_what_cannot_be_deciphered_is_no_consent(bench: Bench) -> None:
    bench.consent()
    bench.kms._key = type(bench.kms)()._key
    worker = bench.worker()
    assert not worker.given()
    with pytest.raises(CredentialsRefused, match="no consent"):
        worker.current()


# What it costs, and how large it may be.


def test_what_was_deciphered_once_is_not_deciphered_again_until_it_changes(bench: Bench) -> None:
    """(aws 12) Not a call of KMS for each call of a vendor."""
    bench.consent()
    worker = bench.worker()
    bench.kms.calls.clear()
    for _ in range(50):
        worker.current()
        worker.chosen()
    assert bench.kms.calls == {"Decrypt": 1}
    bench.kms.calls.clear()
    bench.time += 400
    for _ in range(50):
        worker.current()
    assert (bench.vendor.number, bench.kms.calls["Decrypt"], bench.kms.calls["Encrypt"]) == (1, 0, 2)
    bench.kms.calls.clear()
    other = bench.worker()
    other.renew()
    worker.current()
    worker.current()
    assert bench.kms.calls["Decrypt"] <= 3


@pytest.mark.parametrize("size", [1, 2048, 4086, 4087, 6 * 1024, 20_000])
def test_tokens_of_any_length_are_sealed(bench: Bench, size: int) -> None:
    """KMS takes 4 KB at once; two JWTs of Sage are as long together."""
    bench.consent(lives=0)
    bench.vendor.longer = "x" * size
    assert len(rotate(bench)) == len("access-1") + size
    assert bench.pairs()[0]["refresh_token"] == bench.vendor.good
    assert rotate(bench).startswith("access-2")


def test_parts_of_different_texts_are_not_read_as_one(bench: Bench) -> None:
    bench.consent(lives=0)
    bench.vendor.longer = "x" * 5000
    rotate(bench)
    rotate(bench)
    safe = bench.safe()
    sealed = safe.read()
    newest, former = sealed.kept
    safe.write(sealed, [(newest[0], *former[1:])])
    assert not bench.worker().given()


def test_nothing_of_it_shows(bench: Bench) -> None:
    bench.consent()
    rotate(bench)
    sealed = bench.safe().read()
    assert "access" not in repr(sealed)
    assert b"access-1" not in b"".join(part for parts in sealed.kept for part in parts)
    assert "access-1" not in str(list(bench.memory.table.everything()))
    assert "access-1" not in repr(bench.safe().open(sealed.kept[0]))
    assert bench.client.get_secret_value(SecretId=SECRET)["SecretString"].count("access-") == 0
