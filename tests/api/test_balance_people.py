"""A person's own balances: where they come from, and their refresh in seconds; runs over a few (LB-12)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Run
from tests.worlds.api import Reply
from tests.worlds.leave_api import Acme, Row, acme, connected, employee, held, leave, leave_sandboxes, user

__all__ = ["acme", "connected", "leave_sandboxes"]

CODES = [f"E{number}" for number in range(1, 9)]
ORGANISATION = "/api/v1/organisations/org-17"
COMPANY = "/api/v1/companies/c-9"
# What a run over everybody reads, and one of a person does not.
LISTS = {
    f"GET {ORGANISATION}/employees",
    f"GET {ORGANISATION}/leavebalances",
    f"GET {COMPANY}/users",
}


@pytest.fixture
def synced(connected: Acme) -> Acme:
    """Eight employees, right on both sides."""
    connected.fill(*map(employee, CODES), leave=[leave(code) for code in CODES])
    connected.sync()
    connected.clock.pass_by(2)  # What was written in the second of a run's start is looked up again.
    connected.forget_requests()
    return connected


def owe(acme: Acme, code: str, amount: float) -> None:
    """Payroll owes another amount of annual leave from now on, in both of its views."""
    state = acme.state("attache")
    for row in state["leave"]:
        if (row["EmployeeCode"], row["IncomeCode"]) == (code, "AL"):
            row.update(EntitlementOwing=amount, ProRataOwing=0)
    for row in state["leavebalances"]:
        if row["EmployeeCode"] == code:
            row.update(ALEntitleHourAcc=amount, ALProRataHourAcc=0)
    acme.put("attache", state)


def asked(acme: Acme) -> list[str]:
    """The calls that both systems saw, without their queries."""
    seen = [one for name in ("attache", "express_leave") for one in acme.requests(name)]
    return [f"{one['method']} {one['path'].partition('?')[0]}" for one in seen]


def refresh(acme: Acme, code: str, **more: Any) -> Reply:
    return acme.call("POST", f"/people/{code}/refresh", {}, **{"role": "operator", **more})


def began(acme: Acme, answer: Reply) -> Run:
    """The run of an answer, taken from what waits to be started."""
    (run,) = [one for one in acme.started.runs if one.run_id == answer.json["run_id"]]
    acme.started.runs.remove(run)
    return run


def standing(acme: Acme) -> Row:
    found: Row = acme.call("GET").json["standings"]["balance_sync"]
    return found


# --- the balances ----------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-12", "LB-11")
def test_a_balance_names_its_source_row_and_what_is_shown(synced: Acme) -> None:
    answer = synced.call("GET", "/people/E1/balances", role="viewer")
    assert answer.status == 200
    assert answer.json["person_id"] == "E1"
    assert answer.json["checked_at"] > "2026-01-04"
    annual, sick = answer.json["items"]
    synced_at = annual["shown"].pop("synced_at")
    assert synced_at > "2026-01-04"
    assert annual == {
        "income_code": "AL",
        "description": "Annual Leave",
        "hours": "107.4512",
        "as_at": "2026-01-04",
        "source": {
            "system": "attache",
            "row": "AL",
            "unit": "hours",
            "entitlement_owing": "76.0",
            "pro_rata_owing": "31.4512",
            "pro_rata_counts": True,
            "hours_per_day": "7.6",
            "saved_at": "2026-01-05T03:12:00Z",
        },
        "shown": {"hours": "107.4512", "as_at": "2026-01-04"},
        "agrees": True,
        "visible": True,
        "problem": None,
    }
    assert (sick["income_code"], sick["hours"], sick["agrees"]) == ("SL", "38.00", True)
    for system in ("attache", "express_leave"):
        assert not [one for one in synced.requests(system) if one["writes"]]


VIEWS: list[tuple[str, Row, Row]] = [
    (
        "days",
        {"DisplayIn": "Days", "EntitlementOwing": 10, "ProRataOwing": 0.5},
        {"hours": "79.80", "agrees": False},
    ),
    ("days of no length", {"DisplayIn": "Days", "HoursPerDay": 0}, {"hours": None, "agrees": False}),
    ("no pro-rata", {"ProRataApplicable": False}, {"hours": "76.00", "agrees": False}),
    (
        "another day",
        {"LeaveAccruedUpToAndIncluding": "2026-01-18"},
        {"as_at": "2026-01-18", "hours": "107.4512", "agrees": False},
    ),
    ("nothing else", {}, {"agrees": True, "hours": "107.4512"}),
]


@pytest.mark.requirement("LB-12", "LB-11")
@pytest.mark.parametrize(("row", "expected"), [view[1:] for view in VIEWS], ids=[view[0] for view in VIEWS])
def test_a_balance_is_told_in_hours_beside_its_row_in_its_own_unit(
    synced: Acme, row: Row, expected: Row
) -> None:
    synced.edit("attache", "leave", {"EmployeeCode": "E1", "IncomeCode": "AL"}, **row)
    annual = synced.call("GET", "/people/E1/balances").json["items"][0]
    assert {name: annual[name] for name in expected} == expected
    assert annual["source"]["unit"] == row.get("DisplayIn", "Hours").lower()
    assert float(annual["source"]["entitlement_owing"]) == row.get("EntitlementOwing", 76)


@pytest.mark.requirement("LB-12", "LB-6", "LB-7")
def test_what_only_one_side_has_and_what_is_hidden_is_told(connected: Acme) -> None:
    types = [
        {"IncomeCode": "AL", "Description": "Annual Leave"},
        {"IncomeCode": "SL", "Description": "Sick Leave", "VisibleTo": "HR Manager"},
    ]
    connected.fill(
        employee("E1"),
        employee("E2"),
        leave=[leave("E1", al=None), leave("E2")],
        users=[user("u-1", "E1")],
        leavetypes=types,
        balances=[held("E1", "AL", "12.00")],
    )
    annual, sick = connected.call("GET", "/people/E1/balances").json["items"]
    assert (annual["hours"], annual["source"], annual["shown"]["hours"]) == (None, None, "12.00")
    assert (sick["hours"], sick["shown"], sick["visible"], sick["agrees"]) == ("38.00", None, False, False)
    # Somebody without a user sees nothing.
    assert [one["visible"] for one in connected.call("GET", "/people/E2/balances").json["items"]] == [
        False,
        False,
    ]


@pytest.mark.requirement("LB-12", "TRG-4")
@pytest.mark.parametrize("person", ["E99", "n1", "N1", "E%31", "x" * 101, "%20", "e99@acme.example"])
def test_somebody_whom_payroll_does_not_have_has_no_balances(synced: Acme, person: str) -> None:
    state = synced.state("attache")
    state["employees"].append(employee("N1", OrganisationId="org-18"))
    synced.put("attache", state)
    answer = synced.call("GET", f"/people/{person}/balances")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.requirement("LB-12", "TRG-4")
@pytest.mark.parametrize(("method", "path"), [("GET", "balances"), ("POST", "refresh")])
def test_another_tenant_has_no_such_person(synced: Acme, method: str, path: str) -> None:
    body: Row | None = {} if method == "POST" else None
    answer = synced.call(method, f"/people/E1/{path}", body, tenant="other")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert synced.started.runs == []


@pytest.mark.requirement("LB-12", "LB-9")
def test_nothing_is_shown_or_refreshed_over_a_connection_that_is_not_connected(acme: Acme) -> None:
    for answer in (acme.call("GET", "/people/E1/balances"), refresh(acme, "E1")):
        assert (answer.status, answer.code) == (409, "NOT_CONNECTED")


# --- the refresh -----------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-12", "RUN-8")
def test_a_refresh_reads_and_writes_one_person_alone(synced: Acme) -> None:
    before = standing(synced)
    owe(synced, "E1", 5.25)
    owe(synced, "E2", 5.25)
    answer = refresh(synced, "E1")
    assert answer.status == 202
    assert answer.headers["Location"] == f"/runs/{answer.json['run_id']}"
    synced.settle()
    run = synced.run(answer.json["run_id"])
    assert (run["status"], run["counts"]["updated"], run["counts"]["unchanged"]) == ("succeeded", 1, 1)
    assert run["progress"]["total"] == 2
    assert synced.balance("E1") == ("5.25", "2026-01-04")
    assert synced.balance("E2") == ("107.4512", "2026-01-04")
    seen = asked(synced)
    assert not LISTS & set(seen)
    assert f"GET {ORGANISATION}/employees/E1/leave" in seen
    assert not [path for path in seen if "E2" in path]
    assert len(seen) <= 12
    # What everybody's standing says is not of this.
    assert standing(synced) == before
    synced.forget_requests()
    again = refresh(synced, "E1")
    synced.settle()
    assert synced.run(again.json["run_id"])["counts"]["unchanged"] == 2
    assert synced.writes() == []


@pytest.mark.requirement("LB-12", "TRG-4")
@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 202), ("admin", 202)])
def test_a_refresh_needs_a_role_that_may_write(synced: Acme, role: str, status: int) -> None:
    assert refresh(synced, "E1", role=role).status == status
    assert len(synced.started.runs) == (status == 202)


@pytest.mark.requirement("LB-12", "TRG-4")
def test_a_refresh_takes_no_fields(synced: Acme) -> None:
    answer = synced.call("POST", "/people/E1/refresh", {"amount": "1"})
    assert (answer.status, synced.started.runs) == (422, [])


@pytest.mark.requirement("LB-12", "RUN-1")
def test_a_refresh_joins_a_run_over_everybody(synced: Acme) -> None:
    for by_hand in (False, True):
        owe(synced, "E1", 5.25)
        order = {"flow": "balance_sync"}
        whole = synced.call("POST", "/runs", order) if by_hand else synced.login()
        assert whole.status == 202
        joined = refresh(synced, "E1")
        assert (joined.status, joined.json["joined"]) == (200, True)
        assert joined.json["run_id"] == whole.json["run_id"]
        synced.settle()
        assert synced.balance("E1") == ("5.25", "2026-01-04")
        owe(synced, "E1", 6)
        synced.sync()


@pytest.mark.requirement("LB-12", "RUN-1")
@pytest.mark.parametrize("body", [{"mode": "preview"}, {"options": {"employees": ["E2"]}}])
def test_a_refresh_does_not_join_a_run_that_does_not_write_this_person(synced: Acme, body: Row) -> None:
    owe(synced, "E1", 5.25)
    other = synced.call("POST", "/runs", {"flow": "balance_sync", **body})
    assert other.status == 202
    own = refresh(synced, "E1")
    assert (own.status, own.json["run_id"] != other.json["run_id"]) == (202, True)
    synced.settle()
    assert synced.balance("E1") == ("5.25", "2026-01-04")


@pytest.mark.requirement("LB-12", "RUN-1")
def test_two_people_refresh_beside_each_other_and_one_twice_joins(synced: Acme) -> None:
    owe(synced, "E1", 5.25)
    owe(synced, "E2", 6.25)
    first, second, again = refresh(synced, "E1"), refresh(synced, "E2"), refresh(synced, "E1")
    assert [answer.status for answer in (first, second, again)] == [202, 202, 200]
    assert again.json["run_id"] == first.json["run_id"] != second.json["run_id"]
    # The second ends while the first is still in progress.
    assert [run.status for run in (synced.end(began(synced, second)), synced.end(began(synced, first)))] == [
        "succeeded",
        "succeeded",
    ]
    assert (synced.balance("E1"), synced.balance("E2")) == (("5.25", "2026-01-04"), ("6.25", "2026-01-04"))


@pytest.mark.requirement("LB-12", "LB-2", "RUN-5")
def test_a_login_during_a_refresh_starts_its_own_full_run(synced: Acme) -> None:
    owe(synced, "E1", 5.25)
    owe(synced, "E2", 6.25)
    own = refresh(synced, "E1")
    whole = synced.login()
    assert (whole.status, whole.json["run_id"] != own.json["run_id"]) == (202, True)
    synced.end(began(synced, whole))
    synced.end(began(synced, own))
    runs = [synced.run(answer.json["run_id"]) for answer in (whole, own)]
    assert [run["status"] for run in runs] == ["succeeded", "succeeded"]
    assert [run["counts"]["updated"] for run in runs] == [2, 0]
    assert (synced.balance("E1"), synced.balance("E2")) == (("5.25", "2026-01-04"), ("6.25", "2026-01-04"))
    assert standing(synced)["last_run_id"] == runs[0]["run_id"]


ALONE: list[tuple[str, Row, str, str, str]] = [
    ("no such employee", {}, "E99", "blocked", "EMPLOYEE_NOT_IN_PAYROLL"),
    ("no user", {"users": []}, "E1", "blocked", "USER_MISSING"),
    ("no user, and no leave", {"users": [], "leave": []}, "E1", "blocked", "USER_MISSING"),
    ("made by hand", {"users": [user("u-1", "E1", payroll=False)]}, "E1", "skipped", "NOT_PAYROLL_USER"),
]


@pytest.mark.requirement("LB-12", "LB-3")
@pytest.mark.parametrize(
    ("given", "code", "outcome", "why"), [row[1:] for row in ALONE], ids=[row[0] for row in ALONE]
)
def test_a_refresh_that_can_not_be_says_why(
    connected: Acme, given: Row, code: str, outcome: str, why: str
) -> None:
    connected.fill(employee("E1"), **{"leave": [leave("E1")], **given})
    answer = refresh(connected, code)
    connected.settle()
    run = connected.run(answer.json["run_id"])
    assert connected.reasons(run) == {f"employee:{code}": (outcome, why)}
    assert connected.writes() == []


# --- runs over a few -------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-12", "RUN-8")
@pytest.mark.parametrize(
    ("codes", "alone"), [(["E2", "E1", "E2"], True), (CODES[:5], True), (CODES[:6], False)]
)
def test_few_are_read_alone_and_more_from_the_lists(synced: Acme, codes: list[str], alone: bool) -> None:
    for code in CODES:
        owe(synced, code, 5.25)
    run = synced.order(employees=codes)
    assert run["counts"]["updated"] == len(set(codes))
    seen = set(asked(synced))
    assert LISTS & seen == (set() if alone else LISTS)
    assert (f"GET {ORGANISATION}/employees/E1/leave" in seen) is alone
    changed = [code for code in CODES if synced.balance(code) == ("5.25", "2026-01-04")]
    assert changed == sorted(set(codes))


@pytest.mark.requirement("LB-12", "RUN-4")
@pytest.mark.parametrize("others", [["E1"], CODES])
def test_an_unknown_code_is_told_and_stops_no_other(synced: Acme, others: list[str]) -> None:
    owe(synced, "E1", 5.25)
    run = synced.order(employees=["E99", *others])
    assert run["status"] == "partial"
    assert synced.reasons(run) == {"employee:E99": ("blocked", "EMPLOYEE_NOT_IN_PAYROLL")}
    assert "Correct the code" in synced.records(run)["employee:E99"]["reason"]["remedy"]
    assert synced.balance("E1") == ("5.25", "2026-01-04")
