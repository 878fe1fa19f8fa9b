"""The checks with which every diagnosis begins: whether each system is reached and lets us in (LB-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from payrelay.domain.runs import Check
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater, VendorError
from payrelay.systems.registry import label, renewal

# What a system says that has been asked too often.
TOO_MANY = 429


def as_far_as_answered(checks: Callable[[], Iterable[Check]]) -> list[Check]:
    """The checks up to a system that does not answer, and one that says so instead of those after it."""
    found: list[Check] = []
    try:
        for check in checks():
            found.append(check)  # noqa: PERF402  (those before an error are kept)
    except RetryLater as error:
        name = label(error.system)
        found.append(later(f"{name} answers", name, error))
    return found


def later(name: str, label: str, error: RetryLater) -> Check:
    """A check that could not be made, and when it can be; null where a limit was met, which is no fault."""
    if error.call is None or error.call.status != TOO_MANY:
        remedy = f"Try again in {max(1, error.seconds)} seconds, or once {label} answers; nothing is lost."
        return Check(name, False, error.message, remedy)
    seconds = f"in {error.seconds} seconds" if error.named else "in a minute"
    seen = f"not looked at: {label} was asked too often and takes no more calls for now ({error.message})"
    return Check(name, None, seen, f"Try again {seconds}. Nothing is wrong with the credentials, or lost.")


class Client(Protocol):
    """A connection's client of any system."""

    def organisation(self) -> str:
        """The organisation that the credentials lead to."""


def reached(label: str, client: Client) -> Check:
    """Whether the system that people know as `label` answers and accepts the credentials."""
    name = f"{label} accepts the credentials"
    try:
        return Check(name, True, client.organisation())
    except NeedsAttention as error:
        return Check(name, False, error.message, error.remedy, code=error.code)
    except CredentialsRefused as error:
        return Check(name, False, error.message, renewal(error.system), code="CREDENTIALS_REFUSED")
    except RetryLater as error:
        return later(name, label, error)
    except Rejected as error:
        remedy = f"Check the connection's settings and the rights of its credentials in {label}."
        return Check(name, False, error.message, remedy)
    except VendorError as error:
        return Check(name, False, error.message, renewal(error.system))
