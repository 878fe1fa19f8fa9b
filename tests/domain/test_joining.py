"""Which run in progress may be joined, and what is said of one that may not (RUN-1)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from payrelay.domain.joining import lacking
from payrelay.domain.runs import Mode, Run, Status, Trigger

WHOLE = Run(
    "acme",
    "con_1",
    "run_1",
    "time_off_export",
    Trigger.MANUAL,
    Mode.SYNC,
    Status.RUNNING,
    "sam",
    "2026-11-29",
)
OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def run(**changes: Any) -> Run:
    return replace(WHOLE, **changes)


CASES: list[tuple[str, Run, Run, str | None]] = [
    ("the same", WHOLE, WHOLE, None),
    ("everybody, and some are asked for", WHOLE, run(options={"employees": ["101"]}), None),
    (
        "some, and everybody is asked for",
        run(options={"employees": ["101"]}),
        WHOLE,
        "its options are employees 101",
    ),
    (
        "some, and fewer are asked for",
        run(options={"employees": ["101", "102"]}),
        run(options={"employees": ["102"]}),
        None,
    ),
    (
        "some, and others are asked for",
        run(options={"employees": ["101"]}),
        run(options={"employees": ["101", "103"]}),
        "its options are employees 101",
    ),
    (
        "another period",
        run(options=OCTOBER),
        run(options=NOVEMBER),
        "its options are from 2026-10-01, to 2026-10-31",
    ),
    (
        "the usual period, and a named one is asked for",
        WHOLE,
        run(options=OCTOBER),
        "it has no options, and from 2026-10-01, to 2026-10-31 is asked for",
    ),
    (
        "the same period, and some are asked for",
        run(options=OCTOBER),
        run(options={**OCTOBER, "employees": ["101"]}),
        None,
    ),
    ("everything anew, and the usual is asked for", run(options={"full": True}), WHOLE, None),
    ("the usual, spelled out", run(options={"full": False}), WHOLE, None),
    ("the usual, and it is spelled out", WHOLE, run(options={"full": False}), None),
    (
        "everything anew, and of some the usual is asked for",
        run(options={"full": True}),
        run(options={"employees": ["101"]}),
        None,
    ),
    (
        "the usual, and everything anew is asked for",
        WHOLE,
        run(options={"full": True}),
        "it has no options, and full true is asked for",
    ),
    (
        "of some the usual, and of these everything anew",
        run(options={"employees": ["101"]}),
        run(options={"employees": ["101"], "full": True}),
        "its options are employees 101",
    ),
    (
        "of some everything anew, and of all the usual",
        run(options={"employees": ["101"], "full": True}),
        WHOLE,
        "its options are employees 101, full true",
    ),
    ("a session that goes on by itself", run(mode=Mode.AUTO), WHOLE, None),
    ("a sync, and such a session is asked for", WHOLE, run(mode=Mode.AUTO), "its mode is sync"),
    (
        "a plan that is applied",
        run(mode=Mode.APPLY, plan_of="run_0"),
        WHOLE,
        "it applies the plan of run_0",
    ),
    (
        "another plan",
        run(mode=Mode.APPLY, plan_of="run_0"),
        run(mode=Mode.APPLY, plan_of="run_9"),
        "it applies the plan of run_0",
    ),
    (
        "the same plan",
        run(mode=Mode.APPLY, plan_of="run_0"),
        run(mode=Mode.APPLY, plan_of="run_0"),
        None,
    ),
    ("a sync, and a plan is to be applied", WHOLE, run(mode=Mode.APPLY, plan_of="run_0"), "its mode is sync"),
    ("a replay", run(replay_of="run_0", only=2), WHOLE, "it replays run_0"),
    (
        "a sync, and a replay is asked for",
        WHOLE,
        run(replay_of="run_0", only=2),
        "it may have read already what the replay of run_0 is to read afresh",
    ),
    ("the same replay", run(replay_of="run_0", only=2), run(replay_of="run_0", only=2), None),
]


@pytest.mark.requirement("RUN-1")
@pytest.mark.parametrize(
    ("running", "asked", "told"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_run_is_joined_only_if_it_does_at_least_what_is_asked(
    running: Run, asked: Run, told: str | None
) -> None:
    assert lacking(running, asked, ("employees", "absence_types")) == told


@pytest.mark.requirement("TRG-5")
@pytest.mark.parametrize(
    ("changes", "whole"),
    [
        ({}, True),
        ({"options": {"full": True}}, True),
        ({"options": OCTOBER}, False),
        ({"only": 2}, False),
        ({"scope": "E0042"}, False),
        ({"mode": Mode.PREVIEW}, False),
    ],
    ids=["as scheduled", "everything anew", "a period", "a replay", "a person", "a preview"],
)
def test_a_run_makes_up_for_a_scheduled_one_only_if_it_does_all_of_it(
    changes: dict[str, Any], whole: bool
) -> None:
    assert run(**changes).whole is whole
