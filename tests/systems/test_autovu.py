"""AutoVu's client: the queue, single rows, and the write-back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.invoices import Kind, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.autovu.models import AccountKind
from payrelay.systems.registry import system
from payrelay.systems.rows import BadRow
from tests.systems.autovu_answers import ACCOUNT, DOCUMENT, account, document, listing, raw_document, refused
from tests.systems.autovu_place import place
from tests.systems.conftest import Bench
from tests.systems.loopback import RESET, Loopback, Reply, reply
from tests.worlds.listed import good
from tests.worlds.structs import replace

NOON = datetime(2026, 2, 9, 12, 0, 30, 250_000, tzinfo=UTC)
SETTINGS = {"Package": "Xero", "UsesCareOf": False, "TaxOnNominalRequired": True}


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> AutoVuClient:
    return AutoVuClient(f"{loopback.origin}/tenant", Secret("the-key"), options=bench.options)


def numbered(*numbers: str, **changes: Any) -> list[dict[str, Any]]:
    return [raw_document(DocumentId=f"d-{number}", Number=number, **changes) for number in numbers]


@pytest.mark.parametrize("base", ["/tenant", "/tenant/", "/tenant/api/v1", "/tenant/api/v1/"])
def test_the_base_may_end_with_its_version_or_not(base: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply(SETTINGS))

    client = AutoVuClient(loopback.origin + base, Secret("the-key"), options=bench.options)

    assert client.organisation() == "AutoVu (Xero)"
    assert loopback.seen[0].path == "/tenant/api/v1/syncsettings"
    assert loopback.seen[0].headers["Authorization"] == "Bearer the-key"


def test_the_organisation_names_the_tenant_by_its_address(bench: Bench, monkeypatch: Any) -> None:
    key = {"integration_key": Secret("the-key")}
    client = system("autovu").connect("https://harper.autovu.co.uk", key, bench.options)
    monkeypatch.setattr(
        "payrelay.systems.http.door.Door.get", lambda *_, **__: SETTINGS | {"UserName": "Sam"}
    )

    assert client.organisation() == "AutoVu harper (Xero, user Sam)"


@pytest.mark.parametrize("address", ["https://harper.autovu.co.uk", "https://x.autovusolutions.com/api/v1"])
def test_every_tenant_has_an_address_of_its_own(address: str) -> None:
    assert system("autovu").check_address(address, allow_loopback=False) == address


# --- the queue -------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-1", "IN-11")
def test_a_document_is_read_whole_and_its_money_exactly(client: AutoVuClient, loopback: Loopback) -> None:
    line = DOCUMENT["Lines"][0] | {"Quantity": "0.3333", "UnitPrice": "0.1", "Net": "0.03"}
    loopback.answers(listing([raw_document(SyncedAt="2026-01-06T09:30:00Z", Lines=[line])]))

    queue = client.queue(types=[Kind.SALES_INVOICE])

    (row,) = good(queue.documents)
    assert (row.type, row.number, row.date) == (Kind.SALES_INVOICE, "S1234", date(2026, 1, 5))
    assert (row.account_kind, row.account_name, row.row_version) == (AccountKind.COMPANY, "Harper Ltd", "r7")
    assert (row.sent, row.status_code, row.external_id, row.care_of_account_id) == (True, "", None, None)
    assert row.synced_at == datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
    assert (row.net, row.tax, row.gross) == (Decimal("100.00"), Decimal("20.00"), Decimal("120.00"))
    assert (row.lines[0].quantity, row.lines[0].unit_price) == (Decimal("0.3333"), Decimal("0.1"))
    assert (row.lines[0].nominal_code, row.lines[0].tax_code) == ("4000", "T1")
    assert "Harper" not in repr(row)


@pytest.mark.requirement("IN-1")
def test_the_queue_is_the_three_lists_by_date_then_number_then_type(
    client: AutoVuClient, loopback: Loopback
) -> None:
    loopback.answers(
        listing(numbered("S2") + numbered("S1", Date="2026-01-07")),
        listing(numbered("A1", "C1", Type="SalesCreditNote", Date="2026-01-07", Sent=None)),
        listing(numbered("S2", "S9", Type="SupplierInvoice", Sent=None)),
    )

    queue = client.queue()

    assert [(row.number, row.type.value) for row in good(queue.documents)] == [
        ("S2", "SalesInvoice"),
        ("S2", "SupplierInvoice"),
        ("S9", "SupplierInvoice"),
        ("A1", "SalesCreditNote"),
        ("C1", "SalesCreditNote"),
        ("S1", "SalesInvoice"),
    ]
    assert queue.total == 6
    assert [dict(seen.params) for seen in loopback.seen] == [
        {"type": kind.value, "markedForSync": "true", "synced": "false", "page": "1", "pageSize": "200"}
        for kind in Kind
    ]


def test_a_list_is_read_to_its_end_and_no_document_comes_twice(
    client: AutoVuClient, loopback: Loopback
) -> None:
    # One was listed meanwhile: it pushes the last of page 1 onto page 2.
    loopback.answers(listing(numbered("S1", "S2"), total=3), listing(numbered("S2", "S3"), total=4, page=2))

    queue = client.queue(types=[Kind.SALES_INVOICE])

    assert [row.number for row in good(queue.documents)] == ["S1", "S2", "S3"]
    assert [dict(seen.params)["page"] for seen in loopback.seen] == ["1", "2"]


@pytest.mark.requirement("IN-2")
def test_the_first_five_cost_one_page_of_each_type(client: AutoVuClient, loopback: Loopback) -> None:
    loopback.answers(
        listing(numbered("S1", "S2", "S3", "S4", "S5"), total=40),
        listing(numbered("C1", Type="SalesCreditNote", Date="2026-01-04"), total=1),
        listing([], total=0),
    )

    queue = client.queue(5)

    assert [row.number for row in good(queue.documents)] == ["C1", "S1", "S2", "S3", "S4"]
    assert queue.total == 41
    assert [dict(seen.params)["pageSize"] for seen in loopback.seen] == ["5", "5", "5"]


@pytest.mark.requirement("IN-2", "RUN-4")
def test_rows_that_can_not_be_used_do_not_take_the_place_of_others(
    client: AutoVuClient, loopback: Loopback
) -> None:
    bad = [raw_document(DocumentId=f"d-{place}", Net="NaN") for place in range(2)]
    loopback.answers(listing(bad, total=4), listing(numbered("S3", "S4"), total=4, page=2))

    queue = client.queue(2, [Kind.SALES_INVOICE])

    unusable: list[BadRow] = []
    assert [row.number for row in queue.documents.take(unusable)] == ["S3", "S4"]
    assert [bad.id for bad in unusable] == ["d-0", "d-1"]


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"Net": 100}, "Net", "is not an amount as text, such as 120.00"),
        ({"Tax": "NaN"}, "Tax", "is not an amount as text, such as 120.00"),
        ({"Gross": "1E2"}, "Gross", "is not an amount as text, such as 120.00"),
        ({"Date": "05.01.2026"}, "Date", "is not a day such as 2026-02-09"),
        ({"SyncedAt": "2026-01-06T09:30:00"}, "SyncedAt", "Expected `datetime` with a timezone component"),
        ({"Type": "Quote"}, "Type", "Invalid enum value 'Quote'"),
        ({"AccountId": ""}, "AccountId", "Expected `str` of length >= 1"),
        ({"RowVersion": "r\n7"}, "RowVersion", "Expected `str` matching regex '^[!-~]+$'"),
        ({"Lines": [{"LineNo": 1}]}, "Lines[0].Quantity", "is missing"),
    ],
)
def test_a_row_that_can_not_be_used_says_which_and_why(
    changes: dict[str, Any], field: str, problem: str, client: AutoVuClient, loopback: Loopback
) -> None:
    loopback.answers(listing([raw_document(**changes), *numbered("S2")]))

    queue = client.queue(types=[Kind.SALES_INVOICE])

    unusable: list[BadRow] = []
    assert [row.number for row in queue.documents.take(unusable)] == ["S2"]
    assert unusable == [BadRow("d-501", "S1234", field, problem)]


def test_totals_that_are_off_are_read_as_they_are(client: AutoVuClient, loopback: Loopback) -> None:
    loopback.answers(reply(raw_document(Gross="999.99")))

    read = client.document("d-501")

    assert read
    assert read.gross == Decimal("999.99")


def test_a_page_that_does_not_fit_its_total_is_for_later(client: AutoVuClient, loopback: Loopback) -> None:
    loopback.answers(listing(numbered("S1"), total=3), listing([], total=3, page=2))

    with pytest.raises(RetryLater, match="does not fit its own total"):
        client.queue(types=[Kind.SALES_INVOICE])


def test_a_queue_of_nothing_is_not_asked_for(client: AutoVuClient) -> None:
    with pytest.raises(ValueError, match="at least one"):
        client.queue(0)


# --- single rows -----------------------------------------------------------------------------------------


def test_a_document_that_is_gone_is_none(client: AutoVuClient, loopback: Loopback) -> None:
    loopback.answers(refused(404, "NotFound"))

    assert client.document("d/501") is None
    assert loopback.seen[0].path == "/tenant/api/v1/documents/d%2F501"


def test_a_404_of_somebody_else_is_no_missing_document(client: AutoVuClient, loopback: Loopback) -> None:
    loopback.answers(Reply(404, b"<html>"))

    with pytest.raises(Rejected):
        client.document("d-501")
    with pytest.raises(Rejected):
        client.accounts(["a-12"])


def test_accounts_are_asked_for_once_each_and_missing_ones_left_out(
    client: AutoVuClient, loopback: Loopback
) -> None:
    loopback.answers(reply(ACCOUNT), refused(404, "NotFound"), reply({"AccountId": "a-14"}), reply(ACCOUNT))

    unusable: list[BadRow] = []
    (harper,) = client.accounts(["a-12", "a-13", "a-12", "a-14"]).take(unusable)

    assert harper.account_id == "a-12"
    assert [seen.path.rsplit("/")[-1] for seen in loopback.seen] == ["a-12", "a-13", "a-14"]
    assert [(bad.id, bad.field) for bad in unusable] == [("a-14", "Kind")]
    assert (harper.name, harper.email, harper.care_of_id) == ("Harper Ltd", "ap@harper.example", None)
    assert [harper.accs_id_for(side) for side in Side] == ["129", "7"]
    assert harper.address
    assert (harper.address.line1, harper.address.postcode) == ("1 High St", "LS1 1AA")


def test_the_chart_of_accounts_is_read_whole_by_its_codes(client: AutoVuClient, loopback: Loopback) -> None:
    rows = [
        {"Description": "Service income", "Code": "4000", "LinkTo": "Sales", "TaxSelector": "T1"},
        {"Description": "Training", "Code": "0400", "LinkTo": "Sales", "TaxSelector": None},
        {"Description": "No code"},
        {"Description": "Books", "Code": "Books", "LinkTo": "Expenses", "TaxSelector": ""},
    ]
    loopback.answers(listing(rows[:2], total=4), listing(rows[2:], total=4, page=2))

    unusable: list[BadRow] = []
    chart = client.chart_of_accounts().take(unusable)

    assert {row.code: (row.link_to, row.tax_selector) for row in chart} == {
        "4000": ("Sales", "T1"),
        "0400": ("Sales", None),
        "Books": ("Expenses", ""),
    }
    assert [(bad.field, bad.problem) for bad in unusable] == [("Code", "is missing")]


# --- the write-back --------------------------------------------------------------------------------------


def test_a_status_is_set_on_the_version_that_was_read(client: AutoVuClient, loopback: Loopback) -> None:
    text = "Cannot sync until marked as sent."
    loopback.answers(reply(raw_document(StatusCode=text, RowVersion="r8")))

    after = client.set_status(*place(document()), text)

    (seen,) = loopback.seen
    assert (after.status_code, after.row_version) == (text, "r8")
    assert (seen.method, seen.path) == ("PATCH", "/tenant/api/v1/documents/d-501")
    assert (seen.body, seen.headers["If-Match"]) == ({"StatusCode": text}, "r7")


@pytest.mark.requirement("IN-4")
@pytest.mark.parametrize("moment", [NOON, NOON.astimezone(timezone(timedelta(hours=2)))])
def test_a_synced_document_carries_id_and_time_and_no_status(
    moment: datetime, client: AutoVuClient, loopback: Loopback
) -> None:
    loopback.answers(reply(raw_document(ExternalId="145", SyncedAt="2026-02-09T12:00:30Z")))

    after = client.mark_synced(*place(document()), "145", moment)

    assert after
    assert after.external_id == "145"
    assert loopback.seen[0].body == {
        "ExternalId": "145",
        "SyncedAt": "2026-02-09T12:00:30Z",
        "StatusCode": "",
    }


@pytest.mark.requirement("IN-10")
def test_a_document_that_was_synced_already_is_done(client: AutoVuClient, loopback: Loopback) -> None:
    loopback.answers(refused(409, "AlreadySynced"), reply(raw_document(ExternalId="145")))

    after = client.mark_synced(*place(document()), "145", NOON)

    assert after
    assert after.external_id == "145"
    assert [seen.method for seen in loopback.seen] == ["PATCH", "GET"]


def test_a_document_edited_meanwhile_is_refused_by_its_code(client: AutoVuClient, loopback: Loopback) -> None:
    loopback.answers(refused(412, "RowVersionMismatch"))

    for write in (
        lambda: client.set_status(*place(document()), "x"),
        lambda: client.mark_synced(*place(document()), "1", NOON),
    ):
        with pytest.raises(Rejected) as refusal:
            write()
        assert refusal.value.code == "RowVersionMismatch"
    assert len(loopback.seen) == 2


@pytest.mark.requirement("IN-5", "IN-6")
@pytest.mark.parametrize(
    ("side", "value", "body"),
    [
        (Side.CUSTOMER, "129", {"AccsID": "129"}),
        (Side.CUSTOMER, None, {"AccsID": None}),
        (Side.SUPPLIER, "7", {"SupplierAccsID": "7"}),
    ],
)
def test_an_accounts_id_is_kept_or_cleared_on_its_side(
    side: Side, value: str | None, body: dict[str, Any], client: AutoVuClient, loopback: Loopback
) -> None:
    loopback.answers(reply(ACCOUNT | body | {"RowVersion": "r4"}))

    after = client.set_accs_id(account(), side, value)

    (seen,) = loopback.seen
    assert (after.accs_id_for(side), after.row_version) == (value, "r4")
    assert (seen.path, seen.body, seen.headers["If-Match"]) == ("/tenant/api/v1/accounts/a-12", body, "r3")


def test_a_write_waits_for_the_calls_a_second_twice_and_no_longer(
    client: AutoVuClient, loopback: Loopback, bench: Bench
) -> None:
    busy = refused(429, "TooMany", Retry_After="1")
    loopback.answers(busy, busy, reply(DOCUMENT), busy)

    assert client.set_status(*place(document()), "x").number == "S1234"
    assert bench.pauses == [1, 1]
    with pytest.raises(RetryLater) as later:
        client.set_status(*place(document()), "x")
    assert (type(later.value), later.value.named, len(loopback.seen)) == (RetryLater, True, 6)


def test_calls_are_kept_apart_so_that_no_limit_is_met(loopback: Loopback, bench: Bench) -> None:
    options = replace(bench.options, paced=True, clock=lambda: 0.0)
    client = AutoVuClient(f"{loopback.origin}/tenant", Secret("the-key"), options=options)
    loopback.answers(reply(DOCUMENT), reply(DOCUMENT))
    for _ in range(2):
        assert client.document("d-501")
    assert bench.pauses == pytest.approx([0.205, 0.41])


def test_a_write_does_not_wait_for_what_may_have_been_done(
    client: AutoVuClient, loopback: Loopback, bench: Bench
) -> None:
    for lost in (RESET, refused(503, "Unavailable", Retry_After="1")):
        loopback.answers(lost)
        with pytest.raises(OutcomeUnknown):
            client.set_status(*place(document()), "x")
    assert (len(loopback.seen), bench.pauses) == (2, [])


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (refused(400, "FieldNotWritable", "Net"), "FieldNotWritable", "Said FieldNotWritable. (Net)"),
        (refused(400, "Invalid"), "Invalid", "Said Invalid."),
        (Reply(400, b"<html>"), "400", "refused (HTTP 400)"),
        (reply({"error": "Bad"}, 400), "400", "refused (HTTP 400)"),
    ],
)
def test_a_refusal_has_the_vendors_words(
    body: Reply, code: str, words: str, client: AutoVuClient, loopback: Loopback
) -> None:
    loopback.answers(body)

    with pytest.raises(Rejected) as refusal:
        client.set_status(*place(document()), "x")
    assert (refusal.value.code, refusal.value.message) == (code, words)
