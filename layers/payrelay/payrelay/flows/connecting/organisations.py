"""Whether a connect reaches the organisations that the connection has worked with so far (CON-2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Connection, Halt, Status
from payrelay.flows.engine.stop import stop_all
from payrelay.systems.registry import SYSTEMS, label

if TYPE_CHECKING:
    from payrelay.domain.records import Reason
    from payrelay.flows.connecting.ports import Container


class Reached(Struct, frozen=True):
    """What the credentials reach, by system: the names that people know, and the ids of a consent, hashed."""

    names: Mapping[str, str]
    ids: Mapping[str, str]


class Other(Struct, frozen=True):
    """A system that is another organisation now; `renamed` if its id is the same as before."""

    system: str
    before: str
    now: str
    renamed: bool


def reached(clients: Mapping[str, Any], ids: Mapping[str, str | None]) -> Reached:
    """The organisations by a real call to each system; `ids` are those of a consent's company."""
    names = {name: str(client.organisation()) for name, client in clients.items()}
    hashed = {name: hashlib.sha256(f"{name}:{given}".encode()).hexdigest() for name, given in ids.items()}
    return Reached(names, hashed)


def others(connection: Connection, now: Reached) -> list[Other]:
    """The systems that are another organisation than when the connection was connected last."""
    found = []
    for system, name in now.names.items():
        before = connection.organisations.get(system)
        if before is None:
            continue
        old_id, new_id = connection.organisation_ids.get(system), now.ids.get(system)
        old_name, new_name = _telling(system, before), _telling(system, name)
        moved = old_id is not None and new_id is not None and old_id != new_id
        if moved or (old_name and new_name and old_name != new_name):
            same = old_id is not None and old_id == new_id
            found.append(Other(system, before, name, renamed=same))
    return found


def _telling(system: str, name: str) -> str:
    """What of a name tells the organisation, spelled in one way; empty if nothing does."""
    passing = SYSTEMS[system].passing
    told = re.sub(passing, "", name) if passing else name
    return " ".join(told.split()).casefold()


def why_others(connection: Connection, found: list[Other]) -> Reason:
    """What is said of a connection whose systems are these others now."""
    before = " and ".join(f"{one.before} ({label(one.system)})" for one in found)
    now = " and ".join(f"{one.now} ({label(one.system)})" for one in found)
    return reason("OTHER_ORGANISATION", name=connection.name, before=before, now=now)


def turn_over(container: Container, connection: Connection) -> Connection:
    """The connection in an era of its own: what was pulled from, and joined with, the former is hidden.

    Runs in progress are stopped, and what is known of its flows over time begins anew.
    """
    where = (connection.tenant, connection.connection_id)
    stop_all(container.engine, *where, Halt(Status.STOPPED, reason("CONNECTION_MOVED")))
    container.ledger.connections.forget_standings(*where)
    return replace(connection, era=connection.era + 1)
