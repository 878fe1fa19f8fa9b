"""Dead letters: what could not even start a run, or be told of; listed and redriven (OPS-3)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import pytest

from payrelay.runtime import dead_letters
from tests.worlds.api import Reply, World
from tests.worlds.aws import client

FUNCTIONS = {
    "START_RUN_FUNCTION": "start-run",
    "CLOSE_DEAD_RUN_FUNCTION": "close-dead-run",
    "TELL_EXPRESS_LEAVE_FUNCTION": "tell-express-leave",
    "START_WAITING_FUNCTION": "start-waiting",
}
START = {"tenant": "demo", "connection_id": "con_1", "flow": "employee_export"}
RUN = {"tenant": "demo", "connection_id": "con_1", "run_id": "run_1"}
MACHINE = "arn:aws:states:eu-north-1:123456789012:stateMachine:payrelay-employee_export"
CLOSE = {
    "detail-type": "Step Functions Execution Status Change",
    "detail": {"input": json.dumps({"run": RUN}), "status": "TIMED_OUT", "stateMachineArn": MACHINE},
}
TELL = {"detail-type": "RunFinished", "detail": {**RUN, "flow": "balance_sync"}}


@dataclass
class Functions:
    """Stands in for Lambda: notes what is called, and answers as the function would."""

    called: list[tuple[str, Any]] = field(default_factory=list)
    broken: bool = False
    fails: bool = False
    answer: dict[str, Any] = field(
        default_factory=lambda: {"started": True, "run_id": "run_9", "joined": False}
    )

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert InvocationType == "RequestResponse"
        if self.broken:
            raise ConnectionError("Lambda does not answer.")
        event = json.loads(Payload)
        assert event.pop("redriven") is True
        self.called.append((FunctionName, event))
        if self.fails:
            return {"FunctionError": "Unhandled", "Payload": BytesIO(b'{"errorType": "KeyError"}')}
        return {"Payload": BytesIO(json.dumps(self.answer).encode())}


@dataclass
class Office:
    """A world with its queue of dead letters."""

    world: World
    functions: Functions
    url: str

    def leave(self, body: Any, problem: str | None = None) -> str:
        """A dead letter as the scheduler, Lambda or a rule leaves it."""
        about = {"ErrorMessage": {"DataType": "String", "StringValue": problem}} if problem else {}
        text = body if isinstance(body, str) else json.dumps(body)
        sent = client("sqs").send_message(QueueUrl=self.url, MessageBody=text, MessageAttributes=about)
        return str(sent["MessageId"])

    def dead_letters(self, query: str = "", **more: Any) -> list[dict[str, Any]]:
        answer = self.world.call("GET", f"/dead-letters{query}", **more)
        assert answer.status == 200, answer.text
        found: list[dict[str, Any]] = answer.json["items"]
        return found

    def redrive(self, letter_id: str, body: Any = None, **more: Any) -> Reply:
        return self.world.call("POST", f"/dead-letters/{letter_id}/redrive", body, **more)


@pytest.fixture
def office(world: World, letters: str, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An empty queue; one server holds all of it, so that nobody has to wait for the others."""
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    functions = Functions()
    for name, value in FUNCTIONS.items():
        monkeypatch.setenv(name, value)
    clients = {"sqs": client("sqs"), "events": client("events"), "lambda": functions}
    world.container.session = cast("Any", SimpleNamespace(client=clients.__getitem__))
    return Office(world, functions, letters)


KINDS = [
    ("start", START, ["start-run"], ("con_1", "employee_export", None), ("started", "run_9")),
    ("close", CLOSE, ["close-dead-run"], ("con_1", "employee_export", "run_1"), ("closed", "run_1")),
    (
        "tell",
        TELL,
        ["start-waiting", "tell-express-leave"],
        ("con_1", "balance_sync", "run_1"),
        ("told", "run_1"),
    ),
]


@pytest.mark.requirement("OPS-3")
@pytest.mark.parametrize(
    ("kind", "body", "functions", "about", "became"), KINDS, ids=[row[0] for row in KINDS]
)
def test_a_dead_letter_says_what_it_was_for_and_goes_there_again(
    office: Office,
    kind: str,
    body: Any,
    functions: list[str],
    about: tuple[str | None, ...],
    became: tuple[str, str],
) -> None:
    """And what became of it (oncall OC-17), and what had asked for its run (oncall OC-18)."""
    letter_id = office.leave(body, "The function did not answer.")
    (found,) = office.dead_letters()
    assert (found["letter_id"], found["kind"]) == (letter_id, kind)
    assert (found["connection_id"], found["flow"], found["run_id"]) == about
    assert found["problem"] == "The function did not answer."
    assert found["left_at"].endswith("Z")
    answer = office.redrive(letter_id, role="operator")
    outcome, run_id = became
    told = {"letter_id": letter_id, "kind": kind, "outcome": outcome, "run_id": run_id}
    assert (answer.status, answer.json) == (202, told)
    assert found["trigger"] == ("schedule" if kind == "start" else None)
    assert office.functions.called == [(function, body) for function in functions]
    assert office.dead_letters() == []


