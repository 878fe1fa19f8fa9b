"""The state machines: one per flow, and one for its going on by itself; executions are named after runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from payrelay.domain.runs import Mode, Run
from payrelay.flows.catalog import flow_names
from payrelay.flows.engine.engine import GONE

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
# What the name of the machine of a flow that goes on by itself ends with.
BY_ITSELF = "-auto"


class Executions:
    """Starts executions. `arn_prefix` is everything of the machines' ARNs before the flow's name."""

    def __init__(self, client: SFNClient, arn_prefix: str) -> None:
        self._client = client
        self._arn_prefix = arn_prefix

    def start(self, run: Run) -> None:
        """Start the run's execution; a second start of the same run changes nothing."""
        event = {"run": {"tenant": run.tenant, "connection_id": run.connection_id, "run_id": run.run_id}}
        try:
            self._client.start_execution(
                stateMachineArn=self._machine(run), name=run.run_id, input=json.dumps(event)
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

    def ended(self, run: Run) -> str | None:
        """How the run's execution has ended; None while it goes on, GONE if there is none by its name."""
        arn = f"{self._machine(run).replace(':stateMachine:', ':execution:')}:{run.run_id}"
        try:
            status = self._client.describe_execution(executionArn=arn)["status"]
        except self._client.exceptions.ExecutionDoesNotExist:
            return GONE
        return status if status in ENDED else None

    def _machine(self, run: Run) -> str:
        return f"{self._arn_prefix}{run.flow}{BY_ITSELF if run.mode is Mode.AUTO else ''}"


def flow_of(machine_arn: str, arn_prefix: str) -> str | None:
    """The flow that a state machine runs; None for a machine of another stack.

    The name of the stack may have any number of hyphens (`payrelay-prod`), and one stack's name may begin
    with another's.
    """
    name = machine_arn.removeprefix(arn_prefix).removesuffix(BY_ITSELF)
    return name if machine_arn.startswith(arn_prefix) and name in flow_names() else None
