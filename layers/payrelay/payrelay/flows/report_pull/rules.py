"""How reports are named, which are pulled (REP-1), who may read one (REP-2), and how a slip is ordered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Set
from enum import StrEnum

from msgspec import Struct

from payrelay.domain.addresses import same_address
from payrelay.flows.exact_ids import resource_id

ENTITY = "report"
# Exact Synergy's role of those whose reports are shown, and of those who may read everybody's.
ROLE, HR_ROLE = "PAYROLLPLUS", "HR"
ACTIVE = "A"
NET = "NETTOLOON"
# Seven years, unless a connection is set otherwise.
RETENTION_DAYS = 2557

_PERIOD = re.compile(r"20[0-9]{2}-[0-9]{2}")


class ReportName(Struct, frozen=True):
    """What names a report: a payroll period such as `2026-01`, and a person's id; "" for everybody's.

    `called` is the person's own name, where it is known, and names nothing.
    """

    period: str
    person: str = ""
    called: str = ""

    @classmethod
    def of(cls, text: str) -> ReportName:
        """The name that the key or the source id of a record is."""
        period, _, person = text.removeprefix(f"{ENTITY}:").partition(":")
        return cls(period, person)

    @property
    def key(self) -> str:
        """The key of its record: `2026-01:2012`."""
        return f"{self.period}:{self.person}" if self.person else self.period

    @property
    def source_id(self) -> str:
        """How a replay finds it again."""
        return f"{ENTITY}:{self.key}"

    @property
    def label(self) -> str:
        """How messages name it."""
        whose = f"employee {self.person}" if self.person else "everybody"
        if self.called:
            whose = f"{self.called} ({self.person})"
        return f"Report of {whose} for {self.period}"


def person_in(text: str) -> str:
    """The person whom a key names: alone, or after a period; "" for a period's everybody."""
    name = ReportName.of(text)
    return name.person if is_period(name.period) else text


def is_period(text: str) -> bool:
    """Whether a text names a payroll period."""
    return _PERIOD.fullmatch(text) is not None


def periods_to_pull(
    changed: Set[str], unfinished: Set[str], approved: Set[str], flawed: Set[str]
) -> list[str]:
    """The periods of a pull of everything, oldest first (REP-1).

    Those whose payroll runs `changed` since last time, and what it left `unfinished`, if that is still there:
    `approved`, or with a run that can't be read (`flawed`). With nothing to pull, the newest one shows that
    both sides agree.
    """
    return sorted(changed | unfinished & (approved | flawed)) or sorted(approved)[-1:]


def asked_periods(asked: Iterable[str], flawed: Iterable[str]) -> list[str]:
    """The periods that somebody asked for, and beside them what can't be read and may belong to any."""
    return sorted({*asked, *(name for name in flawed if not is_period(name))})


def without_resource(people: Iterable[str], members: Set[int], resources: Set[str]) -> set[str]:
    """Who is in payroll only: no member of the role, and no resource of Exact Synergy at all (REP-1)."""
    return {one for one in people if resource_id(one) not in members and one not in resources}


# A row's fields as people know them. Which component it is, is part of the report.
_FIELDS = {
    "": "a row",
    "employeeId": "an employee ID",
    "prPeriod": "the payroll period",
    "year": "the year",
    "component": "the code of a component",
    "description": "the description",
    "amount": "the amount of a component",
    "runId": "the number of the payroll run",
    "status": "the status",
    "processedAt": "the time of processing",
    "approvedAt": "the time of approval",
}


def in_words_of(field: str) -> str:
    """A field of Payroll Plus as people know it."""
    return _FIELDS.get(field, field)


def slip_order(component: str) -> tuple[bool, str]:
    """Sorts components by their codes, and what people look for last: the net pay."""
    return component == NET, component


class Right(StrEnum):
    """By what somebody may read a report; the first that holds is named."""

    SELF = "self"
    MANAGER = "manager"
    HR = "hr"


class Card(Struct, frozen=True):
    """What a person card says of somebody who wants to read."""

    id: int
    email: str | None
    status: str


class Reader(Struct, frozen=True):
    """Who wants to read; an active person may have rights over others, too."""

    id: int
    active: bool


class Refusal(Struct, frozen=True):
    """Why somebody may not read, as far as it lies with them, and what can be done.

    Nothing of it says anything of whose report was asked for, not even whether there is such a person.
    """

    condition: str
    remedy: str


NOBODY_NAMED = Refusal(
    "the token names no verified e-mail address, by which Exact Synergy could know the reader",
    "Sign in as a person whose e-mail address is verified; an app has none.",
)
UNKNOWN = Refusal(
    "nobody in Exact Synergy has the e-mail address of the token",
    "Fill in this e-mail address on the reader's card in Exact Synergy.",
)
SEVERAL = Refusal(
    "several people in Exact Synergy have the e-mail address of the token, so that it is nobody's",
    "Correct the e-mail address on all of these cards in Exact Synergy but the reader's own.",
)
NONE_OF_THESE = Refusal(
    (
        "the reader is not the person, is not the immediate manager on the person's card in Exact Synergy, "
        "and has not the role HR there"
    ),
    "HR enters the manager on the person's card in Exact Synergy, or gives the reader the role HR.",
)
NOT_ACTIVE = Refusal(
    (
        "the reader's status in Exact Synergy is not active: such a person reads their own report, and "
        "nobody else's as a manager or with the role HR"
    ),
    "Ask HR, or set the status on the reader's card in Exact Synergy to active if they work there.",
)
OWN_ONLY = Refusal(
    "the token's role employee reads the person's own report, and this is not theirs",
    "Use a token with the role viewer to read as a manager or as HR.",
)


def reader_of(email: str, cards: Iterable[Card]) -> Reader | Refusal:
    """The one person with this verified address, whatever their status; nobody, and two, are none (REP-2)."""
    if not email.strip():
        return NOBODY_NAMED
    found = [card for card in cards if same_address(card.email, email)]
    if len(found) != 1:
        return SEVERAL if found else UNKNOWN
    return Reader(found[0].id, found[0].status == ACTIVE)


def right_to_read(
    reader: Reader, roles: Collection[str], person: int | None, manager: int | None, *, own_only: bool = False
) -> Right | Refusal:
    """By what a reader may read the report of a person, who may not exist (REP-2).

    The person may, whatever their status; as manager or with the role HR only who is active, and nobody whose
    token is for their `own_only`. The manager is the immediate one, so that people who manage each other, or
    themselves, are no trouble.
    """
    if person is not None and person == reader.id:
        return Right.SELF
    if own_only:
        return OWN_ONLY
    if not reader.active:
        return NOT_ACTIVE
    if manager is not None and manager == reader.id:
        return Right.MANAGER
    return Right.HR if HR_ROLE in roles else NONE_OF_THESE
