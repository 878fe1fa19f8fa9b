"""Connecting and disconnecting: the credentials are tried on the systems themselves (CON-2, EX-7, IN-8)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from call import Answer, Call
from fields import Fields
from msgspec.structs import replace
from views import connection_view

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Connection, ConnectionStatus, Halt, Mode, Status, Trigger
from payrelay.errors import CredentialsRefused, NeedsAttention, RetryLater
from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.start import Order
from payrelay.runtime.credentials import CredentialsMissing
from payrelay.runtime.problems import Problem
from payrelay.systems.registry import SYSTEMS, refused
from routes.consent import ask, check_consent, complete, consent_system
from routes.runs import started
from routes.schedules import keep_usual

if TYPE_CHECKING:
    from payrelay.domain.records import Reason

LONGEST = 4096
# What goes to and comes from the page of a consent.
CONSENT = ("redirect_uri", "code", "state", "realm_id")


def connect(call: Call, connection_id: str) -> Answer:
    """Try the credentials on each system, and note the organisations that they reach.

    A system behind OAuth needs a person's consent first: with `redirect_uri` the answer names the page on
    which it is given, and with the `code` and `state` that came back from there it is completed.
    """
    connection = call.connection(connection_id)
    kind = KINDS[connection.kind]
    system = consent_system(connection)
    fields = Fields(call.body(), CONSENT if system else ())
    given = {name: fields.text(name, LONGEST) for name in CONSENT}
    if system:
        check_consent(call, system, given, fields)
    fields.stop_if_wrong()
    if kind.add_on and kind.name not in call.container.ledger.connections.add_ons(call.tenant):
        why = reason("ADD_ON_NOT_ACTIVE", kind=kind.name)
        raise NeedsAttention(why.code, why.message, why.remedy)
    if system and given["redirect_uri"]:
        url = ask(call, connection, system, given["redirect_uri"])
        return Answer({**_view(call, connection), "consent_url": url})
    if kind.login_flow:
        _wait_for_stopping(call, connection_id, kind.login_flow)
    try:
        if system:
            complete(call, connection, system, given)
        clients = _clients(call, connection, kind.systems_of(connection.settings))
        organisations = {name: client.organisation() for name, client in clients.items()}
        if kind.joining:
            import_module(kind.joining).join(clients)
    except CredentialsRefused as error:
        _save(call, connection, ConnectionStatus.ATTENTION, refused(error))
        raise
    call.container.ledger.connections.touch(call.tenant, connection_id, call.container.engine.now)
    keep_usual(call, connection)
    connected = replace(connection, organisations=organisations)
    saved = _save(call, connected, ConnectionStatus.CONNECTED, None)
    if kind.login_flow is None:
        return Answer(_view(call, saved))
    order = Order(kind.login_flow, Mode.SYNC, Trigger.CONNECT, requested_by=call.principal.subject)
    run, _ = started(call, saved, order)
    return Answer({**_view(call, saved), "run_id": run.run_id})


def disconnect(call: Call, connection_id: str) -> Answer:
    """Stop every run in progress, start none from now on, and give tokens back where a system takes them.

    Tokens that could not be given back are kept, and the same call again tries it again.
    """
    connection = call.connection(connection_id)
    saved = _save(call, connection, ConnectionStatus.NOT_CONNECTED, None)
    runs = call.container.ledger.runs
    for run in runs.all_in_progress(call.tenant, connection_id):
        runs.halt(run, Halt(Status.STOPPED, reason("CONNECTION_DISCONNECTED")))
    revoke_tokens(call, connection)
    return Answer(_view(call, saved))


def revoke_tokens(call: Call, connection: Connection) -> None:
    """Give the tokens of a disconnected connection back to the system that gave them, and forget them.

    The others are told first, and only while there are tokens: later they may belong to another connection.
    They are told even if the consent was withdrawn meanwhile.
    """
    kind, system = KINDS[connection.kind], consent_system(connection)
    if system is None:
        return
    try:
        tokens = call.container.tokens_of(call.tenant, connection.connection_id, connection.settings, system)
        if kind.joining and tokens.given():
            others = [name for name in kind.systems if name != system]
            import_module(kind.joining).part(_clients(call, connection, others), tokens.chosen())
        tokens.revoke()
    except (CredentialsMissing, CredentialsRefused):
        return
    except RetryLater as error:
        label = SYSTEMS[error.system].label
        detail = f"{connection.name} is disconnected, but {label} could not take its part of it back"
        raise Problem(
            "SYSTEM_UNREACHABLE",
            f"{detail}: {error.message}",
            headers={"Retry-After": str(max(1, error.seconds))},
            system=error.system,
            remedy="Make the same call again; nothing runs over this connection meanwhile.",
        ) from error


def _clients(call: Call, connection: Connection, systems: Iterable[str]) -> dict[str, Any]:
    """The clients of these systems of a connection."""
    # All of them have to answer within the 29 seconds that API Gateway gives a call.
    options = replace(
        call.container.door_options(),
        connect_timeout=3.0,
        read_timeout=6.0,
        answer_timeout=8.0,
        all_pauses=1.0,
    )
    connection_key = (call.tenant, connection.connection_id, connection.settings)
    return {name: call.container.client_of(*connection_key, name, options) for name in systems}


def _wait_for_stopping(call: Call, connection_id: str, flow: str) -> None:
    """Problem while a run that was stopped has not ended: a sync of now would join it, and do nothing."""
    run = call.container.ledger.runs.stopping(call.tenant, connection_id, flow, now=call.container.engine.now)
    if run:
        detail = f"The run {run.run_id} was stopped, and has not ended yet."
        remedy = "Make the same call again in a few seconds; nothing was changed."
        raise Problem("RUN_IN_PROGRESS", detail, headers={"Retry-After": "5"}, remedy=remedy)


def _save(call: Call, connection: Connection, status: ConnectionStatus, why: Reason | None) -> Connection:
    now = call.container.engine.stamp()
    switched = connection.switched_at if status is ConnectionStatus.ATTENTION else now
    return call.container.ledger.connections.save(
        replace(connection, status=status, reason=why, updated_at=now, switched_at=switched)
    )


def _view(call: Call, connection: Connection) -> dict[str, Any]:
    return connection_view(call.container.ledger, connection, call.container.engine.clock())
