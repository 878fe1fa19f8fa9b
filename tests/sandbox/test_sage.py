"""Sage's sandbox: businesses, lists, limits, faults, and its state."""

from typing import Any

import pytest

from local.sandbox.frame.calls import Call
from local.sandbox.frame.room import Options
from local.sandbox.frame.system import Limit
from local.sandbox.sage import room
from tests.sandbox.rules import check_refused
from tests.sandbox.sage_books import HARPER, LEAD, OURS, PENNINE, STATE, invoice, made, purchase, refused

# --- tokens and businesses ----------------------------------------------------------------------------------


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


# --- lists --------------------------------------------------------------------------------------------------


def test_a_list_shows_hardly_anything_without_being_asked(books: Any) -> None:
    (row,) = books.get("/v3.1/contacts?search=HARP").json()["$items"]
    assert row == {"id": HARPER, "displayed_as": "Harper Ltd (HARP01)", "$path": f"/contacts/{HARPER}"}
    (row,) = books.get("/v3.1/contacts?search=harper&attributes=name,contact_types").json()["$items"]
    kind = {"id": "CUSTOMER", "displayed_as": "Customer", "$path": "/contact_types/CUSTOMER"}
    assert (row["name"], row["contact_types"]) == ("Harper Ltd", [kind])
    whole = books.get(f"/v3.1/contacts/{HARPER}").json()
    assert (whole["credit_limit"], whole["is_active"], whole["reference"]) == ("0.0", True, "HARP01")


def test_contacts_are_found_by_e_mail_and_shown_with_their_city(books: Any) -> None:
    ann = {"name": "Ann", "main_contact_person": {"name": "Ann", "email": "ann@x.example"}}
    books.put_state({**STATE, "contacts": [{**ann, "main_address": {"city": "York"}}]})
    path = "/v3.1/contacts?attributes=main_address&nested_attributes=city&email="
    (row,) = books.get(f"{path}ANN@x.example").json()["$items"]
    assert row["main_address"]["city"] == "York"
    assert books.get(f"{path}x.example").json()["$items"] == []


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


# --- limits, faults, log, state -----------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("limit", "most", "calls"), [("limits", (Limit(1, 86_400),), 2), ("at_once", (0, "TooMany"), 1)]
)
def test_a_call_over_the_limits_is_answered_without_a_word(
    limit: str, most: Any, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.Sage, limit, most)
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
    ("resource", "row", "field", "said"),
    [
        ("contacts", {"reference": "X"}, "name", "is required"),
        ("sales_invoices", {}, "contact_id", "is required"),
        ("sales_invoices", {"contact_id": "9"}, "contact_id", "no contact of this business"),
        ("settings", {"write_ms": -1}, "write_ms", "from 0 to 60000"),
        ("oauth_tokens", {"id": "x"}, "kind", "is required"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(
    resource: str, row: Any, field: str, said: str, books: Any
) -> None:
    check_refused(books, {**STATE, resource: [row]}, 0, field, said)
