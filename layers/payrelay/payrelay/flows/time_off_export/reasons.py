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
        "{label} of {who} was exported before and is gone from Simployer One; it is removed from Xledger.",
        "Nothing to do.",
    ),
    "ABSENCE_CODE_MISSING": (
        "The leave type {value} of {label} has no payroll code in Simployer One.",
        (
            "Give the leave type {value} a payroll code for the company of this person in Simployer One "
            "(Settings, Time off), or give this leave a type there that has one."
        ),
    ),
    "ABSENCE_CODE_UNKNOWN": (
        "{label} has the absence code {value}, which Xledger does not have.",
        (
            "Create absence code {value} in Xledger, open it again if it is closed there, or correct the "
            "payroll code of the leave type in Simployer One (Settings, Time off)."
        ),
    ),
    "EMPLOYEE_UNKNOWN": (
        "{label} belongs to {who}, who is not in Xledger.",
        (
            "Export the employee first, or enter them in Xledger with the employee number that they have in "
            "Simployer One; give them one there if they have none. The next time-off export then includes "
            "the absence."
        ),
    ),
    "EMPLOYEE_NOT_SHOWN": (
        "{label} belongs to an employee whom Simployer One does not show (employee record {value}).",
        (
            "If the person is there, let the access of this connection see them in Simployer One. If they "
            "were deleted, delete the leave in Simployer One (Time off), too."
        ),
    ),
    "OVERLAPS_OTHER_ABSENCE": (
        "{label} of {who} overlaps an absence that was entered in Xledger by hand ({value}).",
        (
            "Delete or change the absence in Xledger, or the leave in Simployer One (Time off), so that they "
            "share no day; an absence entered by hand is never overwritten."
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
    "LEAVE_WITHOUT_HOURS": (
        "{label} has 0 hours on each of its days that this run is about, such as {day}.",
        (
            "Correct the hours in Simployer One (Time off), or delete the leave there if nothing was to be "
            "worked on its days."
        ),
    ),
    "REACHES_BEYOND_PERIOD": (
        (
            "{label} of {who} has changed within an absence ({start} to {end}) that was exported with a "
            "longer period."
        ),
        "Export a period that holds the whole absence: a run with from {start} to {end}.",
    ),
    "SHORTENED_BEFORE_PERIOD": (
        (
            "{label} of {who} was exported until {end}; in Simployer One it ends on {new_end}, before the "
            "period, and so it does in Xledger now."
        ),
        "Nothing to do, unless the days until {end} have been paid: then correct that pay in Xledger.",
    ),
    "NO_LONGER_IN_LEAVE": (
        (
            "{label} of {who} was exported before; its leave {leave} has no such days any more in Simployer "
            "One, and they are removed from Xledger."
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
