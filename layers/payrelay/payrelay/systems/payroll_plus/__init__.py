"""Exact Payroll Plus: the pay of one employer's people."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions

from .client import PayrollPlusClient


def connect(base_url: str, credentials: Mapping[str, Secret], options: DoorOptions) -> PayrollPlusClient:
    """The client for this employer and its account; makes no call."""
    employer_id = credentials["employer_id"].reveal()
    return PayrollPlusClient(
        base_url, employer_id, credentials["username"], credentials["password"], options=options
    )
