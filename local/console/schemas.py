"""What the console's forms are made of: the API's schemas of what one creates, changes and starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from local.stack.home import ROOT

OPENAPI = ROOT / "infrastructure" / "openapi.yaml"
COMPONENTS = "#/components/schemas/"
DEFS = "#/$defs/"
# What a form does not show. The API judges by them, and says at which field something is wrong.
LEFT_OUT = {
    "pattern",
    "propertyNames",
    "allOf",
    "not",
    "discriminator",
    "dependentRequired",
    "additionalProperties",
}


def schemas() -> dict[str, Any]:
    """`connections` by kind (`new`, and the `settings` to be changed), `orders` by flow, and `app`."""
    known = yaml.load(OPENAPI.read_text(), yaml.CSafeLoader)["components"]["schemas"]
    forms: dict[str, Any] = {
        "connections": {
            kind: {"new": ref, "settings": _changed(known, ref)}
            for kind, ref in _mapped(known, "NewConnection")
        },
        "orders": dict(_mapped(known, "RunOrder")),
        "app": f"{COMPONENTS}NewApp",
    }
    forms = _pointing(forms)
    forms["$defs"] = {name: _shown(known[name]) for name in sorted(_reached(known, forms))}
    return forms


def _mapped(known: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    yield from known[name]["discriminator"]["mapping"].items()


def _changed(known: Mapping[str, Any], new: str) -> str:
    """The settings that a connection of the kind may be given later."""
    settings: str = known[new.removeprefix(COMPONENTS)]["properties"]["settings"]["$ref"]
    changed = f"Changed{settings.removeprefix(COMPONENTS)}"
    return COMPONENTS + changed if changed in known else settings


def _pointing(value: Any) -> Any:
    """Addresses of schemas become references within the file."""
    if isinstance(value, dict):
        return {key: _pointing(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_pointing(one) for one in value]
    return {"$ref": DEFS + value.removeprefix(COMPONENTS)}


def _shown(schema: Any) -> Any:
    """A schema as a form needs it: its words on one line, and nothing that only the API judges by."""
    if isinstance(schema, list):
        return [_shown(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: _shown(one) for name, one in value.items()}
        elif key == "additionalProperties" and isinstance(value, dict):
            kept[key] = _shown(value)
        elif key == "description":
            kept[key] = " ".join(value.split())
        elif key == "$ref":
            kept[key] = value.replace(COMPONENTS, DEFS)
        elif key in ("default", "examples", "enum", "const", "required"):
            kept[key] = value
        elif key not in LEFT_OUT:
            kept[key] = _shown(value)
    return kept


def _reached(known: Mapping[str, Any], start: Any) -> set[str]:
    """The names of all schemas that a form leads to."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            name = value.get("$ref", "").rpartition("schemas/")[2].removeprefix(DEFS).partition("/")[0]
            if name and name not in reached:
                reached.add(name)
                waiting.append(_shown(known[name]))
    return reached
