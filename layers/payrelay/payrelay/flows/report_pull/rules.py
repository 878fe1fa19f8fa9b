"""How reports are named, which are pulled (REP-1), who may read one (REP-2), and how a slip is ordered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Set
from enum import StrEnum

from msgspec import Struct

ENTITY = "report"
# Exact Synergy's role of those whose reports are shown, and of those who may read everybody's.
ROLE, HR_ROLE = "PAYROLLPLUS", "HR"
ACTIVE = "A"
NET = "NETTOLOON"
# Seven years, unless a connection is set otherwise.
RETENTION_DAYS = 2557

_PERIOD = re.compile(r"20[0-9]{2}-[0-9]{2}")


class ReportName(Struct, frozen=True):
    """What names a report: a payroll period such as `2026-01`, and a person's id; "" for everybody's."""

    period: str
    person: str = ""

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
        """How messages name it; no personal data."""
        whose = f"employee {self.person}" if self.person else "everybody"
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


def reader_of(email: str, cards: Iterable[Card]) -> int | None:
    """The id of the one active person with this verified address; None for nobody, and for two (REP-2)."""
    found = [card for card in cards if same_address(card.email, email)]
    if len(found) != 1 or found[0].status != ACTIVE:
        return None
    return found[0].id


def same_address(one: str | None, other: str) -> bool:
    """Whether two addresses are one. Beyond ASCII they must be equal, letter by letter.

    A database may take `ß` for `ss`, and that is another person's address.
    """
    if not one or not other.strip():
        return False
    left, right = one.strip(), other.strip()
    if left.isascii() and right.isascii():
        return left.lower() == right.lower()
    return left == right


def right_to_read(
    reader: int, roles: Collection[str], person: int | None, manager: int | None
) -> Right | None:
    """By what a reader may read the report of a person, who may not exist; None for no rights (REP-2).

    The manager is the immediate one, so that people who manage each other, or themselves, are no trouble.
    """
    if person is not None and person == reader:
        return Right.SELF
    if manager is not None and manager == reader:
        return Right.MANAGER
    return Right.HR if HR_ROLE in roles else None


def resource_id(text: str) -> int | None:
    """The id in Exact Synergy that a text is, in the one way to write it; None for any other text."""
    plain = text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")
    number = int(text) if plain and len(text) <= len(str(2**31)) else None
    return number if number is not None and number < 2**31 else None
