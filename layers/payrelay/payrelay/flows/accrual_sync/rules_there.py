"""What TimeWorksPlus has that the set-up is about: its processing rules, and categories that are hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from msgspec import Struct

from payrelay.domain.runs import Check
from payrelay.flows.accrual_sync.places import DOWN, PUNCH
from payrelay.flows.accrual_sync.rules import trimmed
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.systems.timeworksplus.client import ACCRUE_DOWN, ACCRUE_UP
from payrelay.systems.timeworksplus.client import PUNCH as PUNCH_CATEGORIES
from payrelay.systems.timeworksplus.models import ProcessingRule


class Rules(Struct, frozen=True):
    """The three of them; None where the site has no such rule."""

    up: ProcessingRule | None
    punch: ProcessingRule | None
    down: ProcessingRule | None

    @classmethod
    def read(cls, systems: Systems) -> Rules:
        """As the site has them now."""
        rule = systems.timeworksplus.rule
        return cls(rule(ACCRUE_UP), rule(PUNCH_CATEGORIES), rule(ACCRUE_DOWN))

    def each(self, categories: Iterable[str], *, must_be_lowered: bool) -> Iterator[Check]:
        """Whether each of these stands in PunchCategories and in AccrueDownScript."""
        wanted = list(categories)
        punched = [one for one in wanted if not _is_listed(one, self.punch)]
        name = "each category that is synced stands in PunchCategories"
        if punched:
            remedy = f"Add {_quoted(punched)} to PunchCategories in TimeWorksPlus: {PUNCH}."
            yield Check(name, False, f"missing: {_quoted(punched)}", remedy, keys=tuple(punched))
        else:
            yield Check(name, True, _quoted(wanted) or "none is synced")
        kept = [one for one in wanted if not _is_listed(one, self.down)]
        name = "each category that is synced stands in AccrueDownScript"
        if kept:
            seen = f"missing: {_quoted(kept)}, so that hours used are never taken off"
            remedy = f"Add {_quoted(kept)} to AccrueDownScript in TimeWorksPlus: {DOWN}."
            yield Check(name, False if must_be_lowered else None, seen, remedy, keys=tuple(kept))
        else:
            yield Check(name, True, _quoted(wanted) or "none is synced")


def hidden(systems: Systems, today: date) -> Iterator[Check]:
    """Categories that employees do not see, of the site or among the first page of its people (LB-7)."""
    found: dict[str, int] = defaultdict(int)
    for one in systems.timeworksplus.categories().take([]):
        if one.is_hidden:
            found[one.category] += 0
    for page in islice(systems.timeworksplus.balances(today), 1):
        for person in page.take([]):
            for balance in person.balances:
                if balance.is_hidden:
                    found[balance.category] += 1
    name = "no category is hidden"
    if not found:
        yield Check(name, True, "none is")
        return
    seen = ", ".join(f'"{one}"{_of(count)}' for one, count in found.items())
    remedy = "Nothing to do if that is meant: their balances are kept, and they stay hidden on time cards."
    yield Check(name, None, seen, remedy, keys=tuple(found))


def _of(count: int) -> str:
    return f" (of {count} employee{'' if count == 1 else 's'})" if count else ""


def _is_listed(category: str, rule: ProcessingRule | None) -> bool:
    return rule is not None and trimmed(category) in {trimmed(one) for one in rule.categories}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{one}"' for one in names)
