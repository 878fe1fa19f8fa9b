"""The shape of a sandbox's data."""

from typing import Any

Row = dict[str, Any]
State = dict[str, list[Row]]
