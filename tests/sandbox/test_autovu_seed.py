"""AutoVu's data: the same every time, and with a document for every check that fails."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox import Options
from local.sandbox.autovu import AutoVuQuickBooks, AutoVuSage, AutoVuXero
from local.sandbox.autovu.room import AutoVu
from local.seed import SEEDS
from local.seed.autovu import CARE_OF, WRONG_ACCS_ID, WRONG_CARE_OF_ID, autovu_state
from local.seed.trade import CUSTOMERS, NOMINALS, SUPPLIERS

TENANTS = {AutoVuQuickBooks: "QuickBooks", AutoVuXero: "Xero", AutoVuSage: "Sage"}
KNOWN = {party.name for party in (*CUSTOMERS, *SUPPLIERS) if party.known}
CODES = {nominal.code for nominal in NOMINALS}


@pytest.fixture(scope="module")
def state() -> dict[str, list[dict[str, Any]]]:
    return autovu_state("QuickBooks")


@pytest.fixture(scope="module")
def queue(state: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    rows = [row for row in state["documents"] if row["MarkedForSync"]]
    return sorted(rows, key=lambda row: (row["Date"], row["Number"]))


@pytest.mark.parametrize("kind", TENANTS)
def test_each_tenant_takes_its_data_whole_and_they_are_the_same_every_time(kind: type[AutoVu]) -> None:
    name, state = kind.name, SEEDS[kind.name]()
    room = kind(Options())
    room.replace_state(state)
    kept = room.state()
    assert {resource: sorted(map(str, rows)) for resource, rows in kept.items()} == {
        resource: sorted(map(str, rows)) for resource, rows in state.items()
    }
    assert state == SEEDS[name]()
    assert state["syncsettings"][0]["Package"] == TENANTS[kind]


def test_the_queue_has_all_types_and_is_not_all_there_is(
    state: dict[str, list[dict[str, Any]]], queue: list[dict[str, Any]]
) -> None:
    assert Counter(row["Type"] for row in queue) == {
        "SalesInvoice": 44,
        "SalesCreditNote": 9,
        "SupplierInvoice": 18,
    }
    assert len(state["documents"]) == len(queue) + 3
    assert len({(row["Type"], row["Number"]) for row in state["documents"]}) == len(state["documents"])


def test_every_document_adds_up_and_names_its_account(state: dict[str, list[dict[str, Any]]]) -> None:
    accounts = {row["AccountId"]: row for row in state["accounts"]}
    for row in state["documents"]:
        for name in ("Net", "Tax"):
            assert sum(Decimal(line[name]) for line in row["Lines"]) == Decimal(row[name]), row["Number"]
        assert Decimal(row["Net"]) + Decimal(row["Tax"]) == Decimal(row["Gross"])
        account = accounts[row["AccountId"]]
        assert (row["AccountName"], row["AccountKind"]) == (account["Name"], account["Kind"])


def numbers(queue: list[dict[str, Any]], test: Any) -> list[str]:
    return [row["Number"] for row in queue if test(row)]


def test_there_is_a_document_for_every_check(
    state: dict[str, list[dict[str, Any]]], queue: list[dict[str, Any]]
) -> None:
    accounts = {row["AccountId"]: row for row in state["accounts"]}
    untaxed = {row["Code"] for row in state["chartofaccounts"] if row["TaxSelector"] is None}

    def lines(row: dict[str, Any], name: str) -> set[Any]:
        return {line[name] for line in row["Lines"]}

    assert numbers(queue, lambda row: row["Sent"] is False)
    names = {row["AccountName"] for row in queue}
    assert names - KNOWN == {"Brook Farm Ltd 2", "Ørsted Joinery", "Ridge Subcontracting"}
    assert numbers(queue, lambda row: accounts[row["AccountId"]]["AccsID"] == WRONG_ACCS_ID)
    care_of = next(row for row in state["accounts"] if row["Name"] == CARE_OF)
    assert care_of["CareOfID"] == WRONG_CARE_OF_ID
    assert numbers(queue, lambda row: row["CareOfAccountId"] == care_of["AccountId"])
    assert numbers(queue, lambda row: row["Number"] == "S1000")
    assert numbers(queue, lambda row: lines(row, "NominalCode") - CODES == {"4999"})
    assert numbers(queue, lambda row: lines(row, "NominalCode") & untaxed)
    assert numbers(queue, lambda row: any(not text.strip() for text in lines(row, "Text")))
    assert numbers(queue, lambda row: "T0" in lines(row, "TaxCode"))
    assert numbers(queue, lambda row: row["Currency"] == "EUR")
    assert numbers(queue, lambda row: len(row["Lines"]) == 200)
    assert {row["Kind"] for row in state["accounts"]} == {"Company", "Site"}


def test_only_one_document_has_tax_that_packages_round_in_two_ways(queue: list[dict[str, Any]]) -> None:
    rates = {None: 0, "T0": 0, "T1": 20, "T5": 5}
    odd = {}
    for row in queue:
        exact = sum(Decimal(line["Net"]) * rates[line["TaxCode"]] / 100 for line in row["Lines"])
        if exact != Decimal(row["Tax"]):
            odd[row["Number"]] = (len(row["Lines"]), exact, row["Tax"])
    assert list(odd.values()) == [(3, Decimal("6.012"), "6.00")]


def test_most_documents_pass(queue: list[dict[str, Any]]) -> None:
    fine = [
        row
        for row in queue
        if row["AccountName"] in KNOWN - {"Northgate Surgery"}
        and row["Sent"] is not False
        and row["Number"] != "S1000"
        and all(
            line["Text"].strip() and line["NominalCode"] in CODES and line["TaxCode"] for line in row["Lines"]
        )
    ]
    assert len(fine) >= 50
