"""What came back from a system, and which of our errors it means."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from payrelay.domain.reasons import reason
from payrelay.errors import CredentialsRefused, NeedsAttention, OutcomeUnknown, Rejected, RetryLater

from .wire import Shape, read_json

# Refused before anything was done: right again later, also for a write.
_BUSY = frozenset({408, 425, 429})
_SECONDS = r"\d{1,9}(\.\d*)?"
_FIRST_WAIT, _LONGEST_WAIT = 5, 300


class Answer(Struct, frozen=True):
    """A complete HTTP answer: header names in lower case, body within the door's limit; neither is shown."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer(status={self.status})"

    def json(self, shape: Shape | None = None) -> Any:
        return read_json(self.body, shape)


class NoAnswer(Struct, frozen=True):
    """No complete answer came; `sent` is false when the request certainly never reached the system."""

    problem: str
    sent: bool = True
    too_large: bool = False


# The vendor's own (code, message) in a refusal; either may be empty.
Explain = Callable[[Answer], tuple[str, str]]


def named_wait(answer: Answer, now: datetime) -> float | None:
    """The seconds that Retry-After names, as number or HTTP date; None if it names none."""
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(_SECONDS, text):
        return float(text)
    moment = time_in(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def time_in(text: str) -> datetime | None:
    """The time that a header names; None if it names none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def growing_wait(refusals: int) -> int:
    """Seconds to wait after so many refusals in a row, where the system names none: 5, 10, 20 … 300."""
    return min(_FIRST_WAIT << min(refusals, 10), _LONGEST_WAIT)


def error_of_no_answer(system: str, lost: NoAnswer, *, safe: bool, seconds: int) -> Exception:
    """The error for a call whose answer never came."""
    if not lost.sent:
        return RetryLater(system, lost.problem, seconds=seconds, code="UNREACHABLE")
    if not safe:
        return OutcomeUnknown(system, f"{lost.problem} after a write", seconds=seconds, code="ANSWER_LOST")
    if lost.too_large:
        return Rejected(system, lost.problem, code="ANSWER_TOO_LARGE")
    return RetryLater(system, lost.problem, seconds=seconds, code="ANSWER_LOST")


def error_of_unreadable(system: str, what: str, *, safe: bool, seconds: int = _FIRST_WAIT) -> RetryLater:
    """The error for an answer that is not what the contract says: a write may have been done nevertheless."""
    kind = RetryLater if safe else OutcomeUnknown
    return kind(system, f"unreadable answer: {what}", seconds=seconds, code="UNREADABLE_ANSWER")


def error_of_answer(
    system: str, answer: Answer, *, safe: bool, wait: float | None, refusals: int, words: tuple[str, str]
) -> Exception:
    """The error that a refusal means; `wait` is what the system named, `words` its own code and message."""
    status, (code, message) = answer.status, words
    seconds = growing_wait(refusals) if wait is None else max(1, math.ceil(wait))
    if status // 100 == 3:
        return _redirect(system, answer)
    if status in (401, 403):
        return CredentialsRefused(
            system, f"does not accept the credentials (HTTP {status})", code=str(status)
        )
    if status in _BUSY or status >= 500:
        kind = RetryLater if safe or status in _BUSY else OutcomeUnknown
        text = message or ("busy" if status in _BUSY else "in trouble")
        return kind(
            system,
            f"{text} (HTTP {status})",
            seconds=seconds,
            named=wait is not None,
            code=code or str(status),
        )
    return Rejected(system, message or f"refused (HTTP {status})", code=code or str(status))


def _redirect(system: str, answer: Answer) -> NeedsAttention:
    try:
        host = urlsplit(answer.headers.get("location", "")).hostname or "the same host"
    except ValueError:
        host = "an address that can't be read"
    why = reason("REDIRECT_REFUSED", system=shown(system), host=host)
    return NeedsAttention(why.code, why.message, why.remedy)


def shown(system: str) -> str:
    """What people call a system."""
    from payrelay.systems.registry import label  # noqa: PLC0415  (it imports this room)

    return label(system)
