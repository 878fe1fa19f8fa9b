"""The OpenAPI document, and whether an answer is one that it describes."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from jsonschema_rs import Draft202012Validator, Registry

DOCUMENT = Path(__file__).parents[2] / "infrastructure" / "openapi.yaml"
NAME = "urn:openapi"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document as it stands."""
    loaded: dict[str, Any] = yaml.load(DOCUMENT.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


@lru_cache(maxsize=1)
def _registry() -> Registry:
    return Registry([(NAME, document())])


@cache
def validator(pointer: str) -> Draft202012Validator:
    """Checks values against the schema at a JSON pointer of the document."""
    schema = {"$ref": f"{NAME}#{quote(pointer)}"}
    return Draft202012Validator(schema, registry=_registry(), validate_formats=True)


def mistakes(pointer: str, value: Any) -> list[str]:
    """What is wrong with a value, by the schema at a pointer."""
    checked = validator(pointer)
    if checked.is_valid(value):
        return []
    return [f"{error.instance_path}: {error.message[:300]}" for error in checked.iter_errors(value)]


@cache
def at(pointer: str) -> tuple[str, Any]:
    """A pointer with references followed, and what stands there."""
    node: Any = document()
    for part in pointer.split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    if isinstance(node, dict) and "$ref" in node:
        return at(node["$ref"].removeprefix("#"))
    return pointer, node


def escaped(part: str) -> str:
    """A key as a part of a JSON pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def pattern_of(path: str) -> str | None:
    """The path of the document that a called path is one of; a fixed one before one with parameters."""
    return next((pattern for pattern, paths in _patterns() if paths.fullmatch(path)), None)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    patterns = sorted(document()["paths"], key=lambda one: one.count("{"))
    return [(one, re.compile(re.sub(r"\{\w+\}", "[^/]+", one))) for one in patterns]


def check(method: str, path: str, status: int, headers: dict[str, str], text: str) -> None:
    """AssertionError unless the document describes this answer to this call."""
    pattern = pattern_of(path)
    if pattern is None:
        assert status == 404, f"{path} is not in the document, and answered {status}"
        pointer = "/components/responses/NotFound"
    elif method.lower() not in document()["paths"][pattern]:
        assert status == 405, f"{method} {pattern} is not in the document, and answered {status}"
        pointer = "/components/responses/MethodNotAllowed"
    else:
        operation = f"/paths/{escaped(pattern)}/{method.lower()}"
        described = at(f"{operation}/responses")[1]
        assert str(status) in described, f"the document does not have {method} {pattern} answering {status}"
        pointer = at(f"{operation}/responses/{status}")[0]
    _check_response(pointer, headers, text)


def _check_response(pointer: str, headers: dict[str, str], text: str) -> None:
    response = at(pointer)[1]
    for name in response.get("headers", {}):
        where, header = at(f"{pointer}/headers/{name}")
        if name not in headers and header.get("required") is False:
            continue
        assert name in headers, f"{name} is missing"
        assert not mistakes(f"{where}/schema", headers[name]), f"{name}: {headers[name]}"
        assert header
    if "content" not in response:
        assert text == "", "there is a body where the document has none"
        return
    media = headers["Content-Type"].partition(";")[0]
    assert media in response["content"], f"{media} is not described"
    value = json.loads(text) if media.endswith("json") else text
    found = mistakes(f"{pointer}/content/{escaped(media)}/schema", value)
    assert not found, found
