"""PlanPage and PlanAbsent of the employee export."""

from payrelay.flows.employee_export.flow import open_flow
from payrelay.flows.engine.plan import plan
from payrelay.runtime.handler import flow_step

handler = flow_step(plan, open_flow)
