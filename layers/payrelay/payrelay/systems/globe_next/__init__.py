"""Exact Globe Next: the ledgers of one or more companies, each a database of its own."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import GlobeNextClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> GlobeNextClient:
    """The client for this server and user; makes no call."""
    return GlobeNextClient(base_url, credentials["username"], credentials["password"], options=options)
