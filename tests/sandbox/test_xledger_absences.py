"""Absences in Xledger: added, moved and removed, never overlapping."""

from typing import Any

import pytest

ADD_ABSENCES = """mutation ($in: [AddAbsencesInput!]!) {
  addAbsences(inputs: $in) { edges { clientId node { dbId approved leavePercent employee { dbId } } } } }"""
UPDATE_ABSENCES = """mutation ($in: [UpdateAbsencesInput!]!) {
  updateAbsences(inputs: $in) { edges { clientId node { dbId toDate } } } }"""

STATE: dict[str, list[dict[str, Any]]] = {
    "absenceCodes": [{"dbId": "77", "code": "ABC"}, {"dbId": "78", "code": "SICK"}],
    "employees": [{"dbId": "70001", "code": "145", "description": "Kari Nordmann"}],
    "absences": [
        {
            "dbId": "95001",
            "employee": {"code": "145"},
            "absenceCode": {"code": "ABC"},
            "fromDate": "2026-02-09",
            "toDate": "2026-02-15",
            "leavePercent": "100",
        }
    ],
}


@pytest.fixture
def acme(xledger: Any) -> Any:
    answer = xledger.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return xledger


def inputs(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"in": [{"clientId": f"c{number}", "node": node} for number, node in enumerate(nodes)]}


def absence(**changes: Any) -> dict[str, Any]:
    node = {"employee": {"code": "145"}, "absenceCode": {"code": "ABC"}, "leavePercent": "50"}
    return {**node, "fromDate": "2026-03-02", "toDate": "2026-03-04", "text": "Trip", **changes}


def test_an_absence_is_added_by_codes(acme: Any) -> None:
    edge = acme.graphql(ADD_ABSENCES, inputs(absence()))["data"]["addAbsences"]["edges"][0]
    row = acme.state()["absences"][1]
    assert edge["node"] == {
        "dbId": row["dbId"],
        "approved": False,
        "leavePercent": "50",
        "employee": {"dbId": "70001"},
    }
    assert (row["employee"], row["absenceCode"]) == (
        {"dbId": "70001", "code": "145"},
        {"dbId": "77", "code": "ABC"},
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fromDate": "2026-02-15"}, "overlaps 2026-02-09 to 2026-02-15"),
        ({"employee": {"code": "999"}}, 'employee: nothing has the code "999"'),
        ({"absenceCode": {"code": "NONE"}}, 'absenceCode: nothing has the code "NONE"'),
        ({"employee": None}, "employee: a value is needed"),
        ({"toDate": "2026-03-01"}, "toDate 2026-03-01 is before fromDate 2026-03-02"),
        ({"toDate": None}, "toDate: a value is needed"),
        ({"leavePercent": "0"}, "leavePercent"),
        ({"leavePercent": "100.5"}, "leavePercent"),
        ({"leavePercent": 50}, "MoneyString"),
        ({"timeFrom": "25:00"}, "is no time"),
    ],
)
def test_an_absence_that_does_not_fit_is_refused(acme: Any, changes: dict[str, Any], said: str) -> None:
    before = acme.state()
    (error,) = acme.graphql(ADD_ABSENCES, inputs(absence(**changes)))["errors"]
    assert said in error["message"]
    assert error["extensions"] == {"code": "INVALID_VALUE", "clientId": "c0"}
    assert acme.state() == before


def test_two_absences_of_one_mutation_must_not_overlap_either(acme: Any) -> None:
    other_code = absence(absenceCode={"code": "SICK"})
    assert "errors" not in acme.graphql(
        ADD_ABSENCES, inputs(absence(fromDate="2026-05-01", toDate="2026-05-02"))
    )
    (error,) = acme.graphql(ADD_ABSENCES, inputs(absence(), other_code, absence()))["errors"]
    assert error["extensions"]["clientId"] == "c2"


def test_an_absence_can_be_moved_over_its_own_days(acme: Any) -> None:
    node = {"dbId": "95001", "fromDate": "2026-02-10", "toDate": "2026-02-20"}
    edge = acme.graphql(UPDATE_ABSENCES, inputs(node))["data"]["updateAbsences"]["edges"][0]
    assert edge["node"] == {"dbId": "95001", "toDate": "2026-02-20"}
    assert acme.state()["absences"][0]["leavePercent"] == "100"


def test_an_absence_can_not_be_moved_over_another(acme: Any) -> None:
    acme.graphql(ADD_ABSENCES, inputs(absence()))
    added = acme.state()["absences"][1]["dbId"]
    (error,) = acme.graphql(UPDATE_ABSENCES, inputs({"dbId": added, "fromDate": "2026-02-15"}))["errors"]
    assert "overlaps" in error["message"]


def test_removing_tells_what_was_not_there(acme: Any) -> None:
    body = acme.graphql('mutation { removeAbsences(dbIds: ["95001", 7]) { numAffected skippedDbIds } }')
    assert body["data"]["removeAbsences"] == {"numAffected": 1, "skippedDbIds": ["7"]}
    assert acme.state()["absences"] == []
