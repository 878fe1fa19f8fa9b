"""The systems that Payrelay can speak to, one row each; a room is imported when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused

from .http.address import check_address as _check_address

if TYPE_CHECKING:
    from payrelay.domain.records import Reason

    from .http.door import DoorOptions
    from .sessions import Session


class Client(Protocol):
    """What every room's client can do."""

    def organisation(self) -> str:
        """The name of the organisation that the credentials reach, by a real call."""
        ...


class SignedIn(Client, Protocol):
    """What the client of a system with sessions can do besides."""

    def sign_in(self) -> Session:
        """A new session; CredentialsRefused is final."""
        ...


class Room(Protocol):
    """What every room's package offers."""

    def connect(self, base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> Client: ...


class OAuth(Struct, frozen=True):
    """A system's endpoints and habits.

    `in_body` puts client id and secret into the form instead of a Basic header; `revoke_as_json` sends the
    token to be revoked as JSON. A consent that `reaches_several` companies leaves the choice to the settings;
    else the company comes with it: `company_field` is where the token answer itself names it, if it does.
    With `pkce` the code of a consent is good for nobody but who asked for it (RFC 7636); not every vendor
    takes that. In the local stack all endpoints are below the system's one base address.
    """

    authorize_url: str
    token_url: str
    revoke_url: str
    scope: str
    in_body: bool = False
    revoke_as_json: bool = False
    reaches_several: bool = True
    company_field: str = ""
    pkce: bool = False


class CredentialField(Struct, frozen=True):
    """One thing to enter: its name in the credentials, what it is, and whether it must be kept secret."""

    name: str
    what: str
    secret: bool = True


class System(Struct, frozen=True):
    """One outside product. `allowed_hosts` are names, or `*.name` for those below it.

    An `accounting` package's room offers what `systems/accounting.py` says, and so takes AutoVu's documents.
    `renewal` says how credentials are renewed, or where a person gives a new consent, if not as usual. What
    matches `passing` of its organisation's name does not tell which one it is. What of the connection's
    settings its room is `told`, it takes beside the credentials. With a `session` its client signs in, and
    the token is kept. It takes so many calls in so many seconds by its `rate`, and so many a `day`, of each
    connection: as the vendor says, who says nothing where it is None.
    """

    name: str
    label: str
    allowed_hosts: tuple[str, ...]
    base_url: str
    credentials: tuple[CredentialField, ...]
    room: str
    oauth: OAuth | None = None
    accounting: bool = False
    renewal: str = ""
    passing: str = ""
    told: tuple[str, ...] = ()
    session: bool = False
    rate: tuple[int, int] | None = None
    day: int | None = None

    def connect(self, base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> Client:
        """The room's client; makes no call. CredentialsRefused if one of the credentials is missing.

        With OAuth it takes what a consent gave (`access_token`, `company_id`), not what an admin enters.
        """
        if self.oauth is not None and "access_token" not in credentials:
            raise CredentialsRefused(
                self.name, "not given: a consent that yields an access token; connect again"
            )
        for field in () if self.oauth is not None else self.credentials:
            if field.name not in credentials:
                raise CredentialsRefused(self.name, f"not given: {field.what}")
        for setting in self.told:
            if setting not in credentials:
                raise CredentialsRefused(self.name, f"not given: the setting {setting}")
        return cast(Room, import_module(self.room)).connect(base_url, credentials, options)

    def sign_in(self, base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> Session:
        """A new session, by a call."""
        return cast(SignedIn, self.connect(base_url, credentials, options)).sign_in()

    def told_of(self, settings: Mapping[str, Any]) -> dict[str, Secret]:
        """What its room is told of a connection's settings, as it takes it beside the credentials."""
        return {name: Secret(str(settings[name])) for name in self.told if name in settings}

    def check(self, base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> str:
        """The name of the organisation that the credentials reach (CON-2), by a real call."""
        return self.connect(base_url, credentials, options).organisation()

    def check_address(self, base_url: str, *, allow_loopback: bool) -> str:
        """`base_url` tidied, if it may be this system's address (SEC-3); else NeedsAttention."""
        return _check_address(self.label, base_url, self.allowed_hosts, allow_loopback=allow_loopback)


SYSTEMS: Mapping[str, System] = {
    system.name: system
    for system in (
        System(
            name="simployer",
            label="Simployer One",
            allowed_hosts=("api.alexishr.com", "api.sandbox.alexishr.com"),
            base_url="https://api.alexishr.com/v1",
            credentials=(
                CredentialField(
                    "access_token", "Access token of type Public API (Settings, Access tokens); shown once"
                ),
            ),
            room="payrelay.systems.simployer",
            passing=r" and \d+ more$",
        ),
        System(
            name="xledger",
            label="Xledger",
            allowed_hosts=("www.xledger.net", "demo.xledger.net"),
            base_url="https://www.xledger.net",
            credentials=(
                CredentialField(
                    "api_token", "API token (Administration, Access Control, GraphQL, API Tokens)"
                ),
            ),
            room="payrelay.systems.xledger",
            rate=(20, 5),
            passing=r"Xledger entity without employees",
        ),
        System(
            name="autovu",
            label="AutoVu",
            # Assumed: AutoVu publishes no address of its API.
            allowed_hosts=("*.autovu.co.uk", "*.autovusolutions.com"),
            base_url="https://your-tenant.autovu.co.uk",
            credentials=(
                CredentialField(
                    "integration_key", "Integration key, one per tenant; the administrator has it"
                ),
            ),
            room="payrelay.systems.autovu",
            rate=(5, 1),
            passing=r", user .*(?=\))",
        ),
        System(
            name="quickbooks",
            label="QuickBooks",
            allowed_hosts=("quickbooks.api.intuit.com", "sandbox-quickbooks.api.intuit.com"),
            base_url="https://quickbooks.api.intuit.com",
            credentials=(
                CredentialField(
                    "client_id", "Client id of the app (developer.intuit.com, Keys and credentials)"
                ),
                CredentialField("client_secret", "Client secret of the same app"),
            ),
            room="payrelay.systems.quickbooks",
            rate=(500, 60),
            accounting=True,
            oauth=OAuth(
                authorize_url="https://appcenter.intuit.com/connect/oauth2",
                token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106 - an address
                revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
                scope="com.intuit.quickbooks.accounting",
                revoke_as_json=True,
                reaches_several=False,
            ),
        ),
        System(
            name="xero",
            label="Xero",
            allowed_hosts=("api.xero.com",),
            base_url="https://api.xero.com",
            credentials=(
                CredentialField("client_id", "Client id of the app (developer.xero.com, My Apps)"),
                CredentialField("client_secret", "Client secret of the app; shown once"),
            ),
            room="payrelay.systems.xero",
            rate=(60, 60),
            # Its free tier has 1,000, which the connection's setting `calls` says.
            day=5000,
            accounting=True,
            oauth=OAuth(
                authorize_url="https://login.xero.com/identity/connect/authorize",
                token_url="https://identity.xero.com/connect/token",  # noqa: S106 - an address
                revoke_url="https://identity.xero.com/connect/revocation",
                scope="offline_access accounting.invoices accounting.contacts accounting.settings",
            ),
        ),
        System(
            name="sage",
            label="Sage",
            allowed_hosts=("api.accounting.sage.com",),
            base_url="https://api.accounting.sage.com",
            credentials=(
                CredentialField("client_id", "Client ID of the app (Sage developer portal)"),
                CredentialField("client_secret", "Client Secret of the app"),
            ),
            room="payrelay.systems.sage",
            accounting=True,
            oauth=OAuth(
                authorize_url="https://www.sageone.com/oauth2/auth/central?filter=apiv3.1",
                token_url="https://oauth.accounting.sage.com/token",  # noqa: S106
                revoke_url="https://oauth.accounting.sage.com/revoke",
                scope="full_access",
                in_body=True,
                pkce=True,
            ),
        ),
        System(
            name="attache",
            label="Attaché Payroll",
            # Assumed: Attaché publishes no address of an API; people log in at leave.attacheonline.com.
            allowed_hosts=("*.attacheonline.com",),
            base_url="https://online.attacheonline.com",
            credentials=(
                CredentialField("client_id", "Client id of the app; Attaché gives it out"),
                CredentialField("client_secret", "Client secret of the same app"),
            ),
            room="payrelay.systems.attache",
            rate=(60, 60),
            oauth=OAuth(
                authorize_url="https://online.attacheonline.com/oauth/authorize",
                token_url="https://online.attacheonline.com/oauth/token",  # noqa: S106 - an address
                revoke_url="https://online.attacheonline.com/oauth/revoke",
                scope="leave.read employees.read",
                reaches_several=False,
                company_field="organisation_id",
            ),
            renewal=(
                "In Express Leave open Company Admin, Company Details, and choose Disconnect, then Connect "
                "to Organisation, and the organisation there (POST …/connect with a `redirect_uri`). A full "
                "sync follows."
            ),
        ),
        System(
            name="express_leave",
            label="Express Leave",
            # Assumed: people log in at this address; no address of an API is published.
            allowed_hosts=("*.attacheonline.com",),
            base_url="https://leave.attacheonline.com",
            credentials=(
                CredentialField("company_id", "Company id (Company Admin, Company Details)", secret=False),
                CredentialField("api_key", "API key of the company; the administrator has it"),
            ),
            room="payrelay.systems.express_leave",
            rate=(10, 1),
        ),
        System(
            name="payroll_plus",
            label="Exact Payroll Plus",
            # Assumed: Exact publishes no address of an API for Payroll Plus.
            allowed_hosts=("*.exactpayrollplus.nl", "*.exact.nl"),
            base_url="https://api.exactpayrollplus.nl",
            credentials=(
                CredentialField("employer_id", "Employer id in Payroll Plus", secret=False),
                CredentialField("username", "User name of the Payroll Plus account"),
                CredentialField("password", "Password of the same account"),
            ),
            room="payrelay.systems.payroll_plus",
            rate=(5, 1),
        ),
        System(
            name="synergy",
            label="Exact Synergy",
            # Assumed, of hosted servers: a customer's own server has to be added here.
            allowed_hosts=("*.exactsynergy.nl", "*.exact.nl"),
            base_url="https://synergy.exactsynergy.nl/Synergy",
            credentials=(
                CredentialField(
                    "username", "User name in Exact Synergy, of a user who may read persons and roles"
                ),
                CredentialField("password", "Password of that user"),
            ),
            room="payrelay.systems.synergy",
            # It tells its licence only.
            passing=r".*",
        ),
        System(
            name="globe_next",
            label="Exact Globe Next",
            # Assumed, of hosted servers: a customer's own server has to be added here.
            allowed_hosts=("*.exactglobe.nl", "*.exact.nl"),
            base_url="https://globe.exactglobe.nl",
            credentials=(
                CredentialField(
                    "username", "User name in Exact Globe Next, of an active employee who may enter bookings"
                ),
                CredentialField("password", "Password of that user"),
            ),
            room="payrelay.systems.globe_next",
            # Its companies are the settings' choice.
            passing=r".*",
        ),
        System(
            name="millennium",
            label="Millennium",
            # Assumed, of hosted servers: a customer's own process server has to be added here.
            allowed_hosts=("*.mpay.com",),
            base_url="https://your-process-server.mpay.com",
            credentials=(
                CredentialField("username", "User name in Millennium, of a user with rights on the company"),
                CredentialField("password", "Password of that user"),
            ),
            room="payrelay.systems.millennium",
            rate=(5, 1),
            told=("company",),
            session=True,
        ),
        System(
            name="timeworksplus",
            label="TimeWorksPlus",
            allowed_hosts=("twpapi.payrollservers.us", "clock.payrollservers.us"),
            base_url="https://twpapi.payrollservers.us",
            credentials=(
                CredentialField(
                    "issuer_id", "Accountant id of the partner, or the site id of a client", secret=False
                ),
                CredentialField("api_secret", "API secret of the same; a new one ends the one before"),
            ),
            room="payrelay.systems.timeworksplus",
            renewal=(
                "See that the site is one of this issuer's in TimeWorksPlus, put the issuer's id and the API "
                "secret as they are there into the connection and connect again. A new secret is the last "
                "resort: it ends every integration that holds the one before."
            ),
            told=("site_id",),
            session=True,
        ),
    )
}


# The accounting packages, by name.
PACKAGES = tuple(row.name for row in SYSTEMS.values() if row.accounting)


def system(name: str) -> System:
    """The system of that name; KeyError if there is none."""
    return SYSTEMS[name]


def allowed_hosts(name: str) -> tuple[str, ...]:
    """The hosts that the system's credentials may be sent to."""
    return SYSTEMS[name].allowed_hosts


def rate_of(name: str) -> tuple[int, int] | None:
    """How many calls the system takes in how many seconds, if it says so."""
    return SYSTEMS[name].rate


def address_of(name: str, settings: Mapping[str, Any]) -> str:
    """The address of the system that a connection's settings say, or else its usual one."""
    return str(settings.get(name, {}).get("base_url", SYSTEMS[name].base_url))


def label(name: str) -> str:
    """What people call the system of that name."""
    return SYSTEMS[name].label if name in SYSTEMS else name


def renewal(name: str) -> str:
    """What a person does once a system does not accept the credentials of a connection any more."""
    if name in SYSTEMS and SYSTEMS[name].oauth:
        usual = (
            "Connect again with a `redirect_uri` (POST …/connect), and let a person open the `consent_url` "
            "of the answer and give a new consent."
        )
        again = SYSTEMS[name].renewal or usual
        return f"{again} If the client id or secret of the app has changed, put it into the connection first."
    if name in SYSTEMS and SYSTEMS[name].renewal:
        return SYSTEMS[name].renewal
    if name in SYSTEMS and any(field.name == "password" for field in SYSTEMS[name].credentials):
        return (
            f"See that the user can sign in to {label(name)} and has the rights there, put user name and "
            "password into the connection and connect again."
        )
    return f"Make a new token in {label(name)}, put it into the connection and connect again."


def said(error: CredentialsRefused) -> str:
    """What a system said, for a sentence that tells already that it does not accept the credentials."""
    return error.message.removeprefix("does not accept the credentials").strip(" ()")


def refused(error: CredentialsRefused) -> Reason:
    """Why a connection needs attention, and what a person does then with credentials of that kind."""
    why = reason("CREDENTIALS_REFUSED", system=label(error.system), problem=said(error))
    return replace(why, remedy=renewal(error.system)) if error.system in SYSTEMS else why
