"""Exact Synergy's sandbox: documents, rows of the report, requests that are processed, and its state."""

import re
from typing import Any

import pytest
import requests

from tests.sandbox.rules import check_refused
from tests.sandbox.test_synergy import SERVICE, STATE, no_x, refused, results

DOCUMENT = {
    "DocumentType": 310,
    "Subject": "Payslip 2026-01",
    "ResourceID": 1042,
    "DocumentDate": "2026-01-25T00:00:00",
    "FileName": "2026-01.pdf",
    "Content": "JVBERi0=",
    "TextFreeField1": "slip:ps-881",
}
ROW = {
    "ResourceID": 1042,
    "Year": 2026,
    "Period": 1,
    "Component": "NETTOLOON",
    "Description": "Net wage",
    "Amount": "2541.17",
}
MERGE = {"X-HTTP-Method": "MERGE"}


@pytest.fixture
def delft(synergy: Any) -> Any:
    answer = synergy.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return synergy


def post(delft: Any, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    return delft.call("POST", f"{SERVICE}/{path}", json=body, headers={**delft.headers, **(headers or {})})


# --- writing ------------------------------------------------------------------------------------------------


def test_a_document_is_made_and_found_again_by_its_source_key(delft: Any) -> None:
    answer = post(delft, "Document", DOCUMENT)
    made = answer.json()["d"]
    (read,) = results(delft.get(f"{SERVICE}/Document", params={"$filter": "TextFreeField1 eq 'slip:ps-881'"}))
    assert answer.status_code == 201
    assert made == read
    assert {name: read[name] for name in DOCUMENT} == DOCUMENT | {"DocumentDate": "/Date(1769299200000)/"}
    assert read["__metadata"]["uri"] == f"Document(guid'{read['ID']}')"


@pytest.mark.parametrize("fault", ["after_write_reset", "after_write_timeout"])
def test_the_answer_to_a_document_may_get_lost(fault: str, delft: Any) -> None:
    delft.faults(errors=[fault], match="Document", count=1)
    assert results(delft.get(f"{SERVICE}/Document")) == []
    with pytest.raises(requests.RequestException):
        delft.call("POST", f"{SERVICE}/Document", json=DOCUMENT, timeout=0.5)
    assert len(results(delft.get(f"{SERVICE}/Document"))) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("TextFreeField1 eq 'slip:ps-1' or TextFreeField1 eq 'SLIP:PS-2'", 3),
        ("TextFreeField1 eq 'slip:ps-3' or TextFreeField1 eq null", 1),
        ("TextFreeField1 eq 'slip:ps-1' and ResourceID eq 1001", 1),
        ("startswith(TextFreeField1,'slip:ps-1')", 2),
    ],
)
def test_documents_are_found_by_their_source_keys(text: str, number: int, delft: Any) -> None:
    rows = [
        {"DocumentType": 310, "ResourceID": who, "TextFreeField1": key}
        for who, key in ((1042, "slip:ps-1"), (1001, "slip:ps-1"), (1042, "Slip:ps-2"), (1042, None))
    ]
    delft.put_state({**STATE, "Document": rows})
    assert len(results(delft.get(f"{SERVICE}/Document", params={"$filter": text}))) == number


