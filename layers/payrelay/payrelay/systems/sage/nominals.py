"""The nominals of a business, found by code however many zeros it is written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from payrelay.domain.invoices import Nominal, Side

from .models import LedgerAccount

T = TypeVar("T")


class Nominals(dict[str, Nominal]):
    """By code. Sage keeps codes as numbers, so that 0400 and 400 are one: looking up takes either."""

    def __missing__(self, code: str) -> Nominal:
        if (tidy := tidy_code(code)) == code:
            raise KeyError(code)
        return self[tidy]

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and super().__contains__(tidy_code(code))

    def get(self, code: str, default: T | None = None) -> Nominal | T | None:  # type: ignore[override]
        """The nominal of that code, in either way of writing."""
        return super().get(tidy_code(code), default)


def tidy_code(code: str) -> str:
    """A code of digits alone as Sage has it; any other is none of Sage's, and stays as it is."""
    return code.lstrip("0") or "0" if code.isascii() and code.isdigit() else code


def merged(accounts: Mapping[Side, Sequence[LedgerAccount]]) -> Nominals:
    """One nominal per code, with what to name on each side that shows it."""
    found = Nominals()
    for side, rows in accounts.items():
        for row in rows:
            if row.nominal_code is None:
                continue
            code = str(row.nominal_code)
            known = found.get(code)
            tax = {side: row.tax_rate.id} if row.tax_rate else {}
            found[code] = Nominal(
                code=code,
                name=known.name if known else row.name,
                ids={**(known.ids if known else {}), side: row.id},
                tax={**(known.tax if known else {}), **tax},
            )
    return found
