"""TimeWorksPlus: balances, pay periods and processing rules of one site."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.address import is_loopback
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.sessions import SESSION_TOKEN

from .client import SIGN_IN, TimeWorksPlusClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> TimeWorksPlusClient:
    """The client for this site and its issuer; makes no call. The local stack has one address for both."""
    return TimeWorksPlusClient(
        (base_url, base_url if is_loopback(base_url) else SIGN_IN),
        credentials["site_id"].reveal(),
        (credentials["issuer_id"], credentials["api_secret"]),
        token=credentials.get(SESSION_TOKEN),
        options=options,
    )
