"""Schedules in the API and in EventBridge Scheduler, and what they start (TRG-1, TRG-2, OPS-3)."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from payrelay.domain.runs import ConnectionStatus, Trigger
from payrelay.runtime.schedules import schedules
from tests.worlds.api import ENVIRONMENT, World, load
from tests.worlds.aws import client
from tests.worlds.reports_api import Delft
from tests.worlds.structs import replace

WEEKDAYS = {"days": ["FRI", "MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}
# Saturday; clocks in Oslo go back that night, and forward on Sunday, 28 March 2027.
AUTUMN = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
SPRING = datetime(2027, 3, 27, 20, 0, tzinfo=UTC)


def at(world: World, moment: datetime) -> None:
    """Set the clock."""
    world.container.__dict__["engine"] = replace(world.container.engine, clock=lambda: moment)


def path_of(connection_id: str, flow: str = "employee_export") -> str:
    return f"/connections/{connection_id}/schedules/{flow}"


def in_eventbridge() -> dict[str, dict[str, Any]]:
    scheduler = client("scheduler")
    found = scheduler.list_schedules(GroupName="payrelay")["Schedules"]
    names = [one["Name"] for one in found]
    return {name: dict(scheduler.get_schedule(Name=name, GroupName="payrelay")) for name in names}


@pytest.mark.requirement("TRG-1")
def test_a_schedule_is_set_read_and_shown_with_its_next_runs(world: World) -> None:
    at(world, AUTUMN)
    connection_id = world.connected()
    answer = world.call("PUT", path_of(connection_id), WEEKDAYS)
    assert answer.status == 200
    assert answer.json == {
        "connection_id": connection_id,
        "flow": "employee_export",
        "days": ["MON", "FRI"],
        "time": "06:00",
        "time_zone": "Europe/Oslo",
        "enabled": True,
        "updated_at": "2026-10-24T20:00:00.000Z",
        "next_run_at": "2026-10-26T05:00:00.000Z",
        "next_runs": [
            "2026-10-26T05:00:00.000Z",
            "2026-10-30T05:00:00.000Z",
            "2026-11-02T05:00:00.000Z",
            "2026-11-06T05:00:00.000Z",
            "2026-11-09T05:00:00.000Z",
        ],
        "next_run_problem": None,
    }
    assert world.call("GET", path_of(connection_id), role="viewer").json == answer.json
    connection = world.call("GET", f"/connections/{connection_id}").json
    assert connection["standings"]["employee_export"]["next_run_at"] == "2026-10-26T05:00:00.000Z"


def lost(name: str) -> None:
    """Somebody deletes it there."""
    client("scheduler").delete_schedule(Name=name, GroupName="payrelay")


def switched_off(name: str) -> None:
    change(name, State="DISABLED")


def at_another_time(name: str) -> None:
    """It was only half put: the scheduler has the times of before."""
    change(name, ScheduleExpression="cron(0 7 ? * MON *)")


def change(name: str, **changed: Any) -> None:
    scheduler = client("scheduler")
    found = scheduler.get_schedule(Name=name, GroupName="payrelay")
    names = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow")
    scheduler.update_schedule(**{one: found[one] for one in (*names, "Target", "State")} | changed)


@pytest.mark.requirement("TRG-5")
@pytest.mark.parametrize("harm", [lost, switched_off, at_another_time], ids=lambda harm: harm.__name__)
def test_no_next_run_is_shown_of_a_schedule_that_the_scheduler_has_not(world: World, harm: Any) -> None:
    """(oncall OC-42) It was reckoned from the settings."""
    at(world, AUTUMN)
    connection_id = world.connected()
    world.call("PUT", path_of(connection_id), WEEKDAYS)
    (name,) = in_eventbridge()
    harm(name)
    shown = world.call("GET", path_of(connection_id)).json
    assert (shown["next_run_at"], shown["next_runs"]) == (None, [])
    assert shown["next_run_problem"]["code"] == "SCHEDULE_LOST"
    assert f"payrelay schedule {connection_id} employee_export --again" in shown["next_run_problem"]["remedy"]
    connection = world.call("GET", "/connections").json["items"][0]
    standing = connection["standings"]["employee_export"]
    assert (standing["next_run_at"], standing["next_run_problem"]) == (None, shown["next_run_problem"])
    # The cure: what was read is put back as it is.
    again = {name: shown[name] for name in WEEKDAYS}
    assert world.call("PUT", path_of(connection_id), again).json["next_run_at"] == "2026-10-26T05:00:00.000Z"


@pytest.mark.requirement("TRG-5")
def test_no_next_run_is_shown_of_a_connection_that_is_not_connected_and_why(world: World) -> None:
    """(oncall OC-42)"""
    connection_id = world.create()
    shown = world.call("PUT", path_of(connection_id), WEEKDAYS).json
    assert (shown["next_run_at"], shown["next_run_problem"]["code"]) == (None, "NOT_CONNECTED")
    world.set_status(connection_id, ConnectionStatus.CONNECTED)
    assert world.call("GET", path_of(connection_id)).json["next_run_problem"] is None
    off = world.call("PUT", path_of(connection_id), {**WEEKDAYS, "enabled": False}).json
    assert (off["next_run_at"], off["next_run_problem"]) == (None, None)


@pytest.mark.requirement("TRG-1")
def test_a_preview_tells_when_a_schedule_would_run_and_sets_nothing(world: World) -> None:
    at(world, AUTUMN)
    idle = world.create()
    before = world.stored()
    for connection_id, problem in ((world.connected(), None), (idle, "NOT_CONNECTED")):
        before = world.stored()
        answer = world.call("PUT", f"{path_of(connection_id)}?preview=true", WEEKDAYS)
        assert answer.status == 200, answer.text
        # Over the change of the clock.
        assert answer.json["next_runs"][:2] == ["2026-10-26T05:00:00.000Z", "2026-10-30T05:00:00.000Z"]
        assert len(answer.json["next_runs"]) == 5
        assert (answer.json["next_run_problem"] or {}).get("code") == problem
        assert world.stored() == before
        assert in_eventbridge() == {}
        assert world.call("GET", path_of(connection_id)).status == 404
    off = world.call("PUT", f"{path_of(idle)}?preview=true", {**WEEKDAYS, "enabled": False})
    assert (off.json["next_runs"], off.json["next_run_problem"]) == ([], None)
    wrong = world.call("PUT", f"{path_of(idle)}?preview=true", {**WEEKDAYS, "time": "25:00"})
    assert (wrong.status, list(wrong.fields)) == (422, ["time"])
    for query in ("preview=yes", "other=1"):
        assert world.call("PUT", f"{path_of(idle)}?{query}", WEEKDAYS).status == 400
    really = world.call("PUT", f"{path_of(idle)}?preview=false", WEEKDAYS)
    assert (really.status, len(in_eventbridge())) == (200, 1)


@pytest.mark.requirement("TRG-1")
def test_the_scheduler_gets_zone_window_target_and_dead_letters(world: World) -> None:
    connection_id = world.create()
    world.call("PUT", path_of(connection_id), WEEKDAYS)
    (name,) = in_eventbridge()
    assert name == f"{connection_id}-employee_export"
    assert len(name) <= 64
    stored = in_eventbridge()[name]
    assert stored["ScheduleExpression"] == "cron(0 6 ? * MON,FRI *)"
    assert stored["ScheduleExpressionTimezone"] == "Europe/Oslo"
    assert stored["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}
    assert stored["State"] == "ENABLED"
    target = stored["Target"]
    assert target["Arn"] == ENVIRONMENT["SCHEDULE_TARGET_ARN"]
    assert target["RoleArn"] == ENVIRONMENT["SCHEDULE_ROLE_ARN"]
    assert target["DeadLetterConfig"] == {"Arn": ENVIRONMENT["SCHEDULE_DLQ_ARN"]}
    event = {"tenant": "demo", "connection_id": connection_id, "flow": "employee_export"}
    assert json.loads(target["Input"]) == event


@pytest.mark.requirement("TRG-1")
def test_a_schedule_is_replaced_switched_off_and_deleted(world: World) -> None:
    connection_id = world.create()
    world.call("PUT", path_of(connection_id), WEEKDAYS)
    off = world.call("PUT", path_of(connection_id), {**WEEKDAYS, "time": "07:15", "enabled": False})
    assert (off.json["next_run_at"], off.json["next_runs"]) == (None, [])
    (stored,) = in_eventbridge().values()
    assert (stored["ScheduleExpression"], stored["State"]) == ("cron(15 7 ? * MON,FRI *)", "DISABLED")
    assert world.call("DELETE", path_of(connection_id)).status == 204
    assert in_eventbridge() == {}
    for method in ("GET", "DELETE"):
        gone = world.call(method, path_of(connection_id))
        assert (gone.status, gone.code) == (404, "NOT_FOUND")


@pytest.mark.requirement("TRG-1")
def test_setting_a_schedule_again_finishes_what_broke_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = world.create()
    connections = type(world.container.ledger.connections)
    with monkeypatch.context() as patch:
        patch.setattr(connections, "put_schedule", lambda *_: (_ for _ in ()).throw(OSError("crash")))
        assert world.call("PUT", path_of(connection_id), WEEKDAYS).status == 500
    assert world.call("PUT", path_of(connection_id), WEEKDAYS).status == 200
    assert len(in_eventbridge()) == 1


@pytest.mark.requirement("TRG-1")
def test_two_who_make_the_same_schedule_at_once_both_succeed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = world.create()
    client = schedules(world.container)._client
    update, tries = client.update_schedule, []

    def update_just_before_the_other_created_it(**wanted: Any) -> Any:
        tries.append(1)
        try:
            return update(**wanted)
        except ClientError:
            client.create_schedule(**wanted)
            raise

    monkeypatch.setattr(client, "update_schedule", update_just_before_the_other_created_it)
    assert world.call("PUT", path_of(connection_id), WEEKDAYS).status == 200
    assert len(tries) == 2


@pytest.mark.requirement("TRG-1")
def test_a_flow_that_the_kind_does_not_have_is_not_found(world: World) -> None:
    answer = world.call("PUT", path_of(world.create(), "balance_sync"), WEEKDAYS)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert "employee_export, time_off_export" in answer.json["detail"]


def fire(event: dict[str, Any]) -> dict[str, Any]:
    """What EventBridge Scheduler does."""
    answer: dict[str, Any] = load("start_run", "start_run").handler(
        event, SimpleNamespace(aws_request_id="lambda-id")
    )
    return answer


@pytest.mark.requirement("TRG-1")
def test_a_schedule_starts_a_run_or_joins_the_one_in_progress(world: World) -> None:
    connection_id = world.connected()
    world.call("PUT", path_of(connection_id), WEEKDAYS)
    event = json.loads(in_eventbridge()[f"{connection_id}-employee_export"]["Target"]["Input"])
    first, second = fire(event), fire(event)
    run = world.run(first["run_id"])
    assert (run.trigger, run.requested_by) == (Trigger.SCHEDULE, "schedule")
    assert world.executions.started == [run.run_id, run.run_id]
    assert first == {"started": True, "run_id": run.run_id, "joined": False}
    assert second == {"started": True, "run_id": run.run_id, "joined": True}


@pytest.mark.requirement("TRG-2")
@pytest.mark.parametrize("enabled", [True, False])
def test_a_manual_run_works_whether_the_schedule_is_on_or_off(world: World, enabled: bool) -> None:
    connection_id = world.connected()
    world.call("PUT", path_of(connection_id), {**WEEKDAYS, "enabled": enabled})
    assert world.start(connection_id)


@pytest.mark.requirement("OPS-3")
def test_a_schedule_of_a_connection_that_can_not_sync_says_why(world: World) -> None:
    event = {"tenant": "demo", "connection_id": world.create(), "flow": "employee_export"}
    assert fire(event) == {"started": False, "reason": "NOT_CONNECTED"}
    assert fire({**event, "tenant": "other"}) == {"started": False, "reason": "CONNECTION_GONE"}
    assert world.executions.started == []


@pytest.mark.requirement("OPS-3")
def test_an_event_that_can_not_start_a_run_fails_so_that_it_becomes_a_dead_letter(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {"tenant": "demo", "connection_id": world.connected(), "flow": "employee_export"}

    def throttled(_: Any) -> None:
        raise OSError("state machines are down")

    monkeypatch.setattr(world.executions, "start", throttled)
    with pytest.raises(OSError, match="down"):
        fire(event)
    with pytest.raises(KeyError):
        fire({"tenant": "demo"})


@pytest.mark.requirement("TRG-1")
def test_a_run_whose_hour_is_missing_starts_at_the_next_minute_that_exists(world: World) -> None:
    at(world, SPRING)
    connection_id = world.connected()
    nightly = {"days": ["SUN", "MON"], "time": "02:30", "time_zone": "Europe/Oslo", "enabled": True}
    answer = world.call("PUT", path_of(connection_id), nightly)
    assert answer.json["next_runs"][:2] == ["2027-03-28T01:00:00.000Z", "2027-03-29T00:30:00.000Z"]
    instead = in_eventbridge()[f"{connection_id}-employee_export-shifted"]
    assert instead["ScheduleExpression"] == "cron(0 3 ? * MON,TUE,WED,THU,FRI,SAT,SUN *)"
    event = json.loads(instead["Target"]["Input"])
    assert fire(event) == {"started": False, "reason": "NOT_TODAY"}
    at(world, datetime(2027, 3, 28, 1, 7, tzinfo=UTC))
    assert fire(event)["started"] is True
    at(world, datetime(2027, 3, 29, 1, 7, tzinfo=UTC))
    assert fire(event) == {"started": False, "reason": "NOT_TODAY"}


@pytest.mark.requirement("TRG-1")
def test_the_second_schedule_goes_when_the_time_can_not_be_missing_any_more(world: World) -> None:
    connection_id = world.create()
    world.call("PUT", path_of(connection_id), {**WEEKDAYS, "days": ["SUN"], "time": "02:30"})
    assert len(in_eventbridge()) == 2
    world.call("PUT", path_of(connection_id), WEEKDAYS)
    assert list(in_eventbridge()) == [f"{connection_id}-employee_export"]
    world.call("PUT", path_of(connection_id), {**WEEKDAYS, "days": ["SUN"], "time": "02:30"})
    world.call("DELETE", path_of(connection_id))
    assert in_eventbridge() == {}


def test_an_attention_is_a_reason_too(world: World) -> None:
    connection_id = world.create()
    world.set_status(connection_id, ConnectionStatus.ATTENTION)
    event = {"tenant": "demo", "connection_id": connection_id, "flow": "employee_export"}
    assert fire(event)["started"] is False


WORKDAYS = ["MON", "TUE", "WED", "THU", "FRI"]
ALL_DAY = {
    "days": WORKDAYS,
    "every_minutes": 30,
    "from": "06:00",
    "until": "20:00",
    "time_zone": "Europe/Amsterdam",
    "enabled": True,
}


@pytest.mark.requirement("TRG-1", "PE-1", "RQ-1")
def test_connecting_gives_the_usual_schedules_in_the_zone_of_the_connection(delft: Delft) -> None:
    connection_id = delft.connection_id
    assert delft.world.call("POST", f"/connections/{connection_id}/connect").status == 200
    found = {
        flow: delft.world.call("GET", path_of(connection_id, flow)).json
        for flow in ("payroll_sync", "request_sync", "document_pull", "report_pull")
    }
    assert (found["payroll_sync"]["days"], found["payroll_sync"]["time"]) == (
        [*ALL_DAY["days"], "SAT", "SUN"],
        "05:00",
    )
    assert (found["document_pull"]["days"], found["document_pull"]["time"]) == (
        [*ALL_DAY["days"], "SAT", "SUN"],
        "07:00",
    )
    assert {name: found["request_sync"][name] for name in ALL_DAY} == ALL_DAY
    assert (found["report_pull"]["days"], found["report_pull"]["time"]) == (["SAT"], "06:00")
    assert {one["time_zone"] for one in found.values()} == {"Europe/Amsterdam"}
    expressions = {
        name.removeprefix(f"{connection_id}-"): one["ScheduleExpression"]
        for name, one in in_eventbridge().items()
    }
    hours = ",".join(map(str, range(6, 20)))
    assert expressions["request_sync"] == f"cron(0,30 {hours} ? * MON,TUE,WED,THU,FRI *)"
    assert expressions["request_sync-2"] == "cron(0 20 ? * MON,TUE,WED,THU,FRI *)"
    assert delft.world.call("DELETE", path_of(connection_id, "request_sync")).status == 204
    assert not [name for name in in_eventbridge() if "request_sync" in name]


@pytest.mark.requirement("TRG-1")
def test_every_so_many_minutes_is_for_requests_and_may_be_set_back_to_a_time(delft: Delft) -> None:
    at(delft.world, SPRING)
    path = path_of(delft.connection_id, "request_sync")
    answer = delft.world.call("PUT", path, {**ALL_DAY, "days": ["SUN"], "from": "01:30"})
    assert answer.status == 200
    assert "time" not in answer.json
    assert answer.json["next_runs"][:3] == [
        "2027-03-28T00:30:00.000Z", "2027-03-28T01:00:00.000Z", "2027-03-28T01:30:00.000Z",
    ]  # fmt: skip
    other = delft.world.call("PUT", path_of(delft.connection_id, "payroll_sync"), ALL_DAY)
    assert (other.status, other.fields["every_minutes"]) == (
        422,
        "is not known; allowed: days, time, time_zone, enabled",
    )
    back = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/Amsterdam"}
    assert delft.world.call("PUT", path, back).json["time"] == "06:00"
    assert [one["ScheduleExpression"] for one in in_eventbridge().values()] == ["cron(0 6 ? * MON *)"]


@pytest.mark.requirement("TRG-1")
def test_many_connections_are_listed_with_one_client_of_the_scheduler(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session can't make clients in several threads at once: the first list failed at times."""
    for _ in range(4):
        world.call("PUT", path_of(world.connected()), WEEKDAYS)
    made: list[str] = []
    session = world.container.session
    make = session.client

    def slow(name: str, **settings: Any) -> Any:
        made.append(name)
        time.sleep(0.05)
        return make(name, **settings)

    monkeypatch.setattr(session, "client", slow)
    schedules.cache_clear()
    listed = world.call("GET", "/connections").json["items"]
    assert len([one for one in listed if one["standings"]["employee_export"]["next_run_at"]]) == 4
    assert made == ["scheduler"]
