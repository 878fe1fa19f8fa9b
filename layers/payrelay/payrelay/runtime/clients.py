"""One client of a service for each session that is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3 import Session

# Clients are slow to make, and each takes a megabyte; one worker needs one, the API a few.
KEPT = 8


class Clients:
    """The clients of one service; a session that was replaced takes its client along."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self._kept: list[tuple[Session, Any]] = []

    def of(self, session: Session) -> Any:
        """The client of a session."""
        for known, client in self._kept:
            if known is session:
                return client
        client = session.client(self._service)
        self._kept = [*self._kept[1 - KEPT :], (session, client)]
        return client
