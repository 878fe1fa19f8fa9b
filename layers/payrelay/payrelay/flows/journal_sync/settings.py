"""What may be set for the journal sync, and asked of one run (JRN-1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from payrelay.domain.spelling import trimmed
from payrelay.flows.settings import Model

# As a header of a call can carry it.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=r"^[ -~]+$")
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class GlobeCompany(Model):
    """A company of Exact Globe Next, and the administration of Exact Payroll Plus whose journal it takes."""

    administratienummer: Name = Field(description="as in Exact Payroll Plus; leading zeros count")
    server_name: Name = Field(description="the SQL Server of the company")
    database_name: Name = Field(description="the database of the company on it")


class JournalSettings(Model):
    """The settings of a connection that are about its journal."""

    globe_companies: tuple[GlobeCompany, ...] = Field(
        (), max_length=100, description="the companies of Exact Globe Next; none without journal_sync"
    )

    @field_validator("globe_companies")
    @classmethod
    def _each_once(cls, companies: tuple[GlobeCompany, ...]) -> tuple[GlobeCompany, ...]:
        numbers = [trimmed(one.administratienummer) for one in companies]
        twice = next((one for one in numbers if numbers.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"the Administratienummer {twice} is named twice")
        return companies


class JournalSyncOptions(Model):
    """What one run of `journal_sync` may be asked for."""

    payroll_runs: tuple[Id, ...] | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="the entries of these payroll runs, by their id in Exact Payroll Plus; all if left out",
    )
    book_again: tuple[Id, ...] | None = Field(
        None,
        min_length=1,
        max_length=200,
        description=(
            "journal entries, by their id, that are booked although the payroll run was changed after its "
            "journal had been booked: somebody has reversed what stands in Exact Globe Next"
        ),
    )
    full: bool = Field(
        False, description="look at all payroll runs, also those that have not changed since the last run"
    )
