"""Settings of connections with Bulletin."""

from __future__ import annotations

from pydantic import Field

from payrelay.flows.settings import Common, Model


class BulletinAddress(Model):
    """Where Bulletin is."""

    base_url: str = "https://api.bulletin.example"


class Settings(Common):
    """A connection of kind `bulletin`."""

    bulletin: BulletinAddress = Field(default_factory=BulletinAddress.model_construct)
