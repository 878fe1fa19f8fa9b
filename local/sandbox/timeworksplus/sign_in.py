"""Signing in: a token that partner or client makes and signs becomes one of a session, good for one site."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from local.sandbox.frame.kinds import Misfit, Misfits
from local.sandbox.frame.oauth import jwt
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked

AHEAD = 300
LIFE = timedelta(hours=24)
_PRODUCTS = {"partner": "twppartner", "client": "twpclient"}


def sign_in(store: Store, asked: Asked, now: datetime) -> object:
    """A session for the site of `siteInfo`. Names of claims are read as they are, values in any case."""
    media = asked.call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Misfits([Misfit(("Content-Type",), "must be application/json")], "headers")
    claims = _claims(_bearer(asked.call.headers), lambda said: _secret(store, said, session=False))
    site = _asked_for(claims, now)
    issuer = _text(claims.get("iss"))
    if _text(claims["sub"]) == "client" and site != issuer:
        raise Refused("OtherSite")
    check_site(store, claims, site)
    # A new secret ends the sessions that began with the one before: they are signed with it too.
    session = {"iss": issuer, "sub": _text(claims["sub"]), "siteId": site}
    ends = int((now + LIFE).timestamp())
    return {"token": jwt({**session, "exp": ends}, _secret(store, session, session=True))}


def session_of(store: Store, headers: Mapping[str, str], now: datetime) -> Row:
    """What the token of a call says; raises Refused."""
    claims = _claims(_bearer(headers), lambda said: _secret(store, said, session=True))
    if not isinstance(claims.get("siteId"), str) or now.timestamp() >= claims["exp"]:
        raise Refused("Unauthorized")
    return claims


def check_site(store: Store, claims: Row, site: str) -> None:
    """Refuse a site that there is not, or that is not under the partner."""
    row = store["sites"].get(site)
    if row is None:
        raise Refused("NotFound", f"There is no site {site}.")
    if _text(claims["sub"]) == "partner" and row["PartnerId"] != _text(claims["iss"]):
        raise Refused("OtherSite")


def _asked_for(claims: Row, now: datetime) -> str:
    """The site that claims are made for, which have to be whole and of the next five minutes."""
    kind, product, info = (claims.get(name) for name in ("sub", "product", "siteInfo"))
    ends, present = claims.get("exp"), now.timestamp()
    in_time = type(ends) is int and present < ends <= present + AHEAD
    known = isinstance(kind, str) and _PRODUCTS.get(_text(kind)) == _text(product)
    by_id = isinstance(info, dict) and _text(info.get("type")) == "id" and _text(info.get("id"))
    if not in_time or not known or not by_id:
        raise Refused("Unauthorized")
    return str(by_id)


def _secret(store: Store, claims: Row, *, session: bool) -> str:
    """What tokens of a partner, or of a client, are signed with; empty for nobody's."""
    resource = "partners" if _text(claims.get("sub")) == "partner" else "sites"
    row = store[resource].get(_text(claims.get("iss")))
    return (row["Secret"] + " of a session" * session) if row else ""


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _claims(token: str, secret_of: Callable[[Row], str]) -> Row:
    """The claims of a token that is signed with HS256 and the secret of whom it names; raises Refused."""
    try:
        said, _, signature = token.rpartition(".")
        head, claims = (json.loads(_from_letters(part)) for part in said.split("."))
        given = _from_letters(signature)
    except (ValueError, binascii.Error):
        raise Refused("Unauthorized") from None
    if isinstance(head, dict) and head.get("alg") == "HS256" and isinstance(claims, dict):
        secret = secret_of(claims)
        signed = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
        if secret and hmac.compare_digest(signed, given):
            return claims
    raise Refused("Unauthorized")


def _from_letters(text: str) -> bytes:
    if "=" in text:
        raise ValueError(text)
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _text(value: Any) -> str:
    """A claim's value in small letters; empty for what is neither a text nor a number."""
    return str(value).lower() if type(value) in (str, int) else ""
