"""What is kept of a request between runs, on its link: where something of it was sent (RQ-6).

It is noted before anything is sent, so that a crash in between loses none of it: a cell that may have been
written is set to zero once the request does not want it any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from payrelay.domain.runs import Link
from payrelay.flows.request_sync.person import Known
from payrelay.flows.request_sync.rules import Cell
from payrelay.flows.request_sync.types import VARIABLE_INPUT

# A cell that may have been written, and with what is not known.
MAYBE = Decimal("nan")


def known(link: Link | None) -> Known:
    """What was last sent of a request."""
    if link is None:
        return Known()
    cells = json.loads(link.facts.get("cells") or "[]")
    ends = json.loads(link.facts.get("ends") or "{}")
    return Known(
        {Cell(place, component, at): Decimal(value) for place, component, at, value in cells},
        {int(hid): date.fromisoformat(day) for hid, day in ends.items()},
    )


def stored(cells: Mapping[Cell, Decimal], ends: Mapping[int, date] | None = None) -> dict[str, str]:
    """As it is kept: of a payment only where it stands, since payroll tells what it is.

    `ends` are other requests' ends that are about to be written: a crash in between loses none.
    """
    rows = [
        [cell.place, cell.component, cell.at, f"{value:f}" if _is_told(cell, value) else "nan"]
        for cell, value in sorted(cells.items(), key=lambda pair: pair[0])
    ]
    found = {"cells": json.dumps(rows)}
    if ends:
        found["ends"] = json.dumps({str(hid): day.isoformat() for hid, day in sorted(ends.items())})
    return found


def _is_told(cell: Cell, value: Decimal) -> bool:
    return value == 0 or (cell.place == VARIABLE_INPUT and not value.is_nan())
