"""A consent: asked for, completed once, its company chosen, its tokens kept and given back (CON-2, CON-3)."""

from __future__ import annotations

import json
from io import StringIO
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.sandbox import Running
from payrelay.systems.http import patience
from payrelay.systems.registry import SYSTEMS
from tests.worlds.api import World, secrets_stored
from tests.worlds.invoices_api import (
    APP,
    BACK,
    KEY,
    Office,
    connected,
    office,
    office_of,
    quickbooks,
    sandboxes,
)
from tests.worlds.structs import replace

__all__ = ["connected", "office", "quickbooks", "sandboxes"]

COMPANIES = {
    "quickbooks": "Workforce Demo Ltd",
    "xero": "Demo Company (UK)",
    "sage": "Payrelay Demo",
}


@pytest.mark.requirement("CON-2", "CON-3")
def test_a_consent_is_asked_for_on_the_vendors_own_page(office: Office) -> None:
    asked = office.call("POST", "/connect", {"redirect_uri": BACK})
    assert (asked.status, asked.json["status"]) == (200, "not_connected")
    page = urlsplit(asked.json["consent_url"])
    query = {name: values[0] for name, values in parse_qs(page.query).items()}
    oauth = SYSTEMS[office.package].oauth
    assert oauth
    assert asked.json["consent_url"].startswith(office.urls[office.package])
    assert page.path.endswith(urlsplit(oauth.authorize_url).path)
    assert query["redirect_uri"] == BACK
    assert query["client_id"] == APP["client_id"]
    assert query["scope"] == oauth.scope
    assert len(query["state"]) >= 32
    assert ("code_challenge" in query) is oauth.pkce
    assert query.get("code_challenge_method") == ("S256" if oauth.pkce else None)
    assert "consent_url" not in office.call("GET").json


@pytest.mark.requirement("CON-3")
def test_a_code_that_leaked_is_good_for_no_other_connection(office: Office) -> None:
    """(security F7) Another connection of the same app asks for its own, and brings this code."""
    leaked = office.consent()
    mine = office.connection_id
    office.connection_id = office.make()
    own = office.consent()
    answer = office.call("POST", "/connect", {**leaked, "state": own["state"]})
    if office.package == "sage":
        assert (answer.status, answer.code) == (409, "CONSENT_UNKNOWN")
        assert "access_token" not in office.tokens()
    office.connection_id = mine
    foreign = office.call("POST", "/connect", {**own, "state": own["state"]})
    assert (foreign.status, foreign.code) == (409, "CONSENT_UNKNOWN"), "nor is a state"


@pytest.mark.requirement("CON-2", "CON-3")
def test_a_consent_connects_and_names_both_organisations(office: Office) -> None:
    answer = office.connect()
    assert answer.json["status"] == "connected"
    assert answer.json["organisations"][office.package] == COMPANIES[office.package]
    assert office.label in answer.json["organisations"]["autovu"]
    assert office.tokens().keys() == {*APP, "access_token", "refresh_token", "expires_at", "company_id"}
    assert office.call("GET", "/documents").status == 200


@pytest.mark.requirement("CON-2")
def test_connecting_again_needs_no_new_consent(connected: Office) -> None:
    before = connected.tokens()
    again = connected.call("POST", "/connect")
    assert (again.status, again.json["status"]) == (200, "connected")
    assert connected.tokens()["refresh_token"] == before["refresh_token"]


@pytest.mark.requirement("CON-2")
def test_without_a_consent_nothing_can_be_connected(office: Office) -> None:
    bodies: tuple[dict[str, str] | None, ...] = (None, {})
    for body in bodies:
        answer = office.call("POST", "/connect", body)
        assert (answer.status, answer.code) == (409, "CONSENT_NEEDED")
        assert office.label in answer.json["detail"]
        assert "redirect_uri" in answer.json["remedy"]
    assert office.status() == ("not_connected", None)


def another_state(office: Office) -> dict[str, Any]:
    return {**office.consent(), "state": "somebody-elses-state"}


def used(office: Office) -> dict[str, Any]:
    given = office.consent()
    assert office.call("POST", "/connect", given).status == 200
    assert office.call("POST", "/disconnect").status == 200
    return given


def too_old(office: Office) -> dict[str, Any]:
    given = office.consent()
    office.clock.pass_by(minutes=11)
    return given


def asked_anew_since(office: Office) -> dict[str, Any]:
    given = office.consent()
    office.consent()
    return given


def wrong_code(office: Office) -> dict[str, Any]:
    return {**office.consent(), "code": "not-the-code"}


STALE = [another_state, used, too_old, asked_anew_since, wrong_code]


