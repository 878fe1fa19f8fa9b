"""The remedies of the time-off export, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Options, Running
from tests.flows.conftest import World
from tests.machines.cures import Cure, carry_out, nothing, then
from tests.worlds.people import Leave, in_xledger, moment, person, row_id, xledger
from tests.worlds.sandboxes import running
from tests.worlds.structs import replace

FLOW = "time_off_export"
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
APRIL = {"from": "2026-04-01", "to": "2026-04-30"}
WINTER = {"from": "2025-12-01", "to": "2026-01-31"}
KARI = person("101")
SPRING = Leave("101", "2026-03-02", "2026-03-06", serial=1)
OVER = Leave("101", "2025-12-22", "2026-01-09", serial=3)
Step = Callable[[World], None]


@pytest.fixture(scope="module")
def served() -> Iterator[Running]:
    with running(options=Options(rate_limits=False)) as sandboxes:
        yield sandboxes


@pytest.fixture
def world(served: Running) -> World:
    """A connected connection with a ledger of its own; each case says what both systems have."""
    memory = memory_ledger()
    found = World(dict(served.urls), memory.ledger, memory)
    found.connect()
    return found


# --- what a person does on the screens ---------------------------------------------------------------------


def there(*leaves: Leave, absences: tuple[dict[str, Any], ...] = ()) -> Step:
    """Kari with this leave; Xledger knows her, and has these absences that were entered by hand."""

    def step(world: World) -> None:
        world.staff(KARI, leaves=leaves)
        world.put("xledger", xledger(in_xledger(KARI), absences=absences))

    return step


def leaves(*leaves: Leave) -> Step:
    """The leave in Simployer One is this now."""
    return lambda world: world.staff(KARI, leaves=leaves)


def exported(period: dict[str, str]) -> Step:
    """A run with this period."""

    def step(world: World) -> None:
        assert world.run(FLOW, options=period).status == "succeeded"

    return step


def simployer(resource: str, match: dict[str, Any], **values: Any) -> Step:
    """A correction in Simployer One."""
    return lambda world: world.edit("simployer", resource, match, **values)


def day(of: str, **values: Any) -> Step:
    """A correction of one day of leave."""
    return simployer("leave-transaction", {"date": moment(of)}, **values)


def every_day(**values: Any) -> Step:
    """A correction of all days of leave."""
    return simployer("leave-transaction", {}, **values)


def in_simployer(change: Callable[[dict[str, Any]], None]) -> Step:
    """Rows that come or go."""

    def step(world: World) -> None:
        state = world.state("simployer")
        change(state)
        world.put("simployer", state)

    return step


def in_payroll(change: Callable[[dict[str, Any]], None]) -> Step:
    """The same in Xledger."""

    def step(world: World) -> None:
        state = world.state("xledger")
        change(state)
        world.put("xledger", state)

    return step


def settings(**time_off: Any) -> Step:
    return lambda world: world.settings(time_off=time_off)


def enter(resource: str, **row: Any) -> Callable[[dict[str, Any]], None]:
    return lambda state: state[resource].append(row)


def delete(resource: str, **match: Any) -> Callable[[dict[str, Any]], None]:
    """Delete the rows that match; all of them where nothing is to match."""

    def change(state: dict[str, Any]) -> None:
        state[resource] = [r for r in state[resource] if any(r.get(k) != v for k, v in match.items())]

    return change


# --- how it comes to each reason ---------------------------------------------------------------------------


def by_hand(start: str, end: str) -> dict[str, Any]:
    return {
        "employee": {"code": "101"},
        "absenceCode": {"code": "FERIE"},
        "fromDate": start,
        "toDate": end,
        "leavePercent": "100",
        "text": "By hand",
    }


STUDIES = replace(SPRING, kind="Studier")
WELFARE = replace(SPRING, kind="Velferd")
OF_STUDIES, OF_WELFARE = ({"leaveTypeId": row_id("leave-type", n)} for n in (2, 3))
VACATION = row_id("leave-type", 0)
SICK = Leave("101", "2026-03-04", "2026-03-04", kind="Sykmelding", text="Syk", serial=2)
CLASH = there(SPRING, SICK)
NO_NUMBER = person("101", employeeNumber=None)
WEEK = replace(SPRING, first="2026-03-09", last="2026-03-20")
# On one day of two weeks fewer hours, which are said to be all of it.
HALF_A_DAY = then(there(WEEK), day("2026-03-11", hours=3.75))
# Two hours of a day, and nothing tells how long her days are.
TWO_HOURS = then(
    there(replace(SPRING, last="2026-03-02")),
    day("2026-03-02", hours=3, extent=100),
    simployer("leave", {}, duration="minutes"),
)
ALONE = Leave("101", "2026-03-11", "2026-03-11", extent=50, serial=2)
WITHOUT_11 = tuple(one for one in WEEK.working_days() if one != "2026-03-11")
CUT_IN_TWO = replace(OVER, days=tuple(one for one in OVER.working_days() if one != "2026-01-05"))
LATE = Leave("101", "2026-02-24", "2026-02-25", serial=4)

CURES = [
    Cure(
        "CUT_TO_PERIOD",
        there(replace(SPRING, first="2026-03-26", last="2026-04-08")),
        exported(APRIL),
        "export the neighbouring period for the rest",
        MARCH,
    ),
    Cure(
        "WITHDRAWN_AT_SOURCE", then(there(SPRING), exported(MARCH), leaves()), nothing, "Nothing to do", MARCH
    ),
    Cure(
        "ABSENCE_CODE_MISSING",
        there(STUDIES),
        in_simployer(
            enter(
                "leaveTypeCode",
                id=row_id("code", 9),
                leaveTypeId=OF_STUDIES["leaveTypeId"],
                companyId=row_id("company", 1),
                code="SYK",
            )
        ),
        'Give the leave type "Studier" a payroll code for the company of this person',
        MARCH,
    ),
    Cure(
        "ABSENCE_CODE_MISSING",
        then(there(SPRING), in_simployer(delete("leave-type", id=VACATION))),
        then(leaves(replace(SPRING, kind="Sykmelding"))),
        "or give this leave a type there that has one",
        MARCH,
    ),
    Cure(
        "ABSENCE_CODE_UNKNOWN",
        there(WELFARE),
        in_payroll(enter("absenceCodes", dbId="79", code="VELF", description="Velferd")),
        'Create absence code "VELF" in Xledger',
        MARCH,
    ),
    Cure(
        "ABSENCE_CODE_UNKNOWN",
        there(WELFARE),
        simployer("leaveTypeCode", OF_WELFARE, code="SYK"),
        "correct the payroll code of the leave type",
        MARCH,
    ),
    Cure(
        "EMPLOYEE_UNKNOWN",
        lambda world: world.fresh(KARI, leaves=[SPRING]),
        lambda world: world.run("employee_export"),
        "Export the employee first",
        MARCH,
    ),
    Cure(
        "EMPLOYEE_UNKNOWN",
        lambda world: world.fresh(KARI, leaves=[SPRING]),
        lambda world: world.put("xledger", xledger(in_xledger(KARI))),
        "or enter them in Xledger with the employee number",
        MARCH,
    ),
    Cure(
        "EMPLOYEE_UNKNOWN",
        lambda world: world.fresh(NO_NUMBER, leaves=[SPRING]),
        then(leaves(SPRING), lambda world: world.run("employee_export")),
        "give them one there if they have none",
        MARCH,
    ),
    Cure(
        "EMPLOYEE_NOT_SHOWN",
        then(there(SPRING), in_simployer(delete("employee"))),
        leaves(SPRING),
        "let the access of this connection see them",
        MARCH,
    ),
    Cure(
        "EMPLOYEE_NOT_SHOWN",
        then(there(SPRING), exported(MARCH), in_simployer(delete("employee"))),
        lambda world: world.staff(),
        "delete the leave in Simployer One",
        MARCH,
    ),
    Cure(
        "OVERLAPS_OTHER_ABSENCE",
        there(SPRING, absences=(by_hand("2026-03-05", "2026-03-10"),)),
        in_payroll(delete("absences")),
        "Delete or change the absence in Xledger",
        MARCH,
    ),
    Cure(
        "OVERLAPS_OTHER_ABSENCE",
        there(SPRING, absences=(by_hand("2026-03-05", "2026-03-10"),)),
        lambda world: world.edit("xledger", "absences", {}, fromDate="2026-03-09"),
        "so that they share no day",
        MARCH,
    ),
    Cure(
        "OVERLAPS_OTHER_ABSENCE",
        there(SPRING, absences=(by_hand("2026-03-05", "2026-03-10"),)),
        leaves(replace(SPRING, last="2026-03-04")),
        "or the leave in Simployer One (Time off)",
        MARCH,
    ),
    Cure(
        "OVERLAPS_OTHER_LEAVE", CLASH, leaves(replace(SPRING, last="2026-03-03"), SICK), "shorten it", MARCH
    ),
    Cure(
        "OVERLAPS_OTHER_LEAVE",
        then(there(SPRING), exported(MARCH), leaves(SPRING, SICK)),
        leaves(replace(SPRING, extent=50), replace(SICK, extent=50)),
        "take fewer hours",
        MARCH,
    ),
    Cure("OVERLAPS_OTHER_LEAVE", CLASH, leaves(SICK), "or delete it", MARCH),
    Cure(
        "DAY_NOT_VALID",
        then(there(SPRING), day("2026-03-04", hours=25)),
        day("2026-03-04", hours=7.5),
        "correct the hours of 2026-03-04",
        MARCH,
    ),
    Cure(
        "DAY_NOT_VALID",
        then(there(SPRING), day("2026-03-04", hours=None, extent=None)),
        day("2026-03-04", extent=100),
        "correct the extent of 2026-03-04",
        MARCH,
    ),
    Cure(
        "HOURS_NOT_CLEAR", HALF_A_DAY, day("2026-03-11", hours=7.5), "Correct the hours or the extent", MARCH
    ),
    Cure(
        "HOURS_NOT_CLEAR", HALF_A_DAY, day("2026-03-11", extent=50), "Correct the hours or the extent", MARCH
    ),
    Cure(
        "HOURS_NOT_CLEAR", TWO_HOURS, day("2026-03-02", extent=40), "Correct the hours or the extent", MARCH
    ),
    Cure(
        "HOURS_NOT_CLEAR",
        HALF_A_DAY,
        then(
            leaves(replace(WEEK, days=WITHOUT_11), ALONE),
            day("2026-03-11", extent=100),
            simployer("leave", {"id": row_id("leave", 2)}, duration="minutes"),
        ),
        "enter a part of a day there as a leave of its own, in hours",
        MARCH,
    ),
    Cure(
        "HOURS_NOT_CLEAR",
        TWO_HOURS,
        simployer("leave", {}, duration="half_day"),
        "or as a half day",
        MARCH,
    ),
    Cure(
        "HOURS_NOT_CLEAR",
        HALF_A_DAY,
        settings(full_day_hours={"101": ["7.5", "7.5", "3.75", "7.5", "7.5", "0", "0"]}),
        "the hours of employee 101 in `time_off.full_day_hours`",
        MARCH,
    ),
    Cure(
        "HOURS_NOT_CLEAR",
        TWO_HOURS,
        settings(full_day_hours={"101": ["7.5"]}),
        "the hours of employee 101 in `time_off.full_day_hours`",
        MARCH,
    ),
    Cure(
        "HOURS_NOT_CLEAR",
        HALF_A_DAY,
        settings(short_days={date(2026, 3, 11).isoformat(): "3.75"}),
        "those of 2026-03-11 in `time_off.short_days`",
        MARCH,
    ),
    Cure(
        "LEAVE_WITHOUT_HOURS",
        then(there(SPRING), every_day(hours=0)),
        every_day(hours=7.5),
        "Correct the hours in Simployer One",
        MARCH,
    ),
    Cure(
        "LEAVE_WITHOUT_HOURS",
        then(there(SPRING), every_day(hours=0)),
        leaves(),
        "or delete the leave there",
        MARCH,
    ),
    Cure(
        "REACHES_BEYOND_PERIOD",
        then(there(OVER), exported(WINTER), leaves(CUT_IN_TWO)),
        exported({"from": "2025-12-22", "to": "2026-01-09"}),
        "a run with from 2025-12-22 to 2026-01-09",
        {"from": "2026-01-05", "to": "2026-01-31"},
    ),
    Cure(
        "REACHES_BEYOND_PERIOD",
        then(there(OVER), exported(WINTER), leaves()),
        exported({"from": "2025-12-22", "to": "2026-01-09"}),
        "a run with from 2025-12-22 to 2026-01-09",
        JANUARY,
    ),
    Cure(
        "SHORTENED_BEFORE_PERIOD",
        then(there(OVER), exported(WINTER), leaves(replace(OVER, last="2025-12-30"))),
        nothing,
        "Nothing to do",
        JANUARY,
    ),
    Cure(
        "NO_LONGER_IN_LEAVE",
        then(
            there(SPRING),
            day("2026-03-06", hours=3.75, extent=50),
            exported(MARCH),
            leaves(replace(SPRING, last="2026-03-05")),
        ),
        nothing,
        "Nothing to do",
        MARCH,
    ),
    Cure(
        "EARLIER_MONTH_DIFFERS",
        then(there(), exported(FEBRUARY), leaves(LATE)),
        exported(FEBRUARY),
        "Export February 2026 again (a run with from 2026-02-01 to 2026-02-28)",
        MARCH,
    ),
    Cure(
        "EARLIER_MONTH_DIFFERS",
        then(there(LATE), exported(FEBRUARY), leaves()),
        exported(FEBRUARY),
        "Export February 2026 again (a run with from 2026-02-01 to 2026-02-28)",
        MARCH,
    ),
]


@pytest.mark.requirement("RUN-7", "TO-1")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(world: World, case: Cure) -> None:
    carry_out(world, FLOW, case)
