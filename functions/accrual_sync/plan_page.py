"""PlanPage of the accrual sync."""

from payrelay.flows.accrual_sync.flow import open_flow
from payrelay.flows.engine.plan import plan
from payrelay.runtime.handler import flow_step

handler = flow_step(plan, open_flow)
