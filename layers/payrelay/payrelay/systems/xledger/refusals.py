"""Which of our errors the `errors` of a GraphQL answer mean."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from payrelay.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    PartlyWritten,
    ProgrammingError,
    Rejected,
    RetryLater,
)
from payrelay.systems.http.masking import clean

SYSTEM = "xledger"
# The limits that say "nothing was done", and how long each asks to wait where it names no time.
BURST = "BAD_REQUEST.BURST_RATE_LIMIT_REACHED"
CONCURRENCY = "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED"
_CREDITS = "BAD_REQUEST.INSUFFICIENT_CREDITS"
_WAITS = {BURST: 5, CONCURRENCY: 1, _CREDITS: 20 * 60}
_UNHANDLED = "UNHANDLED_ERROR"
_TROUBLE_SECONDS = 10

_TIMED_OUT = re.compile(r"time[ds]?[ -]?out", re.IGNORECASE)
_TOKEN_FORM = re.compile(r"bad format for api token|authorization:\s*token", re.IGNORECASE)
_NO_ACCESS = re.compile(r"UNAUTHORI[SZ]ED|UNAUTHENTICATED|FORBIDDEN|ACCESS_DENIED", re.IGNORECASE)
_UNKNOWN_NAME = re.compile(
    r"cannot query field|unknown (argument|type|field|fragment)|syntax error", re.IGNORECASE
)


class Context(Struct, frozen=True):
    """The call that was refused: whether it only reads, its clientIds, what must not show, and when it is."""

    safe: bool
    client_ids: Sequence[str]
    hidden: Collection[str]
    now: datetime


class _Refusal(Struct, frozen=True):
    message: str
    code: str
    reset_at: str | None
    named: frozenset[str]


def error_of(errors: Sequence[object], done: Mapping[str, object], context: Context) -> Exception:
    """One error for them all: the one that decides what recovers the call.

    `done` are the records that the answer shows as written although it has errors.
    """
    refusals = [_read(error, context) for error in errors]
    for judge in (_credentials, _programming, _limit, _trouble):
        for refusal in refusals:
            if (error := judge(refusal, context)) is not None:
                return error
    return _rejected(refusals, done, context)


def _credentials(refusal: _Refusal, _: Context) -> Exception | None:
    if _TOKEN_FORM.search(refusal.message) or _NO_ACCESS.search(refusal.code):
        return CredentialsRefused(SYSTEM, f"does not accept the token: {refusal.message}", code=refusal.code)
    return None


def _programming(refusal: _Refusal, _: Context) -> Exception | None:
    return ProgrammingError(f"{SYSTEM}: {refusal.message}") if _UNKNOWN_NAME.match(refusal.message) else None


def _limit(refusal: _Refusal, context: Context) -> Exception | None:
    if refusal.code not in _WAITS:
        return None
    # A limit is not an outage: the vendor's own samples wait this long and go on.
    seconds = _WAITS[refusal.code]
    if refusal.reset_at is not None and (moment := _moment(refusal.reset_at)) is not None:
        seconds = max(1, math.ceil((moment - context.now).total_seconds()))
    return RetryLater(SYSTEM, refusal.message, seconds=seconds, named=True, code=refusal.code)


def _trouble(refusal: _Refusal, context: Context) -> Exception | None:
    """Trouble on their side, or words that we don't know: a write may have been done."""
    known = _UNHANDLED in refusal.code or _TIMED_OUT.search(refusal.message)
    if not known and (refusal.code or context.safe):
        return None
    kind = RetryLater if context.safe else OutcomeUnknown
    return kind(SYSTEM, refusal.message, seconds=_TROUBLE_SECONDS, code=refusal.code)


def _rejected(refusals: Sequence[_Refusal], done: Mapping[str, object], context: Context) -> Exception:
    message = "; ".join(dict.fromkeys(refusal.message for refusal in refusals[:3]))
    code = refusals[0].code
    # The first word on a node is the reason; what follows is mostly its consequence.
    reasons = {
        key: refusal.message for refusal in reversed(refusals) for key in refusal.named if key not in done
    }
    if done:
        refused = tuple(client_id for client_id in context.client_ids if client_id not in done)
        return PartlyWritten(SYSTEM, message, done=done, code=code, keys=refused, reasons=reasons)
    keys = tuple(client_id for client_id in context.client_ids if client_id in reasons)
    return Rejected(SYSTEM, message, code=code, keys=keys, reasons=reasons)


def _read(error: object, context: Context) -> _Refusal:
    if not isinstance(error, Mapping):
        return _Refusal("an error without words", "", None, frozenset())
    extensions = error.get("extensions")
    extensions = extensions if isinstance(extensions, Mapping) else {}
    message = _text(error.get("message")) or "an error without words"
    # The limits have their code at the top, refused values have theirs in the extensions.
    top, inner = _text(error.get("code")), _text(extensions.get("code"))
    code = top if top in _WAITS or _UNHANDLED in top else inner or top
    return _Refusal(
        message=clean(message, context.hidden),
        code=clean(code),
        reset_at=_text(extensions.get("resetAt")) or None,
        named=_named(message, extensions, context.client_ids),
    )


def _named(message: str, extensions: Mapping[Any, Any], client_ids: Sequence[str]) -> frozenset[str]:
    """The clientIds that an error names: in its extensions, or as a word of its message."""
    listed = extensions.get("clientIds")
    said = {_text(extensions.get("clientId")), *map(_text, listed if isinstance(listed, list) else ())}
    return frozenset(
        client_id
        for client_id in client_ids
        if client_id in said
        or (client_id in message and re.search(rf"(?<![\w-]){re.escape(client_id)}(?![\w-])", message))
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Without an offset it is Central European wall-clock time. Of the hour that comes twice in autumn the
    # second is meant here: too long a wait costs less than a refused call.
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Oslo"), fold=1).astimezone(UTC)


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""
