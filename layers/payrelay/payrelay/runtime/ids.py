"""New ids."""

from __future__ import annotations

import secrets
import time

from payrelay.domain.ids import APP, CONNECTION, RUN, ulid_at


def run_id() -> str:
    """A new run's id."""
    return RUN + ulid()


def connection_id() -> str:
    """A new connection's id."""
    return CONNECTION + ulid()


def app_id() -> str:
    """A new app's id."""
    return APP + ulid()


def ulid() -> str:
    """A new ULID."""
    return ulid_at(time.time_ns() // 1_000_000, secrets.randbits(80))
