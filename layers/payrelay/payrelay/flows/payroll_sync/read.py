"""Reading both systems: cards with what belongs to them, and what payroll has of the people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct

from payrelay.flows.exact import ExactSystems
from payrelay.flows.payroll_sync import rules
from payrelay.flows.payroll_sync.facts import CONCEPT, EMPLOYEE, Facts
from payrelay.flows.payroll_sync.rules import Account, Bank
from payrelay.systems.payroll_plus.employees import EMPLOYEES, Employee, Employment
from payrelay.systems.rows import BadRow, Listed
from payrelay.systems.synergy.cards import ACCOUNTS, CARDS, BankAccount, Card, Contract
from payrelay.systems.synergy.wire import EdmDay

CONVERTED = "Converted"


class People(Struct, frozen=True):
    """Persons as Synergy has them, by id; `bad` are the rows that can't be used, by the person's id.

    A bad row that names nobody, under 0, may be anybody's.
    """

    cards: Mapping[int, Card]
    contracts: Mapping[int, list[Contract]]
    accounts: Mapping[int, list[BankAccount]]
    bad: Mapping[int, BadRow]


class Rows(Struct):
    """What the lists of those who moved showed of the people of a page, as it came.

    `contracts` are those of whom a contract was saved.
    """

    cards: list[Any] = []
    accounts: list[Any] = []
    contracts: list[int] = []

    def __repr__(self) -> str:
        return f"Rows({len(self.cards)} cards)"


class Payroll(Struct, frozen=True):
    """What Payroll Plus has of somebody: nothing, a concept, or an employee with employments."""

    state: str = ""
    details: Employee | None = None
    employments: tuple[Employment, ...] = ()
    bad: BadRow | None = None


def people(
    sides: ExactSystems,
    ids: Collection[int],
    listed: Rows | None = None,
    sent: Mapping[int, Facts] | None = None,
) -> People:
    """These persons, whole: a call for the cards, the contracts and the accounts of 40 each.

    What was `listed` of them is not read again. Nor are contracts of which none was saved, as long as the
    card has the end that was sent: they are what was kept with it.
    """
    cards, bad = sides.synergy.cards, list[BadRow]()
    rows = Listed(*CARDS.read(listed.cards)).take(bad) if listed else []
    found = {card.id: card for card in rows}
    told = found.keys() | set(map(number_of, bad))
    found |= {card.id: card for card in cards.of(one for one in ids if one not in told).take(bad)}
    kept = {person: _as_kept(card, (sent or {}).get(person), listed) for person, card in found.items()}
    contracts = {person: there or [] for person, there in kept.items()}
    for contract in cards.contracts_of(one for one, there in kept.items() if there is None).take(bad):
        contracts[contract.resource_id].append(contract)
    accounts: dict[int, list[BankAccount]] = defaultdict(list)
    first = Listed(*ACCOUNTS.read(listed.accounts)) if listed else cards.accounts_of(found)
    for account in first.take(bad):
        accounts[account.resource_id].append(account)
    return People(found, contracts, accounts, {number_of(row): row for row in bad})


def _as_kept(card: Card, sent: Facts | None, listed: Rows | None) -> list[Contract] | None:
    """The contracts that were kept of a person; None where they have to be read."""
    if listed is None or sent is None or sent.contracts is None:
        return None
    if card.id in listed.contracts or card.inactive_date != sent.inactive:
        return None
    return [
        Contract(
            id=name,
            resource_id=card.id,
            start_date=EdmDay.fromisoformat(start),
            end_date=EdmDay.fromisoformat(end) if end else None,
        )
        for name, (start, end) in sent.contracts.items()
    ]


def in_payroll(sides: ExactSystems, person: int, state: str, listed: Any = None) -> Payroll:
    """What Payroll Plus has of a person: looked up where they were last, then where they may be by now.

    The details of an employee who was `listed` are those of that row.
    """
    employees, number = sides.payroll.employees, str(person)
    if listed is not None:
        (found, wrong) = EMPLOYEES.read([listed])
        return _employed(sides, number, found[0]) if found else Payroll(EMPLOYEE, bad=wrong[0])
    if state != EMPLOYEE:
        concept = employees.concept(number)
        if concept is not None and concept.status != CONVERTED:
            return Payroll(CONCEPT, concept)
    details = employees.employee(number)
    return _employed(sides, number, details) if details else Payroll()


def _employed(sides: ExactSystems, number: str, details: Employee) -> Payroll:
    bad: list[BadRow] = []
    rows = sides.payroll.employees.employments(number).take(bad)
    return Payroll(EMPLOYEE, details, tuple(rows), bad[0] if bad else None)


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
