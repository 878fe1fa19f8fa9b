"""Why a payroll report is not kept: the reasons that this flow alone has."""

from __future__ import annotations

from payrelay.domain.reasons import reasons_with

REASONS = {
    "NO_SYNERGY_RESOURCE": (
        "{label} is not kept: Exact Synergy has no resource {number}.",
        (
            "Create the person in Exact Synergy: the next pull, or a replay, then keeps it. Leave it if they "
            "are paid outside Synergy; the others go on."
        ),
    ),
    "PERIOD_NOT_APPROVED": (
        "The payroll period {period} has no approved run in Exact Payroll Plus.",
        "Approve the calculation in Exact Payroll Plus, then start the run again.",
    ),
}

reason = reasons_with(REASONS)
