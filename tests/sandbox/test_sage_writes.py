"""Sage's sandbox: contacts, and what is created once and one at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.sage_books import (
    KEY,
    STATE,
    invoice,
    line,
    made,
    refused,
)

# --- contacts -----------------------------------------------------------------------------------------------


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


# --- once, and one at a time --------------------------------------------------------------------------------


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
