"""What serves the console: its files and nothing else, guarded, packed, and kept by browsers."""

from __future__ import annotations

import base64
import gzip
import json
import re
import time
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.runtime.problems import Problem
from tests.conftest import ROOT
from tests.worlds.api import load

serve, files = load("console", "serve"), load("console", "files")
SIGN_IN = "https://payrelay-abc.auth.eu-north-1.amazoncognito.com"
PAGE = (
    '<meta name="payrelay" content="{}"><link href="console.css"><script src="main.js"></script><a href="#/">'
)
LASTING = "public, max-age=31536000, immutable"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small console, beside something that is none of it."""
    contents = {
        "console/index.html": PAGE,
        "console/console.css": "a {}",
        "console/main.js": "import './views/home.js';",
        "console/views/home.js": "export default 1;",
        "console/picture.png": "\x89",
        "console/.hidden": "no",
        "secret.txt": "no",
    }
    for name, text in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "console"


@pytest.fixture(autouse=True)
def deployed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function on AWS with that console."""
    monkeypatch.setenv("SIGN_IN_URL", SIGN_IN)
    monkeypatch.setenv("CONSOLE_CLIENT", 'client"<1>')
    monkeypatch.setenv("LOCAL_ENDPOINT", "")
    monkeypatch.setattr(serve, "FOLDER", folder)
    serve.console.cache_clear()
    serve._guards.cache_clear()


