"""The table of docs/reasons.md: every reason with its message and its remedy."""

from __future__ import annotations

from local.docs.markdown import code, table
from payrelay.flows.reasons import every_reason


def every() -> str:
    """Every reason that a record or a run may carry."""
    rows = [(code(name), message, remedy) for name, (message, remedy) in every_reason().items()]
    return table(("code", "message", "what to do"), rows)
