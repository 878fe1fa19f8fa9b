"""Exact Globe Next's client: what goes over the wire, and what a real sandbox of the contract makes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox import Running
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.globe_next.client import Books, GlobeNextClient
from payrelay.systems.http.wire import Number
from payrelay.systems.registry import system
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, reply
from tests.worlds.journal import companies
from tests.worlds.sandboxes import Sandboxed

USER = {"username": Secret("payrelay-sandbox"), "password": Secret("sandbox-password")}
NO_KEY = "6f0b8c1a-0000-4000-8000-0000000000ff"
LINE = {
    "GLAccount": "4000",
    "Amount": Number(Decimal("3500.00")),
    "Description": "Salaris",
    "CurrencyCode": "EUR",
    **dict.fromkeys(("EntryDate", "ReportingDate", "FulfillmentDate"), "2026-01-31T00:00:00"),
}
HEADER = {
    "Journal": "90",
    "Description": "Januari 2026 [je-55]",
    "FinancialYear": 2026,
    "FinancialPeriod": 1,
    "CurrencyCode": "EUR",
}


class Served(Sandboxed):
    """The sandbox with two companies, and a client for it."""

    def __init__(self, urls: Any, bench: Bench) -> None:
        self.urls = urls
        self.calm("globe_next")
        self.put("globe_next", companies())
        self.client: Any = system("globe_next").connect(urls["globe_next"], USER, bench.options)
        self.books: Books = self.client.company("SRV01", "500")

    def line(self, amount: str, account: str = "4000", key: str = "") -> str:
        values = {**LINE, "GLAccount": account, "Amount": Number(Decimal(amount))}
        return self.books.add_line({**values, **({"TransactionKey": key} if key else {})}).transaction_key


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    return Served(sandboxes.urls, bench)


# --- over the wire ---------------------------------------------------------------------------------------


@pytest.mark.requirement("JRN-1")
def test_both_headers_go_with_every_call_of_a_company(loopback: Loopback, bench: Bench) -> None:
    """PW-25"""
    loopback.answers(reply({"d": {"results": []}}))
    client = GlobeNextClient(loopback.origin, *USER.values(), options=bench.options)
    books = client.company("SRV01", "600")
    reads = (books.journals, books.accounts, books.centres, books.units, books.periods)
    for read in reads:
        read()
    books.header(NO_KEY), books.lines(NO_KEY), books.marked(["[je-55]"])
    books.lines_of_day(date(2026, 1, 31), "Salaris")
    loopback.answers(reply({"d": {"ID": 1, "TransactionKey": NO_KEY}}))
    books.add_line(LINE), books.add_header(HEADER), books.remove_line(1)
    assert len(loopback.seen) == 12
    for one in loopback.seen:
        named = {name.lower(): value for name, value in one.headers.items()}
        assert (named["servername"], named["databasename"]) == ("SRV01", "600")
        assert one.path.startswith("/services/Exact.Entity.REST.EG/")


@pytest.mark.requirement("JRN-1")
@pytest.mark.parametrize("amount", ["0.10", "-1000.33", "999999999999.99", "0.29", "-0.01"])
def test_an_amount_goes_out_digit_by_digit_as_a_number(amount: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"d": {"ID": 1, "TransactionKey": NO_KEY}}))
    client = GlobeNextClient(loopback.origin, *USER.values(), options=bench.options)
    client.company("SRV01", "500").add_line({**LINE, "Amount": Number(Decimal(amount))})
    assert f"{loopback.seen[0].body['Amount']:.2f}" == amount
    assert isinstance(loopback.seen[0].body["Amount"], float)


def test_an_answer_without_a_key_may_be_to_a_line_that_was_added(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"d": {"ID": 1}}, 201))
    client = GlobeNextClient(loopback.origin, *USER.values(), options=bench.options)
    with pytest.raises(OutcomeUnknown, match="TransactionKey is missing"):
        client.company("SRV01", "500").add_line(LINE)


def test_a_key_that_is_no_guid_never_comes_into_a_filter(loopback: Loopback, bench: Bench) -> None:
    client = GlobeNextClient(loopback.origin, *USER.values(), options=bench.options)
    with pytest.raises(Rejected):
        client.company("SRV01", "500").lines("x' or true")
    assert loopback.seen == []


# --- against the sandbox ---------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2")
def test_a_user_who_is_let_in_needs_no_company_to_be_known(served: Served, bench: Bench) -> None:
    assert served.client.organisation() == "Exact Globe Next"
    wrong = {**USER, "password": Secret("wrong")}
    with pytest.raises(CredentialsRefused):
        system("globe_next").connect(served.urls["globe_next"], wrong, bench.options).organisation()


@pytest.mark.requirement("JRN-2")
def test_the_look_ups_of_a_company_are_its_own(served: Served) -> None:
    other = served.client.company("SRV01", "600")
    setting = served.books.setting()
    assert (setting.company, setting.journal, setting.currency) == ("500", "90", "EUR")
    accounts = {row.code: row.blocked for row in served.books.accounts().take([])}
    assert accounts == {"4000": False, "1700": False, "4099": True}
    assert [row.type for row in served.books.journals().take([])] == ["M"]
    assert [len(read()) for read in (served.books.centres, other.centres)] == [1, 0]
    assert [len(read()) for read in (served.books.units, other.units)] == [0, 1]
    period = served.books.periods().take([])[0]
    assert (period.start_date, period.end_date, period.closed) == (
        date(2025, 12, 1),
        date(2025, 12, 31),
        True,
    )


@pytest.mark.requirement("JRN-1", "RUN-5")
def test_lines_are_pending_until_their_header_and_can_be_found_by_all_we_ask_for(served: Served) -> None:
    key = served.line("3500.00")
    served.line("-3500.00", "1700", key)
    assert served.books.header(key) is None
    assert [(row.account, row.amount) for row in served.books.lines(key)] == [("4000", 3500), ("1700", -3500)]
    assert {row.transaction_key for row in served.books.lines_of_day(date(2026, 1, 31), "Salaris")} == {key}
    assert served.books.lines_of_day(date(2026, 1, 30), "Salaris") == []
    added = served.books.add_header({**HEADER, "TransactionKey": key})
    assert (added.is_processed, added.entry_number) == (True, 20260001)
    assert served.books.header(key) == added
    assert served.books.marked(["[je-55]", "[je-56]"]) == [added]
    assert served.books.marked(["[je-5]"]) == []
    assert served.client.company("SRV01", "600").header(key) is None


@pytest.mark.requirement("JRN-1")
def test_pending_lines_can_be_removed_once_more_and_processed_ones_not(served: Served) -> None:
    key = served.line("1.00")
    number = served.books.lines(key)[0].id
    served.books.remove_line(number)
    served.books.remove_line(number)
    assert served.books.lines(key) == []
    key = served.line("0.00")
    served.books.add_header({**HEADER, "TransactionKey": key})
    with pytest.raises(Rejected, match="is processed and can not be removed"):
        served.books.remove_line(served.books.lines(key)[0].id)


@pytest.mark.requirement("JRN-1")
def test_what_globe_refuses_is_told_in_its_words(served: Served) -> None:
    key = served.line("1.00")
    with pytest.raises(Rejected, match=r"The entry is not balanced: the difference is 1\.00\."):
        served.books.add_header({**HEADER, "TransactionKey": key})
    with pytest.raises(OutcomeUnknown, match="General ledger account 4099 is blocked"):
        served.line("1.00", "4099")
    with pytest.raises(Rejected, match="Cannot open database '501' on server 'SRV01'"):
        served.client.company("SRV01", "501").setting()


@pytest.mark.requirement("RUN-4")
def test_a_service_that_is_stopped_is_for_later(served: Served) -> None:
    served.faults("globe_next", errors=["stopped"])
    with pytest.raises(RetryLater):
        served.books.setting()
