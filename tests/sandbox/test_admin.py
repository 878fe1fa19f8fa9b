"""The admin interface that all sandboxes share, and the states that they refuse."""

from typing import Any

import pytest

from tests.sandbox.rules import check_refused

ROW_ID = "1" * 24
ADD = "mutation ($in: [AddEmployeesInput!]!) { addEmployees(inputs: $in) { edges { clientId } } }"


@pytest.mark.parametrize(
    ("state", "row", "field", "said"),
    [
        ({"employees": [{"code": ""}]}, 0, "code", "is required"),
        ({"employees": [{"code": 1}]}, 0, "code", "String"),
        ({"employees": [{"code": "1", "dbId": "x"}]}, 0, "dbId", "Int64String"),
        ({"employees": [{"code": "1"}, {"code": "1"}]}, 1, "code", "1 is used twice"),
        ({"employees": [{"code": "1", "dbId": 7}, {"code": "2", "dbId": "7"}]}, 1, "dbId", "7 is used twice"),
        ({"employees": [{"code": "1", "employmentFrom": "1.1.2026"}]}, 0, "employmentFrom", "is no date"),
        ({"employees": [{"code": "1", "employeeGroup": "FAST"}]}, 0, "employeeGroup", "must be an object"),
        ({"employees": [{"code": "1", "employeeGroup": {"code": "X"}}]}, 0, "employeeGroup", 'the code "X"'),
        ({"contacts": [{"gender": {"code": "X"}}]}, 0, "gender", 'the code "X"'),
        ({"absences": [{"fromDate": "2026-01-01"}]}, 0, "employee", "is required"),
    ],
)
def test_xledger_refuses_a_state_that_does_not_fit(
    xledger: Any, state: Any, row: int | None, field: str, said: str
) -> None:
    check_refused(xledger, state, row, field, said)


def test_a_put_replaces_all_data_and_says_how_many(simployer: Any) -> None:
    simployer.put_state({"company": [{"id": ROW_ID, "name": "Acme AS"}]})
    answer = simployer.put_state({"cost-center": [{"id": ROW_ID, "code": "310"}]})
    assert answer.json()["rows"]["cost-center"] == 1
    assert simployer.state()["company"] == []


def test_xledger_numbers_rows_and_makes_contacts(xledger: Any) -> None:
    xledger.put_state(
        {
            "employeeGroups": [{"code": "FAST"}],
            "employees": [
                {
                    "code": "145",
                    "firstName": "Kari",
                    "email": "k@acme.example",
                    "positionValue": {"dbId": "5"},
                },
                {"code": "146", "dbId": 70001, "contactDbId": 4, "employeeGroup": {"code": "FAST"}},
            ],
        }
    )
    state = xledger.state()
    second, first = state["employees"]
    assert (first["dbId"], second["dbId"], second["contactDbId"]) == ("70002", "70001", "4")
    assert first["positionValue"] == {"dbId": "5"}
    assert second["employeeGroup"] == {"dbId": state["employeeGroups"][0]["dbId"], "code": "FAST"}
    contact = next(row for row in state["contacts"] if row["dbId"] == first["contactDbId"])
    assert (contact["firstName"], contact["email"]) == ("Kari", "k@acme.example")
    assert xledger.put_state(state).status_code == 200
    assert xledger.state() == state


def test_requests_are_logged_until_they_are_cleared(xledger: Any, simployer: Any) -> None:
    simployer.get("/v1/employee?limit=1")
    simployer.get("/v1/nothing/here/at-all", headers={})
    xledger.graphql("{ a: employees { edges { cursor } } contacts { edges { cursor } } }")
    xledger.graphql(ADD, {"in": []})
    entries = simployer.log()
    assert [(entry["method"], entry["path"], entry["status"]) for entry in entries] == [
        ("GET", "/v1/employee?limit=1", 200),
        ("GET", "/v1/nothing/here/at-all", 401),
    ]
    assert entries[0]["operation"] == "list employee"
    assert entries[0]["time"].endswith("Z")
    assert [(entry["operation"], entry["writes"], entry["nodes"]) for entry in xledger.log()] == [
        ("employees,contacts", False, None),
        ("addEmployees", True, 0),
    ]
    assert simployer.call("DELETE", "/_sandbox/requests").status_code == 204
    assert simployer.log() == []


