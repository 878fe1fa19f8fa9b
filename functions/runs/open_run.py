"""OpenRun: a queued run begins."""

from payrelay.flows.engine.plan import open_run
from payrelay.runtime.handler import run_step

handler = run_step(open_run)
