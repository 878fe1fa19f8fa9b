"""What may be set for pay slips and annual statements, and asked of one pull (DOC-1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from payrelay.flows.document_pull.rules import LANGUAGE
from payrelay.flows.settings import Model

Language = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[a-z]{2}$")]


class DocumentSettings(Model):
    """The settings of a connection that are about its pay slips and annual statements."""

    document_language: Language = Field(
        LANGUAGE,
        description="the language in which pay slips and annual statements are pulled, such as `nl` or `en`",
    )


class DocumentPullOptions(Model):
    """What one run of `document_pull` may be asked for."""

    full: bool = Field(
        False,
        description=(
            "look at the documents of all approved payroll runs and all closed years, also of those that did "
            "not change since the last pull"
        ),
    )
