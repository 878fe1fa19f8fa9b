"""Every answer of the calls that only connections of leave balances have is described by OpenAPI (TRG-4).

`World.call` and `Acme.hook` hold each answer against the document; here each kind of answer comes up once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.worlds.api import Reply
from tests.worlds.leave_api import (
    CREDENTIALS,
    FLOW,
    Acme,
    acme,
    company,
    connected,
    employee,
    leave,
    leave_sandboxes,
    user,
)

__all__ = ["acme", "connected", "leave_sandboxes"]

UNKNOWN = "con_01JD9Z0000000000000000000A"


def their_login(acme: Acme, user_type: str, event_id: str = "ev-1") -> Reply:
    """A login in Express Leave's own form."""
    fields = {
        "EventId": event_id,
        "Event": "user.loggedIn",
        "CompanyId": "c-9",
        "UserId": "u-1",
        "UserType": user_type,
        "OccurredAt": "2026-01-06T22:01:09Z",
    }
    body = json.dumps(fields).encode()
    moment = str(int(acme.clock().timestamp()))
    digest = hmac.new(acme.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-ExpressLeave-Timestamp": moment, "X-ExpressLeave-Signature": f"sha256={digest}"}
    return acme.hook(body, headers)


@pytest.mark.requirement("TRG-4")
def test_connecting_answers_with_the_sync_that_it_starts(acme: Acme) -> None:
    refused = acme.call("POST", "/connect", {**acme.consent(), "realm_id": "org-17"})
    assert (refused.status, list(refused.fields)) == (422, ["realm_id"])
    answer = acme.connect()
    assert acme.run(answer.json["run_id"])["trigger"] == "connect"
    other = acme.call("POST", "/connect", acme.consent("org-18"))
    assert (other.status, other.code) == (409, "ORGANISATION_MISMATCH")


@pytest.mark.requirement("TRG-4")
def test_another_organisation_in_express_leave_is_a_conflict(acme: Acme) -> None:
    link = {"Connected": True, "OrganisationId": "org-18", "OrganisationName": "Acme New Zealand Ltd"}
    acme.put("express_leave", {"company": [{**company(), "Connection": link}], "users": []})
    answer = acme.call("POST", "/connect", acme.consent())
    assert (answer.status, answer.code) == (409, "ORGANISATION_MISMATCH")


@pytest.mark.requirement("TRG-4")
def test_an_organisation_that_is_not_shown_any_more_is_a_conflict(connected: Acme) -> None:
    connected.put("attache", {"organisations": [], "employees": [], "leavebalances": []})
    answer = connected.call("POST", "/connect", {})
    assert (answer.status, answer.code) == (409, "ORGANISATION_NOT_REACHED")
    assert answer.json["remedy"].startswith("Disconnect and connect again, and choose the organisation")
    assert connected.call("POST", "/disconnect").status == 200
    connected.fill(company=[company()])
    assert connected.connect().json["status"] == "connected"


@pytest.mark.requirement("TRG-4")
def test_logins_in_the_standard_form(connected: Acme) -> None:
    started = connected.login(message_id="msg_1")
    joined = connected.login(message_id="msg_2")
    assert (started.status, joined.status, joined.json["joined"]) == (202, 200, True)
    assert joined.headers["Location"] == started.headers["Location"]
    nothing = connected.login("Employee (Approver)")
    assert (nothing.status, nothing.json["started"]) == (200, False)
    assert nothing.json["reason"]["code"] == "ROLE_STARTS_NOTHING"
    connected.settle()
    again = connected.login(message_id="msg_1")
    assert (again.status, again.json["run_id"]) == (200, started.json["run_id"])


@pytest.mark.requirement("TRG-4")
def test_logins_in_express_leaves_own_form(connected: Acme) -> None:
    assert their_login(connected, "HR Manager").status == 202
    assert their_login(connected, "HR Manager", "ev-2").status == 200
    assert their_login(connected, "Employee (Approver)", "ev-3").status == 204


@pytest.mark.requirement("TRG-4")
def test_messages_that_are_refused(acme: Acme) -> None:
    other_key = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    answers = [
        acme.login(occurred_at="yesterday"),
        acme.login(secret=other_key),
        acme.hook(b"{}", {}),
        acme.hook(b"{}", {}, UNKNOWN),
        acme.login(),
        acme.login(more="x" * 64 * 1024),
    ]
    assert [(answer.status, answer.code) for answer in answers] == [
        (400, "BAD_REQUEST"),
        (401, "SIGNATURE_REFUSED"),
        (401, "SIGNATURE_REFUSED"),
        (401, "SIGNATURE_REFUSED"),
        (409, "NOT_CONNECTED"),
        (413, "BODY_TOO_LARGE"),
    ]


@pytest.mark.requirement("TRG-4")
def test_a_mistake_of_ours_is_told_to_the_sender(connected: Acme) -> None:
    connected.started.broken = RuntimeError("no state machine")
    answer = connected.login()
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")


@pytest.mark.requirement("TRG-4")
def test_a_hook_secret_is_made_and_changed(acme: Acme) -> None:
    changed = acme.call("POST", "/hook-secret")
    assert (changed.status, changed.json["url"]) == (201, f"/hooks/login/{acme.connection_id}")
    assert changed.json["former_valid_until"] is not None
    assert acme.call("POST", "/hook-secret", {"secret": "mine"}).status == 422
    other = acme.world.create()
    answer = acme.world.call("POST", f"/connections/{other}/hook-secret", {})
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.requirement("TRG-4")
def test_balances_and_refresh_of_a_person(acme: Acme) -> None:
    early = acme.call("GET", "/people/E0042/balances", role="viewer")
    assert (early.status, early.code) == (409, "NOT_CONNECTED")
    acme.fill(employee("E0042"), leave=[leave("E0042", sl=None)], users=[user("u-42", "E0042")])
    acme.connect()
    acme.overtype("E0042", 80, "counted again")
    found = acme.call("GET", "/people/E0042/balances", role="viewer").json
    assert [(row["income_code"], row["agrees"]) for row in found["items"]] == [("AL", False)]
    assert acme.call("GET", "/people/E9999/balances", role="viewer").status == 404

    refreshed = acme.call("POST", "/people/E0042/refresh", role="operator")
    joined = acme.call("POST", "/people/E0042/refresh", {}, role="operator")
    assert (refreshed.status, joined.status, joined.json["joined"]) == (202, 200, True)
    acme.settle()
    items = acme.call("GET", "/people/E0042/balances").json["items"]
    assert [row["agrees"] for row in items] == [True]
    acme.faults("attache", error_rate=1.0, errors=[500], seed=1)
    assert acme.call("GET", "/people/E0042/balances").status == 503


@pytest.mark.requirement("TRG-4")
def test_a_diagnosis_of_everybody_names_causes_and_people(connected: Acme) -> None:
    people = [employee("E0001"), employee("E0002", EnableAttacheOnline=False)]
    connected.fill(*people, company=[company(connected=True)])
    causes: dict[Any, Any] = {check["code"]: check["keys"] for check in connected.checks()}
    assert causes == {None: [], "NOT_ENABLED_ONLINE": ["E0002"], "NOT_SYNCED_YET": ["E0001"]}


@pytest.mark.requirement("CON-2", "TRG-4")
def test_express_leave_is_disconnected_even_if_the_consent_was_withdrawn_meanwhile(connected: Acme) -> None:
    kept = connected.world.kept(connected.connection_id, "attache")
    withdrawn = {"access_token": "old", "refresh_token": "withdrawn", "expires_at": "0"}
    connected.world.keep(connected.connection_id, "attache", company_id=kept["company_id"], **withdrawn)
    assert connected.call("POST", "/disconnect").json["status"] == "not_connected"
    (row,) = connected.state("express_leave")["company"]
    assert not row["Connection"]["Connected"]
    connected.connect("org-18", confirm_organisation=True)


@pytest.mark.requirement("CON-2", "TRG-4")
def test_disconnecting_what_express_leave_could_not_be_told_is_tried_again(connected: Acme) -> None:
    connected.faults("express_leave", error_rate=1.0, errors=[503], seed=1)
    answer = connected.call("POST", "/disconnect")
    assert (answer.status, answer.code, answer.json["system"]) == (503, "SYSTEM_UNREACHABLE", "express_leave")
    assert connected.call("GET").json["status"] == "not_connected"
    connected.calm("express_leave")
    assert connected.call("POST", "/disconnect").status == 200
    (row,) = connected.state("express_leave")["company"]
    assert not row["Connection"]["Connected"]


@pytest.mark.requirement("CON-2")
def test_deleting_a_connection_that_nobody_connected_leaves_express_leave_alone(connected: Acme) -> None:
    urls = {name: {"base_url": connected.urls[name]} for name in CREDENTIALS}
    kind = "attache_express_leave"
    second = connected.world.create(name="Second", kind=kind, settings=urls, credentials=CREDENTIALS)
    assert connected.world.call("DELETE", f"/connections/{second}").status == 204
    (row,) = connected.state("express_leave")["company"]
    assert row["Connection"]["Connected"]
    assert connected.order()["flow"] == FLOW
