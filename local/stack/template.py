"""Reading the CloudFormation template, its short tags spelled out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_SHORT_ONLY = {"Ref", "Condition"}
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.CSafeLoader):
    """Safe YAML with CloudFormation's tags, and dates left as they are written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _spell_out(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    """`!Sub x` is `{"Fn::Sub": x}`; `!GetAtt a.b` names its two parts."""
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in _SHORT_ONLY else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _spell_out)


def read_template(path: Path) -> dict[str, Any]:
    """The template as plain data."""
    loaded = yaml.load(path.read_text(), _Loader)
    if not isinstance(loaded, dict) or not isinstance(loaded.get("Resources"), dict):
        raise ValueError(f"{path} is not a CloudFormation template: it has no Resources.")
    return loaded


def declared_parameters(template: Mapping[str, Any]) -> set[str]:
    """The names of the parameters that the template takes."""
    return set(template.get("Parameters", {}))
