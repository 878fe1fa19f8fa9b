"""What holds for the whole company: its codes and their categories, as both systems have them now (AC-2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from payrelay.domain.records import Outcome, Record
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import MILLENNIUM, company_record
from payrelay.flows.accrual_sync.rules import Category, Code, mapped, trimmed
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.systems.millennium.models import AccrualCode
from payrelay.systems.rows import BadRow
from payrelay.systems.timeworksplus.client import ACCRUE_UP, PUNCH


class SetUp(Struct, frozen=True):
    """Each description with its category, or why it has none; and codes that could not be read."""

    categories: Mapping[str, Category]
    unreadable: tuple[Record, ...] = ()

    @property
    def going(self) -> dict[str, Category]:
        """Those whose balances go to TimeWorksPlus."""
        return {name: one for name, one in self.categories.items() if not one.problem}

    @property
    def codes(self) -> dict[str, str]:
        """The description of each code whose balances go."""
        return {code.code: name for name, one in self.going.items() for code in one.codes}

    def said(self) -> list[Record]:
        """What is said once of each description whose balances do not go."""
        return [*self.unreadable, *(said_of(one) for one in self.categories.values() if one.problem)]

    def stored(self) -> Any:
        """As it is kept with a run, so that each page has the same."""
        return msgspec.to_builtins(list(self.going.values()))

    @classmethod
    def kept(cls, raw: Any) -> SetUp:
        """What `stored` made: those whose balances go."""
        return cls({one.description: one for one in msgspec.convert(raw, list[Category])})


def read_set_up(systems: Systems, linked: Collection[str]) -> SetUp:
    """Read codes and rules; `linked` are the descriptions that had a category before."""
    bad: list[BadRow] = []
    codes = [code_of(row) for row in systems.millennium.codes().take(bad)]
    up, punch = systems.timeworksplus.rule(ACCRUE_UP), systems.timeworksplus.rule(PUNCH)
    found = mapped(codes, up.categories if up else (), punch.categories if punch else (), linked)
    return SetUp(found, tuple(_unreadable(row) for row in bad))


def code_of(row: AccrualCode) -> Code:
    """A code as it is mapped; its divisor only where it is not 1."""
    divisor = row.divisor
    return Code(row.code, row.description, row.decimals, "" if divisor == 1 else f"{divisor}")


def label_of_category(description: str) -> str:
    """A description in messages: `The accrual "Vacation"`."""
    return f'The accrual "{description}"' if description else "An accrual without a Description"


def said_of(one: Category) -> Record:
    """Why the balances of a description do not go, said once."""
    label = label_of_category(one.description)
    coded = f"{'code' if len(one.codes) == 1 else 'codes'} {one.code_names}"
    values: dict[str, object] = {"label": label, "codes": one.code_names, "coded": coded}
    key = one.description or one.code_names
    outcome = Outcome.BLOCKED
    match one.problem:
        case "NO_SUCH_CATEGORY":
            outcome = Outcome.SKIPPED
            values["alike"] = _alike(one, "AccrueUpScript")
        case "NOT_IN_PUNCH_CATEGORIES":
            values["alike"] = _alike(one, "PunchCategories")
        case "CATEGORY_RENAMED":
            values |= {"name": one.description, "likely": _likely(one)}
        case _:
            values["divisor"] = ", ".join(f"{code.code}: {code.divides}" for code in one.codes)
    return company_record(key, label, outcome, reason(one.problem, **values))


def _alike(one: Category, rule: str) -> str:
    if one.alike is None:
        return ""
    other, differs = one.alike
    return f' {rule} has "{trimmed(other)}", which differs in {differs}: that is another name.'


def _likely(one: Category) -> str:
    if not one.likely:
        return ""
    names = " or ".join(f'"{trimmed(name)}"' for name in one.likely)
    return f" Its new name there is likely {names}."


def _unreadable(row: BadRow) -> Record:
    name = row.id or row.number
    label = f"The accrual code {name}"
    return company_record(name or "?", label, Outcome.BLOCKED, row.why(label, MILLENNIUM))
