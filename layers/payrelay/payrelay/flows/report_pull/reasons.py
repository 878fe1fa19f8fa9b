"""Why a payroll report is not kept: the reasons that this flow alone has."""

from __future__ import annotations

from payrelay.domain.reasons import reasons_with

REASONS = {
    "NO_SYNERGY_RESOURCE": (
        "{label} is not kept: Exact Synergy has no person with the ID {number}.",
        (
            "If the person has a card in Exact Synergy under another ID, correct the employee ID in Exact "
            "Payroll Plus to that one. If they have none, create it; the employee ID has to be the ID of the "
            "card. The next pull then keeps the report. Leave it if they are paid outside Exact Synergy; the "
            "others go on."
        ),
    ),
    "SPELLED_TWICE": (
        (
            "{label} is not kept: Exact Payroll Plus has employees {ids} in {period}, and all of them are "
            "the person {number} of Exact Synergy."
        ),
        (
            "Find out in Exact Payroll Plus whose pay each of them is, and book what belongs to another "
            "person on that person's employee ID, or all of it on one; then approve the calculation again. "
            "What is kept stays as it is until then."
        ),
    ),
    "SPELLED_OTHERWISE": (
        (
            "{label} is left as it is: Exact Payroll Plus has no row of employee {number} in {period} any "
            "more, but rows of {ids}: nobody in Exact Synergy has such an ID, and it may be the same person."
        ),
        (
            "If it is the same person, correct the employee ID in Exact Payroll Plus to {number} and approve "
            "the calculation again. If it is somebody else, correct it there to the ID of their own card in "
            "Exact Synergy; this report is then emptied, and says so."
        ),
    ),
    "REPORT_EMPTIED": (
        "{label} is emptied: Exact Payroll Plus has no row of this person in {period} any more.",
        (
            "Nothing, if that is right: the version before stays beside it. If not, correct it in Exact "
            "Payroll Plus and approve the calculation again; the next pull keeps the report anew."
        ),
    ),
    "PERIOD_NOT_APPROVED": (
        "The payroll period {period} has no approved run in Exact Payroll Plus.",
        (
            "Approve the calculation in Exact Payroll Plus, then start the run again; or start one without "
            "this period."
        ),
    ),
    "PERIOD_WITHDRAWN": (
        (
            "The payroll period {period} was approved in Exact Payroll Plus when its reports were kept, and "
            "is not approved now: nothing is pulled, and what is kept stays as it is."
        ),
        "Nothing now: once the calculation is approved again in Exact Payroll Plus, the next pull takes it.",
    ),
}

reason = reasons_with(REASONS)
