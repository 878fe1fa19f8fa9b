"""The log lines of a run and of one of its records, found by one query (OPS-5)."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from payrelay.runtime import log_lines
from tests.worlds.api import BLOCKED, World
from tests.worlds.aws import client

GROUP = "/payrelay"


@dataclass
class Logged:
    """A world with a finished run, and the log group of the stack."""

    world: World
    run_id: str

    def write(self, *lines: dict[str, Any] | str, stream: str = "plan") -> None:
        """Lines as the functions write them, one second after another."""
        start = int(time.time() * 1000)
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        events = [{"timestamp": start + 1000 * n, "message": text} for n, text in enumerate(texts)]
        client("logs").put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    def line(self, message: str, **more: Any) -> dict[str, Any]:
        return {
            "level": "INFO",
            "timestamp": f"2026-11-25 03:00:0{len(message) % 10},000+0000",
            "message": message,
            "function_name": "payrelay-plan",
            "service": "payrelay",
            "tenant": "demo",
            "run_id": self.run_id,
            **more,
        }

    def lines(self, query: str = "", **more: Any) -> list[dict[str, Any]]:
        answer = self.world.call("GET", f"/runs/{self.run_id}/logs{query}", **more)
        assert answer.status == 200, answer.text
        found: list[dict[str, Any]] = answer.json["items"]
        return found


@pytest.fixture
def logged(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """Nothing is logged yet."""
    monkeypatch.setenv("LOG_GROUP", GROUP)
    with mock_aws():
        client("logs").create_log_group(logGroupName=GROUP)
        for stream in ("plan", "apply"):
            client("logs").create_log_stream(logGroupName=GROUP, logStreamName=stream)
        yield Logged(world, world.finished(world.connected()))


@pytest.mark.requirement("OPS-5")
def test_the_lines_of_all_steps_of_a_run_oldest_first(logged: Logged) -> None:
    logged.write(logged.line("a", timestamp="2026-11-25 03:00:02,000+0000", page=3))
    logged.write(
        logged.line("b", timestamp="2026-11-25 03:00:01,000+0000", level="WARNING"),
        logged.line("another run", run_id="run_2"),
        "START RequestId: of Lambda itself",
        json.dumps(["not", "an", "object"]),
        stream="apply",
    )
    assert logged.lines(role="operator") == [
        {
            "at": "2026-11-25 03:00:01,000+0000",
            "level": "WARNING",
            "function": "payrelay-plan",
            "message": "b",
            "fields": {},
        },
        {
            "at": "2026-11-25 03:00:02,000+0000",
            "level": "INFO",
            "function": "payrelay-plan",
            "message": "a",
            "fields": {"page": 3},
        },
    ]


@pytest.mark.requirement("OPS-5")
def test_the_lines_of_one_record(logged: Logged) -> None:
    mine = {"record_id": "employee:1042", "outcome": "blocked", "failed_call": "POST /graphql"}
    logged.write(
        logged.line("run"), logged.line("record", **mine), logged.line("record", record_id="employee:1043")
    )
    (line,) = logged.lines("?record=employee:1042")
    assert line["fields"] == mine
    assert logged.lines("?record=employee:9") == []


@pytest.mark.requirement("OPS-5")
def test_a_record_whose_id_has_quotes_is_found(logged: Logged) -> None:
    odd = 'document:A"1\\2'
    logged.write(logged.line("record", record_id=odd))
    assert [line["fields"]["record_id"] for line in logged.lines("?record=document:A%221%5C2")] == [odd]


@pytest.mark.requirement("OPS-5")
def test_lines_come_in_pages_and_none_twice(logged: Logged) -> None:
    logged.write(*(logged.line("x", n=n, timestamp=f"2026-11-25 03:00:{n:02},000+0000") for n in range(25)))
    seen, query = [], "?limit=10"
    while True:
        answer = logged.world.call("GET", f"/runs/{logged.run_id}/logs{query}").json
        seen += [line["fields"]["n"] for line in answer["items"]]
        if answer["next_cursor"] is None:
            break
        query = f"?limit=10&cursor={answer['next_cursor']}"
    assert seen == list(range(25))


@pytest.mark.requirement("OPS-5", "CON-4")
def test_the_lines_of_another_tenant_are_not_shown(logged: Logged) -> None:
    logged.write(logged.line("theirs", tenant="other"))
    assert logged.lines() == []
    assert logged.world.call("GET", f"/runs/{logged.run_id}/logs", tenant="other").status == 404
    assert logged.world.call("GET", f"/runs/{logged.run_id}/logs", role="viewer").status == 403


@pytest.mark.requirement("OPS-5")
def test_every_record_that_a_run_settles_has_a_line_with_its_reason_and_no_values(
    logged: Logged, logs: Any
) -> None:
    from payrelay.runtime.observability import journal
    from tests.worlds.api import UPDATED

    journal([BLOCKED, UPDATED])
    found = [json.loads(text) for text in logs.getvalue().splitlines()]
    shown = [(line["record_id"], line["outcome"], line.get("reason")) for line in found]
    assert shown == [
        (BLOCKED.record_id, "blocked", BLOCKED.reason.code if BLOCKED.reason else None),
        (UPDATED.record_id, "updated", None),
    ]
    assert not {"label", "changes", "key"} & {name for line in found for name in line}


@pytest.mark.requirement("OPS-5")
def test_the_lines_of_a_record_are_those_of_its_page_too_but_not_of_others(logged: Logged) -> None:
    """A record's own lines alone told nothing of the calls that failed (oncall OC-4)."""
    logged.write(
        logged.line("call", page=0, http_status=500),
        logged.line("call", page=1, http_status=200),
        logged.line("call", batch=0, http_status=200),
        logged.line("record", page=0, record_id="employee:1043"),
        logged.line("record", page=0, record_id=BLOCKED.record_id),
    )
    found = [line["fields"] for line in logged.lines(f"?record={BLOCKED.record_id}")]
    assert found == [{"page": 0, "http_status": 500}, {"page": 0, "record_id": BLOCKED.record_id}]


