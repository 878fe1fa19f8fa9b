"""Delft Techniek in Payroll Plus: the sandbox takes it, every pay adds up, and a correction is exact."""

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox import Options
from local.sandbox.globe_next import GlobeNext
from local.sandbox.payroll_plus import PayrollPlus
from local.seed.globe_next import BLOCKED_CENTRE, globe_next_state
from local.seed.payroll_master import MOVED, NEW_MOBILE, TYPES
from local.seed.payroll_newcomers import CALLED_OFF, CONCEPT, FOUR_WEEKLY, newcomers
from local.seed.payroll_outputs import BLANK_STATEMENT
from local.seed.payroll_people import DIRECTOR, MANAGERS, ONLY_IN_PAYROLL, PEOPLE, USERS
from local.seed.payroll_plus import COMPONENTS, CORRECTED, WITHOUT_PHONE, corrected, payroll_plus_state
from local.seed.payroll_requests import INPUTS, ITEMS, NO_UNITS
from local.seed.synergy import synergy_state

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
REPORTED = ["2025-12", "2026-01", "2026-02"]
KEYS = {"documents": "documentId", "journalEntries": "entryId"}
State = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def state() -> State:
    return payroll_plus_state(TODAY)


def kept(state: State) -> State:
    room = PayrollPlus(Options(now=lambda: NOW))
    room.replace_state(state)
    return room.state()


