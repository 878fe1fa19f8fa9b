"""AutoVu's client against its sandbox, which was written from the same contract by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from local.seed import SEEDS
from payrelay.domain.invoices import Kind, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.registry import system
from tests.systems.autovu_place import place
from tests.systems.conftest import Bench
from tests.worlds.listed import good
from tests.worlds.structs import replace

NOON = datetime(2026, 2, 9, 12, 0, tzinfo=UTC)
TENANTS = {"autovu_quickbooks": "QuickBooks", "autovu_xero": "Xero", "autovu_sage": "Sage"}


@dataclass(frozen=True)
class Served:
    """One tenant, freshly seeded, and a client for it."""

    url: str
    running: Running
    client: AutoVuClient

    def fail(self, *errors: int | str, **setting: object) -> None:
        faults = {"errors": list(errors), **setting}
        requests.put(f"{self.url}/_sandbox/faults", json=faults, timeout=5).raise_for_status()

    def calls(self) -> list[str]:
        log = requests.get(f"{self.url}/_sandbox/requests", timeout=5).json()
        return [entry["operation"] for entry in log]


def serve(sandboxes: Running, name: str, bench: Bench) -> Served:
    sandboxes.room(name).replace_state(SEEDS[name]())
    url = sandboxes.urls[name]
    for left_over in ("faults", "requests"):
        requests.delete(f"{url}/_sandbox/{left_over}", timeout=5).raise_for_status()
    return Served(url, sandboxes, AutoVuClient(url, Secret("autovu-sandbox-key"), options=bench.options))


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    return serve(sandboxes, "autovu_quickbooks", bench)


@pytest.mark.requirement("CON-2", "IN-9")
@pytest.mark.parametrize("name", TENANTS)
def test_a_check_names_the_tenants_package_or_refuses_the_key(
    name: str, sandboxes: Running, bench: Bench
) -> None:
    row, url = system("autovu"), serve(sandboxes, name, bench).url
    named = row.check(url, {"integration_key": Secret("autovu-sandbox-key")}, bench.options)

    assert named == f"AutoVu ({TENANTS[name]}, user Sam Price)"
    for key in ("withdrawn", "autovu-no-sync-key"):
        with pytest.raises(CredentialsRefused):
            row.check(url, {"integration_key": Secret(key)}, bench.options)


@pytest.mark.requirement("IN-1", "IN-2")
def test_the_first_five_are_the_first_five_of_all(served: Served) -> None:
    everything = served.client.queue()
    first = served.client.queue(5)

    documents = good(everything.documents)
    assert (len(documents), everything.total) == (71, 71)
    assert good(first.documents) == documents[:5]
    assert served.calls() == ["list documents"] * 6
    places = [(row.date, row.number) for row in documents]
    assert places == sorted(places)
    assert {row.type for row in documents} == set(Kind)
    assert all(row.sent is None for row in documents if row.type is not Kind.SALES_INVOICE)


def test_only_the_types_asked_for_are_read(served: Served) -> None:
    queue = served.client.queue(types=[Kind.SUPPLIER_INVOICE])

    assert {row.type for row in good(queue.documents)} == {Kind.SUPPLIER_INVOICE}
    assert served.calls() == ["list documents"]


@pytest.mark.requirement("IN-1")
def test_a_long_queue_is_read_page_by_page(served: Served) -> None:
    line = {"Text": "Work", "NominalCode": "4000", "Net": "1.00"}
    rows = [
        {"Type": "SalesInvoice", "Number": f"S{number:04}", "AccountName": "Harper Ltd", "Lines": [line]}
        for number in range(450)
    ]
    served.running.room("autovu_quickbooks").replace_state({"documents": rows})

    queue = served.client.queue()
    some = served.client.queue(201)

    assert [row.number for row in good(queue.documents)] == [row["Number"] for row in rows]
    assert good(some.documents) == good(queue.documents)[:201]
    assert len(served.calls()) == (3 + 2) + (2 + 2)


@pytest.mark.requirement("IN-11")
def test_a_long_document_adds_up_exactly(served: Served) -> None:
    long = next(row for row in good(served.client.queue().documents) if len(row.lines) == 200)

    assert sum(line.net for line in long.lines) == long.net
    assert sum(line.tax for line in long.lines) == long.tax
    assert isinstance(long.gross, Decimal)


def test_accounts_and_chart_are_read(served: Served) -> None:
    queue = served.client.queue()
    ids = [row.account_id for row in good(queue.documents)]

    accounts = {row.account_id: row for row in good(served.client.accounts([*ids, "a-99"]))}
    chart = {row.code: row for row in good(served.client.chart_of_accounts())}

    assert set(accounts) == set(ids)
    assert all(accounts[row.account_id].name == row.account_name for row in good(queue.documents))
    assert (chart["4200"].tax_selector, chart["4300"].tax_selector) == ("T5", None)
    assert (chart["4000"].link_to, chart["5000"].link_to) == ("Sales", "Expenses")
    assert len(served.calls()) == 3 + len(set(ids)) + 1 + 1
    settings = served.client.sync_settings()
    assert (settings.uses_care_of, settings.tax_on_nominal_required) == (True, True)


@pytest.mark.requirement("IN-4")
def test_a_status_is_shown_and_a_synced_document_leaves_the_list(served: Served) -> None:
    first = good(served.client.queue(1).documents)[0]

    told = served.client.set_status(*place(first), "Cannot sync until marked as sent.")
    listed = good(served.client.queue(1).documents)[0]
    synced = served.client.mark_synced(*place(told), "145", NOON)

    assert (listed, listed.status_code) == (told, "Cannot sync until marked as sent.")
    assert synced
    assert (synced.external_id, synced.synced_at, synced.status_code) == ("145", NOON, "")
    assert served.client.document(first.document_id) == synced
    assert good(served.client.queue(1).documents)[0].document_id != first.document_id
    assert served.client.document("d-99") is None


@pytest.mark.requirement("IN-10")
def test_a_write_back_whose_answer_is_lost_is_done_when_it_is_repeated(served: Served) -> None:
    first = good(served.client.queue(1).documents)[0]
    served.fail("after_write_reset", count=1)

    with pytest.raises(OutcomeUnknown):
        served.client.mark_synced(*place(first), "145", NOON)
    again = served.client.mark_synced(*place(first), "145", NOON)

    assert again
    assert (again.external_id, again.synced_at) == ("145", NOON)


def test_a_row_edited_meanwhile_is_refused_and_read_again(served: Served) -> None:
    first = good(served.client.queue(1).documents)[0]
    (account,) = good(served.client.accounts([first.account_id]))
    served.fail("edited", count=2)

    for write in (
        lambda: served.client.set_status(*place(first), "x"),
        lambda: served.client.set_accs_id(account, Side.CUSTOMER, "129"),
    ):
        with pytest.raises(Rejected) as refusal:
            write()
        assert refusal.value.code == "RowVersionMismatch"
    now = served.client.document(first.document_id)
    assert now
    assert served.client.set_status(*place(now), "x").status_code == "x"


@pytest.mark.requirement("IN-5", "IN-6")
def test_an_accounts_id_is_kept_for_later_and_a_wrong_one_removed(served: Served) -> None:
    documents = good(served.client.queue().documents)
    (account_id,) = {row.account_id for row in documents if row.account_name == "Northgate Surgery"}
    (wrong,) = good(served.client.accounts([account_id]))

    cleared = served.client.set_accs_id(wrong, Side.CUSTOMER, None)
    linked = served.client.set_accs_id(cleared, Side.CUSTOMER, "129")
    both = served.client.set_accs_id(linked, Side.SUPPLIER, "7")

    assert [one.accs_id for one in (wrong, cleared, linked)] == ["99999", None, "129"]
    assert good(served.client.accounts([account_id])) == [both]
    assert [both.accs_id_for(side) for side in Side] == ["129", "7"]


@pytest.mark.requirement("IN-5")
def test_sage_takes_no_accounts_id(sandboxes: Running, bench: Bench) -> None:
    served = serve(sandboxes, "autovu_sage", bench)
    (account,) = good(served.client.accounts(["a-11"]))

    with pytest.raises(Rejected) as refusal:
        served.client.set_accs_id(account, Side.CUSTOMER, "129")
    assert refusal.value.code == "Invalid"
    assert "Sage does not support" in refusal.value.message


@pytest.mark.parametrize("fault", [500, 503, "reset", "timeout"])
def test_a_read_in_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.fail(fault)

    with pytest.raises(RetryLater) as later:
        served.client.queue(5)
    assert type(later.value) is RetryLater


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("fault", [500, 503, "reset", "timeout", "after_write_reset"])
def test_a_write_in_trouble_is_unknown_and_sent_once(fault: int | str, served: Served) -> None:
    first = good(served.client.queue(1).documents)[0]
    served.fail(fault)

    with pytest.raises(OutcomeUnknown):
        served.client.set_status(*place(first), "x")
    assert served.calls()[3:] == ["change documents"]


def test_the_limit_of_calls_is_not_seen_outside(bench: Bench) -> None:
    seconds = [0.0]
    options = Options(clock=lambda: seconds[0])

    def sleep(pause: float) -> None:
        seconds[0] += pause

    with running(options=options) as sandboxes:
        patient = Bench(replace(bench.options, sleep=sleep))
        served = serve(sandboxes, "autovu_xero", patient)
        documents = good(served.client.queue(5).documents)
        accounts = good(served.client.accounts([row.account_id for row in documents]))
        told = [served.client.set_status(*place(row), "x") for row in documents]

    assert len(accounts) == len({row.account_id for row in documents})
    assert [row.status_code for row in told] == ["x"] * 5
    assert seconds[0] == 2
