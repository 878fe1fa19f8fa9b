"""AutoVu Workforce Manager: documents marked for sync, their accounts, and the write-back."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import AutoVuClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> AutoVuClient:
    """The client for these credentials; makes no call."""
    return AutoVuClient(base_url, credentials["integration_key"], options=options)
