"""The sign-in of TimeWorksPlus: a token of our own (JWT, HS256) for a session's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention
from payrelay.systems.http.answers import Answer, Explain, error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.sessions import Session

_PATH = "/AuthenticationService/oauth2/userToken"
# Five minutes are the most that are taken: half of them, so that our clock may be as much off either way.
_LASTS = 150
_MOST_OFF = 300
_SESSION = 24 * 60 * 60


def signed_in(
    system: str,
    base_url: str,
    site_id: str,
    issuer: tuple[Secret, Secret],
    options: DoorOptions,
    words: Explain,
) -> Session:
    """A new session; `words` finds the vendor's own in a refusal.

    Refused, it is asked for once more at most: by the other clock, if ours is a little off. With a wrong
    secret, or a clock that is more than five minutes off, it would be refused again.
    """
    seen: list[datetime] = []

    def explain(answer: Answer) -> tuple[str, str]:
        seen.extend(_date_of(answer))
        return words(answer)

    def asked(now: datetime) -> object:
        token = originating(site_id, issuer[0].reveal(), issuer[1], now)
        door = Door(
            system,
            base_url,
            allowed_hosts(system),
            secret_headers={"Authorization": bearer(token)},
            explain=explain,
            options=replace(options, renew=None),
        )
        return door.send("POST", _PATH, body={}, safe=True)

    now = options.now()
    try:
        answer = asked(now)
    except CredentialsRefused:
        off = (now - seen[0]).total_seconds() if seen else 0.0
        if abs(off) <= _LASTS:
            raise
        if abs(off) > _MOST_OFF:
            raise _clock_wrong(off) from None
        answer = asked(seen[0])
    match answer:
        case {"token": str(token)} if token:
            return Session(Secret(token), int(now.timestamp()) + _SESSION)
    raise error_of_unreadable(system, "no session", safe=True)


def _clock_wrong(off: float) -> NeedsAttention:
    minutes = round(abs(off) / 60)
    said = f"{minutes} minutes {'fast' if off > 0 else 'slow'}"
    why = reason("CLOCK_WRONG", system="TimeWorksPlus", off=said)
    return NeedsAttention(why.code, why.message, why.remedy)


def originating(site_id: str, issuer_id: str, secret: Secret, now: datetime) -> Secret:
    """The token that asks for a session of a site, as its client or as its partner."""
    if not issuer_id.isdecimal():
        raise CredentialsRefused("timeworksplus", "the issuer's id is not a number")
    role = "client" if issuer_id == site_id else "partner"
    claims = {
        "iss": int(issuer_id),
        "sub": role,
        "product": f"twp{role}",
        "exp": int(now.timestamp()) + _LASTS,
        "siteInfo": {"type": "id", "id": site_id},
    }
    head = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = hmac.new(secret.reveal().encode(), head.encode(), hashlib.sha256).digest()
    return Secret(f"{head}.{_base64url(signature)}")


def _part(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _date_of(answer: Answer) -> list[datetime]:
    """What the other side's clock said, if it said it."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return []
    return [moment] if moment.tzinfo else []
