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
        (
            "Nothing to do. If the person is employed, set them active in Simployer One; to export inactive "
            "employees too, set `selection.active_only` to false."
        ),
    ),
    "NOT_PERMANENT": (
        "{label} has the employment type {value}, and only permanent employment is exported.",
        (
            "Nothing to do. If the type is wrong or missing, correct it in Simployer One; to export other "
            "types too, add them to `selection.employment_types`, and to `employee_groups` with the employee "
            "group of each."
        ),
    ),
    "NOT_FULL_RATE": (
        "{label} is employed at {value} %, and only employment at 100 % is exported.",
        (
            "Nothing to do. If the rate is wrong or missing, correct it in Simployer One; to export "
            "part-time employees too, set `selection.full_rate_only` to false."
        ),
    ),
    "EMPLOYEE_NOT_FOUND": (
        "{label} is not in Simployer One.",
        (
            "Correct the number in the run's `employees`, or in Simployer One. If the employee was deleted "
            "there by mistake, enter them again; if on purpose, there is nothing to do."
        ),
    ),
    "DUPLICATE_NUMBER": (
        (
            "{label} and {winner} in Simployer One both have the number {number}; {winner} {because} and "
            "is exported."
        ),
        (
            "If they are two people, give {label} an employee number of their own in Simployer One; if they "
            "are one person, delete one of the two records there, or set it inactive."
        ),
    ),
    "SAME_NUMBER_AND_HIRE_DATE": (
        (
            "{label} and {other} in Simployer One both have the number {number} and the hire date {day}, so "
            "that neither was hired first; neither is exported."
        ),
        (
            "If they are two people, give one of them another employee number in Simployer One (not the one "
            "whom Xledger has under {number}, if it has one of them); if they are one person, delete one of "
            "the two records there, or set it inactive."
        ),
    ),
    "NUMBER_CHANGED": (
        "{label} was exported under the number {old}, and now has the number {new} in Simployer One.",
        (
            "Change the code of {there} in Xledger to {new}, or enter the number {held} in Simployer One; "
            "exporting it now would make a second employee."
        ),
    ),
    "NUMBER_CHANGED_TO_ONE_IN_USE": (
        (
            "{label} was exported under the number {old}, and now has the number {new} in Simployer One, "
            "which is the code of {holder} in Xledger."
        ),
        (
            "Enter the number {held} in Simployer One. If {new} is right: first change the code of {holder} "
            "in Xledger to a free one, then that of {there} to {new}."
        ),
    ),
    "CODE_CHANGED_IN_XLEDGER": (
        "{label} was exported under the number {number}, and has the code {there} in Xledger now.",
        (
            "Change the code {there} in Xledger back to {number}, or give {label} the number {there} in "
            "Simployer One; exporting it now would make a second employee."
        ),
    ),
    "NUMBER_DOUBTFUL": (
        "{label}: the employee number {number} in Simployer One looks like {plain}, and differs in {signs}.",
        "Delete the employee number in Simployer One and type it in again, without copying it.",
    ),
    "NUMBER_SPELLED_OTHERWISE": (
        (
            "{label} has the number {number} in Simployer One; Xledger has {holder} under {there}. The two "
            "numbers differ in {signs} only."
        ),
        (
            "If they are one person, write the number in Simployer One as it is in Xledger ({there}), or "
            "change the code in Xledger to {number}. If they are two, give {label} a number in Simployer One "
            "that nobody has had and that doesn't look like {there}."
        ),
    ),
    "NUMBER_OF_ANOTHER": (
        (
            "Employee {number} in Simployer One is {ours}, and employee {number} in Xledger is {theirs}: "
            "they differ in {evidence}."
        ),
        (
            "If they are two people, give {ours} an employee number in Simployer One that nobody has had, or "
            "change the code of {theirs} in Xledger to a free one. If they are one person, correct the "
            "{evidence} in Xledger, or in Simployer One where that is wrong."
        ),
    ),
    "RECORD_OF_ANOTHER": (
        (
            "The record of employee {number} in Simployer One is {ours}, and was exported as {theirs} "
            "(employee {there} in Xledger): they differ in {evidence}."
        ),
        (
            "If they are two people, make a new record for {ours} in Simployer One, with an employee number "
            "of its own, and put back what was there of {theirs}. If they are one person, correct the "
            "{evidence} in Xledger, too."
        ),
    ),
    "PERSON_TWICE": (
        ("{label} would be a second employee: {other} has the same {evidence}."),
        (
            "If they are one person, {one_person}. If they are two people, correct the {evidence} in "
            "Simployer One{or_fill_in}."
        ),
    ),
    "STILL_EMPLOYED": (
        "{why} In Xledger {label} is still employed: {open}.",
        (
            "{remedy} If the person has left, enter the end date in Simployer One, and the next run writes "
            "it, or enter it as Employment to of employee {there} in Xledger."
        ),
    ),
    "DATE_NOT_PLAUSIBLE": (
        "{label}: the {field} in Simployer One {problem}, which can't be right.",
        "Correct {what} in Simployer One; the next run takes it from there.",
    ),
    "EMPLOYMENT_ENDED": (
        "The employment of {label} in Simployer One ended on {end}, and nothing says that the person left.",
        "Enter the end date of the employee in Simployer One, or add the employment that follows.",
    ),
    "COST_CENTRE_UNKNOWN": (
        "{label} has the cost centre {value}, which Xledger does not have.",
        "Create cost centre {value} in Xledger (a value of GL object 1), or correct it in Simployer One.",
    ),
    "EMPLOYMENT_TYPE_NOT_MAPPED": (
        "{label} has the employment type {value}, which has no employee group in this connection.",
        (
            "Add the employment type to the connection's `employee_groups`, with the code of an employee "
            "group in Xledger; or correct it, or fill it in, in Simployer One."
        ),
    ),
    "EMPLOYEE_GROUP_UNKNOWN": (
        "The employee group {value} of {label} does not exist in Xledger.",
        "Create employee group {value} in Xledger, or correct the connection's `employee_groups`.",
    ),
    "REFERENCE_UNKNOWN": (
        "{label} needs the {kind} {value}, which Xledger does not have.",
        "Create the {kind} {value} in Xledger, or correct it in {where}.",
    ),
    "GONE_FROM_SOURCE": (
        "{label} was exported before, is no longer in Simployer One, and is still employed in Xledger.",
        (
            "Enter the last day as Employment to of employee {there} in Xledger; or restore the employee in "
            "Simployer One, or enter them there again, with the number {there}. Payrelay ends nobody's "
            "employment because a record is missing."
        ),
    ),
}

reason = reasons_with(REASONS)
