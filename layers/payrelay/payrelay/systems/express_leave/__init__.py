"""Express Leave: the users of one company, their leave balances, and the syncs that its screen shows."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import ExpressLeaveClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> ExpressLeaveClient:
    """The client for this company and its key; makes no call."""
    company_id = credentials["company_id"].reveal()
    return ExpressLeaveClient(base_url, company_id, credentials["api_key"], options=options)
