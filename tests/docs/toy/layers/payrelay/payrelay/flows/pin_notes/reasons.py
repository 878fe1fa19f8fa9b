"""The reasons that this flow alone has."""

from __future__ import annotations

from payrelay.domain.reasons import reasons_with

REASONS = {
    "NOTE_EMPTY": (
        "{label} has no text.",
        "Write something on the note in Bulletin; the next run pins it.",
    ),
}
reason = reasons_with(REASONS)
