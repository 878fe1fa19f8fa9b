"""Xledger: employees, contacts, lookups and absences, read and written over GraphQL."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import XledgerClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> XledgerClient:
    """The client for these credentials; makes no call."""
    return XledgerClient(base_url, credentials["api_token"], options=options)
