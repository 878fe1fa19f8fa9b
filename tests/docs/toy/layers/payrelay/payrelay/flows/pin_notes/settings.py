"""What one run may be asked for."""

from __future__ import annotations

from payrelay.flows.settings import Model


class PinNotesOptions(Model):
    """What one run of `pin_notes` may be asked for: nothing."""
