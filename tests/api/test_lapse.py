"""A connection that nobody uses ends after 20 minutes, and comes back without a new consent (IN-8)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.worlds.api import load
from tests.worlds.invoices import invoice
from tests.worlds.invoices_api import Office, connected, office, quickbooks, sandboxes

__all__ = ["connected", "office", "quickbooks", "sandboxes"]

ORDER = {"flow": "invoice_sync"}
SCHEDULE = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/London", "enabled": True}


def fire(office: Office) -> dict[str, Any]:
    """What EventBridge Scheduler does."""
    event = {"tenant": "demo", "connection_id": office.connection_id, "flow": "invoice_sync"}
    answer: dict[str, Any] = load("start_run", "start_run").handler(
        event, SimpleNamespace(aws_request_id="lambda-id")
    )
    return answer


@pytest.mark.requirement("IN-8")
def test_status_and_organisations_tell_the_package_by_name(connected: Office) -> None:
    assert connected.status() == ("connected", None)
    assert connected.label in connected.call("GET").json["organisations"]["autovu"]


@pytest.mark.requirement("IN-8")
def test_it_lapses_after_twenty_minutes_without_use(connected: Office) -> None:
    connected.clock.pass_by(minutes=19)
    assert connected.status() == ("connected", None)
    connected.clock.pass_by(minutes=2)
    seen = connected.call("GET").json
    assert (seen["status"], seen["reason"]["code"]) == ("not_connected", "LAPSED")
    assert "Hartley Heating" in seen["reason"]["message"]
    assert "20 minutes" in seen["reason"]["message"]
    assert "no new consent is needed" in seen["reason"]["remedy"]
    listed = connected.world.call("GET", "/connections").json["items"]
    assert [one["status"] for one in listed] == ["not_connected"]


CALLS = [
    ("a run", "POST", "/runs", ORDER),
    ("Auto Sync", "POST", "/runs", {**ORDER, "mode": "auto"}),
    ("the queue", "GET", "/documents", None),
    ("a link", "POST", "/accounts/a-11/link", {"account_id": "1"}),
    ("an account", "POST", "/accounts/a-11/create", None),
    ("the end of a link", "DELETE", "/accounts/a-11/link", None),
]


@pytest.mark.requirement("IN-8")
@pytest.mark.parametrize(
    ("method", "path", "body"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS]
)
def test_what_needs_a_connection_is_refused_with_the_cure(
    quickbooks: Office, method: str, path: str, body: Any
) -> None:
    quickbooks.clock.pass_by(minutes=21)
    quickbooks.forget_requests()
    answer = quickbooks.call(method, path, body)
    assert (answer.status, answer.code) == (409, "LAPSED")
    assert f"POST /connections/{quickbooks.connection_id}/connect" in answer.json["remedy"]
    assert quickbooks.requests(quickbooks.autovu) == []
    assert quickbooks.world.executions.started == []


@pytest.mark.requirement("IN-8")
def test_the_diagnosis_of_a_lapsed_connection_says_so_and_calls_nobody(quickbooks: Office) -> None:
    quickbooks.clock.pass_by(minutes=21)
    quickbooks.forget_requests()
    (check,) = quickbooks.call("GET", "/diagnosis").json["checks"]
    assert (check["passed"], "20 minutes" in check["seen"]) == (False, True)
    assert quickbooks.requests(quickbooks.autovu) == []


@pytest.mark.requirement("IN-8", "CON-2")
def test_connecting_again_needs_no_consent_and_starts_the_time_anew(connected: Office) -> None:
    connected.clock.pass_by(minutes=21)
    again = connected.call("POST", "/connect")
    assert (again.status, again.json["status"], again.json["reason"]) == (200, "connected", None)
    connected.clock.pass_by(minutes=19)
    assert connected.call("POST", "/runs", ORDER).status == 202


USES = [
    ("looking at the queue", "GET", "/documents", None),
    ("linking", "POST", "/accounts/a-11/link", {"account_id": "1"}),
    ("diagnosing", "GET", "/diagnosis", None),
    ("connecting", "POST", "/connect", None),
]


@pytest.mark.requirement("IN-8")
@pytest.mark.parametrize(("method", "path", "body"), [row[1:] for row in USES], ids=[row[0] for row in USES])
def test_use_keeps_it_alive(quickbooks: Office, method: str, path: str, body: Any) -> None:
    quickbooks.book(invoice("S2001"))
    for _ in range(3):
        quickbooks.clock.pass_by(minutes=15)
        assert quickbooks.call(method, path, body).status == 200
    assert quickbooks.status() == ("connected", None)


@pytest.mark.requirement("IN-8")
@pytest.mark.parametrize("path", ["", "/history?entity=account&key=a-11"])
def test_only_looking_at_the_connection_is_no_use(quickbooks: Office, path: str) -> None:
    quickbooks.clock.pass_by(minutes=15)
    assert quickbooks.call("GET", path).status == 200
    quickbooks.clock.pass_by(minutes=6)
    assert quickbooks.status() == ("not_connected", "LAPSED")


@pytest.mark.requirement("IN-8")
def test_disconnecting_ends_it_at_once(connected: Office) -> None:
    assert connected.call("POST", "/disconnect").json["status"] == "not_connected"
    answer = connected.call("POST", "/runs", ORDER)
    assert (answer.status, answer.code) == (409, "NOT_CONNECTED")


# Its flow is started as any other.


@pytest.mark.requirement("IN-2", "RUN-1")
def test_a_sync_and_a_session_of_auto_sync_are_one_flow_that_runs_once(quickbooks: Office) -> None:
    first = quickbooks.call("POST", "/runs", {**ORDER, "mode": "auto"}, role="operator")
    assert (first.status, first.json["mode"], first.json["status"]) == (202, "auto", "queued")
    second = quickbooks.call("POST", "/runs", ORDER)
    assert (second.status, second.json["run_id"], second.json["joined"]) == (200, first.json["run_id"], True)
    stopped = quickbooks.world.call("POST", f"/runs/{first.json['run_id']}/stop", role="operator")
    assert stopped.status == 202
    assert quickbooks.world.call("GET", "/runs?flow=invoice_sync").json["items"][0]["mode"] == "auto"


@pytest.mark.requirement("IN-2")
@pytest.mark.parametrize(
    ("order", "field", "words"),
    [
        ({"mode": "apply"}, "mode", "sync, preview, auto"),
        ({"options": {"limit": 10}}, "options.limit", "is not known"),
        ({"flow": "employee_export"}, "flow", "invoice_sync"),
    ],
)
def test_a_wrong_order_is_answered_with_what_is_allowed(
    quickbooks: Office, order: dict[str, Any], field: str, words: str
) -> None:
    answer = quickbooks.call("POST", "/runs", {**ORDER, **order})
    assert (answer.status, list(answer.fields)) == (422, [field])
    assert words in answer.fields[field]


@pytest.mark.requirement("TRG-1", "IN-2")
def test_a_schedule_starts_a_sync_while_it_is_connected(quickbooks: Office) -> None:
    set_up = quickbooks.call("PUT", "/schedules/invoice_sync", SCHEDULE)
    assert (set_up.status, set_up.json["flow"]) == (200, "invoice_sync")
    assert quickbooks.call("GET", "").json["standings"]["invoice_sync"]["next_run_at"]
    started = fire(quickbooks)
    assert (started["started"], started["joined"]) == (True, False)
    run = quickbooks.world.call("GET", f"/runs/{started['run_id']}").json
    assert (run["flow"], run["mode"], run["trigger"]) == ("invoice_sync", "sync", "schedule")
    assert fire(quickbooks) == {**started, "joined": True}


@pytest.mark.requirement("TRG-1", "IN-8")
def test_a_schedule_says_that_the_connection_lapses(quickbooks: Office) -> None:
    """(faults I6)"""
    weekly = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/London"}
    put = quickbooks.call("PUT", "/schedules/invoice_sync", weekly)
    read = quickbooks.call("GET", "/schedules/invoice_sync")
    for answer in (put, read):
        assert answer.status == 200
        assert "lapses 20 minutes after its last use" in answer.json["notice"]
    off = quickbooks.call("PUT", "/schedules/invoice_sync", {**weekly, "enabled": False})
    assert "notice" not in off.json


@pytest.mark.requirement("IN-8", "TRG-1")
def test_a_schedule_of_a_lapsed_connection_starts_nothing_and_says_why(quickbooks: Office) -> None:
    quickbooks.call("PUT", "/schedules/invoice_sync", SCHEDULE)
    quickbooks.clock.pass_by(minutes=21)
    assert fire(quickbooks) == {"started": False, "reason": "LAPSED"}
    quickbooks.call("POST", "/connect")
    assert fire(quickbooks)["started"] is True


@pytest.mark.requirement("TRG-1")
def test_a_schedule_of_another_flow_is_not_found(quickbooks: Office) -> None:
    answer = quickbooks.call("PUT", "/schedules/employee_export", SCHEDULE)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert "invoice_sync" in answer.json["detail"]
