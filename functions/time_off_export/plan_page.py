"""PlanPage and PlanAbsent of the time-off export."""

from payrelay.flows.engine.plan import plan
from payrelay.flows.time_off_export.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(plan, open_flow)
