"""The remedies of the reasons that all flows share, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.runs import ConnectionStatus, Halt, Run, Status, Trigger
from payrelay.flows.engine.orders import Replay, replay_order
from tests.flows.conftest import World
from tests.machines.cures import Cure, carry_out
from tests.worlds.people import Person, in_xledger, moment, person, row_id
from tests.worlds.structs import replace

FLOW = "employee_export"
KARI, OLA = person("101"), person("102")


def edited(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


def having(*people: Person) -> Callable[[World], None]:
    """These people, and nobody else, in Simployer One: what a person corrected there, too."""
    return lambda world: world.staff(*people)


def trouble(system: str, **faults: Any) -> Callable[[World], None]:
    """Two people to export, and a system that has a bad day."""

    def make(world: World) -> None:
        world.fresh(KARI, OLA)
        world.faults(system, **faults)

    return make


def over(system: str) -> Callable[[World], None]:
    """The bad day is over, and the time that the system named has passed."""

    def cure(world: World) -> None:
        world.calm(system)
        world.clock.pass_by(70_000)

    return cure


def address(value: str) -> Callable[[World], None]:
    """The address of Simployer One in the connection; `{}` is where it answers."""

    def act(world: World) -> None:
        if not world.state("simployer")["employee"]:
            world.fresh(KARI, OLA)
        world.settings(simployer={"base_url": value.format(world.urls["simployer"])})

    return act


# Xledger takes nobody without a name.
NAMELESS = person("101", firstName=None, lastName=None)
START = "Start the run again"

CURES = [
    Cure(
        "REQUIRED_FIELD_MISSING",
        having(person("", record=101), OLA),
        having(KARI, OLA),
        "Fill in employee number for this employee in Simployer One",
    ),
    Cure(
        "VALUE_NOT_VALID",
        having(edited(KARI, costCenterId=row_id("centre", 777)), OLA),
        having(KARI, OLA),
        "Correct costCenterId of this record in Simployer One",
    ),
    Cure("REFUSED_BY_TARGET", having(NAMELESS), having(KARI), "Correct the value in the source"),
    Cure(
        "NOT_ATTEMPTED",
        trouble("xledger", errors=["credits"], reset_in_seconds=70_000, match="addEmployees"),
        over("xledger"),
        START,
    ),
    Cure(
        "OUTCOME_UNKNOWN",
        trouble("xledger", errors=[503], match="addEmployees"),
        over("xledger"),
        START,
    ),
    Cure(
        "WRITTEN_IN_PART",
        trouble("xledger", errors=[503], match="updateContacts"),
        over("xledger"),
        START,
    ),
    Cure("SYSTEM_UNREACHABLE", trouble("simployer", errors=["reset"]), over("simployer"), START),
    Cure(
        "COME_BACK_LATER",
        trouble("xledger", errors=["credits"], reset_in_seconds=70_000),
        over("xledger"),
        START,
    ),
    Cure("SYSTEM_REFUSED", address("{}/wrong"), address("{}"), "Check the connection's settings"),
    Cure(
        "ADDRESS_NOT_ALLOWED",
        address("https://api.alexishr.example/v1"),
        address("{}"),
        "Set the connection's address to https on one of: api.alexishr.com",
    ),
]

ELSEWHERE = {
    # Raised and cured by plans, halts and replays: the tests below.
    **{
        code: f"tests/machines/remedies/test_shared.py::{name}"
        for code, name in {
            "MOVED_SINCE_PREVIEW": "test_a_new_preview_is_applied",
            "PLAN_EXPIRED": "test_a_new_preview_is_applied",
            "NEWER_AT_TARGET": "test_what_is_newer_at_the_target_is_settled",
            "STOPPED_BY_USER": "test_a_run_that_was_ended_is_started_again",
            "RUN_DIED": "test_a_run_that_was_ended_is_started_again",
            "BRAKE": "test_a_held_plan_is_applied_or_corrected",
        }.items()
    },
    "DEPLOYED_MEANWHILE": (
        "tests/flows/engine/test_run_end.py::test_a_run_does_not_mix_two_versions_of_its_flow"
    ),
    # Raised by connections.
    **{
        code: f"tests/api/{where}"
        for code, where in {
            "CREDENTIALS_REFUSED": "test_connecting.py::test_new_credentials_and_connect_mend_a_connection",
            "CONNECTION_DISCONNECTED": "test_connecting.py::test_disconnecting_stops_the_runs_in_progress",
            "NOT_CONNECTED": "test_connecting.py::test_disconnecting_stops_the_runs_in_progress",
            "ADD_ON_NOT_ACTIVE": "test_connecting.py::test_a_tenant_without_the_add_on_is_refused",
            "NOT_CONFIGURED": (
                "test_journal.py::test_a_connection_without_companies_is_not_configured_until_they_are_put_in"
            ),
            "RUN_BY_VENDOR": "test_accruals.py::test_what_the_vendor_runs_is_previewed_and_never_written",
            "CLOCK_WRONG": "test_accruals.py::test_a_clock_that_is_set_right_connects",
            "LINK_REFUSED": "test_accruals.py::test_where_timeworksplus_itself_answers_its_lists_are_read",
            "REDIRECT_REFUSED": "test_connecting.py::test_a_redirect_elsewhere_is_not_followed",
            "CONNECTION_MOVED": (
                "test_moved_address.py::test_with_them_the_connection_is_not_connected_and_its_runs_are_stopped"
            ),
            "OTHER_ORGANISATION": "test_moved_address.py::test_the_credentials_of_before_bring_it_back",
            "ADDRESS_CHANGED": "test_moved_address.py::test_address_and_credentials_together_bring_it_back",
            "LAPSED": "test_lapse.py::test_connecting_again_needs_no_consent_and_starts_the_time_anew",
            "ROLE_STARTS_NOTHING": (
                "test_login_refused.py::test_every_other_login_starts_nothing_and_is_answered_so"
            ),
            "ORGANISATION_NOT_REACHED": (
                "test_leave_answers.py::test_an_organisation_that_is_not_shown_any_more_is_a_conflict"
            ),
            "LICENCE_MISSING": "test_payroll_report.py::test_a_licence_that_is_put_in_connects_it",
        }.items()
    },
    # Raised by the watch.
    "SCHEDULE_LOST": (
        "tests/api/test_schedules.py::test_no_next_run_is_shown_of_a_schedule_that_the_scheduler_has_not"
    ),
    "SCHEDULE_DID_NOT_START": "tests/api/test_watch.py::test_what_was_missed_is_started_by_hand",
    "RUN_NEVER_BEGAN": "tests/api/test_watch.py::test_what_was_missed_is_started_by_hand",
}


@pytest.mark.requirement("RUN-7", "RUN-4")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(world: World, case: Cure) -> None:
    world.fresh()
    carry_out(world, FLOW, case)
    assert world.connection.status is ConnectionStatus.CONNECTED
    assert world.run(FLOW).status is Status.SUCCEEDED


# --- plans -----------------------------------------------------------------------------------------------


def forgotten(world: World) -> None:
    world.memory.bucket.objects.clear()


@pytest.mark.requirement("RUN-9")
@pytest.mark.parametrize(
    ("code", "meanwhile"),
    [("MOVED_SINCE_PREVIEW", having(edited(KARI, title="CFO"))), ("PLAN_EXPIRED", forgotten)],
)
def test_a_new_preview_is_applied(world: World, code: str, meanwhile: Callable[[World], None]) -> None:
    world.fresh(KARI, there=[in_xledger(KARI, email="old@acme.example")])
    preview = world.run(mode="preview")
    meanwhile(world)
    run = world.run(mode="apply", plan_of=preview.run_id)
    why = run.error or world.stored(run)[0].reason
    assert why
    assert (why.code, "Make a new preview" in why.remedy) == (code, True)
    again = world.run(mode="apply", plan_of=world.run(mode="preview").run_id)
    assert again.status is Status.SUCCEEDED
    assert world.run().counts == {**(again.counts or {}), "updated": 0, "unchanged": 1}


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize("right", [True, False], ids=["the plan is right", "it is not"])
def test_a_held_plan_is_applied_or_corrected(world: World, right: bool) -> None:
    """(BRAKE)"""
    world.settings(brake={"people": 0, "share": "0"})
    world.fresh(KARI)
    world.run()
    world.staff(edited(KARI, hireDate=moment("2019-03-01")))
    held = world.run()
    assert (held.status, held.error) == (Status.HELD, None)
    assert held.held
    if right:
        assert "if the plan is right, an admin applies it" in held.held["remedy"]
        assert world.run(mode="apply", plan_of=held.run_id).status is Status.SUCCEEDED
    else:
        assert "correct the data in the source and start a new run" in held.held["remedy"]
        world.staff(KARI)
    assert world.run().status is Status.SUCCEEDED


# --- what is newer ---------------------------------------------------------------------------------------


def replayed(world: World, old: Run) -> Run:
    order = replay_order(world.engine, old, Replay(frozenset(), frozenset()), "tester")
    return world.run(FLOW, trigger=Trigger.REPLAY, replay_of=order.replay_of, only=order.only)


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize("source", ["CFO", "Chief of Finance"], ids=["the source is right", "it is not"])
def test_what_is_newer_at_the_target_is_settled(world: World, source: str) -> None:
    world.fresh(KARI)
    world.run()
    world.staff(edited(KARI, title="CFO"))
    old = world.run()
    world.edit("xledger", "contacts", {"code": "101"}, jobTitle="Chief of Finance")
    (record,) = world.stored(replayed(world, old))
    assert record.reason
    assert (record.reason.code, record.outcome) == ("NEWER_AT_TARGET", "blocked")
    assert "start a new run instead" in record.reason.remedy
    assert "if not, correct the source first" in record.reason.remedy
    world.staff(edited(KARI, title=source))
    assert world.run().status is Status.SUCCEEDED
    assert world.contact("101")["jobTitle"] == source


# --- ended runs ------------------------------------------------------------------------------------------


def stopped(world: World, run: Run) -> None:
    world.ledger.runs.halt(world.get(run), Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="Kari")))


def died(world: World, run: Run) -> None:
    """Nothing is heard of it any more, until its lease has run out."""
    world.clock.pass_by(world.limits.lease_seconds + 1)


@pytest.mark.requirement("RUN-1", "RUN-2")
@pytest.mark.parametrize(("code", "end"), [("STOPPED_BY_USER", stopped), ("RUN_DIED", died)])
def test_a_run_that_was_ended_is_started_again(
    world: World, code: str, end: Callable[[World, Run], None]
) -> None:
    world.fresh(KARI, OLA)
    run = world.start()
    end(world, run)
    if code == "STOPPED_BY_USER":
        world.drive(run)
    again = world.run()
    why = world.get(run).error
    assert why
    assert why.code == code
    assert why.remedy.startswith("Start it again")
    assert "what has been written is not written again" in why.remedy
    assert (again.status, again.counts and again.counts["created"]) == (Status.SUCCEEDED, 2)
