"""Exact Synergy's sandbox: requests and their workflow, types and items, rights, and dates of change."""

from typing import Any

import pytest

from tests.sandbox.rules import check_log
from tests.sandbox.test_synergy import SERVICE, found, page, refused, results

Row = dict[str, Any]
MERGE = {"X-HTTP-Method": "MERGE"}
NOW = "/Date(1772451000000)/"
STATUSES = ("Draft", "Approved", "Realised", "Processed", "Reopened", "Rejected")
# One request in every status: 1 is a draft … 6 is rejected.
STATE: dict[str, list[Row]] = {
    "Resource": [
        {"ID": 1042, "FullName": "Hanneke van Schaik", "AnnualSalary": "42000.00", "Mobile": "0612345678"},
        {"ID": 1043, "FullName": "Bo Bakker"},
    ],
    "Request": [
        {
            "HID": number,
            "RequestTypeCode": "GROSSWAGE",
            "StatusCode": status,
            "ResourceID": 1042,
            "StartDate": "2018-08-01",
            "Amount": "3500.00",
            "ModifiedDate": "2026-01-05T05:12:00",
        }
        for number, status in enumerate(STATUSES, 1)
    ],
    "Item": [{"ItemCode": "OVW150", "TextFreeField1": "Uren ovw 150% (overwerk) "}, {"ItemCode": "BLANK"}],
    "BankAccount": [{"ResourceID": 1042, "IBAN": "NL12BANK0123456789"}],
    "Contract": [{"ResourceID": 1042, "StartDate": "2018-03-01", "ModifiedDate": "2026-01-05T05:12:00"}],
    "RoleMember": [{"ResourceID": 1042, "RoleCode": "PAYROLLPLUS"}],
}


@pytest.fixture
def delft(synergy: Any) -> Any:
    answer = synergy.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return synergy


def merge(delft: Any, number: int, body: Row) -> Any:
    headers = {**delft.headers, **MERGE}
    return delft.call("POST", f"{SERVICE}/Request({number})", json=body, headers=headers)


def request(delft: Any, number: int) -> Row:
    row: Row = delft.get(f"{SERVICE}/Request({number})").json()["d"]
    return row


# --- the workflow -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "may_follow"),
    [
        ("Draft", {"Approved", "Rejected"}),
        ("Approved", {"Realised", "Rejected"}),
        ("Realised", {"Processed", "Approved", "Rejected"}),
        ("Processed", {"Reopened"}),
        ("Reopened", {"Approved", "Realised", "Rejected"}),
        ("Rejected", set()),
    ],
)
def test_a_status_follows_only_some(delft: Any, status: str, may_follow: set[str]) -> None:
    number = STATUSES.index(status) + 1
    for other in STATUSES:
        delft.put_state(STATE)
        answer = merge(delft, number, {"StatusCode": other})
        if other in may_follow:
            assert (answer.status_code, request(delft, number)["StatusCode"]) == (204, other)
        else:
            words = f"Request {number} is {status} and can not become {other}."
            assert refused(answer) == (500, words)
            assert request(delft, number)["StatusCode"] == status


def test_what_is_processed_is_not_processed_again(delft: Any) -> None:
    assert merge(delft, 3, {"StatusCode": "Processed"}).status_code == 204
    assert refused(merge(delft, 3, {"StatusCode": "Processed"}))[0] == 500


@pytest.mark.parametrize(
    ("number", "body", "status"),
    [
        (3, {"EndDate": "2018-09-30"}, 204),
        (3, {"EndDate": "2018-08-01T00:00:00"}, 204),
        (3, {"EndDate": None}, 204),
        (4, {"EndDate": "/Date(1538265600000)/"}, 204),
        (3, {"StatusCode": "Processed", "EndDate": "2018-09-30"}, 204),
        (3, {"StatusCode": "Rejected", "EndDate": "2018-09-30"}, 500),
        (1, {"EndDate": "2018-09-30"}, 500),
        (2, {"EndDate": "2018-09-30"}, 500),
        (5, {"EndDate": "2018-09-30"}, 500),
        (5, {"StatusCode": "Realised", "EndDate": "2018-09-30"}, 500),
        (6, {"EndDate": "2018-09-30"}, 500),
        (3, {"EndDate": "2018-07-31"}, 500),
        (3, {"EndDate": "30-09-2018"}, 400),
        (3, {"EndDate": ""}, 400),
        (3, {"StartDate": "2018-09-01"}, 400),
        (3, {"Amount": "1.00"}, 400),
        (3, {"ItemCode": "OVW150"}, 400),
        (3, {"ModifiedDate": "2026-01-01"}, 400),
        (3, {"StatusCode": "processed"}, 400),
        (3, {"StatusCode": None}, 400),
    ],
)
def test_status_and_end_are_all_that_is_written_of_a_request(
    delft: Any, number: int, body: Row, status: int
) -> None:
    before = delft.state()
    answer = merge(delft, number, body)
    assert answer.status_code == status
    if status == 204:
        assert request(delft, number)["ModifiedDate"] == NOW
    else:
        assert refused(answer)[1]
        assert delft.state() == before


