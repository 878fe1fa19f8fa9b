"""What all tests share: AWS in memory, with the table of the template itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto import mock_aws

from tests.worlds.aws import REGION, client

ROOT = Path(__file__).parents[1]


class CloudFormationLoader(yaml.SafeLoader):
    """Reads a template; `!Ref x` becomes `{"Ref": "x"}` and so on."""


def _intrinsic(loader: CloudFormationLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".") if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]


CloudFormationLoader.add_multi_constructor("!", _intrinsic)


def read_template() -> dict[str, Any]:
    """The template as it stands."""
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), CloudFormationLoader)
    return loaded


def create_table(client: Any, name: str = "state") -> None:
    """The table as the template describes it."""
    properties = read_template()["Resources"]["State"]["Properties"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client.create_table(TableName=name, **{key: properties[key] for key in wanted})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a running stack go to one worker, and first, since they take longest.

    So do those in the browser. Those of the architecture go to one worker, too: it reads all sources once. A
    test of a stack that is its own goes to any.
    """
    for item in items:
        if ROOT / "tests" / "browser" in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("console"))
        elif "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))
        elif ROOT / "tests" / "architecture" in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("architecture"))
    marked = ("stack", "xdist_group")
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in marked])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was not tested on this machine, and what it takes."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    for reason, tests in reasons.items():
        if "To get it:" in reason:
            terminalreporter.write_line(f"{tests} tests skipped: {reason.removeprefix('Skipped: ')}")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in memory, with the stack's table, bucket and bus."""
    for key, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        create_table(client("dynamodb"))
        where = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket="plans", CreateBucketConfiguration=where)
        client("events").create_event_bus(Name="bus")
        yield
