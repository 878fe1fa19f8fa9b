"""Every reason in one table: a stable code, its message and what a person does next (docs are made of it)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from payrelay.domain.records import Reason

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    # What may be wrong with any row that is read.
    "REQUIRED_FIELD_MISSING": (
        "{label} has no {field} in {system}.",
        "Fill in {field} for this employee in {system}; the next run takes it from there.",
    ),
    "VALUE_NOT_VALID": (
        "{label}: {field} has a value that is not valid: {problem}.",
        "Correct {field} of this record in {system}.",
    ),
    # Leave balances (LB-9).
    "ORGANISATION_NOT_REACHED": (
        "{system} does not show the organisation {organisation} to this connection.",
        "Disconnect and connect again, and choose the organisation there.",
    ),
    # Payroll reports (REP-1).
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
        "{label} has been changed at the target since {run_id} ({field} is now {value}), and is left alone.",
        "If the source is right, start a new run instead, which will overwrite it.",
    ),
    "NOT_ATTEMPTED": (
        "{label} was planned, but the run ended before it was confirmed as written: {problem}",
        "Start the run again, or replay its failed records; what has been written is not written again.",
    ),
    "SYSTEM_UNREACHABLE": (
        "{system} could not be reached or did not answer: {problem}",
        "Nothing is lost. Start the run again or replay it once {system} answers.",
    ),
    "COME_BACK_LATER": (
        "{system} asks us to come back in {seconds} seconds, which is longer than a run waits: {problem}",
        "Start the run again or replay it after that; what has been written is not written again.",
    ),
    "SYSTEM_REFUSED": (
        "{system} refused a call of this run: {problem}",
        "Check the connection's settings and the rights of its credentials in {system}, then run again.",
    ),
    "CREDENTIALS_REFUSED": (
        "{system} does not accept the credentials of this connection: {problem}",
        (
            "Enter a new token of {system} in the connection, or have somebody give consent there again; "
            "then connect again."
        ),
    ),
    "INTERNAL_ERROR": (
        "Payrelay made a mistake with {label} ({problem}).",
        "Replay this record; if it fails again, give Payrelay's support the run and record ids.",
    ),
    # What may happen to a run.
    "STOPPED_BY_USER": (
        "{who} stopped the run.",
        "Start it again, or replay it; what has been written is not written again.",
    ),
    "CONNECTION_DISCONNECTED": (
        "The connection was disconnected while the run was in progress.",
        "Connect it again and start a new run.",
    ),
    "BRAKE": (
        (
            "The run would change {people} of {total} people in ways that the brake watches for ({risks}); "
            "this connection's limit is {limit}."
        ),
        "Look at the planned records; if the plan is right, an admin applies it. Nothing was written.",
    ),
    "RUN_DIED": (
        "The run stopped without saying why ({problem}).",
        "Start it again; what has been written is not written again.",
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
        "The plan of {run_id} is no longer kept.",
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
        "A login by the user type {role} starts no sync.",
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
