"""Values as Synergy writes them: codes, days, moments and exact numbers; and texts of a filter."""

from __future__ import annotations

from payrelay.systems.odata import Code, EdmDay, Moment, Number, midnight, moment, text

__all__ = ["Code", "EdmDay", "Moment", "Number", "midnight", "moment", "text"]
