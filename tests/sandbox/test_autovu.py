"""AutoVu's own rules: lists, write-back, refusals, and the states that a tester may set."""

import json
from typing import Any

import pytest

from tests.sandbox.rules import check_limit, check_refused

LINE = {"Text": "Boiler service", "NominalCode": "4000", "Net": "100.00"}


def invoice(**changes: Any) -> dict[str, Any]:
    return {"Type": "SalesInvoice", "Number": "S1", "AccountName": "Harper Ltd", "Lines": [LINE], **changes}


def patch(client: Any, path: str, body: Any, version: str | None = "r1", **more: Any) -> Any:
    headers = {**client.headers, **({"If-Match": version} if version else {})}
    return client.call("PATCH", f"/api/v1{path}", json=body, headers=headers, **more)


def error(answer: Any) -> tuple[int, str, str | None]:
    body = answer.json()
    assert set(body) == {"Code", "Message", "Field"}
    assert body["Message"]
    return answer.status_code, body["Code"], body["Field"]


@pytest.fixture
def tenant(autovu: Any) -> Any:
    documents = [
        invoice(DocumentId="d-1", Number="S2", Date="2026-01-06"),
        invoice(DocumentId="d-2", Number="S3", Date="2026-01-05"),
        invoice(DocumentId="d-3", Number="S1", Date="2026-01-06"),
        invoice(DocumentId="d-4", Number="S4", MarkedForSync=False),
        invoice(DocumentId="d-5", Number="S5", SyncedAt="2026-01-07T09:00:00Z", ExternalId="77"),
        invoice(DocumentId="d-6", Number="C1", Type="SalesCreditNote"),
        invoice(DocumentId="d-7", Number="P1", Type="SupplierInvoice", AccountName="Pennine"),
    ]
    assert autovu.put_state({"documents": documents}).status_code == 200
    return autovu


# --- the state -------------------------------------------------------------------------------------------


DOCUMENT = json.loads("""{"DocumentId": "d-1", "Type": "SalesInvoice", "Number": "S1", "Date": "2026-03-02",
  "DueDate": "2026-04-01", "Currency": "GBP", "Reference": "", "Sent": true, "MarkedForSync": true,
  "SyncedAt": null, "StatusCode": "", "ExternalId": null, "AccountId": "a-1", "AccountKind": "Company",
  "AccountName": "Harper Ltd", "CareOfAccountId": null,
  "Lines": [
    {"LineNo": 1, "Text": "Labour", "NominalCode": "4000", "Quantity": "1.5", "UnitPrice": "33.35",
      "Net": "50.03", "TaxCode": "T1", "Tax": "10.01"},
    {"LineNo": 2, "Text": "Pipe", "NominalCode": "4100", "Quantity": "3", "UnitPrice": "3.3333",
      "Net": "10.00", "TaxCode": "T5", "Tax": "0.50"}],
  "Net": "60.03", "Tax": "10.51", "Gross": "70.54", "RowVersion": "r1"}""")


def test_a_document_in_part_is_completed(autovu: Any) -> None:
    lines = [
        {"Text": "Labour", "NominalCode": "4000", "Quantity": "1.5", "UnitPrice": "33.35"},
        {"Text": "Pipe", "NominalCode": "4100", "Quantity": "3", "Net": "10.00", "TaxCode": "T5"},
    ]
    autovu.put_state({"documents": [invoice(Lines=lines)]})
    state = autovu.state()
    assert state["documents"] == [DOCUMENT]
    accounts = [(row["AccountId"], row["Name"], row["AccsID"]) for row in state["accounts"]]
    assert accounts == [("a-1", "Harper Ltd", None)]
    nominals = [(row["Code"], row["LinkTo"], row["TaxSelector"]) for row in state["chartofaccounts"]]
    assert nominals == [("4000", "Sales", "T1"), ("4100", "Sales", "T5")]
    assert state["syncsettings"][0]["Package"] == "QuickBooks"


