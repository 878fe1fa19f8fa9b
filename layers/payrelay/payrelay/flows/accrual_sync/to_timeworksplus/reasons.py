"""The reasons that balances give on their way to TimeWorksPlus (AC-2 to AC-5)."""

from __future__ import annotations

from collections.abc import Mapping

# code: (message, remedy); the messages name the values.
TO_TIMEWORKSPLUS: Mapping[str, tuple[str, str]] = {}
