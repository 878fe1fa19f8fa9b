"""When somebody's employment ends: the scenarios of "Inactivate employment end date" (PE-2, PE-5, PE-8).

Synergy checks an inactive date when it is saved, and updates its own contracts then. We run later, and tell
what happened from what was last sent, from what stands there now, and from the day on which the card was
last saved: on that day a date was in the past or not, whatever the day of the run is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum

from msgspec import Struct, field


class Scenario(Enum):
    """What happened to the inactive date, in the document's order."""

    SAME = "the same as last time"
    FIRST = "entered"
    FIRST_PAST = "entered, before the day of entry"
    BEFORE_START = "before the start of a contract"
    REMOVED = "removed while active"
    LATER = "later, remains active"
    EARLIER = "earlier, remains active"
    BECAME_INACTIVE = "earlier, becomes inactive"
    STAYS_INACTIVE = "changed, remains inactive"
    REACTIVATED = "from inactive to active, on the card"
    REACTIVATED_CONTRACT = "from inactive to active, from the contract"
    UNKNOWN = "entered on a day that nobody knows"


# Those in which contracts' ends go to Payroll Plus.
SENT = frozenset(
    {
        Scenario.FIRST,
        Scenario.REMOVED,
        Scenario.LATER,
        Scenario.EARLIER,
        Scenario.REACTIVATED_CONTRACT,
    }
)


class Contract(Struct, frozen=True):
    """A contract of a person in Synergy; no end while it is open."""

    start: date
    end: date | None = None


class Employment(Struct, frozen=True):
    """An employment in Payroll Plus: its Payroll No. EE, its start, its term date."""

    number: int
    employed: date
    term: date | None = None


class Card(Struct, frozen=True):
    """What a person card says of an end: the inactive date, and the day on which the card was last saved.

    Where it is `hidden`, nothing is known of an end.
    """

    inactive: date | None
    entered: date | None
    contracts: tuple[Contract, ...] = ()
    hidden: bool = False


class Sent(Struct, frozen=True):
    """What was last sent: the inactive date, and the term date of each employment by its number."""

    inactive: date | None = None
    terms: Mapping[int, date | None] = field(default_factory=dict)


class Ending(Struct, frozen=True):
    """What follows: the scenario, the term dates to be written by the employment's number, and what is not.

    `kept` are employments whose term date somebody entered there; `unjoined` the starts of ended contracts
    for which there is no employment; `start` that of a contract which starts after the inactive date.
    """

    scenario: Scenario
    terms: Mapping[int, date | None] = field(default_factory=dict)
    kept: tuple[Employment, ...] = ()
    unjoined: tuple[date, ...] = ()
    start: date | None = None


def scenario(card: Card, sent: Sent | None) -> Scenario:
    """What happened to the inactive date since it was last sent (PE-2)."""
    new, old = card.inactive, sent.inactive if sent else None
    if new == old:
        return Scenario.SAME
    if card.entered is None:
        return Scenario.UNKNOWN
    was_active = old is None or old >= card.entered
    is_active = new is None or new >= card.entered
    if not was_active:
        if not is_active:
            return Scenario.STAYS_INACTIVE
        reopened = new is None and any(one.end is None for one in card.contracts)
        return Scenario.REACTIVATED_CONTRACT if reopened else Scenario.REACTIVATED
    if new is None:
        return Scenario.REMOVED
    if old is None:
        past = Scenario.FIRST_PAST
    elif new < old:
        past = Scenario.BECAME_INACTIVE
    else:
        past = Scenario.STAYS_INACTIVE
    if not is_active:
        return past
    if _starts_after(card, new):
        return Scenario.BEFORE_START
    return Scenario.FIRST if old is None else Scenario.LATER if new > old else Scenario.EARLIER


def ending(
    card: Card, sent: Sent | None, employments: Sequence[Employment], starts: Mapping[int, date] | None = None
) -> Ending:
    """What of an end is to be written (PE-5); `starts` are employments' starts that are being corrected.

    Where the inactive date is the same as last time, only what was changed there since: a term date that was
    emptied is sent again, and another one is kept.
    """
    what = scenario(card, sent)
    if what is Scenario.BEFORE_START and card.inactive:
        return Ending(what, start=_starts_after(card, card.inactive))
    if card.hidden or what not in {*SENT, Scenario.SAME}:
        return Ending(what)
    joined = {one.employed: one for one in employments}
    joined |= {starts[one.number]: one for one in employments if starts and one.number in starts}
    former = sent or Sent()
    again = what is Scenario.SAME and sent is not None
    terms: dict[int, date | None] = {}
    kept: list[Employment] = []
    unjoined: list[date] = []
    for contract in sorted(card.contracts, key=lambda one: one.start):
        if not _concerned(contract, card, former):
            continue
        employment = joined.get(contract.start)
        wanted = card.inactive
        if employment is None:
            unjoined += [contract.start] if wanted and not again else []
        elif employment.term == wanted or (again and _is_as_left(employment, former)):
            continue
        elif employment.term not in (None, former.terms.get(employment.number), former.inactive):
            kept.append(employment)
        else:
            terms[employment.number] = wanted
    return Ending(what, terms, tuple(kept), tuple(unjoined))


def left_of(end: Ending, employments: Sequence[Employment], before: Sent | None) -> dict[int, date | None]:
    """The term dates by employment as they are to be known: one that somebody entered was never sent."""
    found = {one.number: end.terms.get(one.number, one.term) for one in employments}
    if before:
        found |= {one.number: before.terms.get(one.number) for one in end.kept}
    return found


def _is_as_left(employment: Employment, sent: Sent) -> bool:
    """Whether nobody has changed a term date there since it was sent; of a new employment nobody knows."""
    number = employment.number
    return number not in sent.terms or sent.terms[number] == employment.term


def _concerned(contract: Contract, card: Card, former: Sent) -> bool:
    """Whether a contract's employment gets the inactive date, or loses it.

    Synergy has given the date to every contract that it ends. One that is still open, or ends later, gets it
    too; one that ends earlier keeps its end.
    """
    if card.inactive is not None:
        return contract.end is None or contract.end >= card.inactive
    return contract.end is None or contract.end == former.inactive


def _starts_after(card: Card, day: date) -> date | None:
    """The first start of a contract that the day lies before."""
    starts = [one.start for one in card.contracts if one.start > day and (one.end is None or one.end >= day)]
    return min(starts, default=None)


def latest_active(employments: Sequence[Employment], today: date) -> Employment | None:
    """The one that job title and cost centre go to: the highest number of those that have not ended."""
    active = [one for one in employments if one.term is None or one.term >= today]
    return max(active, key=lambda one: one.number, default=None)


def first(employments: Sequence[Employment]) -> Employment | None:
    """The one that the start date goes to, whether it is active or not."""
    return min(employments, key=lambda one: one.number, default=None)