def test_an_id_that_a_state_names_is_given_to_no_other(autovu: Any) -> None:
    named = invoice(Number="S2", AccountId="a-1", AccountName="Brook Ltd", DocumentId="d-1")
    autovu.put_state({"documents": [invoice(), named]})
    rows = {row["AccountName"]: (row["DocumentId"], row["AccountId"]) for row in autovu.state()["documents"]}
    assert rows == {"Harper Ltd": ("d-2", "a-2"), "Brook Ltd": ("d-1", "a-1")}


def test_accounts_and_chart_that_are_given_stay_as_they_are(autovu: Any) -> None:
    autovu.put_state(
        {
            "documents": [invoice(AccountId="a-gone"), invoice(Number="S2")],
            "accounts": [{"Name": "Harper Ltd", "Kind": "Site", "Address": {"Town": "Leeds"}}],
            "chartofaccounts": [{"Code": "4000", "LinkTo": "Sales", "TaxSelector": None}],
            "syncsettings": [{"Package": "Sage", "UsesCareOf": False}],
        }
    )
    state = autovu.state()
    assert [row["AccountId"] for row in state["documents"]] == ["a-gone", "a-1"]
    assert state["documents"][1]["AccountKind"] == "Site"
    assert state["documents"][1]["Lines"][0]["TaxCode"] is None
    assert [(row["AccountId"], row["Address"]["Town"]) for row in state["accounts"]] == [("a-1", "Leeds")]
    assert [row["Code"] for row in state["chartofaccounts"]] == ["4000"]
    assert autovu.get("/api/v1/accounts/a-gone").status_code == 404
    settings = autovu.get("/api/v1/syncsettings").json()
    more = {"TaxOnNominalRequired": True, "UserName": "Sam Price"}
    assert settings == {"Package": "Sage", "UsesCareOf": False, **more}


def test_totals_may_be_off(autovu: Any) -> None:
    autovu.put_state({"documents": [invoice(Net="90.00", Gross="1.00")]})
    (row,) = autovu.state()["documents"]
    assert (row["Net"], row["Tax"], row["Gross"]) == ("90.00", "20.00", "1.00")


@pytest.mark.parametrize(
    ("document", "field", "said"),
    [
        (invoice(Type="Quote"), "Type", "one of SalesInvoice"),
        (invoice(Net=100), "Net", "an amount as text"),
        (invoice(Net="100.001"), "Net", "an amount as text"),
        (invoice(Date="5.1.2026"), "Date", "a date such as"),
        (invoice(SyncedAt="2026-01-05"), "SyncedAt", "a time such as"),
        (invoice(Sent="yes"), "Sent", "true or false"),
        (invoice(Currency="gbp"), "Currency", "GBP"),
        (invoice(Lines={}), "Lines", "must be a list"),
        (invoice(Lines=["x"]), "Lines[0]", "must be an object"),
        (invoice(Lines=[LINE, {"NominalCode": "1", "Net": "1"}]), "Lines[1].Text", "is required"),
        (invoice(Lines=[LINE, LINE | {"Colour": "red"}]), "Lines[1].Colour", "unknown field"),
        (invoice(Lines=[{"Text": "", "NominalCode": "1"}]), "Lines[0].Net", "is required, or UnitPrice"),
        (invoice(Lines=[LINE | {"TaxCode": "T77"}]), "Lines[0].Tax", "is required with a tax code"),
        (invoice(AccountName=5), "AccountName", "a text"),
        ({"Type": "SalesInvoice", "Number": "S1", "Lines": []}, "AccountName", "is required"),
    ],
)
def test_a_document_that_does_not_fit_is_refused(
    autovu: Any, document: dict[str, Any], field: str, said: str
) -> None:
    check_refused(autovu, {"documents": [invoice(), document]}, 1, field, said)


