"""Dead letters: listed, and given to their functions again."""

from __future__ import annotations

import pytest

from tests.cli.answers import a_letter, a_problem, a_run, page
from tests.cli.conftest import Tool

RUN = a_run()["run_id"]
pytestmark = pytest.mark.requirement("OPS-3")


def redriven(tool: Tool, letter_id: str, outcome: str = "started") -> None:
    body = {"letter_id": letter_id, "kind": "start", "outcome": outcome, "run_id": RUN}
    tool.answers("POST", f"/dead-letters/{letter_id}/redrive", body, 202)


def test_letters_show_what_got_lost_and_why(tool: Tool) -> None:
    closing = a_letter(
        "let-2", kind="close", trigger=None, run_id="run_1", connection_id=None, flow=None, problem=None
    )
    tool.reads("/dead-letters", page(a_letter(), closing))

    """(oncall OC-18)"""
    says = ("start: a run was not started", "payrelay redrive let-1")
    head, first, second, *_ = tool.shows("letters", *says, status=3)

    assert head.split() == ["LETTER", "KIND", "LEFT", "AT", "CONNECTION", "FLOW", "RUN", "PROBLEM"]
    for text in (
        "let-1",
        "start (schedule)",
        "2026-11-23 05:00:00Z",
        "employee_export",
        "ThrottlingException",
    ):
        assert text in first
    assert second.split() == ["let-2", "close", "2026-11-23", "05:00:00Z", "-", "-", "run_1", "-"]


def test_no_letters_are_good_news(tool: Tool) -> None:
    tool.reads("/dead-letters", page())

    assert tool.shows("letters") == tool.shows("redrive --all") == ["There are no dead letters."]


def test_letters_as_json_are_one_object_with_items(tool: Tool) -> None:
    tool.reads("/dead-letters", page(a_letter(), cursor="more"))

    assert tool("letters", "--limit", "1", "--json").json == page(a_letter(), cursor="more")


def test_the_named_letters_are_driven_again_and_what_became_of_each_is_said(tool: Tool) -> None:
    """(oncall OC-17)"""
    redriven(tool, "let-1")
    redriven(tool, "a%2Fb", "joined")

    says = (f"let-1  start  started {RUN}", f"a/b  start  joined {RUN}", f"payrelay tail {RUN}")
    tool.shows("redrive let-1 a/b let-1", *says)

    assert [path for _, path, _, _ in tool.calls] == [
        "/dead-letters/let-1/redrive",
        "/dead-letters/a%2Fb/redrive",
    ]


def test_a_letter_whose_run_did_not_start_is_kept_and_that_is_said(tool: Tool) -> None:
    """(oncall OC-17)"""
    why = {"detail": "The connection Acme has ended.", "remedy": "Connect it again.", "letter_kept": "let-1"}
    tool.answers("POST", "/dead-letters/let-1/redrive", a_problem(409, "LAPSED", **why), 409)
    redriven(tool, "let-2")
    tool.reads("/dead-letters", page(a_letter("let-1")))

    says = ("let-1  NOT started: LAPSED; the letter is kept", "Connect it again.", "let-2  start  started")
    lines = tool.shows("letters redrive let-1 let-2", *says, status=3)

    connect, when, again = lines[lines.index("Next:") + 1 :]
    assert connect == f"  payrelay connect {a_letter()['connection_id']}"
    assert (when, again) == ("  once its remedy is done:", "  payrelay redrive let-1")


def test_all_of_them_are_driven_again(tool: Tool) -> None:
    tool.reads("/dead-letters", page(a_letter("let-1"), cursor="more"), page(a_letter("let-2")))
    redriven(tool, "let-1")
    redriven(tool, "let-2")

    told = tool("redrive", "--all", "--json")

    assert [letter["letter_id"] for letter in told.json["items"]] == ["let-1", "let-2"]


def test_a_letter_that_is_refused_keeps_none_of_the_others(tool: Tool) -> None:
    gone = a_problem(404, "NOT_FOUND", detail="There is no dead letter with this id.")
    tool.answers("POST", "/dead-letters/let-1/redrive", gone, 404)
    redriven(tool, "let-2")

    told = tool("redrive", "let-1", "let-2")

    assert told.status == 1
    assert told.err == "payrelay: let-1: 404 NOT_FOUND: There is no dead letter with this id.\n"
    assert "let-2  start  started" in told.out