@pytest.mark.requirement("OPS-5")
def test_who_has_looked_at_a_run_is_left_out_unless_asked_for(logged: Logged) -> None:
    """(oncall OC-3)"""
    logged.write(
        logged.line("answered", route="GET /runs/<run_id>"),
        logged.line("answered", route="POST /runs/<run_id>/stop"),
    )
    assert [line["fields"]["route"][:4] for line in logged.lines()] == ["POST"]
    assert len(logged.lines("?looking=true")) == 2


@dataclass
class Empty:
    """A log of which a call looks through a little, and finds nothing; it forgets its places at once."""

    asked: list[dict[str, Any]] = field(default_factory=list)

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if "nextToken" in asked:
            code = "InvalidParameterException"
            raise ClientError({"Error": {"Code": code, "Message": "no such token"}}, "FilterLogEvents")
        return {"events": [], "nextToken": "x" * 1200}


@pytest.mark.requirement("OPS-5")
def test_a_search_that_is_not_over_says_where_to_go_on(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it has found nothing yet; and a place that the log has forgotten is said (aws 9)."""
    log = Empty()
    monkeypatch.setattr(log_lines, "SEARCH_SECONDS", 0.0)
    log_lines.log_lines.cache_clear()
    logged.world.container.session = cast("Any", SimpleNamespace(client=lambda *_, **__: log))
    first = logged.world.call("GET", f"/runs/{logged.run_id}/logs")
    assert (first.status, first.json["items"]) == (200, [])
    assert first.json["next_cursor"]
    again = logged.world.call("GET", f"/runs/{logged.run_id}/logs?cursor={first.json['next_cursor']}")
    assert (again.status, again.code) == (400, "BAD_REQUEST")
    assert "leave it out to search from the start" in again.text
    before, after = log.asked
    assert before["endTime"] == after["endTime"]
    assert after["nextToken"] == "x" * 1200
    log_lines.log_lines.cache_clear()


@pytest.mark.requirement("OPS-5")
@pytest.mark.parametrize(
    ("first", "then"), [(None, ("batch", 3)), (("page", 0), ("batch", 3))], ids=["in no part", "in a page"]
)
def test_a_search_that_goes_on_is_the_same_one_though_the_record_is_in_a_batch_by_now(
    logged: Logged, monkeypatch: pytest.MonkeyPatch, first: Any, then: Any
) -> None:
    """The place in the log was one of the search before, and lines were skipped (aws 9)."""
    log, parts = Empty(), iter((first, then))
    monkeypatch.setattr(log_lines, "SEARCH_SECONDS", 0.0)
    monkeypatch.setattr(importlib.import_module("routes.on_call"), "_part", lambda *_: next(parts))
    log_lines.log_lines.cache_clear()
    logged.world.container.session = cast("Any", SimpleNamespace(client=lambda *_, **__: log))
    path = f"/runs/{logged.run_id}/logs?record={BLOCKED.record_id}"
    found = logged.world.call("GET", path).json
    logged.world.call("GET", f"{path}&cursor={found['next_cursor']}")
    before, after = log.asked
    assert before["filterPattern"] == after["filterPattern"]
    log_lines.log_lines.cache_clear()
