"""The two systems of one connection; a client is made when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from payrelay.systems.millennium.client import MillenniumClient
    from payrelay.systems.timeworksplus.client import TimeWorksPlusClient


class Systems(Struct, dict=True):
    """The clients; `company` is the company code in Millennium, `site` the site in TimeWorksPlus."""

    client_of: Any
    company: str
    site: str

    @cached_property
    def millennium(self) -> MillenniumClient:
        """Millennium, of this company."""
        client: MillenniumClient = self.client_of("millennium")
        return client

    @cached_property
    def timeworksplus(self) -> TimeWorksPlusClient:
        """TimeWorksPlus, of this site."""
        client: TimeWorksPlusClient = self.client_of("timeworksplus")
        return client
