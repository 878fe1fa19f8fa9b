"""A flow is complete: catalog, module, settings, functions, state machine and grants ("Adding a flow")."""

from __future__ import annotations

from importlib import import_module

import pytest

from payrelay.flows.catalog import KINDS, FlowRow, Kind
from payrelay.flows.settings import Common, Model, model
from payrelay.systems.registry import SYSTEMS
from tests.conftest import ROOT
from tests.template.stack_template import (
    FUNCTIONS,
    called_by,
    listed,
    policies_of,
    resources,
    role_of,
    statements,
)

MACHINES = resources("AWS::Serverless::StateMachine")
FLOWS = [pytest.param(kind, row, id=row.name) for kind in KINDS.values() for row in kind.flows.values()]
ROLES = {"ListPages": "ListRole", "PlanPage": "PageRole", "ApplyPage": "PageRole"}
AUTO = {"invoice_sync": "InvoiceAutoSync"}
HANDLERS = {"ListPages": "list_pages", "PlanPage": "plan_page", "ApplyPage": "apply_page"}


def pascal(flow: str) -> str:
    """`employee_export` as resources are named: EmployeeExport."""
    return "".join(word.capitalize() for word in flow.split("_"))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_has_its_systems_and_its_settings(kind: Kind) -> None:
    assert set(kind.systems) <= set(SYSTEMS)
    assert issubclass(model(kind.settings), Common)
    assert kind.flows


@pytest.mark.parametrize(("kind", "row"), FLOWS)
def test_a_flow_has_a_module_with_its_version_and_entity(kind: Kind, row: FlowRow) -> None:
    module = import_module(f"payrelay.flows.{row.name}.flow")
    assert callable(module.open_flow)
    assert issubclass(model(row.options), Model)
    assert set(row.modes) <= {"sync", "preview", "auto"}


@pytest.mark.parametrize(("kind", "row"), FLOWS)
def test_a_flow_has_a_function_folder_with_its_steps(kind: Kind, row: FlowRow) -> None:
    for step, handler in HANDLERS.items():
        function = FUNCTIONS[f"{pascal(row.name)}{step}"]
        assert function["CodeUri"] == f"functions/{row.name}"
        assert function["Handler"] == f"{handler}.handler"
        text = (ROOT / function["CodeUri"] / f"{handler}.py").read_text()
        assert f"from payrelay.flows.{row.name}.flow import open_flow" in text


@pytest.mark.parametrize(("kind", "row"), FLOWS)
def test_a_flow_has_a_state_machine_under_its_name(kind: Kind, row: FlowRow) -> None:
    machine = MACHINES[pascal(row.name)]
    assert machine["Name"] == {"Fn::Sub": f"${{AWS::StackName}}-{row.name}"}
    assert called_by(pascal(row.name)) == {
        **{f"{step}Function": step for step in ("OpenRun", "ReviewPlan", "CloseRun")},
        **{f"{step}Function": f"{pascal(row.name)}{step}" for step in HANDLERS},
    }


@pytest.mark.parametrize(("kind", "row"), FLOWS)
def test_a_flows_steps_have_the_roles_of_their_kind(kind: Kind, row: FlowRow) -> None:
    for step, role in ROLES.items():
        assert role_of(f"{pascal(row.name)}{step}") == f"{pascal(kind.name)}{role}"


@pytest.mark.requirement("IN-2")
@pytest.mark.parametrize(("kind", "row"), [case for case in FLOWS if "auto" in case.values[1].modes])
def test_a_flow_that_goes_on_by_itself_has_a_machine_for_it(kind: Kind, row: FlowRow) -> None:
    machine = MACHINES[AUTO[row.name]]
    assert machine["Name"] == {"Fn::Sub": f"${{AWS::StackName}}-{row.name}-auto"}
    assert called_by(AUTO[row.name]) == {
        **{f"{step}Function": step for step in ("OpenRun", "CloseRun")},
        **{f"{step}Function": f"{pascal(row.name)}{step}" for step in [*HANDLERS, "NextBatch"]},
    }
    assert role_of(f"{pascal(row.name)}NextBatch") == f"{pascal(kind.name)}ListRole"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_has_roles_of_its_own_that_read_its_secrets(kind: Kind) -> None:
    shared = {"LogsAccess", "LedgerAccess", "PlansReading", "PlansKeeping", "OldCredentialsAccess"}
    own = f"{pascal(kind.name)}Secrets"
    assert policies_of(f"{pascal(kind.name)}ListRole") == {*shared, own}
    assert policies_of(f"{pascal(kind.name)}PageRole") == {*shared, own, "EventsAccess"}


def test_every_flow_can_be_started_by_the_api_and_by_schedules() -> None:
    properties = resources("AWS::IAM::ManagedPolicy")["StartsAccess"]
    (started,) = statements(properties["PolicyDocument"])
    flows = {pascal(flow) for kind in KINDS.values() for flow in kind.flows}
    assert {resource["Ref"] for resource in listed(started["Resource"])} == flows
    assert {"Ref": "ApiRole"} in properties["Roles"]
    assert {"Ref": "StartRunRole"} in properties["Roles"]


def test_no_machine_is_left_without_a_flow() -> None:
    flows = {pascal(flow) for kind in KINDS.values() for flow in kind.flows}
    assert flows | set(AUTO.values()) == set(MACHINES)
