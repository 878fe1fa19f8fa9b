"""Simployer One: employees, employments and leave, read only."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import SimployerClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> SimployerClient:
    """The client for these credentials; makes no call."""
    return SimployerClient(base_url, credentials["access_token"], options=options)
