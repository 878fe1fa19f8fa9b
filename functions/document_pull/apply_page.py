"""ApplyPage of the pull of documents."""

from payrelay.flows.document_pull.flow import open_flow
from payrelay.flows.engine.apply import apply_page
from payrelay.runtime.handler import flow_step

handler = flow_step(apply_page, open_flow)
