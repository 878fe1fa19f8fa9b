"""What may be set of the document sync alone: rates of tax, and the options of its runs (IN-2, IN-3)."""

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
        description="tax selector in AutoVu → rate in per cent, by which the package's tax code is found",
    ),
]
USUAL_RATES = {"T0": Decimal(0), "T1": Decimal(20), "T5": Decimal(5)}


class InvoiceSyncOptions(Model):
    """What one run of `invoice_sync` may be asked for: nothing; the list says which documents are next."""
