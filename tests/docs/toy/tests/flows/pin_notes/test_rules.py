"""The rules of pinning notes, case by case; and what follows from them for a page."""

from __future__ import annotations

import pytest

from payrelay.flows.pin_notes.compare import compare
from payrelay.flows.pin_notes.rules import pinned

pytestmark = pytest.mark.requirement("TOY-1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Buy milk", "Buy milk"), (" Tea ", "Tea"), ("", None), (" \n", None)],
)
def test_what_is_pinned_of_a_note(text: str, expected: str | None) -> None:
    assert pinned(text) == expected


@pytest.mark.parametrize(
    ("pins", "outcome"),
    [({}, "created"), ({"n2": "Coffee"}, "updated"), ({"n2": "Tea"}, None)],
)
def test_only_what_differs_is_written(pins: dict[str, str], outcome: str | None) -> None:
    planned = compare(0, [("n2", " Tea ")], pins)
    assert [write.record.outcome for write in planned.writes] == ([outcome] if outcome else [])
    assert planned.looked_at == 1
