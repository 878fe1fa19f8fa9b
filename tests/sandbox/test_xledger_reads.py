"""Xledger's listings: pages, filters, closed objects, and what the schema refuses."""

from datetime import timedelta
from typing import Any

import pytest

STATE: dict[str, list[dict[str, Any]]] = {
    "employeeGroups": [{"dbId": "12", "code": "FAST", "description": "Permanent", "ownerDbId": "500"}],
    "objectValues": [
        {"dbId": "310001", "code": "310", "description": "Finance", "posting": True, "objectKindDbId": "9"},
        {"dbId": "310002", "code": "320", "description": "Closed", "dateTo": "2025-12-31"},
        {"dbId": "310003", "code": "330", "description": "Ends today", "dateTo": "2026-03-02"},
    ],
    "absenceCodes": [{"dbId": "77", "code": "ABC", "description": "Vacation"}],
    "contacts": [
        {
            "dbId": "81001",
            "code": "145",
            "name": "Kari Nordmann",
            "gender": {"code": "F"},
            "socialSec": "01819012345",
        }
    ],
    "employees": [
        {
            "dbId": "70001",
            "code": "145",
            "description": "Kari Nordmann",
            "employmentFrom": "2024-02-19",
            "contactDbId": "81001",
            "employeeGroup": {"code": "FAST"},
            "glObject1": {"code": "310"},
            "modifiedAt": "2026-01-05T06:01:12",
            "bankAccount": "NO9199990000219",
        },
        {
            "dbId": "70002",
            "code": "146",
            "description": "Ola Nordmann",
            "employmentFrom": "2020-01-01",
            "employmentTo": "2026-12-31",
            "superior": {"code": "145"},
            "modifiedAt": "2026-02-01T00:00:00",
        },
        {"dbId": "9", "code": "099", "description": "Early", "dateTo": "2020-01-01", "ownerDbId": "501"},
        {"dbId": "100", "code": "100", "description": "Elsewhere", "ownerDbId": "501"},
    ],
    "absences": [
        {
            "dbId": "95001",
            "employee": {"code": "145"},
            "absenceCode": {"code": "ABC"},
            "fromDate": "2026-02-09",
            "toDate": "2026-02-15",
            "leavePercent": "100",
        },
        {
            "dbId": "95002",
            "employee": {"code": "146"},
            "absenceCode": {"dbId": 77},
            "fromDate": "2026-03-01",
            "toDate": "2026-03-01",
            "leavePercent": "50.5",
        },
    ],
}


@pytest.fixture
def acme(xledger: Any) -> Any:
    answer = xledger.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return xledger


def codes(body: dict[str, Any], name: str = "employees") -> list[str] | None:
    assert "errors" not in body, body
    edges = body["data"][name]["edges"]
    return edges and [edge["node"]["code"] for edge in edges]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('filter: {code: "145"}', ["145"]),
        ('filter: {code_in: ["146", "145", "none"]}', ["145", "146"]),
        ("filter: {dbId_in: [70002, 100]}", ["100", "146"]),
        ("filter: {dbId_gt: 100}", ["145", "146"]),
        ('filter: {modifiedAt_gte: "2026-02-01T00:00:00", code_lt: "2"}', ["100", "146"]),
        ('filter: {employmentFrom_lte: "2024-02-19", employmentTo: null}', ["145"]),
        ('filter: {code_in: null, employmentFrom_gt: "2020-01-01"}', ["145"]),
        ("filter: {contactDbId_in: [81001]}", ["145"]),
        ("objectStatus: ALL", ["099", "100", "145", "146"]),
        ("objectStatus: OPEN", ["100", "145", "146"]),
        ("objectStatus: CLOSED", ["099"]),
        ("ownerSet: CURRENT", ["145", "146"]),
        ("ownerSet: ALL", ["100", "145", "146"]),
        ("first: 1", ["100"]),
        ("last: 1", ["146"]),
        ("first: 2, last: 1", ["145"]),
        ("first: 0", None),
        ('filter: {code: "099"}', None),
        ('filter: {code: "none"}', None),
    ],
)
def test_a_listing_gives_what_its_arguments_ask_for(
    acme: Any, arguments: str, expected: list[str] | None
) -> None:
    assert codes(acme.graphql(f"{{ employees({arguments}) {{ edges {{ node {{ code }} }} }} }}")) == expected


