"""Names that are the same or look alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from payrelay.domain.invoices import Account

_MOST_ALIKE = 10
_WORD = re.compile(r"\w[\w'\u2019-]*")
# What many names begin with, so that it finds nothing.
_EMPTY_WORDS = frozenset({"the", "and", "mrs", "messrs"})
_SHORTEST = 3


def search_word(name: str) -> str:
    """The first word that says something; a short or empty one only if there is no other."""
    words = _WORD.findall(name)
    telling = (word for word in words if len(word) >= _SHORTEST and word.casefold() not in _EMPTY_WORDS)
    return next(telling, words[0] if words else name.strip())


def ranked(name: str, accounts: Iterable[Account]) -> list[Account]:
    """Those with exactly the name, then at most ten others, the most alike first."""
    exact: list[Account] = []
    others: list[Account] = []
    for account in accounts:
        (exact if account.name == name else others).append(account)
    wanted = name.casefold()
    others.sort(
        key=lambda account: SequenceMatcher(None, wanted, account.name.casefold()).ratio(), reverse=True
    )
    return [*exact, *others[:_MOST_ALIKE]]
