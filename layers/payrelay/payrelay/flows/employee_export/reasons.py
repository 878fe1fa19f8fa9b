"""The reasons that the employee export alone gives (EX-4, EX-6)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "EMAIL_MISSING": (
        "{label} has no work e-mail in Simployer One.",
        "Fill in the work e-mail in Simployer One, or take `email` out of `selection.require`.",
    ),
    "HIRE_DATE_MISSING": (
        "{label} has no hire date in Simployer One.",
        "Fill in the hire date in Simployer One; without it Xledger has no employment start.",
    ),
    "JOB_TITLE_MISSING": (
        "{label} has no job title in Simployer One.",
        "Fill in the job title in Simployer One, or take `job_title` out of `selection.require`.",
    ),
    "EMPLOYMENT_MISSING": (
        "{label} has no employment in Simployer One.",
        "Add the employment with its start date in Simployer One.",
    ),
    "EMPLOYMENT_START_MISSING": (
        "The employment of {label} has no start date in Simployer One.",
        "Fill in the employment's start date in Simployer One.",
    ),
    "SEVERAL_EMPLOYMENTS": (
        "{label} has {count} current employments in Simployer One; one is allowed.",
        "End or delete the employments that are no longer current in Simployer One.",
    ),
    "NOT_ACTIVE": (
        "{label} is not active in Simployer One.",
        "Nothing to do. To export inactive employees too, set `selection.active_only` to false.",
    ),
    "NOT_PERMANENT": (
        "{label} has the employment type {value}, and only permanent employment is exported.",
        "Nothing to do. To export other types too, list them in `selection.employment_types`.",
    ),
    "NOT_FULL_RATE": (
        "{label} is employed at {value} %, and only employment at 100 % is exported.",
        "Nothing to do. To export part-time employees too, set `selection.full_rate_only` to false.",
    ),
    "EMPLOYEE_NOT_FOUND": (
        "{label} is not in Simployer One.",
        "Correct the number in the run's `employees`, or in Simployer One, or restore the employee there.",
    ),
    "DUPLICATE_NUMBER": (
        "Two employees in Simployer One have the number {number}; {winner} was hired first and is exported.",
        "Give one of the two its own employee number in Simployer One.",
    ),
    "NUMBER_CHANGED": (
        "{label} was exported under the number {old}, and now has the number {new} in Simployer One.",
        (
            "Change the code of employee {old} to {new} in Xledger, or put the old number back in Simployer "
            "One; exporting it now would make a second employee."
        ),
    ),
    "COST_CENTRE_UNKNOWN": (
        "{label} has the cost centre {value}, which Xledger does not have.",
        "Create cost centre {value} in Xledger (posting 1), or correct it in Simployer One.",
    ),
    "EMPLOYMENT_TYPE_NOT_MAPPED": (
        "{label} has the employment type {value}, which has no employee group in this connection.",
        "Add {value} to the connection's `employee_groups`, with the code of an employee group in Xledger.",
    ),
    "EMPLOYEE_GROUP_UNKNOWN": (
        "The employee group {value} of {label} does not exist in Xledger.",
        "Create employee group {value} in Xledger, or correct the connection's `employee_groups`.",
    ),
    "REFERENCE_UNKNOWN": (
        "{label} needs {field} {value}, which Xledger does not have.",
        "Create {value} in Xledger, or correct the connection's settings.",
    ),
    "GONE_FROM_SOURCE": (
        "{label} was exported before, is no longer in Simployer One, and is still employed in Xledger.",
        (
            "End the employment in Xledger, or restore the employee in Simployer One. Payrelay ends "
            "nobody's employment because a record is missing."
        ),
    ),
}

reason = reasons_with(REASONS)
