"""The settings of AutoVu to an accounting package, as its flow has them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, create_model

from payrelay.flows.invoice_sync.settings import USUAL_RATES, TaxCodes, TaxRates, Text
from payrelay.flows.settings import Common, Model
from payrelay.systems.registry import PACKAGES, SYSTEMS, System


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
    tax_rates: TaxRates = USUAL_RATES
    tax_codes: TaxCodes = {}


Settings = create_model(
    "Settings", __base__=_Settings, __doc__="A connection of kind `autovu_accounting`.", **_ADDRESSES
)
