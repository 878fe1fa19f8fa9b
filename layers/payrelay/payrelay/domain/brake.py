"""The brake: a plan that would hurt too many people waits for an admin before its first write (RUN-10)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from payrelay.domain.reasons import reason

# As the settings' defaults have it.
PEOPLE = 5
SHARE = Decimal("0.10")


class Limit(Struct, frozen=True):
    """How many people a plan may hurt: a number, and a share (0 to 1) of those looked at."""

    people: int = PEOPLE
    share: Decimal = SHARE

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Limit:
        """The limit of a connection's settings."""
        chosen = settings.get("brake", {})
        return cls(int(chosen.get("people", PEOPLE)), Decimal(str(chosen.get("share", SHARE))))


# Of records that are held already.
NONE = Limit(0, Decimal())


def brake(limit: Limit, hurt: Mapping[str, int], people: int, total: int) -> dict[str, Any] | None:
    """Why a plan is held, or None; `people` of `total` are hurt, each in one or more ways, counted in `hurt`.

    It is held when it hurts more people than the limit's number and also more than its share of those looked
    at: a few leavers in a small company pass, and so does a busy month in a large one.
    """
    if people <= limit.people or people <= limit.share * total:
        return None
    named = ", ".join(f"{risk}: {count}" for risk, count in sorted(hurt.items()))
    shown = f"{limit.people} people and {limit.share * 100:.0f} %"
    why = reason("BRAKE", people=people, total=total, risks=named, limit=shown)
    return {
        "people": people,
        "total": total,
        "risks": dict(hurt),
        "message": why.message,
        "remedy": why.remedy,
    }
