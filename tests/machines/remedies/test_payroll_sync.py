"""The remedies of the payroll sync, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.machines.cures import Cure, carry_out, nothing, then
from tests.worlds import hr
from tests.worlds.hr import IBAN, Delft, account, bsn, card, contract, edm, role, stamp

Step = Callable[[Delft], None]
PERSON = {"employees": ["1042"]}
DEC_31 = date(2026, 12, 31)


# --- what a person does on the screens ---------------------------------------------------------------------


def hired(*cards: dict[str, Any], **more: Any) -> Step:
    return lambda office: office.hire(*(cards or (card(),)), **more)


def settled(*cards: dict[str, Any], **more: Any) -> Step:
    return lambda office: office.settle(*(cards or (card(),)), **more)


def saved(number: int = 1042, **values: Any) -> Step:
    """The person card is saved."""
    return lambda office: office.card(number, **values)


def on(*moment: int) -> Step:
    """It is that time."""

    def step(office: Delft) -> None:
        office.clock.now = datetime(*moment, tzinfo=UTC)  # type: ignore[misc]

    return step


def ends(day: date | None, **values: Any) -> Step:
    """Somebody enters an inactive date, which Synergy gives to the contracts."""

    def step(office: Delft) -> None:
        office.card(1042, InactiveDate=edm(day) if day else None, **values)
        office.edit("synergy", "Contract", {"ResourceID": 1042}, EndDate=edm(day) if day else None)

    return step


def sent(office: Delft) -> None:
    """A run."""
    office.people()


def term(day: str | None) -> Step:
    """Somebody enters a term date in Payroll Plus."""
    return lambda office: office.edit("payroll_plus", "employments", {"employeeId": "1042"}, termDate=day)


def mobile(number: str) -> Step:
    """Somebody changes a number in Payroll Plus."""
    return lambda office: office.edit("payroll_plus", "employees", {"employeeId": "1042"}, mobile=number)


def in_synergy(resource: str, **values: Any) -> Step:
    return lambda office: office.edit("synergy", resource, {"ResourceID": 1042}, **values)


def rows(resource: str, *found: dict[str, Any]) -> Step:
    """These are the rows of a resource in Synergy."""
    return lambda office: office.put("synergy", {**office.state("synergy"), resource: list(found)})


def all_rows(*cards: dict[str, Any]) -> Step:
    """These people are all that there are in Synergy."""
    return lambda office: office.put("synergy", hr.office(*cards))


def hidden(*names: str) -> Step:
    """The user of the connection may not see these fields."""

    def step(office: Delft) -> None:
        state = office.state("synergy")
        settings = [{**state["settings"][0], "left_out": list(names)}]
        office.put("synergy", {**state, "settings": settings})

    return step


def stranger(number: str) -> Step:
    there = {"employeeId": number, "nickname": "Ola", "birthName": "Hansen", "dateOfBirth": "1961-05-02"}
    return lambda office: office.put("payroll_plus", {"employees": [there]})


def converted(office: Delft) -> None:
    office.convert(1042)


def back(office: Delft) -> None:
    """A new contract of somebody whose employment has ended."""
    new = contract(start=date(2026, 12, 1), ModifiedDate=stamp(office.clock()))
    rows("Contract", contract(), new)(office)


DECEMBER = on(2026, 12, 1, 5, 0)
LEAVING = then(settled(), DECEMBER, ends(DEC_31))
LATER = date(2027, 1, 1)
CURES = [
    Cure(
        "NOT_PAYROLL_PLUS_EMPLOYEE",
        hired(RoleMember=[]),
        rows("RoleMember", role()),
        "give them the role",
        PERSON,
    ),
    Cure("TYPE_NOT_SYNCED", hired(card(EmployeeType="A")), saved(EmployeeType="E"), "correct Type"),
    Cure("STATUS_NOT_SYNCED", hired(card(EmployeeStatus="F")), saved(EmployeeStatus="A"), "correct it"),
    Cure("COUNTRY_NOT_NL", hired(card(CountryCode="BE")), saved(CountryCode="NL"), "correct Country"),
    Cure(
        "ALREADY_INACTIVE",
        then(LEAVING, sent, on(2027, 1, 5, 5, 0), saved(EmployeeStatus="I", Fax="015")),
        nothing,
        "Nothing to do",
        stays=True,
    ),
    Cure(
        "FELL_OUT",
        then(settled(), rows("RoleMember")),
        rows("RoleMember", role()),
        "or correct the cause in Exact Synergy",
    ),
    Cure("PERSON_NOT_FOUND", nothing, hired(), "or create the person in Exact Synergy", PERSON),
    Cure("GONE_FROM_SYNERGY", then(settled(), all_rows()), nothing, "deletes nothing", stays=True),
    Cure(
        "RESOURCE_RECODED",
        then(settled(), all_rows(card(2042, SocialSecurityNumber=bsn(1042)))),
        all_rows(card()),
        "the ID 1042 again in Exact Synergy",
    ),
    Cure(
        "SAME_SOCIAL_SECURITY_NUMBER",
        hired(card(), card(1043, SocialSecurityNumber=bsn(1042))),
        saved(1043, SocialSecurityNumber=bsn(1043)),
        "Correct Social security no. of one of the two",
    ),
    Cure("OTHER_PERSON_THERE", then(hired(), stranger("1042")), stranger("9042"), "else give one another ID"),
    Cure(
        "CODE_UNKNOWN",
        hired(card(MaritalStatus="X")),
        saved(MaritalStatus="M"),
        "Choose another Marital status on the person card",
    ),
    Cure(
        "IBAN_NOT_VALID",
        hired(BankAccount=[account(iban="NL00BANK0123456789")]),
        in_synergy("BankAccount", IBAN=IBAN),
        "Correct the IBAN of Bank Account 1",
    ),
    Cure(
        "BANK_ACCOUNT_KEPT",
        then(settled(BankAccount=[account(IsDefault=False)]), saved(Fax="015")),
        in_synergy("BankAccount", IsDefault=True),
        "set it as the default",
    ),
    Cure("STILL_CONCEPT", hired(), converted, "Make them an employee in Exact Payroll Plus"),
    Cure(
        "SYNERGY_ONLY",
        then(settled(), DECEMBER, ends(date(2026, 11, 30), EmployeeStatus="I")),
        term("2026-11-30"),
        "Enter the end in Exact Payroll Plus by hand",
    ),
    Cure(
        "INACTIVE_BEFORE_START",
        then(settled(Contract=[contract(start=LATER)]), DECEMBER, saved(InactiveDate=edm(DEC_31))),
        saved(InactiveDate=None),
        "Correct the inactive date on the person card",
    ),
    Cure(
        "ENTRY_DAY_UNKNOWN",
        then(
            settled(),
            DECEMBER,
            ends(DEC_31),
            lambda office: office.edit("synergy", "Resource", {"ID": 1042}, ModifiedDate=None),
        ),
        saved(),
        "Save the person card in Exact Synergy (HRM, Person) once more",
        PERSON,
    ),
    Cure(
        "CONTRACT_WITHOUT_EMPLOYMENT",
        then(settled(Contract=[contract(start=date(2021, 9, 1))]), DECEMBER, ends(DEC_31)),
        in_synergy("Contract", StartDate=edm(hr.START)),
        "Give the contract and the employment the same start date",
    ),
    Cure(
        "ALL_EMPLOYMENTS_INACTIVE",
        then(settled(), DECEMBER, term("2025-12-31"), back),
        term(None),
        "In Exact Payroll Plus take the term date away",
    ),
    Cure(
        "TERM_DATE_KEPT",
        then(settled(), DECEMBER, term("2027-06-30"), ends(DEC_31)),
        term("2026-12-31"),
        "Exact Synergy has 2026-12-31. If that is right, enter it in Exact Payroll Plus",
    ),
    Cure(
        "CHANGED_IN_PAYROLL_PLUS",
        then(settled(), mobile("0699999999")),
        saved(Mobile="0699999999"),
        "change it there, on the person card in Exact Synergy (HRM, Person)",
        {"full": True},
    ),
    Cure("END_SENT", LEAVING, nothing, "Nothing to do"),
    Cure("END_CHANGED", then(LEAVING, sent, ends(date(2026, 12, 20))), nothing, "Compare the contracts"),
    Cure(
        "NOTE_CONTRACTS_BY_HAND",
        then(
            settled(),
            DECEMBER,
            ends(date(2026, 12, 14)),
            sent,
            on(2026, 12, 20, 5, 0),
            ends(date(2026, 12, 16)),
        ),
        nothing,
        "Look at the contracts in Exact Synergy",
    ),
    Cure(
        "FIELD_NOT_SHOWN",
        then(settled(), hidden("Resource.AnnualSalary"), saved(Fax="015")),
        hidden(),
        "the right to see Annual salary",
    ),
]


@pytest.mark.requirement("RUN-7", "PE-1", "PE-8")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(office: Delft, case: Cure) -> None:
    carry_out(office, "payroll_sync", case)
