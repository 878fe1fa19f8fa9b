"""The console's files: how large they are, what they may use, and where the texts that people read stand."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.javascript import (
    CONSOLE,
    HOLE,
    VENDOR,
    Source,
    imported,
    name,
    own_files,
    read,
    routed,
)

LARGEST, LARGEST_IN_ALL = 80_000, 170_000
NEVER_SENT = ("LICENSE", "vendored.json")
CATALOGUE = CONSOLE / "strings" / "en.js"
MODULES = own_files(".js")
VIEWS = [path for path in MODULES if path.parent.name == "views"]
DENO = Path(sys.executable).with_name("deno")
LIBRARY = "vendor/preact/standalone.module.js"

# What each module of the frame may import; views may import all of them but main.js, and never each other.
ARROWS = {
    "format.js": set(),
    "strings/en.js": {"format.js"},
    "api.js": set(),
    "kit.js": {LIBRARY, "format.js", "strings/en.js"},
    "main.js": {"api.js", "kit.js"},
}
# What makes text into markup or code, what talks to a server past api.js, and what outlives the page.
NOWHERE = (
    r"\.innerHTML|\.outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\.srcdoc|createContextualFragment",
    r"\beval\(|new Function|setTimeout\(\s*[\"'`]|javascript:",
    r"XMLHttpRequest|sendBeacon|WebSocket|EventSource|new Worker",
    r"localStorage|indexedDB|document\.cookie",
)
ONLY_IN = {
    r"\bfetch\(": {"api.js"},
    r"sessionStorage": {"api.js"},
    r"setInterval\(": {"kit.js"},
}
# Words that any view may need, most of them the API's own.
VOCABULARY = {"state", "form", "mode", "kind", "flow", "status"}
# The product's name, and signs that are no words.
NO_WORDS = re.compile(r"Payrelay|&\w+;|[^\w]|\d|_")
SAID = re.compile(
    r"\b(?:aria-label|aria-description|title|alt|placeholder|caption|label|help)=\"?([^\s\">]*)"
)
MARKUP = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)


@cache
def sizes() -> dict[str, int]:
    """What each file takes on its way: gzip as strong as it gets, every file by itself."""
    files = [path for path in CONSOLE.rglob("*") if path.is_file() and not path.name.startswith(NEVER_SENT)]
    return {name(path): len(gzip.compress(path.read_bytes(), 9)) for path in files}


def loaded_by(view: str) -> set[str]:
    """Every file that is loaded where a view is opened first, with all that its parts may ask for later."""
    page = (CONSOLE / "index.html").read_text()
    found = {"index.html", *re.findall(r'(?:href|src)="([^"]+)"', page)}
    waiting = [*found, *(name(path) for path in VIEWS if view_of(path) == view)]
    while waiting:
        one = CONSOLE / waiting.pop()
        found.add(name(one))
        if one.suffix == ".js" and VENDOR not in one.parents:
            named = {string.removeprefix("./").removeprefix("../") for string in read(one).strings}
            waiting += ({*imported(one), *(named & set(sizes()))}) - found
    return found


@pytest.mark.parametrize("view", sorted(routed()))
def test_a_view_is_small_with_all_that_it_loads(view: str) -> None:
    taken = {file: sizes()[file] for file in loaded_by(view)}
    largest = sorted(taken.items(), key=lambda item: -item[1])[:8]
    assert sum(taken.values()) <= LARGEST, f"{sum(taken.values())} bytes; the largest: {largest}"


def test_all_views_together_are_not_large() -> None:
    assert sum(sizes().values()) <= LARGEST_IN_ALL


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    page = (CONSOLE / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|//", page)
    for linked in re.findall(r'(?:href|src)="([^"]+)"', page):
        assert (CONSOLE / linked).is_file(), linked


@pytest.mark.parametrize("path", own_files(), ids=name)
def test_a_file_names_no_other_host(path: Path) -> None:
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    if path.suffix != ".json":  # the runbook and the schemas name addresses to people
        assert not re.search(r"(?:https?:)?//[\w-]+\.\w", text)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_makes_no_markup_from_text_and_talks_through_one_door(path: Path) -> None:
    code = path.read_text()
    for pattern in NOWHERE:
        assert not (found := re.search(pattern, code)), found
    for pattern, where in ONLY_IN.items():
        assert name(path) in where or not re.search(pattern, code), pattern


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_inwards(path: Path) -> None:
    """A view may import its own parts (`views/run-replay.js` is one of `views/run.js`), but no other view."""
    allowed = ARROWS.get(name(path))
    if allowed is None:
        allowed = {name(one) for one in MODULES if one not in VIEWS or view_of(one) == view_of(path)}
        allowed -= {"main.js", *(f"views/{view}.js" for view in routed())}
    assert imported(path) <= allowed


def view_of(path: Path) -> str | None:
    """The view that a module of the views is, or is a part of: the longest name that its own begins with."""
    own = [view for view in routed() if path.stem == view or path.stem.startswith(f"{view}-")]
    return max(own, key=len, default=None) if path in VIEWS else None


@pytest.mark.parametrize("path", VIEWS, ids=name)
def test_every_view_has_an_address(path: Path) -> None:
    assert view_of(path)


# --- Texts -------------------------------------------------------------------------------------------


@cache
def texts() -> dict[str, Any]:
    """The catalogue's texts by key, such as `home.title`."""
    found = re.search(r"^const TEXTS = (\{.*?^\});", CATALOGUE.read_text(), re.DOTALL | re.MULTILINE)
    assert found
    script = f"console.log(JSON.stringify({found[1]}))"
    told = subprocess.run([DENO, "eval", "--no-config", script], capture_output=True, text=True, check=True)
    return {
        f"{section}.{key}": text
        for section, own in json.loads(told.stdout).items()
        for key, text in own.items()
    }


