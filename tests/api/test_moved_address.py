"""A moved address: no stored secret goes there, and nobody gets a right by it (CON-2, SEC-3; security F2)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import responses

from payrelay.domain.runs import ConnectionStatus, Link, Status
from payrelay.domain.sensitive import Secret
from payrelay.errors import NeedsAttention
from payrelay.ledger.reports import Report
from payrelay.runtime.container import Container
from tests.worlds.api import UPDATED, Reply, World, secrets_stored, write
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("CON-2", "SEC-3")

REAL, EVIL = "https://synergy.exactsynergy.nl/Synergy", "https://evil.exactsynergy.nl/Synergy"
PAYROLL = "https://api.exactpayrollplus.nl"
USER = {"username": "delft", "password": "plant-synergy-password"}
PAYER = {"username": "delft", "password": "plant-payroll-password", "employer_id": "emp-500"}
BODY = {
    "name": "Delft",
    "kind": "synergy_payroll_plus",
    "settings": {},
    "credentials": {"synergy": USER, "payroll_plus": PAYER},
}
OWN = {"username": "attacker", "password": "own-password"}
GENERAL = {"administratienummer": "500"}
MOVE = {"settings": {"synergy": {"base_url": EVIL}}}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Container.door_options
    monkeypatch.setattr(Container, "door_options", lambda self: replace(usual(self), sleep=lambda _: None))


def synergy(vendors: responses.RequestsMock, at: str) -> None:
    """An Exact Synergy, or what passes for one: it says that the admin is in the HR role."""

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        rows: list[dict[str, Any]] = []
        if "License" in request.url:
            rows = [{"Code": "YA1740", "Option": 36, "Active": True}]
        return 200, {}, json.dumps({"d": {"results": rows}})

    vendors.add_callback(responses.GET, re.compile(f"{at}.*"), callback=answer)


def payroll(vendors: responses.RequestsMock, name: str = "Delft Techniek BV") -> None:
    vendors.upsert(
        responses.GET,
        f"{PAYROLL}/api/v1/employers/emp-500/generalData",
        json={**GENERAL, "employerName": name},
    )


def office(world: World) -> str:
    """A connected connection with a report of a person, and what has been joined."""
    connection_id = world.create(**BODY)
    connections = world.container.ledger.connections
    names = {"synergy": "Exact Synergy with licence YA1740", "payroll_plus": "Delft Techniek BV"}
    stored = world.connection(connection_id)
    connections.save(replace(stored, status=ConnectionStatus.CONNECTED, organisations=names))
    return connection_id


def path(connection_id: str, rest: str = "") -> str:
    return f"/connections/{connection_id}{rest}"


def sent_to(vendors: responses.RequestsMock, host: str) -> list[str]:
    return [str(dict(call.request.headers)) for call in vendors.calls if host in str(call.request.url)]


# --- a changed address -----------------------------------------------------------------------------------


def test_an_address_needs_the_credentials_of_its_system_in_the_same_call(world: World) -> None:
    connection_id = office(world)
    before = world.call("GET", path(connection_id)).json
    for credentials in (None, {}, {"payroll_plus": PAYER}):
        body = MOVE if credentials is None else {**MOVE, "credentials": credentials}
        answer = world.call("PATCH", path(connection_id), body)
        assert answer.status == 422
        assert "same call" in answer.fields["credentials.synergy"]
        assert EVIL in answer.fields["credentials.synergy"]
    assert world.call("GET", path(connection_id)).json == before


def test_with_them_the_connection_is_not_connected_and_its_runs_are_stopped(
    world: World, vendors: responses.RequestsMock
) -> None:
    connection_id = office(world)
    run_id = world.start(connection_id, flow="report_pull")
    answer = world.call("PATCH", path(connection_id), {**MOVE, "credentials": {"synergy": OWN}})
    assert (answer.status, answer.json["status"]) == (200, "not_connected")
    ended = world.finish(run_id)
    assert ended.error
    assert (ended.status, ended.error.code) == (Status.STOPPED, "CONNECTION_MOVED")
    for order in ({"flow": "report_pull"}, {"flow": "report_pull", "mode": "preview"}):
        refused = world.call("POST", path(connection_id, "/runs"), order)
        assert (refused.status, refused.code) == (409, "NOT_CONNECTED")
    back = {"settings": {"synergy": {"base_url": REAL}}}
    assert world.call("PATCH", path(connection_id), back).status == 422, "nor do they go back by themselves"
    assert "Connect it again" in ended.error.remedy
    synergy(vendors, EVIL)
    payroll(vendors)
    assert world.call("POST", path(connection_id, "/connect")).status == 200
    assert world.start(connection_id, flow="report_pull")


SAME = [
    "https://SYNERGY.exactsynergy.nl/Synergy",
    "HTTPS://synergy.exactsynergy.nl:443/Synergy/",
    "https://synergy.exactsynergy.nl/Synergy///",
]
OTHERS = [
    "https://synergy.exactsynergy.nl/synergy",
    "https://synergy.exactsynergy.nl",
    "https://synergy.exactsynergy.nl/Synergy/more",
    "https://synergy.exact.nl/Synergy",
]


@pytest.mark.parametrize("address", [*SAME, *OTHERS])
def test_what_is_another_address(world: World, address: str) -> None:
    connection_id = office(world)
    settings = {"synergy": {"base_url": address}}
    answer = world.call("PATCH", path(connection_id), {"settings": settings})
    assert answer.status == (200 if address in SAME else 422)
    if address in SAME:
        assert answer.json["settings"]["synergy"]["base_url"] == REAL
        assert answer.json["status"] == "connected"


def test_an_address_that_is_left_out_is_the_usual_one_and_a_change_all_the_same(world: World) -> None:
    settings = {"synergy": {"base_url": "https://delft.exactsynergy.nl/Synergy"}}
    connection_id = world.create(**{**BODY, "settings": settings})
    answer = world.call("PATCH", path(connection_id), {"settings": {"synergy": {}}})
    assert "credentials.synergy" in answer.fields


def test_two_steps_do_not_do_what_one_does_not(world: World) -> None:
    """First credentials of one's own, then the address; or the address first, by a kind that is another."""
    connection_id = office(world)
    assert world.call("PATCH", path(connection_id), {"credentials": {"synergy": OWN}}).status == 200
    assert world.call("PATCH", path(connection_id), MOVE).status == 422
    assert world.call("PATCH", path(connection_id), {"kind": "simployer_xledger", **MOVE}).status == 422


