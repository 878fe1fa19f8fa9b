"""The queue of dead letters as SQS answers it: on many servers, of which a short poll asks some (OPS-3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, cast

import pytest

from payrelay.runtime.dead_letters import (
    EMPTY_ANSWERS,
    HIDDEN_SECONDS,
    LISTING_SECONDS,
    DeadLetters,
    dead_letter_of,
)

START = {"tenant": "demo", "connection_id": "con_1", "flow": "employee_export"}
MACHINES = "arn:aws:states:eu-north-1:123456789012:stateMachine:payrelay-"
# A call of the API ends then, whatever it has.
CALL_SECONDS = 29


@dataclass
class Servers:
    """A queue whose messages lie on several servers.

    A short poll asks one of them. A long poll asks all of them, and yet may find nothing `blind` times.
    """

    servers: list[dict[str, Any]] = field(default_factory=lambda: [{}, {}, {}])
    hidden: dict[str, int] = field(default_factory=dict)
    blind: int = 0
    at: float = 0.0
    asked: int = 0
    fails_at: int | None = None

    def leave(self, count: int) -> set[str]:
        for number in range(count):
            body = json.dumps({**START, "connection_id": f"con_{number}"})
            self.servers[number % len(self.servers)][f"m-{number}"] = body
        return {name for server in self.servers for name in server}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.asked += 1
        if self.asked == self.fails_at:
            raise ConnectionError("SQS does not answer.")
        waits = asked.get("WaitTimeSeconds", 0)
        servers = self.servers if waits else [self.servers[self.asked % len(self.servers)]]
        blind = waits and self.asked % 2 == 0 and self.blind > 0
        self.blind -= bool(blind)
        there = [] if blind else list(self._visible(servers))[: asked["MaxNumberOfMessages"]]
        self.at += 0.02 if there else waits
        for name, _ in there:
            self.hidden[name] = asked["VisibilityTimeout"]
        return {"Messages": [_message(name, body) for name, body in there]} if there else {}

    def _visible(self, servers: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        return (one for server in servers for one in server.items() if not self.hidden.get(one[0]))

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[Any]) -> None:  # noqa: N803
        assert QueueUrl == "url"
        assert 0 < len(Entries) <= 10
        for one in Entries:
            self.hidden[one["ReceiptHandle"].removeprefix("r-")] = one["VisibilityTimeout"]

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        assert QueueUrl == "url"
        self.hidden[ReceiptHandle.removeprefix("r-")] = VisibilityTimeout

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        assert QueueUrl == "url"
        for server in self.servers:
            server.pop(ReceiptHandle.removeprefix("r-"), None)


class Functions:
    """Lambda, whose functions start what they are asked for."""

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": BytesIO(json.dumps({"started": True, "run_id": "run_9"}).encode())}


def _message(name: str, body: str) -> dict[str, Any]:
    return {
        "MessageId": name,
        "ReceiptHandle": f"r-{name}",
        "Body": body,
        "Attributes": {"SentTimestamp": "1764000000000"},
    }


def letters(queue: Servers) -> DeadLetters:
    return DeadLetters(cast("Any", queue), cast("Any", Functions()), "url", MACHINES, lambda: queue.at)


@pytest.mark.requirement("OPS-3")
@pytest.mark.parametrize("blind", [0, 1, 5], ids=["sees all", "finds nothing once", "now and then nothing"])
def test_all_letters_are_listed_though_they_lie_on_several_servers(blind: int) -> None:
    """(aws 7)"""
    queue = Servers(blind=blind)
    ids = queue.leave(64)
    assert {one.letter_id for one in letters(queue).of("demo")} == ids
    assert not any(queue.hidden.values()), "each can be seen again at once"
    assert queue.at < 3 + blind


@pytest.mark.requirement("OPS-3")
def test_each_letter_is_found_to_be_redriven_and_no_other_stays_hidden() -> None:
    """(aws 7)"""
    queue = Servers()
    ids = queue.leave(33)
    for name in sorted(ids):
        redriven = letters(queue).redrive("demo", name)
        assert redriven
        assert (redriven.letter.letter_id, redriven.outcome) == (name, "started")
        queue.hidden.pop(name)
        assert not any(queue.hidden.values())
    assert queue.servers == [{}, {}, {}]


@pytest.mark.requirement("OPS-3", "CON-4")
def test_a_letter_of_another_tenant_is_put_back() -> None:
    queue = Servers()
    queue.leave(3)
    assert letters(queue).redrive("other", "m-1") is None
    assert not any(queue.hidden.values())


@pytest.mark.requirement("OPS-3")
def test_a_list_that_breaks_off_hides_nothing() -> None:
    """(aws 7)"""
    queue = Servers(fails_at=3)
    queue.leave(40)
    with pytest.raises(ConnectionError):
        letters(queue).of_all()
    assert not any(queue.hidden.values())


@pytest.mark.requirement("OPS-3")
def test_a_list_ends_within_a_call_of_the_api_however_many_there_are() -> None:
    """The letters that were seen first must not come again meanwhile (aws 7)."""
    queue = Servers()
    queue.leave(9000)
    assert len(letters(queue).of_all()) > 5000
    assert queue.at <= LISTING_SECONDS + 1 < HIDDEN_SECONDS < CALL_SECONDS
    empty = Servers()
    assert letters(empty).of_all() == []
    assert empty.at == EMPTY_ANSWERS


PROBLEM = "Rate exceeded"
_CONTEXT = {"requestId": "1", "functionArn": "arn:…:start-run", "condition": "RetriesExhausted"}
FAILED_ANSWER = {"errorType": "KeyError", "errorMessage": PROBLEM}
SHAPES = {
    "the event": (START, None),
    "Invoke, its payload a text": ({"FunctionName": "start-run", "Payload": json.dumps(START)}, None),
    "Invoke, with more": (
        {
            "FunctionName": "start-run",
            "InvocationType": "Event",
            "Qualifier": "live",
            "Payload": json.dumps(START),
        },
        None,
    ),
    "Invoke, its payload an object": ({"FunctionName": "start-run", "Payload": START}, None),
    "a destination, with an answer": (
        {
            "version": "1.0",
            "requestContext": _CONTEXT,
            "requestPayload": START,
            "responsePayload": FAILED_ANSWER,
        },
        PROBLEM,
    ),
    "a destination, without": (
        {"version": "1.0", "requestContext": _CONTEXT, "requestPayload": START},
        "RetriesExhausted",
    ),
}


@pytest.mark.requirement("OPS-3", "TRG-2")
@pytest.mark.parametrize(("body", "problem"), SHAPES.values(), ids=SHAPES.keys())
def test_a_letter_is_understood_in_each_shape_that_aws_gives_it(body: Any, problem: str | None) -> None:
    """Of a schedule it is the event or the request `Invoke`, whatever the scheduler leaves (aws 7)."""
    letter = dead_letter_of(_message("m-1", json.dumps(body)), MACHINES)
    about = (letter.kind, letter.tenant, letter.connection_id, letter.flow, letter.trigger, letter.problem)
    assert about == ("start", "demo", "con_1", "employee_export", "schedule", problem)
    assert json.loads(letter.body) == START, "its function is given the event alone"


@pytest.mark.requirement("OPS-3")
@pytest.mark.parametrize("name", ["ErrorMessage", "ERROR_MESSAGE"])
def test_what_is_told_beside_a_letter_counts_first(name: str) -> None:
    """Lambda and a rule spell it differently."""
    about = {name: {"StringValue": "No permission", "DataType": "String"}}
    body = json.dumps({"requestPayload": START, "responsePayload": FAILED_ANSWER})
    letter = dead_letter_of({**_message("m-1", body), "MessageAttributes": about}, MACHINES)
    assert letter.problem == "No permission"


@pytest.mark.requirement("OPS-3")
@pytest.mark.parametrize(
    "body",
    [
        "not even JSON",
        "[1]",
        '{"FunctionName": "x", "Payload": "no JSON"}',
        '{"requestPayload": null}',
        '{"requestPayload": {}, "requestContext": null}',
    ],
)
def test_a_letter_that_nobody_understands_names_no_tenant(body: str) -> None:
    letter = dead_letter_of(_message("m-1", body), MACHINES)
    assert (letter.tenant, letter.connection_id) == ("", None)
