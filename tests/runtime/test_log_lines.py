"""The search through a log as CloudWatch does it: some of it a call, and it may be busy (OPS-5)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.runtime.log_lines import (
    AFTER_ITS_END,
    OPEN,
    SEARCH_SECONDS,
    START,
    About,
    LogLines,
    NoSuchPlace,
    Search,
)

# A call of the API ends then, and one to the service that has begun may take ten.
CALL_SECONDS = 29
QUEUED, ENDED = "2026-11-25T03:00:00.000Z", "2026-11-25T03:20:00.000Z"


def a_run(finished_at: str | None = ENDED) -> Run:
    return Run(
        tenant="demo",
        connection_id="con_1",
        run_id="run_1",
        flow="employee_export",
        trigger=Trigger.MANUAL,
        mode=Mode.SYNC,
        status=Status.SUCCEEDED if finished_at else Status.RUNNING,
        requested_by="Kari",
        queued_at=QUEUED,
        options={},
        settings={},
        finished_at=finished_at,
    )


@dataclass
class Log:
    """Pages of a log, each of which is what one call looks through: how many lines it finds in each.

    `busy` calls are refused before each page; a call takes `seconds`.
    """

    pages: Sequence[int]
    busy: int = 0
    seconds: float = 0.3
    at: float = 0.0
    refused: int = 0
    calls: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.calls.append({**asked, "at": self.at})
        self.at += self.seconds
        if self.error:
            raise self.error
        if self.refused < self.busy:
            self.refused += 1
            raise refusal("ThrottlingException")
        self.refused = 0
        place, _, skipped = asked.get("nextToken", "page-0.0").removeprefix("page-").partition(".")
        number, start = int(place), int(skipped)
        ids = range(sum(self.pages[:number]), sum(self.pages[: number + 1]))[start : start + asked["limit"]]
        left = self.pages[number] - start - len(ids)
        answer = {"events": [{"message": line(one)} for one in ids]}
        if left:
            return {**answer, "nextToken": f"page-{number}.{start + len(ids)}"}
        return answer if number + 1 == len(self.pages) else {**answer, "nextToken": f"page-{number + 1}.0"}

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def lines(self) -> LogLines:
        return LogLines(self, "group", lambda: self.at, self.sleep)


def line(number: int) -> str:
    at = f"2026-11-25 03:{number // 60:02}:{number % 60:02},000+0000"
    return json.dumps({"tenant": "demo", "run_id": "run_1", "timestamp": at, "message": f"{number}"})


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "Rate exceeded"}}, "FilterLogEvents")


def all_of(log: Log, search: Search, most: int) -> tuple[list[int], int]:
    """All lines, cursor by cursor, and how many calls of the API that took; none takes too long."""
    found: list[int] = []
    place: str | None = START
    calls = 0
    while place is not None:
        calls, began = calls + 1, log.at
        part = log.lines().search(search, place, most)
        assert len(part.lines) <= most
        assert log.at - began < CALL_SECONDS
        found += [int(one["message"]) for one in part.lines]
        place = part.place
    return found, calls


SEARCHED = [
    ("one page", Log([40]), 1),
    ("empty pages first", Log([*[0] * 20, 30]), 1),
    ("empty pages between", Log([5, 0, 0, 7, 0, 9, 0]), 1),
    ("nothing at all", Log([0] * 5), 1),
    ("longer than a call of the API may last", Log([*[0] * 200, 20, *[0] * 100, 1]), 12),
    ("a slow service", Log([1] * 8, seconds=9.5), 4),
    ("a busy service", Log([1] * 10, busy=2), 4),
    ("more lines than are asked for", Log([45, 80, 0, 3]), 3),
]


@pytest.mark.requirement("OPS-5")
@pytest.mark.parametrize(("log", "most"), [row[1:] for row in SEARCHED], ids=[row[0] for row in SEARCHED])
def test_every_line_is_found_once_whatever_the_service_needs_for_it(log: Log, most: int) -> None:
    """Within the time of a call of the API; then a cursor says where to go on (aws 9)."""
    found, calls = all_of(log, Search.of(a_run(), About()), 50)
    assert found == list(range(sum(log.pages)))
    assert calls <= most


@pytest.mark.requirement("OPS-5")
def test_the_service_is_asked_less_often_than_it_takes_and_left_alone_while_it_is_busy() -> None:
    """Five calls a second are for the whole account (aws 9)."""
    log = Log([0] * 40, seconds=0.02)
    all_of(log, Search.of(a_run(), About()), 50)
    assert all(later["at"] - one["at"] >= 0.2 for one, later in zip(log.calls, log.calls[1:], strict=False))
    busy = Log([1], busy=1000)
    part = busy.lines().search(Search.of(a_run(), About()), START, 50)
    assert (part.lines, part.place) == ([], START), "the search goes on from where it is"
    assert busy.calls[-1]["at"] <= SEARCH_SECONDS, "no call begins later"
    waits = [later["at"] - one["at"] for one, later in zip(busy.calls, busy.calls[1:], strict=False)]
    assert 3 <= len(waits) <= 6
    assert waits == sorted(waits)


@pytest.mark.requirement("OPS-5")
def test_what_was_found_before_the_service_got_busy_is_answered() -> None:
    """(aws 9)"""
    log = Log([3, 2])
    part = log.lines().search(Search.of(a_run(), About()), START, 4)
    assert ([one["message"] for one in part.lines], part.place) == (["0", "1", "2", "3"], "page-1.1")
    log.error = ReadTimeoutError(endpoint_url="logs")
    again = log.lines().search(Search.of(a_run(), About()), "page-1.1", 4)
    assert (again.lines, again.place) == ([], "page-1.1")


@pytest.mark.requirement("OPS-5")
@pytest.mark.parametrize(
    ("run", "looking", "until"),
    [
        (a_run(), False, datetime(2026, 11, 25, 3, 20, tzinfo=UTC) + AFTER_ITS_END),
        (a_run(), True, None),
        (a_run(None), False, None),
    ],
    ids=["it has ended", "who has looked since", "it goes on"],
)
def test_a_search_ends_soon_after_the_run_did(run: Run, looking: bool, until: datetime | None) -> None:
    """(aws 9)"""
    search = Search.of(run, About(looking=looking))
    log = Log([1])
    log.lines().search(search, START, 50)
    (asked,) = log.calls
    assert asked["startTime"] == int(datetime(2026, 11, 25, 3, tzinfo=UTC).timestamp() * 1000)
    assert asked.get("endTime") == (until and int(until.timestamp() * 1000))


@pytest.mark.requirement("OPS-5")
def test_a_search_that_goes_on_is_the_same_though_the_run_has_ended_meanwhile() -> None:
    """(aws 9)"""
    began = Search.of(a_run(None), About())
    assert began.end == OPEN
    assert Search.of(a_run(), About(), began.end) == began
    ended = Search.of(a_run(), About())
    assert Search.of(a_run(), About(), ended.end) == ended


@pytest.mark.requirement("OPS-5")
def test_a_place_that_the_service_has_forgotten_is_told_apart_from_what_is_our_fault() -> None:
    log = Log([1], error=refusal("InvalidParameterException"))
    with pytest.raises(NoSuchPlace):
        log.lines().search(Search.of(a_run(), About()), "page-7.0", 50)
    with pytest.raises(ClientError):
        log.lines().search(Search.of(a_run(), About()), START, 50)
    log.error = refusal("AccessDeniedException")
    with pytest.raises(ClientError):
        log.lines().search(Search.of(a_run(), About()), "page-0.0", 50)