# --- what is stored stays where it was entered for --------------------------------------------------------


def put_in_state(world: World, connection_id: str) -> None:
    """As if a race, or somebody in the table, had changed the address without its credentials."""
    stored = world.connection(connection_id)
    moved = {**stored.settings, "synergy": {"base_url": EVIL}}
    world.container.ledger.connections.save(replace(stored, settings=moved))


@pytest.mark.parametrize(
    "act",
    [
        lambda world, where: world.call("POST", f"{where}/connect"),
        lambda world, where: world.call("GET", f"{where}/people/2003/payroll-report"),
        lambda world, where: world.call("GET", f"{where}/diagnosis"),
    ],
    ids=["connect", "report", "diagnosis"],
)
def test_no_stored_state_carries_a_secret_elsewhere(
    world: World, vendors: responses.RequestsMock, act: Callable[[World, str], Reply]
) -> None:
    synergy(vendors, EVIL)
    payroll(vendors)
    connection_id = office(world)
    put_in_state(world, connection_id)
    answer = act(world, path(connection_id))
    assert sent_to(vendors, "evil") == []
    assert "plant-" not in answer.text
    assert "ADDRESS_CHANGED" in answer.text


def test_address_and_credentials_together_bring_it_back(
    world: World, vendors: responses.RequestsMock
) -> None:
    """(security F2) As the remedy of ADDRESS_CHANGED says, whichever of both addresses is the right one."""
    payroll(vendors)
    for right in (EVIL, REAL):
        connection_id = office(world)
        put_in_state(world, connection_id)
        refused = world.call("POST", path(connection_id, "/connect"))
        assert "its credentials into the connection together" in refused.json["remedy"]
        synergy(vendors, right)
        together = {"settings": {"synergy": {"base_url": right}}, "credentials": {"synergy": USER}}
        assert world.call("PATCH", path(connection_id), together).status == 200
        assert world.call("POST", path(connection_id, "/connect")).status == 200
        assert world.start(connection_id, flow="report_pull")


