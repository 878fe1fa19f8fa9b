"""Why the balance sync does not write a record: the reasons that it alone has (LB-3 to LB-9)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "NOT_PAYROLL_USER": (
        "{user} was created directly in Express Leave: the Payroll User column does not show Yes.{owner}",
        ("Delete the user {user} in Express Leave (Manage Users){then}."),
    ),
    "REPLACED_BY_NON_PAYROLL_USER": (
        "{label} was synced, then deleted in Express Leave and added there by hand, as {user}.",
        (
            "Delete the user {user} in Express Leave (Manage Users); the next login of an "
            "administrator creates the payroll user again. The user who was added by hand is never "
            "overwritten."
        ),
    ),
    "KEPT_WITHOUT_PAYROLL": (
        "{user} is kept in Express Leave without payroll on purpose.",
        "Nothing to do.",
    ),
    "NOT_ENABLED_ONLINE": (
        "{label} is not enabled for Attaché Online in Payroll{frozen}.",
        (
            "{otherwise}If they should use Express Leave: tick Enable Attaché Online on the Online Services "
            "tab in Payroll (Employee Details, Maintain), and enter their e-mail."
        ),
    ),
    "ONLINE_EMAIL_MISSING": (
        "{label} is enabled for Attaché Online, but has no e-mail there{frozen}.",
        (
            "{otherwise}If they should use Express Leave: enter the Attaché Online e-mail on the Online "
            "Services tab in Payroll (Employee Details, Maintain)."
        ),
    ),
    "ONLINE_EMAIL_NOT_VALID": (
        "{label} is enabled for Attaché Online, but {email} is no e-mail address{frozen}.",
        (
            "{otherwise}Correct the Attaché Online e-mail on the Online Services tab in Payroll (Employee "
            "Details, Maintain)."
        ),
    ),
    "TERMINATED": (
        "{label} was terminated on {value}, and is not in Express Leave.",
        "Nothing to do.",
    ),
    "EMAIL_TAKEN": (
        "{label} has the same e-mail as {other}, and Express Leave takes each only once.",
        (
            "Give one of the two another e-mail: an employee in Payroll (Employee Details, Maintain, Online "
            "Services tab), a user who was made by hand in Express Leave (Manage Users). A payroll user whom "
            "Payroll does not have, or does not enable for Attaché Online any more, is deleted there "
            "instead. Where Payroll gives one of them another already, it is free after the next sync "
            "of everybody."
        ),
    ),
    "CODE_CHANGED": (
        "{label} has the e-mail of the user {old} in Express Leave, whose code Payroll does not have.",
        (
            "If the code was changed, put the old one back in Payroll; or delete the user {old} in Express "
            "Leave (Manage Users), and the next login creates it under the new code."
        ),
    ),
    "NOT_IN_PAYROLL": (
        (
            "{label} is a payroll user in Express Leave, and Payroll does not have this code{owner}: what is "
            "shown there stands still."
        ),
        (
            "Delete the user in Express Leave (Manage Users): the next login of an administrator creates "
            "again whom Payroll has under another code."
        ),
    ),
    "EMPLOYEE_NOT_IN_PAYROLL": (
        "{label} is not in Payroll.",
        (
            "Correct the code that was asked for; or create the employee in Payroll, and log in to Express "
            "Leave as an administrator, which creates the user."
        ),
    ),
    "USER_MISSING": (
        "{label} has no payroll user in Express Leave (any more).",
        (
            "Log in to Express Leave as an administrator: the sync of that creates the user, or says why "
            "not. Then replay this record."
        ),
    ),
    "LEAVE_TYPE_NOT_IN_LEAVE_TABLE": (
        "{label}: the employee's leave table in Payroll does not have {type}, or has it without an amount.",
        (
            "If they are owed it: add or complete its row in Payroll (Masterfiles, Employee Details, "
            "Maintain, Leave tab); one that is shown in days needs Hours Per Day. If they are not, and "
            "Express Leave shows a balance of it: add its row with 0 hours; until then that balance stays as "
            "it is, and is not set to zero."
        ),
    ),
    "LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE": (
        "{label}: Express Leave does not have the leave type {type}.",
        "If it is to be shown: add the leave type {type} in Express Leave (Company Admin, Leave Types).",
    ),
    "OLDER_THAN_HELD": (
        "{label}: Payroll's balance is as at {as_at}, and Express Leave holds {held}, which is later.",
        (
            "Process the pay in Payroll, or correct Leave accrued up to and including on the Leave tab; a "
            "later balance is never replaced by an earlier one."
        ),
    ),
    "SAVED_AGAIN_IN_PAYROLL": (
        "{label} was saved again in Payroll{comment}",
        "Nothing to do.",
    ),
    "ORGANISATION_MISMATCH": (
        "Express Leave is connected to the organisation {held}, and this connection to {own}.",
        (
            "In Express Leave open Company Admin, Company Details, and choose Disconnect, which ends the "
            "connection to {held}; disconnecting this connection does the same. Then choose Connect to "
            "Organisation, and there the organisation that is right."
        ),
    ),
}

reason = reasons_with(REASONS)
