"""Tells Express Leave how a run ended: called by the event `RunFinished` of the balance sync."""

from payrelay.flows.balance_sync.flow import open_flow
from payrelay.flows.balance_sync.telling import tell_end
from payrelay.runtime.handler import after_run

handler = after_run(tell_end, open_flow)
