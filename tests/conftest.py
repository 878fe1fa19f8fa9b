"""What all tests share: AWS in memory, with the table of the template itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from xdist.scheduler import LoadScopeScheduling

from local.stack.template import read_template
from tests.worlds.aws import REGION, client

ROOT = Path(__file__).parents[1]
# What goes to one worker, folder by folder: what its tests share is made once there. These begin first.
TOGETHER = ("tests/stack/", "tests/browser/", "tests/architecture/", "tests/template/")
# These share no running stack with the others of their folder.
ALONE = tuple(
    f"tests/stack/test_{one}.py"
    for one in ("artifacts", "broken_off", "deployed_in_a_run", "kept_pool", "lifecycle", "package")
)
# What has files that take long.
LONG = tuple(
    f"tests/{one}" for one in ("stack/", "api/", "bench/", "costs/", "docs/test_map", "flows/", "machines/")
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
    """What takes long begins first; what is short comes last, so that no worker is alone then."""
    items.sort(key=lambda item: _turn(scope_of(item.nodeid)))


def _turn(scope: str) -> tuple[bool, bool]:
    return scope not in TOGETHER, not scope.startswith(LONG)


def scope_of(nodeid: str) -> str:
    """What is handed out as one: a folder, or a file."""
    file = nodeid.partition("::")[0]
    return next((one for one in TOGETHER if file.startswith(one) and file not in ALONE), file)


class ByScope(LoadScopeScheduling):
    """Hands out what belongs together as it is sorted."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByScope:
    config.option.loadscopereorder = False
    return ByScope(config, log)


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
