"""CloseDeadRun: closes the run of an execution that ended without reaching CloseRun (an EventBridge rule)."""

import json
from typing import Any

from payrelay.flows.engine.close import close_run
from payrelay.runtime.handler import run_step

close = run_step(close_run)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`event` is a "Step Functions Execution Status Change" with status FAILED, TIMED_OUT or ABORTED."""
    detail = event["detail"]
    run = json.loads(detail["input"])["run"]
    return close({"run": run, "problem": f"its execution is {detail['status']}"}, context)
