"""Attaché Online, the cloud side of Attaché Payroll: employees, leave balances and leave tables."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.systems.http.door import DoorOptions

from .client import SYSTEM, AttacheClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> AttacheClient:
    """The client for the organisation that came with the consent; makes no call."""
    if "company_id" not in credentials:
        raise CredentialsRefused(SYSTEM, "not given: the organisation of the consent; connect again")
    organisation = credentials["company_id"].reveal()
    return AttacheClient(base_url, credentials["access_token"], organisation, options=options)
