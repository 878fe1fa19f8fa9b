"""Schedules: days of the week at a local time, and which moments these are when clocks change (TRG-1).

The rule for changes of the clock: a time that does not exist on a day (clocks go forward) means the next
minute that exists; a time that comes twice (clocks go back) means its first coming, once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
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


class Schedule(Struct, frozen=True):
    """On `days` (of DAYS, in their order) at `time` (`HH:MM`) of an IANA `time_zone`."""

    days: tuple[str, ...]
    time: str
    time_zone: str
    enabled: bool = True

    @property
    def hour(self) -> int:
        """The hour of its local time."""
        return int(self.time[:2])

    @property
    def minute(self) -> int:
        """The minute of its local time."""
        return int(self.time[3:])


def is_zone(name: object) -> bool:
    """Whether `name` is a zone of the IANA time zone database."""
    return isinstance(name, str) and name not in _NO_ZONES and name in available_timezones()


def _is_time(value: object) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _are_days(value: object) -> bool:
    if not isinstance(value, list) or not all(isinstance(day, str) and day in DAYS for day in value):
        return False
    return 0 < len(value) == len(set(value))


# Each field with what fits it, and what to say when something else is given.
RULES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "days": (_are_days, f"must be a list of different days, at least one of: {', '.join(DAYS)}"),
    "time": (_is_time, "must be a time of day from 00:00 to 23:59"),
    "time_zone": (is_zone, "must be an IANA time zone, such as Europe/Oslo"),
    "enabled": (lambda value: isinstance(value, bool), "must be true or false"),
}


def read_schedule(raw: Mapping[str, Any]) -> Schedule:
    """The schedule that `raw` describes; `InvalidFields` names every field that is wrong."""
    problems = [(name, f"is not known; allowed: {', '.join(RULES)}") for name in raw if name not in RULES]
    problems += [(name, "is required") for name in RULES if name not in raw and name != "enabled"]
    problems += [(name, text) for name, (fits, text) in RULES.items() if name in raw and not fits(raw[name])]
    if problems:
        raise InvalidFields(problems)
    days = tuple(day for day in DAYS if day in raw["days"])
    return Schedule(days, raw["time"], raw["time_zone"], raw.get("enabled", True))


def schedule_of(stored: Mapping[str, Any]) -> Schedule:
    """A schedule that was read and stored before."""
    return Schedule(tuple(stored["days"]), stored["time"], stored["time_zone"], stored["enabled"])


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
    zone = ZoneInfo(schedule.time_zone)
    wanted = time(schedule.hour, schedule.minute)
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


def _moments(schedule: Schedule, after: datetime) -> Iterator[tuple[date, datetime]]:
    """The days of the schedule and their moments in UTC, later than `after`, for ten years."""
    zone = ZoneInfo(schedule.time_zone)
    weekdays = {DAYS.index(day) for day in schedule.days}
    # The day before, since a missing time may move a run past midnight.
    first = after.astimezone(zone).date() - _DAY
    for ahead in range(_DAYS_AHEAD):
        day = first + ahead * _DAY
        if day.weekday() in weekdays:
            moment = _moment(datetime.combine(day, time(schedule.hour, schedule.minute)), zone)
            if moment > after:
                yield day, moment


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time as UTC: the first coming of a time that comes twice, else the next that exists."""
    while True:
        moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == local:
            return moment
        local += _MINUTE
