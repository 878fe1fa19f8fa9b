"""ReviewPlan: the brake, and the batches to apply."""

from payrelay.flows.engine.review import review_plan
from payrelay.runtime.handler import run_step

handler = run_step(review_plan)