@pytest.mark.parametrize(
    ("state", "field", "said"),
    [
        ({"accounts": [{"Name": "A", "Address": {"Zip": "1"}}]}, "Address.Zip", "unknown field"),
        ({"accounts": [{"Name": "A", "AccsID": 129}]}, "AccsID", "a text"),
        ({"chartofaccounts": [{"Code": "1", "LinkTo": "Bank"}]}, "LinkTo", "one of Sales, Expenses"),
        ({"documents": [invoice()], "accounts": []}, "AccountId", "is required"),
        ({"syncsettings": [{"Package": ""}]}, "Package", "not blank"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(autovu: Any, state: Any, field: str, said: str) -> None:
    check_refused(autovu, state, 0, field, said)


# --- reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("type=SalesInvoice&markedForSync=true&synced=false", ["S3", "S1", "S2"]),
        ("type=SalesInvoice", ["S3", "S1", "S2", "S4", "S5"]),
        ("type=SalesInvoice&synced=true", ["S5"]),
        ("type=SalesInvoice&markedForSync=false", ["S4"]),
        ("type=SalesCreditNote&markedForSync=true&synced=false", ["C1"]),
        ("type=SupplierInvoice", ["P1"]),
        ("type=SalesInvoice&page=2&pageSize=2", ["S2", "S4"]),
        ("type=SalesInvoice&page=9", []),
    ],
)
def test_each_type_has_its_list_by_date_and_number(tenant: Any, query: str, numbers: list[str]) -> None:
    answer = tenant.get(f"/api/v1/documents?{query}")
    assert answer.status_code == 200
    assert [row["Number"] for row in answer.json()["Items"]] == numbers


def test_a_page_says_where_it_stands(tenant: Any) -> None:
    body = tenant.get("/api/v1/documents?type=SalesInvoice&page=2&pageSize=3").json()
    assert [row["Number"] for row in body.pop("Items")] == ["S4", "S5"]
    assert body == {"Total": 5, "Page": 2, "PageSize": 3}
    nominal = {"Description": "4000", "Code": "4000", "LinkTo": "Sales", "TaxSelector": "T1"}
    chart = tenant.get("/api/v1/chartofaccounts").json()
    assert chart == {"Items": [nominal], "Total": 1, "Page": 1, "PageSize": 50}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/documents", "type"),
        ("/documents?type=Quote", "type"),
        ("/documents?type=SalesInvoice&status=open", "status"),
        ("/documents?type=SalesInvoice&synced=no", "synced"),
        ("/documents?type=SalesInvoice&pageSize=201", "pageSize"),
        ("/documents?type=SalesInvoice&page=0", "page"),
        ("/documents?type=SalesInvoice&page=1&page=2", "page"),
        ("/documents/d-1?expand=Lines", "expand"),
        ("/chartofaccounts?type=Sales", "type"),
        ("/syncsettings?page=1", "page"),
    ],
)
def test_what_it_does_not_know_is_invalid(tenant: Any, path: str, field: str) -> None:
    assert error(tenant.get(f"/api/v1{path}")) == (400, "Invalid", field)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/documents/d-99"),
        ("GET", "/accounts"),
        ("GET", "/accounts/a-99"),
        ("GET", "/invoices"),
        ("POST", "/documents"),
        ("DELETE", "/documents/d-1"),
        ("PATCH", "/syncsettings"),
        ("PATCH", "/documents/d-99"),
        ("GET", "/documents/d-1/lines"),
    ],
)
def test_what_is_not_there_is_not_found(tenant: Any, method: str, path: str) -> None:
    assert error(tenant.call(method, f"/api/v1{path}"))[:2] == (404, "NotFound")
    assert error(tenant.call(method, path))[:2] == (404, "NotFound")


