"""The tool, called as on the command line, with the API's answers prepared and its calls checked."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest
import responses

from cli.__main__ import payrelay
from tests.cli.answers import OPENAPI, Json

API = "https://api.payrelay.example/v1"
TOKEN = "eyJhbGciOi.secret-of-kari.c2ln"


@dataclass
class Told:
    """What a command gave back."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Terminal(io.StringIO):
    """Somebody at the keyboard, who answers this."""

    def isatty(self) -> bool:
        return True


@dataclass
class Tool:
    """The command line, in front of an API that answers what it is told to."""

    api: responses.RequestsMock
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    pauses: list[float] = field(default_factory=list)

    def answers(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """The next answer to this call; the last one prepared is given again and again."""
        if isinstance(body, Exception | str):
            self.api.add(method, f"{API}{path}", body=body, status=status)
        else:
            self.api.add(method, f"{API}{path}", json=body, status=status)

    def reads(self, path: str, *bodies: Json) -> None:
        """The next answers to reading this."""
        for body in bodies:
            self.answers("GET", path, body)

    def shows(self, line: str, *texts: str, status: int = 0) -> list[str]:
        """Type a line, and all these texts are seen; the lines that are shown."""
        told = self(*line.split())
        assert [text for text in texts if text not in told.out] == []
        assert (told.status, told.err) == (status, "")
        return told.out.splitlines()

    def on_a_terminal(self, columns: int = 80) -> None:
        """Standard output is a terminal, so wide."""
        self.monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        for name, value in {"TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "24"}.items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.delenv("NO_COLOR", raising=False)

    def types(self, answer: str) -> None:
        """There is a terminal, and somebody types this."""
        self.monkeypatch.setattr(sys, "stdin", Terminal(answer))

    def __call__(self, *words: str) -> Told:
        """Call it."""
        with pytest.raises(SystemExit) as end:
            payrelay.main(words, prog_name="payrelay")
        out, err = self.capsys.readouterr()
        assert TOKEN not in out + err
        return Told(int(end.value.code or 0), out, err)

    @property
    def calls(self) -> list[tuple[str, str, dict[str, str], Any]]:
        """The calls so far: method, path, query, body."""
        found = []
        for call in self.api.calls:
            parts = urlsplit(call.request.url)
            body = json.loads(call.request.body) if call.request.body else None
            path = parts.path.removeprefix("/v1")
            found.append((call.request.method, path, dict(parse_qsl(parts.query)), body))
        return found


@pytest.fixture
def tool(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Tool]:
    """The tool in an environment that names the API; nobody sits at a terminal, and no time passes."""
    monkeypatch.setenv("PAYRELAY_API", API)
    monkeypatch.setenv("PAYRELAY_TOKEN", TOKEN)
    monkeypatch.setattr("cli.command_line.STACK", tmp_path / "stack.json")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with responses.RequestsMock(assert_all_requests_are_fired=False) as api:
        used = Tool(api, capsys, monkeypatch)
        monkeypatch.setattr("cli.waiting.time.sleep", used.pauses.append)
        yield used
        for call in api.calls:
            assert call.request.headers["Authorization"].startswith("Bearer ")
        for method, path, query, body in used.calls:
            check(method, path, query, body)


def check(method: str, path: str, query: dict[str, str], body: Any) -> None:
    """That the API's document has such a call."""
    described = {re.sub(r"\{\w+\}", "[^/]+", name): item for name, item in OPENAPI["paths"].items()}
    (item,) = (item for name, item in described.items() if re.fullmatch(name, path))
    operation = item[method.lower()]
    parameters = [resolve(parameter) for parameter in operation.get("parameters", ())]
    for name, text in query.items():
        (schema,) = (resolve(one["schema"]) for one in parameters if one["name"] == name)
        given = {"integer": int, "array": lambda text: text.split(",")}.get(schema.get("type"), str)
        validate(given(text), schema)
    if body is not None:
        validate(body, resolve(operation["requestBody"])["content"]["application/json"]["schema"])


def resolve(item: Json) -> Json:
    """An item of the document, or what it refers to."""
    while "$ref" in item:
        found: Any = OPENAPI
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        item = found
    return item


def validate(value: Any, schema: Json) -> None:
    """Hold a value against a schema of the document."""
    jsonschema.Draft202012Validator({**OPENAPI, **schema}).validate(value)
