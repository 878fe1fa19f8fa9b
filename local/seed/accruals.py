"""Two invented companies and their hours of leave, as Millennium and TimeWorksPlus have them.

At ACME payroll is the system of record, at BETA the time clock is. Days do not move with the calendar: it is
always 10 January 2026 here, the second period of the four is the last that is finalized, and a payroll that
pays the third has been started.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from .hours import Accrual, Company, Paid, Told, Used, Worker

SICK, VACATION, PERSONAL = "Sick", "Vacation", "Personal"
# Two weeks each; their employees are paid twelve days after they end.
P0, P1, P2, P3 = (
    ("2025-11-24", "2025-12-07"),
    ("2025-12-08", "2025-12-21"),
    ("2025-12-22", "2026-01-04"),
    ("2026-01-05", "2026-01-18"),
)
PERIODS = (P0, P1, P2, P3)
FINALIZED = (P0, P1)
ACCEPTED = (P0,)
PAID = {P0: "2025-12-12", P1: "2025-12-26", P2: "2026-01-09"}

# People of ACME who show a rule, each named after it.
DIFFERS = "1001"
USED_SINCE = "1002"  # hours of the open period are no difference
ROUNDED = "1003"  # four decimals in payroll, two in the time clock, and both are right
NEGATIVE = "1004"
FINALIZED_ONE = "1006"  # on leave: last accrued in a period that is finalized since
LEFT = "1007"  # and one that is older, of somebody who has gone
AMBIGUOUS = "1008"  # two sick codes in effect
ENDED_PLAN = "1009"  # two sick codes, of which one is over
CORRECTED = "1011"  # a correction of one day on the pay day
BONUS = "1012"  # a bonus on the pay day, by a run that blocks accruals
REISSUED = "1013"  # a check that is void, and one in its place
GIVEN_AT_ONCE = "1014"  # all of the year's hours given once: the balance moves without an accrual
NOT_ACCRUED = "1016"  # a balance that never accrued anything
HIDDEN = "1017"  # hidden in the time clock, and good until the end of March
NO_BALANCE = "1018"  # the time clock has the person, and no balance
ONLY_IN_PAYROLL, ONLY_IN_CLOCK = "1059", "1060"
# People of BETA.
USED_THIS_PERIOD = "2001"  # three hours of the period that the started payroll pays
EMPTY = "2002"  # no balance in the time clock is not zero
ZERO = "2003"  # and zero is one
ADDED = "2004"  # payroll has no accrual of vacation yet
EMPTY_ON_BOTH = "2005"  # neither has one
OTHER_BATCH, NO_BATCH = "2023", "2024"
ONLY_IN_PAYROLL_2, ONLY_IN_CLOCK_2 = "2025", "2026"

_RATES = {VACATION: Decimal("3.08"), SICK: Decimal("1.50")}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Omar Grace Luis Priya Tom Wanda Noah Elena Marcus Ruth Diego Hannah Samir Joan Peter Yuki Carol Andre "
    "Nina Walter Maya Frank Leila Oscar Beth Ivan Rosa Dean Alma"
)
_LAST = _words(
    "Haddad Kowalski Ortega Nair Becker Moore Fisher Petrova Greene Adler Santos Cole Aziz Whitman Novak "
    "Tanaka Brooks Dupont Larsen Quinn Patel Doyle Rahimi Vance Holt Zuniga Keller Mercer"
)


def _text(hours: Decimal, decimals: int = 2) -> str:
    return f"{hours:.{decimals}f}"


def _person(company: str, number: int) -> Worker:
    dice = Random(f"accruals/{company}/{number}")
    hired = f"{dice.randrange(2012, 2025)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
    # 29 first names and 28 last ones: nobody has the name of another.
    place = number - 1001 if company == "ACME" else number - 1900
    first, last = _FIRST[place % len(_FIRST)], _LAST[place % len(_LAST)]
    return Worker(str(number), first, last, hired, regular=(P0, P1, P2))


def _at_acme(number: int) -> Worker:
    """Who accrues with every check; for one in five the last one has not come to the time clock."""
    worker, dice = _person("ACME", number), Random(f"accruals/ACME/hours/{number}")
    sick = "SICK2" if number % 4 == 0 else "SICK1"
    accruals, told, used = [], [], []
    for code, category in ((sick, SICK), ("VAC", VACATION)):
        before, rate = Decimal(dice.randrange(800, 9000)) / 100, _RATES[category]
        taken = Decimal(8 if dice.random() < 0.2 else 0)
        now = before + rate + rate - taken
        accruals.append(Accrual(code, category, _text(now, 4), PAID[P2], worker.hired))
        told += [Told(category, _text(before), P0[1]), Told(category, _text(before + rate), P1[1])]
        if number % 5 or category == SICK:
            told.append(Told(category, _text(now), P2[1]))
        if taken:
            used.append(Used(category, "2025-12-30", "8.00"))
        if dice.random() < 0.15:
            used.append(Used(category, "2026-01-07", "4.00"))
    if number % 3 == 0:
        accruals.append(Accrual("PERS", PERSONAL, "8.0000", PAID[P2], worker.hired))
    return replace(worker, accruals=tuple(accruals), told=tuple(told), used=tuple(used))


def _at_beta(number: int) -> Worker:
    """Whose hours the time clock accrues; for one in four payroll has the balance of the period before."""
    worker, dice = _person("BETA", number), Random(f"accruals/BETA/hours/{number}")
    accruals, told = [], []
    for code, category in (("SICK", SICK), ("VAC", VACATION)):
        before, rate = Decimal(dice.randrange(800, 9000)) / 100, _RATES[category]
        told += [Told(category, _text(before), P0[1]), Told(category, _text(before + rate), P1[1])]
        late = number % 4 == 0
        balance, as_of = (before, P0[1]) if late else (before + rate, P1[1])
        accruals.append(Accrual(code, category, _text(balance, 4), start=worker.hired, as_of=as_of))
    return replace(worker, accruals=tuple(accruals), told=tuple(told), regular=(P0, P1))


def _with_vacation(worker: Worker, balance: str, accrued: str | None, *told: tuple[str, str]) -> Worker:
    """The same person with other hours of vacation; sick leave stays."""
    start = None if accrued is None else worker.hired
    mine = Accrual("VAC", VACATION, balance, accrued, start)
    return replace(
        worker,
        accruals=(*(one for one in worker.accruals if one.category != VACATION), mine),
        told=(
            *(one for one in worker.told if one.category != VACATION),
            *(Told(VACATION, *one) for one in told),
        ),
        used=tuple(one for one in worker.used if one.category != VACATION),
    )


def _with_sick(worker: Worker, accruals: tuple[Accrual, ...], *told: tuple[str, str]) -> Worker:
    """The same person with other sick leave; vacation stays."""
    return replace(
        worker,
        accruals=(*accruals, *(one for one in worker.accruals if one.category != SICK)),
        told=(*(Told(SICK, *one) for one in told), *(one for one in worker.told if one.category != SICK)),
        used=tuple(one for one in worker.used if one.category != SICK),
    )


def _accrued(worker: Worker, day: str) -> Worker:
    """The same person, of whom everything accrued last on one day; sick leave is then told as of then."""
    accruals = tuple(replace(one, accrued=day) for one in worker.accruals)
    (period,) = (one for one, paid in PAID.items() if paid == _PAID_FOR.get(day, day))
    sick = next(one.balance for one in accruals if one.category == SICK)
    told = (
        Told(SICK, _text(Decimal(sick)), period[1]),
        *(one for one in worker.told if one.category != SICK),
    )
    return replace(worker, accruals=accruals, told=told, used=())


def _acme() -> Iterator[Worker]:
    people = {str(number): _at_acme(number) for number in range(1001, 1061)}
    for person, (balance, accrued, *clock) in _VACATIONS.items():
        people[person] = _with_vacation(people[person], balance, accrued, *clock)
    ann = replace(people[DIFFERS], first="Ann", last="Lee")
    people[DIFFERS] = _with_sick(
        ann,
        (Accrual("SICK1", SICK, "26.0000", PAID[P2], ann.hired),),
        ("24.50", P1[1]),
    )
    people[AMBIGUOUS] = _with_sick(
        people[AMBIGUOUS],
        (Accrual("SICK1", SICK, "5.0000", PAID[P2]), Accrual("SICK2", SICK, "0.0000")),
        ("5.00", P1[1]),
    )
    people[ENDED_PLAN] = _with_sick(
        people[ENDED_PLAN],
        (
            Accrual("SICK1", SICK, "12.0000", PAID[P1], "2019-04-01", P1[1]),
            Accrual("SICK2", SICK, "15.0800", PAID[P2], P2[0]),
        ),
        ("12.00", P1[1]),
    )
    for person, change in _CHANGES.items():
        people[person] = replace(people[person], **change)
    for person, accrued in _LAST_ACCRUED.items():
        people[person] = _accrued(people[person], accrued)
    hidden = people[HIDDEN]
    marked = tuple(
        replace(one, hidden=True, expires="2026-03-31") if one.category == VACATION else one
        for one in hidden.told
    )
    people[HIDDEN] = replace(hidden, told=marked)
    yield from people.values()


_LONG_AGO = ("36.92", P0[1])
_BEFORE = ("36.92", P1[1])
# Balance and Last Accrue Date in payroll, and what the time clock was told.
_VACATIONS: Mapping[str, tuple[str, str | None, *tuple[tuple[str, str], ...]]] = {
    DIFFERS: ("40.0000", PAID[P2], _BEFORE),
    USED_SINCE: ("40.0000", PAID[P2], ("40.00", P2[1])),
    ROUNDED: ("38.1250", PAID[P2], ("38.13", P2[1])),
    NEGATIVE: ("-4.5000", PAID[P2], ("-7.58", P1[1])),
    FINALIZED_ONE: ("40.0000", PAID[P1], _LONG_AGO),
    LEFT: ("40.0000", PAID[P0], ("36.92", "2025-11-23")),
    CORRECTED: ("40.0000", PAID[P2], _BEFORE),
    BONUS: ("40.0000", PAID[P2], _BEFORE),
    REISSUED: ("40.0000", PAID[P2], _BEFORE),
    GIVEN_AT_ONCE: ("72.0000", PAID[P1], ("80.00", P1[1])),
    NOT_ACCRUED: ("0.0000", None),
    HIDDEN: ("40.0000", PAID[P2], _BEFORE),
    NO_BALANCE: ("40.0000", PAID[P2], ("", P1[1])),
}
_REISSUED_ON = "2026-01-14"
_PAID_FOR = {_REISSUED_ON: PAID[P2]}
_LAST_ACCRUED = {FINALIZED_ONE: PAID[P1], LEFT: PAID[P0], REISSUED: _REISSUED_ON}
_CHANGES: Mapping[str, Mapping[str, Any]] = {
    USED_SINCE: {"used": (Used(VACATION, "2026-01-07", "8.00"),)},
    FINALIZED_ONE: {"status": "L", "regular": (P0, P1)},
    LEFT: {"status": "T", "left": "2025-12-05", "regular": (P0,)},
    CORRECTED: {"checks": (Paid(PAID[P2], ("2026-01-08", "2026-01-08"), batch=4),)},
    BONUS: {"checks": (Paid(PAID[P2], P3, batch=5, run=2),)},
    REISSUED: {
        "regular": (P0, P1),
        "checks": (Paid(PAID[P2], P2, voided=True), Paid(_REISSUED_ON, P2, batch=6)),
    },
    GIVEN_AT_ONCE: {"used": (Used(VACATION, "2025-12-30", "8.00"),)},
    ONLY_IN_PAYROLL: {"in_clock": False},
    ONLY_IN_CLOCK: {"in_payroll": False},
}


def _beta() -> Iterator[Worker]:
    people = {str(number): _at_beta(number) for number in range(2001, 2027)}
    sick = {person: people[person].accruals[0] for person in people}
    vacation = {person: people[person].accruals[1] for person in people}
    for person, balance in ((USED_THIS_PERIOD, "21.4200"), (EMPTY, "12.0000"), (ZERO, "3.0000")):
        mine = replace(vacation[person], balance=balance, as_of=P0[1])
        people[person] = replace(people[person], accruals=(sick[person], mine))
    for person in (ADDED, EMPTY_ON_BOTH):
        people[person] = replace(people[person], accruals=(sick[person],))
    for person, value in (
        (USED_THIS_PERIOD, "24.50"),
        (EMPTY, ""),
        (ZERO, "0.00"),
        (ADDED, "16.00"),
        (EMPTY_ON_BOTH, ""),
    ):
        others = tuple(one for one in people[person].told if one.category != VACATION)
        people[person] = replace(people[person], told=(*others, Told(VACATION, value, P1[1])))
    three = Used(VACATION, "2025-12-29", "3.00")
    people[USED_THIS_PERIOD] = replace(people[USED_THIS_PERIOD], used=(three,))
    people[ONLY_IN_PAYROLL_2] = replace(people[ONLY_IN_PAYROLL_2], in_clock=False)
    people[ONLY_IN_CLOCK_2] = replace(people[ONLY_IN_CLOCK_2], in_payroll=False)
    yield from people.values()


ACME = Company(
    "ACME",
    "51234",
    {"PERS": PERSONAL, "SICK1": SICK, "SICK2": SICK, "VAC": VACATION},
    (SICK, VACATION),
    tuple(_acme()),
)
BETA = Company("BETA", "51235", {"SICK": SICK, "VAC": VACATION}, (SICK, VACATION), tuple(_beta()))
COMPANIES = (ACME, BETA)
