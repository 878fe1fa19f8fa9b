"""The reasons that balances give on their way to TimeWorksPlus (AC-2 to AC-5)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.flows.accrual_sync.places import PUNCH, UP

# code: (message, remedy); the messages name the values.
TO_TIMEWORKSPLUS: Mapping[str, tuple[str, str]] = {
    # Of a description as a whole.
    "NO_SUCH_CATEGORY": (
        "{label} ({coded} of Millennium) has no category of this name in TimeWorksPlus.{alike}",
        (
            "Nothing to do if it is not to be sent. Else make the two names equal: the Description on the "
            f"Accrual Code page of Millennium, and the category in TimeWorksPlus ({UP}, and "
            "PunchCategories)."
        ),
    ),
    "NOT_IN_PUNCH_CATEGORIES": (
        (
            "{label} ({coded} of Millennium) is a category of AccrueUpScript in TimeWorksPlus, and is "
            "missing in PunchCategories.{alike}"
        ),
        f"Add the category to PunchCategories in TimeWorksPlus ({PUNCH}); the next run sends it.",
    ),
    "CATEGORY_RENAMED": (
        (
            '{label} ({coded} of Millennium) has no category "{name}" in TimeWorksPlus any more; its '
            "balances were sent to it before.{likely}"
        ),
        (
            "Give the Description on the Accrual Code page of Millennium the new name, or rename the "
            f"category in TimeWorksPlus back ({UP}, and PunchCategories). It goes on by itself then."
        ),
    ),
    "DIVISOR_NOT_ONE": (
        (
            "{label} (code {codes}) has another Divisor than 1 in Millennium ({divisor}), and what that does "
            "to its balance is not known."
        ),
        "Set the Divisor to 1 on the Accrual Setup tab of the code in Millennium, or leave it unsent.",
    ),
    # Of one balance.
    "SEVERAL_IN_EFFECT": (
        "{label}: more than one accrual code of this Description is in effect: {codes}.",
        (
            "End all but one of them on the employee's Accrual tab in Millennium (End Date); the next run "
            "sends the balance of the one that stays."
        ),
    ),
    "NO_LAST_ACCRUE_DATE": (
        (
            "{label}: Millennium has {value} of the code {accrual}, and no Last Accrue Date, so that the day "
            "on which it is true is not known."
        ),
        (
            "Let the code accrue with the next payroll, or enter the Last Accrue Date on the employee's "
            "Accrual tab in Millennium."
        ),
    ),
    "BALANCE_MOVED_SINCE_ACCRUAL": (
        (
            "{label}: the balance moved after the Last Accrue Date {accrued}: the check of {check} (period "
            "to {later}) accrued nothing. Millennium has {value}, which is true on {later}; TimeWorksPlus "
            "has {there} on that day, and {then} on {day}, the effective date."
        ),
        (
            "It is not written as of {day}: TimeWorksPlus would take hours off once more that were used "
            "since. Correct the balance of {later} in TimeWorksPlus by hand, or wait for the next accrual in "
            "Millennium, which settles it."
        ),
    ),
    "PERIOD_FINALIZED": (
        (
            "{label}: Millennium has {value} and TimeWorksPlus {there} on {day}, which lies in the finalized "
            "pay period {period}. It is kept back since {since} ({days})."
        ),
        "{way}.",
    ),
    "NOT_IN_TIMEWORKSPLUS": (
        "{label}: Millennium has {value}, and TimeWorksPlus has no employee with the code {employee}.",
        (
            "Add the employee in TimeWorksPlus with that employee code; the next run sends the balance. If "
            "they do not use the time clock, or have left, there is nothing to do."
        ),
    ),
    "NOT_IN_MILLENNIUM": (
        "{label}: TimeWorksPlus has {value}, and Millennium has no employee with the id {employee}.",
        (
            "Nothing to do if they are not paid by Millennium: their balance is left alone. Else make the "
            "employee code in TimeWorksPlus the employee's id in Millennium, or add the employee in "
            "Millennium."
        ),
    ),
    # Of a balance that is written, or kept back: what people are to know of it.
    "PARKED_VALUE_SUPERSEDED": (
        (
            "{label}: {parked} of {parked_day}, which a finalized pay period kept back since {since}, is "
            "superseded by {value} of {day}, and never written."
        ),
        "Nothing to do.",
    ),
    "CHECK_OF_ANOTHER_YEAR": (
        (
            "{label}: {value} is dated {day} by the check of {check}: a check of {check_year}, and a period "
            "that ended in {year}. What the new year cut or carried over is in the balance already."
        ),
        (
            "If hours may still be used until the end of {year}, wait for the check of the next period "
            "instead of applying this."
        ),
    ),
    "PERIOD_AFTER_VOIDED_WORK": (
        (
            "{label}: {value} is dated {day} by check {number} of batch {batch}, whose period begins on "
            "{begin}: after the work to {void_end} that the voided check {void} of {void_day} had paid."
        ),
        (
            "If the check pays that work again, put it into a batch with the correct Period End Date in "
            "Millennium: every check has to be in one."
        ),
    ),
    "DATE_OUTSIDE_PERIODS": (
        "{label}: {value} is dated {day} by {source}, and TimeWorksPlus has no pay period with that day.",
        (
            "Compare the period of that batch in Millennium with the pay periods of TimeWorksPlus, and "
            "correct the one that is wrong."
        ),
    ),
    "BALANCE_BEFORE_HIRE": (
        (
            "{label}: {value} is of {day}, which lies before {hired}, when they were hired (again): it is "
            "what was left of an earlier employment."
        ),
        (
            "If it does not count any more, enter the balance that does, and as its Last Accrue Date the day "
            "from which it does, on the employee's Accrual tab in Millennium; the next run sends that."
        ),
    ),
}
