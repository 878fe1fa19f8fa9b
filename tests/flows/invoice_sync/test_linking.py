"""What is said of an account that is not linked, as a table: who it may be, and what to do (IN-5, IN-6)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.invoices import Account, Traits
from payrelay.flows.invoice_sync.linking import link_problem, namesakes
from payrelay.systems.matching import suggestions

KNOWN = Traits(email="ap@harper.example", tax_number="GB123456789", numbers=("H001",))
NOT_LINKED = "The account Harper Ltd exists in QuickBooks"
SAID: list[tuple[str, list[Account], str | None, str, str, str]] = [
    (
        "nobody",
        [],
        None,
        "ACCOUNT_NOT_FOUND",
        "The account Harper Ltd does not exist in QuickBooks.",
        "Create it ",
    ),
    (
        "somebody of a similar name",
        [Account("7", "Harper Ltd 2")],
        None,
        "ACCOUNT_NOT_FOUND",
        "The account Harper Ltd does not exist in QuickBooks.",
        "Look first whether it is one of these: Harper Ltd 2 (7): similar name (0.95). If not, create it ",
    ),
    (
        "another name with the same e-mail",
        [Account("7", "Harper Holdings", email="AP@harper.example")],
        None,
        "ACCOUNT_NOT_FOUND",
        "does not exist",
        "Harper Holdings (7): same e-mail, similar name",
    ),
    (
        "a namesake",
        [Account("7", "Harper Ltd")],
        None,
        "ACCOUNT_NOT_LINKED",
        f"{NOT_LINKED}, and is",
        "Link this (POST …/accounts/a-12/link with the account_id 7)",
    ),
    (
        "two namesakes that differ",
        [
            Account("7", "Harper Ltd", number="H1", city="Leeds", currency="GBP", balance=Decimal(5)),
            Account("9", "Harper Ltd", tax_number="GB1234567", currency="GBP", changed_at="2026-01-02"),
        ],
        None,
        "ACCOUNT_NOT_LINKED",
        (
            f"{NOT_LINKED} 2 times (7: number H1, in Leeds, balance 5.00; "
            "9: tax number GB1234567, last changed 2026-01-02), and is not linked yet."
        ),
        "Link this at the one that is meant (POST …/accounts/a-12/link with the account_id 7 or 9)",
    ),
    (
        "two namesakes that are the same in all that is read",
        [Account("7", "Harper Ltd", city="Leeds"), Account("9", "Harper Ltd", city="Leeds")],
        None,
        "ACCOUNT_NOT_LINKED",
        f"{NOT_LINKED} 2 times (7: nothing else differs; 9: nothing else differs), and",
        "Link this at the one that is meant (POST …/accounts/a-12/link with the account_id 7 or 9)",
    ),
    (
        "an inactive namesake",
        [Account("7", "Harper Ltd", active=False)],
        None,
        "ACCOUNT_INACTIVE",
        "The account Harper Ltd (7) is not active in QuickBooks.",
        "Make the account Harper Ltd active again in QuickBooks, and link it",
    ),
    (
        "an inactive namesake beside an active one",
        [Account("7", "Harper Ltd", active=False), Account("9", "Harper Ltd")],
        None,
        "ACCOUNT_NOT_LINKED",
        f"{NOT_LINKED}, and is",
        "Link this (POST …/accounts/a-12/link with the account_id 9)",
    ),
    (
        "one that differs by blanks",
        [Account("7", "Harper\u00a0 Ltd")],
        None,
        "ACCOUNT_SPELLED_OTHERWISE",
        'QuickBooks has the account "Harper<U+00A0> Ltd" (7): the same as "Harper Ltd" but for blanks',
        "link it (POST …/accounts/a-12/link with the account_id 7)",
    ),
    (
        "an inactive one that differs by capitals",
        [Account("7", "HARPER LTD", active=False)],
        None,
        "ACCOUNT_SPELLED_OTHERWISE",
        'the account "HARPER LTD" (7, inactive): the same as "Harper Ltd" but for capitals',
        "link it",
    ),
    (
        "a wrong id that is the number of one account",
        [Account("7", "Harper Holdings", number="h001"), Account("8", "Harper Ltd 2")],
        "H001",
        "ACCOUNTS_ID_WRONG",
        "AccountsID (H001) is not correct, QuickBooks requires 7",
        "then link Harper Holdings (POST …/accounts/a-12/link with the account_id 7).",
    ),
    (
        "a wrong id beside two of the name",
        [Account("7", "Harper Ltd"), Account("9", "Harper Ltd")],
        "99999",
        "ACCOUNTS_ID_WRONG",
        "requires the id of an account that it has",
        "then link the one that is meant (POST …/accounts/a-12/link with the account_id 7 or 9).",
    ),
    (
        "a wrong id beside nobody",
        [],
        "99999",
        "ACCOUNTS_ID_WRONG",
        "requires the id of an account that it has",
        "then create the account (POST …/accounts/a-12/create), or link another one (POST",
    ),
]


@pytest.mark.requirement("IN-5", "IN-6")
@pytest.mark.parametrize(
    ("accounts", "linked", "code", "message", "remedy"),
    [row[1:] for row in SAID],
    ids=[row[0] for row in SAID],
)
def test_it_is_said_who_it_may_be_and_what_to_do(
    accounts: list[Account], linked: str | None, code: str, message: str, remedy: str
) -> None:
    """(faults C3, C4, C5, C6)"""
    alike = suggestions("Harper Ltd", accounts, KNOWN)
    why = link_problem("QuickBooks", "a-12", "Harper Ltd", linked=linked, found=None, alike=alike)
    assert why
    assert why.code == code
    assert message in why.message
    assert remedy in why.remedy


@pytest.mark.requirement("IN-5")
@given(st.text(), st.text())
def test_only_exactly_the_same_name_is_a_namesake(ours: str, theirs: str) -> None:
    found = suggestions(ours, [Account("1", theirs)], Traits())
    assert bool(namesakes(found)) == (ours == theirs)


@pytest.mark.requirement("IN-6")
def test_an_inactive_account_of_another_name_is_told_by_the_name_that_its_screen_shows() -> None:
    found = Account("7", "Harper Holdings", active=False)
    why = link_problem("QuickBooks", "a-12", "Harper Ltd", linked="7", found=found, alike=())
    assert why
    assert why.message == "The account Harper Ltd (Harper Holdings, 7) is not active in QuickBooks."
    assert "Make the account Harper Holdings active again" in why.remedy


@pytest.mark.requirement("IN-5")
def test_a_name_with_a_sign_that_can_not_be_seen_is_quoted_with_it() -> None:
    why = link_problem("QuickBooks", "a-12", "Harper\u200b Ltd", linked=None, found=None, alike=())
    assert why
    assert why.message == 'The account "Harper<U+200B> Ltd" does not exist in QuickBooks.'
