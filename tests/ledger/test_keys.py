"""Keys: the tenant is part of each, no two things share one, and nothing is ever scanned (CON-4)."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import payrelay.ledger
from payrelay.ledger import keys

EXAMPLES: dict[str, Any] = {
    "connection_id": "con_1",
    "day": "2026-03-02",
    "run_id": "run_1",
    "touched": ["E1"],
    "flow": "employee_export",
    "kind": "PAGE",
    "index": 3,
    "chunk": 0,
    "entity": "employee",
    "source_id": "s1",
    "source_ids": ["s1"],
    "record_id": "employee:1042",
    "part": "PAGE#00003",
    "scope": "E0042",
    "message_id": "msg_1",
    "name": "page-00003",
    "person_id": "2003",
    "period": "2026-01",
    "version": 1,
    "change_id": "chg_1",
    "access_id": "acc_1",
    "call": "GET /runs/run_1",
    "app_id": "app_1",
    "system": "sage",
}
# The lists of the watch span all tenants; their names are in its sort keys.
ACROSS_TENANTS = {"enabled_schedules", "schedule_index", "leases", "lease_index"}
# So do those of the people who run Payrelay: what went wrong on a day, and to what they have access.
OF_THE_SERVICE = {"failed_run", "failed_runs", "own_access", "own_accesses"}
# Who calls as an app, or as the sender of a hook, names no tenant: that is what is looked up.
OF_WHO_CALLS = {"app", "api_key", "hook"}
# Whatever is too large for its item is below the item's own partition, whoever's that is.
OF_AN_ITEM = {"pieces"}
MADE: dict[str, Callable[..., Any]] = {
    name: function
    for name, function in inspect.getmembers(keys, inspect.isfunction)
    if not name.startswith("_")
    and name not in {*OF_WHO_CALLS, *ACROSS_TENANTS, *OF_THE_SERVICE, *OF_AN_ITEM}
    and function.__module__ == keys.__name__
}


def made(function: Callable[..., Any], tenant: str) -> Any:
    wanted = inspect.signature(function).parameters
    return function(**{name: tenant if name == "tenant" else EXAMPLES[name] for name in wanted})


def partitions(key: Any) -> list[str]:
    """The partitions that a key, or what stands for several, names."""
    match key:
        case str():
            return [key]
        case tuple():
            return [key[0]]
        case list():
            return [part for one in key for part in partitions(one)]
        case _:
            return [value for name, value in key.items() if name.endswith("pk")]


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize("function", MADE.values(), ids=MADE)
def test_the_tenant_is_part_of_every_key(function: Callable[..., Any]) -> None:
    found = partitions(made(function, "demo"))
    assert found
    assert all(f"{part}#".startswith(("TENANT#demo#", "demo/")) for part in found), found


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize("tenant", ["", "demo#CONNECTION", "#"])
@pytest.mark.parametrize("function", MADE.values(), ids=MADE)
def test_a_tenant_that_could_pass_for_another_is_refused(function: Callable[..., Any], tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant"):
        made(function, tenant)


@pytest.mark.requirement("CON-4", "TRG-5")
@pytest.mark.parametrize(
    ("index", "partition"),
    [(keys.schedule_index, keys.enabled_schedules()), (keys.lease_index, keys.leases())],
)
def test_only_the_lists_of_the_watch_span_all_tenants(
    index: Callable[..., dict[str, str]], partition: str
) -> None:
    one, other = (index(tenant, "con_1", "employee_export") for tenant in ("demo", "other"))
    assert {one["by_time_pk"], other["by_time_pk"]} == {partition}
    assert one["by_time_sk"] != other["by_time_sk"]
    with pytest.raises(ValueError, match="tenant"):
        keys.schedule_index("demo#CONNECTION", "con_1", "employee_export")


@pytest.mark.requirement("CON-4", "OPS-4")
def test_a_day_of_the_service_keeps_the_runs_of_two_tenants_apart() -> None:
    """(oncall OC-35)"""
    at = "2026-03-02T05:00:13.500Z"
    one, other = (keys.failed_run(at, tenant, "run_1") for tenant in ("demo", "other"))
    assert one["pk"] == other["pk"] == keys.failed_runs("2026-03-02")
    assert one["sk"] != other["sk"]
    with pytest.raises(ValueError, match="tenant"):
        keys.failed_run(at, "demo#CONNECTION", "run_1")


def test_no_two_kinds_of_items_share_a_key() -> None:
    items = {
        name: (key["pk"], key["sk"])
        for name, function in MADE.items()
        if isinstance(key := made(function, "demo"), dict) and "pk" in key
    }
    assert len(set(items.values())) == len(items) >= 10, items


def test_the_ledger_never_scans() -> None:
    """Nothing in the ledger is called `scan`, and the policy of the functions does not allow it either."""
    folder = Path(payrelay.ledger.__file__).parent
    for path in folder.glob("*.py"):
        named = {
            node.attr if isinstance(node, ast.Attribute) else node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute)
            or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        }
        assert not {"scan", "Scan"} & named, path
