"""Faults: what a call suffers, which calls do, and that a seed repeats it."""

import threading
from typing import Any

import pytest
import requests

ADD = "mutation ($in: [AddEmployeesInput!]!) { addEmployees(inputs: $in) { edges { clientId } } }"
LIST = "{ employees { edges { node { code } } } }"
RESET = (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)


def nodes(*codes: str) -> dict[str, Any]:
    return {"in": [{"clientId": f"emp-{code}", "node": {"code": code, "description": "A"}} for code in codes]}


def codes(xledger: Any) -> list[str]:
    return [row["code"] for row in xledger.state()["employees"]]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_http_failure_has_the_systems_own_shape(simployer: Any, xledger: Any, status: int) -> None:
    simployer.faults(errors=[status])
    answer = simployer.get("/v1/employee")
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
    assert answer.headers.get("Retry-After") == ("1" if status == 429 else None)
    xledger.faults(errors=[status])
    answer = xledger.call("POST", "/graphql", json={"query": LIST})
    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"]


def test_a_reset_does_nothing(xledger: Any) -> None:
    xledger.faults(errors=["reset"])
    with pytest.raises(RESET):
        xledger.graphql(ADD, nodes("145"))
    assert codes(xledger) == []
    assert [(entry["status"], entry["fault"]) for entry in xledger.log()] == [(None, "reset")]


def test_a_reset_after_the_write_has_written(xledger: Any) -> None:
    xledger.faults(errors=["after_write_reset"])
    assert xledger.graphql(LIST) == {"data": {"employees": {"edges": None}}}
    with pytest.raises(RESET):
        xledger.graphql(ADD, nodes("145"))
    assert codes(xledger) == ["145"]


def test_a_held_call_is_let_go_when_the_faults_are_cleared(simployer: Any) -> None:
    simployer.faults(errors=["timeout"])
    outcome: list[str] = []

    def ask() -> None:
        try:
            requests.get(f"{simployer.base}/v1/employee", timeout=10)
        except RESET as dropped:
            outcome.append(type(dropped).__name__)

    asking = threading.Thread(target=ask)
    asking.start()
    while not simployer.log():
        pass
    assert simployer.log()[0]["status"] is None
    simployer.call("DELETE", "/_sandbox/faults")
    asking.join(10)
    assert outcome


def test_a_held_call_times_out_at_the_client(simployer: Any) -> None:
    simployer.faults(errors=["timeout"])
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{simployer.base}/v1/employee", timeout=0.05)


def test_latency_is_waited_for(simployer: Any) -> None:
    simployer.faults(latency_ms=30)
    assert simployer.get("/v1/employee").elapsed.total_seconds() >= 0.03


def statuses(simployer: Any, clocks: Any, calls: int = 20) -> list[int]:
    found = []
    for _ in range(calls):
        clocks.seconds += 1
        found.append(simployer.get("/v1/employee").status_code)
    return found


def test_a_seed_repeats_what_happens(simployer: Any, clocks: Any) -> None:
    runs = []
    for seed in (7, 7, 8):
        simployer.faults(errors=[500, 503], error_rate=0.5, seed=seed)
        runs.append(statuses(simployer, clocks))
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 500, 503}


def test_a_rate_alone_means_500(simployer: Any) -> None:
    simployer.faults(error_rate=1)
    assert simployer.get("/v1/employee").status_code == 500


def test_after_and_count_choose_the_calls(simployer: Any, clocks: Any) -> None:
    simployer.faults(errors=[500], after=2, count=1)
    assert statuses(simployer, clocks, 5) == [200, 200, 500, 200, 200]


def test_match_chooses_by_path_or_operation(simployer: Any, xledger: Any) -> None:
    simployer.faults(errors=[500], match="offset=50")
    assert [simployer.get(f"/v1/employee?offset={offset}").status_code for offset in (0, 50)] == [200, 500]
    xledger.faults(errors=[503], match="addEmployees")
    assert xledger.graphql(LIST)
    assert xledger.call("POST", "/graphql", json={"query": ADD, "variables": nodes("1")}).status_code == 503


def test_a_limit_per_minute_names_the_wait(xledger: Any, clocks: Any) -> None:
    xledger.faults(rate_limit_per_minute=2)
    answers = [xledger.call("POST", "/graphql", json={"query": LIST}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    clocks.seconds += 60
    assert xledger.graphql(LIST)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("burst", "BAD_REQUEST.BURST_RATE_LIMIT_REACHED"),
        ("concurrency", "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED"),
        ("credits", "BAD_REQUEST.INSUFFICIENT_CREDITS"),
        ("unhandled", "UNHANDLED_ERROR"),
        ("query_timeout", "BAD_REQUEST"),
    ],
)
def test_xledgers_own_faults_come_with_http_200(xledger: Any, fault: str, code: str) -> None:
    xledger.faults(errors=[fault])
    body = xledger.graphql(ADD, nodes("145"))
    assert [error["code"] for error in body["errors"]] == [code]
    assert "data" not in body
    assert codes(xledger) == []


def test_credits_say_when_they_are_back(xledger: Any) -> None:
    xledger.faults(errors=["credits"], reset_in_seconds=90)
    assert xledger.graphql(LIST)["errors"][0]["extensions"] == {"resetAt": "2026-03-02T12:31:30"}


def test_a_withdrawn_token_is_told_as_the_system_does(simployer: Any, xledger: Any) -> None:
    simployer.faults(errors=["token"])
    assert simployer.get("/v1/employee").json()["message"] == "Unauthorized"
    xledger.faults(errors=["token"])
    assert xledger.call("POST", "/graphql", json={"query": LIST}).status_code == 401


def test_a_partly_written_mutation_names_the_rest(xledger: Any) -> None:
    xledger.faults(errors=["partial"])
    body = xledger.graphql(ADD, nodes("1", "2", "3"))
    assert [edge["clientId"] for edge in body["data"]["addEmployees"]["edges"]] == ["emp-1", "emp-2"]
    assert [error["extensions"]["clientId"] for error in body["errors"]] == ["emp-3"]
    assert codes(xledger) == ["1", "2"]
    assert "errors" not in xledger.graphql(ADD, nodes("4"))


def test_a_shift_deletes_a_row_between_two_pages(simployer: Any) -> None:
    rows = [{"id": f"{number:024x}", "code": str(number)} for number in range(4)]
    simployer.put_state({"cost-center": rows})
    simployer.faults(errors=["shift"], count=1)
    first = simployer.get("/v1/cost-center?limit=2").json()
    second = simployer.get("/v1/cost-center?limit=2&offset=2").json()
    assert [row["code"] for row in first["data"] + second["data"]] == ["0", "1", "3"]
    assert (first["total"], second["total"]) == (4, 3)
    assert [row["code"] for row in simployer.get("/v1/cost-center?offset=1").json()["data"]] == ["2", "3"]
