"""Policies of the template read as IAM reads them, with names of a stack, an account and a region."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.template.stack_template import Document, listed, policies_of, resources, statements

# What a template may name without having it.
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-north-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "payrelay",
    "AWS::URLSuffix": "amazonaws.com",
}
SECRETS = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:payrelay"
# The keys of a request by which conditions decide; where there are several values, all of them.
Context = Mapping[str, str | list[str]]


def text(value: Any) -> str:
    """A value of the template as AWS gets it; a resource of the stack stands as `arn:<its name>`."""
    match value:
        case {"Ref": name}:
            return PSEUDO.get(name, f"arn:{name}")
        case {"Fn::GetAtt": [name, "Arn"]}:
            return f"arn:{name}"
        case {"Fn::Sub": pattern}:
            return re.sub(r"\$\{(!?)([^}]+)\}", _put_in, pattern)
    return str(value)


def _put_in(found: re.Match[str]) -> str:
    literal, name = found.groups()
    return f"${{{name}}}" if literal else text({"Ref": name.removesuffix(".Arn")})


def statements_of(role: str) -> Iterator[Document]:
    """Every statement of a role's policies: attached to it, attached from outside, its own."""
    properties = resources("AWS::IAM::Role")[role]
    for name in policies_of(role):
        yield from statements(resources("AWS::IAM::ManagedPolicy")[name]["PolicyDocument"])
    for policy in properties.get("Policies", ()):
        yield from statements(policy["PolicyDocument"])


def allows(role: str, action: str, resource: str, context: Context | None = None) -> bool:
    """Whether a role's policies allow an action on a resource."""
    known = context or {}
    return any(
        action in listed(statement["Action"])
        and any(covers(text(one), resource, known) for one in listed(statement["Resource"]))
        and holds(statement.get("Condition", {}), known)
        for statement in statements_of(role)
    )


def trusts(role: str, principal: str, action: str, context: Context) -> bool:
    """Whether a role lets a principal take it."""
    trust = resources("AWS::IAM::Role")[role]["AssumeRolePolicyDocument"]
    return any(
        action in listed(statement["Action"])
        and principal in [text(one) for kind in statement["Principal"].values() for one in listed(kind)]
        and holds(statement.get("Condition", {}), context)
        for statement in statements(trust)
    )


def covers(pattern: str, value: str, context: Context) -> bool:
    """Whether a pattern of a policy, with its variables filled, is met; an unknown variable meets nothing."""
    made = ""
    for part in re.split(r"(\$\{[^}]+\}|\*|\?)", pattern):
        if part.startswith("${"):
            known = context.get(part[2:-1])
            if not isinstance(known, str):
                return False
            made += re.escape(known)
        else:
            made += {"*": ".*", "?": "."}.get(part, re.escape(part))
    return re.fullmatch(made, value, re.DOTALL) is not None


def holds(condition: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all of a statement's conditions are met."""
    return all(
        _meets(operator, context.get(key), [text(one) for one in listed(wanted)], context)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _meets(operator: str, found: str | list[str] | None, wanted: list[str], context: Context) -> bool:
    match operator:
        case "Null":
            return wanted == ["true" if found is None else "false"]
        case "StringEquals":
            return isinstance(found, str) and any(covers(one, found, context) for one in wanted)
        case "ForAllValues:StringEquals":
            return all(one in wanted for one in listed(found or []))
    raise ValueError(f"a condition that nobody has taught this test: {operator}")


def length(document: Document) -> int:
    """How long a policy is to AWS, which does not count blanks, with names as long as they may be."""
    longest = {"AWS::StackName": "s" * 40, "AWS::Region": "ap-southeast-1", "AWS::Partition": "aws-us-gov"}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            if {"Ref", "Fn::GetAtt", "Fn::Sub"} & set(value):
                made = value.get("Fn::Sub", "")
                for name in re.findall(r"\$\{([^!}]+)\}", made):
                    made = made.replace(f"${{{name}}}", longest.get(name, PSEUDO.get(name, "x" * 128)))
                return made or "x" * 128
            return {key: filled(one) for key, one in value.items()}
        return [filled(one) for one in value] if isinstance(value, list) else value

    return len(json.dumps(filled(document), separators=(",", ":")))
