"""Settings and options as tables: name, type, default, meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .markdown import code, table

WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}


def settings_table(model: type[BaseModel]) -> str:
    """One row per setting; a group of settings is spelled out, and what each of a list has."""
    return table(("setting", "type", "default", "meaning"), _rows(model))


def _rows(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        path = f"{before}{field.alias or name}"
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _rows(inner, f"{path}.")
            continue
        schema = model.model_json_schema()["properties"][field.alias or name]
        default = "required" if field.is_required() else code(_json(_default(field)))
        yield code(path), _type(schema), default, field.description or ""
        for one in get_args(inner):
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from _rows(one, f"{path}[].")


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in a word or two."""
    if "anyOf" in schema:
        kinds = [_type(one) for one in schema["anyOf"] if one.get("type") != "null"]
        if any(kind.startswith("list") for kind in kinds):
            return " or ".join(kinds)
        return kinds[0] if len(set(kinds)) == 1 else "decimal"
    if "$ref" in schema:
        return "objects"
    if "enum" in schema:
        return " or ".join(code(value) for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    if schema["type"] == "object":
        return f"{_type(schema['additionalProperties'])} by name"
    return str(schema.get("format", WORDS.get(schema["type"], schema["type"])))


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True, validated_data={})


def _json(value: Any) -> str:
    return "(none)" if value is None else json.dumps(value, default=str, ensure_ascii=False)