def test_a_run_of_before_does_not_take_the_new_credentials_to_the_old_address(world: World) -> None:
    connection_id = office(world)
    old = world.connection(connection_id).settings
    world.call("PATCH", path(connection_id), {**MOVE, "credentials": {"synergy": OWN}})
    with pytest.raises(NeedsAttention, match="ADDRESS_CHANGED"):
        world.container.client_of("demo", connection_id, old, "synergy")


def test_credentials_of_earlier_times_are_bound_by_the_first_change(world: World) -> None:
    """They note no address; what holds before the change is what they were entered for."""
    connection_id = office(world)
    with world.container.credentials_of("synergy_payroll_plus").held("demo", connection_id) as held:
        held.put({"entered_for": {}})
    world.container.client_of("demo", connection_id, world.connection(connection_id).settings, "synergy")
    world.call("PATCH", path(connection_id), {**MOVE, "credentials": {"synergy": OWN}})
    (stored,) = secrets_stored().values()
    assert stored["entered_for"]["payroll_plus"] == {"synergy": REAL, "payroll_plus": PAYROLL}
    assert stored["entered_for"]["synergy"]["synergy"] == EVIL


def test_a_consent_does_not_move_with_the_address(world: World) -> None:
    """(security F2) OAuth tokens likewise: they are for the server that they were given for."""
    app = {"client_id": "app", "client_secret": "secret"}
    body = {
        "name": "Acme",
        "kind": "attache_express_leave",
        "credentials": {"attache": app, "express_leave": {"company_id": "c-9", "api_key": "key"}},
    }
    connection_id = world.create(**body)
    tokens = {"access_token": "plant-access", "refresh_token": "plant-refresh", "company_id": "org-17"}
    world.keep(connection_id, "attache", **tokens, expires_at="0")
    settings = world.connection(connection_id).settings
    assert world.container.tokens_of("demo", connection_id, settings, "attache").given()
    where = {"settings": {"attache": {"base_url": "https://evil.attacheonline.com"}}}
    assert world.call("PATCH", path(connection_id), where).status == 422
    moved = {**where, "credentials": {"attache": app}}
    assert world.call("PATCH", path(connection_id), moved).status == 200
    (stored,) = secrets_stored().values()
    assert stored["attache"] == app
    settings = world.connection(connection_id).settings
    moved_tokens = world.container.tokens_of("demo", connection_id, settings, "attache")
    assert (moved_tokens.given(), moved_tokens.chosen()) == (False, None)


# --- who may read pay --------------------------------------------------------------------------------------


def keep(world: World, connection_id: str) -> None:
    pay = {"100": (("Wage", Secret("4321.00")),)}
    report = Report("2003", "2026-01", 1, "d", "2026-03-01T05:00:00.000Z", "run_1", 2**33, pay)
    assert world.container.ledger.reports.put("demo", connection_id, report)


def test_a_server_in_the_place_of_synergy_gives_no_right_to_read_pay(
    world: World, vendors: responses.RequestsMock
) -> None:
    """(security F2) It was believed: `read_as: hr`, and everybody's pay was shown."""
    synergy(vendors, EVIL)
    payroll(vendors)
    connection_id = office(world)
    keep(world, connection_id)
    world.call("PATCH", path(connection_id), {**MOVE, "credentials": {"synergy": OWN}})
    assert world.call("POST", path(connection_id, "/connect")).status == 200
    answer = world.call("GET", path(connection_id, "/people/2003/payroll-report"))
    assert (answer.status, answer.code) == (409, "ADDRESS_CHANGED")
    assert "4321" not in answer.text
    assert "Exact Payroll Plus" in answer.json["remedy"]
    changed = {**ENTRY, "changes": [{"field": "LOONBESLAG", "old": None, "new": "•••"}]}
    world.container.ledger.history.put("demo", connection_id, "report:2026-01:2003", "run_1", changed)
    trail = path(connection_id, "/history?entity=report&key=2026-01:2003")
    (entry,) = world.call("GET", trail).json["items"]
    assert (entry["changes"], entry["withheld"]["changes"]) == ([], 1)
    assert "was at another address" in entry["withheld"]["why"]
    entered = world.call("PATCH", path(connection_id), {"credentials": {"payroll_plus": PAYER}})
    assert entered.status == 200
    again = world.call("GET", path(connection_id, "/people/2003/payroll-report"))
    assert again.code != "ADDRESS_CHANGED", "who knows that password may say whom to believe"


# --- another organisation ----------------------------------------------------------------------------------


