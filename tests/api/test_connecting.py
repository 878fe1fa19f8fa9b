"""Connecting tries the credentials for real; disconnecting stops what is in progress (CON-2, EX-7)."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import requests
import responses

from payrelay.domain.reasons import reason
from payrelay.domain.runs import ConnectionStatus, Status
from payrelay.runtime.container import Container
from tests.worlds.api import CREDENTIALS, World
from tests.worlds.structs import replace

COMPANY = "https://api.alexishr.com/v1/company"
OTHER_COMPANY = "https://api.sandbox.alexishr.com/v1/company"
GRAPHQL = "https://www.xledger.net/graphql"
PLANTS = [value for fields in CREDENTIALS.values() for value in fields.values()]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Container.door_options
    monkeypatch.setattr(
        Container, "door_options", lambda self: replace(usual(self), sleep=lambda seconds: None)
    )


def simployer(vendors: responses.RequestsMock, status: int = 200) -> None:
    body = {"data": [{"name": "Nordlys AS"}], "total": 1} if status == 200 else {"message": "no"}
    vendors.get(COMPANY, json=body, status=status)


def xledger(vendors: responses.RequestsMock, status: int = 200) -> None:
    edge = {"node": {"ownerDbId": "500"}}
    vendors.post(GRAPHQL, json={"data": {"employeeGroups": {"edges": [edge]}}}, status=status)


@pytest.mark.requirement("CON-2", "EX-7")
def test_connecting_names_the_organisations_that_the_credentials_reach(
    world: World, vendors: responses.RequestsMock
) -> None:
    simployer(vendors)
    xledger(vendors)
    connection_id = world.create()
    answer = world.call("POST", f"/connections/{connection_id}/connect")
    assert answer.status == 200
    assert answer.json["status"] == "connected"
    assert answer.json["organisations"] == {"simployer": "Nordlys AS", "xledger": "Xledger entity 500"}
    sent = [dict(call.request.headers)["Authorization"] for call in vendors.calls]
    assert sent == ["Bearer plant-simployer-token", "token plant-xledger-token"]
    again = world.call("POST", f"/connections/{connection_id}/connect")
    assert again.json["status"] == "connected"
    connected = world.connection(connection_id)
    assert connected.switched_at == connected.updated_at


@pytest.mark.requirement("EX-7")
def test_a_tenant_without_the_add_on_is_refused(world: World, vendors: responses.RequestsMock) -> None:
    connection_id = world.create("other")
    answer = world.call("POST", f"/connections/{connection_id}/connect", tenant="other")
    assert (answer.status, answer.code) == (403, "ADD_ON_NOT_ACTIVE")
    assert "activate" in answer.json["remedy"]
    assert not vendors.calls
    assert world.connection(connection_id, "other").status is ConnectionStatus.NOT_CONNECTED
    world.container.ledger.connections.set_add_ons("other", frozenset({"simployer_xledger"}))
    simployer(vendors)
    xledger(vendors)
    assert world.call("POST", f"/connections/{connection_id}/connect", tenant="other").status == 200


@pytest.mark.requirement("CON-2", "SEC-1")
@pytest.mark.parametrize("refusing", ["simployer", "xledger"])
def test_refused_credentials_ask_for_attention_and_say_where_to_mend_them(
    world: World, vendors: responses.RequestsMock, logs: StringIO, refusing: str
) -> None:
    simployer(vendors, 401 if refusing == "simployer" else 200)
    xledger(vendors, 401 if refusing == "xledger" else 200)
    connection_id = world.create()
    answer = world.call("POST", f"/connections/{connection_id}/connect")
    assert (answer.status, answer.code) == (409, "CREDENTIALS_REFUSED")
    assert answer.json["system"] == refusing
    assert "connect again" in answer.json["remedy"]
    seen = world.call("GET", f"/connections/{connection_id}").json
    assert seen["status"] == "attention"
    assert seen["reason"]["code"] == "CREDENTIALS_REFUSED"
    assert world.connection(connection_id).switched_at is None, (
        "a person has neither connected nor disconnected it"
    )
    stored = str(world.stored())
    assert not [plant for plant in PLANTS if plant in answer.text + logs.getvalue() + stored]
    refused = world.call(
        "POST", f"/connections/{connection_id}/runs", {"flow": "employee_export", "mode": "sync"}
    )
    assert (refused.status, refused.code) == (409, "CREDENTIALS_REFUSED")


@pytest.mark.requirement("CON-2")
def test_new_credentials_and_connect_mend_a_connection(world: World, vendors: responses.RequestsMock) -> None:
    simployer(vendors, 401)
    connection_id = world.create()
    refused = world.call("POST", f"/connections/{connection_id}/connect")
    assert refused.code == "CREDENTIALS_REFUSED"
    told = world.call("GET", f"/connections/{connection_id}").json["reason"]
    assert told["remedy"] == refused.json["remedy"]
    assert "put it into the connection and connect again" in told["remedy"]
    vendors.reset()
    simployer(vendors)
    xledger(vendors)
    changed = world.call("PATCH", f"/connections/{connection_id}", {"credentials": CREDENTIALS})
    assert changed.json["status"] == "attention"
    mended = world.call("POST", f"/connections/{connection_id}/connect")
    assert (mended.json["status"], mended.json["reason"]) == ("connected", None)
    assert world.start(connection_id)


def down(vendors: responses.RequestsMock) -> None:
    vendors.get(COMPANY, body=requests.ConnectionError("reset"))


def busy(vendors: responses.RequestsMock) -> None:
    vendors.get(COMPANY, json={"message": "slow down"}, status=429, headers={"Retry-After": "90"})


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(("trouble", "seconds"), [(down, None), (busy, "90")])
def test_a_system_that_does_not_answer_changes_nothing(
    world: World, vendors: responses.RequestsMock, trouble: Any, seconds: str | None
) -> None:
    trouble(vendors)
    connection_id = world.create()
    answer = world.call("POST", f"/connections/{connection_id}/connect")
    assert (answer.status, answer.code) == (503, "SYSTEM_UNREACHABLE")
    assert int(answer.headers["Retry-After"]) >= 1
    assert seconds in (None, answer.headers["Retry-After"])
    assert world.connection(connection_id).status is ConnectionStatus.NOT_CONNECTED


@pytest.mark.requirement("CON-2")
def test_a_token_that_reaches_no_company_says_what_to_do(
    world: World, vendors: responses.RequestsMock
) -> None:
    vendors.get(COMPANY, json={"data": [], "total": 0})
    answer = world.call("POST", f"/connections/{world.create()}/connect")
    assert (answer.status, answer.code) == (409, "SYSTEM_REFUSED")
    assert "access token" in answer.json["remedy"]


@pytest.mark.requirement("SEC-3")
def test_a_redirect_elsewhere_is_not_followed(world: World, vendors: responses.RequestsMock) -> None:
    vendors.get(OTHER_COMPANY, status=302, headers={"Location": "https://evil.example/company"})
    moved = {"simployer": {"base_url": OTHER_COMPANY.removesuffix("/company")}}
    connection_id = world.create(settings=moved)
    answer = world.call("POST", f"/connections/{connection_id}/connect")
    assert answer.status == 409
    why = reason("REDIRECT_REFUSED", system="Simployer One", host="evil.example")
    assert (answer.json["detail"], answer.json["remedy"]) == (why.message, why.remedy)
    assert len(vendors.calls) == 1
    simployer(vendors)
    xledger(vendors)
    own = {"simployer": {"base_url": COMPANY.removesuffix("/company")}}
    both = {"settings": own, "credentials": {"simployer": CREDENTIALS["simployer"]}}
    assert world.call("PATCH", f"/connections/{connection_id}", both).status == 200
    assert world.call("POST", f"/connections/{connection_id}/connect").status == 200


@pytest.mark.requirement("CON-2")
def test_disconnecting_stops_the_runs_in_progress(world: World, vendors: responses.RequestsMock) -> None:
    connection_id = world.connected()
    runs = [world.start(connection_id, flow=flow) for flow in ("employee_export", "time_off_export")]
    answer = world.call("POST", f"/connections/{connection_id}/disconnect")
    assert (answer.status, answer.json["status"]) == (200, "not_connected")
    for run_id in runs:
        ended = world.finish(run_id)
        assert ended.status is Status.STOPPED
        assert ended.error is not None
        assert ended.error.code == "CONNECTION_DISCONNECTED"
    order = {"flow": "employee_export", "mode": "sync"}
    refused = world.call("POST", f"/connections/{connection_id}/runs", order)
    assert (refused.status, refused.code) == (409, "NOT_CONNECTED")
    assert "/connect" in refused.json["remedy"]
    assert world.call("POST", f"/connections/{connection_id}/disconnect").status == 200
    simployer(vendors)
    xledger(vendors)
    assert world.call("POST", f"/connections/{connection_id}/connect").status == 200
    assert world.call("POST", f"/connections/{connection_id}/runs", order).status == 202
