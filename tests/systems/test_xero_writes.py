"""Posting to Xero: what goes out, and what became of each document."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payrelay.domain.invoices import Kind, Posted, Posting
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.xero.client import XeroClient
from tests.systems.conftest import Bench
from tests.systems.loopback import RESET, Loopback, Reply, reply
from tests.systems.xero_answers import CONTACT, LINE, element, invalid, posting, refused, rows
from tests.worlds.structs import replace

INVOICE, BILL = posting("S1234"), posting("77", Kind.SUPPLIER_INVOICE)
NOTE = posting("C1", Kind.SALES_CREDIT_NOTE)


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> XeroClient:
    return XeroClient(loopback.origin, Secret("the-token"), "tenant-1", options=bench.options)


@pytest.mark.requirement("IN-4")
def test_each_kind_goes_to_its_own_place_in_two_calls(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(
        rows("Invoices", element(INVOICE, InvoiceID="1"), element(BILL, InvoiceID="2")),
        rows("CreditNotes", element(NOTE, CreditNoteID="3")),
    )

    done = client.post([INVOICE, NOTE, BILL])

    assert {key: one.id for key, one in done.items()} == {
        INVOICE.document_id: "1",
        BILL.document_id: "2",
        NOTE.document_id: "3",
    }
    assert [(seen.method, seen.path) for seen in loopback.seen] == [
        ("PUT", "/api.xro/2.0/Invoices"),
        ("PUT", "/api.xro/2.0/CreditNotes"),
    ]
    assert loopback.seen[0].params == [("summarizeErrors", "false"), ("unitdp", "4")]


@pytest.mark.requirement("IN-4", "IN-11")
def test_documents_go_out_whole(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(rows("Invoices", element(INVOICE), element(BILL)), rows("CreditNotes", element(NOTE)))
    client.post([INVOICE, BILL, NOTE])

    invoice, bill = loopback.seen[0].body["Invoices"]
    (note,) = loopback.seen[1].body["CreditNotes"]
    line = {"Description": "Boiler service", "Quantity": 1.5, "UnitAmount": 66.67, "TaxAmount": 20.0}
    assert invoice == {
        "Type": "ACCREC",
        "InvoiceNumber": "S1234",
        "Contact": {"ContactID": CONTACT},
        "Date": "2026-01-05",
        "DueDate": "2026-02-04",
        "LineAmountTypes": "Exclusive",
        "CurrencyCode": "GBP",
        "Status": "AUTHORISED",
        "Reference": "PO 77 [mark-S1234]",
        "LineItems": [{**line, "AccountCode": "4000", "TaxType": "OUTPUT2"}],
    }
    assert bill["Type"] == "ACCPAY"
    assert bill["Url"] == "https://payrelay.invalid/documents/mark-77"
    assert "Reference" not in bill
    assert bill["LineItems"][0]["TaxType"] == "INPUT2"
    assert (note["Type"], note["CreditNoteNumber"]) == ("ACCRECCREDIT", "C1")
    assert note["Reference"] == "PO 77 [mark-C1]"
    assert "DueDate" not in note


@pytest.mark.requirement("IN-10")
def test_the_same_documents_have_the_same_idempotency_key(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(rows("Invoices", element(INVOICE)))
    client.post([INVOICE])
    client.post([replace(INVOICE, due_date=INVOICE.date)])
    loopback.answers(rows("Invoices", element(INVOICE), element(BILL)))
    client.post([INVOICE, BILL])

    first, second, third = (seen.headers["Idempotency-Key"] for seen in loopback.seen)
    assert first == second != third
    assert len(third) <= 128


@pytest.mark.requirement("IN-10")
def test_those_that_were_taken_and_refused_are_told_apart(client: XeroClient, loopback: Loopback) -> None:
    said = ("Invoice # must be unique.", "Account code '999' is not valid")
    loopback.answers(
        rows("Invoices", refused(INVOICE, *said), element(BILL)), rows("CreditNotes", element(NOTE))
    )

    with pytest.raises(PartlyWritten) as partly:
        client.post([INVOICE, BILL, NOTE])

    assert partly.value.keys == (INVOICE.document_id,)
    assert partly.value.reasons == {INVOICE.document_id: "; ".join(said)}
    assert set(partly.value.done) == {BILL.document_id, NOTE.document_id}
    assert all(isinstance(one, Posted) for one in partly.value.done.values())


@pytest.mark.requirement("IN-10")
@pytest.mark.parametrize(
    "answer",
    [
        rows("Invoices", refused(INVOICE, "Invoice # must be unique."), refused(BILL, "No contact.")),
        invalid(refused(BILL, "No contact."), refused(INVOICE, "Invoice # must be unique.")),
    ],
    ids=["one by one", "whole"],
)
def test_when_none_is_taken_each_has_its_reason(
    answer: Reply, client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(answer)

    with pytest.raises(Rejected) as refusal:
        client.post([INVOICE, BILL])

    assert type(refusal.value) is Rejected
    assert refusal.value.keys == (INVOICE.document_id, BILL.document_id)
    assert refusal.value.reasons[INVOICE.document_id] == "Invoice # must be unique."
    assert refusal.value.reasons[BILL.document_id] == "No contact."


def test_a_culprit_among_bills_of_one_number_is_told_by_its_contact(
    client: XeroClient, loopback: Loopback
) -> None:
    twin = replace(BILL, document_id="twin", account_id="6" + CONTACT[1:])
    loopback.answers(invalid(refused(twin, "The contact is archived")))

    with pytest.raises(Rejected) as refusal:
        client.post([BILL, twin])
    assert refusal.value.keys == ("twin",)


def test_a_call_that_can_not_be_read_there_names_nobody(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(reply({"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": "bad"}, 400))

    with pytest.raises(Rejected, match="bad") as refusal:
        client.post([INVOICE])
    assert refusal.value.keys == ()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (replace(INVOICE, account_id="129"), "no ContactID"),
        (replace(BILL, due_date=None), "due date"),
    ],
)
def test_what_would_break_a_whole_call_is_not_sent(
    broken: Posting, said: str, client: XeroClient, loopback: Loopback
) -> None:
    with pytest.raises(Rejected, match=said) as refusal:
        client.post([broken])
    assert refusal.value.keys == (broken.document_id,)
    assert loopback.seen == []

    loopback.answers(rows("CreditNotes", element(NOTE)))
    with pytest.raises(PartlyWritten) as partly:
        client.post([broken, NOTE])
    assert (partly.value.keys, set(partly.value.done)) == ((broken.document_id,), {NOTE.document_id})


@pytest.mark.requirement("IN-10", "RUN-5")
@pytest.mark.parametrize(
    "second",
    [RESET, reply({}, 500), reply({}), Reply(429, b"", {"Retry-After": "9"}), reply({}, 403), reply({}, 307)],
    ids=["lost", "500", "unreadable", "limit", "disconnected", "redirect"],
)
def test_once_a_call_was_taken_trouble_in_the_next_leaves_all_unknown(
    second: Reply, client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(rows("Invoices", element(INVOICE)), second)

    with pytest.raises(OutcomeUnknown, match="1 documents were taken") as unknown:
        client.post([INVOICE, NOTE])
    assert unknown.value.seconds == (9 if second.headers else 5)
    assert len(loopback.seen) == 2


@pytest.mark.parametrize(
    ("second", "error"), [(Reply(429, b""), RetryLater), (reply({}, 401), CredentialsRefused)]
)
def test_when_nothing_was_taken_before_the_error_stays_what_it_is(
    second: Reply, error: type[Exception], client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(rows("Invoices", refused(INVOICE, "No.")), second)

    with pytest.raises(error) as raised:
        client.post([INVOICE, NOTE])
    assert type(raised.value) is error


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize(
    "answer",
    [
        rows("Invoices", element(INVOICE)),
        rows("Invoices", element(BILL), element(INVOICE)),
        rows("Invoices", "x", "y"),
        rows("Invoices", element(INVOICE, Total=None), element(BILL)),
        rows("Invoices", element(INVOICE, Status="VOIDED"), element(BILL)),
    ],
    ids=["too few", "order", "texts", "no total", "voided"],
)
def test_an_answer_that_does_not_speak_of_each_leaves_them_unknown(
    answer: Reply, client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(answer)
    with pytest.raises(OutcomeUnknown):
        client.post([INVOICE, BILL])


def test_an_error_without_words_is_a_refusal_all_the_same(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(rows("Invoices", element(INVOICE, StatusAttributeString="ERROR")))
    with pytest.raises(Rejected, match="without a reason"):
        client.post([INVOICE])


def test_a_line_without_a_tax_code_names_none(client: XeroClient, loopback: Loopback) -> None:
    bare = replace(INVOICE, lines=(replace(LINE, tax_code=None, unit_price=Decimal("1E+2")),))
    loopback.answers(rows("Invoices", element(bare)))
    client.post([bare])

    (line,) = loopback.seen[0].body["Invoices"][0]["LineItems"]
    assert "TaxType" not in line
    assert line["UnitAmount"] == 100
