"""Logins as Express Leave's own form tells them, calls that are counted, and many at once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from payrelay.domain.webhooks import sign
from payrelay.flows.catalog import KINDS
from tests.worlds.api import Reply
from tests.worlds.cloud import this_cloud
from tests.worlds.leave_api import FLOW, Acme

LOGIN = {
    "event": "user.login",
    "user_id": "u-1",
    "user_name": "Dana Admin",
    "role": "Administrator",
    "occurred_at": "2026-01-06T22:01:09Z",
}
EVENT = {
    "EventId": "ev-8f1",
    "Event": "user.loggedIn",
    "CompanyId": "c-9",
    "UserId": "u-1",
    "UserType": "HR Manager",
    "OccurredAt": "2026-01-06T22:01:09Z",
}
HOW_TO_CONNECT = KINDS["attache_express_leave"].how_to_connect


def told(acme: Acme, body: bytes, message_id: str | None = None, *, late: int = 0, **more: Any) -> Reply:
    """A message in the standard form, sent so many seconds ago."""
    secret, moment = more.pop("secret", acme.secret), int(acme.clock().timestamp()) - late
    return acme.hook(body, sign(secret, message_id or f"msg_{uuid4().hex}", moment, body), **more)


def event_told(acme: Acme, *, secret: str | None = None, late: int = 0, **changed: Any) -> Reply:
    """A login in Express Leave's own form; a value of None leaves the field out."""
    event = {name: value for name, value in {**EVENT, **changed}.items() if value is not None}
    body = json.dumps(event).encode()
    moment = int(acme.clock().timestamp()) - late
    digest = hmac.new((secret or acme.secret).encode(), f"{moment}.".encode() + body, hashlib.sha256)
    headers = {
        "X-ExpressLeave-Timestamp": str(moment),
        "X-ExpressLeave-Signature": f"sha256={digest.hexdigest()}",
    }
    return acme.hook(body, headers)


def by_standard(acme: Acme, message_id: str, **more: Any) -> Reply:
    return acme.login(message_id=message_id, **more)


def by_event(acme: Acme, message_id: str, **more: Any) -> Reply:
    return event_told(acme, EventId=message_id, **more)


FORMS: list[Callable[..., Reply]] = [by_standard, by_event]


def runs(acme: Acme) -> list[str]:
    """The runs of the connection as the API lists them, newest first."""
    listed = acme.world.call("GET", f"/runs?connection_id={acme.connection_id}&flow={FLOW}&limit=200").json
    return [run["run_id"] for run in listed["items"]]


def dead_letters() -> list[dict[str, str]]:
    """What was left to be redriven."""
    return [json.loads(text) for text in this_cloud().services["sqs"].sent]


def untouched(acme: Acme, act: Callable[[], Reply]) -> Reply:
    """The answer to a message that starts nothing, stores nothing and calls nobody."""
    before = acme.world.stored()
    answer = act()
    assert acme.world.stored() == before
    assert acme.started.runs == []
    assert acme.requests("attache") == acme.requests("express_leave") == []
    assert dead_letters() == []
    return answer


def is_problem(answer: Reply, status: int, code: str) -> bool:
    """Whether the answer is this problem, as a document."""
    return (answer.status, answer.headers["Content-Type"], answer.json["status"], answer.code) == (
        status,
        "application/problem+json",
        status,
        code,
    )


@contextmanager
def counted(acme: Acme) -> Iterator[list[str]]:
    """The calls of the table that are made meanwhile."""
    calls: list[str] = []

    def note(edge: str) -> None:
        when, _, operation = edge.partition(" ")
        if when == "before":
            calls.append(operation)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acme.world.memory.table, "watch", note)
        yield calls


def at_once(act: Callable[[int], Reply], count: int) -> Sequence[Reply]:
    """So many of the same at once."""
    line = Barrier(count)

    def start(number: int) -> Reply:
        line.wait(timeout=30)
        return act(number)

    with ThreadPoolExecutor(count) as track:
        return list(track.map(start, range(count)))