@pytest.mark.requirement("IN-9")
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Bearer autovu-no-sync-key", (403, "NoSyncPermission", None)),
        ("Bearer wrong", (401, "BadKey", None)),
        ("autovu-sandbox-key", (401, "BadKey", None)),
        ("bearer autovu-sandbox-key", (401, "BadKey", None)),
        ("", (401, "BadKey", None)),
    ],
)
def test_a_key_without_permission_is_told_from_a_bad_one(
    tenant: Any, header: str, expected: tuple[int, str, str | None]
) -> None:
    assert error(tenant.get("/api/v1/syncsettings", headers={"Authorization": header})) == expected


def test_the_sixth_call_in_a_second_must_wait(tenant: Any, clocks: Any) -> None:
    check_limit(tenant, clocks, "/api/v1/syncsettings", 5, {"Code": "TooMany", "Field": None})


# --- the write-back --------------------------------------------------------------------------------------


def test_a_synced_document_leaves_the_list(tenant: Any) -> None:
    body = {"StatusCode": "", "ExternalId": "145", "SyncedAt": "2026-02-09T12:00:00Z"}
    answer = patch(tenant, "/documents/d-2", body)
    assert answer.status_code == 200
    assert answer.json() == tenant.get("/api/v1/documents/d-2").json()
    assert {name: answer.json()[name] for name in body} == body
    assert answer.json()["RowVersion"] == "r2"
    query = "type=SalesInvoice&markedForSync=true&synced=false"
    assert [row["Number"] for row in tenant.get(f"/api/v1/documents?{query}").json()["Items"]] == ["S1", "S2"]


@pytest.mark.parametrize("version", ["r1", '"r1"'])
def test_the_version_may_stand_in_quotes(tenant: Any, version: str) -> None:
    assert patch(tenant, "/documents/d-1", {"StatusCode": "x"}, version).json()["StatusCode"] == "x"


@pytest.mark.parametrize(
    ("path", "body", "version", "expected"),
    [
        ("/documents/d-1", {"Net": "1.00"}, "r1", (400, "FieldNotWritable", "Net")),
        ("/documents/d-1", {"StatusCode": "x", "Sent": True}, "r1", (400, "FieldNotWritable", "Sent")),
        ("/documents/d-1", {"RowVersion": "r2"}, "r1", (400, "FieldNotWritable", "RowVersion")),
        ("/documents/d-1", {"Colour": "red"}, "r1", (400, "Invalid", "Colour")),
        ("/documents/d-1", {"StatusCode": None}, "r1", (400, "Invalid", "StatusCode")),
        ("/documents/d-1", {"SyncedAt": "2026-02-09"}, "r1", (400, "Invalid", "SyncedAt")),
        ("/documents/d-1", {"SyncedAt": "2026-02-30T00:00:00Z"}, "r1", (400, "Invalid", "SyncedAt")),
        ("/documents/d-1", {"ExternalId": 145}, "r1", (400, "Invalid", "ExternalId")),
        ("/documents/d-1", {}, "r1", (400, "Invalid", None)),
        ("/documents/d-1", ["StatusCode"], "r1", (400, "Invalid", None)),
        ("/documents/d-1", {"StatusCode": "x"}, None, (400, "Invalid", "If-Match")),
        ("/documents/d-1", {"StatusCode": "x"}, "r2", (412, "RowVersionMismatch", "RowVersion")),
        ("/documents/d-5", {"SyncedAt": "2026-02-09T12:00:00Z"}, "r1", (409, "AlreadySynced", "SyncedAt")),
        ("/documents/d-5", {"SyncedAt": None}, "stale", (409, "AlreadySynced", "SyncedAt")),
        ("/accounts/a-1", {"Name": "Other"}, "r1", (400, "FieldNotWritable", "Name")),
        ("/accounts/a-1", {"AccsID": ""}, "r1", (400, "Invalid", "AccsID")),
        ("/accounts/a-1", {"AccsID": 129}, "r1", (400, "Invalid", "AccsID")),
        ("/accounts/a-1", {"AccsID": "129"}, "r0", (412, "RowVersionMismatch", "RowVersion")),
        ("/accounts/a-1", {"AccsID": "129"}, None, (400, "Invalid", "If-Match")),
    ],
)
def test_a_change_that_does_not_fit_is_refused_and_changes_nothing(
    tenant: Any, path: str, body: Any, version: str | None, expected: tuple[int, str, str | None]
) -> None:
    before = tenant.state()
    assert error(patch(tenant, path, body, version)) == expected
    assert tenant.state() == before


