"""Xero's sandbox: listings, refusals, limits, and the states that it takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.sandbox import Options
from local.sandbox.frame.calls import Call
from local.sandbox.xero import Xero
from local.sandbox.xero.limits import AT_A_TIME, Limits
from local.sandbox.xero.shapes import guid
from local.sandbox.xero.store import TENANT
from tests.sandbox.conftest import XERO_HEADERS
from tests.sandbox.rules import check_refused

API = "/api.xro/2.0"
HARPER = guid(TENANT, "contact", "Harper Ltd")
STATE = {
    "TaxRates": [{"TaxType": "OUTPUT2", "EffectiveRate": 20}],
    "Accounts": [{"Code": "4000", "Name": "Service", "Type": "SALES", "TaxType": "OUTPUT2"}],
    "Contacts": [
        {"Name": "Harper Ltd", "EmailAddress": "ap@harper.example"},
        {"Name": 'The "Old Forge"', "ContactNumber": "F-1"},
        {"Name": "Gone Ltd", "ContactStatus": "ARCHIVED"},
    ],
    "Invoices": [
        {
            "Type": "ACCREC",
            "InvoiceNumber": "S1",
            "Contact": {"Name": "Harper Ltd"},
            "Date": "2026-01-05",
            "DueDate": "2026-02-04",
            "LineItems": [{"Description": "Work", "Quantity": 3, "UnitAmount": 0.015, "AccountCode": "4000"}],
        },
        {"Type": "ACCPAY", "InvoiceNumber": "S1", "Contact": {"ContactID": HARPER}, "Total": 12.5},
        {"Type": "ACCREC", "InvoiceNumber": "S2", "Contact": {"ContactID": HARPER}, "Status": "VOIDED"},
    ],
    "CreditNotes": [{"Type": "ACCRECCREDIT", "CreditNoteNumber": "C1", "Contact": {"ContactID": HARPER}}],
}


BOTH = ["Harper Ltd", 'The "Old Forge"']


@pytest.fixture
def books(xero: Any) -> Any:
    assert xero.put_state(STATE).status_code == 200
    return xero


def names(answer: Any, resource: str = "Contacts", member: str = "Name") -> list[str]:
    assert answer.status_code == 200, answer.text
    return sorted(row[member] for row in answer.json()[resource])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Harper Ltd", 'The "Old Forge"']),
        ({"includeArchived": "True"}, ["Gone Ltd", "Harper Ltd", 'The "Old Forge"']),
        ({"where": 'Name=="harper ltd"'}, ["Harper Ltd"]),
        ({"where": 'Name == "The \\"Old Forge\\""'}, ['The "Old Forge"']),
        ({"where": 'Name=="Harper Ltd" && IsCustomer==true'}, []),
        ({"where": '(Name=="x" || Name=="Harper Ltd") AND IsSupplier==false'}, ["Harper Ltd"]),
        ({"where": f'ContactID==Guid("{HARPER}")'}, ["Harper Ltd"]),
        ({"where": 'ContactStatus!="ACTIVE"', "includeArchived": "true"}, ["Gone Ltd"]),
        ({"where": 'Name.Contains("Forge")'}, ['The "Old Forge"']),
        ({"where": 'Name.Contains("forge")'}, []),
        ({"where": 'Name.ToLower().Contains("forge") || Name.StartsWith("Har")'}, BOTH),
        ({"where": 'Name.ToUpper()=="HARPER LTD"'}, ["Harper Ltd"]),
        ({"where": 'Name.EndsWith("Ltd")==false'}, ['The "Old Forge"']),
        ({"where": 'EmailAddress!=null&&EmailAddress.StartsWith("ap@")'}, ["Harper Ltd"]),
        ({"where": "EmailAddress==null"}, ['The "Old Forge"']),
        ({"where": 'TaxNumber=="1"', "unitdp": "4"}, []),
        ({"IDs": HARPER.upper()}, ["Harper Ltd"]),
        ({"searchTerm": "forge"}, ['The "Old Forge"']),
        ({"searchTerm": "harper.example"}, ["Harper Ltd"]),
        ({"page": "1", "pageSize": "1", "order": "Name DESC"}, ['The "Old Forge"']),
        ({"page": "2", "pageSize": "1", "order": "Name"}, ['The "Old Forge"']),
        ({"page": "3", "pageSize": "1"}, []),
    ],
)
def test_contacts_are_found_as_asked(books: Any, query: dict[str, str], found: list[str]) -> None:
    assert names(books.get(f"{API}/contacts", params=query)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"InvoiceNumbers": "s1,s3"}, ["ACCPAY", "ACCREC"]),
        ({"InvoiceNumbers": "S1", "where": 'Type=="ACCPAY"'}, ["ACCPAY"]),
        ({"Statuses": "VOIDED,DELETED"}, ["ACCREC"]),
        ({"where": 'AmountDue>0 && Status=="AUTHORISED"'}, ["ACCPAY", "ACCREC"]),
        ({"where": "AmountDue>12"}, ["ACCPAY"]),
        ({"where": 'Date<DateTime(2026,2,1) && Contact.Name=="Harper Ltd"'}, ["ACCREC"]),
        ({"where": f'Contact.ContactID==Guid("{HARPER}") && Total>=12.5'}, ["ACCPAY"]),
        ({"ContactIDs": guid("somebody")}, []),
    ],
)
def test_invoices_are_found_as_asked(books: Any, query: dict[str, str], found: list[str]) -> None:
    assert names(books.get(f"{API}/Invoices", params=query), "Invoices", "Type") == found


def test_lines_are_shown_with_a_page_only(books: Any) -> None:
    for query, lines in (({}, 0), ({"page": "1"}, 3), ({"page": "1", "summaryOnly": "true"}, 0)):
        rows = books.get(f"{API}/Invoices", params=query).json()["Invoices"]
        assert sum("LineItems" in row for row in rows) == lines
    alone = books.get(f"{API}/Invoices/S1").json()["Invoices"][0]
    assert alone["LineItems"][0]["LineAmount"] == 0.05
    assert books.get(f"{API}/Invoices", params={"page": "1"}).json()["pagination"] == {
        "page": 1,
        "pageSize": 100,
        "pageCount": 1,
        "itemCount": 3,
    }


def test_an_answer_has_its_envelope_and_dates_in_milliseconds(books: Any) -> None:
    body = books.get(f"{API}/Invoices", params={"where": 'Type=="ACCREC" && Status=="AUTHORISED"'}).json()
    assert (body["Status"], body["DateTimeUTC"]) == ("OK", "/Date(1772451000000)/")
    (row,) = body["Invoices"]
    assert (row["Date"], row["DateString"]) == ("/Date(1767571200000+0000)/", "2026-01-05T00:00:00")
    assert (row["SubTotal"], row["TotalTax"], row["Total"], row["AmountDue"]) == (0.05, 0.01, 0.06, 0.06)
    assert row["Contact"] == {"ContactID": HARPER, "Name": "Harper Ltd"}
    assert "tenantId" not in row


def test_only_what_changed_since_is_listed(books: Any, clocks: Any) -> None:
    clocks.moment += timedelta(minutes=5)
    books.call("POST", f"{API}/Contacts", json={"Name": "Harper Ltd", "EmailAddress": "new@harper.example"})
    since = {**XERO_HEADERS, "If-Modified-Since": "2026-03-02T11:30:00"}
    assert names(books.get(f"{API}/Contacts", headers=since)) == ["Harper Ltd"]
    # There is an empty list where nothing has changed, and all of it where nothing tells a time.
    assert books.get(f"{API}/Accounts", headers=since).json()["Accounts"] == []
    assert books.get(f"{API}/TaxRates", headers=since).json()["TaxRates"]


@pytest.mark.parametrize(
    ("resource", "query", "said"),
    [
        ("Contacts", "limit=1", "limit is not a known query parameter"),
        ("Contacts", "page=1&page=2", "given twice"),
        ("Contacts", "page=0", "page must be a number"),
        ("Contacts", "page=1&pageSize=1001", "from 1 to 1000"),
        ("Contacts", "includeArchived=yes", "true or false"),
        ("Contacts", "IDs=129", "GUIDs"),
        ("Contacts", "order=Shoe", "order"),
        ("Contacts", "where=Shoe%3D%3D1", "no property or field 'Shoe'"),
        ("Contacts", "where=Name%3D%3DHarper", "no value"),
        ("Contacts", "where=Name%3D%3D%22a%22%20%26%26", "ends too early"),
        ("Contacts", "where=(Name%3D%3D%22a%22", "ends too early"),
        ("Contacts", "where=Name%20~%20%22a%22", "unexpected"),
        ("Contacts", "where=Name", "ends too early"),
        ("Contacts", "where=Name.Contains(Harper)", "a text in brackets"),
        ("Contacts", "where=Name.Contains(%22a%22)%3D%3D1", "true or false"),
        ("Contacts", "where=Name.Trim()%3D%3D%22a%22", "no property or field"),
        ("Contacts", "where=Name%3D%3D%22a%22%20Name", "unexpected Name"),
        ("Invoices", "unitdp=3", "unitdp"),
        ("CreditNotes", "CreditNoteNumbers=C1", "is not a known query parameter"),
    ],
)
def test_a_query_that_does_not_fit_is_refused(books: Any, resource: str, query: str, said: str) -> None:
    answer = books.get(f"{API}/{resource}?{query}")
    assert answer.status_code == 400
    assert answer.json()["Type"] == "QueryParseException"
    assert said in answer.json()["Message"]


@pytest.mark.parametrize(
    ("method", "path", "changes", "status"),
    [
        ("GET", f"{API}/Contacts/{guid('nobody')}", {}, 404),
        ("GET", f"{API}/Contacts/F-1", {}, 200),
        ("GET", f"{API}/CreditNotes/C1", {}, 200),
        ("GET", f"{API}/Payments", {}, 404),
        ("GET", "/somewhere", {}, 404),
        ("GET", f"{API}/Contacts?searchTerm={'x' * 2048}", {}, 404),
        ("DELETE", f"{API}/Contacts", {}, 405),
        ("PUT", f"{API}/Accounts", {}, 405),
        ("GET", f"{API}/Contacts", {"Accept": "application/xml"}, 406),
        ("GET", f"{API}/Contacts", {"xero-tenant-id": guid("another")}, 403),
        ("GET", f"{API}/Contacts", {"xero-tenant-id": None}, 403),
        ("GET", f"{API}/Contacts", {"Authorization": "Bearer made-up"}, 401),
        ("GET", f"{API}/Contacts", {"Authorization": "xero-token"}, 401),
    ],
)
def test_each_door_has_its_own_refusal(
    books: Any, method: str, path: str, changes: dict[str, str | None], status: int
) -> None:
    headers = {name: text for name, text in {**XERO_HEADERS, **changes}.items() if text is not None}
    answer = books.call(method, path, headers=headers)
    assert answer.status_code == status
    if status == 404:
        assert answer.text == "The resource you're looking for cannot be found"
        assert answer.headers["Content-Type"].startswith("text/plain")
    elif status in (401, 403):
        assert sorted(answer.json()) == ["Detail", "Extensions", "Instance", "Status", "Title", "Type"]


def test_sixty_calls_a_minute_and_what_is_left_is_told(books: Any, clocks: Any) -> None:
    answers = [books.get(f"{API}/TaxRates") for _ in range(61)]
    assert {one.status_code for one in answers[:60]} == {200}
    left = [int(one.headers["X-MinLimit-Remaining"]) for one in answers]
    assert (left[0], left[59], left[60]) == (59, 0, 0)
    assert int(answers[0].headers["X-AppMinLimit-Remaining"]) > 9000
    over = answers[60]
    assert (over.status_code, over.headers["X-Rate-Limit-Problem"]) == (429, "minute")
    wait = int(over.headers["Retry-After"])
    assert 1 <= wait <= 60
    clocks.seconds += wait - 1
    assert books.get(f"{API}/TaxRates").status_code == 429
    clocks.seconds += 1
    assert books.get(f"{API}/TaxRates").status_code == 200


def test_a_day_has_its_own_limit_which_a_smaller_tier_lowers(books: Any, clocks: Any) -> None:
    clocks.seconds += 86_400
    books.put_state({**STATE, "settings": [{"day_limit": 2}]})
    answers = [books.get(f"{API}/TaxRates") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [one.headers["X-DayLimit-Remaining"] for one in answers] == ["1", "0", "0"]
    assert answers[2].headers["X-Rate-Limit-Problem"] == "day"
    assert 60 < int(answers[2].headers["Retry-After"]) <= 86_400


def test_a_day_s_limit_that_is_set_holds_also_where_the_vendor_s_are_off() -> None:
    room = Xero(Options(rate_limits=False, clock=lambda: 0.0))
    read = Call("GET", f"{API}/taxrates", "", {name.lower(): one for name, one in XERO_HEADERS.items()}, b"")
    token = {"oauth_tokens": [{"access_token": "xero-token", "refresh_token": "xero-refresh"}]}
    room.replace_state({**STATE, **token})
    assert {room.answer(read).status for _ in range(61)} == {200}
    room.replace_state({**STATE, **token, "settings": [{"day_limit": 70}]})
    answers = [room.answer(read) for _ in range(71)]
    assert [one.status for one in answers] == [*[200] * 70, 429]
    assert answers[-1].headers["X-Rate-Limit-Problem"] == "day"
    assert answers[-2].headers["X-DayLimit-Remaining"] == "0"


def test_five_calls_run_at_a_time() -> None:
    limits = Limits(lambda: 0.0)
    for _ in range(AT_A_TIME):
        assert limits.enter("t", 5000) is None
    refusal = limits.enter("t", 5000)
    assert refusal == ("concurrent", None)
    assert limits.enter("other", 5000) is None
    limits.leave("t")
    assert limits.enter("t", 5000) is None


@pytest.mark.parametrize(
    ("fault", "status", "headers"),
    [
        ("token", 401, {}),
        ("disconnected", 403, {}),
        ("concurrent", 429, {"X-Rate-Limit-Problem": "concurrent"}),
        ("day", 429, {"X-Rate-Limit-Problem": "day", "Retry-After": "67000"}),
        (429, 429, {"X-Rate-Limit-Problem": "minute", "Retry-After": "1"}),
        (503, 503, {"Content-Type": "text/plain; charset=utf-8"}),
    ],
)
def test_faults_speak_as_xero_does(books: Any, fault: Any, status: int, headers: dict[str, str]) -> None:
    books.faults(errors=[fault], match="Contacts")
    answer = books.get(f"{API}/Contacts")
    assert answer.status_code == status
    assert headers.items() <= answer.headers.items()
    assert ("Retry-After" in answer.headers) == ("Retry-After" in headers)


def test_tenants_do_not_see_each_other(xero: Any) -> None:
    other = guid("tenant", "Other Ltd")
    connections = [{"tenantId": TENANT}, {"tenantName": "Other Ltd"}]
    rate = {"TaxType": "NONE", "EffectiveRate": 0}
    contacts = [
        {"Name": "Harper Ltd"},
        {"Name": "Harper Ltd", "tenantId": other, "EmailAddress": "o@x.example"},
    ]
    rates = [rate, {**rate, "tenantId": other}]
    xero.put_state({"connections": connections, "Contacts": contacts, "TaxRates": rates})
    headers = {**XERO_HEADERS, "xero-tenant-id": other}
    assert names(xero.get(f"{API}/Contacts", headers=headers), member="EmailAddress") == ["o@x.example"]
    assert len(names(xero.get(f"{API}/Contacts"))) == 1
    state = xero.state()
    assert xero.put_state(state).status_code == 200
    assert xero.state() == state


def test_a_state_is_filled_and_can_be_put_back(books: Any) -> None:
    state = books.state()
    assert {row["AccountID"] for row in state["Accounts"]} == {guid(TENANT, "account", "4000")}
    assert state["Accounts"][0]["Class"] == "REVENUE"
    assert {row["Type"]: row["Total"] for row in state["Invoices"] if row["Status"] != "VOIDED"} == {
        "ACCREC": 0.06,
        "ACCPAY": 12.5,
    }
    assert books.put_state(state).status_code == 200
    assert books.state() == state


@pytest.mark.parametrize(
    ("state", "row", "field", "said"),
    [
        ({"Contacts": [{"Name": 1}]}, 0, "Name", "must be a string"),
        ({"Contacts": [{"Name": "a"}, {"Name": "a"}]}, 1, "ContactID", "used twice"),
        ({"Invoices": [{"Type": "ACCREC", "Contact": {"Name": "?"}}]}, 0, "Contact", "has the Name '?'"),
        ({"Invoices": [{"Type": "ACCREC", "Contact": {}}]}, 0, "Contact", "no contact has the ContactID"),
        ({"Invoices": [{"Type": "ACCREC", "Contact": {}, "Date": "5.1.2026"}]}, 0, "Date", "must be a date"),
        ({"settings": [{"day_limit": 0}]}, 0, "day_limit", "1 or more"),
        ({"oauth_tokens": [{}]}, 0, "access_token", "is required"),
        ({"connections": [{"tenantId": "1"}]}, 0, "tenantId", "a GUID"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(
    xero: Any, state: Any, row: int | None, field: str, said: str
) -> None:
    check_refused(xero, state, row, field, said)


@pytest.mark.parametrize(
    ("document", "field"),
    [({"Type": "ACCRECCREDIT"}, "Type"), ({"Type": "ACCREC", "Status": "LOST"}, "Status")],
)
def test_a_document_of_a_state_has_a_type_and_a_status(xero: Any, document: Any, field: str) -> None:
    contacts = [{"Name": "Harper Ltd"}]
    answer = xero.put_state({"Contacts": contacts, "Invoices": [{"Contact": contacts[0], **document}]})
    assert answer.json()["errors"][0]["field"] == field
