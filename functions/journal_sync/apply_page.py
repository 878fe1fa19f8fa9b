"""ApplyPage of the journal sync."""

from payrelay.flows.engine.apply import apply_page
from payrelay.flows.journal_sync.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(apply_page, open_flow)
