"""The realistic data: the same every time, well-formed, and with someone for every rule."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from local.sandbox import Options
from local.sandbox.sage import Sage, books
from local.sandbox.simployer import Simployer
from local.sandbox.xero import Xero
from local.sandbox.xledger import Xledger
from local.seed import trade
from local.seed.invented import iban, social_security
from local.seed.sage import BUSINESS, sage_state
from local.seed.simployer_xledger import generate, notable, simployer_state, xledger_state
from local.seed.trade import CUSTOMERS, NOMINALS, SUPPLIERS, TAXES
from local.seed.xero import xero_state

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def simployer() -> dict[str, list[dict[str, Any]]]:
    return simployer_state(TODAY)


@pytest.fixture(scope="module")
def xledger() -> dict[str, list[dict[str, Any]]]:
    return xledger_state(TODAY)


def test_both_sandboxes_take_it_and_it_is_the_same_every_time(simployer: Any, xledger: Any) -> None:
    Simployer(Options(now=lambda: NOW)).replace_state(simployer)
    Xledger(Options(now=lambda: NOW)).replace_state(xledger)
    assert simployer == simployer_state(TODAY)
    assert xledger == xledger_state(TODAY)


def test_there_are_250_people_and_most_are_known_to_xledger(simployer: Any, xledger: Any) -> None:
    numbers = {row["employeeNumber"] for row in simployer["employee"]}
    known = {row["code"] for row in xledger["employees"]}
    assert len(simployer["employee"]) == 250
    assert (len(known & numbers), len(known - numbers)) == (178, 3)


def test_every_notable_employee_is_there(simployer: Any) -> None:
    by_number: dict[str, list[dict[str, Any]]] = {}
    for row in simployer["employee"]:
        by_number.setdefault(row["employeeNumber"], []).append(row)
    for number, reasons in notable(TODAY).items():
        assert len(by_number[number]) == len(reasons), number
    starts = {row["employeeId"]: row.get("startDate") for row in simployer["employment"]}
    for number, field in (
        ("1223", "workEmail"),
        ("1224", "hireDate"),
        ("1225", "title"),
        ("1236", "companyId"),
    ):
        assert field not in by_number[number][0]
    assert by_number["1226"][0]["id"] not in starts
    assert starts[by_number["1227"][0]["id"]] is None
    assert by_number["1239"][0]["endDate"] == "2026-04-16T00:00:00.000Z"
    assert by_number["1240"][0]["custom"] == {"probationEndDate": "2026-05-01"}


def test_relations_lead_somewhere(simployer: Any) -> None:
    ids = {name: {row["id"] for row in rows} for name, rows in simployer.items()}
    links = {
        "costCenterId": "cost-center",
        "departmentId": "department",
        "employmentId": "employment",
        "employmentTypeId": "employment-type",
        "compensationId": "compensation",
        "managerEmployeeId": "employee",
        "companyId": "company",
    }
    for row in simployer["employee"]:
        for field, resource in links.items():
            assert row.get(field) is None or row[field] in ids[resource], (row["employeeNumber"], field)
    for row in simployer["leave-transaction"]:
        assert row["employeeId"] in ids["employee"]
        assert row["leaveTypeId"] in ids["leave-type"]


def test_time_off_has_its_special_cases(simployer: Any) -> None:
    rows = simployer["leave-transaction"]
    coded = {row["leaveTypeId"] for row in simployer["leaveTypeCode"]}
    assert {row["status"] for row in rows} == {"APPROVED", "CONFIRMED"}
    assert {row["parent"]["type"] for row in rows} == {"Leave", "TimesheetEntry"}
    assert {100, 50, 40} == {row["extent"] for row in rows}
    assert any(row["leaveTypeId"] not in coded for row in rows)
    assert any(row["date"] >= "2026-03-02" for row in rows)
    assert {"PENDING", "CANCELLED"} < {row["status"] for row in simployer["leave"]}


@pytest.mark.parametrize("country", ["NO", "SE"])
def test_an_invented_account_has_the_right_check_digits(country: str) -> None:
    for serial in range(300):
        number = iban(country, serial)
        moved = number[4:] + number[:4]
        assert int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


@pytest.mark.parametrize(("country", "start", "length"), [("NO", "198390", 11), ("SE", "19900319-9", 13)])
def test_an_invented_person_number_belongs_to_nobody(country: str, start: str, length: int) -> None:
    for serial in range(300):
        number = social_security(country, date(1990, 3, 19), serial)
        assert number.startswith(start)
        assert len(number) == length


def test_any_number_of_ordinary_employees_can_be_made() -> None:
    both = generate(300, already_there=0.5)
    assert (len(both.simployer["employee"]), len(both.xledger["employees"])) == (300, 150)
    assert len({row["workEmail"] for row in both.simployer["employee"]}) == 300


def test_sage_has_what_is_known_and_lacks_what_is_not() -> None:
    state = sage_state(TODAY)
    room = Sage(Options(now=lambda: NOW))
    room.replace_state(state)
    store, lead = room.store, books.lead(room.store)
    assert lead
    assert lead["id"] != BUSINESS
    parties = (*trade.CUSTOMERS, *trade.SUPPLIERS)
    names = {row["name"]: row["contact_type_ids"] for row in books.rows_of(store, "contacts", BUSINESS)}
    assert set(names) == {party.name for party in parties if party.known}
    assert names["Harper Ltd"] == ["CUSTOMER"]
    assert names["Pennine Plumbing Supplies"] == ["VENDOR"]
    codes = {str(row["nominal_code"]): row for row in books.rows_of(store, "ledger_accounts", BUSINESS)}
    assert set(codes) == {nominal.code for nominal in trade.NOMINALS}
    for nominal in trade.NOMINALS:
        rate = store["tax_rates"].get(codes[nominal.code]["tax_rate_id"])
        assert rate
        assert rate["percentage"] == int(trade.TAXES[nominal.tax])
    (invoice,) = books.rows_of(store, "sales_invoices", BUSINESS)
    assert (invoice["reference"], invoice["total_amount"]) == ("S1000", 96)
    assert sage_state(TODAY) == state


def test_xeros_books_have_what_the_trading_company_shares_and_an_invoice_by_hand() -> None:
    state, room = xero_state(), Xero(Options(now=lambda: NOW))
    room.replace_state(state)
    assert state == xero_state()
    filled = room.state()
    assert filled["oauth_tokens"] == []
    nominals = {row.get("Code"): row.get("TaxType") for row in filled["Accounts"]}
    rates = {row["TaxType"]: row["EffectiveRate"] for row in state["TaxRates"]}
    assert [rates[nominals[one.code]] for one in NOMINALS] == [float(TAXES[one.tax]) for one in NOMINALS]
    known = {one.name for one in (*CUSTOMERS, *SUPPLIERS) if one.known}
    assert {row["Name"] for row in state["Contacts"]} == known
    assert [(row["InvoiceNumber"], row["Total"]) for row in filled["Invoices"]] == [("S1000", 102.0)]
