"""Xledger's client: what it sends when writing, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import BankAccount, Secret, SocialSecurityNumber
from payrelay.errors import OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.xledger.client import XledgerClient
from payrelay.systems.xledger.models import EmployeeRef
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.xledger_answers import data, failed, sent

CONCURRENCY = {"message": "Busy", "code": "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED", "extensions": {}}
BURST = {"message": "Burst", "code": "BAD_REQUEST.BURST_RATE_LIMIT_REACHED", "extensions": {}}
UPDATED = {"edges": [{"clientId": "emp-1", "node": {"dbId": 1, "code": "1", "contactDbId": 11}}]}


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> XledgerClient:
    return XledgerClient(f"{loopback.origin}/xledger", Secret("the-token"), options=bench.options)


@pytest.mark.parametrize("method", ["add_employees", "update_employees"])
def test_written_employees_are_found_by_label_not_by_place(
    method: str, client: XledgerClient, loopback: Loopback
) -> None:
    name = {"add_employees": "addEmployees", "update_employees": "updateEmployees"}[method]
    edges = [
        {"clientId": "emp-2", "node": {"dbId": 2, "code": "2", "contactDbId": None}},
        {"clientId": "emp-1", "node": {"dbId": "1", "code": "1", "contactDbId": 11}},
    ]
    loopback.answers(data(**{name: {"edges": edges}}))
    nodes = [("emp-1", {"code": "1"}), ("emp-2", {"code": "2"})]

    written = getattr(client, method)(nodes)

    assert written == {"emp-1": EmployeeRef("1", "1", "11"), "emp-2": EmployeeRef("2", "2", None)}
    assert sent(loopback) == {"inputs": [{"clientId": label, "node": node} for label, node in nodes]}


@pytest.mark.requirement("SEC-1")
def test_values_of_a_node_are_put_in_wire_form_here(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(updateEmployees=UPDATED))
    node = {
        "dbId": "70001",
        "socialSec": SocialSecurityNumber("01019012345"),
        "bankAccount": BankAccount("NO9386011117947"),
        "employmentFrom": date(2024, 2, 19),
        "employmentTo": None,
        "glObject1": {"code": "310"},
    }

    client.update_employees([("emp-1", node)])

    assert sent(loopback)["inputs"][0]["node"] == {
        "dbId": 70001,
        "socialSec": "01019012345",
        "bankAccount": "NO9386011117947",
        "employmentFrom": "2024-02-19",
        "employmentTo": None,
        "glObject1": {"code": "310"},
    }


@pytest.mark.parametrize(
    ("method", "name"),
    [("add_absences", "addAbsences"), ("update_absences", "updateAbsences")],
)
def test_other_writes_give_the_db_ids(
    method: str, name: str, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(**{name: {"edges": [{"clientId": "x", "node": {"dbId": 95001}}]}}))

    assert getattr(client, method)([("x", {"leavePercent": Decimal("37.50")})]) == {"x": "95001"}
    assert sent(loopback)["inputs"][0]["node"] == {"leavePercent": "37.50"}
    assert f"{name}(inputs: $inputs)" in loopback.seen[0].body["query"]
    assert f"[{name[0].upper()}{name[1:]}Input!]!" in loopback.seen[0].body["query"]


@pytest.mark.parametrize("skipped", [None, []])
def test_a_removal_names_what_is_gone(
    skipped: list[int] | None, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(removeAbsences={"numAffected": 2, "skippedDbIds": skipped}))

    assert set(client.remove_absences(["95001", "95002"])) == {"95001", "95002"}
    assert "removeAbsences(dbIds: [95001, 95002])" in loopback.seen[0].body["query"]
    assert sent(loopback) == {}


@pytest.mark.requirement("RUN-4")
def test_a_removal_names_what_it_left_alone(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(removeAbsences={"numAffected": 1, "skippedDbIds": [95002]}))

    with pytest.raises(PartlyWritten) as partly:
        client.remove_absences(["95001", "95002"])
    assert set(partly.value.done) == {"95001"}
    assert partly.value.keys == ("95002",)
    assert "no reason was given" in partly.value.reasons["95002"]


@pytest.mark.requirement("RUN-4")
def test_a_removal_that_is_refused_names_its_culprit(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(failed({"message": "95002: approved", "extensions": {"code": "INVALID_VALUE"}}))

    with pytest.raises(Rejected) as refusal:
        client.remove_absences(["95001", "95002"])
    assert refusal.value.keys == ("95002",)


Write = Callable[[XledgerClient, int], object]
WRITES: list[Write] = [
    lambda client, count: client.add_employees([(str(number), {}) for number in range(count)]),
    lambda client, count: client.update_contacts([(str(number), {}) for number in range(count)]),
    lambda client, count: client.add_absences([(str(number), {}) for number in range(count)]),
    lambda client, count: client.remove_absences([str(number) for number in range(count)]),
]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_takes_500_at_most_and_none_needs_no_call(
    write: Write, client: XledgerClient, loopback: Loopback
) -> None:
    with pytest.raises(ValueError, match="at most 500"):
        write(client, 501)
    assert write(client, 0) == {}
    assert loopback.seen == []


@pytest.mark.parametrize(("limit", "pause"), [(CONCURRENCY, 1), (BURST, 5)])
def test_a_limit_of_seconds_is_waited_for_here_also_for_a_write(
    limit: dict[str, Any], pause: int, client: XledgerClient, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(failed(limit), failed(limit), data(updateEmployees=UPDATED))

    assert set(client.update_employees([("emp-1", {})])) == {"emp-1"}
    assert bench.pauses == [pause, pause]


@pytest.mark.parametrize("limit", [CONCURRENCY, BURST])
def test_a_limit_that_stays_is_for_later(
    limit: dict[str, Any], client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(failed(limit))

    with pytest.raises(RetryLater) as later:
        client.update_employees([("emp-1", {})])
    assert type(later.value) is RetryLater
    assert len(loopback.seen) == 3


def test_used_up_credits_are_not_slept_through(
    client: XledgerClient, loopback: Loopback, bench: Bench
) -> None:
    credits_gone = {
        "message": "Insufficient credits",
        "code": "BAD_REQUEST.INSUFFICIENT_CREDITS",
        "extensions": {"resetAt": "2026-02-09T07:20:00"},
    }
    loopback.answers(failed(credits_gone))

    with pytest.raises(RetryLater) as later:
        client.lookups()
    assert (later.value.seconds, later.value.named) == (1200, True)
    assert bench.pauses == []


@pytest.mark.parametrize("status", [200, 400])
def test_a_refused_node_is_named(status: int, client: XledgerClient, loopback: Loopback) -> None:
    refused = {"message": "Unknown reference", "extensions": {"code": "INVALID_VALUE", "clientId": "emp-2"}}
    loopback.answers(reply({"errors": [refused], "data": {"addEmployees": None}}, status))

    with pytest.raises(Rejected) as refusal:
        client.add_employees([("emp-1", {}), ("emp-2", {})])
    assert type(refusal.value) is Rejected
    assert (refusal.value.keys, refusal.value.code) == (("emp-2",), "INVALID_VALUE")


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("method", ["update_employees", "update_contacts"])
def test_an_answer_tells_how_a_row_stands_now_where_that_is_asked_for(
    method: str, client: XledgerClient, loopback: Loopback
) -> None:
    name = {"update_employees": "updateEmployees", "update_contacts": "updateContacts"}[method]
    at = "2026-03-02T06:00:00"
    good = {"clientId": "a", "node": {"dbId": 1, "code": "1", "contactDbId": 11, "modifiedAt": at}}
    bad = {"clientId": "b", "node": {"dbId": 2, "code": "2", "contactDbId": 12, "email": 5, "firstName": 5}}
    answer = data(**{name: {"edges": [good, bad]}})
    loopback.answers(answer, answer)

    told = getattr(client, method)([("a", {}), ("b", {})], told=True)
    plain = getattr(client, method)([("a", {}), ("b", {})])

    assert told["a"].now.modified_at == at
    assert [told["b"].db_id, told["b"].now] == ["2", None]
    assert {ref.now for ref in plain.values()} == {None}
    assert "modifiedAt" in loopback.seen[0].body["query"]
    assert "modifiedAt" not in loopback.seen[1].body["query"]


@pytest.mark.requirement("RUN-4", "RUN-5")
def test_a_partial_write_keeps_what_was_done(client: XledgerClient, loopback: Loopback) -> None:
    refused = {"message": "emp-2: bad date", "extensions": {"code": "INVALID_VALUE"}}
    edges = [*UPDATED["edges"], None, {"clientId": "emp-2", "node": None}]
    loopback.answers(failed(refused, updateEmployees={"edges": edges}))

    with pytest.raises(PartlyWritten) as partly:
        client.update_employees([("emp-1", {}), ("emp-2", {})])
    assert partly.value.done == {"emp-1": EmployeeRef("1", "1", "11")}
    assert partly.value.keys == ("emp-2",)


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(data(updateEmployees=UPDATED), id="one of two is not spoken of"),
        pytest.param(data(updateEmployees=None), id="no edges"),
        pytest.param(data(updateEmployees={"edges": [{"clientId": "emp-1", "node": {}}]}), id="no dbId"),
        pytest.param(failed({"message": "An unhandled error", "code": "UNHANDLED_ERROR"}), id="unhandled"),
        pytest.param(failed({"message": "Your query timed out."}), id="timed out"),
    ],
)
def test_a_write_that_is_not_clearly_done_is_unknown(
    answer: Reply, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(answer)

    with pytest.raises(OutcomeUnknown):
        client.update_employees([("emp-1", {}), ("emp-2", {})])
    assert len(loopback.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="none"),
        pytest.param({"skippedDbIds": []}, id="no number"),
        pytest.param({"numAffected": 0, "skippedDbIds": []}, id="one that is not spoken of"),
        pytest.param({"numAffected": 1, "skippedDbIds": 5}, id="no list"),
    ],
)
def test_a_removal_without_its_answer_is_unknown(
    answer: object, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(removeAbsences=answer))

    with pytest.raises(OutcomeUnknown):
        client.remove_absences(["95001"])
