"""Millennium: accrual codes, balances, checks and the payroll calendar of one company."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.sessions import SESSION_TOKEN

from .client import MillenniumClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> MillenniumClient:
    """The client for this company and user; makes no call."""
    return MillenniumClient(
        base_url,
        credentials["company"].reveal(),
        (credentials["username"], credentials["password"]),
        token=credentials.get(SESSION_TOKEN),
        options=options,
    )
