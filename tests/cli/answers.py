"""What the API answers in these tests: the examples of its own document, and what is coming beside them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.worlds.contract import document

Json = dict[str, Any]

OPENAPI: Json = document()

REQUEST = {"system": "xledger", "method": "POST", "path": "/graphql", "status": 422, "code": "E_EMAIL"}
ESTIMATE = {"already_right": 3, "would_write": 2, "refused": 1, "calls": 7}
WHY = {"code": "CREDENTIALS_REFUSED", "message": "Xledger refuses the token.", "remedy": "Make a new token."}


def example(name: str, **changed: Any) -> Json:
    """A copy of an example of the API's document, with some fields changed."""
    found: Json = deepcopy(OPENAPI["components"]["examples"][name]["value"])
    return {**found, **changed}


def a_run(**changed: Any) -> Json:
    """A run that ended partly well."""
    usual = {"request": None, "estimate": None, "died": None}
    return {**example("a_page_of_runs")["items"][0], **usual, **changed}


def in_progress(done: int, **changed: Any) -> Json:
    """The same run, on its way."""
    return a_run(status="running", finished_at=None, progress={"done": done, "total": 250}, **changed)


def waiting(**changed: Any) -> Json:
    """The same run, while it waits for a system."""
    message = "waits for Xledger until 03:19:47 (429, first try)"
    waits = {"what": "Xledger", "until": "2026-11-23T03:19:47.000Z", "why": "429", "tries": 1}
    seen = {"last_sign_of_life_at": "2026-11-23T03:19:07.112Z"}
    return in_progress(7, waits={**waits, "message": message}, **seen, **changed)


def had_died(**changed: Any) -> Json:
    """The same run, found dead after somebody had told it to stop."""
    died = {
        **WHY,
        "code": "RUN_DIED",
        "message": "The run stopped without saying why (its execution is ABORTED).",
    }
    stopped = {**WHY, "code": "STOPPED_BY_USER", "message": "Kari stopped the run."}
    return a_run(status="stopped", died=died, error=stopped, **changed)


def well(**changed: Any) -> Json:
    """A run that succeeded."""
    counts = {"created": 0, "updated": 2, "unchanged": 3, "skipped": 0, "blocked": 0, "failed": 0}
    return a_run(**{"status": "succeeded", "counts": counts, **changed})


def page(*items: Json, cursor: str | None = None, **beside: Any) -> Json:
    """A page of a list."""
    return {"items": list(items), "next_cursor": cursor, **beside}


def blocked(**changed: Any) -> Json:
    """A record that is blocked."""
    return {**example("a_page_of_records")["items"][0], "request": None, **changed}


def updated(**changed: Any) -> Json:
    """A record that was updated."""
    return {**example("a_page_of_records")["items"][1], "request": None, **changed}


def a_problem(status: int, code: str, **more: Any) -> Json:
    """Problem details."""
    named = {"type": f"urn:payrelay:problem:{code.lower()}", "title": code.capitalize()}
    return {**named, "status": status, "code": code, **more}


def a_letter(letter_id: str = "let-1", **changed: Any) -> Json:
    """A dead letter: a schedule that could not start its run."""
    return {
        "letter_id": letter_id,
        "kind": "start",
        "trigger": "schedule",
        "left_at": "2026-11-23T05:00:00.000Z",
        "connection_id": a_run()["connection_id"],
        "flow": "employee_export",
        "run_id": None,
        "problem": "ThrottlingException",
        **changed,
    }


def a_log_line(at: str, **changed: Any) -> Json:
    """A line that a step logged."""
    fields = {"system": "xledger", "http_status": 422}
    return {
        "at": at,
        "level": "INFO",
        "function": "ApplyPage",
        "message": "call",
        "fields": fields,
        **changed,
    }