@pytest.mark.parametrize(
    ("faults", "field", "said"),
    [
        ({"slow": True}, "slow", "one of after, count, error_rate, errors, latency_ms"),
        ({"errors": [418]}, "errors", "429, 500, 503, reset, timeout, after_write_reset, token, shift"),
        ({"errors": "reset"}, "errors", "a list of"),
        ({"errors": ["burst"]}, "errors", "a list of"),
        ({"errors": [[]]}, "errors", "a list of"),
        ({"error_rate": 1.5}, "error_rate", "0 to 1"),
        ({"latency_ms": -1}, "latency_ms", "0 or more"),
        ({"count": 0}, "count", "1 or more"),
        ({"rate_limit_per_minute": 0}, "rate_limit_per_minute", "1 or more"),
        ({"match": ""}, "match", "not empty"),
        ({"seed": "x"}, "seed", "a whole number"),
    ],
)
def test_unknown_faults_are_refused_with_what_is_allowed(
    simployer: Any, faults: dict[str, Any], field: str, said: str
) -> None:
    answer = simployer.faults(**faults)
    assert answer.status_code == 400
    (problem,) = answer.json()["errors"]
    assert problem["field"] == field
    assert said in problem["message"]


@pytest.mark.parametrize("path", ["state", "faults"])
@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]"])
def test_a_body_that_is_no_object_is_refused(simployer: Any, path: str, body: bytes) -> None:
    assert simployer.call("PUT", f"/_sandbox/{path}", data=body).status_code == 400


@pytest.mark.requirement("RUN-11")
def test_a_sandbox_tells_one_time_which_can_be_put_forward_and_back(simployer: Any, xledger: Any) -> None:
    """A vendor's clock is one clock: the header Date, and the times of its rows; that of others is theirs."""
    at, an_hour_on = "Mon, 02 Mar 2026 11:30:00 GMT", "Mon, 02 Mar 2026 12:30:00 GMT"
    assert simployer.get("/v1/employee").headers["Date"] == at
    told = simployer.call("POST", "/_sandbox/clock", json={"offset_seconds": 3600})
    assert told.json() == {"offset_seconds": 3600.0, "now": "2026-03-02T12:30:00Z"}
    # It goes on so over an edit by hand, which is what it is there for.
    simployer.put_state({"employee": [{"id": ROW_ID}]})
    answer = simployer.get(f"/v1/employee/{ROW_ID}")
    assert answer.headers["Date"] == an_hour_on
    assert answer.json()["data"]["updated"] == "2026-03-02T12:30:00.000Z"
    assert xledger.call("POST", "/graphql", json={}).headers["Date"] == at
    assert simployer.call("POST", "/_sandbox/clock", json={"offset_seconds": 0}).status_code == 200
    assert simployer.get("/_sandbox/clock").json() == {"offset_seconds": 0.0, "now": "2026-03-02T11:30:00Z"}


@pytest.mark.parametrize("body", [{}, [], {"offset_seconds": "1"}, {"offset_seconds": True}, {"hours": 1}])
def test_a_clock_is_put_by_seconds_alone(simployer: Any, body: Any) -> None:
    assert simployer.call("POST", "/_sandbox/clock", json=body).status_code == 400
    assert simployer.call("POST", "/_sandbox/clock", json={"offset_seconds": 1e300}).status_code == 400
    assert simployer.get("/_sandbox/clock").json()["offset_seconds"] == 0


def test_what_the_admin_interface_does_not_have_is_not_found(simployer: Any) -> None:
    assert simployer.call("POST", "/_sandbox/state", json={}).status_code == 404
    assert simployer.get("/_sandbox/weather").status_code == 404


def test_an_unknown_sandbox_is_named_with_the_known_ones(served: Any, simployer: Any) -> None:
    url = simployer.base.replace("/simployer", "/simployr")
    answer = simployer.session.get(f"{url}/v1/employee")
    assert answer.status_code == 404
    assert answer.json()["sandboxes"] == sorted(served.urls)
