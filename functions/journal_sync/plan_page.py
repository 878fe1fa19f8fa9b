"""PlanPage of the journal sync."""

from payrelay.flows.engine.plan import plan
from payrelay.flows.journal_sync.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(plan, open_flow)
