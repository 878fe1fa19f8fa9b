"""A run in progress never meets two versions (aws 19).

State machines name published versions, which stay as they are; an execution keeps the definition that it
began with.
What calls from outside goes by the alias, which moves once the new version stands whole.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.template.stack_template import FUNCTIONS, GLOBALS, Document, called_by, resources, template
from tests.template.transformed import address, names_in, of_kind, transformed

# Empty on AWS for good; the local stack adds it to the descriptions of its versions.
LOCAL = {"LocalEndpoint"}
MACHINES = sorted(resources("AWS::Serverless::StateMachine"))


@cache
def before() -> dict[str, Document]:
    """The resources as they are now."""
    return transformed()


def published(found: dict[str, Document]) -> dict[str, str]:
    """The one version of each function, by the function."""
    versions = of_kind(found, "AWS::Lambda::Version")
    return {version["Properties"]["FunctionName"]["Ref"]: name for name, version in versions.items()}


def renewed(**changed: Any) -> set[str]:
    """The functions of which a deployment publishes a version, after a change."""
    old, new = published(before()), published(transformed(**changed))
    return {function for function in new if old[function] != new[function]}


def test_every_function_is_published_and_has_one_alias() -> None:
    """(aws 19)"""
    assert set(published(before())) == set(FUNCTIONS)
    aliases = of_kind(before(), "AWS::Lambda::Alias").values()
    pointed = {one["Properties"]["FunctionName"]["Ref"]: one["Properties"] for one in aliases}
    assert set(pointed) == set(FUNCTIONS)
    for function, version in published(before()).items():
        assert pointed[function]["Name"] == GLOBALS["AutoPublishAlias"] == "live"
        assert pointed[function]["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}


@pytest.mark.parametrize("layer", ["DependenciesLayer", "PayrelayLayer"])
def test_a_changed_layer_publishes_every_function(layer: str) -> None:
    """(aws 19) A layer is rewritten after the functions: its content would not reach their versions."""

    def change(document: Document) -> None:
        properties = document["Resources"][layer]["Properties"]
        properties["ContentUri"] = address(template()["Resources"][layer]["Properties"]["ContentUri"], 2)

    assert renewed(change=change) == set(FUNCTIONS)


def test_changed_code_publishes_the_functions_of_its_folder() -> None:
    """(aws 19)"""

    def change(document: Document) -> None:
        for resource in document["Resources"].values():
            if resource.get("Properties", {}).get("CodeUri") == address("functions/runs", 1):
                resource["Properties"]["CodeUri"] = address("functions/runs", 2)

    assert renewed(change=change) == {"OpenRun", "ReviewPlan", "CloseRun", "CloseDeadRun"}


@pytest.mark.parametrize(
    ("name", "value"), [("MemorySize", 1024), ("Timeout", 49), ("Environment", {"Variables": {"A": "b"}})]
)
def test_a_changed_setting_publishes_its_function(name: str, value: object) -> None:
    """(aws 19)"""

    def change(document: Document) -> None:
        document["Resources"]["OpenRun"]["Properties"][name] = value

    assert renewed(change=change) == {"OpenRun"}


def test_nothing_is_published_when_nothing_has_changed() -> None:
    """Lambda refuses to publish the same once more, and the deployment would fail."""
    assert renewed() == set()


def reached(value: Any) -> set[str]:
    """The parameters that a value depends on, through the stack's own resources and conditions."""
    found, todo = set(), [value]
    seen: set[str] = set()
    while todo:
        for name in names_in(todo.pop()) - seen:
            seen.add(name)
            if name in template()["Parameters"]:
                found.add(name)
            elif name in template()["Conditions"]:
                todo.append(template()["Conditions"][name])
    return found


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_changed_parameter_publishes_the_functions_that_are_told_of_it(function: str) -> None:
    """(aws 19) SAM makes a version by the template alone: the version's description has the parameters.

    A version whose description changes is replaced. One that changes alone would be refused by Lambda, so it
    has exactly what the function is told.
    """
    told = reached([FUNCTIONS[function].get("Environment"), GLOBALS["Environment"]]) - LOCAL
    version = before()[published(before())[function]]["Properties"]
    described = version.get("Description", "")
    content = [described]
    for name in names_in(described) - set(template()["Parameters"]):
        assert before()[name]["Type"] == "AWS::AppConfig::HostedConfigurationVersion"
        content.append(before()[name]["Properties"]["Content"])
    assert reached(content) == told


def test_a_description_of_a_version_is_short_enough() -> None:
    """AWS takes 256 characters; what may be longer is numbered (ApiSettingsVersion)."""
    limits = {"ScheduleJitterMinutes": 2, "ApiSettingsVersion": 10, "TokenAddress": 63}
    for version in of_kind(before(), "AWS::Lambda::Version").values():
        described = version["Properties"].get("Description", {"Fn::Sub": ""})
        assert names_in(described) <= set(limits)
        assert len(described["Fn::Sub"]) + sum(limits.values()) < 256


@pytest.mark.parametrize("machine", MACHINES)
def test_a_state_machine_names_versions(machine: str) -> None:
    """(aws 19)"""
    named = before()[machine]["Properties"]["DefinitionSubstitutions"]
    versions = published(before())
    assert named == {name: {"Ref": versions[function]} for name, function in called_by(machine).items()}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_run_in_progress_may_go_on_with_the_versions_that_it_began_with(machine: str) -> None:
    """(aws 19) It has its definition, but the role is that of the new one."""
    role = before()[before()[machine]["Properties"]["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    allowed = {resource["Fn::Sub"] for resource in statement["Resource"]}
    assert allowed == {f"${{{function}.Arn}}:*" for function in called_by(machine).values()}


def test_old_versions_and_old_layers_are_kept() -> None:
    """(aws 19) Otherwise a deployment would take them from the runs that use them."""
    for kind in ("AWS::Lambda::Version", "AWS::Lambda::LayerVersion"):
        assert {one["DeletionPolicy"] for one in of_kind(before(), kind).values()} == {"Retain"}


def test_whatever_calls_a_function_calls_it_by_its_alias() -> None:
    """(aws 19) API, hook, rules, schedules, permissions, dead letters; only the role of the schedules also
    allows the bare name, which those made before have.
    """
    bare = {
        (name, function)
        for name, resource in template()["Resources"].items()
        if resource["Type"] != "AWS::Serverless::StateMachine"
        for function in names_in(resource.get("Properties")) & set(FUNCTIONS)
        if name != "SchedulerRole"
    }
    assert bare == set()
    invoked = of_kind(before(), "AWS::Lambda::EventInvokeConfig").values()
    assert {one["Properties"]["Qualifier"] for one in invoked} == {"live"}
    for permission in of_kind(before(), "AWS::Lambda::Permission").values():
        (name,) = names_in(permission["Properties"]["FunctionName"])
        assert before()[name]["Type"] == "AWS::Lambda::Alias"
