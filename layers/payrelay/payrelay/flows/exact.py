"""Exact Synergy and Exact Payroll Plus, the two systems that several flows of one connection share."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient
    from payrelay.systems.synergy.client import SynergyClient


class ExactSystems(Struct, dict=True):
    """The two systems of one connection; a client is made when it is first used."""

    client_of: Any

    @cached_property
    def payroll(self) -> PayrollPlusClient:
        """Exact Payroll Plus."""
        client: PayrollPlusClient = self.client_of("payroll_plus")
        return client

    @cached_property
    def synergy(self) -> SynergyClient:
        """Exact Synergy."""
        client: SynergyClient = self.client_of("synergy")
        return client
