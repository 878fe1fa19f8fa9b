"""What goes wrong is one clear line on standard error, and an exit status; the token is in none of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from cli.errors import UsageError
from cli.place import Place, find_place
from tests.cli.answers import a_problem, a_run, page
from tests.cli.conftest import API, TOKEN, Tool
from tests.systems.loopback import closed_port

LOCAL = "http://127.0.0.1:4566/restapis/x/prod/_user_request_"
STACK = {"api_url": LOCAL, "tokens": {"admin": "adm", "operator": "ope", "viewer": "vie"}}

NOT_FOUND = a_problem(404, "NOT_FOUND", detail="There is no run with this id.")
LIMIT = {"field": "limit", "message": "must be a number from 1 to 200"}
NO_JSON = f"{API} answered 502, and not with JSON: is this the address of the API?"
REFUSALS: list[tuple[str, int, Any, str]] = [
    (
        "401",
        401,
        a_problem(401, "UNAUTHENTICATED", detail=f"The token has expired: {TOKEN}", remedy="Sign in again"),
        "401 UNAUTHENTICATED: The token has expired: [token]. Remedy: Sign in again.",
    ),
    (
        "403",
        403,
        a_problem(403, "FORBIDDEN", detail="This needs the role operator."),
        "403 FORBIDDEN: This needs the role operator.",
    ),
    ("404", 404, NOT_FOUND, "404 NOT_FOUND: There is no run with this id."),
    (
        "409",
        409,
        a_problem(409, "RUN_NOT_FINISHED", detail="The run is\nrunning.", remedy="Wait until it has ended."),
        "409 RUN_NOT_FINISHED: The run is running. Remedy: Wait until it has ended.",
    ),
    (
        "a wrong field",
        400,
        a_problem(400, "BAD_REQUEST", detail="The query is wrong.", errors=[LIMIT]),
        "400 BAD_REQUEST: The query is wrong. limit: must be a number from 1 to 200.",
    ),
    (
        "an error of the API's own",
        500,
        a_problem(500, "INTERNAL_ERROR", detail="Something is wrong with us.", request_id="abc"),
        "500 INTERNAL_ERROR: Something is wrong with us. (request abc)",
    ),
    ("the gateway", 429, {"message": "Too Many Requests"}, "429: Too Many Requests"),
    ("the gateway without a word", 503, {}, "503: the gateway of the API gave no reason"),
    ("not JSON", 502, "<html>Bad Gateway</html>", NO_JSON),
    ("not an object", 502, "[]", NO_JSON),
    ("well, but not JSON", 200, "<html>Welcome</html>", NO_JSON.replace("502", "200")),
    ("another API", 200, {}, "an answer has no 'next_cursor': is this the API, and the tool as new?"),
    ("elsewhere", 302, {}, "302: the gateway of the API gave no reason"),
    (
        "no answer in time",
        0,
        requests.ReadTimeout("secret"),
        f"{API} did not answer in time",
    ),
    ("no connection", 0, requests.ConnectionError("secret"), f"{API} can't be reached"),
]


@pytest.mark.parametrize(
    ("status", "body", "line"), [case[1:] for case in REFUSALS], ids=[c[0] for c in REFUSALS]
)
@pytest.mark.parametrize("words", [[], ["--json"]], ids=["text", "json"])
def test_a_refusal_is_one_line(tool: Tool, status: int, body: Any, line: str, words: list[str]) -> None:
    tool.answers("GET", "/runs", body, status or 200)

    told = tool("runs", *words)

    assert (told.status, told.out, told.err) == (1, "", f"payrelay: {line}\n")


def test_nobody_listens(tool: Tool) -> None:
    address = closed_port()
    tool.api.add_passthru(address)

    told = tool("runs", "--api", address)

    assert (told.status, told.err) == (1, f"payrelay: {address} can't be reached: connection refused\n")


def test_no_stack_and_no_address(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYRELAY_API")
    monkeypatch.delenv("PAYRELAY_TOKEN")

    told = tool("runs")

    assert told.status == 2
    assert told.err == (
        "payrelay: no API is named: give --api and --token (PAYRELAY_API, PAYRELAY_TOKEN), "
        "or start the local stack: make up\n"
    )


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """What a running local stack wrote."""
    path = tmp_path / "running.json"
    path.write_text(json.dumps(STACK))
    return path


ENVIRON = {"PAYRELAY_API": "https://e.example/v1/", "PAYRELAY_TOKEN": "t-env\n"}
PLACES: list[tuple[str, dict[str, str | None], dict[str, str], Place]] = [
    ("the local stack", {}, {}, Place(LOCAL, "ope", local=True)),
    ("as an admin there", {"role": "admin"}, {}, Place(LOCAL, "adm", local=True)),
    ("named, and there", {"api": LOCAL, "role": "viewer"}, {}, Place(LOCAL, "vie", local=True)),
    ("its address, another token", {"token": "mine"}, {}, Place(LOCAL, "mine", local=True)),
    ("the environment", {}, ENVIRON, Place("https://e.example/v1", "t-env")),
    ("an option first", {"api": "https://o.example"}, ENVIRON, Place("https://o.example", "t-env")),
    ("both options", {"api": "https://o.example", "token": "o"}, ENVIRON, Place("https://o.example", "o")),
]


@pytest.mark.parametrize(("options", "environ", "place"), [c[1:] for c in PLACES], ids=[c[0] for c in PLACES])
def test_which_api_and_as_whom(
    options: dict[str, str | None], environ: dict[str, str], place: Place, stack: Path
) -> None:
    given = {"api": None, "token": None, "role": None, **options}
    assert find_place(**given, environ=environ, stack=stack) == place


WRONG = [
    ("a token of the stack for another host", {"api": "https://o.example"}, "no token for https://o.example"),
    ("two tokens", {"token": "mine", "role": "admin"}, "leave out one of them"),
    ("no address at all", {"api": "o.example", "token": "t"}, "like https://host/stage"),
    ("no port", {"api": "https://o.example:https", "token": "t"}, "like https://host/stage"),
    ("no end", {"api": "https://[o.example", "token": "t"}, "like https://host/stage"),
    ("credentials in it", {"api": "https://a:b@o.example", "token": "t"}, "like https://host/stage"),
    ("a query in it", {"api": "https://o.example?x=1", "token": "t"}, "end with its path"),
    ("in the clear", {"api": "http://o.example", "token": "t"}, "without https"),
    ("two lines", {"api": "https://o.example", "token": "one\r\ntwo"}, "a single word"),
    ("not plain", {"api": "https://o.example", "token": "tøken"}, "a single word"),
]


@pytest.mark.parametrize(("options", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_no_token_goes_where_it_should_not(options: dict[str, str | None], says: str, stack: Path) -> None:
    given = {"api": None, "token": None, "role": None, **options}
    with pytest.raises(UsageError, match=says) as wrong:
        find_place(**given, environ={}, stack=stack)
    assert not {"ope", "one\r\ntwo", "tøken", "mine"} & set(str(wrong.value).split())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"api_url": "x", "tokens": {"admin": "a"}}'])
def test_a_stack_that_is_half_written_is_said(text: str, stack: Path) -> None:
    stack.write_text(text)
    with pytest.raises(UsageError, match="can't be read"):
        find_place(api=None, token=None, role=None, environ={}, stack=stack)


def test_a_place_does_not_show_its_token() -> None:
    assert TOKEN not in repr(Place(API, TOKEN))


def test_a_token_is_not_taken_from_elsewhere(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine api.payrelay.example login kari password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    tool.answers("GET", "/runs", page())

    tool("runs")

    assert tool.api.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "words",
    [
        ["--tokn", TOKEN, "runs"],
        ["runs", "--tokn", TOKEN],
        ["runs", f"--tokn={TOKEN}"],
        ["runs", TOKEN],
        [TOKEN, "runs"],
        [f"--json={TOKEN}", "runs"],
        ["--as", TOKEN, "runs"],
        ["--token", TOKEN],
        ["runs", "--limit", TOKEN],
        ["runs", "--status", TOKEN],
        ["tail", a_run()["run_id"], "--interval", TOKEN],
    ],
)
def test_a_misplaced_token_is_not_repeated(tool: Tool, words: list[str]) -> None:
    assert tool(*words).status == 2
    assert tool.calls == []


def test_an_id_is_one_segment_of_the_path(tool: Tool) -> None:
    tool.answers("GET", "/runs/run_1%2Frecords%3Fx", NOT_FOUND, 404)

    assert tool("tail", "run_1/records?x").status == 1
