"""Exact Synergy's sandbox: sign-in, entities, filters and pages."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import requests

from tests.sandbox.rules import check_log

SERVICE = "/Synergy/services/Exact.Entity.REST.svc"
PAYROLL = "PAYROLLPLUS".rjust(20)
STATE: dict[str, list[dict[str, Any]]] = {
    "Resource": [
        {
            "ID": 1042,
            "Initials": "H.",
            "FirstName": "Hanneke",
            "MiddleName": "van",
            "LastName": "O'Schaik",
            "BirthDate": "/Date(483235200000)/",
            "Email": "hanneke@delft.example",
            "StartDate": "2018-03-01",
            "ManagerID": 1001,
            "AnnualSalary": "42000.00",
            "ModifiedDate": "2026-01-05T05:12:00",
        },
        {"ID": 1001, "FullName": "Ada de Wit", "EmployeeType": "C", "EmployeeStatus": "I"},
        {"ID": 900, "FullName": "Bo Bakker", "CountryCode": "BE"},
    ],
    "RoleMember": [
        {"ResourceID": 1042, "RoleCode": "PAYROLLPLUS", "RoleDescription": "Payroll Plus employee"},
        {"ResourceID": 1001, "RoleCode": PAYROLL},
        {"ResourceID": 1001, "RoleCode": "HR"},
    ],
    "Request": [
        {
            "HID": 90017,
            "RequestTypeCode": "OVERTIME",
            "StatusCode": "Realised",
            "ResourceID": 1042,
            "StartDate": "2026-01-05",
            "ItemCode": "OVW150",
            "Quantity": 6.5,
        },
        {"HID": 90018, "RequestTypeCode": "SICK", "StatusCode": "Draft", "ResourceID": 1042},
    ],
    "Item": [{"ItemCode": "OVW150", "Description": "Overtime 150", "TextFreeField1": "Uren ovw 150%"}],
    "HRMSetting": [{"PayrollSlipDocumentType": 310, "AnnualStatementDocumentType": 311}],
}


@pytest.fixture
def delft(synergy: Any) -> Any:
    answer = synergy.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return synergy


def results(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["d"]["results"]
    return found


def found(delft: Any, entity: str, **options: str) -> list[Any]:
    """The keys that a query finds."""
    params = {f"${name}": text for name, text in options.items()}
    rows = results(delft.get(f"{SERVICE}/{entity}", params=params))
    return [row["__metadata"]["id"].removeprefix(entity).strip("()") for row in rows]


def refused(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error"}
    assert (body["error"]["code"], body["error"]["message"]["lang"]) == ("", "nl-NL")
    return answer.status_code, body["error"]["message"]["value"]


def no_x(entity: str, position: int) -> str:
    return f"No property x exists in type 'Exact.Metadata.Entity.{entity}' at position {position}."


# --- entities -----------------------------------------------------------------------------------------------


def test_a_list_is_as_the_contract_shows_it(delft: Any) -> None:
    params = {"$filter": "RoleCode eq '                  HR'"}
    (role,) = results(delft.get(f"{SERVICE}/RoleMember", params=params))
    uri = f"RoleMember(guid'{role['ID']}')"
    assert role == {
        "__metadata": {"id": uri, "uri": uri, "type": "Exact.Metadata.Entity.RoleMember"},
        "ID": role["ID"],
        "ResourceID": 1001,
        "RoleCode": "                  HR",
        "RoleDescription": None,
        "Level": None,
    }


@pytest.mark.parametrize("base", [SERVICE, "/services/Exact.Entity.REST.svc"])
def test_one_person_comes_with_every_type_of_field(base: str, delft: Any) -> None:
    person = delft.get(f"{base}/Resource(1042)").json()["d"]
    assert person["__metadata"] == {
        "id": "Resource(1042)",
        "uri": "Resource(1042)",
        "type": "Exact.Metadata.Entity.Resource",
    }
    assert (person["ID"], person["FullName"], person["CountryCode"]) == (1042, "Hanneke van O'Schaik", "NL")
    assert (person["StartDate"], person["BirthDate"]) == ("/Date(1519862400000)/", "/Date(483235200000)/")
    assert (person["AnnualSalary"], person["ContractEnd"]) == ("42000.00", None)
    request = delft.get(f"{base}/Request(90017)?$select=Quantity,ItemCode").json()["d"]
    assert list(request) == ["__metadata", "Quantity", "ItemCode"]
    assert (request["Quantity"], request["ItemCode"]) == (6.5, "OVW150".rjust(20))


def test_keys_are_numbers_guids_and_texts(delft: Any) -> None:
    (role,) = results(delft.get(f"{SERVICE}/RoleMember?$top=1"))
    for path in (f"RoleMember(guid'{role['ID']}')", "Item('OVW150')", f"Item('{'OVW150'.rjust(20)}')"):
        assert delft.get(f"{SERVICE}/{path}").status_code == 200
    for path in ("Resource('1042')", "Item(17)", "RoleMember(17)", "RoleMember(guid'17')"):
        assert refused(delft.get(f"{SERVICE}/{path}"))[0] == 400
    for path in ("Resource(17)", "Item('X')", "Nobody", "Nobody(17)", "Resource/1042"):
        assert refused(delft.get(f"{SERVICE}/{path}"))[0] == 404


def test_without_a_licence_in_the_state_there_is_one(delft: Any) -> None:
    (row,) = results(delft.get(f"{SERVICE}/License", params={"$filter": "Code eq 'YA1740'"}))
    assert (row["Option"], row["Active"]) == (36, True)
    delft.put_state({"License": []})
    assert found(delft, "License") == []


# --- filters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("ID eq 1042", ["1042"]),
        ("ID eq 1042 or ID eq 900 or ID eq 5", ["900", "1042"]),
        ("ID ne 1042", ["900", "1001"]),
        ("ID gt 900 and ID lt 1042L", ["1001"]),
        ("ID ge 900 and ID le 1001", ["900", "1001"]),
        ("ManagerID eq null", ["900", "1001"]),
        ("ManagerID ne null", ["1042"]),
        ("ManagerID ne 5", ["900", "1001", "1042"]),
        ("ManagerID gt 0", ["1042"]),
        ("ManagerID eq 1001 or EmployeeStatus eq 'I'", ["1001", "1042"]),
        ("(ID eq 900 or ID eq 1001) and EmployeeType eq 'E'", ["900"]),
        ("ID eq 900 or ID eq 1001 and EmployeeType eq 'E'", ["900"]),
        ("LastName eq 'o''schaik'", ["1042"]),
        ("Email eq 'HANNEKE@delft.example'", ["1042"]),
        ("AnnualSalary ge 42000", ["1042"]),
        ("AnnualSalary eq 42000.0m", ["1042"]),
        ("ModifiedDate ge datetime'2026-01-06T00:00:00'", ["900", "1001"]),
        ("ModifiedDate eq datetime'2026-01-05T05:12:00'", ["1042"]),
        ("substringof('BAK',FullName)", ["900"]),
        ("substringof('bak', FullName) eq false", ["1001", "1042"]),
        ("startswith(FullName,'Ada') eq true", ["1001"]),
        ("startswith(LastName, '')", ["1042"]),
    ],
)
def test_a_filter_finds_what_fits(text: str, ids: list[str], delft: Any) -> None:
    assert found(delft, "Resource", filter=text) == ids


def test_a_card_that_is_put_again_as_it_was_given_has_not_moved(delft: Any, clocks: Any) -> None:
    """When a row was made is what Synergy adds where nobody says it, and no edit."""
    clocks.moment += timedelta(hours=1)
    delft.put_state(STATE)
    (card,) = results(delft.get(f"{SERVICE}/Resource", params={"$filter": "ID eq 1042"}))
    assert card["ModifiedDate"] < card["CreatedDate"]
    assert found(delft, "Resource", filter="ModifiedDate eq datetime'2026-01-05T05:12:00'") == ["1042"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RoleCode eq 'PAYROLLPLUS'", 0),
        (f"RoleCode eq '{PAYROLL}'", 2),
        (f"RoleCode eq '{PAYROLL.lower()}' and ResourceID eq 1001", 1),
        ("substringof('PAYROLL',RoleCode)", 2),
        ("startswith(RoleCode,'PAYROLL')", 0),
        ("ID eq guid'0A1F6C1E-0000-4000-8002-000000000001'", 1),
        ("ID ne guid'0a1f6c1e-0000-4000-8002-000000000001'", 2),
    ],
)
def test_a_code_has_its_blanks_in_a_filter(text: str, number: int, delft: Any) -> None:
    assert len(found(delft, "RoleMember", filter=text)) == number


@pytest.mark.parametrize(
    ("entity", "options", "message"),
    [
        ("Resource", {"$filter": "x eq 1"}, no_x("Resource", 0)),
        ("Item", {"$select": "ItemCode,x"}, no_x("Item", 9)),
        ("Item", {"$orderby": "x"}, no_x("Item", 0)),
        (
            "Resource",
            {"$filter": "ID eq '1'"},
            "Operator 'eq' incompatible with operand types 'Edm.Int32' and 'text' at position 3.",
        ),
        ("Resource", {"$filter": "FullName eq 1"}, None),
        ("Resource", {"$filter": "StartDate eq '2026-01-05'"}, None),
        ("Resource", {"$filter": "StartDate eq datetime'2026-13-05'"}, None),
        ("License", {"$filter": "Active gt true"}, None),
        ("RoleMember", {"$filter": "ID eq '0a1f6c1e-0000-4000-8002-000000000001'"}, None),
        ("Resource", {"$filter": ""}, "Syntax error at position 0."),
        ("Resource", {"$filter": "ID eq"}, "Syntax error at position 5."),
        ("Resource", {"$filter": "ID = 1"}, "Syntax error at position 3."),
        ("Resource", {"$filter": "ID like 1"}, "Syntax error at position 3."),
        ("Resource", {"$filter": "(ID eq 1"}, None),
        ("Resource", {"$filter": "ID eq 1)"}, None),
        ("Resource", {"$filter": "ID eq 1 ID eq 2"}, None),
        ("Resource", {"$filter": "FullName eq 'O'Brien'"}, None),
        ("Resource", {"$filter": "1 eq ID"}, None),
        ("Resource", {"$filter": "startswith('A',FullName)"}, None),
        ("Resource", {"$filter": "startswith(ID,'1')"}, None),
        ("Resource", {"$filter": "(" * 60 + "ID eq 1" + ")" * 60}, None),
        ("Resource", {"$top": "-1"}, None),
        ("Resource", {"$top": "many"}, None),
        ("Resource", {"$skip": "5"}, None),
        ("Resource", {"$skiptoken": "'x'"}, None),
        ("Resource(1042)", {"$filter": "ID eq 1"}, None),
    ],
)
def test_what_does_not_fit_is_refused(
    entity: str, options: dict[str, str], message: str | None, delft: Any
) -> None:
    status, said = refused(delft.get(f"{SERVICE}/{entity}", params=options))
    assert status == 400
    assert message in (None, said)


# --- pages --------------------------------------------------------------------------------------------------


def people(number: int) -> dict[str, list[dict[str, Any]]]:
    return {"Resource": [{"ID": n, "FullName": f"Person {n % 7}"} for n in range(1, number + 1)]}


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({}, [100, 100, 50]),
        ({"$top": "0"}, [0]),
        ({"$top": "120"}, [100, 20]),
        ({"$filter": "ID gt 100", "$select": "ID"}, [100, 50]),
        ({"$orderby": "FullName desc, ID"}, [100, 100, 50]),
    ],
)
def test_next_leads_from_page_to_page(options: dict[str, str], sizes: list[int], synergy: Any) -> None:
    synergy.put_state(people(250))
    answer = synergy.get(f"{SERVICE}/Resource", params=options)
    pages = [results(answer)]
    while following := answer.json()["d"].get("__next"):
        assert following.startswith(f"{synergy.base}{SERVICE}/Resource?")
        assert parse_qs(urlsplit(following).query)["$skiptoken"] == [str(pages[-1][-1]["ID"])]
        answer = synergy.session.get(following, headers=synergy.headers, timeout=10)
        pages.append(results(answer))
    assert [len(page) for page in pages] == sizes
    ids = [row["ID"] for page in pages for row in page]
    assert len(set(ids)) == sum(sizes)
    if "$orderby" in options:
        assert ids == sorted(ids, key=lambda n: (-(n % 7), n))


def test_the_size_of_a_page_can_be_set(synergy: Any) -> None:
    synergy.put_state({**people(5), "settings": [{"page_size": 2}]})
    assert found(synergy, "Resource") == ["1", "2"]
    assert found(synergy, "Resource", skiptoken="2") == ["3", "4"]
    assert found(synergy, "Resource", skiptoken="4") == ["5"]


def test_many_people_are_read_quickly(synergy: Any) -> None:
    many = range(1, 5001)
    roles = [{"ResourceID": n, "RoleCode": "PAYROLLPLUS"} for n in many]
    assert synergy.put_state({**people(5000), "RoleMember": roles}).status_code == 200
    started = time.monotonic()
    answer = synergy.get(f"{SERVICE}/RoleMember", params={"$filter": f"RoleCode eq '{PAYROLL}'"})
    pages = 1
    while following := answer.json()["d"].get("__next"):
        answer = synergy.session.get(following, headers=synergy.headers, timeout=10)
        pages += 1
    wanted = " or ".join(f"ID eq {n}" for n in range(100, 4100, 100))
    for _ in range(20):
        assert len(found(synergy, "Resource", filter=wanted)) == 40
    assert pages == 50
    assert time.monotonic() - started < 5


# --- who is let in ------------------------------------------------------------------------------------------


def page(answer: requests.Response, status: int) -> requests.Response:
    """A page for people, which is no JSON."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    return answer


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic x", "Basic cGF5cmVsYXk6eA=="])
def test_a_wrong_user_gets_a_page(header: str, delft: Any) -> None:
    answer = page(delft.get(f"{SERVICE}/Item", headers={"Authorization": header}), 401)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Synergy"'


