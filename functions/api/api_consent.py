"""A person's consent to a system behind OAuth: asked for, and completed with what came back (CON-3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from payrelay.domain.sensitive import Secret
from payrelay.flows.catalog import KINDS
from payrelay.runtime.problems import Problem, invalid
from payrelay.systems.registry import SYSTEMS

if TYPE_CHECKING:
    from api_call import Call

    from payrelay.domain.runs import Connection
    from payrelay.runtime.tokens import Tokens

# How long a person may take on the vendor's pages.
CONSENT_SECONDS = 600
LOOPBACK = ("http://127.0.0.1", "http://localhost")


def consent_system(connection: Connection) -> str | None:
    """The connection's system that needs a consent, if there is one; no kind has two."""
    systems = KINDS[connection.kind].systems_of(connection.settings)
    return next((name for name in systems if SYSTEMS[name].oauth), None)


def ask(call: Call, connection: Connection, system: str, redirect_uri: str) -> str:
    """The page on which consent is given; what comes back from there must carry the state that is noted."""
    from payrelay.systems.oauth import consent_url  # noqa: PLC0415  (requests: only where it is used)

    secure = redirect_uri.startswith("https://")
    if not secure and not (call.place.settings.local and redirect_uri.startswith(LOOPBACK)):
        raise invalid([("redirect_uri", "must be an https address of the app that asks")])
    row = SYSTEMS[system]
    if row.oauth is None:
        raise ValueError(f"{system} has no consent to ask for")
    state = secrets.token_urlsafe(32)
    until = call.place.engine.now + CONSENT_SECONDS
    place = (call.tenant, connection.connection_id)
    call.place.ledger.connections.ask_consent(*place, _digest(state), redirect_uri, until=until)
    base_url = connection.settings.get(system, {}).get("base_url", row.base_url)
    app = call.place.app_of(*place, system)
    return consent_url(row.oauth, base_url, app, redirect_uri, state)


def complete(call: Call, connection: Connection, system: str, given: Mapping[str, str]) -> None:
    """Exchange the code that came back for tokens, and choose the company; nothing if there are tokens."""
    tokens = call.place.tokens_of(call.tenant, connection.connection_id, connection.settings, system)
    if not given["code"]:
        if not tokens.given():
            label = SYSTEMS[system].label
            remedy = "Connect with a `redirect_uri`, and let a person open the `consent_url` of the answer."
            raise Problem("CONSENT_NEEDED", f"Nobody has given consent in {label} yet.", remedy=remedy)
        _choose(call, connection, system, tokens, "")
        return
    redirect_uri = call.place.ledger.connections.take_consent(
        call.tenant, connection.connection_id, _digest(given["state"]), now=call.place.engine.now
    )
    if redirect_uri is None:
        minutes = CONSENT_SECONDS // 60
        remedy = f"Ask again: connect with a `redirect_uri`; a consent is good for {minutes} minutes."
        raise Problem("CONSENT_UNKNOWN", "The consent's state is not the one given out.", remedy=remedy)
    tokens.exchange(Secret(given["code"]), redirect_uri)
    _choose(call, connection, system, tokens, given["realm_id"])


def _choose(call: Call, connection: Connection, system: str, tokens: Tokens, realm_id: str) -> None:
    """The company that came with the consent, or that the settings name, or the only one that is reached."""
    row = SYSTEMS[system]
    settings = connection.settings.get(system, {})
    companies = getattr(import_module(row.room), "companies", None)
    if companies is None:
        if realm_id:
            tokens.choose(realm_id)
        return
    base_url = settings.get("base_url", row.base_url)
    reached: dict[str, str] = companies(base_url, tokens.current(), call.place.door_options())
    wanted = settings.get("company_id") or (next(iter(reached)) if len(reached) == 1 else "")
    if wanted not in reached:
        names = ", ".join(f"{name} ({company_id})" for company_id, name in reached.items()) or "none"
        remedy = f"Name one in settings.{system}.company_id, then connect again; no new consent is needed."
        raise Problem("COMPANY_NOT_CHOSEN", f"The consent reaches: {names}.", remedy=remedy)
    tokens.choose(wanted)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
