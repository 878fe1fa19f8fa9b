"""CloseRun: counts, status, and the lease given back."""

from payrelay.flows.engine.close import close_run
from payrelay.runtime.handler import run_step

handler = run_step(close_run)
