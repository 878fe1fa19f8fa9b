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
        "This Exact Synergy has no active licence YA1740 with option 36.",
        (
            "The licence YA1740 with option 36 is needed for Exact Payroll Plus: get it from Exact, put the "
            "licence file into Exact Synergy, and connect again."
        ),
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
        (
            "If the source is right, start a new run instead, which will overwrite it; if not, correct the "
            "source first."
        ),
    ),
    "NOT_ATTEMPTED": (
        "{label} was planned, but the run ended before it was confirmed as written: {problem}",
        "Start the run again, or replay its failed records; what has been written is not written again.",
    ),
    "OUTCOME_UNKNOWN": (
        "{label} was sent, and the run ended before it was told whether that was written: {problem}",
        (
            "Start the run again, or replay its failed records: each is looked up first, what is there is "
            "put down as this run's, and only the rest is sent."
        ),
    ),
    "WRITTEN_IN_PART": (
        "{label} is written in part, and the run ended before the rest ({what}): {problem}",
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
            "Enter a new token, or the user name and password, of {system} in the connection, or have "
            "somebody give consent there again; then connect again."
        ),
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
    "CONNECTION_MOVED": (
        "The address of a system, or the organisation, was changed while the run was in progress.",
        "Connect it again and start a new run.",
    ),
    "OTHER_ORGANISATION": (
        "The connection {name} reaches {now}, and has worked with {before} so far.",
        (
            "Put the credentials of {before} into the connection again; or, if it is to work with {now} from "
            "now on, connect with `confirm_organisation`: what was pulled from, and linked with, {before} "
            "is not shown any more."
        ),
    ),
    "BRAKE": (
        (
            "The run would change {people} of {total} people in ways that the brake watches for ({risks}); "
            "this connection's limit is {limit}."
        ),
        (
            "Nothing was written. Look at the planned records: if the plan is right, an admin applies it; if "
            "not, correct the data in the source and start a new run."
        ),
    ),
    "RUN_DIED": (
        "The run stopped without saying why ({problem}).",
        "Start it again; what has been written is not written again.",
    ),
    "DEPLOYED_MEANWHILE": (
        "A new version of this flow was installed {when} ({old}, now {new}){then}.",
        "Start the run again{instead}; nothing was written.",
    ),
    "CALLS_RESERVED": (
        (
            "{system} takes {limit} calls a day, of which {left} are left, and a batch needs {needed}: "
            "{kept}, which go first."
        ),
        (
            "Nothing is lost, and nothing is to be repaired. Start the Auto Sync again after {reset}, when "
            "all calls of {system} are there again. If {system} allows more calls a day, say so in the "
            "connection (`calls.{name}.day`); or switch off a schedule that is not needed."
        ),
    ),
    "SCHEDULE_DID_NOT_START": (
        "The run of {flow} that was due at {due} did not start.",
        "Start it by hand (POST /connections/{connection_id}/runs), and set its schedule again.",
    ),
    "SCHEDULE_LOST": (
        "The scheduler does not have the schedule of {flow} as it was set, so that nothing starts it.",
        "Put it again as it is (payrelay schedule {connection_id} {flow} --again).",
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
    "ADDRESS_CHANGED": (
        "The credentials of {system} were entered for {known}, and are not sent to {address}.",
        (
            "Put the address of {system} and its credentials into the connection together, and connect "
            "again; if that was done just now, start the run again."
        ),
    ),
    "ADDRESS_NOT_ALLOWED": (
        "The address of {system} is refused: {problem}.",
        (
            "Set the connection's address to https on one of: {hosts}; a changed address needs the "
            "credentials of {system} with it."
        ),
    ),
    "REDIRECT_REFUSED": (
        "{system} answered with a redirect to {host}, which is not followed.",
        (
            "Put the address at which {system} itself answers, and its credentials, into the connection "
            "together, and connect again."
        ),
    ),
    "LINK_REFUSED": (
        "{system} answered with a next page at {host}, which is not its address and is not followed.",
        (
            "Ask {system} what answers there. Put the address at which {system} itself answers, and its "
            "credentials, into the connection together, and connect again."
        ),
    ),
    "CLOCK_WRONG": (
        "{system} lets nobody in whose clock is more than five minutes wrong, and that of Payrelay is {off}.",
        (
            "Set the clock of the machine that Payrelay runs on, then start the run again; the credentials "
            "need not be entered anew."
        ),
    ),
    "RUN_BY_VENDOR": (
        "The connection {name} leaves {flow} to the vendor's own task: its setting {setting} is {value}.",
        (
            "Preview and diagnosis work as they are. If Payrelay is to write, disable the vendor's task for "
            "this company first, then set {setting} to {ours}; two programs must not write the same values."
        ),
    ),
    "NOT_CONFIGURED": (
        "The connection {name} names no {setting}, without which {flow} has nothing to write to.",
        (
            "Put {setting}, and the address and credentials of {system}, into the connection, and connect "
            "it again."
        ),
    ),
    "ADD_ON_NOT_ACTIVE": (
        "{kind} is an add-on, which is not active for this tenant.",
        "Ask Payrelay to activate the add-on {kind}, then try again.",
    ),
}

# What each run asks a system of the connection itself: once it is mended there, the next run or diagnosis
# finds it, and the connection counts as connected again.
ASKED_AGAIN = frozenset({"NOT_CONNECTED", "ORGANISATION_MISMATCH", "ORGANISATION_NOT_REACHED"})
# What a system says of the connection itself: whoever hears it, a run, a diagnosis or a connect, notes it as
# the connection's status (CON-2). What is not asked again needs somebody who connects again.
MARKING = ASKED_AGAIN | {"CREDENTIALS_REFUSED", "LICENCE_MISSING", "OTHER_ORGANISATION"}


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
