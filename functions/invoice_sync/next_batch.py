"""NextBatch of the invoice sync: Auto Sync goes on by itself."""

from payrelay.flows.engine.auto import next_batch
from payrelay.flows.invoice_sync.flow import open_flow
from payrelay.runtime.handler import flow_step

handler = flow_step(next_batch, open_flow)
