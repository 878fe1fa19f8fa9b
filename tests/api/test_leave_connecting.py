"""Connect to Organisation: consent, choice of the organisation, and the sync that follows (CON-2, LB-9)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.worlds.api import Reply
from tests.worlds.leave_api import (
    CREDENTIALS,
    Acme,
    acme,
    company,
    connected,
    employee,
    leave,
    leave_sandboxes,
)
from tests.worlds.logins import HOW_TO_CONNECT, runs

__all__ = ["acme", "connected", "leave_sandboxes"]

OTHER = "org-18"


def tokens(acme: Acme) -> dict[str, Any]:
    """What is kept of Attaché."""
    return acme.world.kept(acme.connection_id, "attache")


def linked(acme: Acme) -> str | None:
    """The organisation that Express Leave is connected to."""
    (found,) = acme.state("express_leave")["company"]
    return found["Connection"].get("OrganisationId") if found["Connection"]["Connected"] else None


def status(acme: Acme) -> tuple[str, str | None]:
    seen = acme.call("GET").json
    return seen["status"], seen["reason"] and seen["reason"]["code"]


def refresh_tokens(acme: Acme) -> list[str]:
    """Those that Attaché still takes."""
    return [row["refresh_token"] for row in acme.state("attache")["tokens"]]


def revoked_at_attache(acme: Acme) -> None:
    """Somebody withdraws the consent there."""
    client = (CREDENTIALS["attache"]["client_id"], CREDENTIALS["attache"]["client_secret"])
    token = {"token": tokens(acme)["refresh_token"]}
    sent = requests.post(f"{acme.urls['attache']}/oauth/revoke", data=token, auth=client, timeout=10)
    assert sent.status_code == 200


def started(acme: Acme, organisation: str | None = None) -> Reply:
    """Connect, and leave the run that this starts in progress."""
    return acme.call("POST", "/connect", acme.consent(organisation))


# Connecting.


@pytest.mark.requirement("CON-2", "LB-9")
def test_connecting_tells_express_leave_its_organisation_and_starts_a_full_sync(acme: Acme) -> None:
    acme.fill(employee("E1"), leave=[leave("E1")])
    answer = started(acme)
    assert (answer.status, answer.json["status"], answer.json["reason"]) == (200, "connected", None)
    assert answer.json["organisations"] == {"attache": "Acme Pty Ltd", "express_leave": "Acme"}
    link = acme.state("express_leave")["company"][0]["Connection"]
    assert (link["OrganisationId"], link["OrganisationName"]) == ("org-17", "Acme Pty Ltd")
    acme.settle()
    run = acme.run(answer.json["run_id"])
    assert (run["trigger"], run["mode"], run["options"], run["status"]) == (
        "connect",
        "sync",
        {},
        "succeeded",
    )
    assert acme.balance("E1") == ("107.4512", "2026-01-04")
    (sync,) = acme.syncs()
    assert (sync["Trigger"], sync["Status"], sync["Employees"]) == ("Connect", "Completed", 1)


@pytest.mark.requirement("CON-2", "LB-9")
def test_the_organisation_is_the_one_that_was_chosen_on_the_page_of_the_consent(acme: Acme) -> None:
    answer = acme.connect(OTHER)
    assert answer.json["organisations"]["attache"] == "Acme New Zealand Ltd"
    assert (linked(acme), tokens(acme)["company_id"]) == (OTHER, OTHER)


@pytest.mark.requirement("CON-2", "LB-9")
def test_connecting_again_starts_another_full_sync_with_a_new_consent_or_the_old_one(connected: Acme) -> None:
    first = connected.connect()
    second = connected.call("POST", "/connect")
    assert second.status == 200, second.text
    (ended,) = connected.settle()
    assert (ended.run_id, ended.trigger.value) == (second.json["run_id"], "connect")
    assert first.json["run_id"] != second.json["run_id"]
    assert status(connected) == ("connected", None)


@pytest.mark.requirement("CON-2", "RUN-1")
def test_connecting_while_a_sync_is_in_progress_joins_it(connected: Acme) -> None:
    login = connected.login()
    answer = started(connected)
    assert (answer.status, answer.json["run_id"]) == (200, login.json["run_id"])
    assert len(connected.settle()) == 1


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_an_admin_connects_and_disconnects(connected: Acme, role: str) -> None:
    for path, body in (("/connect", {}), ("/disconnect", None)):
        assert connected.call("POST", path, body, role=role).status == 403
    assert connected.started.runs == []
    assert status(connected) == ("connected", None)


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize("system", ["attache", "express_leave"])
def test_a_system_that_does_not_answer_connects_nothing_and_starts_nothing(acme: Acme, system: str) -> None:
    given = acme.consent()
    acme.faults(system, error_rate=1.0, errors=[503], seed=1)
    answer = acme.call("POST", "/connect", given)
    assert (answer.status, answer.code, answer.json["system"]) == (503, "SYSTEM_UNREACHABLE", system)
    acme.calm(system)
    assert (status(acme), linked(acme), acme.started.runs) == (("not_connected", None), None, [])
    assert acme.connect().json["status"] == "connected"


# Another organisation.


@pytest.mark.requirement("CON-2", "LB-9")
def test_another_organisation_is_not_taken_while_connected(connected: Acme) -> None:
    before = tokens(connected)
    answer = started(connected, OTHER)
    assert (answer.status, answer.code) == (409, "ORGANISATION_MISMATCH")
    assert OTHER in answer.json["detail"]
    assert "org-17" in answer.json["detail"]
    assert "Disconnect" in answer.json["remedy"]
    assert refresh_tokens(connected) == [before["refresh_token"]], "the new ones were given back"
    assert tokens(connected) == before
    assert (status(connected), linked(connected)) == (("connected", None), "org-17")
    assert connected.sync()["status"] == "succeeded"


@pytest.mark.requirement("CON-2", "LB-9")
def test_disconnecting_and_connecting_takes_the_other_organisation(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    connected.sync()
    assert connected.call("POST", "/disconnect").status == 200
    refused = connected.call("POST", "/connect", connected.consent(OTHER))
    assert (refused.status, refused.code) == (409, "OTHER_ORGANISATION")
    for name in ("Acme Pty Ltd", "Acme New Zealand Ltd"):
        assert name in refused.json["detail"]
    assert (linked(connected), status(connected)) == (None, ("not_connected", None)), "nothing was joined"
    answer = connected.call("POST", "/connect", {"confirm_organisation": True})
    connected.settle()
    assert answer.json["organisations"]["attache"] == "Acme New Zealand Ltd"
    assert (linked(connected), status(connected)) == (OTHER, ("connected", None))
    assert connected.user("E1")["PayrollUser"] == "Yes", "users stay"
    assert connected.balance("E1") == ("107.4512", "2026-01-04"), "and so do their balances"


@pytest.mark.requirement("CON-2", "LB-9")
def test_express_leave_that_is_connected_to_another_organisation_is_left_so(acme: Acme) -> None:
    link = {"Connected": True, "OrganisationId": OTHER, "OrganisationName": "Acme New Zealand Ltd"}
    acme.fill(company=[{**company(), "Connection": link}])
    answer = started(acme)
    assert (answer.status, answer.code) == (409, "ORGANISATION_MISMATCH")
    assert "Acme New Zealand Ltd (org-18)" in answer.json["detail"]
    assert "Company Details" in answer.json["remedy"]
    assert (linked(acme), acme.started.runs) == (OTHER, [])
    assert status(acme) == ("attention", "ORGANISATION_MISMATCH")
    acme.fill(company=[company()])
    again = acme.call("POST", "/connect")
    assert (again.status, linked(acme)) == (200, "org-17"), "the consent is still good"


# Not connected, seen from Express Leave.


@pytest.mark.requirement("LB-9")
def test_a_sync_of_a_company_that_was_disconnected_there_ends_at_once_and_says_where_to_connect(
    connected: Acme,
) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company()])
    connected.forget_requests()
    run = connected.sync()
    assert (run["status"], run["error"]["code"]) == ("failed", "NOT_CONNECTED")
    assert HOW_TO_CONNECT in run["error"]["remedy"]
    assert connected.syncs()[-1]["Status"] == "NotConnected"
    assert status(connected) == ("attention", "NOT_CONNECTED"), "what Express Leave says is our status too"
    assert connected.writes() == []
    assert connected.state("express_leave")["users"] == []
    assert connected.connect().json["status"] == "connected"
    assert connected.sync()["status"] == "succeeded"
    assert connected.balance("E1") == ("107.4512", "2026-01-04")


@pytest.mark.requirement("LB-9")
def test_a_company_that_was_connected_to_another_organisation_meanwhile_syncs_nothing(
    connected: Acme,
) -> None:
    link = {"Connected": True, "OrganisationId": OTHER, "OrganisationName": "Acme New Zealand Ltd"}
    connected.fill(employee("E1"), leave=[leave("E1")], company=[{**company(), "Connection": link}])
    run = connected.sync()
    assert (run["status"], run["error"]["code"]) == ("failed", "ORGANISATION_MISMATCH")
    assert connected.state("express_leave")["users"] == []
    assert status(connected) == ("attention", "ORGANISATION_MISMATCH")


@pytest.mark.requirement("CON-2", "LB-10")
@pytest.mark.parametrize(
    ("link", "code"),
    [
        ({"Connected": False, "OrganisationId": None, "OrganisationName": None}, "NOT_CONNECTED"),
        (
            {"Connected": True, "OrganisationId": OTHER, "OrganisationName": "Acme New Zealand Ltd"},
            "ORGANISATION_MISMATCH",
        ),
    ],
)
def test_what_express_leave_says_to_a_diagnosis_is_the_status_of_the_connection(
    connected: Acme, link: dict[str, object], code: str
) -> None:
    """(faults H9): it said `connected`, and no reason, for ever."""
    connected.fill(company=[{**company(), "Connection": link}])
    checks = connected.call("GET", "/diagnosis").json["checks"]
    assert [check["code"] for check in checks if check["passed"] is False] == [code]
    assert status(connected) == ("attention", code)
    own = {"Connected": True, "OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"}
    connected.fill(company=[{**company(), "Connection": own}])
    connected.call("GET", "/diagnosis")
    assert status(connected) == ("connected", None), "mended there, it is mended here"


@pytest.mark.requirement("CON-2")
def test_the_next_sync_finds_that_it_was_mended_in_express_leave(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company()])
    assert connected.sync()["status"] == "failed"
    assert status(connected) == ("attention", "NOT_CONNECTED")
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    assert connected.sync()["status"] == "succeeded"
    assert status(connected) == ("connected", None)


@pytest.mark.requirement("LB-9", "CON-2")
@pytest.mark.parametrize(
    ("organisation", "code"), [(None, "NOT_CONNECTED"), (OTHER, "ORGANISATION_MISMATCH")]
)
def test_what_express_leave_says_of_the_connection_is_its_status_until_it_says_otherwise(
    connected: Acme, organisation: str | None, code: str
) -> None:
    """Each login asks again: who mends it there has nothing to do here (faults H9)."""
    link = {"Connected": True, "OrganisationId": organisation, "OrganisationName": "Another Ltd"}
    row = {**company(), "Connection": link} if organisation else company()
    connected.fill(employee("E1"), leave=[leave("E1")], company=[row])
    assert connected.sync()["error"]["code"] == code
    assert status(connected) == ("attention", code)
    names = [check["name"] for check in connected.checks("E1")]
    assert names[-1] == "Express Leave is connected to the organisation", "the diagnosis still looks"
    connected.put("express_leave", {"company": [company(connected=True)]})
    assert connected.sync()["status"] == "succeeded"
    assert status(connected) == ("connected", None)


@pytest.mark.requirement("LB-9", "CON-2")
def test_disconnecting_and_connecting_again_ends_a_link_to_another_organisation(acme: Acme) -> None:
    """As the remedy says; before, it was refused for ever (faults H9)."""
    link = {"Connected": True, "OrganisationId": OTHER, "OrganisationName": "Acme New Zealand Ltd"}
    acme.fill(company=[{**company(), "Connection": link}])
    assert started(acme).code == "ORGANISATION_MISMATCH"
    assert acme.call("POST", "/disconnect").status == 200
    assert (linked(acme), status(acme)) == (None, ("not_connected", None))
    assert acme.connect().json["status"] == "connected"
    assert linked(acme) == "org-17"


# A consent that ends.


def attention_words(acme: Acme, reason: dict[str, str]) -> None:
    """A payroll admin can go by them: which system, and where to go and what to choose there."""
    assert reason["code"] == "CREDENTIALS_REFUSED"
    assert "Attaché" in reason["message"]
    for word in ("Express Leave", "Company Details", "Disconnect", "Connect to Organisation"):
        assert word in reason["remedy"]
    assert "token" not in reason["remedy"]
    assert acme.connection_id not in reason["message"]


@pytest.mark.requirement("CON-2", "CON-3", "LB-9")
def test_a_consent_that_was_withdrawn_fails_the_run_and_asks_for_attention(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    before = len(runs(connected))
    revoked_at_attache(connected)
    connected.clock.pass_by(1801)
    run = connected.sync()
    assert run["status"] == "failed"
    attention_words(connected, run["error"])
    assert connected.syncs()[-1]["Status"] == "Failed"
    assert status(connected) == ("attention", "CREDENTIALS_REFUSED")
    attention_words(connected, connected.call("GET").json["reason"])
    connected.forget_requests()
    login = connected.login()
    assert (login.status, login.code) == (409, "CREDENTIALS_REFUSED")
    attention_words(connected, {**login.json, "message": login.json["detail"]})
    assert len(runs(connected)) == before + 1
    assert connected.requests("attache") == []
    answer = connected.connect()
    assert (answer.json["status"], answer.json["reason"]) == ("connected", None)
    assert connected.run(answer.json["run_id"])["trigger"] == "connect"
    assert connected.balance("E1") == ("107.4512", "2026-01-04")
    assert connected.sync()["status"] == "succeeded"


@pytest.mark.requirement("CON-2", "CON-3")
def test_an_access_token_that_ends_between_two_steps_is_renewed_and_nothing_is_lost(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    before = tokens(connected)
    connected.clock.pass_by(1801)
    assert connected.sync()["status"] == "succeeded"
    after = tokens(connected)
    assert after["refresh_token"] != before["refresh_token"]
    assert refresh_tokens(connected) == [after["refresh_token"]]
    assert after["company_id"] == "org-17"


@pytest.mark.requirement("CON-3", "SEC-1")
def test_no_token_or_secret_is_in_any_answer_or_item(acme: Acme) -> None:
    given = acme.consent()
    answers = [acme.call("POST", "/connect", given).text, acme.call("GET").text]
    kept = tokens(acme)
    acme.settle()
    answers += [acme.call("GET", "/diagnosis").text, started(acme, OTHER).text]
    answers.append(acme.call("POST", "/disconnect").text)
    everything = str(acme.world.stored())
    hidden = [kept[name] for name in ("access_token", "refresh_token", "client_secret")]
    hidden += [given["code"], given["state"], CREDENTIALS["express_leave"]["api_key"]]
    assert not [secret for secret in hidden if secret in everything + "".join(answers)]
