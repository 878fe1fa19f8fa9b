"""The sessions through which the credentials of connections are touched (SEC-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from payrelay.errors import RetryLater
from payrelay.runtime.container import Container
from payrelay.runtime.settings import RuntimeSettings
from payrelay.runtime.vault import KEPT, LASTS_SECONDS, SPARE_SECONDS, Vault
from tests.worlds.aws import REGION

pytestmark = pytest.mark.requirement("SEC-2")

ROLE = "arn:aws:iam::123456789012:role/connections"
ASKED = {"tenant": "demo", "kind": "simployer_xledger"}


class Sts:
    """Gives keys that are numbered, and notes for whom."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {
            "Credentials": {
                "AccessKeyId": f"key-{len(self.asked)}",
                "SecretAccessKey": "secret",
                "SessionToken": "token",
                "Expiration": datetime.fromtimestamp(self.now + LASTS_SECONDS, UTC),
            }
        }


@pytest.fixture(scope="module")
def own() -> boto3.Session:
    return boto3.Session("own", "secret", region_name=REGION)


@pytest.fixture
def sts() -> Sts:
    return Sts(1_800_000_000.0)


@pytest.fixture
def vault(own: boto3.Session, sts: Sts) -> Vault:
    return Vault(own, ROLE, sts=sts, now=lambda: sts.now)


def key(session: boto3.Session) -> str:
    found = session.get_credentials()
    assert found
    return str(found.access_key)


def test_without_a_role_the_own_session_is_answered(own: boto3.Session) -> None:
    assert Vault(own, "").session(**ASKED) is own


def test_a_session_names_its_tenant_and_kind(vault: Vault, sts: Sts) -> None:
    session = vault.session(**ASKED)
    assert key(session) == "key-1"
    assert session.region_name == REGION
    (asked,) = sts.asked
    assert {tag["Key"]: tag["Value"] for tag in asked["Tags"]} == ASKED
    # A role that is taken from within another one lasts no longer.
    assert (asked["RoleArn"], asked["DurationSeconds"]) == (ROLE, 3600)


def test_no_two_tenants_and_no_two_kinds_share_a_session(vault: Vault) -> None:
    asked = [{**ASKED}, {**ASKED, "tenant": "other"}, {**ASKED, "kind": "autovu_accounting"}]
    assert len({key(vault.session(**tags)) for tags in asked}) == len(asked)


def test_a_session_is_kept_until_shortly_before_it_ends(vault: Vault, sts: Sts) -> None:
    first = vault.session(**ASKED)
    sts.now += LASTS_SECONDS - SPARE_SECONDS - 1
    assert vault.session(**ASKED) is first
    sts.now += 1
    assert key(vault.session(**ASKED)) == "key-2"


def test_of_many_sessions_those_used_last_are_kept(vault: Vault, sts: Sts) -> None:
    for number in range(KEPT):
        vault.session(tenant=f"tenant-{number}", kind="simployer_xledger")
    vault.session(tenant="tenant-0", kind="simployer_xledger")
    vault.session(tenant="one-more", kind="simployer_xledger")
    vault.session(tenant="tenant-0", kind="simployer_xledger")
    assert len(sts.asked) == KEPT + 1
    vault.session(tenant="tenant-1", kind="simployer_xledger")
    assert len(sts.asked) == KEPT + 2


@pytest.fixture
def refusals(own: boto3.Session) -> Iterator[list[tuple[int, str]]]:
    """What the service answers first: HTTP status and code of each refusal, used up one by one."""
    left: list[tuple[int, str]] = []

    def answered(request: Any, **_: Any) -> AWSResponse | None:
        if not left:
            return None
        status, code = left.pop(0)
        response = AWSResponse(request.url, status, {}, None)
        response._content = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()
        return response

    with mock_aws():
        own.events.register_first("before-send.sts.*", answered)
        yield left
        own.events.unregister("before-send.sts.*", answered)


def test_a_throttled_service_is_asked_again(
    own: boto3.Session, refusals: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    refusals += [(400, "Throttling"), (503, "ServiceUnavailable")]
    session = Vault(own, ROLE).session(**ASKED)
    assert key(session) not in ("", "own")
    assert refusals == []


@pytest.mark.parametrize(
    ("status", "code", "seconds", "words"),
    [
        pytest.param(403, "AccessDenied", 60, "deploys its template again", id="denied"),
        pytest.param(400, "Throttling", 10, "is busy", id="still throttled"),
    ],
)
def test_a_refusal_says_what_to_do(
    own: boto3.Session,
    refusals: list[tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    seconds: int,
    words: str,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    refusals += [(status, code)] * 5
    with pytest.raises(RetryLater, match=words) as caught:
        Vault(own, ROLE).session(**ASKED)
    assert (caught.value.system, caught.value.seconds, caught.value.named) == ("payrelay", seconds, True)


def test_one_more_session_reads_no_description_of_a_service_again(vault: Vault, own: boto3.Session) -> None:
    one, other = vault.session(**ASKED), vault.session(**{**ASKED, "tenant": "other"})
    loaders = {session._session.get_component("data_loader") for session in (own, one, other)}
    assert len(loaders) == 1


def test_a_container_takes_the_role_for_a_tenant_and_a_kind_and_another_for_old_names(
    own: boto3.Session,
) -> None:
    settings = RuntimeSettings(
        table_name="state",
        plans_bucket="plans",
        event_bus="bus",
        secret_prefix="payrelay",
        state_machine_prefix="arn:machines-",
        local_endpoint="",
        connections_role=ROLE,
        old_credentials_role=f"{ROLE}-of-before",
    )
    container = Container(settings)
    container.__dict__["session"] = own
    taken: list[tuple[str, list[str]]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        taken.append((params["RoleArn"], [tag["Value"] for tag in params["Tags"]]))

    with mock_aws():
        own.events.register("provide-client-params.sts.AssumeRole", note)
        container.vault("demo", "simployer_xledger")
        container.old_vault("demo")
    assert taken == [(ROLE, ["demo", "simployer_xledger"]), (f"{ROLE}-of-before", ["demo"])]
