"""Who may read a person's payroll report (REP-2): the HR role, the immediate manager, the person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from msgspec import Struct

HR_ROLE = "HR"
ACTIVE = "A"


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
