"""How persons of Exact Synergy are named in the options of a run."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

PersonIds = tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")], ...]
