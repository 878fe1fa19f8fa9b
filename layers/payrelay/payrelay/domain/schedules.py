"""Schedules: at a local time on days of the week, or all day long, over changes of the clock (TRG-1).

The rule for changes of the clock: a time that does not exist on a day (clocks go forward) means the next
minute that exists; a time that comes twice (clocks go back) means its first coming, once. Of a schedule that
runs every so many minutes a time that does not exist is left out: the next one comes soon.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from payrelay.errors import InvalidFields

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
# Names that some systems list beside the zones, and that mean no place.
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_DAYS_AHEAD = 3660
# As late as the scheduler's window and its tries may bring a run.
_DUE_FOR = timedelta(hours=3)


TimeOfDay: TypeAlias = time


class Schedule(Struct, frozen=True):
    """On `days` (of DAYS, in their order) at `time` (`HH:MM`) of an IANA `time_zone`.

    With `every_minutes` it runs again and again, from `time` on; `until` is the last time at which it may.
    """

    days: tuple[str, ...]
    time: str
    time_zone: str
    enabled: bool = True
    every_minutes: int | None = None
    until: str | None = None

    @property
    def times(self) -> tuple[TimeOfDay, ...]:
        """Its local times on one of its days."""
        last = _minutes(self.until or self.time)
        every = self.every_minutes or last + 1
        return tuple(time(*divmod(minute, 60)) for minute in range(_minutes(self.time), last + 1, every))


def _minutes(text: str) -> int:
    """The minutes since midnight of a time of day."""
    return int(text[:2]) * 60 + int(text[3:])


def is_zone(name: object) -> bool:
    """Whether `name` is a zone of the IANA time zone database."""
    return isinstance(name, str) and name not in _NO_ZONES and name in available_timezones()


def _is_time(value: object) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _are_days(value: object) -> bool:
    if not isinstance(value, list) or not all(isinstance(day, str) and day in DAYS for day in value):
        return False
    return 0 < len(value) == len(set(value))


def _is_interval(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in INTERVALS


# Those that divide an hour, or are whole hours: each is at most three cron expressions.
INTERVALS = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360)
MOST_EXPRESSIONS = 3
_A_TIME = (_is_time, "must be a time of day from 00:00 to 23:59")
# Each field with what fits it, and what to say when something else is given.
RULES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "days": (_are_days, f"must be a list of different days, at least one of: {', '.join(DAYS)}"),
    "time": _A_TIME,
    "time_zone": (is_zone, "must be an IANA time zone, such as Europe/Oslo"),
    "enabled": (lambda value: isinstance(value, bool), "must be true or false"),
}
# And of one that runs every so many minutes.
OFTEN: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "days": RULES["days"],
    "every_minutes": (_is_interval, f"must be one of: {', '.join(map(str, INTERVALS))}"),
    "from": _A_TIME,
    "until": _A_TIME,
    "time_zone": RULES["time_zone"],
    "enabled": RULES["enabled"],
}


def read_schedule(raw: Mapping[str, Any], *, often: bool = False) -> Schedule:
    """The schedule that `raw` describes; `InvalidFields` names every field that is wrong.

    Only where a flow may run `often` it may have `every_minutes`, `from` and `until` in place of `time`.
    """
    rules = OFTEN if often and "every_minutes" in raw else RULES
    problems = [(name, f"is not known; allowed: {', '.join(rules)}") for name in raw if name not in rules]
    problems += [(name, "is required") for name in rules if name not in raw and name != "enabled"]
    problems += [(name, text) for name, (fits, text) in rules.items() if name in raw and not fits(raw[name])]
    if not problems and rules is OFTEN and _minutes(raw["until"]) <= _minutes(raw["from"]):
        problems = [("until", "must be later than from, on the same day")]
    if problems:
        raise InvalidFields(problems)
    days = tuple(day for day in DAYS if day in raw["days"])
    at = raw["from"] if rules is OFTEN else raw["time"]
    more = (raw.get("every_minutes"), raw.get("until"))
    return Schedule(days, at, raw["time_zone"], raw.get("enabled", True), *more)


def schedule_of(stored: Mapping[str, Any]) -> Schedule:
    """A schedule that was read and stored before; the stored numbers may be decimals."""
    every = stored.get("every_minutes")
    return Schedule(
        tuple(stored["days"]),
        stored["time"],
        stored["time_zone"],
        stored["enabled"],
        None if every is None else int(every),
        stored.get("until"),
    )


def next_runs(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """The next `count` moments (UTC) later than `after`; none of a schedule that is switched off."""
    found: list[datetime] = []
    if not schedule.enabled:
        return found
    for _, moment in _moments(schedule, after):
        if len(found) == count:
            break
        found.append(moment)
    return found


def runs_between(schedule: Schedule, since: datetime, until: datetime) -> list[datetime]:
    """All moments (UTC) later than `since` and before `until`; none of a schedule that is switched off."""
    found: list[datetime] = []
    for _, moment in _moments(schedule, since) if schedule.enabled else ():
        if moment >= until:
            break
        found.append(moment)
    return found


def last_due(schedule: Schedule, since: datetime, until: datetime) -> datetime | None:
    """The last moment (UTC) later than `since` and not later than `until`, or None."""
    found = None
    for _, moment in _moments(schedule, since):
        if moment > until:
            break
        found = moment
    return found


def next_shifted(schedule: Schedule, after: datetime) -> datetime | None:
    """The next run, in local time, whose own time does not exist that day because clocks go forward.

    EventBridge Scheduler leaves such a run out, so that somebody else has to start it. None when there is
    none within ten years.
    """
    if schedule.every_minutes is not None:
        return None
    zone = ZoneInfo(schedule.time_zone)
    (wanted,) = schedule.times
    for day, moment in _moments(schedule, after):
        local = moment.astimezone(zone)
        if local.replace(tzinfo=None) != datetime.combine(day, wanted):
            return local
    return None


def shifted_run_is_due(schedule: Schedule, now: datetime) -> bool:
    """Whether a run whose own time did not exist came due in the last hours."""
    moment = next_shifted(schedule, now - _DUE_FOR)
    return moment is not None and moment <= now


def cron_expression(days: tuple[str, ...], at: str) -> str:
    """For EventBridge Scheduler: `cron(0 6 ? * MON,TUE *)`."""
    return f"cron({int(at[3:])} {int(at[:2])} ? * {','.join(days)} *)"


def cron_expressions(schedule: Schedule) -> tuple[str, ...]:
    """All that a schedule needs: one for each set of minutes that some of its hours have.

    Every 30 minutes from 06:00 to 20:00 are `cron(0,30 6,7,…,19 ? * MON *)` and `cron(0 20 ? * MON *)`.
    """
    minutes: dict[int, list[int]] = {}
    for at in schedule.times:
        minutes.setdefault(at.hour, []).append(at.minute)
    hours: dict[tuple[int, ...], list[int]] = {}
    for hour, found in minutes.items():
        hours.setdefault(tuple(found), []).append(hour)
    return tuple(
        f"cron({_listed(found)} {_listed(of)} ? * {','.join(schedule.days)} *)" for found, of in hours.items()
    )


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _moments(schedule: Schedule, after: datetime) -> Iterator[tuple[date, datetime]]:
    """The days of the schedule and their moments in UTC, later than `after`, for ten years."""
    zone = ZoneInfo(schedule.time_zone)
    weekdays = {DAYS.index(day) for day in schedule.days}
    # The day before, since a missing time may move a run past midnight.
    first = after.astimezone(zone).date() - _DAY
    for ahead in range(_DAYS_AHEAD):
        day = first + ahead * _DAY
        if day.weekday() not in weekdays:
            continue
        for at in schedule.times:
            local = datetime.combine(day, at)
            if schedule.every_minutes is not None and not _exists(local, zone):
                continue
            moment = _moment(local, zone)
            if moment > after:
                yield day, moment


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment.astimezone(zone).replace(tzinfo=None) == local


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time as UTC: the first coming of a time that comes twice, else the next that exists."""
    while not _exists(local, zone):
        local += _MINUTE
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
