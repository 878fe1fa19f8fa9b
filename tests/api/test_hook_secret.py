"""The secret of the login hook: shown once, changed for a new one, forgotten with its connection (TRG-3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest

from payrelay.domain.webhooks import new_key
from payrelay.ledger.seals import Sealed, Seals
from payrelay.runtime.hooks import HookKeys
from payrelay.runtime.ids import connection_id as new_connection_id
from tests.worlds.api import World, secrets_stored
from tests.worlds.aws import client
from tests.worlds.leave_api import Acme, acme, connected, leave_sandboxes
from tests.worlds.logins import LOGIN, told

__all__ = ["acme", "connected", "leave_sandboxes"]

pytestmark = pytest.mark.requirement("TRG-3")
DAY = 24 * 3600


@contextmanager
def elsewhere(acme: Acme) -> Iterator[None]:
    """What is done meanwhile is done by another container, and this one does not learn of it."""
    container = acme.world.container
    here: HookKeys = container.hook_keys
    now = here._now
    container.__dict__["hook_keys"] = HookKeys(
        container.ledger, container.keyring, here._old, here._prefix, now=now
    )
    try:
        yield
    finally:
        container.__dict__["hook_keys"] = here


def is_good(acme: Acme, secret: str) -> bool:
    """Whether a login that is signed with it is accepted; it starts nothing."""
    answer = acme.login("Non-Employee", secret=secret)
    assert answer.status in (200, 401)
    return answer.status == 200


def test_a_secret_is_shown_once_with_where_to_send_logins_to(acme: Acme, logs: StringIO) -> None:
    answer = acme.call("POST", "/hook-secret", {})
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.keys() == {"url", "secret", "former_valid_until"}
    assert answer.json["url"] == f"/hooks/login/{acme.connection_id}"
    secret = answer.json["secret"]
    assert secret.startswith("whsec_")
    assert is_good(acme, secret)
    seen = acme.call("GET").text + acme.world.call("GET", "/connections").text + logs.getvalue()
    assert secret not in seen + str(acme.world.stored())


@pytest.mark.requirement("CON-3")
def test_it_is_kept_as_ciphertext_that_is_good_for_its_connection_alone(acme: Acme) -> None:
    assert acme.secret not in json.dumps(secrets_stored()) + str(acme.world.stored())
    (item,) = [one for one in acme.world.stored() if one["sk"] == "HOOK"]
    (part,) = item["sealed"][0]
    context = {"tenant": "demo", "connection": acme.connection_id, "system": "login_hook"}
    kms = client("kms")
    text = kms.decrypt(CiphertextBlob=part, EncryptionContext=context)["Plaintext"]
    assert acme.secret.encode() in text
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=part, EncryptionContext={**context, "tenant": "other"})
    assert acme.secret not in repr(acme.world.container.hook_keys.of(acme.connection_id))


def test_the_first_secret_has_no_former_one(acme: Acme) -> None:
    acme.world.container.ledger.seals.forget_hook(acme.connection_id)
    first = acme.call("POST", "/hook-secret", {}).json
    assert first["former_valid_until"] is None
    assert acme.call("POST", "/hook-secret", {}).json["former_valid_until"] is not None


def test_two_secrets_are_good_at_once_for_a_day(acme: Acme) -> None:
    old = acme.secret
    made = acme.call("POST", "/hook-secret", {}).json
    assert made["former_valid_until"].endswith("Z")
    assert is_good(acme, old)
    assert is_good(acme, made["secret"])
    acme.clock.pass_by(DAY - 60)
    assert is_good(acme, old)
    acme.clock.pass_by(120)
    assert not is_good(acme, old)
    assert is_good(acme, made["secret"])


def test_a_third_secret_ends_the_first(acme: Acme) -> None:
    first = acme.secret
    second, third = acme.new_secret(), acme.new_secret()
    assert [is_good(acme, secret) for secret in (first, second, third)] == [False, True, True]
    acme.clock.pass_by(DAY + 60)
    assert [is_good(acme, secret) for secret in (first, second, third)] == [False, False, True]


def test_a_new_secret_works_at_once_although_a_container_has_read_the_old_ones(acme: Acme) -> None:
    assert is_good(acme, acme.secret)
    with elsewhere(acme):
        new = acme.new_secret()
    assert is_good(acme, new)
    assert is_good(acme, acme.secret)


def test_a_container_goes_by_what_it_has_read_for_a_minute_and_no_longer(acme: Acme) -> None:
    assert is_good(acme, acme.secret)
    with elsewhere(acme):
        acme.new_secret()
        acme.new_secret()
    acme.clock.pass_by(61)
    assert not is_good(acme, acme.secret)


def test_a_container_that_found_no_secret_looks_again(acme: Acme) -> None:
    acme.world.container.ledger.seals.forget_hook(acme.connection_id)
    assert acme.login("Non-Employee").status == 404
    with elsewhere(acme):
        new = acme.new_secret()
    assert is_good(acme, new)


def test_a_good_signature_reads_the_secrets_once_a_minute_and_no_id_is_noted_that_has_none(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, calls = acme.world.container.hook_keys, []
    note = lambda model, **_: calls.append(model.name)  # noqa: E731
    acme.clock.pass_by(61)
    client("kms").meta.events.register("before-call.kms", note)
    usual, read = Seals.hook, []
    monkeypatch.setattr(Seals, "hook", lambda self, one: (read.append(one), usual(self, one))[1])
    try:
        for _ in range(3):
            assert is_good(acme, acme.secret)
        assert len(read) == 1
        acme.clock.pass_by(61)
        assert is_good(acme, acme.secret)
        assert len(read) == 2
        assert len(calls) <= 1, "the same version is not deciphered again"
        for _ in range(2):
            body = json.dumps(LOGIN).encode()
            assert told(acme, body, connection_id=new_connection_id()).status == 404
        assert len(read) == 4
        assert len(calls) <= 1
    finally:
        client("kms").meta.events.unregister("before-call.kms", note)
    assert list(keys._read_at) == [acme.connection_id]


# Who may.


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_an_admin_makes_one(acme: Acme, role: str) -> None:
    answer = acme.call("POST", "/hook-secret", {}, role=role)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert is_good(acme, acme.secret)


@pytest.mark.requirement("CON-4")
def test_another_tenant_makes_none_and_ends_none(acme: Acme) -> None:
    for _ in range(2):
        answer = acme.call("POST", "/hook-secret", {}, tenant="other")
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert is_good(acme, acme.secret)
    assert acme.world.container.hook_keys.of(acme.connection_id).tenant == "demo"


def test_a_kind_that_no_login_starts_anything_on_has_none(world: World) -> None:
    connection_id = world.connected()
    answer = world.call("POST", f"/connections/{connection_id}/hook-secret", {})
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert world.container.ledger.seals.hook(connection_id) is None


@pytest.mark.parametrize("body", [{"secret": "whsec_bXkgb3duIG9uZQ=="}, {"keep": True}])
def test_nobody_brings_their_own(acme: Acme, body: dict[str, Any]) -> None:
    answer = acme.call("POST", "/hook-secret", body)
    assert (answer.status, list(answer.fields)) == (422, list(body))
    assert is_good(acme, acme.secret)


# Its end.


@pytest.mark.requirement("CON-1", "CON-3")
def test_deleting_the_connection_forgets_it(acme: Acme) -> None:
    assert acme.call("DELETE").status == 204
    assert secrets_stored() == {}
    assert acme.login("Non-Employee").status == 404


@pytest.mark.requirement("CON-1")
def test_a_connection_without_one_is_deleted_as_well(acme: Acme) -> None:
    acme.world.container.ledger.seals.forget_hook(acme.connection_id)
    assert acme.call("DELETE").status == 204
    assert acme.call("GET").status == 404


@pytest.mark.requirement("CON-2")
def test_it_outlives_a_disconnect(connected: Acme) -> None:
    assert connected.call("POST", "/disconnect").status == 200
    assert is_good(connected, connected.secret)
    connected.connect()
    assert connected.login().status == 202


@pytest.mark.parametrize(
    ("headers", "late"),
    [
        ({}, 0),
        ({"webhook-signature": "v1,x", "webhook-id": "msg_1"}, 0),
        ({"webhook-signature": "v1,x", "webhook-id": "msg_1", "webhook-timestamp": "1000"}, 0),
        ({"x-expressleave-signature": "sha256=0", "x-expressleave-timestamp": "1000"}, 0),
        ({"webhook-signature": "v1,x", "webhook-timestamp": "soon", "webhook-id": "msg_1"}, 0),
    ],
)
def test_what_is_not_signed_or_stale_reads_no_secret(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], late: int
) -> None:
    """(security F3) A hundred such messages read the secret a hundred times."""
    read: list[str] = []
    monkeypatch.setattr(HookKeys, "_read", lambda self, connection_id: read.append(connection_id))
    assert acme.hook(json.dumps(LOGIN).encode(), headers).status in (400, 401)
    assert read == []


def test_after_a_wrong_signature_the_secret_is_read_afresh_once_in_some_seconds(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(security F3)"""
    read: list[str] = []
    usual = HookKeys._read
    monkeypatch.setattr(
        HookKeys,
        "_read",
        lambda self, connection_id: (read.append(connection_id), usual(self, connection_id))[1],
    )
    wrong = "whsec_" + "A" * 44
    for _ in range(20):
        assert told(acme, json.dumps(LOGIN).encode(), secret=wrong).status == 401
    assert len(read) <= 2
    assert is_good(acme, acme.secret)


