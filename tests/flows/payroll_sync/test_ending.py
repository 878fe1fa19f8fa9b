"""Every scenario of "Inactivate employment end date", as a table: what is written, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from payrelay.flows.payroll_sync.ending import (
    Card,
    Contract,
    Employment,
    Ending,
    Scenario,
    Sent,
    ending,
    first,
    latest_active,
)

START, SECOND = date(2020, 1, 1), date(2021, 9, 1)
TODAY = date(2026, 12, 1)
DEC_31, JAN_31, DEC_15, NOV_30, NOV_15 = (
    date(2026, 12, 31),
    date(2027, 1, 31),
    date(2026, 12, 15),
    date(2026, 11, 30),
    date(2026, 11, 15),
)
OPEN = (Contract(START),)


def ended(*days: date) -> tuple[Contract, ...]:
    """Contracts that Synergy has ended, from the first start on."""
    return tuple(Contract(start, day) for start, day in zip((START, SECOND), days, strict=False))


def there(*terms: date | None) -> tuple[Employment, ...]:
    """Employments with these term dates."""
    starts = (START, SECOND)
    return tuple(Employment(n + 1, starts[n], term) for n, term in enumerate(terms))


def card(inactive: date | None, *contracts: Contract, entered: date | None = TODAY) -> Card:
    return Card(inactive, entered, contracts)


def sent(inactive: date | None = None, **terms: date | None) -> Sent:
    return Sent(inactive, {int(number[1:]): term for number, term in terms.items()})


# what: the card, what was last sent, the employments there; the scenario, the term dates, and the rest.
TABLE: Mapping[
    str, tuple[Card, Sent | None, tuple[Employment, ...], Scenario, dict[int, Any], dict[str, Any]]
] = {
    "nothing entered": (card(None, *OPEN), sent(), there(None), Scenario.SAME, {}, {}),
    "a contract that ends by itself leaves the term date blank": (
        card(None, Contract(START, DEC_31)),
        sent(),
        there(None),
        Scenario.SAME,
        {},
        {},
    ),
    "first inactive date, in the future": (
        card(DEC_31, *ended(DEC_31)),
        sent(),
        there(None),
        Scenario.FIRST,
        {1: DEC_31},
        {},
    ),
    "first inactive date, today": (
        card(TODAY, *ended(TODAY)),
        sent(),
        there(None),
        Scenario.FIRST,
        {1: TODAY},
        {},
    ),
    "first inactive date, before today": (
        card(NOV_30, *ended(NOV_30)),
        sent(),
        there(None),
        Scenario.FIRST_PAST,
        {},
        {},
    ),
    "entered on the last working day, seen the day after (PW-10)": (
        card(date(2026, 12, 14), *ended(date(2026, 12, 14)), entered=date(2026, 12, 14)),
        sent(),
        there(None),
        Scenario.FIRST,
        {1: date(2026, 12, 14)},
        {},
    ),
    "nobody knows when it was entered": (
        card(DEC_31, *ended(DEC_31), entered=None),
        sent(),
        there(None),
        Scenario.UNKNOWN,
        {},
        {},
    ),
    "a contract without an end gets the inactive date (PE-5)": (
        card(DEC_31, *OPEN),
        sent(),
        there(None),
        Scenario.FIRST,
        {1: DEC_31},
        {},
    ),
    "a contract that ends later gets the inactive date (PE-5)": (
        card(DEC_15, Contract(START, DEC_31)),
        sent(),
        there(None),
        Scenario.FIRST,
        {1: DEC_15},
        {},
    ),
    "two contracts, the first ended before (PW-07)": (
        card(DEC_31, Contract(START, date(2021, 5, 31)), Contract(SECOND, DEC_31)),
        sent(),
        there(date(2021, 5, 31), None)[::-1],
        Scenario.FIRST,
        {2: DEC_31},
        {},
    ),
    "two contracts that both end": (
        card(DEC_31, *ended(DEC_31, DEC_31)),
        sent(),
        there(None, None),
        Scenario.FIRST,
        {1: DEC_31, 2: DEC_31},
        {},
    ),
    "the term date was entered in payroll: left alone": (
        card(DEC_31, *ended(DEC_31)),
        sent(),
        there(DEC_15),
        Scenario.FIRST,
        {},
        {"kept": there(DEC_15)},
    ),
    "the term date there is right already": (
        card(DEC_31, *ended(DEC_31)),
        sent(),
        there(DEC_31),
        Scenario.FIRST,
        {},
        {},
    ),
    "no employment starts with the contract": (
        card(DEC_31, Contract(date(2020, 2, 1), DEC_31)),
        sent(),
        there(None),
        Scenario.FIRST,
        {},
        {"unjoined": (date(2020, 2, 1),)},
    ),
    "a contract that starts after the inactive date": (
        card(DEC_31, Contract(JAN_31)),
        sent(),
        there(None),
        Scenario.BEFORE_START,
        {},
        {"start": JAN_31},
    ),
    "later, remains active": (
        card(JAN_31, *ended(JAN_31)),
        sent(DEC_31, n1=DEC_31),
        there(DEC_31),
        Scenario.LATER,
        {1: JAN_31},
        {},
    ),
    "later, remains active, another term date there": (
        card(JAN_31, *ended(JAN_31)),
        sent(DEC_31, n1=DEC_31),
        there(DEC_15),
        Scenario.LATER,
        {},
        {"kept": there(DEC_15)},
    ),
    "later, the contract keeps its own end": (
        card(JAN_31, Contract(START, DEC_15)),
        sent(DEC_31, n1=DEC_15),
        there(DEC_15),
        Scenario.LATER,
        {},
        {},
    ),
    "earlier, remains active": (
        card(DEC_15, *ended(DEC_15)),
        sent(DEC_31, n1=DEC_31),
        there(DEC_31),
        Scenario.EARLIER,
        {1: DEC_15},
        {},
    ),
    "earlier, remains active, two contracts of which one ended before": (
        card(DEC_15, Contract(START, NOV_15), Contract(SECOND, DEC_15)),
        sent(DEC_31, n1=NOV_15, n2=DEC_31),
        there(NOV_15, DEC_31),
        Scenario.EARLIER,
        {2: DEC_15},
        {},
    ),
    "earlier, becomes inactive": (
        card(NOV_30, *ended(NOV_30)),
        sent(DEC_31, n1=DEC_31),
        there(DEC_31),
        Scenario.BECAME_INACTIVE,
        {},
        {},
    ),
    "earlier, remains inactive": (
        card(NOV_15, *ended(NOV_15)),
        sent(NOV_30, n1=NOV_30),
        there(NOV_30),
        Scenario.STAYS_INACTIVE,
        {},
        {},
    ),
    "later, remains inactive": (
        card(NOV_30, *ended(NOV_30)),
        sent(NOV_15, n1=NOV_15),
        there(NOV_15),
        Scenario.STAYS_INACTIVE,
        {},
        {},
    ),
    "from inactive to active on the card, by a date": (
        card(DEC_31, *ended(NOV_30)),
        sent(NOV_30, n1=NOV_30),
        there(NOV_30),
        Scenario.REACTIVATED,
        {},
        {},
    ),
    "from inactive to active on the card, by taking the date away": (
        card(None, *ended(NOV_30)),
        sent(NOV_30, n1=NOV_30),
        there(NOV_30),
        Scenario.REACTIVATED,
        {},
        {},
    ),
    "reactivated from the contract": (
        card(None, *OPEN),
        sent(NOV_30, n1=NOV_30),
        there(NOV_30),
        Scenario.REACTIVATED_CONTRACT,
        {1: None},
        {},
    ),
    "removed while active": (
        card(None, *OPEN),
        sent(DEC_31, n1=DEC_31),
        there(DEC_31),
        Scenario.REMOVED,
        {1: None},
        {},
    ),
    "removed while active, the contract still ends then": (
        card(None, *ended(DEC_31)),
        sent(DEC_31, n1=DEC_31),
        there(DEC_31),
        Scenario.REMOVED,
        {1: None},
        {},
    ),
    "removed while active, another term date there": (
        card(None, *OPEN),
        sent(DEC_31, n1=DEC_31),
        there(DEC_15),
        Scenario.REMOVED,
        {},
        {"kept": there(DEC_15)},
    ),
    "the date that was sent has come": (
        card(NOV_30, *ended(NOV_30)),
        sent(NOV_30, n1=NOV_30),
        there(NOV_30),
        Scenario.SAME,
        {},
        {},
    ),
    "the same, and emptied there since": (
        card(DEC_31, *ended(DEC_31)),
        sent(DEC_31, n1=DEC_31),
        there(None),
        Scenario.SAME,
        {1: DEC_31},
        {},
    ),
    "the same, and another entered there since": (
        card(DEC_31, *ended(DEC_31)),
        sent(DEC_31, n1=DEC_31),
        there(DEC_15),
        Scenario.SAME,
        {},
        {"kept": there(DEC_15)},
    ),
    "no date, and one entered there since": (
        card(None, *OPEN),
        sent(None, n1=None),
        there(DEC_15),
        Scenario.SAME,
        {},
        {"kept": there(DEC_15)},
    ),
    "the same, and another there that was left as it is before": (
        card(DEC_31, *ended(DEC_31)),
        sent(DEC_31, n1=NOV_30),
        there(NOV_30),
        Scenario.SAME,
        {},
        {},
    ),
    "the same, and an employment that nobody knew": (
        card(DEC_31, *ended(DEC_31), Contract(SECOND)),
        sent(DEC_31, n1=DEC_31),
        there(DEC_31, None),
        Scenario.SAME,
        {},
        {},
    ),
    "never sent, and in payroll already": (
        card(None, *OPEN),
        None,
        there(None),
        Scenario.SAME,
        {},
        {},
    ),
    "never sent, an employment that ended before is never touched": (
        card(None, Contract(START, NOV_30), Contract(SECOND)),
        None,
        there(NOV_30, None),
        Scenario.SAME,
        {},
        {},
    ),
}


@pytest.mark.requirement("PE-2", "PE-5", "PE-8")
@pytest.mark.parametrize("case", TABLE)
def test_each_scenario_writes_what_the_document_says(case: str) -> None:
    now, before, employments, scenario, terms, rest = TABLE[case]
    assert ending(now, before, employments) == Ending(scenario, terms, **rest)


@pytest.mark.requirement("PE-8")
def test_a_start_that_is_being_corrected_joins_its_contract() -> None:
    corrected = date(2020, 2, 1)
    now = card(DEC_31, Contract(corrected, DEC_31))
    assert ending(now, sent(), there(None), {1: corrected}).terms == {1: DEC_31}


@pytest.mark.requirement("PE-4")
def test_title_goes_to_the_latest_that_has_not_ended_and_the_start_to_the_first() -> None:
    """(PW-07)"""
    both = there(date(2021, 5, 31), None)[::-1]
    assert latest_active(both, TODAY) == both[0]
    assert first(both) == both[1]
    assert latest_active(there(DEC_31, NOV_30), TODAY) == there(DEC_31)[0]
    assert latest_active(there(NOV_30), TODAY) is None
    assert latest_active(there(TODAY), TODAY) == there(TODAY)[0]
