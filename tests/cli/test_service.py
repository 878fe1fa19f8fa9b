"""For those who run Payrelay: whose runs went wrong, and access to one tenant (oncall OC-35)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.answers import a_problem, example, page
from tests.cli.conftest import API, Tool

pytestmark = [pytest.mark.requirement("OPS-4"), pytest.mark.requirement("CON-5")]


def test_whose_names_tenant_connection_run_and_code_and_the_access_to_take(tool: Tool) -> None:
    """(oncall OC-35)"""
    tool.reads("/service/failures", example("a_page_of_failed_runs"))

    head, first, second, *rest = tool.shows("whose --since 1h --status failed", status=3)

    assert head.split() == ["AT", "TENANT", "WHAT", "CODE", "FLOW", "CONNECTION", "RUN", "RECORDS", "OVER"]
    for text in ("nordlys", "failed", "SYSTEM_UNREACHABLE", "run_01JD9Z4A6B8C0D2E4F6G8H0J2K", "37 failed"):
        assert text in first
    assert first.endswith(" -")
    assert "missed" in second
    assert second.endswith("2026-03-02 06:02:00Z")
    assert rest[-3:] == [
        "  payrelay access take nordlys --reason 'failed SYSTEM_UNREACHABLE' --hours 2",
        "  with that access:",
        "  payrelay show run_01JD9Z4A6B8C0D2E4F6G8H0J2K --tenant nordlys",
    ]
    (call,) = tool.calls
    assert call[2]["status"] == "failed"


def test_what_is_held_would_be_written_and_was_not(tool: Tool) -> None:
    held = example("a_page_of_failed_runs")["items"][0] | {"status": "held", "counts": {"updated": 60}}
    tool.reads("/service/failures", page(held))

    tool.shows("whose", "60 would be updated", status=3)


def test_what_is_over_is_shown_and_is_no_bad_end(tool: Tool) -> None:
    over = example("a_page_of_failed_runs")["items"][1]
    tool.reads("/service/failures", page(over), page())

    lines = tool.shows("whose", "SCHEDULE_DID_NOT_START")
    assert "Next:" not in lines
    assert tool.shows("whose --of delft --code LAPSED") == ["Nothing went wrong at any tenant."]


def test_whose_dead_letters_there_are(tool: Tool) -> None:
    """(oncall OC-35)"""
    tool.reads("/service/dead-letters", example("a_page_of_all_letters"))

    tool.shows(
        "whose --letters", "nordlys", "payrelay access take nordlys", "letters --tenant nordlys", status=3
    )


def test_access_is_taken_with_a_reason_and_an_end_and_said_to_be_seen(tool: Tool) -> None:
    """(oncall OC-35)"""
    tool.answers("POST", "/service/access", example("an_access"), 201)

    told = tool("access", "take", "nordlys", "--reason", "Run failed", "--hours", "2")

    assert told.status == 0
    assert "operator of nordlys until 2026-03-02 07:25:00Z; its admins see it" in told.out
    assert "payrelay access end nordlys" in told.out
    assert tool.calls[0][3] == {"tenant": "nordlys", "reason": "Run failed", "hours": 2}


@pytest.mark.parametrize(
    "words", ["nordlys", "nordlys --reason x --hours 25", "nordlys --reason x --hours h"]
)
def test_access_without_a_reason_or_a_right_end_is_not_asked_for(tool: Tool, words: str) -> None:
    told = tool("access", "take", *words.split())
    assert told.status == 2
    assert tool.calls == []


def test_access_is_listed_and_ended(tool: Tool) -> None:
    """(oncall OC-35)"""
    tool.reads("/service/access", page(example("an_access"), *example("a_page_of_accesses")["items"]))
    tool.answers("DELETE", "/service/access", "", 204)

    tool.shows("access", "open", "ended 2026-03-02 05:50:10Z by kari@nordlys.example", "payrelay access end")
    assert tool.shows("access end nordlys") == ["Access to nordlys is ended."]
    assert tool.shows("access end") == ["Access is ended."]
    assert [call[2] for call in tool.calls if call[0] == "DELETE"] == [{"tenant": "nordlys"}, {}]


def test_a_tenant_that_is_named_goes_with_every_call_and_every_next(tool: Tool) -> None:
    tool.reads("/runs", page())
    tool.reads("/dead-letters", page())
    tool("--tenant", "nordlys", "letters")
    tool("letters", "--tenant", "nordlys")
    tool("letters")
    sent = [call.request.headers.get("Payrelay-Tenant") for call in tool.api.calls]
    assert sent == ["nordlys", "nordlys", None]
    assert tool("letters", "--tenant", "a b").status == 2


def test_on_the_local_stack_these_commands_are_the_services(tool: Tool, tmp_path: Path) -> None:
    tokens = {role: f"token-of-{role}" for role in ("admin", "operator", "viewer", "service")}
    (tmp_path / "stack.json").write_text(json.dumps({"api_url": API, "tokens": tokens}))
    for name in ("PAYRELAY_API", "PAYRELAY_TOKEN"):
        tool.monkeypatch.delenv(name)
    tool.reads("/service/failures", example("a_page_of_failed_runs"))
    tool.reads("/service/access", page())
    tool.reads("/dead-letters", page())

    shown = tool("whose").out
    tool("access")
    tool("access", "--as", "admin")
    tool("letters")

    sent = [call.request.headers["Authorization"] for call in tool.api.calls]
    assert sent == [f"Bearer token-of-{role}" for role in ("service", "service", "admin", "operator")]
    assert "show run_01JD9Z4A6B8C0D2E4F6G8H0J2K --as service --tenant nordlys" in shown


def test_a_refusal_says_how_access_is_taken(tool: Tool) -> None:
    detail = {
        "detail": "The token has the role service, and no access to any tenant now.",
        "remedy": "Take access",
    }
    tool.answers("GET", "/runs", a_problem(403, "FORBIDDEN", **detail), 403)
    told = tool("runs")
    assert told.status == 1
    assert "Take access" in told.err
