"""What people do to Exact Synergy and to Exact Payroll Plus: every field of every kind of row (RUN-11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any

from tests.worlds.hr import bsn, card, contract, edm, office, role
from tests.worlds.twins import Edit, Row, State

FIRST, NEW = 1101, range(1190, 1200)
_DAYS = [date(2020, 1, 1), date(2026, 3, 1), date(2026, 3, 4), date(2026, 3, 20), date(2026, 12, 31)]
DAYS: tuple[Any, ...] = tuple(map(edm, _DAYS))
IBANS = ("NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", "DE58123456780123456789", "not an IBAN", None)
# By the field of a person card, of a contract and of an account: what is entered there.
CARD: dict[str, Sequence[Any]] = {
    "Initials": ("J.", "H.M."),
    "FirstName": ("Jan", "Hanneke", " Hanneke "),
    "MiddleName": ("van der", "", None),
    "LastName": ("Jansen", "Graaf"),
    "BirthPrefix": ("de", None),
    "MaidenName": ("Vries", None),
    "Gender": ("M", "V", "O", "X"),
    "BirthDate": (edm(date(1985, 4, 25)), edm(date(1990, 12, 31)), None),
    "BirthPlace": ("Delft", None),
    "Email": ("jan@acme.example", None),
    "Phone": ("015 2121212", None),
    "Mobile": ("0612345678", "+31612345678", None),
    "JobTitle": ("Controller", "Chef", None),
    "CostCenter": ("001", "002", None),
    "AddressLine1": ("Markt 1", "Markt", None),
    "AddressHouseNumber": ("1", "2a", None),
    "PostCode": ("2611GP", "2611 GP", None),
    "City": ("Delft", "Leiden"),
    "CountryCode": ("NL", "NL", "NL", "BE"),
    "SocialSecurityNumber": (bsn(1042), bsn(1101), "123", None),
    "Nationality": ("NL", None),
    "MaritalStatus": ("M", "S", "?", None),
    "DateOfDeath": (edm(date(2026, 3, 1)), None, None),
    "EmployeeType": ("E", "E", "S", "C", "A"),
    "EmployeeStatus": ("A", "A", "H", "I", "T"),
    "StartDate": DAYS,
    "ContractEnd": (*DAYS, None),
    "InactiveDate": (*DAYS, None, None),
    "AnnualSalary": ("42000.00", "43000.50", None),
}
CONTRACT: dict[str, Sequence[Any]] = {
    "StartDate": DAYS,
    "EndDate": (*DAYS, None, None),
    "JobTitle": ("Chef", None),
    "CostCenter": ("003", None),
    "Active": (True, False),
}
ACCOUNT: dict[str, Sequence[Any]] = {"IBAN": IBANS, "BIC": ("ABNANL2A", None), "SequenceNumber": (1, 2)}
# By the field of an employee, of an employment and of an account in Payroll Plus: what is entered by hand.
EMPLOYEE: dict[str, Sequence[Any]] = {
    "initials": ("X.", None),
    "nickname": ("Hand", None),
    "birthName": ("Byhand",),
    "gender": ("M", None),
    "dateOfBirth": ("1970-01-01", None),
    "email": ("hand@acme.example", None),
    "mobile": ("0600000000", None),
    "street": ("Handweg", None),
    "city": ("Alkmaar", None),
    "maritalStatus": ("Verweduwd", None),
    "typeOfEmployee": ("Student", "Employee"),
    "fiscalDetails": ({"annualSalary": "1.00"}, None),
}
EMPLOYMENT: dict[str, Sequence[Any]] = {
    "employed": ("2019-12-31",),
    "termDate": ("2026-03-31", None),
    "jobTitle": ("By hand",),
    "costCentre": ("999",),
}


def people(count: int) -> tuple[State, State]:
    """So many people in Synergy; nobody in payroll."""
    cards = [
        card(number, FirstName=f"P{number}", FullName=f"P{number} de Graaf", LastName=f"Graaf{number}")
        for number in range(FIRST, FIRST + count)
    ]
    return office(*cards), {}


def _some(dice: Random, rows: Sequence[Row], *keys: str) -> Row:
    """A row, whatever their order."""
    return dice.choice(sorted(rows, key=lambda row: [str(row.get(key)) for key in keys]))


def _enter(dice: Random, row: Row, values: dict[str, Sequence[Any]]) -> str:
    name = dice.choice(sorted(values))
    row[name] = dice.choice(values[name])
    return f"{name} = {row[name]!r}"


# --- what happens in Synergy --------------------------------------------------------------------------------


def card_saved(dice: Random, source: State, target: State) -> str:
    """Somebody saves a card, be it with one field changed or with none."""
    del target
    row = _some(dice, source["Resource"], "ID")
    del row["ModifiedDate"]
    return f"card {row['ID']}: {_enter(dice, row, CARD) if dice.random() < 0.9 else 'saved as it was'}"


def left(dice: Random, source: State, target: State) -> str:
    """Somebody leaves, today, before or later."""
    del target
    row = _some(dice, source["Resource"], "ID")
    row["EmployeeStatus"], row["InactiveDate"] = "I", dice.choice(DAYS[1:])
    del row["ModifiedDate"]
    return f"card {row['ID']}: inactive on {row['InactiveDate']}"


def swapped(dice: Random, source: State, target: State) -> str:
    """Two swap their social security numbers, or one is given that of another."""
    del target
    first, second = dice.sample(sorted(source["Resource"], key=lambda row: int(row["ID"])), 2)
    name, own = "SocialSecurityNumber", first["SocialSecurityNumber"]
    first[name] = second[name]
    if dice.random() < 0.7:
        second[name] = own
    return f"cards {first['ID']} and {second['ID']}: {first[name]} and {second[name]}"


def contract_saved(dice: Random, source: State, target: State) -> str:
    del target
    row = _some(dice, source["Contract"], "ResourceID", "StartDate", "EndDate", "ID")
    return f"contract of {row['ResourceID']}: {_enter(dice, row, CONTRACT)}"


def contract_added(dice: Random, source: State, target: State) -> str:
    del target
    number = _some(dice, source["Resource"], "ID")["ID"]
    new = contract(number, dice.choice(_DAYS[1:]))
    del new["ModifiedDate"]
    source["Contract"].append(new)
    return f"contract of {number}: another from {new['StartDate']}"


def account_saved(dice: Random, source: State, target: State) -> str:
    """Accounts carry no time."""
    del target
    row = _some(dice, source["BankAccount"], "ResourceID", "IBAN", "ID")
    if dice.random() < 0.15:
        source["BankAccount"].remove(row)
        return f"account of {row['ResourceID']}: gone"
    return f"account of {row['ResourceID']}: {_enter(dice, row, ACCOUNT)}"


def role_changed(dice: Random, source: State, target: State) -> str:
    """Roles carry no time, either."""
    del target
    number = _some(dice, source["Resource"], "ID")["ID"]
    kept = [row for row in source["RoleMember"] if row["ResourceID"] != number]
    if len(kept) < len(source["RoleMember"]):
        source["RoleMember"] = kept
        return f"role of {number}: taken"
    source["RoleMember"].append(role(number))
    return f"role of {number}: given"


def hired(dice: Random, source: State, target: State) -> str:
    del target
    number = dice.choice(NEW)
    if number in {row["ID"] for row in source["Resource"]}:
        return "nobody hired"
    for name, rows in office(card(number)).items():
        for row in rows:
            row.pop("ModifiedDate", None)
        source[name] += rows
    return f"card {number}: hired"


def card_deleted(dice: Random, source: State, target: State) -> str:
    """With everything of theirs: no list of what moved shows it."""
    del target
    number = _some(dice, source["Resource"], "ID")["ID"]
    source["Resource"] = [row for row in source["Resource"] if row["ID"] != number]
    for name in ("RoleMember", "Contract", "BankAccount"):
        source[name] = [row for row in source[name] if row["ResourceID"] != number]
    return f"card {number}: deleted"


def contract_deleted(dice: Random, source: State, target: State) -> str:
    del target
    row = _some(dice, source["Contract"], "ResourceID", "StartDate", "EndDate", "ID")
    source["Contract"].remove(row)
    return f"contract of {row['ResourceID']}: gone"


# --- what happens in Payroll Plus by hand -------------------------------------------------------------------


def converted(dice: Random, source: State, target: State) -> str:
    """A clerk makes concepts employees."""
    del source
    rows = [row for row in target["conceptEmployees"] if row["status"] == "Concept"]
    rows = sorted(rows, key=lambda row: str(row["employeeId"]))
    chosen = dice.sample(rows, min(len(rows), dice.choice((1, 5, 20))))
    for row in chosen:
        row["status"] = "Converted"
    return f"payroll: {[row['employeeId'] for row in chosen]} made employees"


def employee_by_hand(dice: Random, source: State, target: State) -> str:
    del source
    if not target["employees"]:
        return "no employee"
    row = _some(dice, target["employees"], "employeeId")
    told = f"payroll {row['employeeId']}: {_enter(dice, row, EMPLOYEE)}"
    for name in [name for name, value in row.items() if value is None]:
        del row[name]
    return told


def employment_by_hand(dice: Random, source: State, target: State) -> str:
    """Employments carry no time."""
    del source
    if not target["employments"]:
        return "no employment"
    row = _some(dice, target["employments"], "employeeId", "payrollNoEE")
    return f"payroll employment of {row['employeeId']}: {_enter(dice, row, EMPLOYMENT)}"


def account_by_hand(dice: Random, source: State, target: State) -> str:
    """Nor do accounts."""
    del source
    if not target["sepaBankPayments"]:
        return "no account"
    row = _some(dice, target["sepaBankPayments"], "employeeId")
    row["iban"] = "NL02ABNA0123456789"
    return f"payroll account of {row['employeeId']}: by hand"


EDITS: tuple[tuple[Callable[[Random, State, State], str], int], ...] = (
    (card_saved, 10),
    (left, 2),
    (swapped, 1),
    (contract_saved, 4),
    (contract_added, 1),
    (account_saved, 3),
    (role_changed, 2),
    (hired, 2),
    (converted, 4),
    (employee_by_hand, 5),
)
# What neither system says: found by the next full comparison.
HIDDEN: tuple[Edit, ...] = (card_deleted, contract_deleted, employment_by_hand, account_by_hand)


def some_edits(dice: Random, most: int = 7) -> list[Edit]:
    """What happens between two runs."""
    edits, shares = zip(*EDITS, strict=True)
    return dice.choices(edits, shares, k=dice.randint(0, most))
