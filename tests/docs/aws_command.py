"""Commands of the AWS tool, read by the models of botocore, which that tool itself is made from."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel

# Options of the tool itself, which no operation knows.
OF_THE_TOOL = {"query", "output", "cli-binary-format"}


@dataclass(frozen=True)
class AwsCommand:
    """One `aws <service> <operation> --option value…`."""

    service: str
    operation: str
    options: dict[str, list[str]] = field(default_factory=dict)

    @property
    def model(self) -> OperationModel:
        """What botocore knows of the operation; KeyError if there is none."""
        service = _service(self.service)
        names = {xform_name(name, "-"): name for name in service.operation_names}
        return service.operation_model(names[self.operation])

    def problems(self) -> list[str]:
        """What the tool would not understand."""
        shape = self.model.input_shape
        members = shape.members if shape else {}
        known = {xform_name(name, "-"): name for name in members}
        given = {name for name in self.options if name not in OF_THE_TOOL}
        wrong = [f"--{name} is not known" for name in given if name.removeprefix("no-") not in known]
        required = {xform_name(name, "-") for name in (shape.required_members if shape else ())}
        return wrong + [f"--{name} is missing" for name in required - given]

    def arguments(self) -> dict[str, Any]:
        """The options as boto3 takes them; only texts and JSON."""
        names = {xform_name(name, "-"): name for name in self.model.input_shape.members}
        return {
            names[name]: json.loads(values[0]) if values[0].startswith("{") else values[0]
            for name, values in self.options.items()
            if name in names
        }


@cache
def _service(name: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(name)


def aws_commands(line: str) -> list[AwsCommand]:
    """The commands of the AWS tool in a line of shell, also those in `$(…)` and in a function's body."""
    inner = re.findall(r"\$\((aws [^()]*)\)", line)
    body = re.match(r"(?:\w+\(\) \{ )?(aws .*?)(?:; \})?$", line, re.DOTALL)
    return [_read(text) for text in [*inner, *([body[1]] if body else [])]]


def _read(text: str) -> AwsCommand:
    _, service, operation, *rest = shlex.split(text)
    if operation == "invoke":
        rest.pop()  # the file for the answer
    options: dict[str, list[str]] = {}
    values: list[str] = []
    for word in rest:
        if word.startswith("--"):
            values = options.setdefault(word.removeprefix("--"), [])
        else:
            values.append(word)
    return AwsCommand(service, operation, options)
