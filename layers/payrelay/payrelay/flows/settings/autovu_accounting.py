"""The settings of AutoVu to an accounting package, and the options of its runs (IN-2, IN-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, create_model

from payrelay.flows.settings import Common, Model
from payrelay.systems.registry import PACKAGES, SYSTEMS, System

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Rate = Annotated[Decimal, Field(ge=0, le=100)]


class AutoVuAddress(Model):
    """Where the tenant's AutoVu is: every tenant has a host of its own."""

    base_url: Text = Field(description="the tenant's own address")


def _address(row: System) -> type[Model]:
    """Where a package is; and which company, where a consent may reach several."""
    fields: dict[str, Any] = {"base_url": (Text, row.base_url)}
    if row.oauth and row.oauth.reaches_several:
        company = Field(None, description="which company, if the consent reaches several")
        fields["company_id"] = (Text | None, company)
    label = "".join(row.label.split())
    return create_model(f"{label}Address", __base__=Model, __doc__=f"Where {row.label} is.", **fields)


_ADDRESSES: dict[str, Any] = {
    name: (made := _address(SYSTEMS[name]), Field(default_factory=made.model_construct)) for name in PACKAGES
}


class _Settings(Common):
    package: Literal[PACKAGES] = Field(  # type: ignore[valid-type]  # those that the registry has
        description="the accounting package that documents go to"
    )
    autovu: AutoVuAddress
    tax_rates: dict[Text, Rate] = Field(
        {"T0": Decimal(0), "T1": Decimal(20), "T5": Decimal(5)},
        description="tax selector in AutoVu → rate in per cent, by which the package's tax code is found",
    )


Settings = create_model(
    "Settings", __base__=_Settings, __doc__="A connection of kind `autovu_accounting`.", **_ADDRESSES
)


class InvoiceSyncOptions(Model):
    """What one run of `invoice_sync` may be asked for: nothing; the list says which documents are next."""
