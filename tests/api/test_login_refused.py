"""Messages to the login hook that start nothing: refused or answered so, and nothing is left of them (TRG-3).

One connection serves them all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.sandbox import Running
from payrelay.domain.webhooks import new_key, sign
from tests.worlds.api import Reply
from tests.worlds.leave_api import Acme, Clock, acme_of, leave_sandboxes
from tests.worlds.logins import LOGIN, event_told, is_problem, told, untouched

__all__ = ["leave_sandboxes"]

OTHER_ROLES = ["Employee (Approver)", "Employee (Non-Approver)", "Non-Employee", "non employee"]
UNKNOWN = ["Owner", "Administrators", "HR", "Employee", "Administrator (read only)"]


@pytest.fixture(scope="module")
def calm(leave_sandboxes: tuple[Running, Clock]) -> Iterator[Acme]:
    """Connected, for all tests of this module: each shows that it leaves no trace."""
    served, clock = leave_sandboxes
    with acme_of(served.urls, clock) as made:
        made.connect()
        made.forget_requests()
        yield made


@pytest.mark.requirement("LB-1", "OPS-4")
@pytest.mark.parametrize("role", [*OTHER_ROLES, *UNKNOWN])
def test_every_other_login_starts_nothing_and_is_answered_so(
    calm: Acme, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = untouched(calm, lambda: calm.login(role))
    assert (answer.status, answer.json["started"]) == (200, False)
    assert answer.json["reason"]["code"] == "ROLE_STARTS_NOTHING"
    assert role in answer.json["reason"]["message"]
    assert "HR Manager" in answer.json["reason"]["remedy"]
    plain = untouched(calm, lambda: event_told(calm, UserType=role))
    assert (plain.status, plain.text) == (204, "")
    # A role that nobody knows is counted, and alarmed on (faults C7).
    assert capsys.readouterr().out.count('"LoginRolesUnknown":') == (0 if role in OTHER_ROLES else 2)


# What is not the sender's.


def another_key(acme: Acme) -> Reply:
    return acme.login(secret=new_key())


def another_key_in_its_form(acme: Acme) -> Reply:
    return event_told(acme, secret=new_key())


def too_old(acme: Acme) -> Reply:
    return told(acme, json.dumps(LOGIN).encode(), late=301)


def too_old_in_its_form(acme: Acme) -> Reply:
    return event_told(acme, late=301)


def too_early(acme: Acme) -> Reply:
    return told(acme, json.dumps(LOGIN).encode(), late=-302)


def unsigned(acme: Acme) -> Reply:
    return acme.hook(json.dumps(LOGIN).encode(), {})


def changed_on_the_way(acme: Acme) -> Reply:
    body = json.dumps({**LOGIN, "role": "Employee (Approver)"}).encode()
    return acme.hook(
        json.dumps(LOGIN).encode(), sign(acme.secret, "msg_1", int(acme.clock().timestamp()), body)
    )


def no_json_and_not_signed(acme: Acme) -> Reply:
    return told(acme, b"{", secret=new_key())


def a_token_instead(acme: Acme) -> Reply:
    return acme.hook(json.dumps(LOGIN).encode(), {"authorization": f"Bearer {acme.secret}"})


REFUSED = [
    another_key,
    another_key_in_its_form,
    too_old,
    too_old_in_its_form,
    too_early,
    unsigned,
    changed_on_the_way,
    no_json_and_not_signed,
    a_token_instead,
]


@pytest.mark.requirement("TRG-3")
@pytest.mark.parametrize("send", REFUSED)
def test_what_is_not_signed_by_the_sender_is_refused(calm: Acme, send: Callable[[Acme], Reply]) -> None:
    answer = untouched(calm, lambda: send(calm))
    assert is_problem(answer, 401, "SIGNATURE_REFUSED")
    assert calm.secret not in answer.text


# What the sender has signed, and still can't be read.


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in LOGIN.items() if key != name}


MISTAKES: list[tuple[str, Any, str | None]] = [
    ("no JSON", b"{", None),
    ("no UTF-8", b'{"event": "\xff"}', None),
    ("nothing", b"", None),
    ("a list", b"[]", None),
    ("deep nesting", b"[" * 60_000, None),
    ("a number without end", b'{"event": 1' + b"0" * 9_000 + b"}", None),
    ("half a character", b'{"event": "user.login", "user_id": "\\ud800"}', None),
    ("no event", without("event"), "event"),
    ("no user", without("user_id"), "user_id"),
    ("no role", without("role"), "role"),
    ("no time", without("occurred_at"), "occurred_at"),
    ("another event", {**LOGIN, "event": "user.logout"}, "event"),
    ("the event of the other form", {**LOGIN, "event": "user.loggedIn"}, "event"),
    ("a role that is no text", {**LOGIN, "role": ["Administrator"]}, "role"),
    ("an empty user", {**LOGIN, "user_id": " "}, "user_id"),
    ("a long user", {**LOGIN, "user_id": "u" * 201}, "user_id"),
    ("a time without a zone", {**LOGIN, "occurred_at": "2026-01-06T22:01:09"}, "occurred_at"),
    ("no time at all", {**LOGIN, "occurred_at": "today"}, "occurred_at"),
]


@pytest.mark.requirement("TRG-3")
@pytest.mark.parametrize(("body", "field"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_message_that_is_not_as_it_has_to_be_is_answered_with_the_field(
    calm: Acme, body: Any, field: str | None
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    # A message that is no UTF-8 comes in base64, as any other may.
    answer = untouched(calm, lambda: told(calm, raw))
    assert is_problem(answer, 400, "BAD_REQUEST")
    assert [error["field"] for error in answer.json.get("errors", [])] == ([field] if field else [])
    assert "Dana" not in answer.text


EVENT_MISTAKES = [
    ("no id", {"EventId": None}, "EventId"),
    ("an id that is no text", {"EventId": 7}, "EventId"),
    ("a long id", {"EventId": "e" * 201}, "EventId"),
    ("no user type", {"UserType": None}, "UserType"),
    ("another event", {"Event": "user.login"}, "Event"),
    ("no time", {"OccurredAt": "now"}, "OccurredAt"),
]


@pytest.mark.requirement("TRG-3")
@pytest.mark.parametrize(
    ("changed", "field"), [row[1:] for row in EVENT_MISTAKES], ids=[row[0] for row in EVENT_MISTAKES]
)
def test_so_is_one_in_the_form_of_express_leave(calm: Acme, changed: Any, field: str) -> None:
    answer = untouched(calm, lambda: event_told(calm, **changed))
    assert is_problem(answer, 400, "BAD_REQUEST")
    assert list(answer.fields) == [field]


@pytest.mark.requirement("TRG-3")
def test_headers_of_a_signature_that_can_not_be_read_are_told_so(calm: Acme) -> None:
    body = json.dumps(LOGIN).encode()
    headers = sign(calm.secret, "msg_1", int(calm.clock().timestamp()), body)
    wrong = {**headers, "webhook-timestamp": "yesterday"}
    answer = untouched(calm, lambda: calm.hook(body, wrong))
    assert is_problem(answer, 400, "BAD_REQUEST")
    assert "webhook-timestamp" in answer.json["detail"]
