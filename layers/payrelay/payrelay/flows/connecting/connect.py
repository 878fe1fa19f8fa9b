"""Connecting and disconnecting: the credentials are tried on the systems themselves (CON-2, EX-7, IN-8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.reasons import ASKED_AGAIN, MARKING, reason
from payrelay.domain.records import Reason
from payrelay.domain.runs import Connection, ConnectionStatus, Halt, Mode, Run, Status, Trigger
from payrelay.domain.sensitive import Secret
from payrelay.errors import (
    CredentialsMissing,
    CredentialsRefused,
    Declined,
    NeedsAttention,
    RetryLater,
    VendorError,
)
from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting import consent
from payrelay.flows.connecting.organisations import Reached, others, reached, turn_over, why_others
from payrelay.flows.connecting.schedules import keep_usual
from payrelay.flows.engine.start import Order, start_run
from payrelay.flows.engine.stop import stop_all
from payrelay.systems.registry import SYSTEMS, label, refused

if TYPE_CHECKING:
    from payrelay.flows.connecting.ports import Container, Schedules
    from payrelay.systems.http.door import DoorOptions

STOPPING_SECONDS = 5
# The other side belongs to another organisation than the one that was chosen.
ELSEWHERE = "ORGANISATION_MISMATCH"


class Connected(Struct, frozen=True):
    """A connection after a call that connects it.

    `consent_url` is where a person gives consent first; `run` is the sync that connecting starts.
    """

    connection: Connection
    consent_url: str | None = None
    run: Run | None = None


def connect(
    container: Container,
    scheduler: Schedules,
    connection: Connection,
    given: consent.Given,
    who: str,
    run_id: str,
) -> Connected:
    """Try the credentials on each system, and note the organisations that they reach.

    A system behind OAuth needs a person's consent first: with `redirect_uri` the answer names the page on
    which it is given, and with the `code` and `state` that came back from there it is completed. `run_id` is
    that of the sync, if connecting starts one. Declined, or an error of a system.
    """
    kind, system = KINDS[connection.kind], consent.system_of(connection)
    if kind.add_on and kind.name not in container.ledger.connections.add_ons(connection.tenant):
        why = reason("ADD_ON_NOT_ACTIVE", kind=kind.label)
        raise NeedsAttention(why.code, why.message, why.remedy)
    if system and given.redirect_uri:
        return Connected(connection, consent.ask(container, connection, system, given.redirect_uri))
    if kind.login_flow:
        _wait_for_stopping(container, connection, kind.login_flow)
    try:
        if system:
            consent.complete(container, connection, system, given)
        clients = _clients(container, connection, kind.systems_of(connection.settings))
        company = consent.tokens_of(container, connection, system).chosen() if system else None
        found = reached(clients, {system: company} if system else {})
        connection = _agreed(container, connection, found, given)
        if kind.fitting:
            import_module(kind.fitting).check(clients, connection.settings)
        if kind.joining:
            import_module(kind.joining).join(clients)
    except CredentialsRefused as error:
        _save(container, connection, ConnectionStatus.ATTENTION, refused(error))
        raise
    except NeedsAttention as error:
        _mark(container, connection, Reason(error.code, error.message, error.remedy))
        raise
    container.ledger.connections.touch(connection.tenant, connection.connection_id, container.engine.now)
    keep_usual(container, scheduler, connection)
    connected = replace(connection, organisations=found.names, organisation_ids=found.ids)
    saved = _save(container, connected, ConnectionStatus.CONNECTED, None)
    if kind.login_flow is None:
        return Connected(saved)
    order = Order(kind.login_flow, Mode.SYNC, Trigger.CONNECT, requested_by=who)
    run, _ = start_run(container.engine, container.executions, saved, order, run_id)
    return Connected(saved, run=run)


def refitted(container: Container, before: Connection, changed: Connection) -> None:
    """NeedsAttention if a connected connection's settings would not fit what the systems have any more.

    Systems that do not answer now keep nobody from changing it: runs block what does not fit.
    """
    kind = KINDS[changed.kind]
    if not any(before.settings.get(name) != changed.settings.get(name) for name in kind.refitted):
        return
    assert kind.fitting
    clients = _clients(container, changed, kind.systems_of(changed.settings))
    with suppress(VendorError, CredentialsMissing):
        import_module(kind.fitting).check(clients, changed.settings)


def _agreed(container: Container, connection: Connection, found: Reached, given: consent.Given) -> Connection:
    """The connection as it goes on with what was reached; Declined for others that nobody has confirmed.

    Until then nothing runs over it any more: its credentials lead elsewhere already.
    """
    moved = others(connection, found)
    if not moved:
        return connection
    if not given.confirmed:
        why = why_others(connection, moved)
        _mark(container, connection, why)
        raise Declined(why.code, why.message, remedy=why.remedy, system=moved[0].system)
    # One that only has another name by now is still the one that it was.
    return connection if all(one.renamed for one in moved) else turn_over(container, connection)


def disconnect(container: Container, connection: Connection) -> Connection:
    """Stop every run in progress, start none from now on, and give tokens back where a system takes them.

    Tokens that could not be given back are kept, and the same call again tries it again.
    """
    # Somebody who was told that the other side belongs elsewhere wants it to be free.
    whichever = connection.reason is not None and connection.reason.code == ELSEWHERE
    saved = _save(container, connection, ConnectionStatus.NOT_CONNECTED, None)
    stopped = Halt(Status.STOPPED, reason("CONNECTION_DISCONNECTED"))
    stop_all(container.engine, connection.tenant, connection.connection_id, stopped)
    revoke_tokens(container, connection, whichever=whichever)
    return saved


def revoke_tokens(container: Container, connection: Connection, *, whichever: bool = False) -> None:
    """Give the tokens of a disconnected connection back to the system that gave them, and forget them.

    The others are told first, and only while there are tokens: later they may belong to another connection.
    They are told even if the consent was withdrawn meanwhile; `whichever` organisation they belong to, where
    a person has asked for that.
    """
    kind, system = KINDS[connection.kind], consent.system_of(connection)
    if system is None:
        return
    try:
        tokens = consent.tokens_of(container, connection, system)
        if kind.joining and tokens.given():
            others = [name for name in kind.systems if name != system]
            clients = _clients(container, connection, others)
            import_module(kind.joining).part(clients, tokens.chosen(), whichever=whichever)
        tokens.revoke()
    except (CredentialsMissing, CredentialsRefused, NeedsAttention):
        return
    except RetryLater as error:
        detail = (
            f"{connection.name} is disconnected, but {label(error.system)} could not take its part of it back"
        )
        raise Declined(
            "SYSTEM_UNREACHABLE",
            f"{detail}: {error.message}",
            remedy="Make the same call again; nothing runs over this connection meanwhile.",
            system=error.system,
            seconds=max(1, error.seconds),
        ) from error


def probed(
    container: Container, connection: Connection, system: str, address: str, entered: Mapping[str, str]
) -> Reason | None:
    """What is wrong with new credentials of a system before they are stored, by a real call; None if nothing.

    A system that does not answer says nothing; what a consent gave is not entered.
    """
    row = SYSTEMS[system]
    if row.oauth:
        return None
    secrets = {name: Secret(value) for name, value in entered.items()}
    try:
        told = row.told_of(connection.settings)
        client = row.connect(address, {**secrets, **told}, _quickly(container))
        moved = others(connection, reached({system: client}, {}))
    except CredentialsRefused as error:
        return refused(error)
    except NeedsAttention as error:
        why = Reason(error.code, error.message, error.remedy)
        return why if why.code in MARKING else None
    except VendorError:
        return None
    return why_others(connection, moved) if moved else None


def _quickly(container: Container) -> DoorOptions:
    """All systems have to answer within the 29 seconds that API Gateway gives a call."""
    return replace(
        container.door_options(),
        connect_timeout=3.0,
        read_timeout=6.0,
        answer_timeout=8.0,
        all_pauses=1.0,
    )


def _clients(container: Container, connection: Connection, systems: Iterable[str]) -> dict[str, Any]:
    """The clients of these systems of a connection."""
    options = _quickly(container)
    where = (connection.tenant, connection.connection_id, connection.settings)
    return {name: container.client_of(*where, name, options) for name in systems}


def _wait_for_stopping(container: Container, connection: Connection, flow: str) -> None:
    """Declined while a run that was stopped has not ended: a sync of now would join it, and do nothing."""
    where = (connection.tenant, connection.connection_id)
    run = container.ledger.runs.stopping(*where, flow, now=container.engine.now)
    if run:
        detail = f"The run {run.run_id} was stopped, and has not ended yet."
        remedy = "Make the same call again in a few seconds; nothing was changed."
        raise Declined("RUN_IN_PROGRESS", detail, remedy=remedy, seconds=STOPPING_SECONDS)


def _mark(container: Container, connection: Connection, why: Reason) -> None:
    """What a system says of a connection becomes its status, if it was connected (CON-2).

    What is asked again does so in any case: whoever mends it over there has nothing more to do here.
    """
    connected = connection.status is not ConnectionStatus.NOT_CONNECTED
    if why.code in ASKED_AGAIN or (why.code in MARKING and connected):
        _save(container, connection, ConnectionStatus.ATTENTION, why)


def _save(
    container: Container, connection: Connection, status: ConnectionStatus, why: Reason | None
) -> Connection:
    now = container.engine.stamp()
    switched = connection.switched_at if status is ConnectionStatus.ATTENTION else now
    return container.ledger.connections.save(
        replace(connection, status=status, reason=why, updated_at=now, switched_at=switched)
    )
