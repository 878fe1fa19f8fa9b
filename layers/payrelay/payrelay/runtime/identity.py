"""Who is calling: by a JWT, verified here, that names tenant and role, or by an app's key (TRG-4, CON-4)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from payrelay.domain.sensitive import Secret
from payrelay.errors import KeysUnavailable, TokenMissing, Unauthenticated
from payrelay.runtime.api_keys import is_key

if TYPE_CHECKING:
    from jwt import PyJWKClient

    from payrelay.ledger.access import Access
    from payrelay.ledger.apps import App

Claims = Mapping[str, Any]
# The `tenant` and `role` of an app of the user pool by its client id, or None.
Clients = Callable[[str], Mapping[str, Any] | None]
# The app that holds a key, or None.
Holders = Callable[[Secret], "App | None"]

ALGORITHM = "RS256"
SCOPE_PREFIX = "payrelay/"

_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEEWAY_SECONDS = 5
_KEYS_LIFESPAN_SECONDS = 3600
_KEYS_TIMEOUT_SECONDS = 5


class Role(IntEnum):
    """What a caller may do; each role may do all that the ones before it may.

    An employee reads and refreshes what is their own, by their verified e-mail, and nothing else (LB-12).
    SERVICE stands apart: those who run Payrelay are of no tenant, and may do in none what the others may; an
    access lets them be an operator of one for some hours (CON-5).
    """

    NONE = 0
    EMPLOYEE = 1
    VIEWER = 2
    OPERATOR = 3
    ADMIN = 4
    SERVICE = 5

    @property
    def label(self) -> str:
        """The name in tokens and answers."""
        return self.name.lower()


# What somebody of a tenant may be.
ROLES = {role.label: role for role in Role if role not in (Role.NONE, Role.SERVICE)}
# What an app may be: it is no person, and so nobody's data are its own.
ROLES_OF_APPS = {label: role for label, role in ROLES.items() if role is not Role.EMPLOYEE}


class Principal(NamedTuple):
    """A verified caller. `subject` is who asked, for people: a verified e-mail, a user or an app.

    Rights that belong to a person go by `email`, which is verified; a user may have chosen their own name.
    `employee` tells whether one of their roles is that of an employee, beside a higher one.
    `sub` is the issuer's own id of the caller: it stands in logs, where no e-mail does. One of the service
    acts in a tenant by an `access`, and has no e-mail there: nothing of it is their own.
    """

    tenant: str
    role: Role
    subject: str
    email: str = ""
    employee: bool = False
    sub: str = ""
    access: Access | None = None


class TokenRules(NamedTuple):
    """Which tokens are accepted, and where they name tenant and role."""

    issuer: str
    audiences: frozenset[str]
    jwks_url: str
    tenant_claim: str
    role_claim: str

    @classmethod
    def from_environment(cls) -> TokenRules:
        """KeyError names a variable that the template forgot."""
        audiences = (part.strip() for part in os.environ["TOKEN_AUDIENCE"].split(","))
        return cls(
            issuer=os.environ["TOKEN_ISSUER"],
            audiences=frozenset(audience for audience in audiences if audience),
            jwks_url=os.environ["JWKS_URL"],
            tenant_claim=os.environ.get("TENANT_CLAIM", "custom:tenant"),
            role_claim=os.environ.get("ROLE_CLAIM", "cognito:groups"),
        )


class Verifier:
    """Turns tokens and keys into principals."""

    def __init__(self, rules: TokenRules, clients: Clients, holders: Holders) -> None:
        self._rules = rules
        self._clients = clients
        self._holders = holders
        self._jwks: PyJWKClient | None = None

    def principal(self, authorization: str) -> Principal:
        """The caller whom the `Authorization` header names; Unauthenticated or KeysUnavailable."""
        scheme, _, token = authorization.strip().partition(" ")
        if not authorization.strip():
            raise TokenMissing("there is none")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("the Authorization header is not Bearer and a token")
        token = token.strip()
        return self._of_key(Secret(token)) if is_key(token) else self._principal(self._verified(token))

    def _of_key(self, key: Secret) -> Principal:
        """The app that holds a key; one that nobody holds is refused in one way, whatever is wrong."""
        app = self._holders(key)
        if app is None:
            raise Unauthenticated("no app has this key")
        role = ROLES_OF_APPS.get(app.role, Role.NONE)
        return Principal(_tenant(app.tenant), role, f"App: {app.name}", sub=app.app_id)

    def _verified(self, token: str) -> Claims:
        """The claims of a token whose signature, issuer and times hold."""
        import jwt  # noqa: PLC0415  (cryptography is slow to import; /health does without)

        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise Unauthenticated("it is not a JWT") from error
        if header.get("alg") != ALGORITHM:
            raise Unauthenticated(f"it is not signed with {ALGORITHM}")
        try:
            claims: Claims = jwt.decode(
                token,
                self._key(header.get("kid")),
                algorithms=[ALGORITHM],
                issuer=self._rules.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("it has expired") from error
        except jwt.InvalidIssuerError as error:
            raise Unauthenticated("it comes from another issuer") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated("its signature or its claims do not hold") from error
        return claims

    def _key(self, kid: object) -> Any:
        """The issuer's public key of that id, from its key set, which is cached."""
        import jwt  # noqa: PLC0415

        if not isinstance(kid, str):
            raise Unauthenticated("it does not say which key signed it")
        if self._jwks is None:
            self._jwks = jwt.PyJWKClient(
                self._rules.jwks_url, lifespan=_KEYS_LIFESPAN_SECONDS, timeout=_KEYS_TIMEOUT_SECONDS
            )
        try:
            self._jwks.get_signing_keys()
        except (jwt.PyJWTError, ValueError, OSError) as error:
            raise KeysUnavailable("the issuer's keys can't be read") from error
        try:
            return self._jwks.get_signing_key(kid).key
        except jwt.PyJWKClientConnectionError as error:
            raise KeysUnavailable("the issuer's keys can't be read") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated("it is signed with a key that the issuer does not have") from error

    def _principal(self, claims: Claims) -> Principal:
        scopes = _scoped_role(claims.get("scope"))
        if self._rules.tenant_claim not in claims and _is_app(claims):
            return self._app(claims, scopes)
        self._check_audience(claims)
        if self._is_service(claims):
            return Principal("", Role.SERVICE, _subject(claims), sub=str(claims["sub"]))
        role = min(_highest(claims.get(self._rules.role_claim)), scopes)
        tenant = _tenant(claims.get(self._rules.tenant_claim))
        employee = Role.EMPLOYEE.label in _texts(claims.get(self._rules.role_claim))
        email = _verified_email(claims)
        return Principal(tenant, role, _subject(claims), email, employee, sub=str(claims["sub"]))

    def _is_service(self, claims: Claims) -> bool:
        """Whether one of those who run Payrelay calls: never somebody whose token names a tenant."""
        named = self._rules.tenant_claim in claims or _our_scopes(claims.get("scope"))
        return not named and Role.SERVICE.label in _texts(claims.get(self._rules.role_claim))

    def _app(self, claims: Claims, scopes: Role) -> Principal:
        """An app of the user pool: what it may do was registered, its scopes can only narrow that."""
        client_id = str(claims["client_id"])
        registered = self._clients(client_id)
        if registered is None:
            raise Unauthenticated("its app is not registered with any tenant")
        role = min(ROLES.get(registered["role"], Role.NONE), scopes)
        if role is Role.EMPLOYEE:
            role = Role.NONE
        return Principal(_tenant(registered["tenant"]), role, client_id, sub=client_id)

    def _check_audience(self, claims: Claims) -> None:
        given = claims.get("aud")
        if given is None and claims.get("token_use") == "access":
            # Cognito's access tokens have no audience, and name their app instead.
            given = claims.get("client_id")
        if self._rules.audiences.isdisjoint(_texts(given)):
            raise Unauthenticated("it was made for somebody else")


