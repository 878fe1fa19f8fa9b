"""What the tests of the systems share: a scripted server, and options whose time stands still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.registry import System
from payrelay.systems.sessions import SESSION_TOKEN
from tests.systems.loopback import Loopback, Reply, serving
from tests.worlds.structs import replace

NOW = datetime(2026, 2, 9, 6, 0, tzinfo=UTC)
COMPANY = "0d40342d0287cd6b13555c54afca6c90"
# What a room is told of the connection's settings.
TOLD = "51234"


def credentials(row: System, token: str, company: str = COMPANY) -> dict[str, Secret]:
    """What the client of a system is connected with: the fields to enter, or what a consent gave."""
    if row.oauth is not None:
        return {"access_token": Secret(token), "company_id": Secret(company)}
    told = dict.fromkeys(row.told, Secret(TOLD))
    session = {SESSION_TOKEN: Secret(token)} if row.session else {}
    return {**{field.name: Secret(token) for field in row.credentials}, **told, **session}


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Running]:
    """All sandboxes, without the vendors' limits on calls."""
    with running(options=Options(rate_limits=False, hold_seconds=0.5)) as served:
        yield served


@dataclass
class Bench:
    """Options for a door on loopback, and the pauses it took."""

    options: DoorOptions
    pauses: list[float] = field(default_factory=list)
    calls: list[tuple[str, str, str, int]] = field(default_factory=list)

    def waiting_for(self, answer: Reply) -> DoorOptions:
        """The options, with little patience where the script holds its answer back."""
        return replace(self.options, read_timeout=0.4) if answer.then == "hold" else self.options


@pytest.fixture
def bench() -> Bench:
    pauses: list[float] = []
    calls: list[tuple[str, str, str, int]] = []

    def on_call(system: str, method: str, path: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        calls.append((system, method, path, status))

    options = DoorOptions(
        allow_loopback=True,
        read_timeout=10.0,
        paced=False,
        sleep=pauses.append,
        now=lambda: NOW,
        jitter=lambda: 0.0,
        on_call=on_call,
    )
    return Bench(options, pauses, calls)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with serving() as server:
        yield server
