"""The nominals of a business, by the code that Sage keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payrelay.domain.invoices import Nominal, Side

from .models import LedgerAccount


def tidy_code(code: str) -> str:
    """A code of digits alone as Sage has it, a number; any other is none of Sage's, and stays as it is."""
    return code.lstrip("0") or "0" if code.isascii() and code.isdigit() else code


def merged(accounts: Mapping[Side, Sequence[LedgerAccount]]) -> dict[str, Nominal]:
    """One nominal per code, with what to name on each side that shows it."""
    found: dict[str, Nominal] = {}
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
