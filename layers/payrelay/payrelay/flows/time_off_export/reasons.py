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
        "{label} and {other} take more than a whole day together on {day}.",
        "Correct one of the two in Simployer One (Time off): shorten it, take fewer hours, or delete it.",
    ),
    "DAY_NOT_VALID": (
        "{label}: on {day} the {field} {value} {problem}.",
        "Open the leave in Simployer One (Time off) and correct the {field} of {day}.",
    ),
    "HOURS_NOT_CLEAR": (
        "{label}: on {day} the {field} {value} {problem}.",
        (
            "Correct the hours or the extent in Simployer One (Time off), or enter a part of a day there as "
            "a leave of its own, in hours or as a half day. If it was a whole day, say so in the settings of "
            "the connection: the hours of employee {number} in `time_off.full_day_hours`, or those of {day} "
            "in `time_off.short_days`."
        ),
    ),
    "REACHES_BEYOND_PERIOD": (
        "{label} has changed within an absence ({value}) that was exported with a longer period.",
        "Export a period that holds the whole absence ({value}).",
    ),
    "SHORTENED_BEFORE_PERIOD": (
        (
            "{label} was exported until {end}; in Simployer One it ends on {new_end}, before the period, "
            "and so it does in Xledger now."
        ),
        "Nothing to do, unless the days until {end} have been paid: then correct that pay in Xledger.",
    ),
    "NO_LONGER_IN_LEAVE": (
        (
            "{label} was exported before; its leave {leave} has no such days any more in Simployer One, "
            "and they are removed from Xledger."
        ),
        "Nothing to do.",
    ),
    "EARLIER_MONTH_DIFFERS": (
        (
            "{label} of {who}: {months} was exported before, and differs: Simployer One has {wanted}, "
            "Xledger has {have}."
        ),
        (
            "Export {months} again (a run with from {start} to {end}), and correct in Xledger what has been "
            "paid for it already."
        ),
    ),
}

reason = reasons_with(REASONS)
