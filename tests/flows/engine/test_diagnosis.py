"""Diagnosis: ordered checks, live on both sides, each with what was seen and a remedy; nothing is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from payrelay.domain.runs import Check
from payrelay.flows.connecting.diagnosis import diagnose as checks_of
from payrelay.flows.opening import open_flow
from tests.flows.conftest import World
from tests.worlds.people import Leave, Person, in_xledger, moment, person, row_id
from tests.worlds.structs import replace

KARI = person("101")
SIMPLOYER, XLEDGER = "Simployer One accepts the credentials", "Xledger accepts the credentials"
EXISTS, SELECTED = "exists in Simployer One", "selected for export"
REFERENCES, THERE, AGREE, LAST = (
    "references exist in Xledger",
    "exists in Xledger",
    "both sides agree",
    "last sync",
)
ALL = (SIMPLOYER, XLEDGER, EXISTS, SELECTED, REFERENCES, THERE, AGREE, LAST)


def diagnose(world: World, key: str | None = "101", flow: str = "employee_export") -> list[Check]:
    world.forget_requests()
    before = world.state("simployer"), world.state("xledger")
    found = open_flow(world, flow, world.connection).diagnose(key)
    assert world.writes() == []
    assert (world.state("simployer"), world.state("xledger")) == before
    for check in found:
        assert check.seen, f"{check.name} says nothing of what was seen"
        assert check.passed or check.remedy, f"{check.name} failed and names no remedy"
    return found


def changed(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


def all_right(world: World) -> None:
    world.fresh(KARI)
    world.run()


def unknown(world: World) -> None:
    world.fresh(person("102"))


def part_time(world: World) -> None:
    world.fresh(person("101", employed={"rate": 80}))


def double(world: World) -> None:
    """Two records with one number; the one that is exported was hired first."""
    all_right(world)
    world.staff(KARI, person("101", record=500, hireDate=moment("2025-01-01"), workEmail="b@acme.example"))


def double_left_out(world: World) -> None:
    """Two records with one number, of which one is not for export."""
    all_right(world)
    world.staff(person("101", record=1, active=False), KARI)


def unreadable(world: World) -> None:
    world.fresh(person("101", costCenterId=row_id("centre", 777)))


def odd_custom_value(world: World) -> None:
    world.fresh(person("101", custom={"probationEndDate": "soon"}))


def without_cost_centre_there(world: World) -> None:
    world.fresh(person("101", costCenterId=row_id("centre", 990)))


def renumbered(world: World) -> None:
    """Exported as 100 before, and 101 by now."""
    world.fresh(changed(KARI, employeeNumber="100"))
    world.run()
    world.staff(KARI)


def not_there_yet(world: World) -> None:
    world.fresh(KARI)


def different(world: World) -> None:
    all_right(world)
    world.staff(changed(KARI, title="CFO", privatePhone="+4790000009"))


def never_synced(world: World) -> None:
    world.fresh(KARI, there=[in_xledger(KARI)])


# situation, the checks in their order, of them those that fail, and words of what was seen
CASES: list[tuple[Callable[[World], None], tuple[str, ...], tuple[str, ...], str]] = [
    (all_right, ALL, (), "every integration data field is equal"),
    (unknown, ALL[:3], (EXISTS,), "no record has the number 101"),
    (part_time, ALL[:4], (SELECTED,), "80 %"),
    (double, ALL, (), "2 record(s)"),
    (double_left_out, ALL, (), "2 record(s)"),
    (unreadable, ALL[:3], (EXISTS,), "costCenterId"),
    (odd_custom_value, ALL[:5], (REFERENCES,), "custom.probationEndDate"),
    (without_cost_centre_there, ALL[:5], (REFERENCES,), "990"),
    (renumbered, ALL[:5], (REFERENCES,), "under the number 100"),
    (not_there_yet, (*ALL[:6], LAST), (THERE, LAST), "no employee has the code 101"),
    (different, ALL, (AGREE,), "contact.jobTitle, contact.phone"),
    (never_synced, ALL, (AGREE, LAST), "never"),
]


@pytest.mark.requirement("OPS-2", "EX-4")
@pytest.mark.parametrize(
    ("prepare", "checks", "failing", "words"), CASES, ids=[row[0].__name__ for row in CASES]
)
def test_the_checks_go_on_to_the_first_that_fails_and_agree_with_the_sync_that_follows(
    world: World,
    prepare: Callable[[World], None],
    checks: tuple[str, ...],
    failing: tuple[str, ...],
    words: str,
) -> None:
    prepare(world)
    found = diagnose(world)
    assert tuple(check.name for check in found) == checks
    assert tuple(check.name for check in found if not check.passed) == failing
    assert words in " ".join(check.seen for check in found)
    settled = {one.source_id for one in world.stored(world.run(mode="preview"))}
    stands_in_the_way = bool({EXISTS, SELECTED, REFERENCES} & set(failing)) and prepare is not unknown
    assert (KARI.id in settled) == stands_in_the_way, "a sync says something else"


@pytest.mark.requirement("OPS-2", "CON-2")
@pytest.mark.parametrize("flow", ["employee_export", "time_off_export"])
@pytest.mark.parametrize(
    ("system", "fault", "remedy"),
    [
        ("simployer", "token", "Make a new token in Simployer One"),
        ("xledger", "token", "Make a new token in Xledger"),
        ("simployer", "reset", "Try again"),
        ("xledger", 503, "Try again"),
    ],
)
def test_a_system_that_can_not_be_reached_is_the_first_thing_told_and_all_that_is_told(
    world: World, flow: str, system: str, fault: Any, remedy: str
) -> None:
    world.fresh(KARI)
    world.faults(system, errors=[fault])
    found = diagnose(world, flow=flow)
    assert [check.name for check in found] == [SIMPLOYER, XLEDGER]
    failed = [check for check in found if not check.passed]
    assert [check.name for check in failed] == [SIMPLOYER if system == "simployer" else XLEDGER]
    assert remedy in str(failed[0].remedy)


@pytest.mark.requirement("OPS-2")
def test_a_token_that_shows_no_company_says_so_with_its_own_remedy(world: World) -> None:
    world.fresh(KARI)
    world.put("simployer", {**world.state("simployer"), "company": []})
    first, _ = diagnose(world)
    assert first.passed is False
    assert "shows no company" in first.seen
    assert "as an owner" in str(first.remedy)


@pytest.mark.requirement("OPS-2")
def test_without_a_key_only_the_connection_is_looked_at(world: World) -> None:
    world.fresh(KARI)
    found = diagnose(world, key=None)
    assert [(check.name, check.passed, check.seen) for check in found] == [
        (SIMPLOYER, True, "Acme AS"),
        (XLEDGER, True, "Xledger entity without employees"),
    ]


@pytest.mark.requirement("OPS-2", "TO-1")
@pytest.mark.parametrize(
    ("key", "known"), [("101", True), ("101-2026-02-09-FERIE", True), ("102-2026-02-09-FERIE", False)]
)
def test_a_diagnosis_of_time_off_says_whether_xledger_knows_the_employee(
    world: World, key: str, known: bool
) -> None:
    world.fresh(KARI, leaves=[Leave("101", "2026-02-09", "2026-02-10")], there=[in_xledger(KARI)])
    found = diagnose(world, key, flow="time_off_export")
    assert [check.name for check in found] == [SIMPLOYER, XLEDGER, "employee exists in Xledger"]
    assert found[-1].passed is known


def test_what_a_run_would_mend_is_no_remedy_while_the_brake_holds_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sync would only be held once more (oncall OC-23)."""
    all_right(world)
    world.staff(changed(KARI, privatePhone="+4799999999"))
    held = {"last_status": "held", "last_run_id": "run_1", "last_finished_at": "2026-11-23T05:00:00Z"}
    monkeypatch.setattr(type(world.ledger.connections), "standing", lambda *_: held)

    found = checks_of(world, world.connection, "employee_export", "101", int(time.time()))

    (differs,) = [check for check in found if check.name == AGREE]
    assert differs.remedy is not None
    assert differs.remedy.startswith("The brake holds the run run_1: an admin applies its plan")
