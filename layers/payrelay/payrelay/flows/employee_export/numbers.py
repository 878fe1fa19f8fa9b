"""Employee numbers as people type them: which ones are one number, and which nobody can be sure of (EX-9)."""

from __future__ import annotations

from payrelay.domain.spelling import EYE, seen, spelled_otherwise, trimmed

# So long are numbers that are filled up with zeros, as a rule.
WIDTHS = (4, 5, 6, 8)
AROUND = ("{} ", "{}\u00a0", " {}", "\u00a0{}", "{}\u200b")
# Of these the ones that Xledger is asked for, with each number that it does not have.
_IN_XLEDGER = 2


def tidy(number: str | None) -> str | None:
    """The number without blanks and invisible signs around it, which nobody typed on purpose."""
    if not number or number.isalnum():
        return number
    return trimmed(number) or None


def doubt(number: str) -> str | None:
    """Why nobody can tell by looking which number it is: "invisible signs"; None if there is no doubt."""
    if number.isascii() and number.isalnum():
        return None
    plain = seen(number)
    if number == plain:
        return None
    return spelled_otherwise(number, plain, EYE) or "invisible signs"


def joined(one: str, other: str) -> bool:
    """Whether two texts are one number for certain: only what nobody can see stands around it."""
    return one == other or tidy(one) == tidy(other)


def around(number: str) -> list[str]:
    """The number with something around it that nobody can see, as copying leaves it."""
    return [form.format(number) for form in AROUND]


def spellings(number: str) -> list[str]:
    """Other spellings under which the number may stand somewhere: blanks, zeros, capitals."""
    found = around(number)[:_IN_XLEDGER]
    plain = number.lstrip("0")
    if plain and plain.isdigit():
        found += [plain, *(plain.zfill(width) for width in WIDTHS)]
    found += [number.upper(), number.lower()]
    return [one for one in dict.fromkeys(found) if one != number]