# Secrets of before: one of their own in Secrets Manager.


def made_before(acme: Acme, *former: dict[str, Any]) -> str:
    """A secret as it was kept before; its name."""
    acme.world.container.ledger.seals.forget_hook(acme.connection_id)
    acme.world.container.hook_keys._forget(acme.connection_id)
    name = f"payrelay-hooks/{acme.connection_id}"
    stored = {"tenant": "demo", "keys": [{"key": acme.secret, "until": None}, *former]}
    client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(stored))
    return name


@pytest.mark.requirement("CON-3")
def test_a_login_moves_a_secret_of_before_and_both_keys_stay_good(acme: Acme) -> None:
    """(aws 2, aws 12) What was moved can be restored for a month, as long as the connection is there."""
    other = new_key()
    name = made_before(acme, {"key": other, "until": int(acme.clock().timestamp()) + 3600})
    assert is_good(acme, acme.secret)
    assert is_good(acme, other)
    hook = acme.world.container.ledger.seals.hook(acme.connection_id)
    assert hook
    assert hook.tenant == "demo"
    acme.clock.pass_by(61)
    assert is_good(acme, acme.secret)
    assert name not in secrets_stored()
    assert "DeletedDate" in client("secretsmanager").describe_secret(SecretId=name)
    acme.clock.pass_by(3600)
    assert (is_good(acme, other), is_good(acme, acme.secret)) == (False, True)
    assert acme.call("DELETE").status == 204
    left = client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    assert name not in [one["Name"] for one in left]


