"""QuickBooks Online: customers, suppliers, nominals and documents, over the Accounting API v3."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.systems.http.door import DoorOptions

from .client import QuickBooksClient
from .refusals import SYSTEM


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> QuickBooksClient:
    """The client for one company, whose realmId came with the consent; makes no call."""
    if "company_id" not in credentials:
        raise CredentialsRefused(SYSTEM, "not given: the company of the consent; connect again")
    company = credentials["company_id"].reveal()
    return QuickBooksClient(base_url, credentials["access_token"], company, options=options)
