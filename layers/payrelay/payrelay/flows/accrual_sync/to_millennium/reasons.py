"""The reasons that balances give on their way to Millennium (AC-6 to AC-9)."""

from __future__ import annotations

from collections.abc import Mapping

ACCRUE_UP_PLACE = "Settings Menu => Processing Rules => Accruals category => AccrueUpScript"
BUTTON = (
    "start a manual run, which is Update Accrual Balances of the Payroll Entry page in Millennium "
    "(as_of: batch)"
)

# code: (message, remedy); the messages name the values.
TO_MILLENNIUM: Mapping[str, tuple[str, str]] = {
    # The company as a whole.
    "NO_PAYROLL_STARTED": (
        (
            "The company {company} has no payroll in Millennium that is started and not processed: no "
            "batch is open."
        ),
        (
            "Start the payroll in Millennium, then start the run again; or start a run with as_of: "
            "finalized, "
            "which takes the balances at the end of the last finalized pay period."
        ),
    ),
    "NO_OPEN_BATCH": (
        "The payroll of {dates} in Millennium is started and has no batch yet.",
        "Add the batch with its period in Millennium, then start the run again.",
    ),
    "NO_PERIOD_FINALIZED": (
        (
            "No pay period of the site {site} is finalized in TimeWorksPlus: there is no day to take "
            "balances of."
        ),
        (
            f"Finalize the pay period in TimeWorksPlus, and the next scheduled run goes by itself; or "
            f"{BUTTON}, "
            "which needs no finalized period."
        ),
    ),
    "PAYROLL_PERIOD_NOT_FINALIZED": (
        (
            "The balances are those of {end}, the end of the last finalized pay period, and the payroll of "
            "{payroll} that was started in Millennium pays {batches}, whose period is not finalized in "
            "TimeWorksPlus."
        ),
        (
            f"For the balances at the end of that period {BUTTON}; or finalize the period in TimeWorksPlus "
            "before the payroll is processed, and the next scheduled run brings them."
        ),
    ),
    # A category as a whole.
    "NO_CODE_FOR_CATEGORY": (
        (
            "No accrual code of Millennium has the Description {category}: this category of TimeWorksPlus "
            "does not go there.{alike}"
        ),
        (
            "Nothing to do if that is meant. Else edit the Description of its accrual code in Millennium "
            "(Accrual Code page), so that it is {category} letter by letter; the Code stays as it is."
        ),
    ),
    "TWO_CODES_FOR_CATEGORY": (
        (
            "The accrual codes {codes} of Millennium all have the Description {category}: towards Millennium "
            "a category goes to one code only."
        ),
        (
            "Give all but one of them another Description in Millennium (Accrual Code page). The other "
            "categories go on meanwhile."
        ),
    ),
    "TWO_CODES_TO_ONE": (
        (
            "The accrual codes {codes} of Millennium all have the Description {category}. With TimeWorksPlus "
            "as the system of record there must be a one-to-one correlation between the categories in each "
            "system.{more}"
        ),
        (
            "Give all but one of them another Description in Millennium (Accrual Code page), then connect "
            "again; or, if Millennium calculates, set system_of_record to millennium."
        ),
    ),
    "TWO_CATEGORIES": (
        "TimeWorksPlus has the category {category} twice, once with blanks around it.",
        f"Remove one of the two in TimeWorksPlus: {ACCRUE_UP_PLACE}.",
    ),
    "CODE_RENAMED": (
        (
            "The category {category} of TimeWorksPlus went to the accrual code {codes} of Millennium so far, "
            "{now}; no code has the Description {category} any more."
        ),
        (
            "{back} in Millennium (Accrual Code page). Do not rename the category in TimeWorksPlus; if it "
            f"was given up there, take it off the list of AccrueUpScript ({ACCRUE_UP_PLACE})."
        ),
    ),
    "CATEGORY_GONE": (
        (
            "The category {category} is gone from TimeWorksPlus, and was linked to {codes} in "
            "Millennium: what "
            "{codes} has there stays as it is.{likely}"
        ),
        (
            "If it was renamed, name it {category} again in TimeWorksPlus "
            f"({ACCRUE_UP_PLACE}), and it goes on by itself; or let Millennium follow: set the Description "
            "of {codes} to the new name (Accrual Code page), and of no other code. If it was given up, give "
            "{codes} another Description."
        ),
    ),
    "CATEGORY_NEW": (
        (
            "The category {category} is new in TimeWorksPlus while {gone} is gone there, and may be that "
            "under "
            "another name: the accrual code {codes} of Millennium is not filled with it."
        ),
        (
            "If it is {gone} under another name, name it {gone} again in TimeWorksPlus, or set the "
            "Description "
            "of {before} to {category} in Millennium (Accrual Code page), and give {codes} another. If "
            "it is a "
            "category of its own, and {gone} was given up, give {before} another Description."
        ),
    ),
    # One balance.
    "NO_BALANCE": (
        "{label}: TimeWorksPlus has no balance on {day}, which is not zero; Millennium keeps {there}.",
        "Nothing to do. To set it to zero, enter 0 as the balance in TimeWorksPlus.",
    ),
    "NEWER_BALANCE_THERE": (
        (
            "{label}: Millennium {standing}; the balance of TimeWorksPlus as of {day} is {here}, and an "
            "older one never goes over a newer one."
        ),
        "Nothing to do: the next balance with a later day goes by itself.",
    ),
    "IN_NO_BATCH": (
        (
            "{label}: the open batches of Millennium end on different days, and {employee} is in none of "
            "them: "
            "{batches}."
        ),
        (
            "Add the employee to the right batch on the Payroll Entry page of Millennium, then start the "
            "run again."
        ),
    ),
    "IN_TWO_BATCHES": (
        "{label}: {employee} is in open batches of Millennium that end on different days: {batches}.",
        (
            "Remove the employee from the wrong batch on the Payroll Entry page of Millennium, or "
            "process one "
            "payroll first; then start the run again."
        ),
    ),
    "PAYROLL_LOCKED": (
        (
            "{label} was not written: a payroll of {company} is being processed in Millennium, which "
            "locks balances."
        ),
        "Nothing to do: it goes by itself at the next run, once the payroll is processed.",
    ),
    "CHANGED_MEANWHILE": (
        "{label} was changed in Millennium again and again while it was written: the last time at {at}.",
        "Replay it once nobody works on the Accrual tab of the employee in Millennium.",
    ),
}