def test_a_row_of_the_report_is_made_and_changed(delft: Any) -> None:
    made = post(delft, "PayrollPlusReport", ROW).json()["d"]
    answer = post(delft, made["__metadata"]["uri"], {"Amount": "2600.00"}, MERGE)
    (read,) = results(delft.get(f"{SERVICE}/PayrollPlusReport"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert read == made | {"Amount": "2600.00"}


def test_a_request_is_processed_and_nothing_else_of_it_moves(delft: Any) -> None:
    before = delft.get(f"{SERVICE}/Request(90017)").json()["d"]
    assert post(delft, "Request(90017)", {"StatusCode": "Processed"}, MERGE).status_code == 204
    after = delft.get(f"{SERVICE}/Request(90017)").json()["d"]
    assert after == before | {"StatusCode": "Processed", "ModifiedDate": "/Date(1772451000000)/"}
    realised = delft.get(f"{SERVICE}/Request", params={"$filter": "StatusCode eq 'Realised'"})
    assert results(realised) == []


@pytest.mark.parametrize("method", ["MERGE", "PUT"])
def test_a_change_may_be_a_method_of_its_own(method: str, delft: Any) -> None:
    path = f"{SERVICE}/Request(90017)"
    assert delft.call(method, path, json={"StatusCode": "Processed"}).status_code == 204
    assert delft.get(path).json()["d"]["StatusCode"] == "Processed"
    assert refused(delft.call(method, f"{SERVICE}/Resource(1042)", json={"FullName": "X"}))[0] == 405
    assert delft.get(path, headers={**delft.headers, "X-HTTP-Method": "MERGE"}).status_code == 405


@pytest.mark.parametrize(
    ("path", "changes", "status", "message"),
    [
        ("Document", {"x": 1}, 400, no_x("Document", 0)),
        ("Document", {"ID": "0a1f6c1e-0000-4000-8000-000000000001"}, 400, "ID can't be written."),
        ("Document", {"DocumentType": "310"}, 400, "DocumentType must be a whole number."),
        ("Document", {"Subject": ""}, 400, "Subject is required."),
        ("Document", {"Content": "no base64"}, 400, "Content must be base64."),
        ("Document", {"DocumentDate": "25-01-2026"}, 400, None),
        ("Document", {"ResourceID": 7}, 500, "Resource 7 does not exist."),
        ("PayrollPlusReport", {"Amount": 2541.17}, 400, None),
        ("PayrollPlusReport", {"Period": True}, 400, "Period must be a whole number."),
        ("PayrollPlusReport", {"Component": None}, 400, "Component is required."),
    ],
)
def test_a_body_that_does_not_fit_is_refused_and_nothing_is_made(
    path: str, changes: dict[str, Any], status: int, message: str | None, delft: Any
) -> None:
    body = (DOCUMENT if path == "Document" else ROW) | changes
    found, said = refused(post(delft, path, body))
    assert (found, message in (None, said)) == (status, True)
    assert delft.state()[path] == []


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("Request(90017)", {"StatusCode": "Done"}, MERGE, 400),
        ("Request(90017)", {"StatusCode": None}, MERGE, 400),
        ("Request(90017)", {"Quantity": 1}, MERGE, 400),
        ("Request(90017)", {"x": 1}, MERGE, 400),
        ("Request(90017)", [], MERGE, 400),
        ("Request(1)", {"StatusCode": "Processed"}, MERGE, 404),
        ("Request(90017)", {"StatusCode": "Processed"}, {}, 405),
        ("Request", {"StatusCode": "Draft"}, {}, 405),
        ("Resource(1042)", {"FullName": "X"}, MERGE, 405),
        ("Document", DOCUMENT, MERGE, 405),
        ("Document", DOCUMENT, {"Content-Type": "text/plain"}, 415),
        ("Document?$top=1", DOCUMENT, {}, 400),
    ],
)
def test_what_can_not_be_written_is_refused(
    path: str, body: Any, headers: dict[str, str], status: int, delft: Any
) -> None:
    before = delft.state()
    assert refused(post(delft, path, body, headers))[0] == status
    assert delft.state() == before


# --- the state ----------------------------------------------------------------------------------------------


def test_a_state_comes_back_completed_and_can_be_put_again(delft: Any) -> None:
    state = delft.state()
    (settings,) = state["settings"]
    assert settings == {
        "page_size": 100,
        "ntlm": False,
        "no_right": [],
        "left_out": [],
        "may_process": True,
        "answer_ms": 0,
    }
    assert [row["RoleCode"] for row in state["RoleMember"]] == ["PAYROLLPLUS", "PAYROLLPLUS", "HR"]
    assert {row["FullName"] for row in state["Resource"]} == {
        "Bo Bakker",
        "Ada de Wit",
        "Hanneke van O'Schaik",
    }
    assert state["Resource"][2]["StartDate"] == "2018-03-01T00:00:00"
    assert state["Resource"][0]["ModifiedDate"] == "2026-03-02T11:30:00"
    assert all(re.fullmatch(r"[0-9a-f-]{36}", row["ID"]) for row in state["RoleMember"])
    assert delft.put_state(state).status_code == 200
    assert delft.state() == state


@pytest.mark.parametrize(
    ("state", "field", "said"),
    [
        ({"Resource": [{"ID": "1"}]}, "ID", "a whole number"),
        ({"Resource": [{"ID": None}]}, "ID", "is required"),
        ({"Resource": [{"ID": 1, "BirthDate": "yesterday"}]}, "BirthDate", "a time"),
        ({"Resource": [{"ID": 1, "BirthDate": "2026-02-30"}]}, "BirthDate", "a time"),
        ({"Resource": [{"ID": 1, "AnnualSalary": 42000}]}, "AnnualSalary", "a number as text"),
        ({"RoleMember": [{"ResourceID": 1}]}, "RoleCode", "is required"),
        ({"Request": [STATE["Request"][1] | {"StatusCode": "Done"}]}, "StatusCode", "one of Draft"),
        ({"settings": [{"page_size": 0}]}, "page_size", "1 or more"),
        ({"settings": [{"no_right": ["Nobody"]}]}, "no_right[0]", "one of Resource"),
        ({"settings": [{"left_out": ["Resource.Shoe"]}]}, "left_out[0]", "one of Resource.ID"),
        ({"RequestType": [{"Description": "Sick"}]}, "Code", "is required"),
        (
            {"RequestType": [{"Code": "SICK", "PersonField": "Student"}]},
            "PersonField",
            "one of All, Employee",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused_whole(
    state: dict[str, Any], field: str, said: str, delft: Any
) -> None:
    check_refused(delft, state, 0, field, said)