def test_a_server_may_want_windows_sign_in_or_keep_an_entity_closed(delft: Any) -> None:
    delft.put_state({**STATE, "settings": [{"no_right": ["Resource"]}]})
    page(delft.get(f"{SERVICE}/Resource"), 403)
    page(delft.get(f"{SERVICE}/Resource(1042)"), 403)
    assert len(found(delft, "Item")) == 1
    delft.put_state({**STATE, "settings": [{"ntlm": True}]})
    assert page(delft.get(f"{SERVICE}/Item"), 401).headers["WWW-Authenticate"] == "NTLM"


def test_faults_have_names(delft: Any) -> None:
    for fault, status in (("signin", 401), ("restarting", 503)):
        delft.faults(errors=[fault])
        page(delft.get(f"{SERVICE}/Item"), status)
    for error, status in (("locked", 409), (429, 429), (500, 500), (503, 503)):
        delft.faults(errors=[error])
        assert refused(delft.get(f"{SERVICE}/Item"))[0] == status


def at_once(delft: Any) -> list[int]:
    """The statuses of five calls at a time."""

    def call(_: int) -> int:
        return requests.get(f"{delft.base}{SERVICE}/Item", headers=delft.headers, timeout=10).status_code

    with ThreadPoolExecutor(5) as pool:
        return sorted(pool.map(call, range(5)))


