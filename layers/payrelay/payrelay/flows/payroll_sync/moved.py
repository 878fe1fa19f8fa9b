"""Who moved since the last run, told by the lists of Synergy, and the rows that these showed (RUN-11).

The lists are as long as the server is large, so their rows are looked at one by one. Those of the people who
moved are kept for planning, cut like its pages, as long as these people are not very many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

from msgspec import Struct, field

from payrelay.domain.groups import in_groups
from payrelay.flows.exact import ExactSystems
from payrelay.flows.payroll_sync import facts
from payrelay.flows.payroll_sync.facts import Facts
from payrelay.flows.payroll_sync.read import Rows, account_of, number_of
from payrelay.flows.payroll_sync.there import ACCOUNT, Sent
from payrelay.systems.synergy.cards import ACCOUNTS

# Of so many people the rows are kept; of more, each page reads those of its own people once more.
MOST_KEPT = 5_000
_READ_AT_ONCE = 500


class Known(Struct):
    """What is kept of all people who were `sent`, as far as it tells who moved.

    `waits` are those of whom something waits, `ended` those whose end has come.
    """

    waits: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    sent: Sent = field(default_factory=Sent)

    @classmethod
    def of(cls, links: Iterable[Mapping[str, Any]], today: date, since: datetime) -> Known:
        """That of these links, which are read one by one, with their digests and facts.

        From `since` on the list of Payroll Plus is asked for.
        """
        found = cls()
        for link in links:
            number, kept = int(link["source_id"]), Facts.parse(link["facts"])
            if kept.waits:
                found.waits.add(number)
            if kept.has_ended(today):
                found.ended.add(number)
            found.sent.add(number, link["digests"], kept, since, today)
        return found


class Moved(Struct):
    """The ids of those who moved, and what the lists showed of them; `kept` is whether that is all."""

    people: set[int]
    cards: dict[int, Any] = {}
    accounts: dict[int, Any] = {}
    contracts: set[int] = set()
    kept: bool = True

    def rows(self, people: Iterable[int]) -> Rows:
        """The rows of these people."""
        ids = list(people)
        return Rows(
            [self.cards[one] for one in ids if one in self.cards],
            [self.accounts[one] for one in ids if one in self.accounts],
            [one for one in ids if one in self.contracts],
        )


def moved(
    sides: ExactSystems,
    since: datetime,
    known: Known,
    members: AbstractSet[int],
    others: Iterable[int],
    key: bytes,
) -> Moved:
    """Those of whom something moved since: the card, a contract, the role, Bank Account 1; or that wait.

    Role and account carry no time: who has the role and was never sent, or was sent and has it no more, and
    whose account has another digest than the one that was sent. Of those whose end has come the role is not
    asked. The `others` who are to be looked at are among them.
    """
    sent, ended = known.sent.digests, known.ended
    found = Moved({one for one in members if one not in sent} | known.waits)
    found.people |= {one for one in sent if one not in members and one not in ended}
    found.people |= {one for one in others if one in sent or one in members}
    for raw in sides.synergy.cards.since(since):
        person = _person(raw, "ID")
        if person in sent or person in members:
            found.people.add(person)
            _keep(found, found.cards, person, raw)
    for raw in sides.synergy.cards.contracts_since(since):
        person = _person(raw, "ResourceID")
        if person in sent or person in members:
            found.people.add(person)
            found.contracts.add(person)
    _compare_accounts(sides, found, sent, key)
    return found


def saved(sides: ExactSystems, since: datetime) -> set[int]:
    """Those of whom the card or a contract was saved since, as the lists of it show them."""
    cards, contracts = sides.synergy.cards.since(since), sides.synergy.cards.contracts_since(since)
    return {_person(raw, "ID") for raw in cards} | {_person(raw, "ResourceID") for raw in contracts}


def _compare_accounts(sides: ExactSystems, found: Moved, sent: dict[int, bytes], key: bytes) -> None:
    """Find those with another account than was sent. Who has one is taken out of `sent`."""
    for group in in_groups(sides.synergy.cards.first_accounts(), _READ_AT_ONCE):
        rows, bad = ACCOUNTS.read(group)
        there = {row.resource_id: facts.digest(account_of([row]).fields, key) for row in rows}
        found.people |= {person for person in map(number_of, bad) if person in sent}
        for raw in group:
            person = _person(raw, "ResourceID")
            before = sent.pop(person, None)
            if before is not None and person in there and bytes.fromhex(there[person]) != before[:ACCOUNT]:
                found.people.add(person)
            if person in found.people:
                _keep(found, found.accounts, person, raw)
    nothing = bytes.fromhex(facts.digest(account_of([]).fields, key))
    found.people |= {person for person, before in sent.items() if before[:ACCOUNT] != nothing}


def _keep(found: Moved, rows: dict[int, Any], person: int, raw: Any) -> None:
    if found.kept and len(rows) < MOST_KEPT:
        rows[person] = raw
    else:
        found.kept = False
        found.cards.clear()
        found.accounts.clear()


def _person(raw: Any, key: str) -> int:
    """Whom a row is about; 0 for one that does not say."""
    number = raw.get(key) if isinstance(raw, Mapping) else None
    return number if isinstance(number, int) else 0