def test_people_whose_contact_moved_are_found_by_the_time_there(acme: Any, clocks: Any) -> None:
    """What was edited by hand, too, which in Oslo happened an hour later than in the world."""
    state = acme.state()
    state["contacts"][0]["phone"] = "+4799999999"
    clocks.moment += timedelta(minutes=1)
    acme.put_state(state)

    def since(resource: str, at: str) -> Any:
        asked = f'{resource}(filter: {{modifiedAt_gte: "2026-03-02T{at}"}})'
        edges = acme.graphql(f"{{ {asked} {{ edges {{ node {{ dbId modifiedAt }} }} }} }}")["data"][resource]
        return edges["edges"] and [tuple(edge["node"].values()) for edge in edges["edges"]]

    assert since("contacts", "12:30:01") == [("81001", "2026-03-02T12:31:00")]
    assert since("contacts", "12:31:00") == [("81001", "2026-03-02T12:31:00")]
    assert since("contacts", "12:31:01") is None
    assert since("employees", "12:30:01") is None


def test_nothing_found_is_null_edges_beside_the_page_info(acme: Any) -> None:
    body = acme.graphql(
        "{ exitReasons { pageInfo { hasNextPage hasPreviousPage } edges { node { code } } } }"
    )
    assert body["data"]["exitReasons"] == {
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False},
        "edges": None,
    }


def test_pages_follow_by_the_last_cursor(acme: Any) -> None:
    query = """query ($after: String) { employees(first: 2, after: $after, objectStatus: ALL) {
        pageInfo { hasNextPage hasPreviousPage } edges { cursor node { code } } } }"""
    first = acme.graphql(query)["data"]["employees"]
    second = acme.graphql(query, {"after": first["edges"][-1]["cursor"]})["data"]["employees"]
    assert [edge["node"]["code"] for edge in first["edges"] + second["edges"]] == ["099", "100", "145", "146"]
    assert first["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    assert second["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}
    past = acme.graphql(query, {"after": second["edges"][-1]["cursor"]})["data"]["employees"]
    assert past == {"pageInfo": {"hasNextPage": False, "hasPreviousPage": True}, "edges": None}


def test_pages_go_backwards_too(acme: Any) -> None:
    every = acme.graphql("{ employees(objectStatus: ALL) { edges { cursor node { code } } } }")
    third = every["data"]["employees"]["edges"][2]["cursor"]
    query = (
        f'{{ employees(last: 1, before: "{third}", objectStatus: ALL) {{ edges {{ node {{ code }} }} }} }}'
    )
    assert codes(acme.graphql(query)) == ["100"]


def test_an_object_is_closed_the_day_after_it_ends(acme: Any, clocks: Any) -> None:
    query = "{ objectValues { edges { node { code } } } }"
    assert codes(acme.graphql(query), "objectValues") == ["310", "330"]
    clocks.moment += timedelta(days=1)
    assert codes(acme.graphql(query), "objectValues") == ["310"]


def test_a_node_shows_references_by_dbid_and_the_number_masked(acme: Any) -> None:
    query = """{ employees(filter: {code_in: ["145", "146"]}) { edges { node {
        dbId contactDbId socialSecurityMasked employeeGroup { dbId } glObject1 { dbId }
        superior { dbId code } } } } }"""
    nodes = [edge["node"] for edge in acme.graphql(query)["data"]["employees"]["edges"]]
    assert nodes[0] == {
        "dbId": "70001",
        "contactDbId": "81001",
        "socialSecurityMasked": "018190*****",
        "employeeGroup": {"dbId": "12"},
        "glObject1": {"dbId": "310001"},
        "superior": None,
    }
    assert nodes[1]["superior"] == {"dbId": "70001", "code": "145"}


