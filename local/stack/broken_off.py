"""Runs that were in progress when the stack was stopped: their executions are gone, and they are closed."""

from collections.abc import Callable, Mapping

from payrelay.ledger.runs import Runs
from payrelay.ledger.table import Table

from .clients import client
from .deploy import STACK


def close(outputs: Mapping[str, str], endpoint: str, say: Callable[[str], None]) -> None:
    """Let the stack's own watch close them, and say which; nothing is called if there are none."""
    runs = Runs(Table(client("dynamodb", endpoint), outputs["TableName"]))
    found = list(runs.leased())
    if not found:
        return
    where = client("cloudformation", endpoint).describe_stack_resource(
        StackName=STACK, LogicalResourceId="Watch"
    )
    watch = where["StackResourceDetail"]["PhysicalResourceId"]
    client("lambda", endpoint).invoke(FunctionName=watch, Payload=b"{}")
    for leased in found:
        run = runs.get(leased.tenant, leased.run_id)
        if run is not None and run.died is not None:
            say(
                f"{run.run_id} ({run.flow}) was in progress when the stack was stopped: it is closed as "
                f"{run.status.value}. Start it again; what has been written is not written again."
            )
