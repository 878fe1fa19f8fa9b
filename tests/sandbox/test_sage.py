"""Sage's sandbox: businesses, lists, documents, and each of its refusals."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from local.sandbox.frame.calls import Call
from local.sandbox.frame.room import Options
from local.sandbox.sage import room

LEAD, OURS = "1" * 32, "2" * 32
HARPER, PENNINE, SERVICES, MATERIALS, TRAINING = "a" * 32, "b" * 32, "c" * 32, "d" * 32, "e" * 32
KEY = "f" * 32
STATE: dict[str, list[dict[str, Any]]] = {
    "businesses": [
        {"id": LEAD, "name": "Old Shop", "lead": True},
        {"id": OURS, "name": "Payrelay Demo"},
    ],
    "ledger_accounts": [
        {
            "id": SERVICES,
            "nominal_code": 4000,
            "name": "Services",
            "visible_in_sales": True,
            "tax_rate": {"id": "GB_STANDARD"},
        },
        {"id": TRAINING, "nominal_code": 4300, "name": "Training", "visible_in_sales": True},
        {"id": MATERIALS, "nominal_code": 5000, "name": "Materials", "visible_in_expenses": True},
    ],
    "contacts": [
        {"id": HARPER, "name": "Harper Ltd", "reference": "HARP01", "contact_types": [{"id": "CUSTOMER"}]},
        {"id": PENNINE, "name": "Pennine", "contact_type_ids": ["VENDOR"]},
    ],
    "settings": [{"write_ms": 0}],
}


@pytest.fixture
def books(sage: Any) -> Any:
    answer = sage.put_state(STATE)
    assert answer.status_code == 200, answer.text
    sage.headers = {**sage.headers, "X-Business": OURS}
    return sage


def line(**changes: Any) -> dict[str, Any]:
    usual = {
        "description": "Boiler service",
        "ledger_account_id": SERVICES,
        "quantity": 1,
        "unit_price": "100.00",
        "tax_rate_id": "GB_STANDARD",
        "tax_amount": 20,
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    usual = {
        "contact_id": HARPER,
        "date": "2026-01-05",
        "reference": "S1234",
        "invoice_lines": [*lines] or [line()],
    }
    whole = {**usual, **changes}
    return {"sales_invoice": {name: value for name, value in whole.items() if value is not None}}


def purchase(**changes: Any) -> dict[str, Any]:
    usual = {
        "contact_id": PENNINE,
        "date": "2026-01-05",
        "due_date": "2026-02-04",
        "vendor_reference": "P1",
        "invoice_lines": [line(ledger_account_id=MATERIALS)],
    }
    whole = {**usual, **changes}
    return {"purchase_invoice": {name: value for name, value in whole.items() if value is not None}}


def made(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def refused(answer: Any) -> tuple[int, str, str, str]:
    (error,) = answer.json()
    assert error["$severity"] == "error"
    return answer.status_code, error["$dataCode"], error["$message"], error["$source"]


# --- tokens and businesses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token", [None, "", "sage-sandbox-token", "Bearer wrong", "Basic sage-sandbox-token"]
)
def test_without_a_good_token_nothing_is_answered(token: str | None, books: Any) -> None:
    headers = {} if token is None else {"Authorization": token}
    assert refused(books.get("/v3.1/contacts", headers=headers))[:2] == (401, "AuthorizationFailure")


def test_without_the_header_the_lead_business_is_taken_silently(books: Any) -> None:
    plain = {"Authorization": books.headers["Authorization"]}
    ours, lead = books.get("/v3.1/contacts"), books.get("/v3.1/contacts", headers=plain)
    assert (ours.headers["X-Business"], ours.json()["$total"]) == (OURS, 2)
    assert (lead.headers["X-Business"], lead.json()["$total"]) == (LEAD, 0)
    assert books.get("/v3.1/businesses/lead", headers=plain).json()["name"] == "Old Shop"
    assert "X-Business" not in books.get("/v3.1/businesses").headers


def test_records_of_another_business_are_not_there(books: Any) -> None:
    headers = {**books.headers, "X-Business": LEAD}
    assert refused(books.get(f"/v3.1/contacts/{HARPER}", headers=headers))[0] == 404
    answer = books.call("POST", "/v3.1/sales_invoices", json=invoice(), headers=headers)
    assert refused(answer)[2] == "Couldn't find Customer."


@pytest.mark.parametrize(
    ("business", "subscriptions", "status", "code"),
    [
        ("9" * 32, [{"active": True}], 403, "MultiUserAccessDenied"),
        (OURS, [{"active": False}], 401, "AuthorizationFailure"),
        (OURS, [], 401, "AuthorizationFailure"),
    ],
)
def test_a_business_that_is_not_open_is_refused(
    business: str, subscriptions: list[Any], status: int, code: str, books: Any
) -> None:
    books.put_state({"businesses": [{"id": OURS, "name": "Demo", "subscriptions": subscriptions}]})
    answer = books.get("/v3.1/contacts", headers={**books.headers, "X-Business": business})
    assert refused(answer)[:2] == (status, code)
    assert books.get(f"/v3.1/businesses/{OURS}").json()["subscriptions"] == subscriptions


# --- lists -------------------------------------------------------------------------------------------------


def test_a_list_shows_hardly_anything_without_being_asked(books: Any) -> None:
    (row,) = books.get("/v3.1/contacts?search=HARP").json()["$items"]
    assert row == {"id": HARPER, "displayed_as": "Harper Ltd (HARP01)", "$path": f"/contacts/{HARPER}"}
    (row,) = books.get("/v3.1/contacts?search=harper&attributes=name,contact_types").json()["$items"]
    kind = {"id": "CUSTOMER", "displayed_as": "Customer", "$path": "/contact_types/CUSTOMER"}
    assert (row["name"], row["contact_types"]) == ("Harper Ltd", [kind])
    whole = books.get(f"/v3.1/contacts/{HARPER}").json()
    assert (whole["credit_limit"], whole["is_active"], whole["reference"]) == ("0.0", True, "HARP01")


def test_nested_records_are_brief_unless_asked_for(books: Any) -> None:
    made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))
    path = "/v3.1/sales_invoices?attributes=all"
    (brief,) = books.get(path).json()["$items"]
    (whole,) = books.get(f"{path}&nested_attributes=invoice_lines").json()["$items"]
    assert "description" not in brief["invoice_lines"][0]
    assert whole["invoice_lines"][0]["description"] == "Boiler service"


def test_pages_follow_each_other_to_the_end(books: Any) -> None:
    contacts = [{"name": f"Firm {serial:03}"} for serial in range(205)]
    books.put_state({**STATE, "contacts": contacts})
    first = books.get("/v3.1/contacts").json()
    assert (first["$total"], len(first["$items"]), first["$itemsPerPage"], first["$back"]) == (
        205,
        20,
        20,
        None,
    )
    names, path = [], "/contacts?attributes=name&items_per_page=200"
    while path:
        page = books.get(f"/v3.1{path}").json()
        names += [row["name"] for row in page["$items"]]
        path = page["$next"]
    assert sorted(names) == [contact["name"] for contact in contacts]
    assert page["$page"] == 2
    assert page["$back"].startswith("/contacts?")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("contact_type_id=VENDOR", [PENNINE]),
        ("search=pen&contact_type_id=CUSTOMER", []),
        ("search=arp", [HARPER]),
        ("updated_or_created_since=2026-03-02T11:30:00Z", [HARPER, PENNINE]),
        ("updated_or_created_since=2026-03-02T11:30:01Z", []),
        ("exclude_system=true", [HARPER, PENNINE]),
    ],
)
def test_contacts_are_filtered(query: str, found: list[str], books: Any) -> None:
    assert [row["id"] for row in books.get(f"/v3.1/contacts?{query}").json()["$items"]] == found


def test_nominals_are_shown_where_they_may_be_used(books: Any) -> None:
    def codes(place: str) -> list[int]:
        query = f"visible_in={place}&attributes=nominal_code"
        rows = books.get(f"/v3.1/ledger_accounts?{query}").json()["$items"]
        return sorted(row["nominal_code"] for row in rows)

    assert (codes("sales"), codes("expenses"), codes("banking")) == ([4000, 4300], [5000], [])


def test_tax_rates_are_there_without_being_set(books: Any) -> None:
    rows = books.get("/v3.1/tax_rates?attributes=all&date=2026-01-05").json()["$items"]
    assert {row["id"]: row["percentage"] for row in rows} == {
        "GB_STANDARD": "20.0",
        "GB_LOWER": "5.0",
        "GB_ZERO": "0.0",
        "GB_EXEMPT": "0.0",
        "GB_NO_TAX": "0.0",
    }
    assert rows[3]["displayed_as"] == "Standard 20.00%"


@pytest.mark.parametrize(
    "target",
    [
        "contacts?items_per_page=201",
        "contacts?items_per_page=0",
        "contacts?page=0",
        "contacts?page=x",
        "contacts?colour=red",
        "contacts?attributes=colour",
        "contacts?search=a&search=b",
        "contacts?updated_or_created_since=yesterday",
        "ledger_accounts?visible_in=garden",
        "sales_invoices?sort=colour",
        "tax_rates?date=2026-13-01",
        f"contacts/{HARPER}?attributes=all",
    ],
)
def test_a_question_that_does_not_fit_is_refused(target: str, books: Any) -> None:
    assert refused(books.get(f"/v3.1/{target}"))[:2] == (400, "Validation")


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v3.1/garden"),
        ("GET", "/contacts"),
        ("GET", f"/v3.1/contacts/{'9' * 32}"),
        ("GET", "/v3.1/contacts/x/y"),
        ("POST", "/v3.1/businesses"),
        ("POST", "/v3.1/tax_rates"),
        ("PUT", f"/v3.1/sales_invoices/{'9' * 32}"),
        ("DELETE", f"/v3.1/sales_invoices/{'9' * 32}"),
        ("POST", f"/v3.1/sales_invoices/{'9' * 32}/release"),
    ],
)
def test_a_wrong_path_or_id_is_not_found(method: str, target: str, books: Any) -> None:
    assert refused(books.call(method, target, json={}))[:2] == (404, "RecordNotFound")


# --- documents ---------------------------------------------------------------------------------------------


def test_a_sales_invoice_gets_number_totals_and_status(books: Any) -> None:
    lines = (
        line(quantity="3", unit_price=33.35, tax_amount="20.01"),
        line(tax_amount="0.005", unit_price="0.01"),
    )
    row = made(books.call("POST", "/v3.1/sales_invoices", json=invoice(*lines, notes="mark")))
    assert (row["displayed_as"], row["invoice_number_prefix"], row["invoice_number"]) == ("SI-1", "SI-", "1")
    assert (row["net_amount"], row["tax_amount"], row["total_amount"]) == ("100.06", "20.02", "120.08")
    assert (row["status"]["id"], row["sent"], row["due_date"]) == ("UNPAID", False, "2026-02-04")
    assert (row["reference"], row["notes"], row["contact"]["id"]) == ("S1234", "mark", HARPER)
    assert books.get(f"{'/v3.1'}{row['$path']}?mark_as_sent=false").json() == row


def test_numbers_run_on_and_each_kind_has_its_own(books: Any) -> None:
    credit = {"sales_credit_note": {**invoice()["sales_invoice"], "credit_note_lines": [line()]}}
    del credit["sales_credit_note"]["invoice_lines"]
    titles = [
        made(books.call("POST", f"/v3.1/{name}", json=body))["displayed_as"]
        for name, body in (
            ("sales_invoices", invoice()),
            ("sales_invoices", invoice()),
            ("sales_credit_notes", credit),
            ("purchase_invoices", purchase()),
        )
    ]
    assert titles == ["SI-1", "SI-2", "SCN-1", "PI-1"]


def test_the_next_number_can_only_go_up(books: Any) -> None:
    made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))
    settings = {"next_invoice_number": 1000, "sales_invoice_number_prefix": "INV"}
    answer = books.call("PUT", "/v3.1/invoice_settings", json={"invoice_settings": settings})
    assert answer.json()["next_invoice_number"] == 1000
    assert made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))["displayed_as"] == "INV1000"
    back = books.call(
        "PUT", "/v3.1/invoice_settings", json={"invoice_settings": {"next_invoice_number": 1000}}
    )
    assert refused(back)[:2] == (422, "RecordInvalid")
    assert books.get("/v3.1/invoice_settings").json()["next_invoice_number"] == 1001


REQUIRED = "This field is required."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (invoice(colour="red"), (400, "Validation", "sales_invoice[colour] is invalid", "")),
        (invoice(date="5 Jan"), (400, "Validation", "sales_invoice[date] is invalid", "")),
        (invoice(line(unit_price="much")), (400, "Validation", None, "")),
        (invoice(line(unit_price=True)), (400, "Validation", None, "")),
        (invoice(line(colour="red")), (400, "Validation", None, "")),
        (invoice(vendor_reference="x"), (400, "Validation", None, "")),
        (invoice(idempotency_id="short"), (400, "Validation", None, "")),
        (invoice(status_id="PAID"), (400, "Validation", None, "")),
        (invoice(invoice_number="7"), (400, "Validation", None, "")),
        ({"invoice": {}}, (400, "Validation", None, "")),
        ({**invoice(), "more": {}}, (400, "Validation", None, "")),
        ([], (400, "Validation", None, "")),
        (invoice(contact_id=None), (422, "RecordInvalid", REQUIRED, "sales_invoice.contact_id")),
        (invoice(date=None), (422, "RecordInvalid", REQUIRED, "sales_invoice.date")),
        (invoice(invoice_lines=None), (422, "RecordInvalid", REQUIRED, "sales_invoice.invoice_lines")),
        (invoice(invoice_lines=[]), (422, "RecordInvalid", REQUIRED, "invoice_lines")),
        (invoice(line(description=" ")), (422, "RecordInvalid", REQUIRED, "invoice_lines.description")),
        (invoice(line(unit_price=None)), (422, "RecordInvalid", REQUIRED, "invoice_lines.unit_price")),
        (invoice(line(tax_amount=None)), (422, "RecordInvalid", REQUIRED, "invoice_lines.tax_amount")),
        (
            invoice(line(ledger_account_id=TRAINING, tax_rate_id=None)),
            (422, "RecordInvalid", REQUIRED, "invoice_lines.tax_rate_id"),
        ),
        (invoice(contact_id=PENNINE), (422, "RecordInvalid", "Couldn't find Customer.", "")),
        (invoice(contact_id="9" * 32), (422, "RecordInvalid", "Couldn't find Customer.", "")),
        (invoice(line(ledger_account_id=MATERIALS)), (422, "RecordNotFound", None, "")),
        (invoice(line(ledger_account_id="9" * 32)), (422, "RecordNotFound", None, "")),
        (invoice(line(tax_rate_id="GB_MADE_UP")), (422, "RecordNotFound", None, "")),
        (invoice(line(product_id="9" * 32)), (422, "RecordNotFound", None, "")),
        (invoice(line(net_amount="99")), (422, "RecordInvalid", None, "invoice_lines.net_amount")),
        (invoice(currency_id="XXX"), (422, "RecordNotFound", None, "")),
        (invoice(reference="S" * 26), (422, "RecordInvalid", None, "sales_invoice.reference")),
        (purchase(due_date=None), (422, "RecordInvalid", REQUIRED, "purchase_invoice.due_date")),
        (purchase(contact_id=HARPER), (422, "RecordInvalid", "Couldn't find Supplier.", "")),
        (
            purchase(invoice_lines=[line(ledger_account_id=MATERIALS, quantity=None)]),
            (422, "RecordInvalid", REQUIRED, "invoice_lines.quantity"),
        ),
        (purchase(invoice_lines=[line()]), (422, "RecordNotFound", None, "")),
    ],
)
def test_a_document_that_does_not_fit_is_refused(
    body: Any, said: tuple[int, str, str | None, str], books: Any
) -> None:
    before = books.state()
    resource = "purchase_invoices" if "purchase_invoice" in body else "sales_invoices"
    status, code, message, source = refused(books.call("POST", f"/v3.1/{resource}", json=body))
    assert (status, code, source) == (said[0], said[1], said[3])
    assert said[2] in (None, message)
    assert books.state() == before


@pytest.mark.parametrize("rate", ["GB_ZERO", "GB_EXEMPT", "GB_NO_TAX"])
def test_a_line_without_tax_needs_no_tax_amount(rate: str, books: Any) -> None:
    body = invoice(line(tax_rate_id=rate, tax_amount=None))
    assert made(books.call("POST", "/v3.1/sales_invoices", json=body))["total_amount"] == "100.0"


@pytest.mark.parametrize(
    ("changes", "net", "total"),
    [
        ({"quantity": None}, "100.0", "120.0"),
        ({"discount_percentage": 10}, "90.0", "110.0"),
        ({"discount_amount": "0.5"}, "99.5", "119.5"),
        ({"unit_price_includes_tax": True, "unit_price": 120}, "100.0", "120.0"),
        ({"quantity": "0.333", "unit_price": "1.5", "tax_amount": "0.1"}, "0.5", "0.6"),
    ],
)
def test_a_line_comes_to(changes: dict[str, Any], net: str, total: str, books: Any) -> None:
    row = made(books.call("POST", "/v3.1/sales_invoices", json=invoice(line(**changes))))
    assert (row["net_amount"], row["total_amount"]) == (net, total)


def test_a_duplicate_reference_is_taken_unless_the_switch_says_otherwise(books: Any) -> None:
    for _ in range(2):
        made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))
    state = books.state()
    books.put_state({**state, "settings": [{"refuse_duplicate_references": True, "write_ms": 0}]})
    answer = books.call("POST", "/v3.1/sales_invoices", json=invoice())
    assert refused(answer)[3] == "sales_invoice.reference"
    made(books.call("POST", "/v3.1/sales_invoices", json=invoice(reference="S1235")))


def test_reading_marks_as_sent_unless_told_not_to(books: Any) -> None:
    path = "/v3.1" + made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))["$path"]
    assert books.get(f"{path}?mark_as_sent=false").json()["sent"] is False
    assert books.get("/v3.1/sales_invoices?attributes=sent").json()["$items"][0]["sent"] is False
    assert books.get(path).json()["sent"] is True
    assert refused(books.get(f"{path}?mark_as_sent=maybe"))[0] == 400


def test_a_document_is_void_for_a_reason_and_a_draft_is_released_or_gone(books: Any) -> None:
    path = "/v3.1" + made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))["$path"]
    assert refused(books.call("DELETE", path))[3] == "void_reason"
    assert books.call("DELETE", f"{path}?void_reason=wrong").json()["status"]["id"] == "VOID"
    assert refused(books.call("DELETE", f"{path}?void_reason=wrong"))[0] == 422
    drafts = [
        "/v3.1" + made(books.call("POST", "/v3.1/sales_invoices", json=invoice(status_id="DRAFT")))["$path"]
        for _ in range(2)
    ]
    assert made(books.call("POST", f"{drafts[0]}/release"))["status"]["id"] == "UNPAID"
    assert refused(books.call("POST", f"{drafts[0]}/release"))[0] == 422
    assert books.call("DELETE", drafts[1]).status_code == 200
    assert refused(books.get(drafts[1]))[0] == 404


@pytest.mark.parametrize(
    "query", ["search=s123", "search=harper", "search=SI-1", f"contact_id={HARPER}", "status_id=UNPAID"]
)
def test_documents_are_found_by_what_they_show(query: str, books: Any) -> None:
    row = made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))
    asked = f"/v3.1/sales_invoices?{query}&attributes=reference,status,total_amount&sort=created_at:desc"
    (found,) = books.get(asked).json()["$items"]
    assert found == {
        name: row[name] for name in ("id", "displayed_as", "$path", "reference", "status", "total_amount")
    }


# --- contacts ----------------------------------------------------------------------------------------------


def test_a_contact_is_made_and_changed(books: Any) -> None:
    person = {"name": "Ann", "email": "ann@x.example", "contact_person_type_ids": ["ACCOUNTS"]}
    body = {"name": "New Ltd", "contact_type_ids": ["CUSTOMER", "VENDOR"], "main_contact_person": person}
    row = made(books.call("POST", "/v3.1/contacts", json={"contact": body}))
    assert ([kind["id"] for kind in row["contact_types"]], row["email"]) == (
        ["CUSTOMER", "VENDOR"],
        person["email"],
    )
    changed = books.call("PUT", f"/v3.1{row['$path']}", json={"contact": {"reference": "NEW1"}}).json()
    assert (changed["displayed_as"], changed["name"]) == ("New Ltd (NEW1)", "New Ltd")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"contact_type_ids": ["CUSTOMER"]}, (422, "RecordInvalid", "contact.name")),
        ({"name": " ", "contact_type_ids": ["CUSTOMER"]}, (422, "RecordInvalid", "contact.name")),
        ({"name": "X"}, (422, "RecordInvalid", "contact.contact_type_ids")),
        ({"name": "X", "contact_type_ids": ["FRIEND"]}, (400, "Validation", "")),
        ({"name": "X", "contact_type_ids": []}, (400, "Validation", "")),
        ({"name": "X", "contact_type_ids": ["VENDOR"], "email": "x@x.example"}, (400, "Validation", "")),
        ({"name": "X", "contact_type_ids": ["VENDOR"], "credit_days": 366}, (400, "Validation", "")),
        (
            {"name": "X", "contact_type_ids": ["VENDOR"], "reference": "HARP01"},
            (422, "RecordInvalid", "contact.reference"),
        ),
        (
            {"name": "X", "contact_type_ids": ["VENDOR"], "default_sales_ledger_account_id": "9" * 32},
            (422, "RecordNotFound", ""),
        ),
    ],
)
def test_a_contact_that_does_not_fit_is_refused(
    body: dict[str, Any], said: tuple[int, str, str], books: Any
) -> None:
    status, code, _, source = refused(books.call("POST", "/v3.1/contacts", json={"contact": body}))
    assert (status, code, source) == said


@pytest.mark.parametrize(
    ("data", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"contact": NaN}', "application/json", 400),
        (b"a=b", "text/plain", 415),
    ],
)
def test_a_body_that_is_no_json_is_refused(data: bytes, media: str, status: int, books: Any) -> None:
    headers = {**books.headers, "Content-Type": media}
    assert refused(books.call("POST", "/v3.1/contacts", data=data, headers=headers))[0] == status


# --- once, and one at a time -------------------------------------------------------------------------------


def test_the_same_key_gives_the_first_answer_for_seven_days(books: Any, clocks: Any) -> None:
    body = invoice(idempotency_id=KEY)
    first = made(books.call("POST", "/v3.1/sales_invoices", json=body))
    clocks.moment += timedelta(days=7, seconds=-1)
    assert made(books.call("POST", "/v3.1/sales_invoices", json=body)) == first
    contact = {"contact": {"name": "X", "contact_type_ids": ["VENDOR"], "idempotency_id": KEY}}
    assert refused(books.call("POST", "/v3.1/contacts", json=contact))[1:3] == (
        "IdempotencyResourceMismatch",
        "Entity type mismatch",
    )
    assert books.put_state(books.state()).status_code == 200
    assert made(books.call("POST", "/v3.1/sales_invoices", json=body)) == first
    clocks.moment += timedelta(seconds=1)
    assert made(books.call("POST", "/v3.1/sales_invoices", json=body))["id"] != first["id"]


def test_a_refused_document_uses_no_key_and_no_number_up(books: Any) -> None:
    wrong = invoice(line(tax_amount=None), idempotency_id=KEY)
    assert refused(books.call("POST", "/v3.1/sales_invoices", json=wrong))[0] == 422
    right = made(books.call("POST", "/v3.1/sales_invoices", json=invoice(idempotency_id=KEY)))
    assert right["displayed_as"] == "SI-1"


def test_two_creates_at_a_time_set_off_the_alarm(books: Any) -> None:
    books.put_state({**STATE, "settings": [{"write_ms": 400}]})

    def create(number: int) -> Any:
        return books.call("POST", "/v3.1/sales_invoices", json=invoice(reference=f"S{number}"))

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(create, (1, 2)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [201, 409]
    assert "test alarm" in refused(answers[1])[2]
    assert books.state()["settings"][0]["parallel_posts"] == 1


# --- limits, faults, log, state ----------------------------------------------------------------------------


def test_faults_come_in_sages_words(books: Any) -> None:
    books.faults(errors=[429])
    answer = books.get("/v3.1/contacts")
    assert (answer.status_code, answer.content, answer.headers["Retry-After"]) == (429, b"", "1")
    for status in (500, 503):
        books.faults(errors=[status])
        assert refused(books.get("/v3.1/contacts"))[:2] == (status, "UnexpectedError")
    books.faults(errors=["no_subscription"])
    assert refused(books.get("/v3.1/contacts"))[2] == "No active subscription. (MSE)"
    books.faults(errors=["token"])
    assert refused(books.get("/v3.1/contacts"))[:2] == (401, "AuthorizationFailure")
    assert books.call("POST", "/token", data={}).status_code == 400


@pytest.mark.parametrize(("limit", "most", "calls"), [("CALLS_A_DAY", 1, 2), ("AT_ONCE", 0, 1)])
def test_a_call_over_the_limits_is_answered_without_a_word(
    limit: str, most: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, limit, most)
    call = Call("GET", "/v3.1/contacts", "", {"authorization": "Bearer sage-sandbox-token"}, b"")
    limited, free = room.Sage(Options()), room.Sage(Options(rate_limits=False))
    answer = [limited.answer(call) for _ in range(calls)][-1]
    assert (answer.status, answer.body, answer.headers) == (429, b"", {})
    assert [free.answer(call).status for _ in range(calls)] == [200] * calls


def test_the_log_says_what_was_asked(books: Any) -> None:
    books.get("/v3.1/contacts")
    books.get(f"/v3.1/contacts/{HARPER}")
    path = "/v3.1" + made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))["$path"]
    books.call("DELETE", path)
    books.call("POST", f"{path}/release")
    books.call("POST", "/token", data={})
    assert [(entry["operation"], entry["writes"], entry["nodes"]) for entry in books.log()] == [
        ("list contacts", False, None),
        ("get contacts", False, None),
        ("create sales_invoices", True, 1),
        ("void sales_invoices", True, 1),
        ("release sales_invoices", True, 1),
        ("token", True, None),
    ]


def test_state_can_be_put_back_as_it_is(books: Any) -> None:
    made(
        books.call(
            "POST", "/v3.1/sales_invoices", json=invoice(main_address={"city": "Leeds", "country_id": "GB"})
        )
    )
    made(books.call("POST", "/v3.1/purchase_invoices", json=purchase()))
    before = books.state()
    assert books.put_state(before).status_code == 200
    assert books.state() == before


def test_partial_rows_are_filled_in(books: Any) -> None:
    row = {
        "contact_id": HARPER,
        "reference": "S9",
        "invoice_lines": [{"unit_price": 10.1, "tax_rate_id": "GB_LOWER"}],
    }
    books.put_state({**STATE, "sales_invoices": [row, {"contact": {"id": HARPER}, "total_amount": "7.5"}]})
    first, second = sorted(books.state()["sales_invoices"], key=lambda row: row["number"])
    assert (first["total_amount"], first["tax_amount"], first["date"]) == ("10.61", "0.51", "2026-03-02")
    assert (second["total_amount"], second["invoice_number"], second["business_id"]) == ("7.5", "2", OURS)


@pytest.mark.parametrize(
    ("state", "field"),
    [
        ({"gardens": []}, ""),
        ({"contacts": {}}, ""),
        ({"contacts": [{"colour": "red"}]}, ""),
        ({"contacts": [{"reference": "X"}]}, "name"),
        ({"contacts": [{"id": "x", "name": "A"}, {"id": "x", "name": "B"}]}, "id"),
        ({"sales_invoices": [{"contact_id": "9"}]}, "contact_id"),
        ({"sales_invoices": [{}]}, "contact_id"),
        ({"settings": [{"write_ms": -1}]}, ""),
        ({"oauth_tokens": [{"id": "x"}]}, ""),
        ({"idempotency_ids": ["x"]}, ""),
        ([], ""),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(state: Any, field: str, books: Any) -> None:
    before = books.state()
    answer = books.put_state(state)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert books.state() == before
