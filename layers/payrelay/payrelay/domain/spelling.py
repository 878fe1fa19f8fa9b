"""The same text, spelled otherwise: what people can't tell apart by looking, and how it differs (EX-9, IN-5).

A name that came by way of a spreadsheet, a number that was copied from an e-mail: each looks like another
text and is not equal to it. What is compared here is what people see; what is written stays as the source
has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from msgspec import Struct


class Folding(Struct, frozen=True):
    """One way in which two texts may differ and still mean the same, and what people call it."""

    words: str
    fold: Callable[[str], str]


# Fillers and joiners that take no room, beside those that Unicode calls format characters.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_VARIANT = re.compile("[\ufe00-\ufe0f]")
_LEADING = re.compile(r"^0+(?=.)")
_QUOTES = str.maketrans(
    dict.fromkeys("‘’‚‛′`´ʼʹ\uff07", "'")
    | dict.fromkeys("“”„‟″\uff02«»", '"')
    | dict.fromkeys("‐‑‒–—―−\uff0d", "-")
    | {"…": "..."}
)
# Letters of other scripts that look like Latin ones: Cyrillic and Greek.
_LOOK_ALIKES = str.maketrans(
    "АВЕКМНОРСТУХІЈЅаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXIJSaeopcyxijsABEZHIKMNOPTYXo"
)


def is_invisible(char: str) -> bool:
    """Whether a sign takes no room: a zero-width space, a byte order mark, a soft hyphen, a control."""
    if " " <= char <= "~":
        return False
    if char in _FILLERS or _VARIANT.match(char):
        return True
    return unicodedata.category(char) in ("Cf", "Cc") and not char.isspace()


def _without_signs(text: str) -> str:
    return "".join(char for char in text if not is_invisible(char))


FORM = Folding("the form of its letters (Unicode)", lambda text: unicodedata.normalize("NFC", text))
QUOTES = Folding("quotation marks or dashes", lambda text: text.translate(_QUOTES))
WIDTH = Folding("the width of its letters", lambda text: unicodedata.normalize("NFKC", text))
SIGNS = Folding("invisible signs", _without_signs)
BLANKS = Folding("blanks", lambda text: " ".join(text.split()))
SCRIPT = Folding("letters of another alphabet", lambda text: text.translate(_LOOK_ALIKES))
CAPITALS = Folding("capitals", str.casefold)
ZEROS = Folding("leading zeros", lambda text: _LEADING.sub("", text))

# What nobody can tell apart on a screen. The order is that in which they are applied.
EYE = (FORM, WIDTH, SIGNS, BLANKS, SCRIPT)
# What somebody who reads both says is one text.
READER = (FORM, QUOTES, WIDTH, SIGNS, BLANKS, SCRIPT, CAPITALS)
# The same for a number: nobody counts its zeros, and no blank belongs into it.
NUMBER = (*READER, ZEROS)
# What makes no difference between two entries of one short list, such as of tax codes.
ENTRY = (BLANKS, CAPITALS)


def folded(text: str, foldings: Sequence[Folding] = EYE) -> str:
    """A text without what these foldings take away: texts that are one have one folded text."""
    for one in foldings:
        text = one.fold(text)
    return text


def seen(text: str) -> str:
    """What the eye sees of a text: two texts that look the same are equal here."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return folded(text, EYE)


def trimmed(text: str) -> str:
    """A text without the blanks and invisible signs before and behind it; what is within it stays."""
    if "!" <= text[:1] <= "~" and "!" <= text[-1:] <= "~":
        return str(text)  # A code of a system's is a text of its own kind.
    start, end = 0, len(text)
    while start < end and _is_nothing(text[start]):
        start += 1
    while end > start and _is_nothing(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_nothing(char: str) -> bool:
    return char.isspace() or is_invisible(char)


def spelled_otherwise(one: str, other: str, foldings: Sequence[Folding] = READER) -> str | None:
    """In what two texts that mean the same differ, in words: "blanks and capitals"; empty if in nothing.

    None where they differ in more than these foldings take away: they are two texts.
    """
    if one == other:
        return ""
    if folded(one, foldings) != folded(other, foldings):
        return None
    needed = list(foldings)
    # The width takes away forms and blanks too: it is named only where nothing else explains it.
    for each in sorted(foldings, key=lambda folding: folding is not WIDTH):
        fewer = [kept for kept in needed if kept is not each]
        if folded(one, fewer) == folded(other, fewer):
            needed = fewer
    words = [each.words for each in needed]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def shown(text: str) -> str:
    """A text for a message: in quotation marks, with the name of each sign that can't be seen.

    `"145<U+200B>"`; of ordinary blanks the quotation marks show where they stand.
    """
    inner = [f"<U+{ord(char):04X}>" if _is_hidden(char) else char for char in text]
    return f'"{"".join(inner)}"'


def _is_hidden(char: str) -> bool:
    return char != " " and (is_invisible(char) or char.isspace())
