"""A stack in this process: the ledger and all other services of AWS in memory, and an issuer of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import jwt
import pytest

from local.memory.ledger import MemoryLedger, memory_ledger
from payrelay.runtime import identity
from payrelay.runtime.container import this_container
from tests.worlds.api import ENVIRONMENT, World, key_set, load
from tests.worlds.aws import client
from tests.worlds.cloud import cloud
from tests.worlds.kms import KEY


@contextmanager
def made_world() -> Iterator[World]:
    """Two tenants, of which `demo` has the add-on."""
    account = cloud(
        bus=ENVIRONMENT["EVENT_BUS"],
        group=ENVIRONMENT["SCHEDULE_GROUP"],
        queue=ENVIRONMENT["DEAD_LETTERS_URL"],
    )
    with pytest.MonkeyPatch.context() as patch, account:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in ("LOCAL_ENDPOINT", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        patch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: key_set())
        patch.setenv("TOKENS_KEY", KEY)
        yield _cold_start(memory_ledger())


def _cold_start(memory: MemoryLedger) -> World:
    """The function as after a cold start. `tests/ledger` holds the ledger in memory to the real one."""
    api = load("api", "api")
    for cached in (api.verifier, identity.token_rules, this_container):
        cached.cache_clear()
    container = this_container()
    container.session = SimpleNamespace(client=lambda name, **_: client(name))  # type: ignore[assignment]
    world = World(api, container, memory)
    container.__dict__.update(executions=world.executions, ledger=memory.ledger)
    container.ledger.connections.set_add_ons("demo", frozenset({"simployer_xledger"}))
    return world
