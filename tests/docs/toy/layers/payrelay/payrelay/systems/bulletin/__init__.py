"""Bulletin: a notice board, its notes, and what is pinned to it."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import BulletinClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> BulletinClient:
    """The client for this board; makes no call."""
    return BulletinClient(base_url, credentials["token"], options=options)
