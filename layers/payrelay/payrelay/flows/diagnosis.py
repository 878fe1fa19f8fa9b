"""The checks with which every diagnosis begins: whether each system is reached and lets us in (LB-10)."""

from __future__ import annotations

from typing import Protocol

from payrelay.domain.runs import Check
from payrelay.errors import NeedsAttention, RetryLater, VendorError
from payrelay.systems.registry import renewal

# What a system says that has been asked too often.
TOO_MANY = 429


def later(name: str, label: str, error: RetryLater) -> Check:
    """A check that could not be made, and when it can be; null where a limit was met, which is no fault."""
    if error.call is None or error.call.status != TOO_MANY:
        return Check(
            name, False, error.message, f"Try again once {label} answers; nothing is lost meanwhile."
        )
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
        return Check(name, False, error.message, error.remedy)
    except RetryLater as error:
        return later(name, label, error)
    except VendorError as error:
        return Check(name, False, error.message, renewal(error.system))
