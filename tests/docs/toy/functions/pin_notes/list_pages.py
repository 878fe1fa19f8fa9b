"""ListPages of pinning notes."""

from payrelay.flows.engine.plan import list_pages
from payrelay.flows.pin_notes.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(list_pages, open_flow)
