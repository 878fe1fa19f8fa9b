"""PlanPage of the balance sync."""

from payrelay.flows.balance_sync.flow import open_flow
from payrelay.flows.engine.plan import plan
from payrelay.runtime.handler import flow_step

handler = flow_step(plan, open_flow)
