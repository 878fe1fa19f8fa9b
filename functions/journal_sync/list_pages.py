"""ListPages of the journal sync."""

from payrelay.flows.engine.plan import list_pages
from payrelay.flows.journal_sync.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(list_pages, open_flow)
