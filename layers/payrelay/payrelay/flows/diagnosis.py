"""The checks with which every diagnosis begins: whether each system is reached and lets us in (LB-10)."""

from __future__ import annotations

from typing import Protocol

from payrelay.domain.runs import Check
from payrelay.errors import CredentialsRefused, NeedsAttention, RetryLater, VendorError
from payrelay.systems.registry import renewal


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
        return Check(
            name, False, error.message, f"Try again once {label} answers; nothing is lost meanwhile."
        )
    except VendorError as error:
        return Check(name, False, error.message, renewal(error.system))