@pytest.mark.parametrize(
    ("steps", "number", "status", "code"),
    [
        ({"HasProcess": False}, 3, "Processed", 500),
        ({"HasProcess": False}, 2, "Realised", 204),
        ({"HasRealise": False}, 2, "Realised", 500),
        ({"HasRealise": False}, 3, "Processed", 204),
        ({"PersonField": "Employee"}, 3, "Processed", 204),
    ],
)
def test_a_type_has_the_steps_that_it_has(
    delft: Any, steps: Row, number: int, status: str, code: int
) -> None:
    delft.put_state({**STATE, "RequestType": [{"Code": "GROSSWAGE", **steps}]})
    answer = merge(delft, number, {"StatusCode": status})
    assert answer.status_code == code
    if code == 500:
        assert refused(answer)[1] == f"Requests of type GROSSWAGE have no such step: {status}."


def test_the_user_needs_the_right_to_process(delft: Any) -> None:
    delft.put_state({**STATE, "settings": [{"may_process": False}]})
    answer = merge(delft, 3, {"StatusCode": "Processed"})
    assert refused(answer) == (403, "You have no rights to process request 3.")
    assert merge(delft, 3, {"EndDate": "2018-09-30"}).status_code == 204
    assert merge(delft, 2, {"StatusCode": "Realised"}).status_code == 204


def test_a_record_that_a_user_has_open_is_locked_and_no_other(delft: Any) -> None:
    delft.faults(errors=["locked"], match="Request(3)")
    assert refused(merge(delft, 3, {"StatusCode": "Processed"}))[0] == 409
    assert merge(delft, 4, {"StatusCode": "Reopened"}).status_code == 204


@pytest.mark.parametrize(
    ("fault", "status", "left"),
    [
        ("reopened", 500, {"StatusCode": "Reopened", "Amount": "3500.00"}),
        ("rejected", 500, {"StatusCode": "Rejected", "Amount": "3500.00"}),
        ("edited", 204, {"StatusCode": "Processed", "Amount": "1.00", "Quantity": None}),
        ("deleted", 404, None),
    ],
)
def test_somebody_may_be_quicker(delft: Any, fault: str, status: int, left: Row | None) -> None:
    delft.faults(errors=[fault], count=1)
    assert request(delft, 3)["StatusCode"] == "Realised"
    assert merge(delft, 3, {"StatusCode": "Processed"}).status_code == status
    if left is None:
        assert found(delft, "Request") == ["1", "2", "4", "5", "6"]
    else:
        now = request(delft, 3)
        assert {name: now[name] for name in left} == left
        assert now["ModifiedDate"] == NOW


def test_a_page_may_come_where_json_was_asked_for(delft: Any) -> None:
    delft.faults(errors=["page"], count=2)
    page(delft.get(f"{SERVICE}/Request"), 200)
    page(merge(delft, 3, {"StatusCode": "Processed"}), 200)
    assert request(delft, 3)["StatusCode"] == "Realised"


# --- types, items and filters -------------------------------------------------------------------------------


def test_without_types_in_the_state_there_are_the_ten_of_payroll(delft: Any) -> None:
    rows = results(delft.get(f"{SERVICE}/RequestType"))
    assert len(rows) == 10
    (sick,) = (row for row in rows if row["Code"] == "SICK")
    uri = "RequestType('SICK')"
    assert sick == {
        "__metadata": {"id": uri, "uri": uri, "type": "Exact.Metadata.Entity.RequestType"},
        "Code": "SICK",
        "Description": "Sick information",
        "HasRealise": True,
        "HasProcess": True,
        "PersonField": "All",
    }
    assert delft.get(f"{SERVICE}/{uri}").json()["d"] == sick
    assert refused(delft.get(f"{SERVICE}/RequestType(1)"))[0] == 400


