"""The reasons that the time-off export alone gives (TO-1, TO-2)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "CUT_TO_PERIOD": (
        "{label} runs from {start} to {end}; only {cut_start} to {cut_end} is in the period and exported.",
        "Nothing to do here; export the neighbouring period for the rest.",
    ),
    "WITHDRAWN_AT_SOURCE": (
        "{label} was exported before and is gone from Simployer One; it is removed from Xledger.",
        "Nothing to do.",
    ),
    "ABSENCE_CODE_MISSING": (
        "The leave type {value} of {label} has no payroll code in Simployer One.",
        "Give the leave type {value} a code in Simployer One (Settings, Time off).",
    ),
    "ABSENCE_CODE_UNKNOWN": (
        "{label} has the absence code {value}, which Xledger does not have.",
        "Create absence code {value} in Xledger, or correct the code of the leave type in Simployer One.",
    ),
    "EMPLOYEE_UNKNOWN": (
        "{label} belongs to employee {value}, who is not in Xledger.",
        "Export the employee first; the next time-off export then includes the absence.",
    ),
    "OVERLAPS_OTHER_ABSENCE": (
        "{label} overlaps an absence that was entered in Xledger by hand ({value}).",
        (
            "Delete or change the absence in Xledger, or in Simployer One; an absence entered by hand is "
            "never overwritten."
        ),
    ),
    "OVERLAPS_OTHER_LEAVE": (
        "{label} overlaps another leave with the same code ({value}); Xledger takes one per code at a time.",
        "Correct one of the two leaves in Simployer One, or give them different types.",
    ),
    "REACHES_BEYOND_PERIOD": (
        "{label} has changed within an absence ({value}) that was exported with a longer period.",
        "Export a period that holds the whole absence ({value}).",
    ),
}

reason = reasons_with(REASONS)