@pytest.mark.requirement("CON-3")
@pytest.mark.parametrize("stale", STALE)
def test_a_consent_that_was_not_asked_for_like_this_is_refused(office: Office, stale: Any) -> None:
    given = stale(office)
    answer = office.call("POST", "/connect", given)
    assert (answer.status, answer.code) == (409, "CONSENT_UNKNOWN")
    assert "redirect_uri" in answer.json["remedy"]
    assert given["code"] not in answer.text
    assert given["state"] not in answer.text
    assert "refresh_token" not in office.tokens()
    assert office.status() == ("not_connected", None)
    assert office.connect().json["status"] == "connected"


@pytest.mark.requirement("CON-3")
def test_a_state_is_good_for_one_try_even_when_the_code_was_wrong(office: Office) -> None:
    given = office.consent()
    wrong = {**given, "code": "not-the-code"}
    assert office.call("POST", "/connect", wrong).code == "CONSENT_UNKNOWN"
    office.forget_requests()
    assert office.call("POST", "/connect", given).code == "CONSENT_UNKNOWN"
    assert office.requests(office.package) == []


@pytest.mark.requirement("CON-3", "CON-4")
def test_a_consent_of_one_connection_is_not_good_for_another(office: Office) -> None:
    given, first = office.consent(), office.connection_id
    office.make()
    assert office.call("POST", "/connect", given).code == "CONSENT_UNKNOWN"
    office.connection_id = first
    assert office.call("POST", "/connect", given).status == 200


