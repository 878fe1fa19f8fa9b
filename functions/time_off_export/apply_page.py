"""ApplyPage of the time-off export."""

from payrelay.flows.engine.apply import apply_page
from payrelay.flows.time_off_export.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(apply_page, open_flow)
