"""Making, changing and deleting a connection together with its credentials (CON-1, CON-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Connection, ConnectionStatus, Halt, Status
from payrelay.errors import Declined, InvalidFields
from payrelay.flows.catalog import KINDS, flow_row
from payrelay.flows.connecting import schedules
from payrelay.flows.connecting.connect import probed, refitted, revoke_tokens
from payrelay.flows.connecting.lapse import as_of
from payrelay.flows.engine.stop import stop_all
from payrelay.systems.http.address import plain_address
from payrelay.systems.registry import SYSTEMS, address_of

if TYPE_CHECKING:
    from payrelay.flows.connecting.ports import Container, Entered, Schedules


def create(container: Container, connection: Connection, entered: Entered) -> None:
    """Keep a new connection.

    Its credentials are stored first: left over after a crash, nothing leads to them.
    """
    addresses = addresses_of(connection)
    container.credentials_of(connection.kind).create(
        connection.tenant, connection.connection_id, entered, addresses
    )
    container.ledger.connections.create(connection)


def addresses_of(connection: Connection) -> dict[str, str]:
    """The address of each system of a connection, as addresses are compared."""
    settings, systems = connection.settings, KINDS[connection.kind].systems_of(connection.settings)
    return {name: plain_address(address_of(name, settings)) for name in systems}


def moved(before: Connection, changed: Connection) -> dict[str, tuple[str, str]]:
    """The systems whose address a change moves: the old and the new one."""
    old, new = addresses_of(before), addresses_of(changed)
    return {name: (old[name], new[name]) for name in new if name in old and old[name] != new[name]}


def vouched(container: Container, connection: Connection, flow: str) -> None:
    """Declined where a system says who may read what another one gave, and was moved since.

    Who enters the credentials of the one that gives it, for the addresses as they are, might read it there
    anyway. A server that somebody put into the place of the other must not give a right to anybody (REP-2).
    """
    source, where = flow_row(flow).source, (connection.tenant, connection.connection_id)
    known = container.credentials_of(connection.kind).entered_for(*where, source)
    elsewhere = [name for name, at in addresses_of(connection).items() if known.get(name, at) != at]
    if elsewhere:
        label, moved_ones = SYSTEMS[source].label, " and ".join(SYSTEMS[name].label for name in elsewhere)
        raise Declined(
            "ADDRESS_CHANGED",
            f"The credentials of {label} were entered when {moved_ones} was at another address.",
            remedy=f"Enter the credentials of {label} into the connection again: they vouch for the address.",
            system=source,
        )


def change(container: Container, before: Connection, changed: Connection, entered: Entered) -> Connection:
    """Store a changed connection and its new credentials, under their lock: both, or none.

    A system that is somewhere else now has its credentials in `entered`: stored ones never go to another
    address than they were entered for, and a consent not at all. Nothing runs over it until somebody has
    connected it there (CON-2, SEC-3). So has a system that the settings choose only now.
    """
    elsewhere = moved(before, changed)
    if missing := [name for name in elsewhere if name not in entered]:
        raise InvalidFields([(f"credentials.{name}", _wanted(name, *elsewhere[name])) for name in missing])
    if missing := [
        name for name in _chosen(before, changed) if not _known(container, changed, name, entered)
    ]:
        wanted = {name: ", ".join(row.name for row in SYSTEMS[name].credentials) for name in missing}
        raise InvalidFields(
            [(f"credentials.{name}", f"is required, an object with: {wanted[name]}") for name in missing]
        )
    if elsewhere or retold(before, changed):
        changed = _parted(before, changed)
    elif before.status is ConnectionStatus.CONNECTED:
        refitted(container, before, changed)
        changed = _proven(container, changed, entered)
    connections = container.ledger.connections
    if not entered:
        saved = connections.save(changed)
        if retold(before, changed):
            _stop_all(container, saved)
        return saved
    credentials = container.credentials_of(changed.kind)
    with credentials.held(changed.tenant, changed.connection_id) as held:
        saved = connections.save(changed)
        held.entered(entered, addresses_of(changed), addresses_of(before))
    if elsewhere or retold(before, changed):
        _stop_all(container, saved)
    return saved


def retold(before: Connection, changed: Connection) -> bool:
    """Whether a room is told something else by now, such as another company: that is another organisation."""
    told = [name for one in KINDS[changed.kind].systems for name in SYSTEMS[one].told]
    return any(before.settings.get(name) != changed.settings.get(name) for name in told)


def _stop_all(container: Container, connection: Connection) -> None:
    stopped = Halt(Status.STOPPED, reason("CONNECTION_MOVED"))
    stop_all(container.engine, connection.tenant, connection.connection_id, stopped)


def _chosen(before: Connection, changed: Connection) -> list[str]:
    """The systems that the settings choose now, and did not before."""
    known = addresses_of(before)
    return [name for name in addresses_of(changed) if name not in known]


def _known(container: Container, changed: Connection, system: str, entered: Entered) -> bool:
    """Whether a system's credentials are entered now, or were for the address that it has."""
    if system in entered:
        return True
    credentials = container.credentials_of(changed.kind)
    stored = credentials.entered_for(changed.tenant, changed.connection_id, system)
    return stored.get(system) == addresses_of(changed)[system]


def _proven(container: Container, changed: Connection, entered: Entered) -> Connection:
    """A connected connection that needs attention at once if its new credentials do not hold."""
    addresses = addresses_of(changed)
    for name, values in entered.items():
        why = probed(container, changed, name, addresses[name], values)
        if why:
            return replace(changed, status=ConnectionStatus.ATTENTION, reason=why)
    return changed


def _parted(before: Connection, changed: Connection) -> Connection:
    """The changed connection, not connected any more."""
    switched = before.switched_at
    if before.status is not ConnectionStatus.NOT_CONNECTED:
        switched = changed.updated_at
    return replace(changed, status=ConnectionStatus.NOT_CONNECTED, reason=None, switched_at=switched)


def _wanted(system: str, old: str, new: str) -> str:
    label = SYSTEMS[system].label
    return (
        f"is required with the new address: what is stored was entered for {old}, and is not sent to {new}; "
        f"enter the credentials of {label} in the same call, then connect again"
    )


def delete(container: Container, scheduler: Schedules, stored: Connection) -> None:
    """Forget a disconnected connection with its schedules and credentials; the same call again finishes it.

    Saving it first makes a connect that is under way fail, instead of leaving it without credentials. One
    that has lapsed still has its tokens, and so may one whose tokens could not be given back.
    """
    connection = as_of(container.ledger, stored, container.engine.now)
    tenant, connection_id = connection.tenant, connection.connection_id
    if connection.status is not ConnectionStatus.NOT_CONNECTED:
        detail = f"The connection {connection.name} is {connection.status.value}."
        remedy = f"Disconnect it first (POST /connections/{connection_id}/disconnect)."
        raise Declined("STILL_CONNECTED", detail, remedy=remedy)
    connections = container.ledger.connections
    saved = connections.save(replace(connection, updated_at=container.engine.stamp()))
    revoke_tokens(container, saved)
    for schedule in connections.schedules(tenant, connection_id):
        schedules.forget(container, scheduler, saved, schedule["flow"])
    if KINDS[connection.kind].login_flow:
        container.hook_keys.delete(connection_id)
    container.credentials_of(connection.kind).delete(tenant, connection_id)
    connections.delete(saved)