def test_contacts_are_read_by_the_ids_of_employees(acme: Any) -> None:
    query = "{ contacts(filter: {dbId_in: [81001]}) { edges { node { name gender { dbId code name } } } } }"
    node = acme.graphql(query)["data"]["contacts"]["edges"][0]["node"]
    assert node == {"name": "Kari Nordmann", "gender": {"dbId": "2", "code": "F", "name": "Female"}}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ('fromDate_gte: "2026-02-10"', ["95002"]),
        ('toDate_gte: "2026-02-01", fromDate_lte: "2026-02-28"', ["95001"]),
        ('employeeDbId: "70001"', ["95001"]),
        ('leavePercent_lt: "100"', ["95002"]),
    ],
)
def test_absences_are_found_by_period_and_employee(acme: Any, wanted: str, expected: list[str]) -> None:
    node = "dbId absenceCode { code description }"
    query = f"{{ absences(filter: {{{wanted}}}) {{ edges {{ node {{ {node} }} }} }} }}"
    edges = acme.graphql(query)["data"]["absences"]["edges"]
    assert [edge["node"]["dbId"] for edge in edges] == expected
    assert edges[0]["node"]["absenceCode"] == {"code": "ABC", "description": "Vacation"}


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        (
            "{ employees { edges { node { firstName } } } }",
            "Cannot query field 'firstName'",
            "FIELDS_ON_CORRECT_TYPE",
        ),
        ("{ employees { totalCount } }", "Cannot query field 'totalCount'", "FIELDS_ON_CORRECT_TYPE"),
        (
            "{ employees { pageInfo { endCursor } } }",
            "Cannot query field 'endCursor'",
            "FIELDS_ON_CORRECT_TYPE",
        ),
        ("{ employees { nodes { dbId } } }", "Cannot query field 'nodes'", "FIELDS_ON_CORRECT_TYPE"),
        (
            '{ employees(first: "2") { edges { cursor } } }',
            "Int cannot represent",
            "ARGUMENTS_OF_CORRECT_TYPE",
        ),
        ("{ employees(top: 2) { edges { cursor } } }", "Unknown argument 'top'", "ARGUMENTS_OF_CORRECT_TYPE"),
        ("{ employees(filter: {shoe: 1}) { edges { cursor } } }", "not defined", "ARGUMENTS_OF_CORRECT_TYPE"),
        (
            '{ employees(filter: {modifiedAt_gte: "2026-01-01T00:00:00Z"}) { edges { cursor } } }',
            "without an offset",
            "ARGUMENTS_OF_CORRECT_TYPE",
        ),
        ("{ employees { edges { cursor } }", "Syntax Error", "SYNTAX_ERROR"),
        ('{ employees(after: "70001") { edges { cursor } } }', "none that was given out", "INVALID_VALUE"),
        ("{ employees(first: -1) { edges { cursor } } }", "first: -1 is below 0", "INVALID_VALUE"),
    ],
)
def test_what_the_schema_does_not_know_is_refused_with_http_200(
    acme: Any, query: str, message: str, code: str
) -> None:
    error = acme.graphql(query)["errors"][0]
    assert message in error["message"]
    assert error["code"] == "BAD_REQUEST"
    assert error["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("table", "kind", "taken"),
    [
        ("employees", "Int", True),
        ("employees", "Int64String", False),
        ("contacts", "Int", True),
        ("contacts", "Int64String", False),
        ("absences", "Int64String", True),
        ("absences", "Int", False),
    ],
)
def test_an_id_in_a_variable_has_the_type_of_its_table_and_a_number_in_the_text_fits_both(
    acme: Any, table: str, kind: str, taken: bool
) -> None:
    """(fidelity C4)"""
    query = f"query ($ids: [{kind}!]) {{ {table}(filter: {{dbId_in: $ids}}) {{ edges {{ cursor }} }} }}"
    answer = acme.graphql(query, {"ids": [1]})
    assert ("errors" not in answer) is taken
    if not taken:
        assert f"of type '[{kind}!]' used in position expecting type" in answer["errors"][0]["message"]
    assert "errors" not in acme.graphql(f"{{ {table}(filter: {{dbId_in: [1]}}) {{ edges {{ cursor }} }} }}")


