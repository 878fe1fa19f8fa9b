"""QuickBooks' faults, in both of their shapes, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from payrelay.errors import RetryLater

SYSTEM = "quickbooks"
# "ThrottleExceeded": nothing was done. QuickBooks documents no Retry-After, but a minute.
_THROTTLED = frozenset({"3001", "003001", "429"})
THROTTLE_SECONDS = 60
_SYSTEM_FAULT = "10000"
NOT_QUERYABLE = "4001"


class Fault(Struct, frozen=True):
    """Why QuickBooks refused: its first error's code and words. `theirs` is trouble on their side."""

    code: str
    words: str
    theirs: bool = False

    @property
    def reason(self) -> str:
        """Code and words in one line."""
        return f"{self.code}: {self.words}" if self.code else self.words


def read_fault(body: object) -> Fault | None:
    """The fault in an answer: `Fault` with capitals, or, for credentials and limits, all in lower case."""
    if not isinstance(body, Mapping):
        return None
    fault = _member(body, "Fault")
    if not isinstance(fault, Mapping):
        return None
    errors = _member(fault, "Error")
    first = errors[0] if isinstance(errors, list) and errors else None
    error: Mapping[str, Any] = first if isinstance(first, Mapping) else {}
    code = str(error.get("code") or "")
    words = _member(error, "Detail") or _member(error, "Message") or "refused without words"
    kind = str(fault.get("type") or "")
    return Fault(code, str(words), theirs="system" in kind.lower() or code in {_SYSTEM_FAULT, *_THROTTLED})


def words_of(body: object) -> tuple[str, str]:
    """The first error's code and words."""
    fault = read_fault(body)
    return (fault.code, fault.words) if fault else ("", "")


def is_throttle(error: RetryLater) -> bool:
    """Whether QuickBooks asks for fewer calls, without saying when the next may come."""
    return type(error) is RetryLater and error.code in _THROTTLED and not error.named


def throttled(error: RetryLater) -> RetryLater:
    """The same, with the minute that QuickBooks' documentation names."""
    return RetryLater(SYSTEM, error.message, seconds=THROTTLE_SECONDS, named=True, code=error.code)


def _member(body: Mapping[str, Any], name: str) -> Any:
    return body.get(name) or body.get(name.lower())
