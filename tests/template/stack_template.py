"""The template and its state machines as plain data, and the questions that several tests ask of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, template

Document = dict[str, Any]

MACHINES = sorted((ROOT / "infrastructure" / "statemachines").glob("*.asl.json"))
POLICY_TYPES = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Role")


def resources(kind: str) -> dict[str, Document]:
    """The properties of all resources of a kind, by name."""
    found = template()["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in found if resource["Type"] == kind}


FUNCTIONS = resources("AWS::Serverless::Function")
GLOBALS: Document = template()["Globals"]["Function"]


def seconds(function: str) -> int:
    """A function's time-out."""
    return int(FUNCTIONS[function].get("Timeout", GLOBALS["Timeout"]))


def environment(function: str) -> set[str]:
    """The names of the variables that a function is given."""
    own = FUNCTIONS[function].get("Environment", {}).get("Variables", {})
    return {*GLOBALS["Environment"]["Variables"], *own}


def state_machine(path: Path) -> Document:
    """A definition, with its substitutions unfilled."""
    definition: Document = json.loads(path.read_text())
    return definition


def states(definition: Mapping[str, Any]) -> Iterator[tuple[str, Document]]:
    """Every state with its name, also those inside Maps."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def statements(document: Mapping[str, Any]) -> list[Document]:
    """The statements of a policy document."""
    found: list[Document] = document["Statement"]
    return found


def listed(value: Any) -> list[Any]:
    """One or many, as a list."""
    return value if isinstance(value, list) else [value]


def grants() -> Iterator[tuple[str, Document]]:
    """Every statement that grants something to one of our roles, with the resource that it stands in."""
    for kind in POLICY_TYPES:
        for name, properties in resources(kind).items():
            documents = [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
            documents += [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
            for document in documents:
                yield from ((name, statement) for statement in statements(document))
    for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        for name, properties in resources(kind).items():
            for policy in listed(properties.get("Policies", [])):
                if "Ref" in policy:
                    continue  # a managed policy, which is here already
                yield from ((name, statement) for statement in statements(policy))


def policies_of(role: str) -> set[str]:
    """The managed policies of this template that a role has, whichever of the two names the other."""
    own = resources("AWS::IAM::Role")[role].get("ManagedPolicyArns", ())
    attached = resources("AWS::IAM::ManagedPolicy").items()
    return {policy["Ref"] for policy in own} | {
        name for name, properties in attached if {"Ref": role} in properties.get("Roles", ())
    }


def called_by(machine: str) -> dict[str, str]:
    """The functions that a state machine calls, by the name that its definition has for them.

    Each is named by its version, so that a run in progress goes on with what it began with.
    """
    substitutions = resources("AWS::Serverless::StateMachine")[machine]["DefinitionSubstitutions"]
    named = {name: value["Ref"].partition(".") for name, value in substitutions.items()}
    assert {qualifier for _, _, qualifier in named.values()} == {"Version"}, machine
    return {name: function for name, (function, _, _) in named.items()}


def role_of(function: str) -> str:
    """The role of a function."""
    name: str = FUNCTIONS[function]["Role"]["Fn::GetAtt"][0]
    return name
