"""ListPages of the employee export."""

from payrelay.flows.employee_export.flow import open_flow
from payrelay.flows.engine.plan import list_pages
from payrelay.runtime.handler import flow_step

handler = flow_step(list_pages, open_flow)
