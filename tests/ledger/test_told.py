"""What records tell, counted over the parts of a run (RUN-2)."""

from __future__ import annotations

import pytest

from payrelay.ledger.told import MOST_FIELDS, Told

pytestmark = pytest.mark.requirement("RUN-2")


def test_of_very_many_fields_a_run_keeps_the_most_frequent() -> None:
    """Fields may be named after what they belong to; a run with all of them is too large for its lists."""
    parts = [{"fields": {f"part {part} field {number}": 1 for number in range(50)}} for part in range(1000)]
    told = Told.sum([*parts, {"fields": {"salary": 2}}])
    assert len(told.fields) == MOST_FIELDS
    assert next(iter(told.fields.items())) == ("salary", 2)
