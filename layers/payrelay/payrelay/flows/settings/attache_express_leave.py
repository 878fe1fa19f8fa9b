"""The settings of Attaché Payroll to Express Leave: where both systems are, and what its flow is told."""

from __future__ import annotations

from pydantic import Field

from payrelay.flows.balance_sync.settings import BalanceSyncSettings, Text
from payrelay.flows.settings import Common, Model


class AttacheAddress(Model):
    """Where Attaché Online is."""

    base_url: Text = "https://online.attacheonline.com"


class ExpressLeaveAddress(Model):
    """Where Express Leave is."""

    base_url: Text = "https://leave.attacheonline.com"


class Settings(BalanceSyncSettings, Common):
    """A connection of kind `attache_express_leave`."""

    attache: AttacheAddress = Field(default_factory=AttacheAddress.model_construct)
    express_leave: ExpressLeaveAddress = Field(default_factory=ExpressLeaveAddress.model_construct)
