"""docs/employee-export.md: mapping, settings and options of the employee export (EX-3, EX-5, EX-6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from payrelay.flows.employee_mapping import FIELDS
from payrelay.flows.settings.simployer_xledger import EmployeeExportOptions, Settings

from .markdown import code, page, table

INTRO = """\
The flow `employee_export` reads the employees of Simployer One and of Xledger, compares the fields
below, and writes those that differ. An employee without a difference is not written; a field that is not
below is never touched. Simployer One wins, also over what was changed in Xledger."""

MAPPING = """\
A value is compared with what Xledger shows of it. Some fields can't be read there, or are masked: these
are compared by a keyed hash of what was sent last. The last column says what the brake sees in a change."""

SETTINGS = """\
Settings of a connection of the kind `simployer_xledger` (`settings` in `POST /connections`); the
defaults are those of the vendor's published selection."""

WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}


def render() -> str:
    """The document."""
    options = _rows(EmployeeExportOptions, "")
    return page(
        "Employee export: Simployer One to Xledger",
        "layers/payrelay/payrelay/flows/employee_mapping.py or flows/settings/simployer_xledger.py",
        INTRO,
        "## Mapping",
        MAPPING,
        table(("Simployer One", "Xledger", "conversion", "compared by", "the brake"), _mapping()),
        "## Settings",
        SETTINGS,
        table(("setting", "type", "default", "meaning"), _rows(Settings, "")),
        "## Options of a run",
        "`options` in `POST /connections/{connection_id}/runs`.",
        table(("option", "type", "default", "meaning"), options),
        "## Reasons",
        "Why an employee is skipped, blocked or failed: [reasons.md](reasons.md).",
    )


def _mapping() -> Iterator[tuple[str, ...]]:
    for field in FIELDS:
        risks = {risk.value for risk in (field.risk, field.clears) if risk}
        yield (
            code(field.source),
            code(field.name),
            field.conversion,
            "its value" if field.held else "hash of what was sent",
            ", ".join(sorted(risks)),
        )


def _rows(model: type[BaseModel], before: str) -> Iterator[tuple[str, ...]]:
    """One row per setting; a group of settings is spelled out."""
    for name, field in model.model_fields.items():
        path = f"{before}{field.alias or name}"
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _rows(inner, f"{path}.")
            continue
        schema = model.model_json_schema()["properties"][field.alias or name]
        default = field.get_default(call_default_factory=True, validated_data={})
        yield code(path), _type(schema), code(_json(default)), field.description or ""


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in a word or two."""
    if "anyOf" in schema:
        kinds = [_type(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return kinds[0] if len(set(kinds)) == 1 else "decimal"
    if "enum" in schema:
        return " or ".join(code(value) for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    if schema["type"] == "object":
        return f"{_type(schema['additionalProperties'])} by name"
    return str(schema.get("format", WORDS.get(schema["type"], schema["type"])))


def _json(value: Any) -> str:
    return "(none)" if value is None else json.dumps(value, default=str, ensure_ascii=False)
