"""When a schedule runs, over the changes of clocks (TRG-1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from payrelay.domain.schedules import (
    DAYS,
    MOST_EXPRESSIONS,
    Schedule,
    cron_expression,
    cron_expressions,
    last_due,
    next_runs,
    next_shifted,
    read_schedule,
    schedule_of,
    shifted_run_is_due,
)
from payrelay.errors import InvalidFields

ZONES = sorted(name for name in available_timezones() if name not in ("Factory", "localtime", "posixrules"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def every_day(time: str, zone: str) -> Schedule:
    return Schedule(DAYS, time, zone)


# time, zone, after, the next three runs; each row is one change of the clock.
CHANGES = [
    # The usual time, over both changes: always 06:00 there, 05:00 or 04:00 UTC.
    (
        "06:00",
        "Europe/Oslo",
        "2027-03-27T00:00",
        ["2027-03-27T05:00", "2027-03-28T04:00", "2027-03-29T04:00"],
    ),
    (
        "06:00",
        "Europe/Oslo",
        "2026-10-24T00:00",
        ["2026-10-24T04:00", "2026-10-25T05:00", "2026-10-26T05:00"],
    ),
    # 02:00 to 02:59 is missing on 28 March: the next minute that exists is 03:00, 01:00 UTC.
    (
        "02:00",
        "Europe/Oslo",
        "2027-03-27T12:00",
        ["2027-03-28T01:00", "2027-03-29T00:00", "2027-03-30T00:00"],
    ),
    (
        "02:30",
        "Europe/Oslo",
        "2027-03-27T12:00",
        ["2027-03-28T01:00", "2027-03-29T00:30", "2027-03-30T00:30"],
    ),
    (
        "02:59",
        "Europe/Oslo",
        "2027-03-27T12:00",
        ["2027-03-28T01:00", "2027-03-29T00:59", "2027-03-30T00:59"],
    ),
    (
        "03:00",
        "Europe/Oslo",
        "2027-03-27T12:00",
        ["2027-03-28T01:00", "2027-03-29T01:00", "2027-03-30T01:00"],
    ),
    # 02:00 to 02:59 comes twice on 25 October: the first coming counts, once.
    (
        "02:30",
        "Europe/Oslo",
        "2026-10-24T12:00",
        ["2026-10-25T00:30", "2026-10-26T01:30", "2026-10-27T01:30"],
    ),
    (
        "02:30",
        "Europe/Oslo",
        "2026-10-25T00:30",
        ["2026-10-26T01:30", "2026-10-27T01:30", "2026-10-28T01:30"],
    ),
    (
        "03:00",
        "Europe/Oslo",
        "2026-10-24T12:00",
        ["2026-10-25T02:00", "2026-10-26T02:00", "2026-10-27T02:00"],
    ),
    # Elsewhere: west of Greenwich, half an hour, at midnight, southern spring, no change at all.
    (
        "02:30",
        "America/New_York",
        "2027-03-13T12:00",
        ["2027-03-14T07:00", "2027-03-15T06:30", "2027-03-16T06:30"],
    ),
    (
        "01:30",
        "America/New_York",
        "2026-10-31T12:00",
        ["2026-11-01T05:30", "2026-11-02T06:30", "2026-11-03T06:30"],
    ),
    (
        "02:15",
        "Australia/Lord_Howe",
        "2026-10-03T00:00",
        ["2026-10-03T15:30", "2026-10-04T15:15", "2026-10-05T15:15"],
    ),
    (
        "00:30",
        "Asia/Beirut",
        "2027-03-27T12:00",
        ["2027-03-27T22:00", "2027-03-28T21:30", "2027-03-29T21:30"],
    ),
    (
        "02:30",
        "Australia/Sydney",
        "2026-10-03T00:00",
        ["2026-10-03T16:00", "2026-10-04T15:30", "2026-10-05T15:30"],
    ),
    (
        "06:00",
        "Asia/Kolkata",
        "2026-10-24T00:00",
        ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T00:30"],
    ),
    ("06:00", "UTC", "2026-10-24T06:00", ["2026-10-25T06:00", "2026-10-26T06:00", "2026-10-27T06:00"]),
    # A whole day was left out on Samoa: Friday's run came at the first minute of Saturday.
    (
        "06:00",
        "Pacific/Apia",
        "2011-12-29T17:00",
        ["2011-12-30T10:00", "2011-12-30T16:00", "2011-12-31T16:00"],
    ),
]


@pytest.mark.requirement("TRG-1")
@pytest.mark.parametrize(("time", "zone", "after", "expected"), CHANGES)
def test_next_runs_over_changes_of_the_clock(time: str, zone: str, after: str, expected: list[str]) -> None:
    assert next_runs(every_day(time, zone), utc(after), 3) == [utc(moment) for moment in expected]


@pytest.mark.requirement("TRG-1")
def test_only_the_chosen_days_count_and_they_are_days_of_the_zone() -> None:
    schedule = Schedule(("MON",), "06:00", "Pacific/Auckland")
    assert next_runs(schedule, utc("2026-11-20T00:00"), 2) == [
        utc("2026-11-22T17:00"),
        utc("2026-11-29T17:00"),
    ]


def test_a_schedule_that_is_switched_off_has_no_next_run() -> None:
    assert next_runs(Schedule(DAYS, "06:00", "UTC", enabled=False), utc("2026-11-20T00:00"), 5) == []


@pytest.mark.requirement("TRG-1")
@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (every_day("02:30", "Europe/Oslo"), "2027-03-28T03:00:00+02:00"),
        (Schedule(("SUN",), "02:00", "Europe/Oslo"), "2027-03-28T03:00:00+02:00"),
        (Schedule(("MON",), "02:30", "Europe/Oslo"), None),
        (every_day("06:00", "Europe/Oslo"), None),
        (every_day("03:00", "Europe/Oslo"), None),
        (every_day("02:30", "Asia/Tokyo"), None),
        (every_day("02:10", "Australia/Lord_Howe"), "2027-10-03T02:30:00+11:00"),
    ],
)
def test_the_next_run_that_the_scheduler_would_leave_out(schedule: Schedule, expected: str | None) -> None:
    found = next_shifted(schedule, utc("2026-11-20T00:00"))
    assert (found.isoformat() if found else None) == expected


@pytest.mark.requirement("TRG-1")
@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2027-03-28T00:59", False),
        ("2027-03-28T01:00", True),
        ("2027-03-28T02:30", True),
        ("2027-03-28T05:00", False),
        ("2027-03-29T01:05", False),
        ("2026-10-25T01:30", False),
    ],
)
def test_a_shifted_run_is_due_in_the_hours_after_the_change_only(now: str, due: bool) -> None:
    assert shifted_run_is_due(every_day("02:30", "Europe/Oslo"), utc(now)) is due


@pytest.mark.parametrize(
    ("days", "at", "expected"),
    [
        (("MON", "TUE"), "06:00", "cron(0 6 ? * MON,TUE *)"),
        (("SUN",), "23:59", "cron(59 23 ? * SUN *)"),
        (DAYS, "00:05", "cron(5 0 ? * MON,TUE,WED,THU,FRI,SAT,SUN *)"),
    ],
)
def test_the_expression_for_the_scheduler(days: tuple[str, ...], at: str, expected: str) -> None:
    assert cron_expression(days, at) == expected


RIGHT: dict[str, Any] = {
    "days": ["TUE", "MON"],
    "time": "06:00",
    "time_zone": "Europe/Oslo",
    "enabled": False,
}


@pytest.mark.requirement("TRG-1")
def test_a_schedule_is_read_with_its_days_in_order() -> None:
    assert read_schedule(RIGHT) == Schedule(("MON", "TUE"), "06:00", "Europe/Oslo", enabled=False)
    assert read_schedule({k: v for k, v in RIGHT.items() if k != "enabled"}).enabled is True


@pytest.mark.requirement("TRG-1")
def test_every_wrong_field_of_a_schedule_is_named() -> None:
    with pytest.raises(InvalidFields) as refused:
        read_schedule({"days": [1], "time": "25:00", "time_zone": "Factory", "enabled": 1, "x": 1})
    assert [field for field, _ in refused.value.problems] == ["x", "days", "time", "time_zone", "enabled"]
    with pytest.raises(InvalidFields) as empty:
        read_schedule({})
    assert dict(empty.value.problems) == dict.fromkeys(("days", "time", "time_zone"), "is required")


OFTEN: dict[str, Any] = {
    "days": ["MON"],
    "every_minutes": 30,
    "from": "06:00",
    "until": "20:00",
    "time_zone": "Europe/Amsterdam",
    "enabled": True,
}


@pytest.mark.requirement("TRG-1")
def test_one_that_runs_often_is_read_where_it_may_and_named_where_it_is_wrong() -> None:
    found = read_schedule(OFTEN, often=True)
    assert found == Schedule(("MON",), "06:00", "Europe/Amsterdam", True, 30, "20:00")
    assert schedule_of({**asdict(found), "days": ["MON"], "every_minutes": Decimal(30)}) == found
    wrong = [
        ({**OFTEN, "every_minutes": 7}, ["every_minutes"]),
        ({**OFTEN, "every_minutes": True}, ["every_minutes"]),
        ({**OFTEN, "until": "06:00"}, ["until"]),
        ({**OFTEN, "time": "06:00"}, ["time"]),
        ({"every_minutes": 30}, ["days", "from", "until", "time_zone"]),
    ]
    for raw, fields in wrong:
        with pytest.raises(InvalidFields) as refused:
            read_schedule(raw, often=True)
        assert [field for field, _ in refused.value.problems] == fields
    with pytest.raises(InvalidFields) as elsewhere:
        read_schedule(OFTEN)
    assert [field for field, _ in elsewhere.value.problems] == ["every_minutes", "from", "until", "time"]


def often(every: int, start: str, until: str, zone: str = "Europe/Amsterdam") -> Schedule:
    return Schedule(DAYS, start, zone, True, every, until)


# Clocks in Amsterdam go forward on 28 March 2027 at 02:00, and back on 25 October 2026 at 03:00.
ALL_DAY = [
    ("the last time counts", often(30, "19:00", "20:00"), "2026-11-30T17:40",
     ["2026-11-30T18:00", "2026-11-30T18:30", "2026-11-30T19:00", "2026-12-01T18:00"]),
    ("a time that does not exist is left out", often(30, "01:30", "03:30"), "2027-03-28T00:00",
     ["2027-03-28T00:30", "2027-03-28T01:00", "2027-03-28T01:30", "2027-03-28T23:30"]),
    ("a time that comes twice runs at its first coming", often(30, "02:00", "03:00"), "2026-10-24T23:00",
     ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T02:00", "2026-10-26T01:00"]),
]  # fmt: skip


@pytest.mark.requirement("TRG-1")
@pytest.mark.parametrize(
    ("schedule", "after", "expected"), [row[1:] for row in ALL_DAY], ids=[r[0] for r in ALL_DAY]
)
def test_one_that_runs_often_over_changes_of_the_clock(
    schedule: Schedule, after: str, expected: list[str]
) -> None:
    found = next_runs(schedule, utc(after), 4)
    assert found == [utc(moment) for moment in expected]
    assert last_due(schedule, utc(after), found[2]) == found[2]
    assert next_shifted(schedule, utc(after)) is None


@pytest.mark.requirement("TRG-1")
@pytest.mark.parametrize(
    ("every", "start", "until", "expected"),
    [
        (30, "06:00", "08:00", ["cron(0,30 6,7 ? * MON *)", "cron(0 8 ? * MON *)"]),
        (
            20,
            "06:20",
            "08:10",
            ["cron(20,40 6 ? * MON *)", "cron(0,20,40 7 ? * MON *)", "cron(0 8 ? * MON *)"],
        ),
        (60, "06:15", "08:15", ["cron(15 6,7,8 ? * MON *)"]),
        (120, "06:00", "11:00", ["cron(0 6,8,10 ? * MON *)"]),
    ],
)
def test_the_expressions_of_one_that_runs_often(
    every: int, start: str, until: str, expected: list[str]
) -> None:
    found = cron_expressions(Schedule(("MON",), start, "Europe/Amsterdam", True, every, until))
    assert list(found) == expected
    assert len(found) <= MOST_EXPRESSIONS


moments = st.datetimes(datetime(2024, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
times = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
day_sets = st.sets(st.sampled_from(DAYS), min_size=1).map(
    lambda chosen: tuple(d for d in DAYS if d in chosen)
)


@pytest.mark.requirement("TRG-1")
@settings(deadline=None, max_examples=300)
@given(zone=st.sampled_from(ZONES), time=times, days=day_sets, after=moments)
def test_in_every_zone_each_chosen_day_has_exactly_one_run_at_its_time_or_right_after_a_missing_one(
    zone: str, time: str, days: tuple[str, ...], after: datetime
) -> None:
    found = next_runs(Schedule(days, time, zone), after, 20)
    place = ZoneInfo(zone)
    assert len(found) == 20
    assert found == sorted(set(found))
    assert found[0] > after
    hour, minute = int(time[:2]), int(time[3:])
    wanted = iter(_chosen_days(days, found[0].astimezone(place).date() - timedelta(days=1)))
    for moment in found:
        local = moment.astimezone(place)
        day = next(
            d for d in wanted if abs(local.date() - d) <= timedelta(days=1) and _on(d, local, hour, minute)
        )
        plain = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
        if local.replace(tzinfo=None) != plain:
            before = moment - timedelta(minutes=1)
            assert before.astimezone(place).replace(tzinfo=None) < plain, (
                "the minute before is before the gap"
            )
            assert local.replace(tzinfo=None) > plain


def _chosen_days(days: tuple[str, ...], first: date) -> list[date]:
    ahead = (first + timedelta(days=number) for number in range(200))
    return [day for day in ahead if DAYS[day.weekday()] in days]


def _on(day: date, local: datetime, hour: int, minute: int) -> bool:
    """Whether a run at `local` can be that of `day`: at its time, or later because that was missing."""
    plain = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
    return timedelta(0) <= local.replace(tzinfo=None) - plain <= timedelta(hours=3)


@pytest.mark.requirement("TRG-1")
@settings(deadline=None, max_examples=200)
@given(zone=st.sampled_from(ZONES), time=times, after=moments)
def test_of_a_time_that_comes_twice_the_first_coming_counts(zone: str, time: str, after: datetime) -> None:
    place = ZoneInfo(zone)
    for moment in next_runs(Schedule(DAYS, time, zone), after, 10):
        for minutes in (30, 60, 120):
            earlier = (moment - timedelta(minutes=minutes)).astimezone(place)
            assert earlier.replace(tzinfo=None) != moment.astimezone(place).replace(tzinfo=None)


def changes_of_clocks(first: datetime, years: int) -> dict[tuple[datetime, timedelta, timedelta], str]:
    """Every change of a clock somewhere, each with one of the zones that have it."""
    found: dict[tuple[datetime, timedelta, timedelta], str] = {}
    weeks = timedelta(days=14)
    for name in ZONES:
        zone = ZoneInfo(name)
        start = first
        for _ in range(years * 27):
            low, high = start, start + weeks
            start = high
            if _offset(low, zone) != _offset(high, zone):
                while high - low > timedelta(minutes=1):
                    middle = (low + (high - low) / 2).replace(second=0, microsecond=0)
                    low, high = (
                        (middle, high) if _offset(middle, zone) == _offset(low, zone) else (low, middle)
                    )
                found.setdefault((high, _offset(low, zone), _offset(high, zone)), name)
    return found


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def first_comings(zone: ZoneInfo, around: datetime) -> dict[datetime, datetime]:
    """The local minutes that exist within four hours of a moment, each with its first coming."""
    found: dict[datetime, datetime] = {}
    for minute in range(-240, 240):
        moment = around + timedelta(minutes=minute)
        found.setdefault(moment.astimezone(zone).replace(tzinfo=None), moment)
    return found


@pytest.mark.requirement("TRG-1")
def test_every_change_of_a_clock_in_the_next_ten_years_anywhere() -> None:
    changes = changes_of_clocks(utc("2026-01-01T00:00"), 10)
    assert len(changes) > 100
    for (change, before, _), name in changes.items():
        existing = first_comings(ZoneInfo(name), change)
        usual = (change + before).replace(tzinfo=None)
        for minutes in (-61, -30, -1, 0, 1, 29, 30, 31, 59, 60, 61):
            wanted = usual + timedelta(minutes=minutes)
            schedule = Schedule((DAYS[wanted.weekday()],), f"{wanted:%H:%M}", name)
            expected = existing[min(local for local in existing if local >= wanted)]
            assert next_runs(schedule, change - timedelta(hours=4), 1) == [expected], f"{name} {wanted}"


# time, looked at from, looked at until, when it was due last; in Oslo, on every day.
DUE = [
    ("06:00", "2026-06-01T04:00", "2026-06-02T03:59", None),
    ("06:00", "2026-06-01T04:00", "2026-06-02T04:00", "2026-06-02T04:00"),
    ("06:00", "2026-06-01T03:59", "2026-06-02T03:59", "2026-06-01T04:00"),
    ("06:00", "2026-06-01T00:00", "2026-06-09T00:00", "2026-06-08T04:00"),
    # Missing on that night, then due at 03:00; and twice on the other, due the first time.
    ("02:30", "2027-03-27T12:00", "2027-03-28T02:00", "2027-03-28T01:00"),
    ("02:30", "2026-10-24T12:00", "2026-10-25T02:00", "2026-10-25T00:30"),
]


@pytest.mark.requirement("TRG-5")
@pytest.mark.parametrize(("time", "since", "until", "expected"), DUE)
def test_when_a_schedule_was_due_last(time: str, since: str, until: str, expected: str | None) -> None:
    found = last_due(every_day(time, "Europe/Oslo"), utc(since), utc(until))
    assert found == (utc(expected) if expected else None)
