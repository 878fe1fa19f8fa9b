"""The words of a vendor made safe to show: nothing that was sent, and nothing that looks personal (SEC-1)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from payrelay.domain.iban import LENGTHS, compact, is_iban
from payrelay.domain.sensitive import MASK, Secret

LONGEST_MESSAGE = 300
# A value of so few letters and digits is looked for letter by letter only: it would be found everywhere.
_TOO_SHORT = 4
# The pattern of a whole token takes long to make: that is done only where so many of its letters are found.
_LETTERS_TO_LOOK_FOR = 8
# Patterns as text: only what has to clean a message compiles them, and `re` keeps what it has compiled.
_SPACES = r"[\s\x00-\x1f\x7f]+"
_PERSONAL = (
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail address
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"  # IBAN, as it is written
    # Nine digits or more, but not a day.
    r"|(?<![\w-])(?!\d{4}[-/]\d{2}[-/]\d{2}(?!\d))\d(?:[ ./-]?\d){8,}(?![\w-])"
)
# Between two letters of a value that is spelled otherwise: separators of groups, or an encoded character.
_BETWEEN = r"(?:%[0-9A-Fa-f]{2}|[^0-9A-Za-z%]){0,3}"
_MAY_BE_IBAN = r"(?i)(?=([a-z]{2}\d{2}(?:[ .\-/\u00a0]?[a-z0-9]){11,28}))"


def clean(message: str, hidden: Collection[str] = ()) -> str:
    """A vendor's message on one line, cut short, without `hidden` and what looks like personal data.

    A hidden value is found in another spelling, too: other capitals, other or no separators, percent-encoded,
    glued to a word.
    """
    for text in sorted(hidden, key=len, reverse=True):
        if _spelled(text, _LETTERS_TO_LOOK_FOR).search(message):
            message = _spelled(text).sub(MASK, message)
    message = re.sub(_SPACES, " ", message[: 4 * LONGEST_MESSAGE]).strip()
    message = re.sub(_PERSONAL, MASK, _without_accounts(message))
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"


def parts_of(secret: Secret) -> Iterator[str]:
    """What of a header's value must not show: the token, and of a Basic one user and password as well."""
    scheme, _, token = secret.reveal().rpartition(" ")
    if token:
        yield token
    if scheme == "Basic":
        try:
            pair = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield from filter(None, pair.split(":", 1))


@lru_cache(maxsize=256)
def _spelled(text: str, most: int | None = None) -> re.Pattern[str]:
    """What finds a value however it is spelled, or so many of its first letters and digits."""
    letters = [char for char in text if char.isalnum()]
    if len(letters) < _TOO_SHORT:
        return re.compile(re.escape(text))
    return re.compile(_BETWEEN.join(map(re.escape, letters[:most])), re.IGNORECASE)


def _without_accounts(message: str) -> str:
    """The message without what is the number of an account by its check digits, however it is spelled."""
    found = list(_accounts(message))
    for start, end in reversed(found):
        message = message[:start] + MASK + message[end:]
    return message


def _accounts(message: str) -> Iterator[tuple[int, int]]:
    last = 0
    for match in re.finditer(_MAY_BE_IBAN, message):
        length = LENGTHS.get(match[1][:2].upper())
        end = _end_of(match[1], length) if length and match.start() >= last else None
        if end is not None and is_iban(match[1][:end]):
            last = match.start() + end
            yield match.start(), last


def _end_of(text: str, length: int) -> int | None:
    """Where the first `length` letters and digits of a text end."""
    for end in range(length, len(text) + 1):
        if len(compact(text[:end])) == length:
            return end
    return None
