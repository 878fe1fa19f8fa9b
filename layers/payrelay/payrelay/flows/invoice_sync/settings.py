"""What may be set of the document sync alone: tax codes, rates, and the options of its runs (IN-2, IN-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from payrelay.flows.settings import Model

Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Rate: TypeAlias = Annotated[Decimal, Field(ge=0, le=100)]
TaxRates: TypeAlias = Annotated[
    dict[Text, Rate],
    Field(
        description="tax selector in AutoVu → rate in per cent, for those that are not in `tax_codes`: "
        "serves where one tax code alone of the package has it",
    ),
]
TaxCodes: TypeAlias = Annotated[
    dict[Text, Text | Annotated[list[Text], Field(min_length=1, max_length=20)]],
    Field(
        description="tax selector in AutoVu → the package's own tax code, by name or id; several where sales "
        "and purchases, or the days before and after a change of rate, have codes of their own",
    ),
]
USUAL_RATES = {"T0": Decimal(0), "T1": Decimal(20), "T5": Decimal(5)}


def names_of(codes: dict[str, str | list[str]]) -> dict[str, tuple[str, ...]]:
    """The names or ids of the package's tax codes, by AutoVu's selectors."""
    return {
        selector: (named,) if isinstance(named, str) else tuple(named) for selector, named in codes.items()
    }


class InvoiceSyncOptions(Model):
    """What one run of `invoice_sync` may be asked for: nothing; the list says which documents are next."""