def test_another_organisation_is_refused_until_confirmed_and_hides_the_former(
    world: World, vendors: responses.RequestsMock
) -> None:
    synergy(vendors, REAL)
    payroll(vendors, "Rotterdam Haven NV")
    connection_id = office(world)
    keep(world, connection_id)
    ledger, where = world.container.ledger, ("demo", connection_id)
    ledger.links.put(*where, Link("report", "2003", "2003", "t-1"))
    world.container.ledger.history.put(*where, "report:2003", "run_1", ENTRY)
    run_id = world.start(connection_id, flow="report_pull")
    refused = world.call("POST", path(connection_id, "/connect"))
    assert (refused.status, refused.code) == (409, "OTHER_ORGANISATION")
    for name in ("Delft Techniek BV", "Rotterdam Haven NV"):
        assert name in refused.json["detail"]
    seen = world.call("GET", path(connection_id)).json
    assert (seen["status"], seen["reason"]["code"]) == ("attention", "OTHER_ORGANISATION")
    assert world.call("POST", path(connection_id, "/runs"), {"flow": "report_pull"}).status == 409
    taken = world.call("POST", path(connection_id, "/connect"), {"confirm_organisation": True})
    assert (taken.status, taken.json["organisations"]["payroll_plus"]) == (200, "Rotterdam Haven NV")
    assert world.finish(run_id).status is Status.STOPPED
    era = world.connection(connection_id).era
    now = ledger.of_era(era)
    assert (era, now.reports.of(*where, "2003")) == (1, [])
    assert now.links.get(*where, "report", ["2003"]) == {}
    history = world.call("GET", path(connection_id, "/history?entity=report&key=2003"))
    assert history.json["items"] == []
    assert ledger.reports.of(*where, "2003"), "nothing is destroyed"
    again = world.call("POST", path(connection_id, "/connect"))
    assert (again.status, world.connection(connection_id).era) == (200, 1)


ENTRY = {
    "at": "2026-03-01T05:00:00.000Z",
    "run_id": "run_01JD9Z4A6B8C0D2E4F6G8H0J3M",
    "flow": "report_pull",
    "trigger": "schedule",
    "requested_by": "schedule",
    "outcome": "created",
    "changes": [],
    "comment": None,
}


def test_runs_of_the_former_organisation_are_neither_replayed_nor_applied(
    world: World, vendors: responses.RequestsMock
) -> None:
    connection_id = world.connected()
    preview = world.start(connection_id, mode="preview")
    world.plan(preview, writes=[write(UPDATED)])
    world.finish(preview)
    ended = world.finished(connection_id)
    stored = world.connection(connection_id)
    world.container.ledger.connections.save(replace(stored, era=1))
    for run_id, what in ((preview, "apply"), (ended, "replay")):
        answer = world.call("POST", f"/runs/{run_id}/{what}", {} if what == "replay" else None)
        assert (answer.status, answer.code) == (409, "OTHER_ORGANISATION"), what


def test_new_credentials_of_a_connected_connection_are_tried_at_once(
    world: World, vendors: responses.RequestsMock
) -> None:
    """A token of another company would have been found out by nobody: the next run wrote there."""
    connection_id = office(world)
    payroll(vendors, "Rotterdam Haven NV")
    answer = world.call("PATCH", path(connection_id), {"credentials": {"payroll_plus": PAYER}})
    assert (answer.json["status"], answer.json["reason"]["code"]) == ("attention", "OTHER_ORGANISATION")
    assert world.call("POST", path(connection_id, "/runs"), {"flow": "report_pull"}).status == 409


def test_the_credentials_of_before_bring_it_back(world: World, vendors: responses.RequestsMock) -> None:
    """As the remedy of OTHER_ORGANISATION says of a token that was mixed up."""
    synergy(vendors, REAL)
    payroll(vendors, "Rotterdam Haven NV")
    connection_id = office(world)
    refused = world.call("POST", path(connection_id, "/connect"))
    assert "Put the credentials of Delft Techniek BV (Exact Payroll Plus)" in refused.json["remedy"]
    payroll(vendors)
    assert world.call("PATCH", path(connection_id), {"credentials": {"payroll_plus": PAYER}}).status == 200
    assert world.call("POST", path(connection_id, "/connect")).status == 200
    assert world.start(connection_id, flow="report_pull")
    assert world.connection(connection_id).era == 0
