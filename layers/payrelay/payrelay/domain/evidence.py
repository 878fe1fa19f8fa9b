"""Who a record is about: what two records say of a person, and whether that is one person (EX-9).

A number is given again, a person comes back under another, a name changes with a marriage, a birth date is
corrected: no single field decides. What is known on both sides is weighed; what is known on one side only
says nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from payrelay.domain.national import same_national
from payrelay.domain.sensitive import Sensitive
from payrelay.domain.spelling import READER, folded


class Who(StrEnum):
    """Whether two records are about one person."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class Person(Struct, frozen=True):
    """What one side says of a person; None, or empty, is what it does not say."""

    number: str | None = None
    national: Sensitive | None = None
    born: date | None = None
    name: str | None = None
    email: str | None = None


class Weighed(Struct, frozen=True):
    """What two records agree in, in what they contradict each other, and what follows."""

    who: Who
    agrees: tuple[str, ...]
    contradicts: tuple[str, ...]


NATIONAL, BORN, NAME, EMAIL = "social security number", "birth date", "name", "e-mail"
# How much of it makes a person the same one, and as much against makes another.
ENOUGH = 3
_SEVERAL = 2
_STROKES = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "œ": "oe"})


def weigh(one: Person, other: Person, today: date) -> Weighed:
    """Whether two records are about one person; their numbers are what led here, and count for nothing."""
    weights = {
        NATIONAL: _national(one.national, other.national, today),
        BORN: _born(one.born, other.born),
        NAME: name_weight(one.name, other.name),
        EMAIL: _email(one.email, other.email),
    }
    total = sum(weights.values())
    who = Who.SAME if total >= ENOUGH else Who.OTHER if total <= -ENOUGH else Who.UNKNOWN
    agrees = tuple(words for words, weight in weights.items() if weight > 0)
    return Weighed(who, agrees, tuple(words for words, weight in weights.items() if weight < 0))


def _national(one: Sensitive | None, other: Sensitive | None, today: date) -> int:
    if not one or not other:
        return 0
    return 4 if same_national(one.reveal(), other.reveal(), today) else -4


def _born(one: date | None, other: date | None) -> int:
    if one is None or other is None:
        return 0
    return 2 if one == other else -2


def _email(one: str | None, other: str | None) -> int:
    # People have several; that two differ says nothing.
    return 2 if one and other and folded(one, READER) == folded(other, READER) else 0


def name_weight(one: str | None, other: str | None) -> int:
    """What two names say: 2 the same, 1 the same first name, -1 at most the same last name, -3 nothing."""
    ours, theirs = name_words(one or ""), name_words(other or "")
    if not ours or not theirs:
        return 0
    common = set(ours) & set(theirs)
    shorter = min(len(set(ours)), len(set(theirs)))
    if len(common) >= min(shorter, _SEVERAL) and (shorter > 1 or ours == theirs):
        return 2
    if ours[0] in common or theirs[0] in common:
        return 1
    return -1 if common else -3


def name_words(name: str) -> Sequence[str]:
    """The words of a name without capitals, accents and signs, in their order: Åse-Marie → ase, marie."""
    plain = unicodedata.normalize("NFD", folded(name, READER).translate(_STROKES))
    letters = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return letters.split()
