"""What cards hold of people that is rare, and must not be wrong."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest

from tests.worlds.hr import IBAN, Delft, account, card, edm

LEAP_DAY = date(1984, 2, 29)

# What the card has: what Payroll Plus gets.
CARDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"Gender": None}, {"gender": "O"}),
    ({"Gender": "O"}, {"gender": "O"}),
    ({"BirthDate": edm(LEAP_DAY)}, {"dateOfBirth": "1984-02-29"}),
    ({"DateOfDeath": edm(date(2028, 2, 29))}, {"dateOfDeath": "2028-02-29"}),
    ({"SocialSecurityNumber": "11222335"}, {"csn": "011222335"}),
    ({"StartDate": edm(date(2027, 1, 1)), "EmployeeStatus": "H"}, {"employed": "2027-01-01"}),
    ({"MiddleName": " van  der ", "LastName": "Dijk"}, {"prefix": "van  der", "birthName": "Dijk"}),
    (
        {"MiddleName": "van der", "LastName": "Dijk", "MaidenName": "Aydin"},
        {"prefixPartner": "van der", "lastNamePartner": "Dijk", "birthName": "Aydin"},
    ),
]


@pytest.mark.requirement("PE-4", "PE-6")
@pytest.mark.parametrize(("values", "sent"), CARDS)
def test_what_is_rare_on_a_card_is_sent_as_it_is(
    office: Delft, values: dict[str, Any], sent: dict[str, Any]
) -> None:
    office.hire(card(**values))
    office.people()
    (concept,) = office.in_payroll("conceptEmployees", 1042)
    assert {name: concept[name] for name in sent} == sent
    office.forget_requests()
    office.people()
    assert office.sent() == []


@pytest.mark.requirement("PE-4", "RUN-11")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_in_the_other_normal_form_and_an_iban_with_blanks_are_no_change(
    office: Delft, form: Any
) -> None:
    other = "NFD" if form == "NFC" else "NFC"
    name = "Zoë"
    office.settle(card(FirstName=unicodedata.normalize(form, name)))
    office.card(1042, FirstName=unicodedata.normalize(other, name))
    office.edit("synergy", "BankAccount", {"ResourceID": 1042}, IBAN=f" {IBAN[:4].lower()} {IBAN[4:]}")
    run = office.people()
    assert (office.stored(run), office.sent()) == ([], [])


@pytest.mark.requirement("PE-4", "RUN-10", "SEC-1")
def test_a_death_is_counted_by_the_brake_and_a_wrong_bsn_shows_nowhere(office: Delft) -> None:
    office.settle(card(), card(1043))
    office.settings(brake={"people": 0, "share": 0})
    office.card(1042, DateOfDeath=edm(date(2026, 2, 28)))
    assert office.people().status.value == "held"
    office.settings(brake={"people": 100, "share": 1})
    office.card(1043, SocialSecurityNumber="123456789")
    run = office.people()
    (record,) = [one for one in office.stored(run) if one.key == "1043"]
    assert (record.outcome.value, record.reason.code) == ("blocked", "VALUE_NOT_VALID")
    assert "123456789" not in str(office.stored(run))
    assert office.in_payroll("employees", 1042)[0]["dateOfDeath"] == "2026-02-28"


FOREIGN = [("BE68539007547034", None), ("DE89370400440532013000", "COBADEFF")]


@pytest.mark.requirement("PE-7", "SEC-1")
@pytest.mark.parametrize(("iban", "bic"), FOREIGN)
def test_an_account_of_another_country_goes_with_its_bic_or_without(
    office: Delft, iban: str, bic: str | None
) -> None:
    office.settle(card(), BankAccount=[account(iban=iban, BIC=bic)])
    (paid,) = office.in_payroll("sepaBankPayments", 1042)
    assert (paid["iban"], paid.get("bic")) == (iban, bic)
