"""Exact Synergy Enterprise: the persons of a customer's own server, their managers and their roles."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import SynergyClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> SynergyClient:
    """The client for this server and user; makes no call."""
    return SynergyClient(base_url, credentials["username"], credentials["password"], options=options)
