"""What became of a dead letter that was given to its function again: by the answer, the runs, the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .api import Api, Json

# What the API says of it, where it waits itself.
SAID = {"started": True, "joined": True, "closed": True, "told": True, "lapsed": False, "kept": False}


class Fate(NamedTuple):
    """What became of a letter. Not `known` yet is not `good` either."""

    known: bool
    good: bool
    words: str
    run_id: str | None = None
    outcome: str = "unknown"

    @property
    def shown(self) -> Json:
        """As JSON has it."""
        return {"outcome": self.outcome, "run_id": self.run_id, "seen": self.words}


UNKNOWN = Fate(known=False, good=False, words="is on its way; what became of it is not known yet")


class Redriven(NamedTuple):
    """A letter that was given to its function: what it was, when, and what the API answered."""

    letter: Json
    answer: Json
    running: frozenset[str]
    newest: str

    @property
    def letter_id(self) -> str:
        """Its id."""
        return str(self.answer["letter_id"])

    @property
    def place(self) -> tuple[str, str] | None:
        """Of which connection and flow it wanted a run."""
        connection, flow = self.letter.get("connection_id"), self.letter.get("flow")
        return (connection, flow) if connection and flow else None


def runs_of(api: Api, letter: Mapping[str, str]) -> list[Json]:
    """The newest runs of the flow that a letter is for."""
    connection, flow = letter.get("connection_id"), letter.get("flow")
    if not connection or not flow:
        return []
    found: list[Json] = api.get("/runs", connection_id=connection, flow=flow, limit=20)["items"]
    return found


def given(api: Api, letter_id: str, letter: Json | None) -> Redriven:
    """Give a letter to its function, having seen which runs there were."""
    before = runs_of(api, letter or {})
    answer = api.post("/dead-letters/{}/redrive", letter_id)
    running = frozenset(run["run_id"] for run in before if run["finished_at"] is None)
    newest = max((run["run_id"] for run in before), default="")
    return Redriven({**answer, **(letter or {})}, answer, running, newest)


def told(answer: Json) -> Fate:
    """What the API's own answer says."""
    outcome, run_id = answer.get("outcome"), answer.get("run_id")
    if outcome not in SAID:
        return UNKNOWN
    good = SAID[outcome]
    if not good:
        code = answer.get("code") or (answer.get("reason") or {}).get("code") or str(outcome).upper()
        return Fate(known=True, good=False, words=f"NOT started: {code}; the letter is kept", outcome=outcome)
    return Fate(True, True, f"{outcome} {run_id}" if run_id else str(outcome), run_id, str(outcome))


def seen(api: Api, one: Redriven, letters: Sequence[Json], before: set[str]) -> Fate:
    """What can be seen by now: its run, or that it came back to the queue."""
    back = [
        letter for letter in letters if letter["letter_id"] == one.letter_id or _same(letter, one, before)
    ]
    if back:
        why = back[0]["problem"] or "see the log of its function"
        return Fate(known=True, good=False, words=f"NOT started: {why}; the letter is kept", outcome="kept")
    if one.letter["kind"] == "close":
        run_id = one.letter.get("run_id")
        run = api.get("/runs/{}", run_id) if run_id else None
        if run and run["finished_at"]:
            return Fate(True, True, f"closed {run_id}, which is {run['status']}", run_id, "closed")
        return UNKNOWN
    if one.letter["kind"] == "tell":
        return Fate(True, True, "was told", one.letter.get("run_id"), "told")
    for run in runs_of(api, one.letter):
        if run["run_id"] in one.running:
            return Fate(
                True, True, f"joined {run['run_id']}, which is {run['status']}", run["run_id"], "joined"
            )
        if run["run_id"] > one.newest:
            return Fate(
                True, True, f"started {run['run_id']}, which is {run['status']}", run["run_id"], "started"
            )
    return UNKNOWN


def _same(letter: Json, one: Redriven, before: set[str]) -> bool:
    """Whether it is a new letter of the same want."""
    names = ("kind", "connection_id", "flow")
    return letter["letter_id"] not in before and all(letter.get(n) == one.letter.get(n) for n in names)
