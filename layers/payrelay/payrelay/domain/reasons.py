"""Every reason in one table: a stable code, its message and what a person does next (docs are made of it)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from payrelay.domain.records import Reason

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    # Employees: for export or not (EX-6, EX-8).
    "REQUIRED_FIELD_MISSING": (
        "{label} has no {field} in {system}.",
        "Fill in {field} for this employee in {system}; the next run takes it from there.",
    ),
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
        "{label} was exported under the number {old} and has the number {new} in Simployer One now.",
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
    "VALUE_NOT_VALID": (
        "{label}: {field} has a value that is not valid: {problem}.",
        "Correct {field} of this record in {system}.",
    ),
    "GONE_FROM_SOURCE": (
        "{label} was exported before, is no longer in Simployer One, and is still employed in Xledger.",
        (
            "End the employment in Xledger, or restore the employee in Simployer One. Payrelay ends "
            "nobody's employment because a record is missing."
        ),
    ),
    # Absences (TO-1, TO-2).
    "CUT_TO_PERIOD": (
        "{label} runs from {start} to {end}; only {cut_start} to {cut_end} is in the period and exported.",
        "Nothing to do here; export the neighbouring period for the rest.",
    ),
    "WITHDRAWN_AT_SOURCE": (
        "{label} was exported before and is gone from Simployer One; it is taken back in Xledger.",
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
        "Export the employee first; the next time-off export takes the absence along.",
    ),
    "OVERLAPS_OTHER_ABSENCE": (
        "{label} overlaps an absence that was entered in Xledger by hand ({value}).",
        (
            "Delete or change the absence in Xledger, or in Simployer One; an absence entered by hand is "
            "never overwritten."
        ),
    ),
    "OVERLAPS_OTHER_LEAVE": (
        "{label} overlaps another leave with the same code ({value}); Xledger takes one of a code at a time.",
        "Correct one of the two leaves in Simployer One, or give them different types.",
    ),
    "REACHES_BEYOND_PERIOD": (
        "{label} has changed within an absence ({value}) that was exported with a longer period.",
        "Export a period that holds the whole absence ({value}).",
    ),
    # Leave balances (LB-3 to LB-9).
    "NOT_PAYROLL_USER": (
        "{label} was created directly in Express Leave: the Payroll User column does not show Yes.",
        (
            "Delete this non-payroll user in Express Leave (Manage Users), and create the user in Payroll "
            "(Employee Details, Maintain, Online Services); the next login of an administrator syncs it. "
            "If it is a contractor without payroll, add the employee id to the connection's `contractors`."
        ),
    ),
    "REPLACED_BY_NON_PAYROLL_USER": (
        "{label} was synced, then deleted in Express Leave and added there by hand.",
        (
            "Delete the user that was added by hand in Express Leave (Manage Users); the next login of an "
            "administrator creates the payroll user again. It is never overwritten."
        ),
    ),
    "KEPT_WITHOUT_PAYROLL": (
        "{label} is kept in Express Leave without payroll on purpose.",
        "Nothing to do.",
    ),
    "NOT_ENABLED_ONLINE": (
        "{label} is not enabled for Attaché Online in Payroll.",
        (
            "If they are to use Express Leave: tick Enable Attaché Online on the Online Services tab in "
            "Payroll (Employee Details, Maintain), and enter their e-mail."
        ),
    ),
    "ONLINE_EMAIL_MISSING": (
        "{label} is enabled for Attaché Online, and has no e-mail there.",
        "Enter the Attaché Online e-mail on the Online Services tab in Payroll (Employee Details, Maintain).",
    ),
    "TERMINATED": (
        "{label} was terminated on {value}, and is not in Express Leave.",
        "Nothing to do.",
    ),
    "EMAIL_TAKEN": (
        "{label} has the same e-mail as {other}, and Express Leave takes each only once.",
        (
            "Give one of the two another e-mail: in Payroll on the Online Services tab, or in Express Leave "
            "if the user there is no payroll user."
        ),
    ),
    "CODE_CHANGED": (
        "{label} is the user whose employee id in Express Leave is {old}, a code that Payroll does not have.",
        (
            "If the code was changed, put the old one back in Payroll; or delete the user {old} in Express "
            "Leave (Manage Users), and the next login creates it under the new code."
        ),
    ),
    "NOT_IN_PAYROLL": (
        "{label} is a payroll user in Express Leave, and Payroll does not have this code.",
        "If the person has left, delete the user in Express Leave (Manage Users); nothing syncs to it.",
    ),
    "EMPLOYEE_NOT_IN_PAYROLL": (
        "{label} is not in Payroll.",
        "Correct the code that was asked for, or create the employee in Payroll.",
    ),
    "USER_MISSING": (
        "{label} has no payroll user in Express Leave (any more).",
        "Log in to Express Leave as an administrator, which creates the user; then replay this record.",
    ),
    "LEAVE_TYPE_NOT_IN_LEAVE_TABLE": (
        "{label}: the employee's leave table in Payroll does not have {type}, or not set up with an amount.",
        (
            "If they are owed it: add or complete its row in Payroll (Masterfiles, Employee Details, "
            "Maintain, Leave tab); one that is shown in days needs Hours Per Day. What Express Leave shows "
            "is left as it is, and not set to zero."
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
        "Express Leave is connected to {held}, and this connection to {own}.",
        (
            "In Express Leave open Company Admin, Company Details, and disconnect; then connect again, and "
            "choose the organisation there."
        ),
    ),
    "ORGANISATION_NOT_REACHED": (
        "{system} does not show the organisation {organisation} to this connection.",
        "Disconnect and connect again, and choose the organisation there.",
    ),
    # Payroll reports (REP-1).
    "NO_SYNERGY_RESOURCE": (
        "{label} is not kept: Exact Synergy has no resource {number}.",
        (
            "Create the person in Exact Synergy: the next pull, or a replay, then keeps it. Leave it if they "
            "are paid outside of Synergy; the others go on."
        ),
    ),
    "PERIOD_NOT_APPROVED": (
        "The payroll period {period} has no approved run in Exact Payroll Plus.",
        "Approve the calculation in Exact Payroll Plus, then start the run again.",
    ),
    "LICENCE_MISSING": (
        "{system} has no active licence YA1740 with option 36.",
        "Get the licence from Exact, put the licence file into Exact Synergy, and connect again.",
    ),
    # Documents on their way to an accounting package, in the order of their checks (IN-3, IN-6, IN-11).
    "NOT_SENT": (
        "Cannot sync until marked as sent.",
        "E-mail {label} from AutoVu, or switch `Sent` to Yes in its print dialogue; then sync again.",
    ),
    "ACCOUNT_NOT_FOUND": (
        "The account {name} does not exist in {package}.",
        (
            "Create it (POST …/accounts/{account_id}/create), or link another one (POST "
            "…/accounts/{account_id}/link); its later documents then need no more."
        ),
    ),
    "ACCOUNT_NOT_LINKED": (
        "The account {name} exists in {package}, and is not linked yet.",
        "Link this (POST …/accounts/{account_id}/link); its later documents then need no more.",
    ),
    "ACCOUNT_INACTIVE": (
        "The account {name} is not active in {package}.",
        "Make the account {name} active again in {package}, or link another one.",
    ),
    "ACCOUNTS_ID_WRONG": (
        "AccountsID ({id}) is not correct, {package} requires {wanted}",
        (
            "Remove the wrong AccsID on the company or site record of {name} in AutoVu (or DELETE "
            "…/accounts/{account_id}/link); the next sync finds the account by its name."
        ),
    ),
    "CARE_OF_UNKNOWN": (
        "{label} has the care-of id {value}, which {package} does not have.",
        "Correct the CareOfID on the company or site record in AutoVu.",
    ),
    "DUPLICATE_DOCUMENT_NUMBER": (
        "{label} can't be synced: {package} has a document with this number already ({id}).",
        (
            "Look at the document {id} in {package}. Give one of the two another number, or take this one "
            "off the list in AutoVu; it is never overwritten or renumbered."
        ),
    ),
    "NOMINAL_UNKNOWN": (
        "Line {line} of {label} has the nominal code {value}, which {package} does not have for it.",
        "Create the nominal {value} in {package}, or correct the code of the line in AutoVu.",
    ),
    "NOMINAL_WITHOUT_TAX": (
        "Line {line} of {label}: nominal {value} has no tax value in {package} (tax selector {selector}).",
        (
            "Give the nominal a tax selector in AutoVu's chart of accounts, and the selector a rate in the "
            "connection's `tax_rates` that {package} has a tax code for."
        ),
    ),
    "LINE_WITHOUT_TEXT": (
        "Line {line} of {label} has no text.",
        "Fill in the text of the line in AutoVu, or delete the line.",
    ),
    "TOTALS_DIFFER": (
        "The total of {label} is {gross} in AutoVu, and {total} by {who}.",
        "Correct the lines in AutoVu so that both totals are the same; nothing was posted.",
    ),
    "NUMBER_REPLACED": (
        "{label} was posted, and {package} gave it the number {value} instead of its own.",
        (
            "Let {package} take our numbers (custom transaction numbers), and correct the number of the "
            "document {id} there; it is not posted again."
        ),
    ),
    "DOCUMENT_EDITED": (
        "{label} was edited in AutoVu while it was being synced; {package} has it as it was before.",
        "Compare the two, and correct the document in {package} by hand where they differ.",
    ),
    "DOCUMENT_DELETED": (
        "{label} was deleted in AutoVu while it was being synced; {package} has it ({id}).",
        "Void the document {id} in {package}, if it should not be there either.",
    ),
    "TOTAL_AS_POSTED": (
        "{label} stands in {package} with a total of {total}, and has {gross} in AutoVu.",
        "Compare the document {id} in {package} with AutoVu's, and correct it there by hand.",
    ),
    "DOCUMENT_GONE": (
        "{label} is not on AutoVu's list any more.",
        "Nothing to do, unless it should be: then mark it for sync in AutoVu again.",
    ),
    # What may happen to any record.
    "REFUSED_BY_TARGET": (
        "{system} refused {label}: {problem}",
        "Correct the value in the source, or allow it in {system}, then replay this record.",
    ),
    "MOVED_SINCE_PREVIEW": (
        "{label} has changed since the plan was made: {what}.",
        "Make a new preview, look at it, and apply that one.",
    ),
    "NEWER_AT_TARGET": (
        "{label} was changed at the target since {run_id} ({field} is {value} now), and is left alone.",
        "If the source is right, start a new run instead, which overwrites it.",
    ),
    "NOT_ATTEMPTED": (
        "{label} was planned, and the run ended before it was heard of as written: {problem}",
        "Start the run again, or replay its failed records; what was written already is not written again.",
    ),
    "SYSTEM_UNREACHABLE": (
        "{system} could not be reached or did not answer: {problem}",
        "Nothing is lost. Start the run again or replay it once {system} answers.",
    ),
    "COME_BACK_LATER": (
        "{system} asks to come back in {seconds} seconds, which is longer than a run waits: {problem}",
        "Start the run again or replay it after that; what was written already is not written again.",
    ),
    "SYSTEM_REFUSED": (
        "{system} refused a call of this run: {problem}",
        "Check the connection's settings and the rights of its credentials in {system}, then run again.",
    ),
    "CREDENTIALS_REFUSED": (
        "{system} does not accept the credentials of this connection: {problem}",
        (
            "Put a new token of {system} into the connection, or let a person give consent there again; then "
            "connect again."
        ),
    ),
    "INTERNAL_ERROR": (
        "Payrelay made a mistake at {label} ({problem}).",
        "Replay this record; if it fails again, give Payrelay's support the run and record ids.",
    ),
    # What may happen to a run.
    "STOPPED_BY_USER": (
        "{who} stopped the run.",
        "Start it again, or replay it; what was written already is not written again.",
    ),
    "CONNECTION_DISCONNECTED": (
        "The connection was disconnected while the run was in progress.",
        "Connect it again and start a new run.",
    ),
    "BRAKE": (
        (
            "The run would change {people} of {total} people in a way that the brake watches ({risks}); "
            "the limit of this connection is {limit}."
        ),
        "Look at the planned records; an admin applies the plan if it is right. Nothing was written.",
    ),
    "RUN_DIED": (
        "The run stopped without a word ({problem}).",
        "Start it again; what was written already is not written again.",
    ),
    "DEPLOYED_MEANWHILE": (
        "A new version of this flow was installed while the run was planning ({old}, now {new}).",
        "Start the run again; nothing was written.",
    ),
    "SCHEDULE_DID_NOT_START": (
        "The run of {flow} that was due at {due} did not start.",
        "Start it by hand (POST /connections/{connection_id}/runs), and set its schedule again.",
    ),
    "JOINED_ANOTHER_RUN": (
        "The run of {flow} that was due at {due} joined {run_id}, which does not sync everything.",
        "Start it by hand (POST /connections/{connection_id}/runs).",
    ),
    "RUN_NEVER_BEGAN": (
        "The run of {flow} that was due at {due} is queued as {run_id}, and has not begun.",
        "Start it by hand (POST /connections/{connection_id}/runs): that starts the one that is queued.",
    ),
    "PLAN_EXPIRED": (
        "The plan of {run_id} is not kept any more.",
        "Make a new preview, and apply that one.",
    ),
    # What may refuse a run or a connection.
    "NOT_CONNECTED": (
        "The connection {name} is not connected.",
        "{how} (POST /connections/{connection_id}/connect).",
    ),
    "LAPSED": (
        "The connection {name} was not used for {minutes} minutes, and has ended.",
        "Connect it again (POST /connections/{connection_id}/connect); no new consent is needed.",
    ),
    "ROLE_STARTS_NOTHING": (
        "The login of the user type {role} starts no sync.",
        "Nothing to do; a sync starts when an Administrator or an HR Manager logs in.",
    ),
    "ADDRESS_NOT_ALLOWED": (
        "The address of {system} is refused: {problem}.",
        "Set the connection's address to https on one of: {hosts}.",
    ),
    "REDIRECT_REFUSED": (
        "{system} answered with a redirect to {host}, which is not followed.",
        "Check the address in the connection's settings.",
    ),
    "ADD_ON_NOT_ACTIVE": (
        "{kind} is an add-on, which is not active for this tenant.",
        "Ask Payrelay to activate the add-on {kind}, then try again.",
    ),
}


def reason(code: str, **values: object) -> Reason:
    """The reason `code` with its values filled in; KeyError for a code or value that is not there."""
    return _filled(REASONS[code], code, values)


def reasons_with(own: Mapping[str, tuple[str, str]]) -> Callable[..., Reason]:
    """What makes the reasons of one flow: its `own`, by code (message, remedy), and those that all share."""
    known = {**REASONS, **own}
    return lambda code, **values: _filled(known[code], code, values)


def _filled(texts: tuple[str, str], code: str, values: Mapping[str, object]) -> Reason:
    message, remedy = texts
    return Reason(code, message.format_map(values), remedy.format_map(values))
