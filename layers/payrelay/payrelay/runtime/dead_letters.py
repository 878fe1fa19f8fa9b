"""The dead letters: what could not even start or end a run, kept until somebody redrives it (OPS-3)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Reason
from payrelay.domain.runs import Connection, Trigger
from payrelay.errors import PayrelayError
from payrelay.runtime.executions import flow_of

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

    from payrelay.runtime.container import Container

# While a list of dead letters is made, nobody else sees them: then they are put back at once.
HIDDEN_SECONDS = 25
# And no longer is one made, so that it answers within a call of the API: some thousand letters are.
LISTING_SECONDS = 15.0
# A letter is being redriven for so long at most, as long as a call of the API takes.
REDRIVING_SECONDS = 30
AT_A_TIME = 10
# A call that does not wait asks only some of the queue's servers; one that does may still find nothing once.
WAIT_SECONDS = 1
EMPTY_ANSWERS = 2
# The flow whose ends Express Leave is told of.
TOLD_OF = "balance_sync"


class Kept(PayrelayError):
    """A dead letter whose function did not do what it was for: it stays in the queue. The reason, if told."""

    def __init__(self, letter: DeadLetter, problem: str, reason: Reason | None = None) -> None:
        super().__init__(problem)
        self.letter, self.problem, self.reason = letter, problem, reason


class Redriven(Struct, frozen=True):
    """What became of a dead letter: it has `started` or `joined` a run, `closed` it, or `told` its end."""

    letter: DeadLetter
    outcome: str
    run_id: str | None


class DeadLetter(Struct, frozen=True):
    """One dead letter. `kind` is what it asked for: to `start` a run, to `close` one, to `tell` its end.

    `trigger` is what asked for a run: a schedule, or a login. `body` is what its function is given, as JSON.
    """

    letter_id: str
    kind: str
    left_at: str
    tenant: str
    connection_id: str | None
    flow: str | None
    run_id: str | None
    problem: str | None
    body: str
    receipt: str
    trigger: str | None = None


class DeadLetters:
    """The queue, and the functions that they were for.

    `machines` is everything of the state machines' ARNs before the flow's name; `clock` is in seconds.
    """

    def __init__(
        self,
        queue: SQSClient,
        functions: LambdaClient,
        url: str,
        machines: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._functions, self._url, self._machines = queue, functions, url, machines
        self._clock = clock

    def leave(self, connection: Connection, flow: str, trigger: Trigger, problem: str) -> None:
        """Leave what asked for a run, in the shape that StartRun takes, and why there is none."""
        event = {
            "tenant": connection.tenant,
            "connection_id": connection.connection_id,
            "flow": flow,
            "trigger": trigger.value,
        }
        about: Any = {"ErrorMessage": {"DataType": "String", "StringValue": problem}}
        self._queue.send_message(QueueUrl=self._url, MessageBody=json.dumps(event), MessageAttributes=about)

    def of(self, tenant: str) -> list[DeadLetter]:
        """The tenant's dead letters, oldest first; they stay in the queue."""
        return [letter for letter in self.of_all() if letter.tenant == tenant]

    def of_all(self) -> list[DeadLetter]:
        """The dead letters of all tenants, and those that name none, oldest first; they stay in the queue."""
        seen: dict[str, DeadLetter] = {}
        try:
            for letters in self._answers():
                seen |= {letter.letter_id: letter for letter in letters}
        finally:
            self._put_back(*seen.values())
        return sorted(seen.values(), key=lambda letter: (letter.left_at, letter.letter_id))

    def redrive(self, tenant: str, letter_id: str) -> Redriven | None:
        """Give a dead letter to its function again, and take it out of the queue; None if there is none such.

        Kept, where its function did not do what it was for: a letter leaves the queue only when its run has
        started or was joined. Crash in between: the next redrive calls the function again, which changes
        nothing.
        """
        chosen = self._chosen(tenant, letter_id)
        if chosen is None:
            return None
        self._hide(chosen, REDRIVING_SECONDS)
        try:
            answers = [self._call(function, chosen) for function in _functions_for(chosen)]
            redriven = _became(chosen, answers[0])
        except Exception:
            self._put_back(chosen)
            raise
        self._queue.delete_message(QueueUrl=self._url, ReceiptHandle=chosen.receipt)
        return redriven

    def _chosen(self, tenant: str, letter_id: str) -> DeadLetter | None:
        """The tenant's letter with this id, which alone stays hidden; None if there is none such."""
        seen: dict[str, DeadLetter] = {}
        chosen = None
        try:
            for letters in self._answers():
                seen |= {letter.letter_id: letter for letter in letters}
                if letter_id in seen:
                    chosen = seen.pop(letter_id) if seen[letter_id].tenant == tenant else None
                    break
        finally:
            self._put_back(*seen.values())
        return chosen

    def _call(self, function: str, letter: DeadLetter) -> Mapping[str, Any]:
        """What a function answers to a letter; Kept if it fails."""
        body = json.dumps({**_event(letter.body), "redriven": True})
        answer = self._functions.invoke(
            FunctionName=function, InvocationType="RequestResponse", Payload=body.encode()
        )
        told = _event(answer["Payload"].read().decode())
        if "FunctionError" in answer:
            raise Kept(letter, f"its function failed again ({told.get('errorType', 'without a word')})")
        return told

    def _answers(self) -> Iterator[list[DeadLetter]]:
        """All that the queue has, some at a time; what came once more again, with the receipt that counts."""
        known: set[str] = set()
        until, empty = self._clock() + LISTING_SECONDS, 0
        while empty < EMPTY_ANSWERS and self._clock() < until:
            answer = self._queue.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=AT_A_TIME,
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            messages = answer.get("Messages", [])
            ids = {one["MessageId"] for one in messages}
            empty = 0 if ids - known else empty + 1
            known |= ids
            yield [dead_letter_of(message, self._machines) for message in messages]

    def _put_back(self, *letters: DeadLetter) -> None:
        for group in in_groups(letters, AT_A_TIME):
            # One that is gone by now, or was seen again, fails alone: it is visible before long anyway.
            self._queue.change_message_visibility_batch(QueueUrl=self._url, Entries=_visible(group))

    def _hide(self, letter: DeadLetter, seconds: int) -> None:
        self._queue.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=seconds
        )


