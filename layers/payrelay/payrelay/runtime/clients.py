"""One client of a service for each session that is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.config import Config

if TYPE_CHECKING:
    from boto3 import Session

# Clients are slow to make, and each takes a megabyte; one worker needs one, the API a few.
KEPT = 8
# For so many days what was put away can be restored: the most that Secrets Manager offers.
RECOVERED_DAYS = 30
# An answer takes some milliseconds. A busy service is asked again within the time that the API has.
HASTE = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})
# For who asks again by itself, and knows how much time is left for that.
ONCE = HASTE.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


class Clients:
    """The clients of one service; a session that was replaced takes its client along."""

    def __init__(self, service: Any, config: Config = HASTE) -> None:
        self._service, self._config = service, config
        self._kept: list[tuple[Session, Any]] = []

    def of(self, session: Session) -> Any:
        """The client of a session."""
        for known, client in self._kept:
            if known is session:
                return client
        client = session.client(self._service, config=self._config)
        self._kept = [*self._kept[1 - KEPT :], (session, client)]
        return client
