"""What a message of the login hook tells: who has logged in, in which role; in either of two forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messages import Message
from msgspec import Struct

from payrelay.domain.webhooks import Form
from payrelay.runtime.problems import Problem, in_one_line

LONGEST = 200
EVENTS = {Form.STANDARD: "user.login", Form.EXPRESS_LEAVE: "user.loggedIn"}
# Our name: the sender's, in each form.
NAMES = {
    Form.STANDARD: {"event": "event", "user_id": "user_id", "role": "role", "occurred_at": "occurred_at"},
    Form.EXPRESS_LEAVE: {
        "message_id": "EventId",
        "event": "Event",
        "user_id": "UserId",
        "role": "UserType",
        "occurred_at": "OccurredAt",
    },
}


class Login(Struct, frozen=True):
    """Somebody has logged in. `role` is Express Leave's user type."""

    message_id: str
    user_id: str
    role: str


def read_login(message: Message) -> Login:
    """The login that a message tells of; Problem 400 names what is wrong. More fields do no harm."""
    given = _parsed(message.body)
    names = NAMES[message.form]
    errors = [
        (name, f"is required, a text of 1 to {LONGEST} characters")
        for name in names.values()
        if not isinstance(given.get(name), str) or not 0 < len(given[name].strip()) <= LONGEST
    ]
    wrong = {name for name, _ in errors}
    event, occurred_at = names["event"], names["occurred_at"]
    if event not in wrong and given[event] != EVENTS[message.form]:
        errors.append((event, f"must be {EVENTS[message.form]}"))
    if occurred_at not in wrong and not _is_moment(given[occurred_at]):
        errors.append((occurred_at, "must be a time such as 2026-01-06T22:01:09Z"))
    if errors:
        raise Problem("BAD_REQUEST", "Nothing was started. " + in_one_line(errors), errors=errors)
    message_id = message.message_id or given[names["message_id"]]
    return Login(message_id, given[names["user_id"]], given[names["role"]])


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        given = json.loads(body.decode())
        json.dumps(given, ensure_ascii=False).encode()  # half a character can't be stored
    except (ValueError, RecursionError) as error:
        raise Problem("BAD_REQUEST", "The body is not valid JSON in UTF-8.") from error
    if not isinstance(given, dict):
        raise Problem("BAD_REQUEST", "The body must be a JSON object.")
    return given


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