def _visible(letters: Sequence[DeadLetter]) -> list[Any]:
    """The entries by which these letters can be seen again at once."""
    return [
        {"Id": str(place), "ReceiptHandle": one.receipt, "VisibilityTimeout": 0}
        for place, one in enumerate(letters)
    ]


def _became(letter: DeadLetter, answer: Mapping[str, Any]) -> Redriven:
    """What a function's answer means; Kept if no run was started."""
    if letter.kind == "close":
        return Redriven(letter, "closed", letter.run_id)
    if letter.kind == "tell":
        return Redriven(letter, "told", letter.run_id)
    if answer.get("started"):
        return Redriven(letter, "joined" if answer.get("joined") else "started", answer.get("run_id"))
    code = str(answer.get("reason", ""))
    message = str(answer.get("problem", code))
    raise Kept(letter, message, Reason(code, message, str(answer.get("remedy", ""))))


def dead_letter_of(message: Mapping[str, Any], machines: str) -> DeadLetter:
    """A message of the queue, whoever left it: the scheduler, Lambda, a rule, or the login hook."""
    event, told = unwrapped(_event(message["Body"]))
    detail = event.get("detail", {}) if isinstance(event.get("detail"), dict) else {}
    kind, about = "start", event
    if "input" in detail:
        kind, about = "close", _dead_run(detail, machines)
    elif "run_id" in detail:
        kind, about = "tell", detail
    attributes = {
        name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()
    }
    sent = int(message.get("Attributes", {}).get("SentTimestamp", "0")) / 1000
    return DeadLetter(
        letter_id=message["MessageId"],
        kind=kind,
        left_at=datetime.fromtimestamp(sent, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        tenant=str(about.get("tenant", "")),
        connection_id=about.get("connection_id"),
        flow=about.get("flow"),
        run_id=about.get("run_id"),
        problem=attributes.get("ErrorMessage") or attributes.get("ERROR_MESSAGE") or told,
        body=json.dumps(event),
        receipt=message["ReceiptHandle"],
        trigger=str(about.get("trigger", Trigger.SCHEDULE.value)) if kind == "start" else None,
    )


def unwrapped(body: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """What a function was to be given, and what went wrong if that is told beside it.

    A letter is the event itself; or the whole request `Invoke` of the scheduler, whose payload is a text; or
    what Lambda tells a destination of the event.
    """
    if {"FunctionName", "Payload"} <= body.keys():
        payload = body["Payload"]
        return (payload if isinstance(payload, dict) else _event(str(payload))), None
    if isinstance(body.get("requestPayload"), dict):
        problem = _told(body, "responsePayload", "errorMessage") or _told(body, "requestContext", "condition")
        return body["requestPayload"], problem
    return dict(body), None


def _told(body: Mapping[str, Any], of: str, name: str) -> str | None:
    """A text in a part of a letter, if there is one."""
    part = body.get(of)
    found = part.get(name) if isinstance(part, dict) else None
    return found if isinstance(found, str) and found else None


def _functions_for(letter: DeadLetter) -> tuple[str, ...]:
    """The functions that a dead letter was for; the end of a run is news for more than one.

    A dead letter does not say which of these could not take it, and each of them takes it twice. Only the API
    is given their names: who leaves dead letters redrives none.
    """
    if letter.kind == "start":
        return (os.environ.get("START_RUN_FUNCTION", ""),)
    if letter.kind == "close":
        return (os.environ.get("CLOSE_DEAD_RUN_FUNCTION", ""),)
    waiting = os.environ.get("START_WAITING_FUNCTION", "")
    return (
        (waiting, os.environ.get("TELL_EXPRESS_LEAVE_FUNCTION", "")) if letter.flow == TOLD_OF else (waiting,)
    )


def _event(text: str) -> dict[str, Any]:
    """The JSON object of a dead letter; an empty one for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _dead_run(detail: Mapping[str, Any], machines: str) -> dict[str, Any]:
    """Of which run an execution was that died, and of which flow its state machine is."""
    flow = flow_of(str(detail.get("stateMachineArn", "")), machines)
    return {**_event(detail["input"]).get("run", {}), "flow": flow}


@lru_cache(maxsize=1)
def dead_letters(container: Container) -> DeadLetters:
    """A container's hand on the queue."""
    queue, functions = container.session.client("sqs"), container.session.client("lambda")
    machines = container.settings.state_machine_prefix
    return DeadLetters(queue, functions, os.environ["DEAD_LETTERS_URL"], machines)
