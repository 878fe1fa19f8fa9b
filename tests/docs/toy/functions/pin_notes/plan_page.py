"""PlanPage of pinning notes."""

from payrelay.flows.engine.plan import plan
from payrelay.flows.pin_notes.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(plan, open_flow)
