"""Xledger's client: what it asks, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import BankAccount, Secret, SocialSecurityNumber
from payrelay.errors import OutcomeUnknown, PartlyWritten, ProgrammingError, Rejected, RetryLater
from payrelay.systems.xledger.client import XledgerClient
from payrelay.systems.xledger.models import EmployeeRef
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply

EMPLOYEE = {
    "dbId": 70001,
    "code": "145",
    "description": "Kari Nordmann",
    "email": None,
    "employmentFrom": "2024-02-19",
    "employmentTo": None,
    "modifiedAt": "2026-01-05T06:01:12",
    "contactDbId": "81001",
    "socialSecurityMasked": "010190*****",
    "employeeGroup": {"dbId": 12},
    "exitReason": None,
    "glObject1": {"dbId": "310001"},
    "superior": {"dbId": "70009", "code": "9"},
}
CONCURRENCY = {"message": "Busy", "code": "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED", "extensions": {}}
BURST = {"message": "Burst", "code": "BAD_REQUEST.BURST_RATE_LIMIT_REACHED", "extensions": {}}
UPDATED = {"edges": [{"clientId": "emp-1", "node": {"dbId": 1, "code": "1", "contactDbId": 11}}]}


def page(nodes: list[Any] | None, *, more: bool = False) -> dict[str, Any]:
    edges = (
        None
        if nodes is None
        else [{"cursor": f"c{number}", "node": node} for number, node in enumerate(nodes)]
    )
    return {"pageInfo": {"hasNextPage": more, "hasPreviousPage": False}, "edges": edges}


def data(**fields: Any) -> Reply:
    return reply({"data": fields})


def failed(*errors: Any, **fields: Any) -> Reply:
    return reply({"errors": list(errors), "data": fields or None})


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> XledgerClient:
    return XledgerClient(f"{loopback.origin}/xledger", Secret("the-token"), options=bench.options)


def sent(loopback: Loopback, number: int = 0) -> dict[str, Any]:
    variables: dict[str, Any] = loopback.seen[number].body["variables"]
    return variables


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(
    ("groups", "employees", "name"),
    [
        ([{"ownerDbId": 500}], [{"ownerDbId": "501"}], "Xledger entity 500"),
        (None, [{"ownerDbId": "501"}], "Xledger entity 501"),
        (None, None, "Xledger entity without employees"),
    ],
)
def test_the_organisation_is_the_entity_of_the_token(
    groups: list[Any] | None,
    employees: list[Any] | None,
    name: str,
    client: XledgerClient,
    loopback: Loopback,
) -> None:
    loopback.answers(data(employeeGroups=page(groups), employees=page(employees)))

    assert client.organisation() == name
    assert (loopback.seen[0].method, loopback.seen[0].path) == ("POST", "/xledger/graphql")
    assert loopback.seen[0].headers["Authorization"] == "token the-token"


@pytest.mark.requirement("EX-4")
def test_employees_come_as_plain_values_by_code(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(employees=page([EMPLOYEE])))

    found = client.employees_by_code(["145", "146", "145"])

    assert sent(loopback) == {"first": 1000, "after": None, "codes": ["145", "146"]}
    assert "objectStatus: ALL" in loopback.seen[0].body["query"]
    kari = found["145"]
    assert (kari.db_id, kari.contact_db_id, kari.email) == ("70001", "81001", None)
    assert (kari.employment_from, kari.employment_to) == (date(2024, 2, 19), None)
    assert (kari.employee_group, kari.gl_object1, kari.exit_reason) == ("12", "310001", None)
    assert (kari.superior, kari.superior_code) == ("70009", "9")
    assert "146" not in found


def test_pages_are_followed_to_the_end(client: XledgerClient, loopback: Loopback) -> None:
    second = EMPLOYEE | {"dbId": 70002, "code": "146"}
    loopback.answers(data(employees=page([EMPLOYEE], more=True)), data(employees=page([second])))

    assert list(client.employees_by_code(["145", "146"])) == ["145", "146"]
    assert [sent(loopback, number)["after"] for number in (0, 1)] == [None, "c0"]


def test_a_call_asks_for_a_thousand_codes_at_most(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(employees=page(None)))

    assert client.employees_by_code([str(code) for code in range(2001)]) == {}
    assert [len(sent(loopback, number)["codes"]) for number in range(3)] == [1000, 1000, 1]


def test_nobody_by_code_needs_no_call(client: XledgerClient, loopback: Loopback) -> None:
    assert client.employees_by_code([]) == {}
    assert client.contacts_by_id([]) == ({}, [])
    assert loopback.seen == []


def test_a_code_that_two_nodes_share_says_so(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(employees=page([EMPLOYEE, EMPLOYEE | {"dbId": 70002}])))

    found = client.employees_by_code(["145"])

    assert found["145"].db_id == "70001"
    assert found.ambiguous == {"145"}
    assert set(found.by_id) == {"70001", "70002"}


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"employmentFrom": "soon"}, "employmentFrom"),
        ({"description": ["x"]}, "description"),
        ({"employeeGroup": {"dbId": {}}}, "employeeGroup.dbId"),
    ],
)
def test_a_node_that_can_not_be_used_is_not_taken_for_absent(
    wrong: dict[str, Any], field: str, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(employees=page([EMPLOYEE | wrong, EMPLOYEE | {"dbId": 2, "code": "146"}])))

    found = client.employees_by_code(["145", "146"])

    assert list(found) == ["146"]
    assert [(bad.id, bad.number, bad.field) for bad in found.bad_rows] == [("70001", "145", field)]


def test_a_page_of_everybody_goes_on_from_its_cursor(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(employees=page([EMPLOYEE], more=True)), data(employees=page(None)))

    first = client.employee_page(first=1)
    last = client.employee_page(first.after, 1)

    assert ([row.code for row in first.rows], first.after) == (["145"], "c0")
    assert (last.rows, last.after) == ([], None)
    assert sent(loopback, 1) == {"first": 1, "after": "c0"}
    with pytest.raises(ValueError, match="1 to 1000"):
        client.employee_page(first=1001)


@pytest.mark.requirement("SEC-1")
def test_contacts_keep_their_numbers_wrapped(client: XledgerClient, loopback: Loopback) -> None:
    node = {
        "dbId": 81001,
        "firstName": "Kari",
        "birthday": "1990-01-01",
        "socialSec": "01019012345",
        "gender": {"dbId": 2, "code": "F"},
        "homeAddress": {"streetAddress": "Storgata 1", "zipCode": "0155", "country": {"code": "NO"}},
    }
    loopback.answers(data(contacts=page([node, {"dbId": 81002, "homeAddress": None, "birthday": "x"}])))

    contacts, bad_rows = client.contacts_by_id(["81001", "81002"])

    kari = contacts["81001"]
    assert kari.social_sec == SocialSecurityNumber("01019012345")
    assert (kari.gender_code, kari.home_zip_code, kari.home_country) == ("F", "0155", "NO")
    assert kari.birthday == date(1990, 1, 1)
    assert [bad.id for bad in bad_rows] == ["81002"]


LOOKUP_FIELDS = ("employeeGroups", "employmentTypes", "exitReasons", "absenceCodes", "objectValues")


def test_all_lookups_are_one_call(client: XledgerClient, loopback: Loopback) -> None:
    nodes = {name: page([{"dbId": number, "code": name}]) for number, name in enumerate(LOOKUP_FIELDS)}
    loopback.answers(data(**nodes | {"exitReasons": page(None)}))

    lookups = client.lookups()

    assert lookups.employee_groups["employeeGroups"].db_id == "0"
    assert lookups.cost_centres["objectValues"].db_id == "4"
    assert lookups.exit_reasons == {}
    assert len(loopback.seen) == 1
    assert "objectStatus: OPEN" in loopback.seen[0].body["query"]


def test_a_lookup_of_many_pages_goes_on_alone(client: XledgerClient, loopback: Loopback) -> None:
    first = {name: page(None) for name in LOOKUP_FIELDS} | {
        "objectValues": page([{"dbId": 1, "code": "310", "objectKindDbId": 9}], more=True)
    }
    rest = page([{"dbId": 2, "code": "320"}, {"dbId": 3, "code": "310", "objectKindDbId": 8}])
    loopback.answers(data(**first), data(objectValues=rest))

    centres = client.lookups().cost_centres

    assert list(centres) == ["310", "320"]
    assert centres.ambiguous == {"310"}
    assert {node.object_kind_db_id for node in centres.by_id.values()} == {"9", "8", None}
    assert sent(loopback, 1)["after"] == "c0"


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("employee_groups", "employeeGroups"),
        ("employment_types", "employmentTypes"),
        ("exit_reasons", "exitReasons"),
        ("absence_codes", "absenceCodes"),
        ("cost_centres", "objectValues"),
    ],
)
def test_each_lookup_can_be_read_alone(
    method: str, name: str, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(**{name: page([{"dbId": 12, "code": "FAST", "description": "Permanent"}])}))

    table = getattr(client, method)("ALL")

    assert (table["FAST"].db_id, table["FAST"].description) == ("12", "Permanent")
    assert f"{name}(first: $first, after: $after, objectStatus: ALL)" in loopback.seen[0].body["query"]


@pytest.mark.requirement("TO-1")
def test_absences_are_asked_for_by_first_day_and_employee(client: XledgerClient, loopback: Loopback) -> None:
    node = {
        "dbId": 95001,
        "fromDate": "2026-02-09",
        "toDate": "2026-02-15",
        "leavePercent": "37.50",
        "absenceCode": {"dbId": 77, "code": "ABC"},
        "employee": {"dbId": 70001},
    }
    loopback.answers(data(absences=page([node, {"dbId": 2}])))

    found = client.absences(date(2026, 2, 1), date(2026, 2, 28), ["70001", "70002"])

    (absence,) = found.rows
    assert (absence.absence_code, absence.employee, absence.leave_percent) == (
        "ABC",
        "70001",
        Decimal("37.50"),
    )
    assert [bad.field for bad in found.bad_rows] == ["fromDate"]
    query = loopback.seen[0].body["query"]
    assert 'fromDate_gte: "2026-02-01", fromDate_lte: "2026-02-28"' in query
    assert "employeeDbId_in: [70001, 70002]" in query


def test_absences_of_everybody_and_of_nobody(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(absences=page(None)))

    assert client.absences(date(2026, 2, 1), date(2026, 2, 28), []).rows == []
    assert loopback.seen == []
    assert client.absences(date(2026, 2, 1), date(2026, 2, 28)).rows == []
    assert "employeeDbId_in" not in loopback.seen[0].body["query"]
    with pytest.raises(ValueError, match="dbId is a number"):
        client.absences(date(2026, 2, 1), date(2026, 2, 28), ["1] }) { x } #"])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"data": None}, id="no data"),
        pytest.param({"data": {}}, id="no connection"),
        pytest.param({"data": {"employees": {"edges": None}}}, id="no pageInfo"),
        pytest.param({"data": {"employees": {"pageInfo": {"hasNextPage": False}}}}, id="no edges"),
        pytest.param({"data": {"employees": page(None, more=True)}}, id="more after nothing"),
        pytest.param({"data": {"employees": page([], more=True)}}, id="more after an empty list"),
        pytest.param({"errors": []}, id="no errors and no data"),
    ],
)
def test_an_answer_that_is_no_page_is_for_later(
    body: dict[str, Any], client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(reply(body))

    with pytest.raises(RetryLater, match="unreadable answer"):
        client.employee_page()


def test_a_cursor_that_stands_still_does_not_go_round_for_ever(
    client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(employees=page([EMPLOYEE], more=True)))

    with pytest.raises(RetryLater, match="without a way"):
        client.employees_by_code(["145"])
    assert len(loopback.seen) == 2


# --- writes ----------------------------------------------------------------------------------------------


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
        "dbId": "70001",
        "socialSec": "01019012345",
        "bankAccount": "NO9386011117947",
        "employmentFrom": "2024-02-19",
        "employmentTo": None,
        "glObject1": {"code": "310"},
    }


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("update_contacts", "updateContacts"),
        ("add_absences", "addAbsences"),
        ("update_absences", "updateAbsences"),
    ],
)
def test_other_writes_give_the_db_ids(
    method: str, name: str, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(**{name: {"edges": [{"clientId": "x", "node": {"dbId": 95001}}]}}))

    assert getattr(client, method)([("x", {"leavePercent": Decimal("37.50")})]) == {"x": "95001"}
    assert sent(loopback)["inputs"][0]["node"] == {"leavePercent": "37.50"}
    assert f"{name}(inputs: $inputs)" in loopback.seen[0].body["query"]
    assert f"[{name[0].upper()}{name[1:]}Input!]!" in loopback.seen[0].body["query"]


def test_a_removal_says_what_it_left(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(removeAbsences={"numAffected": 1, "skippedDbIds": [95002]}))

    removal = client.remove_absences(["95001", "95002"])

    assert (removal.removed, removal.skipped) == (1, ("95002",))
    assert sent(loopback) == {"dbIds": ["95001", "95002"]}


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
    assert not getattr(write(client, 0), "removed", None)
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


def test_a_removal_without_its_answer_is_unknown(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(removeAbsences=None))

    with pytest.raises(OutcomeUnknown):
        client.remove_absences(["95001"])


def test_a_field_that_xledger_does_not_know_is_our_bug(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(failed({"message": "Cannot query field 'x' on type 'Employee'."}))

    with pytest.raises(ProgrammingError, match="Cannot query field"):
        client.employee_page()


def test_an_http_refusal_has_the_words_of_its_first_error(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(reply({"errors": [{"message": "Nothing is here", "code": "X"}]}, 404), Reply(404, b"<"))

    for words in ("Nothing is here", "refused (HTTP 404)"):
        with pytest.raises(Rejected) as refusal:
            client.employee_page()
        assert refusal.value.message == words
