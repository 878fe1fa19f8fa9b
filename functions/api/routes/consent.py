"""A person's consent to a system behind OAuth: asked for, and completed with what came back (CON-3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, RetryLater
from payrelay.flows.catalog import KINDS
from payrelay.runtime.problems import Problem, invalid
from payrelay.runtime.tokens import OtherCompany
from payrelay.systems.registry import SYSTEMS

if TYPE_CHECKING:
    from call import Call
    from fields import Fields

    from payrelay.domain.runs import Connection
    from payrelay.runtime.tokens import Tokens

# How long a person may take on the vendor's pages.
CONSENT_SECONDS = 600
# What the token endpoint says of a code that is wrong, used or too old (RFC 6749).
_CODE_REFUSED = "invalid_grant"
_ASK_AGAIN = "Ask for a new consent: connect with a `redirect_uri`."


def consent_system(connection: Connection) -> str | None:
    """The connection's system that needs a consent, if there is one; no kind has two."""
    systems = KINDS[connection.kind].systems_of(connection.settings)
    return next((name for name in systems if SYSTEMS[name].oauth), None)


def check_consent(call: Call, system: str, given: Mapping[str, str], fields: Fields) -> None:
    """Note in `fields` what does not go together, before the one try that a state is good for is used up."""
    row, code = SYSTEMS[system], given["code"]
    if given["redirect_uri"]:
        if code or given["state"]:
            fields.refuse("redirect_uri", "asks for a consent; it can't go with the code or state of one")
        if not _may_redirect(given["redirect_uri"], loopback=call.container.settings.local):
            fields.refuse("redirect_uri", "must be an https address of the app that asks, without a fragment")
        return
    for name, other in (("code", "state"), ("state", "code")):
        if given[name] and not given[other] and other not in fields:
            fields.refuse(other, f"is required with {name}; both come back from the consent")
    if row.oauth and row.oauth.company_field:
        if given["realm_id"]:
            fields.refuse("realm_id", f"is not known to {row.label}; the organisation is chosen on its page")
    elif names_company(system):
        if given["realm_id"] and not code:
            fields.refuse("realm_id", "comes with the code of a consent")
        if code and not given["realm_id"] and "realm_id" not in fields:
            fields.refuse("realm_id", f"is required with code: {row.label} sends it along as realmId")
    elif given["realm_id"]:
        where = f"settings.{system}.company_id"
        fields.refuse("realm_id", f"is not known to {row.label}; of several companies, {where} names one")


def names_company(system: str) -> bool:
    """Whether a consent comes with its company, instead of being asked afterwards for those it reaches."""
    return not hasattr(import_module(SYSTEMS[system].room), "companies")


def _may_redirect(address: str, *, loopback: bool) -> bool:
    if any(sign <= " " or sign == "\x7f" for sign in address):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    secure = parts.scheme == "https" or (loopback and host in ("127.0.0.1", "localhost"))
    return secure and parts.scheme in ("https", "http") and bool(host) and "#" not in address


def ask(call: Call, connection: Connection, system: str, redirect_uri: str) -> str:
    """The page on which consent is given; what comes back from there must carry the state that is noted."""
    from payrelay.systems.oauth import consent_url  # noqa: PLC0415  (requests: only where it is used)

    row = SYSTEMS[system]
    if row.oauth is None:
        raise ValueError(f"{system} has no consent to ask for")
    state = secrets.token_urlsafe(32)
    until = call.container.engine.now + CONSENT_SECONDS
    connection_key = (call.tenant, connection.connection_id)
    call.container.ledger.connections.ask_consent(*connection_key, _digest(state), redirect_uri, until=until)
    base_url = connection.settings.get(system, {}).get("base_url", row.base_url)
    app = call.container.app_of(*connection_key, system)
    return consent_url(row.oauth, base_url, app, redirect_uri, state)


def complete(call: Call, connection: Connection, system: str, given: Mapping[str, str]) -> None:
    """Exchange the code that came back for tokens, and choose the company; nothing if there are tokens."""
    tokens = call.container.tokens_of(call.tenant, connection.connection_id, connection.settings, system)
    if not given["code"]:
        if not tokens.given():
            label = SYSTEMS[system].label
            remedy = "Connect with a `redirect_uri`, and let a person open the `consent_url` of the answer."
            raise Problem("CONSENT_NEEDED", f"Nobody has given consent in {label} yet.", remedy=remedy)
        _choose(call, connection, system, tokens, "")
        return
    chosen = tokens.chosen()
    if given["realm_id"] and chosen not in (None, given["realm_id"]):
        detail = f"is another company than {chosen}, which this connection syncs with; disconnect it first"
        raise invalid([("realm_id", detail)])
    redirect_uri = call.container.ledger.connections.take_consent(
        call.tenant, connection.connection_id, _digest(given["state"]), now=call.container.engine.now
    )
    if redirect_uri is None:
        minutes = CONSENT_SECONDS // 60
        detail = f"This state is not the newest one, was used already, or is over {minutes} minutes old."
        raise Problem("CONSENT_UNKNOWN", detail, remedy=_ASK_AGAIN)
    try:
        tokens.exchange(Secret(given["code"]), redirect_uri)
    except OtherCompany as other:
        label = SYSTEMS[system].label
        detail = f"This consent is for {other.company} at {label}; the connection syncs with {other.chosen}."
        remedy = "Disconnect first, then connect again and choose the other organisation."
        raise Problem("ORGANISATION_MISMATCH", detail, system=system, remedy=remedy) from other
    except CredentialsRefused as error:
        if error.code != _CODE_REFUSED:
            raise
        detail = f"{SYSTEMS[system].label} does not accept the code of this consent: {error.message}"
        raise Problem("CONSENT_UNKNOWN", detail, system=system, remedy=_ASK_AGAIN) from error
    except RetryLater as error:
        # The state is used up, and the code may be.
        detail = f"{SYSTEMS[system].label} did not answer the exchange of the consent's code: {error.message}"
        wait = {"Retry-After": str(max(1, error.seconds))}
        raise Problem("SYSTEM_UNREACHABLE", detail, headers=wait, system=system, remedy=_ASK_AGAIN) from error
    _choose(call, connection, system, tokens, given["realm_id"])


def _choose(call: Call, connection: Connection, system: str, tokens: Tokens, realm_id: str) -> None:
    """The company that came with the consent, or that the settings name, or the only one that is reached."""
    row = SYSTEMS[system]
    settings = connection.settings.get(system, {})
    if names_company(system):
        if realm_id:
            tokens.choose(realm_id)
        return
    companies = import_module(row.room).companies
    base_url = settings.get("base_url", row.base_url)
    reached: dict[str, str] = companies(base_url, tokens.current(), call.container.door_options())
    wanted = settings.get("company_id") or (next(iter(reached)) if len(reached) == 1 else "")
    if wanted in reached:
        tokens.choose(wanted)
        return
    names = ", ".join(f"{name} ({company_id})" for company_id, name in reached.items()) or "no company"
    chosen = f", and not {wanted}, which settings.{system}.company_id names" if wanted else ""
    remedy = f"Set settings.{system}.company_id to one of them, then connect again; no new consent is needed."
    if not reached:
        remedy = f"Ask for a new consent, and choose a company on {row.label}'s page."
    detail = f"The consent reaches {names} at {row.label}{chosen}."
    raise Problem("COMPANY_NOT_CHOSEN", detail, system=system, remedy=remedy)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
