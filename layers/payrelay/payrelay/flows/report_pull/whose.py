"""Who the rows of a component report are about: employee ids that are spelled otherwise (EX-9)."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from payrelay.domain.spelling import shown
from payrelay.flows.exact_ids import resource_id, seen


def person_of(text: str) -> str:
    """How a person is named here: by the id in Exact Synergy, or as people see the text where it is none."""
    number = resource_id(text)
    return seen(text) if number is None else str(number)


def likely(text: str) -> str:
    """What two ids have alike that may be one person's: their digits, or the text where it has none."""
    digits = "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())
    return digits.lstrip("0") or seen(text).casefold()


def in_words(texts: Iterable[str]) -> str:
    """Ids as people read them, one after the other: `"2010" and "002010"`."""
    *first, last = (shown(text) for text in sorted(texts))
    return f"{', '.join(first)} and {last}" if first else last


def by_person(ids: Iterable[str]) -> dict[str, list[str]]:
    """The spellings of each person's id."""
    found = defaultdict[str, list[str]](list)
    for text in ids:
        found[person_of(text)].append(text)
    return dict(found)


def doubtful(absent: Iterable[str], people: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Of people without rows those who may stand there under a spelling that is nobody's: that spelling."""
    strays = defaultdict[str, list[str]](list)
    for person, spellings in people.items():
        if resource_id(person) is None:
            strays[likely(person)] += spellings
    return {person: strays[likely(person)] for person in absent if likely(person) in strays}
