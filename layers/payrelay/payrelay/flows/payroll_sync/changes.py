"""What differs between both sides of a person, as it is shown, and what the brake sees in it (RUN-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import UNSET

from payrelay.domain.records import Change, Reason, Risk
from payrelay.domain.sensitive import MASK, Sensitive
from payrelay.flows.payroll_sync import mapping
from payrelay.flows.payroll_sync.ending import Employment
from payrelay.flows.payroll_sync.mapping import FIELDS
from payrelay.flows.payroll_sync.read import Payroll
from payrelay.flows.payroll_sync.reasons import reason

DRIFTED = "CHANGED_IN_PAYROLL_PLUS"


def detail_changes(wanted: Mapping[str, Any], there: Any) -> tuple[tuple[Change, ...], tuple[Risk, ...]]:
    """The personal details that differ, as they are shown, and what the brake sees in them."""
    now = mapping.held(there) if there else {}
    changes: list[Change] = []
    risks: list[Risk] = []
    for field in FIELDS:
        value, held = wanted[field.name], now.get(field.name)
        if value is UNSET or mapping.same(value, held):
            continue
        old, new = (_shown(one) for one in (held, value))
        if field.private:
            old, new = old and MASK, new and MASK
        changes.append(Change(field.name, old, new))
        risk = field.clears if value is None and field.clears else field.risk
        if there is not None and risk:
            risks.append(risk)
    return tuple(changes), tuple(risks)


def patch_changes(patches: Mapping[int, Mapping[str, Any]], there: Payroll) -> tuple[Change, ...]:
    rows = {row.number: row for row in there.employments}
    names = {"employed": "employed", "termDate": "term", "jobTitle": "job_title", "costCentre": "cost_centre"}
    return tuple(
        Change(f"employments.{number}.{name}", _shown(getattr(rows[number], names[name])), _shown(value))
        for number, values in patches.items()
        for name, value in values.items()
    )


def patch_risks(patches: Mapping[int, Mapping[str, Any]]) -> tuple[Risk, ...]:
    found: list[Risk] = []
    for values in patches.values():
        if "termDate" in values:
            found.append(Risk.END if values["termDate"] else Risk.EMPLOYMENT)
        if "employed" in values:
            found.append(Risk.EMPLOYMENT)
    return tuple(found)


def has_details(changes: Sequence[Change]) -> bool:
    return any(change.field in _NAMES for change in changes)


def drifted(
    label: str,
    changes: Sequence[Change],
    employments: Sequence[Employment] = (),
    kept: Sequence[Employment] = (),
) -> Reason:
    """What a person changed in payroll and is overwritten, and the term date that is not."""
    several = len(employments) > 1
    fields = ", ".join(_screen(change.field, several=several) for change in changes)
    left = f" The term date {kept[0].term} there is left alone." if kept else ""
    return reason(DRIFTED, label=label, fields=fields, left=left)


def _screen(name: str, *, several: bool) -> str:
    """A field as payroll's screens call it; of several employments with the number of its own."""
    _, _, rest = name.partition("employments.")
    number, _, part = rest.partition(".")
    word = _SCREENS[part or name]
    return f"{word} of Payroll No. EE {number}" if part and several else word


_NAMES = frozenset(field.name for field in FIELDS)
_SCREENS = {
    **{field.name: field.screen for field in FIELDS},
    "employed": "Employed",
    "termDate": "Term date",
    "jobTitle": "Job title",
    "costCentre": "Cost centre",
}


def _shown(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, Sensitive):
        return value.masked()
    return value.isoformat() if isinstance(value, date) else str(value)