@pytest.mark.requirement("CON-3")
def test_a_consent_that_there_was_no_time_to_exchange_is_good_for_another_try(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(aws 2) The vendor is not asked, and the state is not used up."""
    given = office.consent()
    with monkeypatch.context() as late:
        late.setattr(patience, "CALL_SECONDS", 16.0)
        answer = office.call("POST", "/connect", given)
    assert (answer.status, answer.code) == (503, "SYSTEM_UNREACHABLE")
    assert "no time left" in answer.json["detail"]
    assert office.call("POST", "/connect", given).status == 200


@pytest.mark.requirement("CON-3")
def test_the_answer_to_an_exchange_that_is_lost_asks_for_a_new_consent(office: Office) -> None:
    given = office.consent()
    office.faults(office.package, error_rate=1.0, errors=["after_write_reset"], seed=1)
    answer = office.call("POST", "/connect", given)
    assert (answer.status, answer.code) == (503, "SYSTEM_UNREACHABLE")
    assert "new consent" in answer.json["remedy"]
    office.calm(office.package)
    assert office.connect().json["status"] == "connected"


@pytest.mark.requirement("SEC-3")
def test_a_redirect_to_this_machine_is_for_the_local_stack_only(
    quickbooks: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"redirect_uri": "http://127.0.0.1:5000/back"}
    assert quickbooks.call("POST", "/connect", body).status == 200
    container = quickbooks.world.container
    monkeypatch.setattr(container, "settings", replace(container.settings, local_endpoint=""))
    refused = quickbooks.call("POST", "/connect", body)
    assert (refused.status, list(refused.fields)) == (422, ["redirect_uri"])


@pytest.mark.requirement("CON-2")
def test_what_does_not_go_together_is_refused_by_field_and_uses_nothing_up(office: Office) -> None:
    given = office.consent()
    wrong = {name: text for name, text in given.items() if name != "state"}
    answer = office.call("POST", "/connect", {**wrong, "realmId": "7"})
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert "both come back" in answer.fields["state"]
    assert "allowed: redirect_uri, code, state, realm_id" in answer.fields["realmId"]
    assert office.call("POST", "/connect", given).status == 200, "the consent is still good"


@pytest.mark.requirement("CON-2", "IN-10")
def test_the_books_of_another_company_are_not_taken_by_a_new_consent(quickbooks: Office) -> None:
    quickbooks.connect()
    given = quickbooks.consent()
    answer = quickbooks.call("POST", "/connect", {**given, "realm_id": "7"})
    assert answer.status == 422
    assert f"is another company than {given['realm_id']}" in answer.fields["realm_id"]
    assert quickbooks.call("POST", "/connect", given).status == 200, "the code was not used up"


@pytest.mark.requirement("CON-2")
def test_a_kind_that_needs_no_consent_takes_none(world: World) -> None:
    answer = world.call("POST", f"/connections/{world.create()}/connect", {"redirect_uri": BACK})
    assert answer.status == 422
    assert answer.fields == {"redirect_uri": "is not known; allowed: confirm_organisation"}


# Which company.


def with_companies(office: Office, *names: str) -> dict[str, str]:
    """The consent reaches these companies; their ids by name."""
    if office.package == "xero":
        office.put("xero", {"connections": [{"tenantName": name} for name in names]})
        return {row["tenantName"]: row["tenantId"] for row in office.state("xero")["connections"]}
    office.put("sage", {"businesses": [{"id": f"{n:032x}", "name": name} for n, name in enumerate(names, 1)]})
    return {row["name"]: row["id"] for row in office.state("sage")["businesses"]}


@pytest.fixture(params=["xero", "sage"])
def several(request: pytest.FixtureRequest, sandboxes: Running) -> Any:
    """An office whose consent reaches companies that are asked for afterwards."""
    with office_of(request.param, sandboxes.urls) as made:
        yield made


@pytest.mark.requirement("CON-2")
def test_of_several_companies_the_settings_name_one_and_the_consent_stays_good(several: Office) -> None:
    reached = with_companies(several, "Hartley Ltd", "Hartley (Holdings) Ltd")
    answer = several.call("POST", "/connect", several.consent())
    assert (answer.status, answer.code) == (409, "COMPANY_NOT_CHOSEN")
    for name, company_id in reached.items():
        assert f"{name} ({company_id})" in answer.json["detail"]
        assert {"id": company_id, "name": name} in answer.json["choices"]
    assert f"settings.{several.package}.company_id" in answer.json["remedy"]
    assert several.status() == ("not_connected", None)
    chosen = {"base_url": several.urls[several.package], "company_id": reached["Hartley (Holdings) Ltd"]}
    assert several.call("PATCH", "", {"settings": {several.package: chosen}}).status == 200
    connected = several.call("POST", "/connect")
    assert connected.json["status"] == "connected", connected.text
    assert connected.json["organisations"][several.package] == "Hartley (Holdings) Ltd"


@pytest.mark.requirement("CON-2")
def test_a_company_that_the_consent_does_not_reach_is_named_with_those_it_does(several: Office) -> None:
    chosen = {"base_url": several.urls[several.package], "company_id": "not-ours"}
    several.call("PATCH", "", {"settings": {several.package: chosen}})
    answer = several.call("POST", "/connect", several.consent())
    assert (answer.status, answer.code) == (409, "COMPANY_NOT_CHOSEN")
    assert COMPANIES[several.package] in answer.json["detail"]
    assert "not-ours" in answer.json["detail"]


# The end of a consent.


@pytest.mark.requirement("CON-2", "CON-3")
def test_disconnecting_gives_the_tokens_back_and_forgets_them(connected: Office) -> None:
    given = connected.tokens()
    answer = connected.call("POST", "/disconnect")
    assert (answer.status, answer.json["status"]) == (200, "not_connected")
    assert connected.tokens() == APP
    kept = json.dumps(connected.state(connected.package))
    assert given["refresh_token"] not in kept
    again = connected.call("POST", "/connect")
    assert (again.status, again.code) == (409, "CONSENT_NEEDED")
    connected.forget_requests()
    assert connected.call("POST", "/disconnect").status == 200
    assert connected.requests(connected.package) == [], "there is nothing left to give back"


@pytest.mark.requirement("CON-2")
def test_a_system_that_is_down_gets_its_tokens_back_with_the_next_disconnect(connected: Office) -> None:
    connected.faults(connected.package, error_rate=1.0, errors=[503], seed=1)
    answer = connected.call("POST", "/disconnect")
    assert (answer.status, answer.code) == (503, "SYSTEM_UNREACHABLE")
    assert "is disconnected" in answer.json["detail"]
    assert connected.status() == ("not_connected", None)
    order = connected.call("POST", "/runs", {"flow": "invoice_sync"})
    assert (order.status, order.code) == (409, "NOT_CONNECTED")
    connected.calm(connected.package)
    assert connected.call("POST", "/disconnect").status == 200
    assert connected.tokens() == APP


@pytest.mark.requirement("CON-1", "CON-3")
def test_deleting_a_connection_that_lapsed_gives_its_tokens_back(connected: Office) -> None:
    given = connected.tokens()
    connected.clock.pass_by(minutes=21)
    assert connected.call("DELETE").status == 204
    assert secrets_stored() == {}
    assert given["refresh_token"] not in json.dumps(connected.state(connected.package))


@pytest.mark.requirement("CON-2")
def test_a_consent_that_was_withdrawn_at_the_vendor_needs_attention_and_a_new_one(connected: Office) -> None:
    (tokens,) = [name for name in connected.state(connected.package) if "token" in name.lower()]
    connected.put(connected.package, {**connected.state(connected.package), tokens: []})
    answer = connected.call("POST", "/connect")
    assert (answer.status, answer.code) == (409, "CREDENTIALS_REFUSED")
    assert "new consent" in answer.json["remedy"]
    assert connected.status() == ("attention", "CREDENTIALS_REFUSED")
    assert connected.connect().json["status"] == "connected"
    assert connected.status() == ("connected", None)


@pytest.mark.requirement("CON-2", "CON-3")
def test_a_wrong_client_secret_needs_attention(office: Office) -> None:
    given = office.consent()
    wrong = {office.package: {**APP, "client_secret": "wrong"}}
    assert office.call("PATCH", "", {"credentials": wrong}).status == 200
    answer = office.call("POST", "/connect", given)
    assert (answer.status, answer.code) == (409, "CREDENTIALS_REFUSED")
    assert "client id or secret" in answer.json["remedy"]
    assert office.status() == ("attention", "CREDENTIALS_REFUSED")


@pytest.mark.requirement("CON-1", "CON-3")
@pytest.mark.parametrize(
    ("entered", "stays"),
    [({**APP, "client_secret": "newer"}, True), ({**APP, "client_id": "another-app"}, False)],
    ids=["a new secret of the same app", "another app"],
)
def test_a_consent_outlives_a_new_secret_but_not_another_app(
    quickbooks: Office, entered: dict[str, str], stays: bool
) -> None:
    given = quickbooks.tokens()
    assert quickbooks.call("PATCH", "", {"credentials": {"quickbooks": entered}}).status == 200
    assert quickbooks.tokens() == ({**given, **entered} if stays else entered)


@pytest.mark.requirement("CON-1", "CON-3")
def test_a_deletion_that_broke_off_is_finished_by_the_same_call(
    quickbooks: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quickbooks.call("POST", "/disconnect").status == 200
    connections = type(quickbooks.world.container.ledger.connections)
    with monkeypatch.context() as patch:
        patch.setattr(connections, "delete", lambda *_: (_ for _ in ()).throw(OSError("crash")))
        assert quickbooks.call("DELETE").status == 500
    assert secrets_stored() == {}
    assert quickbooks.call("DELETE").status == 204
    assert quickbooks.call("GET").status == 404


@pytest.mark.requirement("CON-1", "CON-3")
def test_new_credentials_wait_for_a_worker_that_renews_and_change_nothing_without_it(
    quickbooks: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    container, kept = quickbooks.world.container, quickbooks.tokens()
    until = int(quickbooks.clock().timestamp()) + 600
    now = until - 600
    assert (
        container.ledger.locks.take("demo", quickbooks.connection_id, "worker", now=now, until=until)
        is not None
    )
    seconds = count(now, 7)
    monkeypatch.setattr(container.credentials_of("autovu_accounting"), "_now", lambda: next(seconds))
    monkeypatch.setattr(container.credentials_of("autovu_accounting"), "_sleep", lambda _: None)
    change = {"name": "Other", "credentials": {"quickbooks": {**APP, "client_secret": "newer"}}}
    answer = quickbooks.call("PATCH", "", change)
    assert (answer.status, answer.code) == (503, "SYSTEM_UNREACHABLE")
    assert answer.json["detail"] == "another worker is changing the credentials"
    assert "Nothing was changed" in answer.json["remedy"]
    assert quickbooks.call("GET").json["name"] == "Hartley Heating"
    assert quickbooks.tokens() == kept


# Who may, and what is never seen.


@pytest.mark.requirement("CON-2", "TRG-4")
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_an_admin_connects_and_disconnects(quickbooks: Office, role: str) -> None:
    for path, body in (("/connect", {"redirect_uri": BACK}), ("/connect", {}), ("/disconnect", None)):
        answer = quickbooks.call("POST", path, body, role=role)
        assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert quickbooks.status() == ("connected", None)


@pytest.mark.requirement("CON-4")
def test_another_tenant_neither_asks_for_nor_completes_a_consent(office: Office) -> None:
    given = office.consent()
    for body in ({"redirect_uri": BACK}, given, {}):
        answer = office.call("POST", "/connect", body, tenant="other")
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert office.call("POST", "/connect", given).status == 200


@pytest.mark.requirement("CON-3", "SEC-1")
def test_no_token_code_or_secret_is_in_any_answer_item_or_log(office: Office, logs: StringIO) -> None:
    given = office.consent()
    answers = [
        office.call(
            "POST", "/connect", {**given, "code": "planted-wrong-code", "state": "planted-state"}
        ).text,
        office.call("POST", "/connect", given).text,
        office.call("GET").text,
        office.call("GET", "/documents").text,
        office.call("GET", "/diagnosis").text,
    ]
    tokens = office.tokens()
    office.faults(office.package, error_rate=1.0, errors=[500], seed=1)
    answers += [office.call("POST", "/connect").text, office.call("POST", "/disconnect").text]
    office.calm(office.package)
    answers.append(office.call("POST", "/disconnect").text)
    scanned = str(office.world.stored())
    everything = scanned + "".join(answers) + logs.getvalue()
    hidden = [tokens[name] for name in ("access_token", "refresh_token", "client_secret")]
    hidden += [given["code"], given["state"], KEY, "planted-wrong-code", "planted-state"]
    assert not [secret for secret in hidden if secret in everything]
