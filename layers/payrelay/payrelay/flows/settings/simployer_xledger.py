"""The settings of Simployer One to Xledger: where both are, and what each of its flows has for itself."""

from __future__ import annotations

from pydantic import Field

from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.flows.settings import Common, Model, Text
from payrelay.flows.time_off_export.settings import TimeOffSettings


class SimployerAddress(Model):
    """Where Simployer One is."""

    base_url: Text = "https://api.alexishr.com/v1"


class XledgerAddress(Model):
    """Where Xledger is."""

    base_url: Text = "https://www.xledger.net"


class Addresses(Common):
    """Where both systems are."""

    simployer: SimployerAddress = Field(default_factory=SimployerAddress.model_construct)
    xledger: XledgerAddress = Field(default_factory=XledgerAddress.model_construct)


class Settings(TimeOffSettings, ExportSettings, Addresses):
    """A connection of kind `simployer_xledger`."""
