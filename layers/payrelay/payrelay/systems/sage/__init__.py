"""Sage Accounting: contacts, nominals and documents of one business."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.systems.http.door import DoorOptions

from .businesses import active_businesses
from .client import SageClient
from .endpoint import SYSTEM


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> SageClient:
    """The client for these credentials; makes no call."""
    if "company_id" not in credentials:
        raise CredentialsRefused(SYSTEM, "no business was chosen; connect again")
    business = credentials["company_id"].reveal()
    return SageClient(base_url, credentials["access_token"], business, options=options)


def companies(base_url: str, access_token: Secret, options: DoorOptions) -> dict[str, str]:
    """The businesses that the token reaches and that have an active subscription, by id: their names."""
    return active_businesses(base_url, access_token, options)
