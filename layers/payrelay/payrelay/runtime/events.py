"""The event bus (EVT-1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from payrelay.domain.groups import in_groups

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "payrelay"
PUT_LIMIT = 10


class EventBus:
    """Publishes to one bus; an event that the bus did not take raises, so that the step is repeated."""

    def __init__(self, client: EventBridgeClient, bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Publish (detail type, detail) pairs, ten at a time."""
        for group in in_groups(events, PUT_LIMIT):
            answer = self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._bus,
                        "Source": SOURCE,
                        "DetailType": detail_type,
                        "Detail": json.dumps(detail),
                    }
                    for detail_type, detail in group
                ]
            )
            if answer["FailedEntryCount"]:
                raise RuntimeError(f"{answer['FailedEntryCount']} events were not taken by {self._bus}")
