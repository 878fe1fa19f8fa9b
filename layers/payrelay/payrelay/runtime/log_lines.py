"""The log lines of a run or of one of its records, found by one query (OPS-5)."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ReadTimeoutError
from msgspec import Struct

if TYPE_CHECKING:
    from payrelay.domain.runs import Run
    from payrelay.runtime.container import Container

# What every line has of its own; the rest is shown as the line's fields.
OWN = ("timestamp", "level", "message", "function_name")
# Of no use to anybody who reads: where in the code, and what is the same for all lines.
LEFT_OUT = ("location", "service", "tenant", "connection_id", "run_id", "xray_trace_id")

# How the routes begin by which somebody only looks.
LOOKING = "GET "
# Who is told of a run's end logs, too; a run that goes on, or is looked at, has no end.
AFTER_ITS_END = timedelta(minutes=15)
# A call of the API ends after 29 seconds: so much of it may be searched, with a call that has begun by then.
SEARCH_SECONDS = 15.0
ANSWER_SECONDS = 10
# The service takes five calls a second of a whole account, and there are others.
PACE_SECONDS = 0.25
BACK_OFF_SECONDS = 0.5
BUSY = ("ThrottlingException", "LimitExceededException", "ServiceUnavailableException")
NO_SUCH_PLACE = "InvalidParameterException"
# The place from which a search begins, and the end of one that has none.
START = OPEN = "-"


class About(Struct, frozen=True):
    """Which lines of a run are asked for: all, or those of a record and of its `part`, a page or a batch.

    What somebody has looked up through the API is left out, unless `looking` is wanted, too.
    """

    record_id: str | None = None
    part: tuple[str, int] | None = None
    looking: bool = False

    @property
    def pattern(self) -> list[str]:
        """The conditions of a pattern: a record's own lines, or those of its part."""
        if self.record_id is None:
            return []
        own = _is("record_id", self.record_id)
        return [f"({own} || {_is(*self.part)})"] if self.part else [own]

    def has(self, line: Mapping[str, Any]) -> bool:
        """Whether a line is asked for."""
        if str(line.get("route", "")).startswith(LOOKING) and not self.looking:
            return False
        if self.record_id is None or line.get("record_id") == self.record_id:
            return True
        return bool(self.part and "record_id" not in line and line.get(self.part[0]) == self.part[1])


class Search(Struct, frozen=True):
    """What is searched for: a run's lines `since` then, `until` then if it has an end; in milliseconds."""

    tenant: str
    run_id: str
    about: About
    since: int
    until: int | None

    @classmethod
    def of(cls, run: Run, about: About, until: str | None = None) -> Search:
        """The lines of a run; `until` as an earlier part of the search had it, so that it is the same one."""
        ends = run.finished_at if not about.looking else None
        end = OPEN if ends is None else str(_milliseconds(datetime.fromisoformat(ends) + AFTER_ITS_END))
        end = until if until is not None else end
        since = _milliseconds(datetime.fromisoformat(run.queued_at))
        return cls(run.tenant, run.run_id, about, since, int(end) if end.isdigit() else None)

    @property
    def end(self) -> str:
        """Its end as `of` takes it."""
        return OPEN if self.until is None else str(self.until)

    @property
    def wanted(self) -> dict[str, str]:
        """What each line has."""
        return {"tenant": self.tenant, "run_id": self.run_id}

    def arguments(self) -> dict[str, Any]:
        """As the service takes it."""
        pattern = " && ".join(
            [*(_is(name, value) for name, value in self.wanted.items()), *self.about.pattern]
        )
        ends = {} if self.until is None else {"endTime": self.until}
        return {"filterPattern": f"{{ {pattern} }}", "startTime": self.since, **ends}


class Lines(Struct, frozen=True):
    """Some lines, oldest first, perhaps none; where the search goes on, None when it is over."""

    lines: list[dict[str, Any]]
    place: str | None


class NoSuchPlace(Exception):
    """The service knows no such place of a search (any more)."""


class LogLines:
    """The log group of the stack. `clock` is in seconds."""

    def __init__(
        self,
        client: Any,
        group: str,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._group, self._clock, self._sleep = client, group, clock, sleep

    def search(self, search: Search, place: str, most: int) -> Lines:
        """The next lines from a place on, up to so many: what is found before the time is over.

        The service looks through some of a log a call, and tells where to go on, whether there was a line in
        it or not. While it is busy it is left alone for a moment, and then for longer.
        """
        until, found = self._clock() + SEARCH_SECONDS, list[dict[str, Any]]()
        while True:
            answer = self._asked(search, place, most - len(found), until)
            if answer is None:
                break
            lines = (_line(event["message"], search.wanted, search.about) for event in answer["events"])
            found += [line for line in lines if line]
            if "nextToken" not in answer:
                return Lines(_oldest_first(found), None)
            place = answer["nextToken"]
            if len(found) >= most or self._clock() + PACE_SECONDS >= until:
                break
            self._sleep(PACE_SECONDS)
        return Lines(_oldest_first(found), place)

    def _asked(self, search: Search, place: str, most: int, until: float) -> Any | None:
        """One answer of the service; None if it is too busy until then."""
        more = {} if place == START else {"nextToken": place}
        tries = 0
        while True:
            try:
                return self._client.filter_log_events(
                    logGroupName=self._group, limit=most, **search.arguments(), **more
                )
            except ReadTimeoutError:
                return None
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == NO_SUCH_PLACE and more:
                    raise NoSuchPlace from error
                if code not in BUSY:
                    raise
            seconds = BACK_OFF_SECONDS * 2**tries * (1 + random.random())  # noqa: S311  (no secret: a jitter)
            if self._clock() + seconds >= until:
                return None
            self._sleep(seconds)
            tries += 1


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _oldest_first(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: str(line["at"]))


def _is(name: str, value: str | int) -> str:
    """A condition of a pattern."""
    if isinstance(value, int):
        return f"$.{name} = {value}"
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'$.{name} = "{quoted}"'


def _line(text: str, wanted: Mapping[str, str], about: About) -> dict[str, Any] | None:
    """A line as it is shown; None for one that is not wanted: not every log understands a pattern."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or any(found.get(name) != value for name, value in wanted.items()):
        return None
    if not about.has(found):
        return None
    fields = {name: value for name, value in found.items() if name not in (*OWN, *LEFT_OUT)}
    return {
        "at": str(found.get("timestamp", "")),
        "level": str(found.get("level", "")),
        "function": str(found.get("function_name", found.get("location", ""))),
        "message": str(found.get("message", "")),
        "fields": {name: value for name, value in fields.items() if value is not None},
    }


@lru_cache(maxsize=1)
def log_lines(container: Container) -> LogLines:
    """A container's hand on what all functions of the stack log."""
    from botocore.config import Config  # noqa: PLC0415

    # It is we who try again: within the time that there is.
    config = Config(read_timeout=ANSWER_SECONDS, connect_timeout=2, retries={"total_max_attempts": 1})
    return LogLines(container.session.client("logs", config=config), os.environ["LOG_GROUP"])