@pytest.mark.requirement("OPS-3")
def test_looking_takes_nothing_out_and_redriving_takes_that_one(office: Office) -> None:
    ids = [office.leave({**START, "connection_id": f"con_{n}"}) for n in range(12)]
    assert {one["letter_id"] for one in office.dead_letters()} == set(ids)
    assert {one["letter_id"] for one in office.dead_letters()} == set(ids)
    assert office.redrive(ids[3]).status == 202
    assert {one["letter_id"] for one in office.dead_letters()} == set(ids) - {ids[3]}
    assert [body["connection_id"] for _, body in office.functions.called] == ["con_3"]


@pytest.mark.requirement("OPS-3")
def test_the_list_goes_on_page_by_page(office: Office) -> None:
    ids = {office.leave({**START, "connection_id": f"con_{n}"}) for n in range(5)}
    seen, query = [], "?limit=2"
    while True:
        answer = office.world.call("GET", f"/dead-letters{query}").json
        seen += [one["letter_id"] for one in answer["items"]]
        if answer["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={answer['next_cursor']}"
    assert (set(seen), len(seen)) == (ids, 5)


@pytest.mark.requirement("OPS-3")
def test_a_dead_letter_stays_until_its_function_took_it(office: Office) -> None:
    letter_id = office.leave(START)
    office.functions.broken = True
    assert office.redrive(letter_id).status == 500
    seen = client("sqs").get_queue_attributes(QueueUrl=office.url, AttributeNames=["All"])["Attributes"]
    waiting = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    assert sum(int(seen[name]) for name in waiting) == 1


LAPSED = {
    "started": False,
    "reason": "LAPSED",
    "problem": "The connection Acme was not used for 30 minutes, and has ended.",
    "remedy": "Connect it again.",
}
NOTHING_DONE = [
    (LAPSED, "LAPSED", "Connect it again. Then redrive it again."),
    ({"started": False, "reason": "CONNECTION_GONE", "problem": "It is gone."}, "CONNECTION_DELETED", None),
    (None, "LETTER_KEPT", "Mend the cause, then redrive it again."),
]


@pytest.mark.requirement("OPS-3")
@pytest.mark.parametrize(("answer", "code", "remedy"), NOTHING_DONE, ids=[row[1] for row in NOTHING_DONE])
def test_a_letter_whose_run_was_not_started_is_kept_with_the_reason(
    office: Office, answer: dict[str, Any] | None, code: str, remedy: str | None
) -> None:
    """(oncall OC-17)"""
    letter_id = office.leave(START)
    office.functions.fails, office.functions.answer = answer is None, answer or {}
    told = office.redrive(letter_id)
    assert (told.status, told.code) == (409, code)
    assert (told.json["letter_kept"], told.json.get("remedy")) == (letter_id, remedy)
    assert [one["letter_id"] for one in office.dead_letters()] == [letter_id]
    office.functions.fails, office.functions.answer = (
        False,
        {"started": True, "run_id": "run_9", "joined": True},
    )
    assert office.redrive(letter_id).json["outcome"] == "joined"
    assert office.dead_letters() == []


@pytest.mark.requirement("OPS-3")
def test_a_letter_names_its_kind_and_the_run_that_stands_queued(office: Office) -> None:
    """(oncall OC-18) (oncall OC-37)"""
    queued = office.world.run(office.world.stored_run("employee_export"))
    office.leave({**START, "connection_id": queued.connection_id, "trigger": "login"})
    (found,) = office.dead_letters()
    assert (found["trigger"], found["run_id"]) == ("login", queued.run_id)


@pytest.mark.requirement("OPS-3", "CON-4")
def test_dead_letters_of_another_tenant_are_neither_seen_nor_redriven(office: Office) -> None:
    theirs = office.leave({**START, "tenant": "other"})
    office.leave("not even JSON")
    office.leave(["nor", "an", "object"])
    assert office.dead_letters() == []
    answer = office.redrive(theirs)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert office.functions.called == []
    assert [one["letter_id"] for one in office.dead_letters(tenant="other")] == [theirs]


@pytest.mark.requirement("OPS-3", "TRG-4")
def test_what_can_not_be_asked_for(office: Office) -> None:
    letter_id = office.leave(START)
    assert office.world.call("GET", "/dead-letters", role="viewer").status == 403
    assert office.redrive(letter_id, role="viewer").status == 403
    assert office.redrive("no-such-letter").status == 404
    assert office.redrive(letter_id, {"force": True}).status == 422
    assert office.world.call("GET", "/dead-letters?limit=0").status == 400
    assert office.functions.called == []