@pytest.mark.requirement("CON-3")
def test_a_new_secret_moves_the_one_of_before_which_stays_good_for_a_day(acme: Acme) -> None:
    name = made_before(acme)
    made = acme.call("POST", "/hook-secret", {}).json
    assert made["former_valid_until"] is not None
    assert (is_good(acme, acme.secret), is_good(acme, made["secret"])) == (True, True)
    acme.clock.pass_by(61)
    assert is_good(acme, made["secret"])
    assert name not in secrets_stored()


@pytest.mark.requirement("CON-3")
@pytest.mark.parametrize("call", ["get_secret_value", "delete_secret", "put_hook"])
def test_who_dies_while_moving_leaves_a_hook_that_works(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    name = made_before(acme)
    owner = Seals if call == "put_hook" else client("secretsmanager")

    class Died(BaseException):
        """The worker is gone."""

    def died(*_: Any, **__: Any) -> None:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(owner, call, died)
        with pytest.raises(Died):
            acme.login("Non-Employee")
    assert is_good(acme, acme.secret)
    acme.clock.pass_by(61)
    assert is_good(acme, acme.secret)
    assert name not in secrets_stored()


@pytest.mark.requirement("CON-1", "CON-3")
def test_deleting_a_connection_forgets_a_secret_of_before(acme: Acme) -> None:
    made_before(acme)
    assert acme.call("DELETE").status == 204
    assert secrets_stored() == {}
    assert acme.login("Non-Employee").status == 404


@pytest.mark.requirement("CON-3")
def test_a_secret_of_before_of_a_connection_that_is_gone_is_none(acme: Acme) -> None:
    assert acme.call("DELETE").status == 204
    made_before(acme)
    assert acme.login("Non-Employee").status == 404
    assert acme.world.container.ledger.seals.hook(acme.connection_id) is None


@pytest.mark.requirement("CON-4")
def test_a_ciphertext_that_was_put_under_another_connection_opens_nothing(acme: Acme) -> None:
    seals = acme.world.container.ledger.seals
    hook = seals.hook(acme.connection_id)
    assert hook
    other = new_connection_id()
    seals.put_hook(other, Sealed(), hook)
    assert told(acme, json.dumps(LOGIN).encode(), connection_id=other).status == 401
