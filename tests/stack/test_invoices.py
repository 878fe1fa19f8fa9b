"""Documents on the real template: what waits, what is posted, and a session that goes on by itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from local.stack.stack import Stack
from payrelay.systems.registry import PACKAGES
from tests.worlds.user import User

pytestmark = pytest.mark.stack

FLOW = "invoice_sync"


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connection(stack: Stack, package: str) -> str:
    return str(stack.facts["connections"][f"autovu_{package}"])


def listed(admin: User, connection: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = admin("GET", f"/connections/{connection}/documents?limit=50{cursor}")
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if not answer.json()["next_cursor"]:
            return items
        cursor = f"&cursor={quote(answer.json()['next_cursor'])}"


@pytest.mark.requirement("IN-1", "IN-2", "IN-3", "IN-10")
def test_sync_takes_what_can_go_off_the_list_and_says_of_the_rest_why(admin: User, connection: str) -> None:
    before = [one["document_id"] for one in listed(admin, connection)]
    run = admin.follow(admin.start(connection, flow=FLOW))
    assert run["status"] in ("succeeded", "partial"), run
    records = admin("GET", f"/runs/{run['run_id']}/records").json()["items"]
    assert {one["key"] for one in records} == set(before[:5])
    gone = {one["key"] for one in records if one["outcome"] == "created"}
    assert run["counts"]["created"] == len(gone) > 0
    after = {one["document_id"]: one["status_code"] for one in listed(admin, connection)}
    assert set(before) - set(after) == gone
    for record in records:
        if record["outcome"] == "blocked":
            assert after[record["key"]]
            assert record["reason"]["remedy"]


@pytest.mark.requirement("IN-2")
def test_auto_sync_leaves_only_what_is_blocked_and_can_be_stopped(
    admin: User, connection: str, quick_waits: None
) -> None:
    waiting = len(listed(admin, connection))
    run = admin.start(connection, "auto", FLOW)
    # Blocked documents are looked at again and again until somebody stops it.
    done = admin.watch(run, lambda seen: sum(seen["counts"].values()) >= waiting)
    assert admin("POST", f"/runs/{run['run_id']}/stop").status_code == 202
    ended = admin.follow(done)
    assert ended["status"] == "stopped", ended
    left = [one["document_id"] for one in listed(admin, connection)]
    assert len(left) == waiting - ended["counts"]["created"]
    again = admin.follow(admin.start(connection, flow=FLOW))
    assert again["counts"]["created"] == 0
    assert [one["document_id"] for one in listed(admin, connection)] == left
