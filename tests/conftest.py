"""What all tests share: AWS in memory, with the table of the template itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from xdist.scheduler import LoadGroupScheduling

from local.stack.template import read_template
from tests.worlds.aws import REGION, client

ROOT = Path(__file__).parents[1]
# What goes to one worker, folder by folder.
TOGETHER = ("tests/browser/", "tests/architecture/", "tests/template/")
# What has groups and files that take long.
LONG = tuple(
    f"tests/{one}"
    for one in (
        *("browser/", "stack/", "api/", "bench/", "costs/", "docs/test_map", "flows/", "machines/"),
        "template/",
    )
)


@cache
def template() -> Mapping[str, Any]:
    """The template as it stands; whoever changes something of it makes a copy."""
    return read_template(ROOT / "template.yaml")


def create_table(client: Any, name: str = "state") -> None:
    """The table as the template describes it."""
    properties = template()["Resources"]["State"]["Properties"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client.create_table(TableName=name, **{key: properties[key] for key in wanted})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a running stack go to one worker, and first, since they take longest.

    So do those in the browser, and those of the architecture and of the template: what they look at is made
    once. A test of a stack that is its own goes to any.
    """
    for item in items:
        if item.nodeid.startswith(TOGETHER):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("/")[1]))
        elif "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[bool, ...]:
    """What begins first: the shared stack, the browser, stacks of a test's own, and what takes long."""
    group = item.get_closest_marker("xdist_group")
    name = group.args[0] if group else ""
    has_stack = item.get_closest_marker("stack") is not None
    return name != "stack", name != "browser", not has_stack, not item.nodeid.startswith(LONG)


class ByFile(LoadGroupScheduling):
    """Hands out groups of tests, and the others file by file: what the tests of a file share is made once."""

    def _split_scope(self, nodeid: str) -> str:
        return super()._split_scope(nodeid).partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Files are handed out as they are sorted: short ones at the end, so that nobody is alone then."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


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
