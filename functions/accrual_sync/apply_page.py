"""ApplyPage of the accrual sync."""

from payrelay.flows.accrual_sync.flow import open_flow
from payrelay.flows.engine.apply import apply_page
from payrelay.runtime.handler import flow_step

handler = flow_step(apply_page, open_flow)
