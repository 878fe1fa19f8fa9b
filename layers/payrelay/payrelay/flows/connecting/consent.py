"""A person's consent to a system behind OAuth: asked for, and completed with what came back (CON-3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Container as Names
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Declined, InvalidFields, OtherCompany, RetryLater
from payrelay.flows.catalog import KINDS
from payrelay.systems.registry import SYSTEMS, address_of

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection
    from payrelay.errors import FieldError
    from payrelay.flows.connecting.ports import Container, Tokens

# How long a person may take on the vendor's pages.
CONSENT_SECONDS = 600
# What the token endpoint says of a code that is wrong, used or too old (RFC 6749).
_CODE_REFUSED = "invalid_grant"
_ASK_AGAIN = "Ask for a new consent: connect with a `redirect_uri`."


class Given(Struct, frozen=True):
    """What goes to and comes from the page of a consent; "" for what was not sent.

    `confirmed` says that another organisation than before is meant.
    """

    redirect_uri: str = ""
    code: str = ""
    state: str = ""
    realm_id: str = ""
    confirmed: bool = False


def system_of(connection: Connection) -> str | None:
    """The connection's system that needs a consent, if there is one; no kind has two."""
    systems = KINDS[connection.kind].systems_of(connection.settings)
    return next((name for name in systems if SYSTEMS[name].oauth), None)


def tokens_of(container: Container, connection: Connection, system: str) -> Tokens:
    """The connection's tokens of that system."""
    return container.tokens_of(connection.tenant, connection.connection_id, connection.settings, system)


def check(system: str, given: Given, sent: Names[str], *, loopback: bool) -> list[FieldError]:
    """What does not go together, before the one try that a state is good for is used up.

    `sent` are the names of all fields that were sent, those too whose values are wrong.
    """
    if given.redirect_uri:
        return _check_address(given, loopback=loopback)
    errors = []
    for name, value, other in (("code", given.code, "state"), ("state", given.state, "code")):
        if value and not getattr(given, other) and other not in sent:
            errors.append((other, f"is required with {name}; both come back from the consent"))
    return errors + _check_company(system, given, sent)


def _check_address(given: Given, *, loopback: bool) -> list[FieldError]:
    errors = []
    if given.code or given.state:
        errors.append(("redirect_uri", "asks for a consent; it can't go with the code or state of one"))
    if not _may_redirect(given.redirect_uri, loopback=loopback):
        errors.append(("redirect_uri", "must be an https address of the app that asks, without a fragment"))
    return errors


def _check_company(system: str, given: Given, sent: Names[str]) -> list[FieldError]:
    """Whether `realm_id` goes with the way in which the system names a consent's company."""
    row = SYSTEMS[system]
    if row.oauth and row.oauth.company_field:
        unknown = f"is not known to {row.label}; the organisation is chosen on its page"
    elif names_company(system):
        if given.realm_id and not given.code:
            return [("realm_id", "comes with the code of a consent")]
        if given.code and not given.realm_id and "realm_id" not in sent:
            return [("realm_id", f"is required with code: {row.label} sends it along as realmId")]
        return []
    else:
        where = f"settings.{system}.company_id"
        unknown = f"is not known to {row.label}; of several companies, {where} names one"
    return [("realm_id", unknown)] if given.realm_id else []


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


def ask(container: Container, connection: Connection, system: str, redirect_uri: str) -> str:
    """The page on which consent is given; what comes back from there must carry the state that is noted."""
    from payrelay.systems.oauth import consent_url  # noqa: PLC0415  (requests: only where it is used)

    row = SYSTEMS[system]
    if row.oauth is None:
        raise ValueError(f"{system} has no consent to ask for")
    state = secrets.token_urlsafe(32)
    until = container.engine.now + CONSENT_SECONDS
    where = (connection.tenant, connection.connection_id)
    container.ledger.connections.ask_consent(*where, _digest(state), redirect_uri, until=until)
    base_url = address_of(system, connection.settings)
    app = container.app_of(*where, system, base_url)
    verifier = _verifier(container, connection, system, state)
    return consent_url(row.oauth, base_url, app, redirect_uri, state, verifier)


