"""The remedies of the time-off export, each carried out as it is written."""

from __future__ import annotations

import pytest

from tests.flows.conftest import World
from tests.machines.cures import Cure, carry_out
from tests.worlds.people import Leave, in_xledger, person, xledger

FLOW = "time_off_export"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def unknown_employee(world: World) -> None:
    world.fresh(person("101"), leaves=[Leave("101", "2026-03-02", "2026-03-04")])


def exported(world: World) -> None:
    world.put("xledger", xledger(in_xledger(person("101"))))


CURES = [
    Cure("EMPLOYEE_UNKNOWN", unknown_employee, exported, "Export the employee first", MARCH),
]


@pytest.mark.requirement("RUN-7", "TO-1")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(world: World, case: Cure) -> None:
    carry_out(world, FLOW, case)