@pytest.mark.parametrize(
    ("entity", "text", "keys"),
    [
        ("Request", "StatusCode eq 'Realised' or StatusCode eq 'Reopened'", ["3", "5"]),
        ("Request", "ResourceID eq 1042 and StatusCode eq 'Draft'", ["1"]),
        ("Request", "ResourceID eq 1043 or ResourceID eq 7", []),
        ("Request", "StatusCode eq 'Realised' and StartDate ge datetime'2018-08-01T00:00:00'", ["3"]),
        ("Request", "StatusCode eq 'Realised' and ModifiedDate gt datetime'2026-01-05T05:12:00'", []),
        ("Request", "EndDate eq null and Amount ge 3500", ["1", "2", "3", "4", "5", "6"]),
        ("Item", f"ItemCode eq '{'OVW150'.rjust(20)}'", [f"'{'OVW150'}'"]),
        ("Item", "ItemCode eq 'OVW150'", []),
        ("RequestType", "HasProcess eq true and Code eq 'SICK'", ["'SICK'"]),
        ("RequestType", "PersonField ne 'All'", []),
    ],
)
def test_filters_are_the_same_of_every_entity(delft: Any, entity: str, text: str, keys: list[str]) -> None:
    assert found(delft, entity, filter=text) == keys


def test_of_an_item_the_code_is_trimmed_and_the_component_is_not(delft: Any) -> None:
    item = delft.get(f"{SERVICE}/Item('OVW150')").json()["d"]
    assert (item["ItemCode"], item["TextFreeField1"]) == (
        "OVW150".rjust(20),
        "Uren ovw 150% (overwerk) ",
    )
    assert delft.get(f"{SERVICE}/Item('BLANK')").json()["d"]["TextFreeField1"] is None


# --- rights on properties, and what moves which date --------------------------------------------------------


def test_a_property_without_a_right_on_it_is_left_out_and_not_empty(delft: Any) -> None:
    delft.put_state({**STATE, "settings": [{"left_out": ["Resource.AnnualSalary", "BankAccount.IBAN"]}]})
    query = "?$select=ID,AnnualSalary,Mobile"
    for row in (
        delft.get(f"{SERVICE}/Resource(1042){query}").json()["d"],
        results(delft.get(f"{SERVICE}/Resource{query}"))[0],
    ):
        assert set(row) == {"__metadata", "ID", "Mobile"}
    assert "AnnualSalary" not in delft.get(f"{SERVICE}/Resource(1042)").json()["d"]
    assert "IBAN" not in results(delft.get(f"{SERVICE}/BankAccount"))[0]
    delft.put_state(STATE)
    assert delft.get(f"{SERVICE}/Resource(1042){query}").json()["d"]["AnnualSalary"] == "42000.00"


def test_a_row_whose_state_names_no_date_was_modified_now(delft: Any) -> None:
    state = delft.state()
    for name in ("Resource", "Contract", "Request"):
        state[name][0]["ModifiedDate"] = "2026-01-05T05:12:00"
    state["Resource"][1].pop("ModifiedDate")
    delft.put_state(state)
    people = delft.state()["Resource"]
    assert [row["ModifiedDate"] for row in people] == ["2026-01-05T05:12:00", "2026-03-02T11:30:00"]
    changed = "ModifiedDate ge datetime'2026-03-01T00:00:00'"
    assert found(delft, "Resource", filter=changed) == ["1043"]
    assert found(delft, "Contract", filter=changed) == []


@pytest.mark.parametrize("entity", ["BankAccount", "RoleMember"])
def test_accounts_and_roles_have_no_date_and_move_none(delft: Any, entity: str) -> None:
    before = delft.state()["Resource"]
    delft.put_state({**delft.state(), entity: [{**STATE[entity][0], "ResourceID": 1043}]})
    (row,) = results(delft.get(f"{SERVICE}/{entity}"))
    assert (row["ResourceID"], "ModifiedDate" in row) == (1043, False)
    assert delft.state()["Resource"] == before
    answer = delft.get(f"{SERVICE}/{entity}", params={"$filter": "ModifiedDate ne null"})
    assert refused(answer)[0] == 400


@pytest.mark.parametrize("entity", ["Resource(1042)", "RequestType('SICK')", "Item('OVW150')"])
def test_what_people_keep_in_synergy_is_not_ours_to_write(delft: Any, entity: str) -> None:
    headers = {**delft.headers, **MERGE}
    answer = delft.call("POST", f"{SERVICE}/{entity}", json={"Description": "X"}, headers=headers)
    assert refused(answer)[0] == 405
    assert refused(delft.call("DELETE", f"{SERVICE}/{entity}"))[0] == 405


def test_the_log_names_what_was_asked(delft: Any) -> None:
    calls = [
        ("GET", f"{SERVICE}/RequestType", "list RequestType"),
        ("GET", f"{SERVICE}/Contract", "list Contract"),
        ("GET", f"{SERVICE}/BankAccount", "list BankAccount"),
        ("MERGE", f"{SERVICE}/Request(3)", "change Request"),
    ]
    check_log(delft, calls)
