"""The settings of Exact Synergy and Exact Payroll Plus."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from payrelay.flows.document_pull.settings import DocumentSettings
from payrelay.flows.journal_sync.settings import JournalSettings
from payrelay.flows.payroll_sync.settings import PeopleSettings
from payrelay.flows.report_pull.settings import ReportSettings
from payrelay.flows.request_sync.settings import RequestSettings
from payrelay.flows.settings import Common, Model

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class SynergyAddress(Model):
    """Where Exact Synergy is."""

    base_url: Text = "https://synergy.exactsynergy.nl/Synergy"


class PayrollPlusAddress(Model):
    """Where Exact Payroll Plus is."""

    base_url: Text = "https://api.exactpayrollplus.nl"


class GlobeNextAddress(Model):
    """Where Exact Globe Next is."""

    base_url: Text = "https://globe.exactglobe.nl"


class Settings(ReportSettings, RequestSettings, DocumentSettings, PeopleSettings, JournalSettings, Common):
    """A connection of kind `synergy_payroll_plus`."""

    synergy: SynergyAddress = Field(default_factory=SynergyAddress.model_construct)
    payroll_plus: PayrollPlusAddress = Field(default_factory=PayrollPlusAddress.model_construct)
    globe_next: GlobeNextAddress = Field(default_factory=GlobeNextAddress.model_construct)