def test_a_variable_of_the_wrong_type_is_an_invalid_value(acme: Any) -> None:
    query = "query ($ids: [Int!]) { employees(filter: {dbId_in: $ids}) { edges { cursor } } }"
    error = acme.graphql(query, {"ids": ["seventy"]})["errors"][0]
    assert error["extensions"]["code"] == "INVALID_VALUE"


def test_a_page_is_cut_at_ten_thousand_rows(xledger: Any) -> None:
    xledger.put_state({"employeeGroups": [{"code": f"G{number}"} for number in range(10_001)]})
    page = "{ employeeGroups(first: 20000) { pageInfo { hasNextPage } edges { cursor } } }"
    answer = xledger.graphql(page)["data"]["employeeGroups"]
    assert len(answer["edges"]) == 10_000
    assert answer["pageInfo"] == {"hasNextPage": True}


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, 'Expected header: "Authorization: token <your-token>"'),
        ("Bearer xledger-sandbox-token", 'Expected header: "Authorization: token <your-token>"'),
        ("Token xledger-sandbox-token", 'Expected header: "Authorization: token <your-token>"'),
        ("token ", 'Expected header: "Authorization: token <your-token>"'),
        ("token wrong", "unknown or has been withdrawn"),
    ],
)
def test_a_wrong_token_is_told_the_header_it_should_send(xledger: Any, header: str | None, said: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = xledger.call("POST", "/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert answer.status_code == 401
    assert said in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/graphql", {}, 405),
        ("POST", "/", {"json": {"query": "{ __typename }"}}, 404),
        ("POST", "/graphql", {"data": '{"query": "{ __typename }"}'}, 400),
        ("POST", "/graphql", {"json": ["{ __typename }"]}, 200),
        ("POST", "/graphql", {"json": {"query": "{ __typename }", "variables": []}}, 200),
        ("POST", "/graphql", {"json": {"query": "query A { __typename } query B { __typename }"}}, 200),
        ("POST", "/graphql", {"json": {"query": "subscription { employees { edges { cursor } } }"}}, 200),
    ],
)
def test_a_call_of_the_wrong_form_has_errors(
    xledger: Any, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    answer = xledger.call(method, path, **more)
    assert answer.status_code == status
    body = answer.json()
    assert body.get("errors") or body == {"data": {"__typename": "Query"}}


def test_the_21st_call_in_five_seconds_is_over_the_burst_limit(xledger: Any, clocks: Any) -> None:
    bodies = [xledger.graphql("{ __typename }") for _ in range(21)]
    assert all("errors" not in body for body in bodies[:20])
    assert bodies[20]["errors"][0]["code"] == "BAD_REQUEST.BURST_RATE_LIMIT_REACHED"
    clocks.seconds += 5
    assert "errors" not in xledger.graphql("{ __typename }")


def test_the_schema_can_be_asked_for(xledger: Any) -> None:
    names = xledger.graphql("{ __schema { mutationType { fields { name } } } }")["data"]["__schema"]
    assert {field["name"] for field in names["mutationType"]["fields"]} == {
        "addEmployees",
        "updateEmployees",
        "updateContacts",
        "addAbsences",
        "updateAbsences",
        "removeAbsences",
    }
