"""Xero: contacts, nominals, tax rates, invoices, bills and credit notes of one organisation."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.rows import all_of

from .client import XeroClient
from .endpoint import SYSTEM, Endpoint


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> XeroClient:
    """The client for this token and organisation (`company_id`, Xero's tenantId); makes no call."""
    if "company_id" not in credentials:
        raise CredentialsRefused(SYSTEM, "not given: the organisation; connect again and choose one")
    tenant_id = credentials["company_id"].reveal()
    return XeroClient(base_url, credentials["access_token"], tenant_id, options=options)


def companies(base_url: str, access_token: Secret, options: DoorOptions) -> dict[str, str]:
    """The organisations that a consent reaches: tenantId to name."""
    organisations = Endpoint(base_url, access_token, None, options).organisations()
    return {one.tenant_id: one.tenant_name for one in all_of(organisations, SYSTEM)}
