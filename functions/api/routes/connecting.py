"""Connecting and disconnecting (CON-2, EX-7, IN-8)."""

from __future__ import annotations

from call import Answer, Call
from fields import Fields
from views import connection_view

from payrelay.flows.connecting import consent
from payrelay.flows.connecting.connect import connect as try_to_connect
from payrelay.flows.connecting.connect import disconnect as end
from payrelay.ledger.changes import Act
from payrelay.runtime.ids import run_id as new_run_id
from payrelay.runtime.schedules import schedules

LONGEST = 4096
# What goes to and comes from the page of a consent.
CONSENT = ("redirect_uri", "code", "state", "realm_id")


def connect(call: Call, connection_id: str) -> Answer:
    """Try the credentials on each system; where a person's consent is needed, ask for it or complete it."""
    connection = call.connection(connection_id)
    system = consent.system_of(connection)
    fields = Fields(call.body(), (*(CONSENT if system else ()), "confirm_organisation"))
    texts = {name: fields.text(name, LONGEST) for name in CONSENT}
    given = consent.Given(**texts, confirmed=fields.flag("confirm_organisation"))
    if system:
        fields.errors += consent.check(system, given, fields, loopback=call.container.settings.local)
    fields.stop_if_wrong()
    container, who = call.container, call.principal.subject
    found = try_to_connect(container, schedules(container), connection, given, who, new_run_id())
    if found.consent_url is None:
        call.note(connection_id, Act.CONNECTED, [name for name in fields if name != "redirect_uri"])
    view = connection_view(call.container, found.connection)
    if found.consent_url is not None:
        view["consent_url"] = found.consent_url
    if found.run is not None:
        view["run_id"] = found.run.run_id
    return Answer(view)


def disconnect(call: Call, connection_id: str) -> Answer:
    """Stop every run in progress, and give tokens back where a system takes them."""
    saved = end(call.container, call.connection(connection_id))
    call.note(connection_id, Act.DISCONNECTED)
    return Answer(connection_view(call.container, saved))
