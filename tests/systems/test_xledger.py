"""Xledger's client: what it asks when reading, and what it makes of the answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import ProgrammingError, Rejected, RetryLater
from payrelay.systems.rows import BadRow, Unusable
from payrelay.systems.xledger.client import XledgerClient
from payrelay.systems.xledger.times import seconds_of, text_of
from tests.systems.conftest import Bench
from tests.systems.lists import halves, rows
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.xledger_answers import data, failed, page, sent

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


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> XledgerClient:
    return XledgerClient(f"{loopback.origin}/xledger", Secret("the-token"), options=bench.options)


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
    (kari,) = rows(found)
    assert (kari.db_id, kari.contact_db_id, kari.email) == ("70001", "81001", None)
    assert (kari.employment_from, kari.employment_to) == (date(2024, 2, 19), None)
    assert (kari.employee_group, kari.gl_object1, kari.exit_reason) == ("12", "310001", None)


def test_pages_are_followed_to_the_end(client: XledgerClient, loopback: Loopback) -> None:
    second = EMPLOYEE | {"dbId": 70002, "code": "146"}
    loopback.answers(data(employees=page([EMPLOYEE], more=True)), data(employees=page([second])))

    assert [node.code for node in rows(client.employees_by_code(["145", "146"]))] == ["145", "146"]
    assert [sent(loopback, number)["after"] for number in (0, 1)] == [None, "c0"]


def test_a_call_asks_for_a_thousand_codes_at_most(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(employees=page(None)))

    assert rows(client.employees_by_code([str(code) for code in range(2001)])) == []
    assert [len(sent(loopback, number)["codes"]) for number in range(3)] == [1000, 1000, 1]


def test_nobody_by_code_needs_no_call(client: XledgerClient, loopback: Loopback) -> None:
    assert rows(client.employees_by_code([])) == []
    assert rows(client.contacts_by_id([])) == []
    assert loopback.seen == []


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"employmentFrom": "soon"}, "employmentFrom"),
        ({"description": ["x"]}, "description"),
        ({"employeeGroup": {"dbId": {}}}, "employeeGroup"),
        ({"employeeGroup": {"dbId": True}}, "employeeGroup"),
        ({"contactDbId": [1]}, "contactDbId"),
    ],
)
def test_a_node_that_can_not_be_used_is_not_taken_for_absent(
    wrong: dict[str, Any], field: str, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(employees=page([EMPLOYEE | wrong, EMPLOYEE | {"dbId": 2, "code": "146"}])))

    (other,), (bad,) = halves(client.employees_by_code(["145", "146"]))

    assert other.code == "146"
    assert (bad.id, bad.number, bad.field) == ("70001", "145", field)


@pytest.mark.requirement("SEC-1")
def test_of_contacts_only_what_is_compared_is_read(client: XledgerClient, loopback: Loopback) -> None:
    node = {
        "dbId": 81001,
        "firstName": "Kari",
        "birthday": "1990-01-01",
        "gender": {"code": "F"},
        "homeAddress": {"streetAddress": "Storgata 1", "zipCode": "0155", "country": {"code": "NO"}},
    }
    loopback.answers(data(contacts=page([node, {"dbId": 81002, "homeAddress": None, "birthday": "x"}])))

    (kari,), (bad,) = halves(client.contacts_by_id(["81001", "81002"]))

    assert kari.gender == "F"
    assert kari.home_address
    assert (kari.home_address.zip_code, kari.home_address.country) == ("0155", "NO")
    assert kari.birthday == date(1990, 1, 1)
    assert bad.id == "81002"
    assert "socialSec" in loopback.seen[0].body["query"]


UNKNOWN = {"message": 'Cannot query field "exitReasons" on type "Query".', "code": "BAD_REQUEST"}


def coded(db_id: int, code: str) -> dict[str, Any]:
    return page([{"dbId": db_id, "code": code}])


def test_look_ups_that_every_client_knows_come_together_and_each_other_alone(
    client: XledgerClient, loopback: Loopback
) -> None:
    """(fidelity C5)"""
    loopback.answers(
        data(employeeGroups=coded(0, "FAST"), objectValues=coded(4, "310")),
        data(employmentTypes=coded(1, "ORD")),
        data(exitReasons=page(None)),
    )

    lookups = client.lookups()

    assert [(one.code, one.db_id) for one in rows(lookups.employee_groups)] == [("FAST", "0")]
    assert [(one.code, one.db_id) for one in rows(lookups.cost_centres)] == [("310", "4")]
    assert [one.code for one in rows(lookups.employment_types)] == ["ORD"]
    assert rows(lookups.exit_reasons) == []
    assert len(loopback.seen) == 3
    assert "objectStatus: OPEN" in loopback.seen[0].body["query"]
    assert all("absenceCodes" not in one.body["query"] for one in loopback.seen)


@pytest.mark.parametrize(
    "refused",
    [
        UNKNOWN,
        {"message": "No", "extensions": {"code": "INVALID_VALUE"}},
        {"message": "No right to read", "code": "FORBIDDEN"},
    ],
)
def test_a_look_up_that_is_not_given_is_named_and_spoils_no_other(
    client: XledgerClient, loopback: Loopback, refused: dict[str, Any]
) -> None:
    """(fidelity C5)"""
    loopback.answers(
        data(employeeGroups=coded(0, "FAST"), objectValues=page(None)),
        data(employmentTypes=coded(1, "ORD")),
        failed(refused),
    )

    lookups = client.lookups()

    assert [one.code for one in rows(lookups.employment_types)] == ["ORD"]
    bad: list[BadRow] = []
    assert lookups.exit_reasons.take(bad) == []
    assert Unusable(bad, lambda row: row.number).instead_of("Frivillig") == bad[0]
    assert "exitReasons" in bad[0].id
    assert refused["message"] in bad[0].problem


def test_a_lookup_of_many_pages_goes_on_alone(client: XledgerClient, loopback: Loopback) -> None:
    first = {"employeeGroups": page(None), "objectValues": page([{"dbId": 1, "code": "310"}], more=True)}
    rest = page([{"dbId": 2, "code": "320"}, {"dbId": 3, "code": "310"}])
    others = data(employmentTypes=page(None)), data(exitReasons=page(None))
    loopback.answers(data(**first), data(objectValues=rest), *others)

    centres = rows(client.lookups().cost_centres)

    assert [(one.db_id, one.code) for one in centres] == [("1", "310"), ("2", "320"), ("3", "310")]
    assert sent(loopback, 1)["after"] == "c0"


def test_the_absence_codes_can_be_read_alone(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(absenceCodes=page([{"dbId": 12, "code": "ABC", "description": "Vacation"}])))

    assert [(one.code, one.db_id) for one in rows(client.absence_codes("ALL"))] == [("ABC", "12")]
    assert "absenceCodes(first: $first, after: $after, objectStatus: ALL)" in loopback.seen[0].body["query"]


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
    odd = {"dbId": 2, "employee": {"dbId": 70002}, "fromDate": None}
    loopback.answers(data(absences=page([node, odd, {"dbId": 3, "fromDate": "2026-02-09"}])))

    (absence,), bad = halves(client.absences(date(2026, 2, 1), date(2026, 2, 28), ["70001", "70002"]))

    assert (absence.absence_code, absence.employee, absence.leave_percent) == (
        "ABC",
        "70001",
        Decimal("37.50"),
    )
    assert [(row.id, row.number, row.field) for row in bad] == [
        ("2", "70002", "fromDate"),
        ("3", "", "employee"),
    ]
    query = loopback.seen[0].body["query"]
    assert 'fromDate_gte: "2026-02-01", fromDate_lte: "2026-02-28"' in query
    assert "employeeDbId_in: [70001, 70002]" in query


def test_absences_of_everybody_and_of_nobody(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(absences=page(None)))

    assert rows(client.absences(date(2026, 2, 1), date(2026, 2, 28), [])) == []
    assert loopback.seen == []
    assert rows(client.absences(date(2026, 2, 1), date(2026, 2, 28))) == []
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
        client.employees_by_code(["145"])


def test_a_cursor_that_stands_still_does_not_go_round_for_ever(
    client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(data(employees=page([EMPLOYEE], more=True)))

    with pytest.raises(RetryLater, match="without a way"):
        client.employees_by_code(["145"])
    assert len(loopback.seen) == 2


def test_a_field_that_xledger_does_not_know_is_our_bug(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(failed({"message": "Cannot query field 'x' on type 'Employee'."}))

    with pytest.raises(ProgrammingError, match="Cannot query field"):
        client.employees_by_code(["145"])


def test_an_http_refusal_has_the_words_of_its_first_error(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(reply({"errors": [{"message": "Nothing is here", "code": "X"}]}, 404), Reply(404, b"<"))

    for words in ("Nothing is here", "refused (HTTP 404)"):
        with pytest.raises(Rejected) as refusal:
            client.employees_by_code(["145"])
        assert refusal.value.message == words


@pytest.mark.requirement("RUN-11")
def test_what_moved_comes_with_its_times_in_large_pages(client: XledgerClient, loopback: Loopback) -> None:
    first = {"dbId": 1, "code": "101", "contactDbId": 11, "modifiedAt": "2026-03-02T06:00:00"}
    loopback.answers(data(employees=page([first], more=True)), data(employees=page([{**first, "dbId": 2}])))

    found = client.moved("employees", seconds_of("2026-03-02T04:00:00"), 10)

    assert found is not None
    assert [(one.db_id, one.code, one.modified_at) for one in found] == [
        ("1", "101", "2026-03-02T06:00:00"),
        ("2", "101", "2026-03-02T06:00:00"),
    ]
    assert sent(loopback) == {"first": 10_000, "after": None}
    query = loopback.seen[0].body["query"]
    assert 'modifiedAt_gte: "2026-03-02T04:00:00"' in query
    assert "objectStatus: ALL" in query


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            data(
                contacts=page([{"dbId": n, "modifiedAt": "2026-03-02T06:00:00"} for n in range(3)], more=True)
            ),
            id="too many",
        ),
        pytest.param(data(contacts=page([{"dbId": 1, "modifiedAt": None}])), id="one tells no time"),
        pytest.param(data(contacts=page([{"dbId": None}])), id="one does not read"),
        pytest.param(failed({"message": 'Cannot query field "modifiedAt"'}), id="it can't be asked for"),
    ],
)
def test_where_nobody_can_tell_what_moved_there_is_no_list(
    answer: Reply, client: XledgerClient, loopback: Loopback
) -> None:
    loopback.answers(answer)
    assert client.moved("contacts", 0, 2) is None
    assert len(loopback.seen) == 1


@pytest.mark.requirement("RUN-11")
def test_times_are_asked_for_by_id(client: XledgerClient, loopback: Loopback) -> None:
    loopback.answers(data(contacts=page([{"dbId": 8, "modifiedAt": "2026-03-02T06:00:00"}])))
    found = client.versions("contacts", ["8", "9"])
    assert found is not None
    assert [(one.db_id, one.modified_at) for one in found] == [("8", "2026-03-02T06:00:00")]
    assert "dbId_in: [8, 9]" in loopback.seen[0].body["query"]


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("told", "wall"),
    [({"Date": "Mon, 02 Mar 2026 05:00:00 GMT"}, "2026-03-02T06:00:00"), ({"Date": "tomorrow"}, None)],
)
def test_the_clock_is_that_of_the_newest_answer(
    told: dict[str, str], wall: str | None, client: XledgerClient, loopback: Loopback
) -> None:
    assert client.clock() is None
    loopback.answers(reply({"data": {"absenceCodes": page([])}}, **told))
    client.absence_codes()
    clock = client.clock()
    assert (clock and text_of(clock.wall)) == wall
