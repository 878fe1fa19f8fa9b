"""The reasons that balances give on their way to Millennium (AC-6 to AC-9)."""

from __future__ import annotations

from collections.abc import Mapping

# code: (message, remedy); the messages name the values.
TO_MILLENNIUM: Mapping[str, tuple[str, str]] = {}
