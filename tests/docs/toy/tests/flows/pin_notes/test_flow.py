"""Runs of pinning notes: the engine, real HTTP, and the sandbox of Bulletin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox.running import running
from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.domain.sensitive import Secret
from payrelay.systems.registry import SYSTEMS
from tests.worlds.run import CONNECTION, TENANT, World

pytestmark = pytest.mark.requirement("TOY-1")
FLOW = "pin_notes"


class Kitchen(World):
    """A connection with one board."""

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        token = {"token": Secret("bulletin-sandbox-token")}
        return SYSTEMS[system].connect(settings[system]["base_url"], token, self.door)

    def connect(self, **settings: Any) -> Connection:
        at = self.engine.stamp()
        board = {"bulletin": {"base_url": self.urls["bulletin"]}, **settings}
        connection = Connection(
            TENANT, CONNECTION, "Kitchen", "bulletin", board, ConnectionStatus.CONNECTED, at, at
        )
        self.ledger.connections.create(connection)
        return connection


@pytest.fixture
def kitchen() -> Iterator[Kitchen]:
    memory = memory_ledger()
    with running(seed=True) as sandboxes:
        made = Kitchen(sandboxes.urls, memory.ledger, memory)
        made.connect()
        yield made


def test_a_run_pins_what_differs_and_a_second_one_nothing(kitchen: Kitchen) -> None:
    first = kitchen.run(FLOW)
    assert kitchen.outcomes(first) == {"n1": "updated", "n2": "created", "n3": "skipped"}
    assert kitchen.state("bulletin")["pins"] == [
        {"id": "n1", "text": "Buy milk"},
        {"id": "n2", "text": "Tea"},
    ]
    second = kitchen.run(FLOW)
    assert second.counts == {**dict.fromkeys(second.counts or (), 0), "unchanged": 2, "skipped": 1}


def test_a_preview_writes_nothing_and_a_replay_takes_just_what_is_asked_for(kitchen: Kitchen) -> None:
    before = kitchen.state("bulletin")
    preview = kitchen.run(FLOW, "preview")
    assert (preview.counts or {})["created"] == 1
    assert kitchen.state("bulletin") == before
    replayed = kitchen.run(FLOW, replay_of=preview.run_id, only=("n2",))
    assert kitchen.outcomes(replayed) == {"n2": "created"}
