"""PlanPage of the report pull."""

from payrelay.flows.engine.plan import plan
from payrelay.flows.report_pull.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(plan, open_flow)
