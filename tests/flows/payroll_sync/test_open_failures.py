"""Open failures of a flow whose runs read what has moved, and what the last run left (OPS-2, RUN-11)."""

from __future__ import annotations

import pytest

from payrelay.domain.runs import Run
from payrelay.ledger.open_failures import OpenFailures
from tests.worlds.hr import Delft, card

pytestmark = pytest.mark.requirement("OPS-2", "RUN-11")
WRONG = {"SocialSecurityNumber": "123456789"}
RIGHT = {"SocialSecurityNumber": None}


def open_ones(office: Delft) -> dict[str, str]:
    found, whole = OpenFailures(office.ledger, office.connection.tenant).found()
    assert whole
    return {one.failure.record.key: one.failure.run.run_id for one in found}


def moved(office: Delft) -> Run:
    """A run that reads what has moved since the last one."""
    run: Run = office.people()
    assert run.moved_only, "it was to read what has moved"
    return run


def test_what_the_last_run_left_is_told_by_the_next_that_reads_what_moved(office: Delft) -> None:
    """(oncall OC-20)"""
    office.hire(card(**WRONG), card(1077))
    office.people()
    last = moved(office)
    assert open_ones(office) == {"1042": last.run_id}
    office.card(1042, **RIGHT)
    moved(office)
    assert open_ones(office) == {}
