"""National numbers of people: which texts are one number (EX-9).

People write them with blanks, dots, dashes or a slash, and Swedish ones with or without the century: ten
digits with a dash, with a plus sign from the year in which the person becomes a hundred, or twelve digits.
"""

from __future__ import annotations

import re
from datetime import date

from payrelay.domain.iban import compact

_SWEDISH_LONG = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01])\d{4}"
_SWEDISH_SHORT = r"(\d\d)\d{4}([-+])?\d{4}"
_LONG = 12


def national_key(text: str) -> str:
    """What all spellings of a number have in common: texts that are one number have one key."""
    number = compact(text).replace("+", "")
    return number[2:] if len(number) == _LONG and re.fullmatch(_SWEDISH_LONG, number) else number


def same_national(one: str, other: str, today: date) -> bool:
    """Whether two texts are one person's number; `today` tells the century where a dash stands for it."""
    if national_key(one) != national_key(other):
        return False
    centuries = {_century(text, today) for text in (one, other)} - {None}
    return len(centuries) < 2


def _century(text: str, today: date) -> int | None:
    """The century of a Swedish number, where it says which; None where it leaves that open."""
    number = compact(text)
    if re.fullmatch(_SWEDISH_LONG, number):
        return int(number[:2])
    short = re.fullmatch(_SWEDISH_SHORT, "".join(text.split()))
    if short is None or short[2] is None:
        return None
    latest = today.year // 100 - (int(short[1]) > today.year % 100)
    return latest - (short[2] == "+")
