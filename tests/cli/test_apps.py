"""Apps and their keys: listed, made and revoked; and the tool that calls with one (aws 11)."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from tests.cli.answers import a_problem, example, page
from tests.cli.conftest import API, Tool

pytestmark = pytest.mark.requirement("TRG-4")

APP = example("an_app_with_its_key")
KEY, APP_ID = APP["key"], APP["app_id"]


def test_apps_are_listed_with_their_last_use(tool: Tool) -> None:
    tool.reads("/apps", example("a_page_of_apps"))

    head, first, second = tool.shows("apps")

    assert head.split("  ")[0] == "APP"
    for text in (APP_ID, "Payday portal", "operator", "2026-03-09", "ada@nordlys.example"):
        assert text in first
    assert "never" in second


def test_no_apps_is_said(tool: Tool) -> None:
    tool.reads("/apps", page())
    tool.shows("apps", "There are no apps.", "payrelay apps create NAME --role viewer")


@pytest.mark.parametrize("words", ["apps create", "apps-create"])
def test_an_app_is_made_and_its_key_shown_this_once(tool: Tool, words: str) -> None:
    tool.answers("POST", "/apps", APP, 201)

    told = tool(*words.split(), "Payday portal", "--role", "operator")

    assert (told.status, told.out.count(KEY)) == (0, 1)
    assert "shown this once" in told.out
    assert f"payrelay apps revoke {APP_ID}" in told.out
    assert tool.calls[0][3] == {"name": "Payday portal", "role": "operator"}


def test_json_is_the_apis_own(tool: Tool) -> None:
    tool.answers("POST", "/apps", APP, 201)
    tool.reads("/apps", example("a_page_of_apps"))
    tool.answers("DELETE", f"/apps/{APP_ID}", "", 204)

    assert tool("apps", "create", "Payday portal", "--role", "operator", "--json").json == APP
    assert tool("apps", "--json").json == example("a_page_of_apps")
    assert tool("apps", "revoke", APP_ID, "--yes", "--json").json == {}


@pytest.mark.parametrize("typed", ["y\n", "yes\n", "n\n", "\n", None])
def test_an_app_is_revoked_once_that_is_agreed_to(tool: Tool, typed: str | None) -> None:
    tool.reads("/apps", example("a_page_of_apps"))
    tool.answers("DELETE", f"/apps/{APP_ID}", "", 204)
    if typed is not None:
        tool.types(typed)

    told = tool("apps", "revoke", APP_ID)

    agreed = bool(typed and typed.startswith("y"))
    assert ("DELETE" in [call[0] for call in tool.calls]) == agreed
    assert told.status == (2 if typed is None else 0)
    if typed is None:
        assert told.err == "payrelay: nothing was revoked: there is no terminal to ask at; give --yes\n"
    else:
        assert "Revoke the key of Payday portal (operator, last used: 2026-03-09)?" in told.err
        assert (f"The key of {APP_ID} is revoked." if agreed else "Nothing was revoked.") in told.out


def test_with_yes_nobody_is_asked_and_a_refusal_is_one_line(tool: Tool) -> None:
    tool.answers(
        "DELETE", f"/apps/{APP_ID}", a_problem(404, "NOT_FOUND", detail="There is no app with this id."), 404
    )

    told = tool("apps", "revoke", APP_ID, "--yes")

    assert (told.status, told.err) == (1, "payrelay: 404 NOT_FOUND: There is no app with this id.\n")
    assert len(tool.calls) == 1


def test_no_more_room_says_what_to_do(tool: Tool) -> None:
    full = a_problem(409, "TOO_MANY_APPS", detail="A tenant may have 50 apps.", remedy="Delete one.")
    tool.answers("POST", "/apps", full, 409)

    told = tool("apps", "create", "One more", "--role", "viewer")

    assert (told.status, told.out) == (1, "")
    assert told.err == "payrelay: 409 TOO_MANY_APPS: A tenant may have 50 apps. Remedy: Delete one.\n"


@pytest.mark.parametrize(
    "words",
    [
        ["apps", "create", "Payday portal"],
        ["apps", "create", "Payday portal", "--role", "employee"],
        ["apps", "create", "Payday portal", "--role", "service"],
        ["apps", "create", "--role", "viewer"],
        ["apps", "revoke"],
        ["apps", "revoke", APP_ID, "app_2"],
    ],
)
def test_what_lacks_something_is_not_asked_for(tool: Tool, words: list[str]) -> None:
    assert tool(*words).status == 2
    assert tool.calls == []


# --- The tool, called with a key


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize(
    "words",
    [
        ["--token", KEY, "apps"],
        ["apps", f"--token={KEY}"],
        ["apps", "--token-file", KEY],
        ["apps", "revoke", KEY, "--yes"],
        ["apps", "create", KEY, "--role", "viewer"],
        ["apps", "create", "x", "--role", KEY],
        [KEY],
        ["--as", KEY, "apps"],
    ],
)
def test_a_key_on_the_command_line_is_sent_nowhere_and_not_repeated(tool: Tool, words: list[str]) -> None:
    told = tool(*words)

    assert (told.status, tool.calls) == (2, [])
    assert KEY not in told.out + told.err


def test_a_key_of_the_command_line_is_told_where_it_belongs(tool: Tool) -> None:
    told = tool("apps", "--token", KEY)
    for place in ("PAYRELAY_TOKEN", "--token-file", "PAYRELAY_TOKEN_FILE"):
        assert place in told.err


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A file of the engineer's own with a key."""
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    return path


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize("how", ["environment", "option", "file in the environment", "option before both"])
def test_the_tool_calls_with_a_key_and_never_prints_it(tool: Tool, key_file: Path, how: str) -> None:
    tool.monkeypatch.delenv("PAYRELAY_TOKEN")
    tool.monkeypatch.delenv("PAYRELAY_TOKEN_FILE", raising=False)
    words = ["--token-file", str(key_file)] if how.startswith("option") else []
    if how == "environment":
        tool.monkeypatch.setenv("PAYRELAY_TOKEN", KEY)
    if how == "file in the environment":
        tool.monkeypatch.setenv("PAYRELAY_TOKEN_FILE", str(key_file))
    if how == "option before both":
        tool.monkeypatch.setenv("PAYRELAY_TOKEN", "another")
        tool.monkeypatch.setenv("PAYRELAY_TOKEN_FILE", "/nowhere")
    tool.answers("GET", "/apps", a_problem(401, "UNAUTHENTICATED", detail=f"No app has the key {KEY}"), 401)

    told = tool("apps", *words)

    assert tool.api.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"
    assert tool.api.calls[0].request.url.startswith(API)
    assert told.err == "payrelay: 401 UNAUTHENTICATED: No app has the key [token].\n"
    assert KEY not in told.out + told.err


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o777])
def test_a_file_that_others_can_read_is_refused(tool: Tool, key_file: Path, mode: int) -> None:
    key_file.chmod(mode)

    told = tool("apps", "--token-file", str(key_file))

    assert (told.status, tool.calls) == (2, [])
    assert "chmod 600" in told.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "has no token in it"),
        (b" \n", "has no token in it"),
        (b"two words", "a single word"),
        (b"one\ntwo", "a single word"),
        (b"tok\xc3\xa9n", "has no token in it"),
        (b"A" * 20_000, "has no token in it"),
    ],
)
def test_a_file_that_has_no_token_is_refused(tool: Tool, key_file: Path, text: bytes, says: str) -> None:
    key_file.write_bytes(text)

    told = tool("apps", "--token-file", str(key_file))

    assert (told.status, tool.calls) == (2, [])
    assert says in told.err


def test_a_file_that_is_none_is_said(tool: Tool, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path, says in [
        (tmp_path / "missing", "can't be read: no such file"),
        (tmp_path, "can't be read: is a directory"),
        (pipe, "is no file"),
    ]:
        told = tool("apps", "--token-file", str(path))
        assert (told.status, tool.calls) == (2, [])
        assert says in told.err
        assert str(path) not in told.err


@pytest.mark.parametrize("beside", [["--token", "t"], ["--as", "admin"]])
def test_a_file_and_another_token_are_not_both_taken(tool: Tool, key_file: Path, beside: list[str]) -> None:
    assert tool("apps", "--token-file", str(key_file), *beside).status == 2
    assert tool.calls == []


def test_a_key_is_shown_to_a_pipe_and_to_a_terminal_alike(tool: Tool) -> None:
    tool.answers("POST", "/apps", APP, 201)
    tool.on_a_terminal(columns=40)
    tool.monkeypatch.setattr(sys, "stdin", io.StringIO())

    told = tool("apps", "create", "Payday portal", "--role", "operator")

    assert f"\n  {KEY}\n" in told.out, "in one piece, to be copied"
