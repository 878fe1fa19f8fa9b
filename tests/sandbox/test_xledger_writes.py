"""Xledger's mutations: what is written, and what is refused whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

ADD = """mutation ($in: [AddEmployeesInput!]!) {
  addEmployees(inputs: $in) { edges { clientId node { dbId code contactDbId modifiedAt } } } }"""
UPDATE = """mutation ($in: [UpdateEmployeesInput!]!) {
  updateEmployees(inputs: $in) { edges { clientId node { dbId code employmentTo modifiedAt } } } }"""
UPDATE_CONTACTS = """mutation ($in: [UpdateContactsInput!]!) {
  updateContacts(inputs: $in) { edges { clientId node {
    dbId name jobTitle gender { code } homeAddress { place } } } } }"""
STATE: dict[str, list[dict[str, Any]]] = {
    "employeeGroups": [{"dbId": "12", "code": "FAST", "description": "Permanent"}],
    "objectValues": [{"dbId": "310001", "code": "310", "description": "Finance"}],
    "exitReasons": [{"code": "Frivillig"}],
    "employees": [
        {
            "dbId": "70001",
            "code": "145",
            "description": "Kari Nordmann",
            "firstName": "Kari",
            "lastName": "Nordmann",
            "email": "kari@acme.example",
            "employmentFrom": "2024-02-19",
            "employmentTo": "2026-06-30",
            "employeeGroup": {"code": "FAST"},
            "modifiedAt": "2026-01-05T06:01:12",
        },
        {"dbId": "70002", "code": "099", "description": "Gone", "dateTo": "2020-01-01"},
    ],
}


@pytest.fixture
def acme(xledger: Any) -> Any:
    answer = xledger.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return xledger


def inputs(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"in": [{"clientId": f"c{number}", "node": node} for number, node in enumerate(nodes)]}


def employee(acme: Any, code: str) -> dict[str, Any]:
    return next(row for row in acme.state()["employees"] if row["code"] == code)


def contact(acme: Any, db_id: str) -> dict[str, Any]:
    return next(row for row in acme.state()["contacts"] if row["dbId"] == db_id)


def test_a_new_employee_gets_a_contact_of_its_own(acme: Any) -> None:
    node = {
        "code": "146",
        "firstName": "Åse",
        "middleName": "Marie",
        "lastName": "Ødegård",
        "email": "ase@acme.example",
        "phone": "+4790000002",
        "socialSec": "01819012345",
        "birthday": "1990-01-01",
        "bankAccount": "NO9199990000219",
        "employeeGroup": {"description": "Permanent"},
        "glObject1": {"dbId": 310001},
    }
    edge = acme.graphql(ADD, inputs(node))["data"]["addEmployees"]["edges"][0]
    assert (edge["clientId"], edge["node"]["code"]) == ("c0", "146")
    row = employee(acme, "146")
    assert row["description"] == "Åse Marie Ødegård"
    assert (row["employeeGroup"], row["glObject1"]) == (
        {"dbId": "12", "code": "FAST"},
        {"dbId": "310001", "code": "310"},
    )
    assert (row["bankAccount"], row["socialSec"], row["socialSecurityMasked"]) == (
        "NO9199990000219",
        "01819012345",
        "018190*****",
    )
    made = contact(acme, edge["node"]["contactDbId"])
    assert (made["name"], made["email"], made["phone"], made["birthday"]) == (
        "Åse Marie Ødegård",
        "ase@acme.example",
        "+4790000002",
        "1990-01-01",
    )


def test_times_are_central_european_wall_clock_without_an_offset(acme: Any, clocks: Any) -> None:
    def written() -> str:
        edges = acme.graphql(UPDATE, inputs({"dbId": "70001"}))["data"]["updateEmployees"]["edges"]
        return str(edges[0]["node"]["modifiedAt"])

    assert written() == "2026-03-02T12:30:00"
    clocks.moment += timedelta(days=150)
    assert written() == "2026-07-30T13:30:00"
    # The hour that comes twice in autumn: what was written later looks earlier, or the same.
    clocks.moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert written() == "2026-10-25T02:30:00"
    clocks.moment += timedelta(minutes=50)
    assert written() == "2026-10-25T02:20:00"
    clocks.moment += timedelta(minutes=10)
    assert written() == "2026-10-25T02:30:00"


def test_who_was_deleted_by_hand_leaves_their_db_id_to_nobody(acme: Any) -> None:
    def hired(code: str) -> dict[str, Any]:
        assert "errors" not in acme.graphql(ADD, inputs({"code": code, "firstName": "Åse", "lastName": "Li"}))
        return employee(acme, code)

    first, state = hired("146"), acme.state()
    state["employees"] = [row for row in state["employees"] if row["code"] != "146"]
    state["contacts"] = [row for row in state["contacts"] if row["dbId"] != first["contactDbId"]]
    assert acme.put_state(state).status_code == 200
    second = hired("147")
    assert int(second["dbId"]) > int(first["dbId"])
    assert int(second["contactDbId"]) > int(first["contactDbId"])


def test_an_update_changes_the_named_fields_only_and_null_clears(acme: Any) -> None:
    acme.graphql(UPDATE, inputs({"dbId": 70001, "employmentTo": None, "glObject1": {"code": "310"}}))
    row = employee(acme, "145")
    assert row["employmentTo"] is None
    assert row["glObject1"]["code"] == "310"
    assert (row["email"], row["employeeGroup"]["code"]) == ("kari@acme.example", "FAST")
    acme.graphql(UPDATE, inputs({"dbId": 70001, "employeeGroup": None}))
    assert employee(acme, "145")["employeeGroup"] is None


def test_person_fields_of_an_employee_stand_on_its_contact(acme: Any) -> None:
    db_id = employee(acme, "145")["contactDbId"]
    acme.graphql(
        UPDATE, inputs({"dbId": "70001", "lastName": "Hansen", "phone": "+47 1", "email": "new@acme.example"})
    )
    made = contact(acme, db_id)
    assert (made["name"], made["lastName"], made["phone"]) == ("Kari Hansen", "Hansen", "+47 1")
    assert made["email"] == "kari@acme.example"
    assert employee(acme, "145")["email"] == "new@acme.example"


def test_a_contact_is_updated_by_its_dbid(acme: Any) -> None:
    db_id = employee(acme, "145")["contactDbId"]
    node = {
        "dbId": db_id,
        "jobTitle": "Controller",
        "gender": {"code": "F"},
        "homeAddress": {
            "streetAddress": "Storgata 1",
            "zipCode": "0001",
            "place": "Oslo",
            "country": "NO",
        },
    }
    edge = acme.graphql(UPDATE_CONTACTS, inputs(node))["data"]["updateContacts"]["edges"][0]
    assert edge["node"] == {
        "dbId": db_id,
        "name": "Kari Nordmann",
        "jobTitle": "Controller",
        "gender": {"code": "F"},
        "homeAddress": {"place": "Oslo"},
    }
    assert contact(acme, db_id)["homeAddress"]["country"] == {"code": "NO"}


def test_members_that_other_clients_send_are_taken_and_kept(acme: Any) -> None:
    """(fidelity: AddEmployees, and the columns that are asked for by default)"""
    flexi = {"flag1": True, "value1": 1.5, "number1": 3, "code1DbId": 7, "date1": "2026-02-09", "text8": "x"}
    node = {
        "code": "150",
        "description": "Ada",
        "timesheet": True,
        "text1": "a",
        "value1": 2.5,
        "aliasName": "A",
    }
    answer = acme.graphql(ADD, inputs({**node, "flexiFieldItem": flexi}))
    assert "errors" not in answer
    query = """{
      employees(filter: {code: "150"}) { edges { node { timesheet compensationType { dbId } xgl { dbId }
        flexiFieldsItem { dbId text1 code8 { dbId } } contactDbId } } }
      contacts { edges { node { id createdAt ownerDbId aliasName noEmail gender { definitionId }
        billAddress { zipCode country { dbId description } } language { name } } } }
      objectValues { edges { node { createdAt modifiedAt definition { code } object { dbSubId } } } }
    }"""
    answer = acme.graphql(query)
    assert "errors" not in answer
    assert answer["data"]["employees"]["edges"][0]["node"]["timesheet"] is True


def test_an_address_is_read_with_its_country_as_an_object_and_written_with_its_code(acme: Any) -> None:
    """(fidelity C3)"""
    db_id = employee(acme, "145")["contactDbId"]
    node = {"dbId": db_id, "homeAddress": {"country": {"code": "NO"}}}
    (error,) = acme.graphql(UPDATE_CONTACTS, inputs(node))["errors"]
    assert "country" in error["message"]
    assert error["extensions"]["code"] == "INVALID_VALUE"
    assert contact(acme, db_id).get("homeAddress") is None


@pytest.mark.parametrize(
    ("mutation", "node", "said"),
    [
        (ADD, {"code": "145", "description": "Twice"}, 'code: "145" is already in use'),
        (ADD, {"code": "099", "description": "Twice"}, 'code: "099" is already in use'),
        (ADD, {"code": " ", "description": "None"}, "code: a value is needed"),
        (ADD, {"code": "147"}, "description: a value is needed"),
        (ADD, {"code": "147", "description": "A", "employeeGroup": {"code": "NONE"}}, 'code "NONE"'),
        (
            ADD,
            {"code": "147", "description": "A", "glObject1": {"code": "999"}},
            'glObject1: nothing has the code "999"',
        ),
        (
            ADD,
            {"code": "147", "description": "A", "exitReason": {}},
            "exitReason: one of dbId, code or description",
        ),
        (
            ADD,
            {"code": "147", "description": "A", "superior": {"dbId": "70001", "code": "145"}},
            "superior: one of",
        ),
        (ADD, {"code": "147", "description": "A", "birthday": "1990-02-30"}, '"1990-02-30" is no date'),
        (ADD, {"code": "147", "description": "A", "birthday": "19900201"}, '"19900201" is no date'),
        (
            ADD,
            {"code": "147", "description": "A", "employmentFrom": "2026-01-02", "employmentTo": "2026-01-01"},
            "before",
        ),
        (UPDATE, {"dbId": "99"}, 'has the dbId "99"'),
        (UPDATE, {"dbId": "70001", "code": "099"}, 'code: "099" is already in use'),
        (UPDATE, {"dbId": "70001", "code": None}, "code: a value is needed"),
        (UPDATE, {"dbId": "70001", "description": ""}, "description: a value is needed"),
        (UPDATE, {"dbId": "70001", "employmentFrom": "2026-07-01"}, "employmentTo 2026-06-30 is before"),
        (UPDATE_CONTACTS, {"dbId": "1"}, 'nothing in contacts has the dbId "1"'),
        (UPDATE_CONTACTS, {"dbId": "81001", "gender": {"code": "X"}}, 'gender: nothing has the code "X"'),
        (UPDATE_CONTACTS, {"dbId": "81001", "birthday": "1.2.1990"}, "is no date"),
    ],
)
def test_one_bad_node_refuses_the_whole_mutation(
    acme: Any, mutation: str, node: dict[str, Any], said: str
) -> None:
    before = acme.state()
    good = {"dbId": "70002"} if mutation == UPDATE else {"dbId": "81002"}
    body = acme.graphql(
        mutation, inputs({"code": "200", "description": "Good"} if mutation == ADD else good, node)
    )
    assert next(iter(body["data"].values())) is None
    (error,) = body["errors"]
    assert said in error["message"]
    assert error["extensions"] == {"code": "INVALID_VALUE", "clientId": "c1"}
    assert acme.state() == before


def test_every_culprit_is_named(acme: Any) -> None:
    nodes = [{"code": code, "description": "A"} for code in ("145", "300", "099", "300")]
    errors = acme.graphql(ADD, inputs(*nodes))["errors"]
    assert [error["extensions"]["clientId"] for error in errors] == ["c0", "c2", "c3"]


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"dbId": "70001", "shoeSize": 44}, "shoeSize"),
        ({"code": "145"}, "dbId"),
        ({"dbId": "70001", "employeeGroup": "FAST"}, "employeeGroup"),
        ({"dbId": "70001", "email": 5}, "email"),
    ],
)
def test_a_variable_that_does_not_fit_names_its_node(acme: Any, node: dict[str, Any], said: str) -> None:
    (error,) = acme.graphql(UPDATE, inputs({"dbId": "70002"}, node))["errors"]
    assert said in error["message"]
    assert error["extensions"] == {"code": "INVALID_VALUE", "clientId": "c1"}


def test_a_mutation_takes_500_nodes_and_not_501(acme: Any) -> None:
    nodes = [{"code": f"N{number}", "description": "New"} for number in range(501)]
    (error,) = acme.graphql(ADD, inputs(*nodes))["errors"]
    assert "At most 500 nodes" in error["message"]
    assert len(acme.graphql(ADD, inputs(*nodes[:500]))["data"]["addEmployees"]["edges"]) == 500


def test_the_same_row_twice_in_a_mutation_is_refused(acme: Any) -> None:
    (error,) = acme.graphql(UPDATE, inputs({"dbId": "70001"}, {"dbId": "70001"}))["errors"]
    assert "stands twice" in error["message"]
