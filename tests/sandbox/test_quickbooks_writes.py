"""QuickBooks' sandbox: names, documents, numbers, totals, batches, and answers under a requestid."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import QUICKBOOKS_HEADERS
from tests.sandbox.quickbooks_company import BASE, STATE, bill, bill_line, code_of, invoice, sales_line


@pytest.fixture
def acme(quickbooks: Any, clocks: Any) -> Any:
    answer = quickbooks.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return quickbooks


def post(acme: Any, entity: str, body: Any, **params: str) -> Any:
    return acme.call("POST", f"{BASE}/{entity}", json=body, params={"minorversion": "75", **params})


def batch(acme: Any, *items: dict[str, Any], **params: str) -> list[dict[str, Any]]:
    body = {"BatchItemRequest": [{"bId": str(number), **item} for number, item in enumerate(items)]}
    answer = post(acme, "batch", body, **params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["BatchItemResponse"])


def fault_of(item: dict[str, Any]) -> str:
    return str(item["Fault"]["Error"][0]["code"])


# --- names -----------------------------------------------------------------------------------------------


def test_a_new_customer_gets_what_quickbooks_makes(acme: Any) -> None:
    body = {"DisplayName": "Brook Farm Ltd", "PrimaryEmailAddr": {"Address": "ap@brook.example"}, "Notes": ""}
    answer = post(acme, "customer", body)
    row = answer.json()["Customer"]

    assert answer.status_code == 200
    assert (row["Id"], row["SyncToken"], row["domain"], row["sparse"]) == ("9", "0", "QBO", False)
    assert (row["Active"], row["Balance"], row["CurrencyRef"]) == (True, 0, {"value": "GBP"})
    assert "Notes" not in row


@pytest.mark.parametrize(
    ("entity", "body", "code"),
    [
        ("customer", {"DisplayName": "HARPER LTD"}, "6240"),
        ("customer", {"DisplayName": "Dales Electrical"}, "6240"),
        ("vendor", {"DisplayName": "Harper Ltd"}, "6240"),
        ("vendor", {"DisplayName": "Kim Smith"}, "6240"),
        ("vendor", {"DisplayName": "Gone Ltd"}, "6240"),
        ("customer", {"CompanyName": "x"}, "2020"),
        ("customer", {"DisplayName": "a:b"}, "6000"),
        ("customer", {"DisplayName": "x" * 501}, "2050"),
        ("vendor", {"DisplayName": "x", "AcctNum": "1" * 16}, "2050"),
        ("customer", {"DisplayName": "x", "Vendor1099": True}, "2010"),
        ("customer", {"DisplayName": 7}, "2010"),
        ("customer", {"DisplayName": "x", "Active": "yes"}, "2010"),
        ("customer", {"DisplayName": "x", "CurrencyRef": {"value": "EUR"}}, "6000"),
        ("customer", {"DisplayName": "x", "ParentRef": {"value": "99"}}, "2500"),
        ("customer", [], "2010"),
        ("account", {"Name": "x"}, "500"),
        ("nobody", {}, "500"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(entity: str, body: Any, code: str, acme: Any) -> None:
    before = acme.state()
    assert code_of(post(acme, entity, body)) == code
    assert acme.state() == before


def test_a_sub_customer_may_share_its_name_with_another(acme: Any) -> None:
    answer = post(acme, "customer", {"DisplayName": "O'Neil & Sons", "ParentRef": {"value": "1"}})
    row = answer.json()["Customer"]
    assert (row["Job"], row["FullyQualifiedName"]) == (True, "Harper Ltd:O'Neil & Sons")


def test_an_update_needs_the_present_token(acme: Any, clocks: Any) -> None:
    clocks.moment += timedelta(hours=1)
    change = {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "by phone"}
    row = post(acme, "customer", change).json()["Customer"]

    assert (row["SyncToken"], row["DisplayName"], row["Notes"]) == ("1", "Harper Ltd", "by phone")
    assert row["MetaData"]["LastUpdatedTime"] == "2026-03-02T04:30:00-08:00"
    assert code_of(post(acme, "customer", change)) == "5010"
    assert code_of(post(acme, "customer", {**change, "Id": "99"})) == "610"
    assert code_of(post(acme, "customer", {"Id": "1", "DisplayName": "x"})) == "2020"
    assert code_of(post(acme, "customer", {"Id": "1", "SyncToken": "1"}, operation="delete")) == "500"


def test_a_full_update_leaves_out_what_it_does_not_name(acme: Any) -> None:
    post(acme, "customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "by phone"})
    row = post(acme, "customer", {"Id": "1", "SyncToken": "1", "DisplayName": "Harper plc"}).json()[
        "Customer"
    ]
    assert (row["DisplayName"], "Notes" in row, row["Active"]) == ("Harper plc", False, True)


# --- documents -------------------------------------------------------------------------------------------


def test_a_new_invoice_gets_number_tax_and_totals(acme: Any) -> None:
    line = {**sales_line("100.00", Qty="4", UnitPrice="25"), "Description": "Boiler"}
    row = post(acme, "invoice", invoice("S1", line, PrivateNote="m", DueDate="2026-02-04")).json()["Invoice"]

    assert (row["Id"], row["DocNumber"], row["TxnDate"], row["DueDate"]) == (
        "397",
        "S1",
        "2026-03-02",
        "2026-02-04",
    )
    assert (row["TotalAmt"], row["Balance"], row["TxnTaxDetail"]["TotalTax"]) == (120, 120, 20)
    assert (row["CustomerRef"], row["CurrencyRef"]) == (
        {"value": "1", "name": "Harper Ltd"},
        {"value": "GBP"},
    )
    assert [one["DetailType"] for one in row["Line"]] == ["SalesItemLineDetail", "SubTotalLineDetail"]
    assert row["Line"][0]["SalesItemLineDetail"]["Qty"] == 4
    assert row["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["TaxRateRef"] == {"value": "1"}


def test_other_kinds_have_their_own_members(acme: Any) -> None:
    memo = post(acme, "creditmemo", invoice("S1000")).json()["CreditMemo"]
    made = post(acme, "bill", bill()).json()["Bill"]

    assert (memo["Id"], memo["RemainingCredit"], memo["DocNumber"]) == ("397", 120, "S1000")
    assert (made["Id"], made["TotalAmt"], made["VendorRef"]["name"]) == ("398", 48, "Dales Electrical")
    assert [line["DetailType"] for line in made["Line"]] == ["AccountBasedExpenseLineDetail"]
    assert code_of(post(acme, "bill", {**bill(), "CustomerRef": {"value": "1"}})) == "2010"


@pytest.mark.parametrize(
    ("lines", "tax", "total"),
    [
        (3 * [sales_line(10.1, TaxCodeRef={"value": "3"})], 4.55, 34.85),
        ([sales_line(10.1, TaxCodeRef={"value": code}) for code in "334"], 4.55, 34.85),
        ([sales_line(0.33), sales_line(0.33, TaxCodeRef={"value": "3"})], 0.12, 0.78),
        ([sales_line(100), sales_line(-30)], 14, 84),
        ([sales_line(100), {"DetailType": "DescriptionOnly", "Description": "Thanks"}], 20, 120),
        ([sales_line(100), sales_line(55, ItemRef=None)], 20, 120),
    ],
)
def test_vat_is_worked_out_once_per_rate(lines: Any, tax: float, total: float, acme: Any) -> None:
    row = post(acme, "invoice", invoice("S1", *lines)).json()["Invoice"]
    assert (row["TxnTaxDetail"]["TotalTax"], row["TotalAmt"]) == (tax, total)


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({"GlobalTaxCalculation": "NotApplicable"}, 100),
        ({"GlobalTaxCalculation": "TaxInclusive"}, 100),
        (
            {
                "TxnTaxDetail": {
                    "TaxLine": [
                        {
                            "Amount": 19.99,
                            "DetailType": "TaxLineDetail",
                            "TaxLineDetail": {"TaxRateRef": {"value": "1"}},
                        }
                    ]
                }
            },
            119.99,
        ),
    ],
)
def test_tax_as_the_document_wants_it(changes: Any, total: float, acme: Any) -> None:
    assert post(acme, "invoice", invoice("S1", **changes)).json()["Invoice"]["TotalAmt"] == total


@pytest.mark.parametrize(
    ("entity", "body", "code"),
    [
        ("invoice", invoice(CustomerRef=None), "2020"),
        ("invoice", invoice(CustomerRef={"name": "Harper Ltd"}), "2020"),
        ("invoice", invoice(CustomerRef={"value": "99"}), "2500"),
        ("invoice", invoice(CustomerRef={"value": "7"}), "2500"),
        ("invoice", invoice(CustomerRef={"value": "3"}), "610"),
        ("invoice", invoice(Line=[]), "2020"),
        ("invoice", invoice("S1", {"Amount": 1}), "2020"),
        ("invoice", invoice("S1", {**sales_line(), "Amount": None}), "2020"),
        ("invoice", invoice("S1", {**sales_line(), "DetailType": "Thing"}), "2170"),
        ("invoice", invoice("S1", bill_line()), "2170"),
        ("invoice", invoice("S1", sales_line(ItemRef={"value": "99"})), "2500"),
        ("invoice", invoice("S1", sales_line(ItemRef={"value": "8"})), "610"),
        ("invoice", invoice("S1", sales_line(TaxCodeRef=None)), "6000"),
        ("invoice", invoice("S1", sales_line(TaxCodeRef={"value": "20.0% S"})), "2500"),
        ("bill", bill("B1", bill_line(TaxCodeRef={"value": "3"})), "6000"),
        ("bill", bill("B1", bill_line(AccountRef=None)), "2020"),
        ("bill", bill("B1", bill_line(AccountRef={"value": "99"})), "2500"),
        ("invoice", invoice("S1", sales_line(100, Qty=3, UnitPrice=33)), "6070"),
        ("invoice", invoice("S1", sales_line(100.001)), "6070"),
        ("invoice", invoice("S1", sales_line("a lot")), "2010"),
        ("invoice", invoice("S1", sales_line(True)), "2010"),
        ("invoice", invoice("S1", sales_line(-1)), "6000"),
        ("invoice", invoice("S" * 22), "2050"),
        ("invoice", invoice("S1", {**sales_line(), "Description": "x" * 4001}), "2050"),
        ("invoice", invoice(TxnDate="05/01/2026"), "2010"),
        ("invoice", invoice(GlobalTaxCalculation="Whatever"), "2170"),
        ("invoice", invoice(CurrencyRef={"value": "EUR"}), "6000"),
        ("invoice", invoice(PrintStatus="NOPE"), "2170"),
        ("invoice", invoice(CustomField="Crew 3"), "2010"),
        ("invoice", invoice(LinkedTxn="396"), "2010"),
        ("invoice", invoice(ExchangeRate=1.1), "6000"),
        ("invoice", invoice(Nonsense=1), "2010"),
        ("invoice", invoice("s1000"), "6140"),
    ],
)
def test_a_document_that_does_not_fit_is_refused(entity: str, body: Any, code: str, acme: Any) -> None:
    before = acme.state()
    assert code_of(post(acme, entity, body)) == code
    assert acme.state() == before


def test_a_company_in_the_us_needs_no_vat(acme: Any) -> None:
    acme.put_state({**STATE, "CompanyInfo": [{"Country": "US"}]})
    row = post(acme, "invoice", invoice("S1", sales_line(TaxCodeRef={"value": "NON"}))).json()["Invoice"]
    assert row["TotalAmt"] == 100


def test_with_many_currencies_a_customer_has_one(acme: Any) -> None:
    many = {"CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}, "MultiCurrencyEnabled": True}}
    abroad = {"Id": "50", "DisplayName": "Abroad", "CurrencyRef": {"value": "EUR"}}
    acme.put_state({**STATE, "Preferences": [many], "Customer": [*STATE["Customer"], abroad]})

    silent = post(acme, "invoice", invoice("S1", CustomerRef={"value": "50"})).json()["Invoice"]
    assert silent["CurrencyRef"] == {"value": "EUR"}
    for customer, currency, status in (("50", "EUR", 200), ("50", "GBP", 400), ("1", "EUR", 400)):
        body = invoice(
            f"S{customer}{currency}", CustomerRef={"value": customer}, CurrencyRef={"value": currency}
        )
        assert post(acme, "invoice", body).status_code == status


# --- numbers ---------------------------------------------------------------------------------------------


def test_a_duplicate_names_its_holder_and_may_be_let_through(acme: Any) -> None:
    refusal = post(acme, "invoice", invoice("S1000"))
    detail = refusal.json()["Fault"]["Error"][0]["Detail"]

    assert code_of(refusal) == "6140"
    assert detail.endswith("DocNumber=S1000 is assigned to TxnType=Invoice with TxnId=396")
    assert post(acme, "invoice", invoice("S1000"), include="allowduplicatedocnum").status_code == 200
    item = {"operation": "create", "Invoice": invoice("S1000"), "optionsData": "allowduplicatedocnum"}
    assert "Invoice" in batch(acme, item)[0]
    acme.put_state({**STATE, "settings": [{"allow_duplicate_numbers": True}]})
    assert post(acme, "invoice", invoice("S1000")).status_code == 200


def test_without_custom_numbers_quickbooks_counts_itself(acme: Any) -> None:
    off = {**STATE, "Preferences": [{"SalesFormsPrefs": {"CustomTxnNumbers": False}}]}
    acme.put_state(off)

    numbers = [
        post(acme, "invoice", invoice(number)).json()["Invoice"]["DocNumber"] for number in ("S1", None)
    ]

    assert numbers == ["1001", "1002"]
    assert post(acme, "bill", bill("PX-77")).json()["Bill"]["DocNumber"] == "PX-77"


def test_with_custom_numbers_one_may_be_missing_or_asked_for(acme: Any) -> None:
    assert "DocNumber" not in post(acme, "invoice", invoice(None)).json()["Invoice"]
    assert post(acme, "invoice", invoice("AUTO_GENERATE")).json()["Invoice"]["DocNumber"] == "1001"


def test_void_keeps_the_number_and_delete_gives_it_back(acme: Any) -> None:
    post(acme, "invoice", invoice("S1", PrivateNote="mark"))
    void = post(acme, "invoice", {"Id": "397", "SyncToken": "0"}, operation="void").json()["Invoice"]

    assert (void["TotalAmt"], void["Balance"], void["PrivateNote"]) == (0, 0, "Voided - mark")
    assert code_of(post(acme, "invoice", invoice("S1"))) == "6140"
    assert code_of(post(acme, "bill", {"Id": "397", "SyncToken": "1"}, operation="void")) == "610"
    gone = post(acme, "invoice", {"Id": "397", "SyncToken": "1"}, operation="delete").json()["Invoice"]
    assert gone == {"Id": "397", "domain": "QBO", "status": "Deleted"}
    assert post(acme, "invoice", invoice("S1")).json()["Invoice"]["Id"] == "398"


def test_an_update_works_the_total_out_again(acme: Any) -> None:
    made = post(acme, "invoice", invoice("S1")).json()["Invoice"]
    change = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": [*made["Line"], sales_line(10)]}
    row = post(acme, "invoice", change).json()["Invoice"]
    assert (row["TotalAmt"], row["Balance"], row["SyncToken"], len(row["Line"])) == (132, 132, "1", 3)


# --- batches ---------------------------------------------------------------------------------------------


def test_one_failure_undoes_nothing_and_the_status_stays_200(acme: Any) -> None:
    first, second, third, found = batch(
        acme,
        {"operation": "create", "Invoice": invoice("S1")},
        {"operation": "create", "Invoice": invoice("S1")},
        {"operation": "create", "Bill": bill()},
        {"Query": "select * from TaxCode"},
    )

    assert (first["bId"], first["Invoice"]["DocNumber"]) == ("0", "S1")
    assert fault_of(second) == "6140"
    assert third["Bill"]["TotalAmt"] == 48
    assert len(found["QueryResponse"]["TaxCode"]) == 3


def test_an_item_does_not_see_what_an_earlier_one_made(acme: Any) -> None:
    made, refused = batch(
        acme,
        {"operation": "create", "Customer": {"DisplayName": "Brook Farm Ltd"}},
        {"operation": "create", "Invoice": invoice(CustomerRef={"value": "9"})},
    )
    assert (made["Customer"]["Id"], fault_of(refused)) == ("9", "2500")
    assert post(acme, "invoice", invoice(CustomerRef={"value": "9"})).status_code == 200


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"operation": "create"}, "2010"),
        ({"operation": "create", "Nobody": {}}, "2010"),
        ({"operation": "create", "Invoice": {}, "Bill": {}}, "2010"),
        ({"operation": "make", "Invoice": {}}, "2170"),
        ({"operation": "create", "Invoice": {}, "optionsData": "x"}, "2010"),
        ({"Query": "nonsense"}, "4000"),
        ({"Query": "select * from Item", "Invoice": {}}, "2010"),
        ({"operation": "create", "Invoice": []}, "2010"),
    ],
)
def test_an_item_that_does_not_fit_fails_alone(item: Any, code: str, acme: Any) -> None:
    refused, fine = batch(acme, item, {"Query": "select * from Item"})
    assert fault_of(refused) == code
    assert "QueryResponse" in fine


@pytest.mark.parametrize(
    ("body", "params", "code"),
    [
        ({}, {}, "2020"),
        ({"BatchItemRequest": []}, {}, "6000"),
        ({"BatchItemRequest": [{"bId": str(n), "Query": "x"} for n in range(31)]}, {}, "6000"),
        ({"BatchItemRequest": [{"Query": "x"}]}, {}, "2020"),
        ({"BatchItemRequest": [{"bId": "1"}, {"bId": "1"}]}, {}, "2020"),
        ({"BatchItemRequest": [{"bId": "12345678901"}]}, {"requestid": "r"}, "2050"),
        ({"BatchItemRequest": [{"bId": "1"}]}, {"requestid": "r" * 37}, "2050"),
        ({"BatchItemRequest": [{"bId": "1"}], "More": 1}, {}, "2010"),
        ({"BatchItemRequest": [{"bId": "1"}]}, {"include": "allowduplicatedocnum"}, "2010"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(body: Any, params: Any, code: str, acme: Any) -> None:
    assert code_of(post(acme, "batch", body, **params)) == code


# --- requestid -------------------------------------------------------------------------------------------


def test_a_repeat_answers_the_same_and_changes_nothing(acme: Any, clocks: Any) -> None:
    first = post(acme, "invoice", invoice("S1"), requestid="r-1")
    clocks.moment += timedelta(hours=23)
    again = post(acme, "invoice", invoice("S2"), requestid="r-1")

    assert again.content == first.content
    assert [row["DocNumber"] for row in acme.state()["Invoice"]] == ["S1000", "S1"]
    clocks.moment += timedelta(hours=1)
    assert post(acme, "invoice", invoice("S2"), requestid="r-1").json()["Invoice"]["DocNumber"] == "S2"


def test_a_repeated_refusal_and_batch_are_remembered_too(acme: Any) -> None:
    refused = post(acme, "invoice", invoice("S1000"), requestid="r-1")
    items = [{"operation": "create", "Invoice": invoice("S1")}]
    first = batch(acme, *items, requestid="r-2")

    assert post(acme, "invoice", invoice("S2"), requestid="r-1").content == refused.content
    assert batch(acme, *items, requestid="r-2") == first
    assert len(acme.state()["Invoice"]) == 2


def test_a_requestid_has_its_length(acme: Any) -> None:
    assert post(acme, "invoice", invoice("S1"), requestid="r" * 50).status_code == 200
    assert code_of(post(acme, "invoice", invoice("S2"), requestid="r" * 51)) == "2050"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"data": b"{}", "headers": {**QUICKBOOKS_HEADERS, "Content-Type": "text/plain"}}, "500"),
        ({"data": b"{", "headers": {**QUICKBOOKS_HEADERS, "Content-Type": "application/json"}}, "500"),
        ({"json": invoice("S1"), "params": {"include": "everything"}}, "2010"),
        ({"json": invoice("S1"), "params": {"operation": "void"}}, "2020"),
        ({"json": invoice("S1"), "params": {"operation": "send"}}, "2170"),
    ],
)
def test_a_call_that_does_not_fit_is_refused(call: Any, code: str, acme: Any) -> None:
    assert code_of(acme.call("POST", f"{BASE}/invoice", **call)) == code
    assert code_of(acme.call("PUT", f"{BASE}/invoice", json=invoice("S1"))) == "500"


# --- what the books refuse -------------------------------------------------------------------------------


def test_a_document_of_closed_books_is_refused(acme: Any) -> None:
    prefs = {"AccountingInfoPrefs": {"BookCloseDate": "2026-01-31"}}
    assert acme.put_state({**STATE, "Preferences": [prefs]}).status_code == 200
    assert code_of(post(acme, "invoice", invoice("S1", TxnDate="2026-01-31"))) == "6210"
    assert post(acme, "invoice", invoice("S1", TxnDate="2026-02-01")).status_code == 200


def test_a_sign_of_four_bytes_fails_the_whole_batch_and_leaves_nothing(acme: Any) -> None:
    items = [{"operation": "create", "Invoice": invoice("S1")}]
    items.append({"operation": "create", "Invoice": invoice("S2", PrivateNote="\U0001f527")})
    body = {"BatchItemRequest": [{"bId": str(number), **item} for number, item in enumerate(items)]}
    answer = post(acme, "batch", body, requestid="r1")
    assert (answer.status_code, fault_of(answer.json())) == (500, "10000")
    assert post(acme, "invoice", invoice("S1")).status_code == 200


def test_one_item_may_meet_a_fault_of_the_system_in_an_answer_of_200(acme: Any) -> None:
    assert acme.put_state({**STATE, "settings": [{"fails_over": "S2"}]}).status_code == 200
    first, second = batch(
        acme,
        {"operation": "create", "Invoice": invoice("S1")},
        {"operation": "create", "Invoice": invoice("S2")},
    )
    assert first["Invoice"]["DocNumber"] == "S1"
    assert (fault_of(second), second["Fault"]["type"]) == ("10000", "SystemFault")
