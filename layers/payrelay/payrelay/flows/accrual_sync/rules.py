"""Descriptions of Millennium and categories of TimeWorksPlus: which is which, by name alone (AC-2, AC-9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct, field

from payrelay.domain.spelling import READER, spelled_otherwise


class Code(Struct, frozen=True, array_like=True):
    """An accrual code of Millennium; `divides` where its Divisor is not 1."""

    code: str
    description: str
    decimals: int = 2
    divides: str = ""


class Category(Struct, frozen=True):
    """What became of one description: its category of TimeWorksPlus, or why it has none.

    `problem` is the code of the reason; `alike` is a category that only looks the same, and how it differs;
    `likely` are those that may be its new name.
    """

    description: str
    codes: tuple[Code, ...]
    category: str = ""
    problem: str = ""
    alike: tuple[str, str] | None = None
    likely: tuple[str, ...] = field(default=())

    def decimals_of(self, code: str) -> int:
        """How many decimals of a balance of this code count."""
        return next(one.decimals for one in self.codes if one.code == code)

    @property
    def code_names(self) -> str:
        """Its codes for a message: `SICK1, SICK2`."""
        return ", ".join(one.code for one in self.codes)


def trimmed(name: str) -> str:
    """A name without the blanks before and behind it, no-break ones too; nothing else is folded (AC-2)."""
    return name.strip()


def by_description(codes: Iterable[Code]) -> dict[str, tuple[Code, ...]]:
    """The codes of each description, trimmed: those that are equal then are one."""
    found: dict[str, tuple[Code, ...]] = {}
    for one in codes:
        name = trimmed(one.description)
        found[name] = (*found.get(name, ()), one)
    return found


def look_alike(name: str, others: Iterable[str]) -> tuple[str, str] | None:
    """A name that somebody who reads both takes for the same, and in what it differs."""
    for other in others:
        words = spelled_otherwise(name, trimmed(other), READER)
        if words:
            return other, words
    return None


def new_names(categories: Iterable[str], linked: Collection[str], descriptions: Collection[str]) -> list[str]:
    """The categories that were never linked: one of them may be the new name of one that is gone.

    Those that no description has come first.
    """
    fresh = [one for one in categories if trimmed(one) not in linked]
    return sorted(fresh, key=lambda one: trimmed(one) in descriptions)


def mapped(
    codes: Iterable[Code],
    accrue_up: Sequence[str],
    punch: Collection[str],
    linked: Collection[str] = (),
) -> Mapping[str, Category]:
    """Each description with its category, where Millennium is the system of record (AC-2).

    Several codes may share one; what holds one employee's balance is decided for each employee.
    """
    categories = {trimmed(one): one for one in reversed(accrue_up)}
    punched = {trimmed(one) for one in punch}
    grouped = by_description(codes)
    found: dict[str, Category] = {}
    for name, own in grouped.items():
        if name not in categories:
            alike = look_alike(name, accrue_up) if name else None
            likely = tuple(new_names(accrue_up, linked, grouped)) if name in linked else ()
            problem = "CATEGORY_RENAMED" if name in linked else "NO_SUCH_CATEGORY"
            found[name] = Category(name, own, "", problem, alike, likely)
        elif name not in punched:
            found[name] = Category(name, own, "", "NOT_IN_PUNCH_CATEGORIES", look_alike(name, punch))
        elif all(one.divides for one in own):
            found[name] = Category(name, own, categories[name], "DIVISOR_NOT_ONE")
        else:
            found[name] = Category(name, own, categories[name])
    return found
