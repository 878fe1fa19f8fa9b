"""Reading both systems: who moved, their cards with what belongs to them, and what payroll has of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from payrelay.flows.exact import ExactSystems
from payrelay.flows.payroll_sync import facts, rules
from payrelay.flows.payroll_sync.rules import Account, Bank
from payrelay.systems.payroll_plus.employees import Employee, Employment
from payrelay.systems.rows import BadRow
from payrelay.systems.synergy.cards import BankAccount, Card, Contract

CONVERTED = "Converted"


class People(Struct, frozen=True):
    """Persons as Synergy has them, by id; `bad` are the rows that can't be used, by the person's id.

    A bad row that names nobody, under 0, may be anybody's.
    """

    cards: Mapping[int, Card]
    contracts: Mapping[int, list[Contract]]
    accounts: Mapping[int, list[BankAccount]]
    bad: Mapping[int, BadRow]


class Payroll(Struct, frozen=True):
    """What Payroll Plus has of somebody: nothing, a concept, or an employee with employments."""

    state: str = ""
    details: Employee | None = None
    employments: tuple[Employment, ...] = ()
    bad: BadRow | None = None


def moved(
    sides: ExactSystems,
    since: datetime,
    known: Mapping[int, str],
    key: bytes,
    members: Collection[int],
    ended: Collection[int],
) -> set[int]:
    """The ids of those of whom something moved since: the card, a contract, the role, Bank Account 1.

    Role and account carry no time: who has the role and was never sent, or was sent and has it no more, and
    whose account has another digest than the one that was sent (`known`, by id). Of those whose end has come
    the role is not asked.
    """
    cards = sides.synergy.cards
    found: set[int] = (set(members) - known.keys()) | (known.keys() - set(members) - set(ended))
    bad: list[BadRow] = []
    found |= {card.id for card in cards.since(since).take(bad)}
    found |= {contract.resource_id for contract in cards.contracts_since(since).take(bad)}
    for account in cards.first_accounts().take(bad):
        person = account.resource_id
        if person in known and facts.digest(account_of([account]).fields, key) != known[person]:
            found.add(person)
    found |= {number_of(row) for row in bad if number_of(row)}
    return {person for person in found if person in known or person in members}


def people(sides: ExactSystems, ids: Collection[int]) -> People:
    """These persons, whole: a call for the cards, the contracts and the accounts of 40 each."""
    cards, bad = sides.synergy.cards, list[BadRow]()
    found = {card.id: card for card in cards.of(ids).take(bad)}
    contracts: dict[int, list[Contract]] = defaultdict(list)
    for contract in cards.contracts_of(found).take(bad):
        contracts[contract.resource_id].append(contract)
    accounts: dict[int, list[BankAccount]] = defaultdict(list)
    for account in cards.accounts_of(found).take(bad):
        accounts[account.resource_id].append(account)
    return People(found, contracts, accounts, {number_of(row): row for row in bad})


def in_payroll(sides: ExactSystems, person: int, state: str) -> Payroll:
    """What Payroll Plus has of a person: looked up where they were last, then where they may be by now."""
    employees, number = sides.payroll.employees, str(person)
    if state != facts.EMPLOYEE:
        concept = employees.concept(number)
        if concept is not None and concept.status != CONVERTED:
            return Payroll(facts.CONCEPT, concept)
    details = employees.employee(number)
    if details is None:
        return Payroll()
    bad: list[BadRow] = []
    rows = employees.employments(number).take(bad)
    return Payroll(facts.EMPLOYEE, details, tuple(rows), bad[0] if bad else None)


def account_of(accounts: Iterable[BankAccount]) -> Bank:
    """What is paid where, as it is compared: the account to send, or why none is."""
    return rules.bank(
        [
            Account(one.sequence_number, one.is_default, one.iban.reveal() if one.iban else "", one.bic or "")
            for one in accounts
        ]
    )


def number_of(row: BadRow) -> int:
    """The person whom a bad row is about; 0 for one that does not say."""
    return int(row.id) if row.id.isdigit() else 0
