"""Which category of TimeWorksPlus is which code of Millennium: one each, by Description (AC-6, AC-9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from payrelay.flows.accrual_sync.rules import Code, look_alike, trimmed


class Problem(Struct, frozen=True):
    """Why a category as a whole does not go: a code of `reasons.py`, and what its message names."""

    category: str
    code: str
    values: Mapping[str, str] = {}


class Fit(Struct, frozen=True):
    """Categories with the code of each, and what is to be said of the others, once each.

    `links` are the codes by category that are to be kept from now on, `settled` the categories of old links
    that nothing depends on any more.
    """

    pairs: Mapping[str, Code]
    problems: tuple[Problem, ...] = ()
    links: Mapping[str, str] = {}
    settled: tuple[str, ...] = ()


def fit(categories: Sequence[str], codes: Sequence[Code], linked: Mapping[str, str]) -> Fit:
    """Each category with its code (AC-6, AC-9); `linked` are the codes by category that went before.

    Outer blanks do not count, all else does. While a category that went before is gone from TimeWorksPlus,
    and its code still bears its name, one that is new may be the same under another name: it waits.
    """
    names = [trimmed(one) for one in categories]
    by_name: dict[str, list[Code]] = {}
    for one in codes:
        by_name.setdefault(trimmed(one.description), []).append(one)
    known = {one.code: trimmed(one.description) for one in codes}
    missing = [one for one in linked if one not in names]
    gone = [one for one in missing if known.get(linked[one]) == one]
    unknown = [one for one in dict.fromkeys(names) if one not in linked]
    pairs: dict[str, Code] = {}
    problems = [_gone(one, linked[one], unknown) for one in gone]
    for name in dict.fromkeys(names):
        found = _judged(name, names, by_name, known, linked)
        if isinstance(found, Problem):
            problems.append(found)
        elif gone and name in unknown:
            problems.append(_may_be(name, found, gone, linked))
        else:
            pairs[name] = found
    links = {name: code.code for name, code in pairs.items() if linked.get(name) != code.code}
    return Fit(pairs, tuple(problems), links, tuple(one for one in missing if one not in gone))


def _judged(
    name: str,
    names: Sequence[str],
    by_name: Mapping[str, Sequence[Code]],
    known: Mapping[str, str],
    linked: Mapping[str, str],
) -> Code | Problem:
    """The one code of a category, or why it has none."""
    if names.count(name) > 1:
        return Problem(name, "TWO_CATEGORIES")
    found = by_name.get(name, ())
    if len(found) > 1:
        return Problem(name, "TWO_CODES_FOR_CATEGORY", {"codes": listed(one.code for one in found)})
    if found and found[0].divides:
        return Problem(name, "DIVISOR_NOT_ONE", {"codes": found[0].code, "divisor": found[0].divides})
    if found:
        return found[0]
    if name in linked:
        code = linked[name]
        return Problem(name, "CODE_RENAMED", {"codes": code, "now": known.get(code, "")})
    every = [one for ones in by_name.values() for one in ones]
    alike = [one for one in every if look_alike(name, [one.description])]
    return Problem(name, "NO_CODE_FOR_CATEGORY", {"alike": described(alike)})


def _gone(name: str, code: str, unknown: Sequence[str]) -> Problem:
    return Problem(name, "CATEGORY_GONE", {"codes": code, "likely": listed(unknown, "or")})


def _may_be(name: str, code: Code, gone: Sequence[str], linked: Mapping[str, str]) -> Problem:
    values = {"codes": code.code, "gone": listed(gone), "before": listed(linked[one] for one in gone)}
    return Problem(name, "CATEGORY_NEW", values)


def two_to_one(categories: Iterable[str], codes: Iterable[Code]) -> dict[str, list[str]]:
    """The categories that more than one code has as its Description, with those codes (AC-6)."""
    found: dict[str, list[str]] = {trimmed(one): [] for one in categories}
    for one in codes:
        if trimmed(one.description) in found:
            found[trimmed(one.description)].append(one.code)
    return {name: ones for name, ones in found.items() if len(ones) > 1}


def described(codes: Iterable[Code]) -> str:
    """Codes with their Descriptions, for a message."""
    return ", ".join(f'{one.code} "{one.description}"' for one in codes)


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names for a message: "A", "A and B", "A, B and C"."""
    found = list(names)
    return f" {last} ".join(part for part in (", ".join(found[:-1]), *found[-1:]) if part)