class Answer:
    """An answer, its body as the browser gets it."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.status: int = answer["statusCode"]
        self.headers: dict[str, str] = answer["headers"]
        self.sent = base64.b64decode(answer["body"])
        packed = self.headers.get("Content-Encoding") == "gzip" and self.sent
        self.text = (gzip.decompress(self.sent) if packed else self.sent).decode("utf-8", "replace")


def ask(path: str, method: str = "GET", query: str = "", **headers: str) -> Answer:
    """A call as API Gateway hands it over: `/console` and all below it."""
    rest = path.removeprefix("/console").removeprefix("/")
    event = {
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {"http": {"method": method}},
        **({"pathParameters": {"proxy": rest}} if rest else {}),
    }
    return Answer(serve.handler(event, SimpleNamespace(aws_request_id="lambda-id")))


def version() -> str:
    found = re.search(r'src="([0-9a-f]{16})/main\.js"', ask("/console/").text)
    assert found
    return found[1]


def test_the_page_is_asked_for_each_time_and_its_links_go_to_the_version_of_now() -> None:
    page = ask("/console/")
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-cache")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<link href="{version()}/console.css"><script src="{version()}/main.js">' in page.text
    assert '<a href="#/">' in page.text


def test_the_page_tells_where_people_sign_in_whatever_is_in_it() -> None:
    found = re.search(r'<meta name="payrelay" content="([^"]*)">', ask("/console/").text)
    assert found
    assert json.loads(unescape(found[1])) == {
        "client_id": 'client"<1>',
        "sign_in": f"{SIGN_IN}/oauth2/authorize",
        "token": f"{SIGN_IN}/oauth2/token",
        "sign_out": f"{SIGN_IN}/logout",
    }


def test_what_a_vendors_consent_comes_back_to_is_the_page() -> None:
    assert ask("/console/consent", query="code=1").text == ask("/console/").text


@pytest.mark.parametrize(("query", "to"), [("", "console/"), ("a=1&b=2", "console/?a=1&b=2")])
def test_without_its_slash_it_leads_to_where_links_are_right(query: str, to: str) -> None:
    answer = ask("/console", query=query)
    assert (answer.status, answer.headers["Location"]) == (308, to)


def test_a_file_of_the_version_of_now_lasts_and_of_another_one_does_not() -> None:
    """A page that was opened before a deployment gets what is there; nobody keeps it under the old name."""
    assert ask(f"/console/{version()}/views/home.js").headers["Cache-Control"] == LASTING
    for path in (f"/console/{'0' * 16}/views/home.js", "/console/views/home.js"):
        answer = ask(path)
        assert (answer.text, answer.headers["Cache-Control"]) == ("export default 1;", "no-cache")


def test_any_changed_file_is_another_version(folder: Path) -> None:
    before = version()
    (folder / "views/home.js").write_text("export default 2;")
    serve.console.cache_clear()
    assert version() != before


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..",
        "../../../etc/passwd",
        "/etc/passwd",
        "views/../../secret.txt",
        "views/../main.js",
        "%2e%2e/secret.txt",
        "..\\secret.txt",
        ".hidden",
        "views",
        "views/",
        "/main.js",
        "nothing.js",
        "serve.py",
        "0123456789abcdef/../secret.txt",
        "0123456789abcdef/",
        "0123456789abcdef/consent",
        "main.js\0",
    ],
)
def test_nothing_but_its_files_is_there(path: str) -> None:
    answer = ask(f"/console/{path}")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = json.loads(answer.text)
    assert told == Problem("NOT_FOUND", told["detail"]).as_dict()
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0, br", False),
        ("br", False),
        ("", False),
    ],
)
def test_it_is_packed_for_whoever_takes_that(accepted: str, packed: bool) -> None:
    answer = ask("/console/main.js", accept_encoding=accepted)
    assert ("Content-Encoding" in answer.headers) == packed
    assert answer.text == "import './views/home.js';"
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_what_is_packed_already_is_not_packed_again() -> None:
    answer = ask("/console/picture.png", accept_encoding="gzip")
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("path", ["/console/", "/console/main.js"])
def test_what_a_browser_has_is_not_sent_again(path: str) -> None:
    tag = ask(path).headers["ETag"]
    for asked in (tag, f'"other", {tag}'):
        answer = ask(path, if_none_match=asked)
        assert (answer.status, answer.sent, answer.headers["ETag"]) == (304, b"", tag)
    assert ask(path, if_none_match='W/"0"').status == 200


@pytest.mark.parametrize("name", ["if_none_match", "accept_encoding"])
def test_a_strangers_header_takes_no_time(name: str) -> None:
    """API Gateway lets 10 kB of headers through; blanks that are looked at over and over took a second."""
    sent = f"gzip{' ' * 9000}x"
    began = time.process_time()
    assert ask("/console/main.js", **{name: sent}).status == 200
    assert time.process_time() - began < 0.1


def test_head_answers_as_get_without_its_body() -> None:
    for path in ("/console/", "/console/main.js", "/console/nothing"):
        got, told = ask(path, accept_encoding="gzip"), ask(path, "HEAD", accept_encoding="gzip")
        assert (told.status, told.headers, told.sent) == (got.status, got.headers, b"")


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/main.js", "/console/nothing"])
def test_every_answer_is_guarded(path: str) -> None:
    headers = ask(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": f"'self' {SIGN_IN}",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "payrelay-plot",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "max-age" in headers["Strict-Transport-Security"]


def test_on_this_machine_no_browser_remembers_to_encrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_ENDPOINT", "http://127.0.0.1:4566")
    assert "Strict-Transport-Security" not in ask("/console/").headers


def test_a_call_is_one_line_of_the_log_without_a_path_that_nobody_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Somebody may have put a key there, or an e-mail."""
    ask("/console/main.js")
    ask("/console/ada@acme.example")
    known, unknown = map(json.loads, capsys.readouterr().out.splitlines())
    assert (known["file"], known["status"], known["request_id"]) == ("main.js", 200, "lambda-id")
    assert (unknown["file"], unknown["status"]) == (None, 404)


def test_a_file_that_no_browser_would_be_told_the_type_of_is_found_at_once(folder: Path) -> None:
    (folder / "strange.xyz").write_text("")
    with pytest.raises(ValueError, match=r"strange\.xyz"):
        files.Files(folder, {})


def test_the_console_itself_can_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "FOLDER", ROOT / "console")
    page = ask("/console/")
    linked = re.findall(r'(?:href|src)="([^"#]+)"', page.text)
    assert linked
    for path in linked:
        answer = ask(f"/console/{path}")
        assert (path, answer.status, answer.headers["Cache-Control"]) == (path, 200, LASTING)