def pays(state: State) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Amounts by component, of each employee in each period."""
    found: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in state["componentReport"]:
        pay = found.setdefault((row["employeeId"], row["prPeriod"]), {})
        pay[row["component"]] = Decimal(row["amount"])
    return found


def as_sent(row: dict[str, Any]) -> dict[str, Any]:
    """An entry without what its lines are completed with."""
    if "lines" not in row:
        return row
    usual = {"costCentre": "", "costUnit": "", "description": "Salaris"}
    lines = [
        {name: value for name, value in line.items() if usual.get(name) != value} for line in row["lines"]
    ]
    return {**row, "lines": lines}


def as_given(state: State) -> dict[str, list[str]]:
    """Rows in any order, without the place that each unit has among the others."""
    return {
        name: sorted(str({field: row[field] for field in sorted(row) if field != "place"}) for row in rows)
        for name, rows in state.items()
    }


def test_the_sandbox_takes_it_whole_and_it_is_the_same_every_time(state: State) -> None:
    room = kept(state)
    for name in ("documents", "journalEntries"):
        rows = {row[KEYS[name]]: row for row in room.pop(name)}
        assert len(rows) == len(state[name])
        for row in state[name]:
            given = {field: rows[row[KEYS[name]]][field] for field in row}
            assert as_sent(given) == row
    there = {name: rows for name, rows in state.items() if name not in KEYS}
    assert as_given(room) == as_given(there)
    assert state == payroll_plus_state(TODAY)
    assert json.loads(json.dumps(state)) == state


def test_people_are_those_of_exact_synergy_and_one_more(state: State) -> None:
    paid = (*PEOPLE, ONLY_IN_PAYROLL)
    assert [person.id for person in PEOPLE] == list(range(2001, 2041))
    new = [str(one.person.id) for one in newcomers(TODAY) if one.payroll == "employee"]
    everybody = [str(person.id) for person in paid] + new
    assert [row["employeeId"] for row in state["employees"]] == everybody
    assert [row["employeeId"] for row in state["conceptEmployees"]] == [str(CONCEPT), str(CALLED_OFF)]
    assert len({person.email for person in paid}) == len(paid)
    assert {person.id: person.email for person in PEOPLE if "@demo." in person.email} == USERS
    assert {person.type for person in PEOPLE} == set(TYPES)
    bosses = {person.id: person.manager for person in PEOPLE}
    assert bosses.pop(DIRECTOR) is None
    assert {boss for person, boss in bosses.items() if person in MANAGERS} == {DIRECTOR}
    assert {boss for person, boss in bosses.items() if person not in MANAGERS} == set(MANAGERS)
    salaries = {row["typeOfEmployee"] for row in state["employees"] if "fiscalDetails" in row}
    assert salaries == {"Employee"}
    assert {row["employeeId"] for row in state["employments"]} == set(everybody)


@pytest.mark.parametrize(
    ("today", "approved", "still_open", "reported"),
    [
        (TODAY, ("2025-01", "2026-02"), ("2026-03", "2026-12"), REPORTED),
        (
            date(2026, 1, 31),
            ("2025-01", "2025-12"),
            ("2026-01", "2026-12"),
            ["2025-10", "2025-11", "2025-12"],
        ),
        (
            date(2026, 12, 1),
            ("2025-01", "2026-11"),
            ("2026-12", "2026-12"),
            ["2026-09", "2026-10", "2026-11"],
        ),
    ],
)
def test_everything_up_to_last_month_is_approved(
    today: date, approved: tuple[str, str], still_open: tuple[str, str], reported: list[str]
) -> None:
    state = payroll_plus_state(today)
    periods = {
        row["prPeriod"]: row["status"] for row in state["payrollPeriods"] if row["employeeId"] == "2001"
    }
    done = [period for period, status in periods.items() if status == "Approved"]
    others = [period for period, status in periods.items() if status == "Open"]
    assert len(done) + len(others) == 24
    assert ((done[0], done[-1]), (others[0], others[-1])) == (approved, still_open)
    assert [row["prPeriod"] for row in state["payrollRuns"]] == done
    assert {row["status"] for row in state["payrollRuns"]} == {"Approved"}
    assert max(row["approvedAt"] for row in state["payrollRuns"]) < str(today)
    assert sorted({row["prPeriod"] for row in state["componentReport"]}) == reported


def add_up(state: State) -> None:
    for who, pay in pays(state).items():
        assert sum(pay.values()) == 2 * pay["NETTOLOON"], who
        assert 0 < pay["NETTOLOON"] < pay["BRUTOLOON"] * 2, who
        assert pay["LOONHEFFING"] <= 0, who


def test_every_pay_adds_up_to_its_net(state: State) -> None:
    add_up(state)
    found = pays(state)
    assert len(found) == 3 * 41
    sizes = {len(pay) for pay in found.values()}
    assert min(sizes) == 8
    assert max(sizes) <= 12
    assert {row["component"] for row in state["componentReport"]} == set(COMPONENTS)
    paid = [code for code, (_, _, kind) in COMPONENTS.items() if kind != "calculation"]
    assert [row["component"] for row in state["components"]] == paid + [code for code, _, _ in INPUTS]


def test_payroll_has_what_synergy_has_but_for_two_people(state: State) -> None:
    cards = {str(row["ID"]): row for row in synergy_state(TODAY)["Resource"]}
    for row in state["employees"]:
        there = cards.get(row["employeeId"])
        if there is None:
            assert row["employeeId"] == str(ONLY_IN_PAYROLL.id)
            continue
        assert (row["csn"], row["city"]) == (there["SocialSecurityNumber"], there["City"])
        assert row.get("fiscalDetails", {}).get("annualSalary") == there["AnnualSalary"]
        assert (row["street"] == there["AddressLine1"]) is (row["employeeId"] != str(MOVED))
        assert (row["mobile"] == there["Mobile"]) is (row["employeeId"] != str(NEW_MOBILE))
    (married,) = [row for row in state["employees"] if row.get("lastNamePartner")]
    names = ("nickname", "prefixPartner", "lastNamePartner", "prefix", "birthName")
    assert [married[name] for name in names] == ["Hanneke", "van", "Schaik", "de", "Graaf"]


def test_employments_begin_with_their_contracts(state: State) -> None:
    starts: dict[str, set[str]] = {}
    for row in synergy_state(TODAY)["Contract"]:
        starts.setdefault(str(row["ResourceID"]), set()).add(row["StartDate"][:10])
    del starts[str(CONCEPT)]
    for row in state["employments"]:
        if row["employeeId"] != str(ONLY_IN_PAYROLL.id):
            assert row["employed"] in starts[row["employeeId"]], row
    ended = {row["employeeId"] for row in state["employments"] if row["termDate"]}
    assert ended == {"2040", "2044", "2046"}


def test_one_is_paid_by_four_weeks_and_one_works_nowhere(state: State) -> None:
    periods = [row for row in state["payrollPeriods"] if row["employeeId"] == str(FOUR_WEEKLY)]
    assert [row["prPeriod"] for row in periods if row["prPeriod"] >= "2026"][-1] == "2026-14"
    last = [(row["startDate"], row["endDate"]) for row in periods if row["prPeriod"] == "2026-14"]
    assert last == [("2026-12-28", "2027-01-03")]
    somewhere = {row["employeeId"] for row in state["organizationalEntities"]}
    everybody = {row["employeeId"] for row in state["workDetails"]}
    assert everybody - somewhere == {str(NO_UNITS)}


def test_items_name_components_that_there_are_but_for_two(state: State) -> None:
    known = {row["component"] for row in state["components"]}
    unknown = [code for code, _, component in ITEMS if (component or "").strip() not in known]
    assert unknown == ["OVW999", "OVWNEW"]


def test_a_late_correction_changes_one_pay_and_takes_one_component_away(state: State) -> None:
    after = json.loads(json.dumps(corrected(kept(state), NOW)))

    assert kept(after)
    add_up(after)
    old, new = pays(state), pays(after)
    assert {who for who in old if old[who] != new[who]} == {
        (CORRECTED, "2025-12"),
        (WITHOUT_PHONE, "2025-12"),
    }
    moved = {
        name: new[CORRECTED, "2025-12"][name] - amount for name, amount in old[CORRECTED, "2025-12"].items()
    }
    assert {name: str(by) for name, by in moved.items() if by} == {
        "BRUTOLOON": "150.00",
        "LOONHEFFING": "-55.46",
        "NETTOLOON": "94.54",
    }
    assert old[WITHOUT_PHONE, "2025-12"].keys() - new[WITHOUT_PHONE, "2025-12"].keys() == {"TELEFOON"}
    assert [row["prPeriod"] for row in after["payrollRuns"] if row["approvedAt"] >= f"{NOW:%Y-%m-%d}"] == [
        "2025-12"
    ]
    assert state == payroll_plus_state(TODAY)


def test_everybody_who_is_paid_has_slips_and_a_statement(state: State) -> None:
    room = kept(state)
    runs = {row["runId"]: row["prPeriod"] for row in state["payrollRuns"]}
    slips = [(runs[row["runId"]], row["employeeId"]) for row in room["documents"] if row["kind"] == "PaySlip"]
    assert sorted(slips) == sorted((period, who) for who, period in pays(state))
    statements = [row for row in room["documents"] if row["kind"] == "AnnualStatement"]
    assert {row["employeeId"] for row in statements} == {who for who, _ in pays(state)}
    assert {row["year"] for row in statements} == {2025}
    assert [row["employeeId"] for row in statements if row["blank"]] == [BLANK_STATEMENT]
    content = base64.b64decode(room["documents"][0]["content"])
    assert content.startswith(b"%PDF-1.4\n")
    assert content.endswith(b"%%EOF\n")
    start = int(content.split()[-2])
    assert content[start : start + 4] == b"xref"


def test_every_entry_adds_up_and_fits_the_companies_of_globe_next(state: State) -> None:
    """Of each company in each period; what pay came to is what is owed."""
    globe = globe_next_state(TODAY)

    def there(entity: str, company: str, code: str) -> bool:
        rows = [row for row in globe[entity] if (row["DatabaseName"], row["Code"]) == (company, code)]
        return bool(rows) and not rows[0].get("Blocked")

    found = [(row["runId"], row["administratienummer"]) for row in state["journalEntries"]]
    assert found == [
        (f"run-{one.replace('-', '')}", company) for one in REPORTED for company in ("500", "600")
    ]
    unmatched = set()
    for row in state["journalEntries"]:
        company, lines = row["administratienummer"], row["lines"]
        assert sum(Decimal(line["amount"]) for line in lines) == 0
        assert all(there("GLAccount", company, line["glAccount"]) for line in lines)
        for entity, field in (("CostCenter", "costCentre"), ("CostUnit", "costUnit")):
            named = {line[field] for line in lines if line.get(field)}
            unmatched |= {code for code in named if not there(entity, company, code)}
        dates = [one for one in globe["FinancialPeriod"] if one["EndDate"][:10] == row["entryDate"]]
        assert [one["Closed"] for one in dates] == [False, False]
        net = sum(
            pay["NETTOLOON"] for (_, period), pay in pays(state).items() if period == row["entryDate"][:7]
        )
        owed = [-Decimal(line["amount"]) for line in lines if line["glAccount"] == "1700"]
        assert owed == ([net] if company == "500" else [Decimal("6995.75")])
    assert unmatched == {BLOCKED_CENTRE, "006"}


@pytest.mark.parametrize("today", [TODAY, date(2026, 11, 29), date(2027, 1, 1), date(2028, 2, 29)])
def test_globe_next_takes_its_companies_and_can_book_every_entry(today: date) -> None:
    room = GlobeNext(Options(now=lambda: NOW))
    given = globe_next_state(today)
    room.replace_state(given)
    there = room.state()
    for name, rows in given.items():
        assert len(there[name]) == len(rows)
    assert [row["Company"] for row in there["CompanySetting"]] == ["500", "600"]
    entries = payroll_plus_state(today)["journalEntries"]
    assert len(entries) == 6
    still_open = {row["EndDate"][:10] for row in there["FinancialPeriod"] if not row["Closed"]}
    assert {row["entryDate"] for row in entries} <= still_open
    (booked,) = there["FinancialHeader"]
    assert booked["EntryNumber"] == booked["FinancialYear"] * 10_000 + 16
    assert sum(row["Amount"] for row in there["FinancialLine"]) == 0
