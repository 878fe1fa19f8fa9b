"""Stands at every call that leaves the process, to AWS and to vendors, and lets it die at the k-th edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from payrelay.systems import http
from payrelay.systems.http import Call
from tests.flows.conftest import Crash


class Saboteur(http.Observer):
    """Counts the edges of calls: before it leaves, and after its answer came. Dies at edge `at`."""

    def __init__(self, at: int | None = None) -> None:
        super().__init__()
        self.edges = 0
        self.at = at
        self.seen: list[str] = []

    def edge(self, name: str) -> None:
        """One more edge; the end, if it is the chosen one."""
        number, self.edges = self.edges, self.edges + 1
        self.seen.append(name)
        if number == self.at:
            raise Crash(f"at edge {number}: {name}")

    def before(self, call: Call) -> None:
        self.edge(f"before {call.system} {call.method}")

    def after(self, call: Call) -> None:
        self.edge(f"after {call.system} {call.method}")

    def before_aws(self, model: Any, **_: Any) -> None:
        self.edge(f"before {model.name}")

    def after_aws(self, model: Any, **_: Any) -> None:
        self.edge(f"after {model.name}")


@contextmanager
def sabotage(monkeypatch: pytest.MonkeyPatch, clients: list[Any], at: int | None) -> Iterator[Saboteur]:
    """A saboteur at the door and at these boto3 clients, for as long as the block lasts."""
    saboteur = Saboteur(at)
    with monkeypatch.context() as patched:
        patched.setattr(http, "observer", saboteur)
        for client in clients:
            client.meta.events.register("before-call", saboteur.before_aws, unique_id="saboteur-before")
            client.meta.events.register("after-call", saboteur.after_aws, unique_id="saboteur-after")
        try:
            yield saboteur
        finally:
            for client in clients:
                client.meta.events.unregister("before-call", unique_id="saboteur-before")
                client.meta.events.unregister("after-call", unique_id="saboteur-after")


def aws_clients() -> list[Any]:
    """Fresh clients of the two services that hold the state."""
    return [boto3.client("dynamodb"), boto3.client("s3")]
