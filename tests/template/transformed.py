"""The template as CloudFormation gets it: transformed by SAM, offline."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

from tests.template.stack_template import Document, template

# What `sam package` makes an address of, by the content of the folder or file.
ARTIFACTS = ("CodeUri", "ContentUri", "DefinitionUri")
Change = Callable[[Document], None]


class _NoManagedPolicies:
    """The template names no policy of AWS by its short name."""

    def load(self) -> Mapping[str, str]:
        return {}


def packaged() -> Document:
    """The template as `sam package` leaves it; each artifact is the first of its folder or file."""
    found = copy.deepcopy(template())
    for resource in found["Resources"].values():
        properties = resource.get("Properties", {})
        for name in ARTIFACTS:
            if name in properties:
                properties[name] = address(properties[name], 1)
    return found


def address(path: str, content: int) -> str:
    """Where `sam package` puts this content of a folder or file."""
    return f"s3://artifacts/{path.replace('/', '-')}-{content}"


def transformed(
    parameters: Mapping[str, str] | None = None, change: Change | None = None
) -> dict[str, Document]:
    """The resources that CloudFormation makes, after a change to the packaged template."""
    return whole(parameters, change)["Resources"]


def whole(parameters: Mapping[str, str] | None = None, change: Change | None = None) -> Document:
    """The whole transformed template."""
    from samtranslator.translator.transform import transform

    document = packaged()
    if change:
        change(document)
    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": "eu-north-1"}):
        found: Document = transform(document, dict(parameters or {}), _NoManagedPolicies())
    return found


def of_kind(resources: Mapping[str, Document], kind: str) -> dict[str, Document]:
    """The resources of a kind, whole, by name."""
    return {name: one for name, one in resources.items() if one["Type"] == kind}


def names_in(value: Any) -> set[str]:
    """Every resource, parameter and condition that a value refers to."""
    if isinstance(value, list):
        return {name for inner in value for name in names_in(inner)}
    if not isinstance(value, dict):
        return set()
    found = {name for inner in value.values() for name in names_in(inner)}
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    if "Fn::GetAtt" in value:
        found.add(value["Fn::GetAtt"][0])
    if isinstance(value.get("Condition"), str):
        found.add(value["Condition"])
    if "Fn::If" in value:
        found.add(value["Fn::If"][0])
    if "Fn::Sub" in value:
        found |= _names_in_text(value["Fn::Sub"])
    return found


def _names_in_text(text: Any) -> set[str]:
    written = text[0] if isinstance(text, list) else text
    return {name.split(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", written)}
