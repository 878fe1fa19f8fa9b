"""What a comparison of everybody finds otherwise than the reading of what moved would have it (RUN-11).

It is drift where a list should have shown somebody and did not. What no list shows is none: an employment
that was changed in Payroll Plus, a contract or a person that was deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct

from payrelay.domain.records import Write
from payrelay.domain.runs import Link
from payrelay.flows.exact import ExactSystems
from payrelay.flows.payroll_sync.changes import DRIFTED, has_details
from payrelay.flows.payroll_sync.facts import ALL, BANK, SENDING, Facts
from payrelay.flows.payroll_sync.moved import saved
from payrelay.flows.payroll_sync.there import person_of
from payrelay.flows.payroll_sync.wanted import Wanted


class Drift(Struct):
    """The people of a page who turned out otherwise than the lists of Synergy, or of Payroll Plus, tell."""

    synergy: set[int] = set()
    payroll: set[int] = set()

    def look(self, one: Wanted, link: Link | None, result: object) -> None:
        """Look at somebody of whom it is known now what both sides have."""
        if _moved_in_synergy(one, link):
            self.synergy.add(one.card.id)
        if _changed_in_payroll(result):
            self.payroll.add(one.card.id)

    def count(self, sides: ExactSystems, context: Mapping[str, Any]) -> int:
        """How many of them these lists did not show; 0 where nothing is known of the time before.

        Timeline: the lists are read; somebody saves a card; the page reads it. So whom they did not show is
        looked for in them once more.
        """
        if "since" not in context:
            return 0
        left = frozenset(context["left"])
        synergy = self.synergy.difference(left, context["saved"])
        payroll = self.payroll.difference(left, context["shown"])
        then = {name: datetime.fromisoformat(text) for name, text in context["since"].items()}
        if synergy:
            synergy -= saved(sides, then["synergy"])
        if payroll:
            payroll -= set(map(person_of, sides.payroll.employees.each(then["payroll"])))
        return len(synergy | payroll)


def _moved_in_synergy(one: Wanted, link: Link | None) -> bool:
    """Whether Synergy has something else of a person than was sent, beside the account: its list has no time.

    A right that was given or taken moves nobody's card, and a contract that was deleted shows in no list.
    """
    if link is None or _hides(one):
        return False
    sent, known = link.digests.get(ALL), Facts.of(link)
    if known.waits or sent == one.digests[ALL] or link.digests.get(SENDING, sent) != sent:
        return False
    are_there = (known.contracts or {}).keys() <= (one.contracts or {}).keys()
    return are_there and link.digests.get(BANK) == one.digests[BANK]


def _changed_in_payroll(result: object) -> bool:
    """Whether a person changed somebody's details there."""
    if not isinstance(result, Write) or result.record.reason is None:
        return False
    return result.record.reason.code == DRIFTED and has_details(result.record.changes)


def _hides(one: Wanted) -> bool:
    return one.end.hidden or any(value is UNSET for value in one.details.values())