@pytest.mark.parametrize("slow", ["setting", "fault"])
def test_a_fifth_call_at_once_is_refused(slow: str, delft: Any) -> None:
    if slow == "setting":
        delft.put_state({**STATE, "settings": [{"answer_ms": 400}]})
    else:
        delft.faults(latency_ms=400)
    assert at_once(delft) == [200, 200, 200, 200, 503]
    assert delft.get(f"{SERVICE}/Item").status_code == 200


def test_only_json_is_answered(delft: Any) -> None:
    assert refused(delft.get(f"{SERVICE}/Item", headers={**delft.headers, "Accept": "text/xml"}))[0] == 406


def test_the_log_names_what_was_asked(delft: Any) -> None:
    calls = [
        ("GET", f"{SERVICE}/Item", "list Item"),
        ("GET", f"{SERVICE}/Item('OVW150')", "get Item"),
        ("POST", f"{SERVICE}/Document", "create Document"),
        ("MERGE", f"{SERVICE}/Request(90017)", "change Request"),
        ("GET", f"{SERVICE}/Nobody", None),
    ]
    check_log(delft, calls)


@pytest.mark.parametrize("accept", ["application/xml", "*/*", "application/json"])
def test_the_service_describes_its_entities(accept: str, synergy: Any) -> None:
    """As EDMX, whatever is accepted (fidelity: `$metadata`)."""
    answer = synergy.get(f"{SERVICE}/$metadata", headers={**synergy.headers, "Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml;charset=utf-8")
    schema = ElementTree.fromstring(answer.content)[0][0]
    edm = "{http://schemas.microsoft.com/ado/2006/04/edm}"
    types = {one.get("Name"): one for one in schema.iter(f"{edm}EntityType")}
    assert {one.get("Name") for one in schema.iter(f"{edm}EntitySet")} == set(types)
    assert [one.get("Name") for one in types["Request"].iter(f"{edm}PropertyRef")] == ["HID"]
    found = {one.get("Name"): one.get("Type") for one in types["Resource"].iter(f"{edm}Property")}
    assert (found["ID"], found["BirthDate"], found["AnnualSalary"], found["Email"]) == (
        "Edm.Int32",
        "Edm.DateTime",
        "Edm.Decimal",
        "Edm.String",
    )
    assert refused(synergy.call("POST", f"{SERVICE}/$metadata", json={}))[0] == 405
    assert synergy.get(f"{SERVICE}/$metadata", headers={}).status_code == 401
