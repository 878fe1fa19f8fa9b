"""Names that may mean the same company: by what word others like it are found, and how alike they are (IN-5).

Every package searches its accounts in its own way; what is searched for, and which of those found are
suggested in which order, is the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from payrelay.domain.invoices import Account

MOST_ALIKE = 10
# "O'Neil & Sons" is searched for as Neil, "The Old Forge" as Old: short words and these find too much.
_EMPTY_WORDS = frozenset({"and", "inc", "limited", "llp", "ltd", "messrs", "mrs", "plc", "the"})
_SHORTEST = 3
_WORD = re.compile(r"[^\W_]+")


def search_word(name: str) -> str:
    """The first word that tells one company from another; without one its first word, or all of it."""
    words: list[str] = _WORD.findall(name)
    telling = (word for word in words if len(word) >= _SHORTEST and word.casefold() not in _EMPTY_WORDS)
    return next(telling, words[0] if words else name.strip())


def likeness(name: str, other: str) -> float:
    """How alike two names are, whatever the case of their letters: 1 the same, 0 nothing in common."""
    return SequenceMatcher(None, name.casefold(), other.casefold()).ratio()


def ranked(name: str, found: Iterable[Account]) -> list[Account]:
    """Those with exactly the name, then the ten most alike, each account once."""
    accounts = {one.id: one for one in found}.values()
    exact = [one for one in accounts if one.name == name]
    others = sorted(
        (one for one in accounts if one.name != name), key=lambda one: (-likeness(name, one.name), one.name)
    )
    return [*exact, *others[:MOST_ALIKE]]
