"""Which accounts of a package may be one of AutoVu's: by what they are found, why, and how surely (IN-5).

Every package searches its accounts in its own way; what is searched for, what counts as evidence, and which
of those found are suggested in which order, is the same for all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from payrelay.domain.invoices import NO_TRAITS, Account, Suggestion, Traits
from payrelay.domain.spelling import CAPITALS, READER, Folding, folded, seen, spelled_otherwise

MOST_ALIKE = 10
# Names that are less alike than this have no more in common than any two.
ALIKE = 0.8
# All words of one are words of the other: a branch, a department, a sub-customer.
_CONTAINED = 0.85
# How sure each piece of evidence makes; the same name is all that a person may link without a look (IN-5).
_TAX, _EMAIL, _NUMBER, _READS_THE_SAME, _MEANS_THE_SAME, _SIMILAR = 0.98, 0.95, 0.9, 0.94, 0.9, 0.85
_SUREST = 0.99

# --- names that mean the same ----------------------------------------------------------------------------

_FORMS = {
    "limited": "ltd",
    "incorporated": "inc",
    "company": "co",
    "corporation": "corp",
    "aktieselskab": "as",
    "aksjeselskap": "as",
    "aktiebolag": "ab",
}
_COMPANY_FORMS = frozenset(
    [
        *("ab", "ag", "aps", "as", "asa", "bv", "co", "corp", "gmbh", "inc", "kg", "llc", "llp", "ltd"),
        *("messrs", "mr", "mrs", "nv", "oy", "plc", "pty", "sa", "sarl", "spa", "srl", "the"),
    ]
)
_STROKES = str.maketrans("øæœßłđðıØÆŒẞŁĐÐİ", "oaoslddiOAOSLDDI")
# What a letter with an accent is written as where a keyboard has none: ü as ue, å as aa, ß as ss.
_WRITTEN_OUT = re.compile(r"(?<=[aou])e|(?<=a)a|(?<=s)s", re.IGNORECASE)
_AND = re.compile(r"[&+]")
_APART = re.compile(r"[-/\\_,;:()\[\]|]")
_NOTHING = re.compile(r"[^\w\s]")


def _without_punctuation(text: str) -> str:
    text = _APART.sub(" ", _AND.sub(" and ", text))
    return " ".join(_NOTHING.sub("", text).split())


def _plain_letters(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.translate(_STROKES))
    return _WRITTEN_OUT.sub("", "".join(char for char in letters if not unicodedata.combining(char)))


def _without_company_form(text: str) -> str:
    words = [_FORMS.get(word.casefold(), word) for word in text.split()]
    return " ".join([word for word in words if word.casefold() not in _COMPANY_FORMS] or words)


# ß is no other case of ss, so that what differs is called by its name.
_READ = tuple(Folding(one.words, str.lower) if one is CAPITALS else one for one in READER)
# On what these leave: small letters, single blanks, plain quotation marks.
MEANING = (
    *_READ,
    Folding('punctuation or "and"', _without_punctuation),
    Folding("the company's form (Ltd, The)", _without_company_form),
    Folding("accents or how they are written out (ü, ue)", _plain_letters),
    Folding("the order of its words", lambda text: " ".join(sorted(text.split()))),
)
_IN_ORDER = MEANING[:-1]


def likeness(name: str, other: str) -> float:
    """How alike two names are, whatever their spelling: 1 the same, 0 nothing in common."""
    # Read only where an account is looked for: no run needs it whose accounts are linked.
    from jellyfish import jaro_winkler_similarity  # noqa: PLC0415

    if name == other:
        return 1.0
    pairs = [(_compared(name, foldings), _compared(other, foldings)) for foldings in (_IN_ORDER, MEANING)]
    if not all(map(all, pairs)):
        return 0.0
    ours, theirs = (set(text.split()) for text in pairs[0])
    part = min(ours, theirs, key=len)
    whole = part == ours & theirs and any(map(_tells, part))
    contained = _CONTAINED if whole else 0.0
    return max(contained, *(jaro_winkler_similarity(*pair) for pair in pairs))


def _compared(name: str, foldings: Sequence[Folding]) -> str:
    """What of a name is compared: not the "and" that so many have."""
    return " ".join(word for word in folded(name, foldings).split() if word != "and")


# --- evidence --------------------------------------------------------------------------------------------

_AROUND_A_TAX_NUMBER = re.compile(r"^[A-Z]{2}(?=[A-Z0-9])|(?:MVA|TVA|IVA|VAT)$")
_FEWEST_DIGITS = 5


def suggested(name: str, known: Traits, account: Account) -> Suggestion:
    """An account with what speaks for it; without any evidence its score is 0."""
    spelled = spelled_otherwise(name, account.name, _READ)
    of_name, words = _of_name(name, account.name, spelled)
    found = {
        "same tax number": _TAX if same_tax_number(known.tax_number, account.tax_number) else 0.0,
        "same e-mail": _EMAIL if _same_email(known.email, account.email) else 0.0,
        "same account number": _NUMBER if _same_number(known.numbers, account) else 0.0,
        words: of_name,
    }
    told = {evidence: strength for evidence, strength in found.items() if strength}
    doubt = 1.0
    for strength in told.values():
        doubt *= 1 - strength
    score = 1.0 if spelled == "" else round(min(1 - doubt, _SUREST), 2)
    return Suggestion(account, tuple(told), score if told else 0.0, spelled)


def _of_name(name: str, other: str, spelled: str | None) -> tuple[float, str]:
    """What the name alone says."""
    if spelled is not None:
        return (_READS_THE_SAME, f"same but for {spelled}") if spelled else (1.0, "same name")
    meant = spelled_otherwise(name, other, MEANING)
    # A name of nothing but signs has no meaning to compare.
    if meant is not None and folded(name, MEANING):
        return _MEANS_THE_SAME, f"same but for {meant}"
    alike = likeness(name, other)
    return (alike * _SIMILAR, f"similar name ({alike:.2f})") if alike >= ALIKE else (0.0, "")


def same_tax_number(one: str | None, other: str | None) -> bool:
    """Whether two tax numbers are one: with or without its country, whatever stands between its digits."""
    ours, theirs = tax_numbers(one), tax_numbers(other)
    if not ours or not theirs:
        return False
    countries = {text[0][:2] for text in (ours, theirs) if text[0][:2].isalpha()}
    return ours[-1] == theirs[-1] and len(countries) <= 1


def tax_numbers(text: str | None) -> tuple[str, ...]:
    """The forms in which a tax number is written, shortest last: as it is, tight, without its country."""
    plain = folded(text or "", READER).upper()
    tight = "".join(char for char in plain if char.isalnum())
    bare = _AROUND_A_TAX_NUMBER.sub("", tight)
    # Vendors show some numbers only by their last digits, and placeholders have none.
    usable = (
        sum(char.isdigit() for char in bare) >= _FEWEST_DIGITS and "XXX" not in tight and "*" not in plain
    )
    return tuple(dict.fromkeys((tight, bare))) if usable else ()


def _same_email(one: str | None, other: str | None) -> bool:
    return bool(one and other and "@" in one and folded(one, READER) == folded(other, READER))


def _same_number(numbers: Iterable[str], account: Account) -> bool:
    theirs = folded(account.number or "", READER)
    return bool(theirs) and any(folded(number, READER) == theirs for number in numbers)


def ranked(name: str, found: Iterable[Account], known: Traits = NO_TRAITS) -> list[Account]:
    """All that read the same as the name, and the ten that most else speaks for; each account once."""
    judged = suggestions(name, {one.id: one for one in found}.values(), known)
    others = [one for one in judged if one.spelled is None]
    left_out = {one.account.id for one in others[MOST_ALIKE:]}
    return [one.account for one in judged if one.account.id not in left_out]


def has_namesake(name: str, found: Iterable[Account]) -> bool:
    """Whether the one of exactly this name is among them: others are no longer looked for."""
    return any(one.active and one.name == name for one in found)


def suggestions(name: str, found: Iterable[Account], known: Traits) -> list[Suggestion]:
    """Accounts that were found as suggestions, the surest first; what nothing speaks for is left out."""
    judged = sorted((suggested(name, known, one) for one in found), key=_place)
    return [one for one in judged if one.score]


def _place(one: Suggestion) -> tuple[object, ...]:
    """The very name first; then tax number and e-mail, which names come second to."""
    evidence = one.evidence
    account = one.account
    return (
        one.spelled != "",
        "same tax number" not in evidence,
        "same e-mail" not in evidence,
        one.spelled is None,
        not account.active,
        -one.score,
        account.name,
        account.id,
    )


# --- what is searched for --------------------------------------------------------------------------------

# Short words and these find too much: "The Old Forge Ltd" is searched for by Old and Forge.
_EMPTY_WORDS = _COMPANY_FORMS | frozenset(_FORMS) | {"and", "van", "von", "der", "und", "och", "og"}
# These many companies have, so that others are taken first.
_WEAK_WORDS = frozenset(
    ["group", "holding", "holdings", "international", "partners", "services", "solutions", "sons", "trading"]
)
_SHORTEST, _SHORTEST_PART, _LONGEST, _TWO_WORDS = 3, 2, 30, 2
_HALVED = 5
_WORD = re.compile(r"[^\W_]+")
# Where spellings differ: letters with accents, and how they are written out.
_UNSURE = re.compile("[\u0080-\u024f]|[aouAOU][eE]|[aA]{2}|[sS]{2}")


def search_words(name: str) -> tuple[str, ...]:
    """One or two texts, of which each account that is called so, or nearly so, contains at least one.

    The beginnings of two words that tell one company from another, for a slip is in one of them, or behind;
    of a single word its two halves. Letters that may be spelled otherwise are left out: Müller and Mueller
    are both found by ler.
    """
    words: list[str] = _WORD.findall(seen(name))
    telling = sorted((one for one in words if _tells(one)), key=lambda one: one.casefold() in _WEAK_WORDS)
    if len(telling) == 1 and len(telling[0]) >= _HALVED:
        word, half = telling[0], max(len(telling[0]) // 2, _SHORTEST)
        sure = [_sure_part(word[:half]), _sure_part(word[-half:])]
    else:
        sure = [_beginning(_sure_part(one)) for one in telling[:_TWO_WORDS]]
    found = tuple(dict.fromkeys(filter(None, sure)))
    whole = telling[:1] or words[:1] or [name.strip()]
    return found or tuple(one[:_LONGEST] for one in whole if one)


def _beginning(word: str) -> str:
    """Two thirds of a word: Caf of Cafe and Café, Farm of Farming and Farms."""
    return word[: max(_SHORTEST, (2 * len(word) + 2) // 3)]


def _tells(word: str) -> bool:
    """Whether a word tells one company from another."""
    return len(word) >= _SHORTEST and word.casefold() not in _EMPTY_WORDS


def _sure_part(word: str) -> str:
    """The longest part of a word that is spelled in one way only; empty where it is too short."""
    parts = [part for part in _UNSURE.split(word) if part]
    longest = max(parts, key=len, default="")
    return longest[:_LONGEST] if longest == word or len(longest) >= _SHORTEST_PART else ""