def complete(container: Container, connection: Connection, system: str, given: Given) -> None:
    """Exchange the code that came back for tokens, and choose the company; nothing if there are tokens."""
    tokens = tokens_of(container, connection, system)
    if not given.code:
        if not tokens.given():
            label = SYSTEMS[system].label
            remedy = "Connect with a `redirect_uri`, and let a person open the `consent_url` of the answer."
            raise Declined("CONSENT_NEEDED", f"Nobody has given consent in {label} yet.", remedy=remedy)
        _choose(container, connection, system, tokens, given)
        return
    chosen = tokens.chosen()
    if given.realm_id and chosen not in (None, given.realm_id):
        problem = f"is another company than {chosen}, which this connection syncs with; disconnect it first"
        raise InvalidFields([("realm_id", problem)])
    # What could not be stored is not asked for: the state is good for another try.
    tokens.ready()
    redirect_uri = container.ledger.connections.take_consent(
        connection.tenant, connection.connection_id, _digest(given.state), now=container.engine.now
    )
    if redirect_uri is None:
        minutes = CONSENT_SECONDS // 60
        detail = f"This state is not the newest one, was used already, or is over {minutes} minutes old."
        raise Declined("CONSENT_UNKNOWN", detail, remedy=_ASK_AGAIN)
    verifier = _verifier(container, connection, system, given.state)
    _exchange(tokens, system, given.code, redirect_uri, verifier)
    _choose(container, connection, system, tokens, given)


def _verifier(container: Container, connection: Connection, system: str, state: str) -> Secret | None:
    """What proves that a code comes from this connection's own consent, where the vendor takes it."""
    from payrelay.systems.oauth import verifier_of  # noqa: PLC0415

    row = SYSTEMS[system]
    if row.oauth is None or not row.oauth.pkce:
        return None
    credentials = container.credentials_of(connection.kind)
    key = credentials.fingerprint_key(connection.tenant, connection.connection_id)
    return verifier_of(key, state)


def _exchange(tokens: Tokens, system: str, code: str, redirect_uri: str, verifier: Secret | None) -> None:
    """The first tokens, for the code of a consent; Declined says why there are none."""
    label = SYSTEMS[system].label
    try:
        tokens.exchange(Secret(code), redirect_uri, verifier)
    except OtherCompany as other:
        detail = f"This consent is for {other.company} at {label}; the connection syncs with {other.chosen}."
        remedy = "Disconnect first, then connect again and choose the other organisation."
        raise Declined("ORGANISATION_MISMATCH", detail, remedy=remedy, system=system) from other
    except CredentialsRefused as error:
        if error.code != _CODE_REFUSED:
            raise
        detail = f"{label} does not accept the code of this consent: {error.message}"
        raise Declined("CONSENT_UNKNOWN", detail, remedy=_ASK_AGAIN, system=system) from error
    except RetryLater as error:
        # The state is used up, and the code may be.
        detail = f"{label} did not answer the exchange of the consent's code: {error.message}"
        seconds = max(1, error.seconds)
        raise Declined(
            "SYSTEM_UNREACHABLE", detail, remedy=_ASK_AGAIN, system=system, seconds=seconds
        ) from error


def _choose(container: Container, connection: Connection, system: str, tokens: Tokens, given: Given) -> None:
    """The company that came with the consent, or that the settings name, or the only one that is reached.

    Another one than the connection works with has to be confirmed before it is noted: a run in progress would
    go on with it.
    """
    row = SYSTEMS[system]
    settings = connection.settings.get(system, {})
    if names_company(system):
        if given.realm_id:
            tokens.choose(given.realm_id)
        return
    companies = import_module(row.room).companies
    base_url = address_of(system, connection.settings)
    reached: dict[str, str] = companies(base_url, tokens.current(), container.door_options())
    wanted = settings.get("company_id") or (next(iter(reached)) if len(reached) == 1 else "")
    before = connection.organisations.get(system)
    if wanted in reached and before and tokens.chosen() not in (None, wanted) and not given.confirmed:
        values = {"name": connection.name, "before": before, "now": reached[wanted]}
        why = reason("OTHER_ORGANISATION", **values)
        raise Declined(why.code, why.message, remedy=why.remedy, system=system)
    if wanted in reached:
        tokens.choose(wanted)
        return
    names = ", ".join(f"{name} ({company_id})" for company_id, name in reached.items()) or "no company"
    named = f", and not {wanted}, which settings.{system}.company_id names" if wanted else ""
    remedy = f"Set settings.{system}.company_id to one of them, then connect again; no new consent is needed."
    if not reached:
        remedy = f"Ask for a new consent, and choose a company on {row.label}'s page."
    detail = f"The consent reaches {names} at {row.label}{named}."
    raise Declined("COMPANY_NOT_CHOSEN", detail, remedy=remedy, system=system, choices=reached)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
