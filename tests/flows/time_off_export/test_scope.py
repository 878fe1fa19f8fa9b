"""What a run is about: its options, else the connection's settings (TO-1)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.flows.time_off_export.flow import TimeOffExport
from payrelay.flows.time_off_export.settings import TimeOff

NOTHING: Any = None
CASES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, str], Any, Any]] = [
    ("this month", {}, {}, ("2026-03-01", "2026-03-31"), None, None),
    ("last month", {"period": "previous_month"}, {}, ("2026-02-01", "2026-02-28"), None, None),
    ("the settings' types", {"absence_types": ["SYK"]}, {}, ("2026-03-01", "2026-03-31"), {"SYK"}, None),
    (
        "the run's own",
        {"absence_types": ["SYK"], "period": "previous_month"},
        {"from": "2026-01-05", "to": "2026-01-06", "absence_types": ["FERIE"], "employees": ["101"]},
        ("2026-01-05", "2026-01-06"),
        {"FERIE"},
        {"101"},
    ),
    ("nobody", {}, {"employees": []}, ("2026-03-01", "2026-03-31"), None, set()),
]


def scope(settings: dict[str, Any], options: dict[str, Any], queued_at: str = "2026-03-02T05:00:00Z") -> Any:
    flow = TimeOffExport("demo", "con_A", NOTHING, TimeOff.model_validate(settings), NOTHING)
    run = Run(
        tenant="demo",
        connection_id="con_A",
        run_id="r1",
        flow="time_off_export",
        mode=Mode.SYNC,
        trigger=Trigger.MANUAL,
        requested_by="tester",
        queued_at=queued_at,
        status=Status.RUNNING,
        settings={},
        options=options,
    )
    return flow.scope(run)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("settings", "options", "days", "codes", "numbers"),
    [row[1:] for row in CASES],
    ids=[row[0] for row in CASES],
)
def test_a_run_is_about_its_options_else_the_settings(
    settings: dict[str, Any], options: dict[str, Any], days: tuple[str, str], codes: Any, numbers: Any
) -> None:
    found = scope(settings, options)
    assert (str(found.period.start), str(found.period.end)) == days
    assert (found.codes, found.numbers) == (codes, numbers)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(("zone", "month"), [("Europe/Oslo", 4), ("America/New_York", 3)])
def test_the_month_is_that_of_the_connections_own_time_zone(zone: str, month: int) -> None:
    assert scope({"time_zone": zone}, {}, "2026-03-31T22:30:00Z").period.start.month == month
