"""Whom the payroll sync takes, how names are written, which account is paid: tables of cases."""

from __future__ import annotations

import pytest

from payrelay.flows.payroll_sync.rules import (
    OTHER_STATUSES,
    OTHER_TYPES,
    STATUSES,
    TYPES,
    Account,
    Bank,
    Names,
    Selected,
    bank,
    names,
    selected,
    social_security,
)

RIGHT = {
    "has_role": True,
    "employee_type": "E",
    "status": "A",
    "country": "NL",
    "becoming_inactive": False,
}
REFUSED = [
    ({"has_role": False}, Selected("NOT_PAYROLL_PLUS_EMPLOYEE")),
    *(({"employee_type": code}, Selected("TYPE_NOT_SYNCED", name)) for code, name in OTHER_TYPES.items()),
    ({"employee_type": ""}, Selected("TYPE_NOT_SYNCED", "(blank)")),
    ({"employee_type": "X"}, Selected("TYPE_NOT_SYNCED", "X")),
    *(({"status": code}, Selected("STATUS_NOT_SYNCED", name)) for code, name in OTHER_STATUSES.items()),
    ({"country": "BE"}, Selected("COUNTRY_NOT_NL", "BE")),
    ({"country": ""}, Selected("COUNTRY_NOT_NL", "(blank)")),
    ({"status": "R", "becoming_inactive": True}, Selected("STATUS_NOT_SYNCED", "Rejected")),
    ({"has_role": False, "country": "BE"}, Selected("NOT_PAYROLL_PLUS_EMPLOYEE")),
]


@pytest.mark.requirement("PE-1")
@pytest.mark.parametrize("employee_type", TYPES)
@pytest.mark.parametrize("status", STATUSES)
def test_the_four_types_in_both_statuses_are_synchronised(employee_type: str, status: str) -> None:
    assert selected(**{**RIGHT, "employee_type": employee_type, "status": status})  # type: ignore[arg-type]


@pytest.mark.requirement("PE-1", "PE-2")
@pytest.mark.parametrize(("changed", "why"), REFUSED)
def test_each_refusal_has_a_reason_of_its_own(changed: dict[str, object], why: Selected) -> None:
    assert selected(**{**RIGHT, **changed}) == why  # type: ignore[arg-type]


@pytest.mark.requirement("PE-2")
def test_who_becomes_inactive_is_taken_once_more() -> None:
    assert selected(**{**RIGHT, "status": "I", "becoming_inactive": True})  # type: ignore[arg-type]


# first, middle, last, prefix, maiden: nickname, prefix, birth name, prefix partner, last name partner.
NAMES = [
    (("Hanneke", "de", "Graaf", "", ""), Names("Hanneke", "de", "Graaf")),
    (("Hanneke", "van", "Schaik", "de", "Graaf"), Names("Hanneke", "de", "Graaf", "van", "Schaik")),
    (("Noor", "van der", "Dijk", "", "Aydin"), Names("Noor", "", "Aydin", "van der", "Dijk")),
    (("Jan", "", "Jansen", "", ""), Names("Jan", "", "Jansen")),
    (("Jan", "", "Jansen", "de", ""), Names("Jan", "", "Jansen")),
    (("", "", "Jansen", "", "Smit"), Names("", "", "Smit", "", "Jansen")),
]


@pytest.mark.requirement("PE-6")
@pytest.mark.parametrize(("parts", "written"), NAMES)
def test_a_maiden_name_makes_the_last_name_the_partners(parts: tuple[str, ...], written: Names) -> None:
    """(PW-06, and the document's Hanneke van Schaik - de Graaf)"""
    assert names(*parts) == written


@pytest.mark.requirement("PE-4")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("123456782", "123456782"),
        ("1234.56.782", "123456782"),
        ("123 456\u00a0782", "123456782"),
        ("11222335", "011222335"),
        ("011222335", "011222335"),
        ("123456789", None),
        ("000000000", None),
        ("1234567", None),
        ("1234567821", None),
        ("12345678X", None),
        ("", None),
        ("١٢٣٤٥٦٧٨٢", None),
    ],
)
def test_a_bsn_has_nine_digits_and_passes_the_elfproef(text: str, number: str | None) -> None:
    """(PW-30)"""
    assert social_security(text) == number


def account(iban: str, bic: str = "", sequence: int = 1, *, is_default: bool = True) -> Account:
    return Account(sequence, is_default, iban, bic)


BANKS = [
    ([account("DE58123456780123456789", "TESTDEFF")], Bank("DE58123456780123456789", "TESTDEFF")),
    ([account("nl12 bank 0123 4567 89", "BANKNL2A")], Bank("NL12BANK0123456789")),
    ([account("BE53123456789012")], Bank("BE53123456789012")),
    ([account("NL91ABNA0417164300", "ABNANL2A")], Bank("NL91ABNA0417164300")),
    ([account("nl91 abna 0417 1643 00")], Bank("NL91ABNA0417164300")),
    ([account("DE89370400440532013000", "COBADEFF")], Bank("DE89370400440532013000", "COBADEFF")),
    ([account("DE89370400440532013000", " cobadeff ")], Bank("DE89370400440532013000", "COBADEFF")),
    ([account("BE68539007547034")], Bank("BE68539007547034")),
    ([account("NL91ABNA0417164301")], Bank(wrong="its length or its check digits are wrong")),
    ([account("", "TESTDEFF")], Bank(kept="Bank Account 1 has no IBAN")),
    (
        [account("NL91ABNA0417164300", is_default=False)],
        Bank(kept="Bank Account 1 is not the default account"),
    ),
    ([account("NL91ABNA0417164300", sequence=2)], Bank(kept="there is no Bank Account 1")),
    ([], Bank(kept="there is no Bank Account 1")),
    (
        [account("DE89370400440532013000", sequence=2), account("NL91ABNA0417164300")],
        Bank("NL91ABNA0417164300"),
    ),
]


@pytest.mark.requirement("PE-7")
@pytest.mark.parametrize(("accounts", "paid"), BANKS)
def test_only_bank_account_1_is_paid_and_a_dutch_one_has_no_bic(accounts: list[Account], paid: Bank) -> None:
    """(PW-29)"""
    assert bank(accounts) == paid