def _is_app(claims: Claims) -> bool:
    """Whether an app got the token for itself: then it is its own subject, and no user is named."""
    client_id = claims.get("client_id")
    return claims.get("token_use") == "access" and bool(client_id) and claims["sub"] == client_id


def is_tenant(text: str) -> bool:
    """Whether a text can name a tenant."""
    return _TENANT.fullmatch(text) is not None


def _tenant(value: object) -> str:
    if not isinstance(value, str) or not is_tenant(value):
        raise Unauthenticated("it names no tenant")
    return value


def _verified_email(claims: Claims) -> str:
    """An e-mail only when it is verified, since anybody can claim one; "" if none is."""
    verified = claims.get("email_verified") in (True, "true")
    return str(claims["email"]) if claims.get("email") and verified else ""


def _subject(claims: Claims) -> str:
    return _verified_email(claims) or str(
        claims.get("cognito:username") or claims.get("username") or claims["sub"]
    )


def _texts(value: object) -> list[str]:
    """A claim that is one text or a list of them, as a list."""
    found = value if isinstance(value, list) else [value]
    return [text for text in found if isinstance(text, str)]


def _highest(value: object) -> Role:
    return max((ROLES.get(name, Role.NONE) for name in _texts(value)), default=Role.NONE)


def _scoped_role(value: object) -> Role:
    """The most that the token's scopes allow; everything when none of them is ours."""
    ours = _our_scopes(value)
    return _highest(ours) if ours else Role.ADMIN


def _our_scopes(value: object) -> list[str]:
    scopes = value.split() if isinstance(value, str) else []
    return [scope.removeprefix(SCOPE_PREFIX) for scope in scopes if scope.startswith(SCOPE_PREFIX)]


@lru_cache(maxsize=1)
def token_rules() -> TokenRules:
    """This container's rules."""
    return TokenRules.from_environment()