def sources() -> list[Source]:
    return [read(path) for path in MODULES if path != CATALOGUE]


def asked_for() -> Iterator[tuple[Path, str]]:
    """Every key that `t` is called with, with a hole where a value makes part of it."""
    for source in sources():
        code = source.path.read_text()
        for key in re.findall(r"\bt(?:\.maybe)?\(\s*\"([^\"]+)\"", code):
            yield source.path, key
        for key in re.findall(r"\bt(?:\.maybe)?\(\s*`([^`]+)`", code):
            yield source.path, re.sub(r"\$\{[^}]*\}+", HOLE, key)


def test_a_text_that_is_asked_for_is_in_the_catalogue() -> None:
    forms = {key: re.compile(re.escape(key).replace(re.escape(HOLE), ".+")) for _, key in asked_for()}
    found = {key for key, form in forms.items() if key in texts() or any(map(form.fullmatch, texts()))}
    assert not [f"{name(path)}: {key}" for path, key in asked_for() if key not in found]


def test_every_text_of_the_catalogue_is_asked_for() -> None:
    exact = {string for source in sources() for string in source.strings}
    forms = [template.text for source in sources() for template in source.templates if HOLE in template.text]
    patterns = [
        re.compile(re.escape(form).replace(re.escape(HOLE), ".+"))
        for form in forms
        if re.match(r"[\w-]+\.", form)
    ]
    own = [key for key in texts() if key.split(".")[0] not in VOCABULARY]
    assert not [key for key in own if key not in exact and not any(one.fullmatch(key) for one in patterns)]


@pytest.mark.parametrize("path", [path for path in MODULES if path != CATALOGUE], ids=name)
def test_no_text_for_people_stands_in_a_template(path: Path) -> None:
    for template in read(path).templates:
        if template.tag == "html":
            said = [*MARKUP.sub(HOLE, template.text).split(HOLE), *SAID.findall(template.text)]
            assert not (found := [text.strip() for text in said if NO_WORDS.sub("", text)]), (
                template.line,
                found,
            )


def test_a_text_has_the_forms_of_its_number() -> None:
    for key, text in texts().items():
        forms = text if isinstance(text, dict) else {"other": text}
        assert "other" in forms, key
        assert set(forms) <= {"zero", "one", "two", "few", "many", "other"}, key
        assert all(isinstance(form, str) and form.strip() == form != "" for form in forms.values()), key


# --- Looks -------------------------------------------------------------------------------------------

# Classes that no text of ours has: a log line's level, and what uPlot draws.
NAMED_ELSEWHERE = {"warning", "u-legend"}


def styled() -> set[str]:
    """The classes that the style sheet has rules for."""
    rules = re.sub(r"/\*.*?\*/", "", (CONSOLE / "console.css").read_text(), flags=re.DOTALL)
    return {
        one
        for selector in re.findall(r"([^{};]+)\{", rules)
        for one in re.findall(r"\.([a-z][\w-]*)", selector)
    }


def test_every_class_has_a_look_and_every_look_a_class() -> None:
    texts = [
        text for one in sources() for text in (*one.strings, *(template.text for template in one.templates))
    ]
    words = {word for text in texts for word in re.findall(r"[\w-]+", text)}
    given = [*re.findall(r'class="([^"]*)"', "\n".join(texts))]
    given += [text for path in MODULES for text in re.findall(r'\bclass: "([^"]*)"', path.read_text())]
    named = {word for text in given for word in text.split() if HOLE not in word}
    assert styled() - words == NAMED_ELSEWHERE
    assert named <= styled()


# --- Names -------------------------------------------------------------------------------------------

# Of all that the type checker finds in plain JavaScript: names, modules and their members that do not exist.
UNKNOWN = re.compile(r"TS(?:2304|2305|2307|2451|2552|2614|2724) .*?: (.*)\n(?:.*\n)*?\s+at (\S+)")


def test_every_name_that_is_used_exists() -> None:
    command = [DENO, "check", "--no-remote", "--no-npm", "--no-lock", *MODULES]
    usual = {"NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1", "PATH": "", "HOME": str(Path.home())}
    told = subprocess.run(command, cwd=CONSOLE.parent, env=usual, capture_output=True, text=True, check=False)
    found = [
        f"{where}: {what}" for what, where in UNKNOWN.findall(told.stderr) if VENDOR.as_uri() not in where
    ]
    assert not found, "\n".join(found)
