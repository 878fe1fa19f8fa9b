"""Commands of the AWS tool, read by the models of botocore, which that tool itself is made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

# Options of the tool itself, which no operation knows; of those that version 2 alone has, none is here.
OF_THE_TOOL = {"query", "output", "endpoint-url"}


@dataclass(frozen=True)
class AwsCommand:
    """One `aws <service> <operation> --option value…`."""

    service: str
    operation: str
    options: dict[str, list[str]]

    @classmethod
    def read(cls, words: Sequence[str]) -> AwsCommand:
        """From the words after `aws`."""
        service, operation, *rest = words
        if operation == "invoke":
            rest.pop()  # the file for the answer
        options: dict[str, list[str]] = {}
        values: list[str] = []
        for word in rest:
            if word.startswith("--"):
                values = options.setdefault(word.removeprefix("--"), [])
            else:
                values.append(word)
        return cls(service, operation, options)

    @property
    def model(self) -> OperationModel:
        """What botocore knows of the operation; KeyError if there is none."""
        service = _service(self.service)
        names = {xform_name(name, "-"): name for name in service.operation_names}
        return service.operation_model(names[self.operation])

    def problems(self) -> list[str]:
        """What the tool would not understand."""
        shape = self.model.input_shape
        known = {xform_name(name, "-") for name in (shape.members if shape else ())}
        required = {xform_name(name, "-") for name in (shape.required_members if shape else ())}
        given = set(self.options) - OF_THE_TOOL
        wrong = [f"--{name} is not known" for name in sorted(given - known)]
        return wrong + [f"--{name} is missing" for name in sorted(required - given)]

    def arguments(self) -> dict[str, Any]:
        """The options as boto3 takes them."""
        members = self.model.input_shape.members if self.model.input_shape else {}
        return {
            name: _value(shape, self.options[xform_name(name, "-")])
            for name, shape in members.items()
            if xform_name(name, "-") in self.options
        }


@cache
def _service(name: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(name)


def _value(shape: Shape, words: Sequence[str]) -> Any:
    """The words after an option, as its type wants them: also `Name=a,Value=b` for a structure."""
    if isinstance(shape, ListShape) and not words[0].startswith("["):
        return [_value(shape.member, [word]) for word in words]
    if shape.type_name == "boolean":
        return True
    (word,) = words
    if shape.type_name in ("integer", "long"):
        return int(word)
    if word.startswith(("{", "[")) and shape.type_name in ("structure", "map", "list"):
        return json.loads(word)
    if isinstance(shape, StructureShape):
        return dict(pair.split("=", 1) for pair in word.split(","))
    return word