@pytest.mark.parametrize(
    ("media", "body", "field"),
    [("text/plain", b'{"StatusCode": "x"}', "Content-Type"), ("application/json", b"{", None)],
)
def test_a_body_must_be_json_and_say_so(tenant: Any, media: str, body: bytes, field: str | None) -> None:
    headers = {**tenant.headers, "If-Match": "r1", "Content-Type": media}
    answer = tenant.call("PATCH", "/api/v1/documents/d-1", data=body, headers=headers)
    assert error(answer) == (400, "Invalid", field)


def test_an_accounts_ids_are_set_and_cleared(tenant: Any) -> None:
    body = {"AccsID": "129", "SupplierAccsID": "7", "CareOfID": "9"}
    row = patch(tenant, "/accounts/a-1", body).json()
    assert {name: row[name] for name in body} == body
    assert patch(tenant, "/accounts/a-1", {"AccsID": None}, "r2").json()["AccsID"] is None


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize("name", ["AccsID", "SupplierAccsID"])
def test_sage_takes_no_accounts_id_but_lets_one_go(autovu_sage: Any, name: str) -> None:
    autovu_sage.put_state({"accounts": [{"AccountId": "a-1", "Name": "Harper Ltd", name: "129"}]})
    assert error(patch(autovu_sage, "/accounts/a-1", {name: "130"})) == (400, "Invalid", name)
    assert patch(autovu_sage, "/accounts/a-1", {name: None}).json()[name] is None


# --- log and faults --------------------------------------------------------------------------------------


def test_the_log_says_what_was_asked_for(tenant: Any) -> None:
    tenant.get("/api/v1/documents?type=SalesInvoice")
    tenant.get("/api/v1/documents/d-1")
    patch(tenant, "/documents/d-1", {"StatusCode": "x"})
    tenant.get("/api/v1/syncsettings")
    tenant.get("/elsewhere")
    assert [(row["operation"], row["writes"], row["nodes"]) for row in tenant.log()] == [
        ("list documents", False, None),
        ("get documents", False, None),
        ("change documents", True, 1),
        ("get syncsettings", False, None),
        (None, False, None),
    ]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("token", (401, "BadKey", None)),
        ("permission", (403, "NoSyncPermission", None)),
        ("edited", (412, "RowVersionMismatch", "RowVersion")),
        (429, (429, "TooMany", None)),
        (503, (503, "Unavailable", None)),
    ],
)
def test_a_fault_is_worded_as_the_system_words_it(
    tenant: Any, fault: int | str, expected: tuple[int, str, str | None]
) -> None:
    assert tenant.faults(errors=[fault], count=1).status_code == 200
    assert error(patch(tenant, "/documents/d-1", {"StatusCode": "x"})) == expected
    version = tenant.get("/api/v1/documents/d-1").json()["RowVersion"]
    assert patch(tenant, "/documents/d-1", {"StatusCode": "x"}, version).status_code == 200


def test_the_three_tenants_have_a_package_each(client: Any) -> None:
    packages = {}
    for name in ("autovu_quickbooks", "autovu_xero", "autovu_sage"):
        tenant = client(name, {"Authorization": "Bearer autovu-sandbox-key"})
        packages[name] = tenant.get("/api/v1/syncsettings").json()["Package"]
    assert packages == {"autovu_quickbooks": "QuickBooks", "autovu_xero": "Xero", "autovu_sage": "Sage"}
