"""The watch: what should have run by schedule and did not, on a clock that the tests move (TRG-5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from secrets import randbits
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import asdict

from payrelay.domain.ids import first_run_id, ulid_at
from payrelay.domain.records import Reason
from payrelay.domain.runs import Mode, Run, Status
from payrelay.domain.schedules import Schedule
from payrelay.flows.engine.watch import Watch
from payrelay.runtime import ids
from tests.worlds.api import World, load
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("TRG-5")

FLOW = "employee_export"
# 06:00 in Oslo on a Monday, in summer; the schedule is set on the day before.
DUE = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
DUE_AT = "2026-06-01T04:00:00.000Z"
DAILY = {"days": ["SUN", "MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}
# A jitter of ten minutes, and a quarter of an hour.
PATIENCE = timedelta(minutes=25)
SECOND = timedelta(seconds=1)


class Heard:
    """What is published and measured."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.measures: list[tuple[Mapping[str, float], Mapping[str, str]]] = []
        self.broken = False

    def publish(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        if self.broken:
            raise OSError("the bus is down")
        self.events += events

    def measure(self, values: Mapping[str, float], /, **by: str) -> None:
        self.measures.append((values, by))

    @property
    def missed(self) -> list[Mapping[str, Any]]:
        return [detail for name, detail in self.events if name == "ScheduleMissed"]


class Watched:
    """A world whose time the test sets, and its watch."""

    def __init__(self, world: World) -> None:
        self.world, self.heard, self.now = world, Heard(), DUE - timedelta(hours=20)
        engine = world.container.engine
        self.engine = replace(engine, clock=lambda: self.now, events=self.heard, measure=self.heard.measure)
        world.container.__dict__["engine"] = self.engine
        self.connections = engine.ledger.connections

    def scheduled(self, tenant: str = "demo", *, connected: bool = True, **changed: Any) -> str:
        """A connection with a schedule."""
        connection_id = self.world.connected(tenant) if connected else self.world.create(tenant)
        path = f"/connections/{connection_id}/schedules/{FLOW}"
        assert self.world.call("PUT", path, {**DAILY, **changed}, tenant=tenant).status == 200
        return connection_id

    def fire(self, connection_id: str, tenant: str = "demo", **more: Any) -> str:
        """What the scheduler does; the run."""
        event = {"tenant": tenant, "connection_id": connection_id, "flow": FLOW, **more}
        answer = load("start_run", "start_run").handler(event, SimpleNamespace(aws_request_id="lambda-id"))
        return str(answer["run_id"])

    def begin(self, run_id: str, tenant: str = "demo") -> Run:
        run = self.world.run(run_id, tenant)
        return self.engine.ledger.runs.change(run, status=Status.RUNNING, started_at=self.engine.stamp())

    def end(self, run_id: str, tenant: str = "demo") -> Run:
        """The run, once it has ended well with two records."""
        self.world.plan(run_id, unchanged=2, tenant=tenant)
        return self.world.finish(run_id, tenant=tenant)

    def look(self, moment: datetime = DUE + PATIENCE) -> dict[str, int]:
        self.now = moment
        answer: dict[str, int] = load("watch", "watch").handler(
            {}, SimpleNamespace(aws_request_id="lambda-id")
        )
        return answer

    def missed_at(self, connection_id: str, tenant: str = "demo", flow: str = FLOW) -> Any:
        found = self.world.call("GET", f"/connections/{connection_id}", tenant=tenant).json
        return found["standings"][flow]["missed_at"]

    def missed(self) -> list[tuple[str, str]]:
        """When what was due, and why nothing came of it."""
        return [(str(one["due_at"]), str(one["reason_code"])) for one in self.heard.missed]


@pytest.fixture
def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setenv("SCHEDULE_JITTER_MINUTES", "10")
    made = Watched(world)
    monkeypatch.setattr(ids, "ulid", lambda: ulid_at(int(made.now.timestamp() * 1000), randbits(80)))
    return made


def test_what_was_due_and_ran_is_fine(watched: Watched) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + timedelta(minutes=9)
    watched.end(watched.fire(connection_id))
    assert watched.look() == {"watched": 1, "missed": 0, "died": 0}
    assert watched.missed() == []
    assert watched.missed_at(connection_id) is None
    assert watched.heard.measures[-1] == ({"SchedulesWatched": 1}, {})


def test_what_was_due_and_did_not_run_is_told(watched: Watched, logs: StringIO) -> None:
    connection_id = watched.scheduled()
    assert watched.look() == {"watched": 1, "missed": 1, "died": 0}
    assert watched.heard.missed == [
        {
            "id": f"{connection_id}/{FLOW}/{DUE_AT}",
            "tenant": "demo",
            "connection_id": connection_id,
            "flow": FLOW,
            "due_at": DUE_AT,
            "reason_code": "SCHEDULE_DID_NOT_START",
        }
    ]
    assert ({"SchedulesMissed": 1}, {"flow": FLOW}) in watched.heard.measures
    assert watched.missed_at(connection_id) == DUE_AT
    (line,) = [
        line for line in map(json.loads, logs.getvalue().splitlines()) if line["message"] == "schedule missed"
    ]
    told = {name: line[name] for name in ("tenant", "connection_id", "flow", "due_at", "reason")}
    assert told == {
        "tenant": "demo",
        "connection_id": connection_id,
        "flow": FLOW,
        "due_at": DUE_AT,
        "reason": "SCHEDULE_DID_NOT_START",
    }


def test_the_jitter_and_the_tries_of_a_start_are_waited_for(watched: Watched) -> None:
    watched.scheduled()
    assert watched.look(DUE + PATIENCE - SECOND)["missed"] == 0
    assert watched.look(DUE + PATIENCE)["missed"] == 1


def test_a_missed_moment_is_told_once_and_the_next_one_again(watched: Watched) -> None:
    connection_id = watched.scheduled(days=["MON", "TUE"])
    for minutes in (25, 40, 600):
        watched.look(DUE + timedelta(minutes=minutes))
    assert watched.missed() == [(DUE_AT, "SCHEDULE_DID_NOT_START")]
    watched.look(DUE + timedelta(days=1) + PATIENCE)
    assert [due for due, _ in watched.missed()] == [DUE_AT, "2026-06-02T04:00:00.000Z"]
    assert watched.missed_at(connection_id) == "2026-06-02T04:00:00.000Z"


@pytest.mark.parametrize("stored_before", [False, True])
def test_why_it_was_missed_is_shown(watched: Watched, stored_before: bool) -> None:
    """(oncall OC-42) It stood on no screen."""
    connection_id = watched.scheduled(connected=False)
    watched.look()
    where = ("demo", connection_id, FLOW)
    if stored_before:
        standing = watched.connections.standing(*where)
        watched.connections._table.put({n: v for n, v in standing.items() if n != "missed_reason"})
    found = watched.world.call("GET", f"/connections/{connection_id}").json["standings"][FLOW]
    assert (found["missed_at"], found["missed_reason"]["code"]) == (DUE_AT, "NOT_CONNECTED")
    told = "did not start" if stored_before else "is not connected"
    assert told in found["missed_reason"]["message"]


@pytest.mark.parametrize("written", [True, False], ids=["succeeded", "failed"])
def test_missed_is_shown_until_a_later_run_has_made_up_for_it(watched: Watched, written: bool) -> None:
    connection_id = watched.scheduled()
    watched.look()
    run_id = watched.world.start(connection_id)
    assert watched.missed_at(connection_id) == DUE_AT
    if written:
        watched.end(run_id)
    else:
        event = {"run": {"tenant": "demo", "run_id": run_id}, "problem": "its execution is ABORTED"}
        load("runs", "close_run").close_run(watched.engine, event)
    assert watched.missed_at(connection_id) == (None if written else DUE_AT)
    watched.look(watched.now + timedelta(minutes=15))
    assert len(watched.missed()) == 1


Change = Callable[[Watched, str], object]


def queued(watched: Watched, connection_id: str) -> None:
    watched.now = DUE + timedelta(minutes=2)
    watched.fire(connection_id)


def previewed(watched: Watched, connection_id: str) -> None:
    """Somebody looks at what the run would do; the schedule starts nothing."""
    watched.now = DUE + timedelta(minutes=2)
    watched.end(watched.world.start(connection_id, mode="preview"))


def for_one(watched: Watched, connection_id: str) -> None:
    """Somebody syncs one employee; the schedule starts nothing."""
    watched.now = DUE + timedelta(minutes=2)
    watched.end(watched.world.start(connection_id, options={"employees": ["1042"]}))


MISSES = [
    (lambda watched, connection_id: None, "SCHEDULE_DID_NOT_START"),
    (previewed, "SCHEDULE_DID_NOT_START"),
    (for_one, "SCHEDULE_DID_NOT_START"),
    (queued, "RUN_NEVER_BEGAN"),
]


@pytest.mark.parametrize(("miss", "code"), MISSES)
def test_what_was_missed_is_started_by_hand(watched: Watched, miss: Change, code: str) -> None:
    """As the remedies say; that it "joined" a preview, or a run for one employee, was never so."""
    connection_id = watched.scheduled(days=["MON", "TUE"])
    miss(watched, connection_id)
    watched.look()
    assert watched.missed() == [(DUE_AT, code)]
    by_hand = watched.world.call("POST", f"/connections/{connection_id}/runs", {"flow": FLOW})
    assert (by_hand.status, by_hand.json.get("joined", False)) == (
        (200, True) if miss is queued else (202, False)
    )
    run_id = by_hand.json["run_id"]
    assert watched.world.executions.started[-1] == run_id
    watched.end(run_id)
    assert watched.missed_at(connection_id) is None
    path = f"/connections/{connection_id}/schedules/{FLOW}"
    assert watched.world.call("PUT", path, {**DAILY, "days": ["MON", "TUE"]}).status == 200
    watched.now = DUE + timedelta(days=1, minutes=2)
    watched.end(watched.fire(connection_id))
    assert watched.look(DUE + timedelta(days=1) + PATIENCE)["missed"] == 0


def test_a_preview_makes_up_for_nothing(watched: Watched) -> None:
    connection_id = watched.scheduled()
    watched.look()
    watched.end(watched.world.start(connection_id, mode="preview"))
    assert watched.missed_at(connection_id) == DUE_AT


@pytest.mark.parametrize(
    "began", [timedelta(hours=-11), timedelta(minutes=-1), timedelta(minutes=3)], ids=str
)
def test_a_run_in_progress_that_was_joined_stands_for_the_schedule(
    watched: Watched, began: timedelta
) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + began
    run_id = watched.world.start(connection_id)
    watched.begin(run_id)
    watched.now = DUE + timedelta(minutes=5)
    watched.engine.ledger.runs.extend(watched.world.run(run_id), until=watched.engine.now + 60)
    assert watched.fire(connection_id) == run_id
    watched.end(run_id)
    assert watched.look()["missed"] == 0


@pytest.mark.parametrize("ended", [timedelta(minutes=-1), timedelta(hours=-10)], ids=str)
def test_a_run_that_was_over_before_does_not(watched: Watched, ended: timedelta) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + ended
    watched.end(watched.world.start(connection_id))
    assert watched.look()["missed"] == 1


@pytest.mark.parametrize("more", [{"mode": "preview"}, {"options": {"employees": ["1042"]}}], ids=str)
def test_a_run_that_syncs_less_is_not_joined_and_the_scheduled_one_counts(
    watched: Watched, more: Any
) -> None:
    """A preview is in nobody's way; behind a run for one employee, the scheduled one waits its turn."""
    connection_id = watched.scheduled()
    watched.now = DUE + timedelta(minutes=1)
    run_id = watched.world.start(connection_id, **more)
    fired = watched.fire(connection_id)
    assert fired != run_id
    if "options" in more:
        watched.now = DUE + timedelta(hours=2)
        assert watched.look()["missed"] == 0, "it still waits"
    else:
        watched.end(fired)
        assert watched.look()["missed"] == 0


def test_a_run_that_only_waits_in_the_queue_has_not_started(watched: Watched) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + timedelta(minutes=2)
    watched.fire(connection_id)
    watched.look()
    assert watched.missed() == [(DUE_AT, "RUN_NEVER_BEGAN")]


def test_a_run_that_was_queued_just_now_is_about_to_begin(watched: Watched) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + PATIENCE - SECOND
    watched.fire(connection_id)
    assert watched.look()["missed"] == 0


def test_a_run_of_another_flow_or_of_one_person_does_not_stand_for_it(watched: Watched) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + timedelta(minutes=2)
    watched.end(watched.world.start(connection_id, flow="time_off_export"))
    run = watched.world.run(watched.world.stored_run(FLOW))
    mine = replace(run, run_id=ids.run_id(), connection_id=connection_id, scope="E1", mode=Mode.SYNC)
    watched.engine.ledger.runs.start(mine, now=watched.engine.now, lease_seconds=60, ttl=2_000_000_000)
    watched.begin(mine.run_id)
    assert watched.look()["missed"] == 1


def test_a_schedule_that_is_off_or_deleted_is_not_watched(watched: Watched) -> None:
    connection_id = watched.scheduled(enabled=False)
    assert watched.look() == {"watched": 0, "missed": 0, "died": 0}
    watched.now = DUE - timedelta(hours=1)
    watched.scheduled()
    path = f"/connections/{connection_id}/schedules/{FLOW}"
    watched.world.call("PUT", path, DAILY)
    assert watched.look(DUE)["watched"] == 2
    watched.world.call("PUT", path, {**DAILY, "enabled": False})
    assert watched.look(DUE)["watched"] == 1
    watched.world.call("PUT", path, DAILY)
    watched.world.call("DELETE", path)
    assert watched.look(DUE)["watched"] == 1


SINCE: dict[str, Change] = {
    "the schedule was set again": lambda watched, connection_id: watched.world.call(
        "PUT", f"/connections/{connection_id}/schedules/{FLOW}", DAILY
    ),
    "it was disconnected": lambda watched, connection_id: watched.world.call(
        "POST", f"/connections/{connection_id}/disconnect"
    ),
    "it was connected": lambda watched, connection_id: watched.connections.save(
        replace(watched.world.connection(connection_id), switched_at=watched.engine.stamp())
    ),
}


@pytest.mark.parametrize("change", SINCE.values(), ids=SINCE)
def test_what_was_changed_since_is_not_missed(watched: Watched, change: Change) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + timedelta(minutes=1)
    change(watched, connection_id)
    assert watched.look()["missed"] == 0


def test_a_new_name_hides_nothing(watched: Watched) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + timedelta(minutes=1)
    assert watched.world.call("PATCH", f"/connections/{connection_id}", {"name": "Other"}).status == 200
    assert watched.look()["missed"] == 1


def test_a_connection_that_needs_attention_misses_its_runs(watched: Watched) -> None:
    connection_id = watched.scheduled()
    refused = Reason("CREDENTIALS_REFUSED", "Xledger refuses.", "Put a new token in.")
    watched.connections.attention("demo", connection_id, refused, watched.engine.stamp())
    watched.look()
    assert watched.missed() == [(DUE_AT, "CREDENTIALS_REFUSED")]


def test_a_connection_that_is_not_connected_misses_its_runs(watched: Watched) -> None:
    watched.scheduled(connected=False)
    watched.look()
    assert watched.missed() == [(DUE_AT, "NOT_CONNECTED")]


def test_a_connection_that_had_lapsed_by_then_misses_its_runs(watched: Watched) -> None:
    connection_id = watched.world.connected()
    books = replace(watched.world.connection(connection_id), kind="autovu_accounting")
    watched.connections.save(books)
    watched.connections.touch("demo", connection_id, int(DUE.timestamp()) - 3600)
    stored = {**DAILY, "updated_at": watched.engine.stamp()}
    watched.connections.put_schedule("demo", connection_id, "invoice_sync", stored)
    watched.look()
    assert watched.missed() == [(DUE_AT, "LAPSED")]


# A nightly run, over both changes of the clock: when it is due, and when a run came.
NIGHTS = [
    ("02:30", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),  # it is missing that night: 03:00 instead
    ("02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # it comes twice: the first time
    ("06:00", datetime(2027, 3, 28, 4, 0, tzinfo=UTC)),
    ("06:00", datetime(2026, 10, 25, 5, 0, tzinfo=UTC)),
]


@pytest.mark.parametrize("came", [True, False])
@pytest.mark.parametrize(("time", "due"), NIGHTS, ids=str)
def test_a_change_of_the_clock_is_no_missed_run(
    watched: Watched, time: str, due: datetime, came: bool
) -> None:
    watched.now = due - timedelta(hours=6)
    connection_id = watched.scheduled(time=time)
    assert watched.look(due + PATIENCE - SECOND)["missed"] == 0
    if came:
        watched.now = due + timedelta(minutes=3)
        shifted = {"shifted": True} if due.hour == 1 else {}
        watched.begin(watched.fire(connection_id, **shifted))
    assert watched.look(due + PATIENCE)["missed"] == (0 if came else 1)
    # The second half past two, in autumn.
    assert watched.look(due + timedelta(hours=1) + PATIENCE)["missed"] == 0


@pytest.mark.requirement("CON-4")
def test_every_tenants_schedules_are_watched_each_for_itself(watched: Watched) -> None:
    mine, other = watched.scheduled(), watched.scheduled("other")
    watched.now = DUE + timedelta(minutes=2)
    watched.end(watched.fire(mine))
    assert watched.look() == {"watched": 2, "missed": 1, "died": 0}
    assert [(one["tenant"], one["connection_id"]) for one in watched.heard.missed] == [("other", other)]
    assert (watched.missed_at(mine), watched.missed_at(other, "other")) == (None, DUE_AT)


def test_a_crash_before_it_was_told_tells_it_the_next_time_and_stops_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = watched.scheduled(), watched.scheduled()
    with monkeypatch.context() as patch:
        patch.setattr(watched.heard, "broken", True)
        with pytest.raises(RuntimeError, match="2 of 2 schedules could not be judged"):
            watched.look()
    assert watched.missed_at(first) is None
    note = type(watched.connections).note_missed

    def dies(self: Any, tenant: str, connection_id: str, *rest: str) -> None:
        if connection_id == first:
            raise OSError("crash")
        note(self, tenant, connection_id, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(type(watched.connections), "note_missed", dies)
        with pytest.raises(RuntimeError, match="1 of 2"):
            watched.look()
    assert watched.missed_at(second) == DUE_AT
    assert watched.look() == {"watched": 2, "missed": 1, "died": 0}
    assert {str(one["id"]).split("/")[0] for one in watched.heard.missed} == {first, second}
    assert len({one["id"] for one in watched.heard.missed}) == 2, "told again under the same id"
    assert watched.look() == {"watched": 2, "missed": 0, "died": 0}


def test_two_watches_at_once_note_it_once(watched: Watched) -> None:
    connection_id = watched.scheduled()
    watched.now = DUE + PATIENCE
    (item,) = watched.connections.enabled_schedules()
    one = Watch(watched.engine, timedelta(minutes=10), first_run_id)
    found = one.look(item)
    assert found
    one.tell(found)
    one.tell(found)
    assert one.look(item) is None
    assert watched.missed_at(connection_id) == DUE_AT


def test_thousands_of_schedules_are_looked_at_in_one_call(watched: Watched) -> None:
    """More than one answer of the table holds (a megabyte)."""
    stored = {**DAILY, "time": "18:00", "updated_at": DUE_AT, "padding": "x" * 1000}
    for number in range(1200):
        watched.connections.put_schedule("demo", f"con_{number}", FLOW, stored)
    assert watched.look() == {"watched": 1200, "missed": 0, "died": 0}


@pytest.mark.requirement("OPS-4", "RUN-1")
def test_a_run_whose_lease_ran_out_is_closed_by_the_watch_and_so_alarmed(watched: Watched) -> None:
    """(faults I4) Nobody was told: a dead run has not failed, until the next trigger finds it."""
    connection_id = watched.scheduled()
    watched.now = DUE
    run_id = watched.fire(connection_id)
    watched.begin(run_id)
    watched.look(DUE + timedelta(minutes=29))
    assert watched.world.run(run_id).status is Status.RUNNING, "its lease is still good"
    watched.look(DUE + timedelta(minutes=31))
    ended = watched.world.run(run_id)
    assert (ended.status, ended.error and ended.error.code) == (Status.FAILED, "RUN_DIED")
    assert [values for values, _ in watched.heard.measures if values.get("RunsFailed")], (
        "which an alarm watches"
    )


@pytest.mark.requirement("OPS-4", "RUN-1")
@pytest.mark.parametrize("of_whom", ["demo", "other"])
def test_the_watch_closes_dead_runs_of_connections_without_a_schedule_too(
    watched: Watched, of_whom: str, logs: StringIO
) -> None:
    """(oncall OC-13) It looked only at what has a schedule."""
    watched.now = DUE + PATIENCE
    run_id = watched.world.start(watched.world.connected(of_whom), of_whom)
    watched.begin(run_id, of_whom)
    assert watched.look() == {"watched": 0, "missed": 0, "died": 0}
    watched.world.executions.endings[run_id] = "TIMED_OUT"
    assert watched.look() == {"watched": 0, "missed": 0, "died": 1}
    ended = watched.world.run(run_id, of_whom)
    assert (ended.status, ended.error and ended.error.code) == (Status.FAILED, "RUN_DIED")
    assert [values for values, _ in watched.heard.measures if values.get("RunsDied")] != []
    told = [json.loads(line) for line in logs.getvalue().splitlines() if "dead run closed" in line]
    assert [(line["tenant"], line["run_id"]) for line in told] == [(of_whom, run_id)]
    assert watched.look()["died"] == 0


@pytest.mark.requirement("TRG-5")
def test_a_schedule_that_was_stored_before_there_was_a_watch_is_seen_from_its_next_run_on(
    watched: Watched,
) -> None:
    """(faults I4)"""
    connection_id = watched.scheduled()
    table = watched.connections._table
    stored = watched.connections.schedule("demo", connection_id, FLOW)
    assert stored
    table.put({name: value for name, value in stored.items() if not name.startswith("by_time")})
    assert list(watched.connections.enabled_schedules()) == []
    watched.now = DUE
    watched.fire(connection_id)
    (seen,) = watched.connections.enabled_schedules()
    assert (seen["connection_id"], seen["flow"]) == (connection_id, FLOW)


def test_one_that_runs_often_is_told_once_a_day_until_it_comes_again(watched: Watched) -> None:
    connection_id = watched.scheduled()
    often = Schedule(("MON",), "06:00", "Europe/Oslo", True, 30, "20:00")
    stored = watched.connections.schedule("demo", connection_id, FLOW)
    watched.connections.put_schedule(
        "demo", connection_id, FLOW, {**asdict(often), "days": ["MON"], "updated_at": stored["updated_at"]}
    )
    for minutes in (0, 30, 60):
        watched.look(DUE + timedelta(minutes=minutes) + PATIENCE)
    assert [due for due, _ in watched.missed()] == [DUE_AT]
    watched.now = DUE + timedelta(minutes=90)
    watched.end(watched.fire(connection_id))
    assert watched.look(DUE + timedelta(minutes=90) + PATIENCE)["missed"] == 0
    watched.look(DUE + timedelta(minutes=120) + PATIENCE)
    assert [due for due, _ in watched.missed()] == [DUE_AT, "2026-06-01T06:00:00.000Z"]
