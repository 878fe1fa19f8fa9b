"""Users: created by hand or by a sync, replaced whole, and deleted with their balances."""

import re
from datetime import datetime
from typing import Any

from local.sandbox.frame.kinds import instant, misfits
from local.sandbox.frame.room import Row

from .fields import USER, USER_NEEDED, USER_OPTIONAL, USER_SYSTEM, USER_WRITABLE
from .refusals import RefusedError, invalid, refuse_misfits
from .store import Store

_VERSION = re.compile(r"\d{1,9}", re.ASCII)


def create(store: Store, body: Any, now: datetime) -> Row:
    """A new user. One who is created directly gets the welcome e-mail; one of payroll has to be invited."""
    given = _checked(store, body, None)
    row = {
        **given,
        "UserId": store.next_id("u"),
        "WelcomeEmailSentAt": None if given["PayrollUser"] else instant(now),
        "Version": 1,
    }
    return _put(store, row)


def replace(store: Store, old: Row, body: Any, if_match: str) -> Row:
    """The user as the body says and no more: what it leaves out is emptied."""
    given = _checked(store, body, old)
    _check_version(old, if_match)
    if given["PayrollUser"] != old["PayrollUser"]:
        message = "Payroll User can't be changed: delete the user and create it again."
        raise RefusedError(409, "PayrollUserFixed", message, "PayrollUser")
    _refuse_duplicates(store, given, old)
    kept = {name: old[name] for name in USER_SYSTEM}
    return _put(store, {**given, **kept, "Version": old["Version"] + 1})


def edited(store: Store, old: Row) -> None:
    """Somebody saves the user as it is: only its version moves on."""
    store.put_user({**old, "Version": old["Version"] + 1})


def _checked(store: Store, body: Any, old: Row | None) -> Row:
    """All writable fields of the body; of a new user also that nobody has its code or address."""
    refuse_misfits(misfits(USER_WRITABLE, body, USER_NEEDED))
    given: Row = {**dict.fromkeys(USER_OPTIONAL), **body}
    approver = given["DefaultApprover"]
    # An approver who has been deleted since stays named, so that a user can be sent back as it was read.
    named_before = old is not None and old["DefaultApprover"] == approver
    if approver is not None and approver not in store.users and not named_before:
        raise invalid("DefaultApprover", "DefaultApprover must be the UserId of a user.")
    if old is None:
        _refuse_duplicates(store, given, None)
    return given


def _refuse_duplicates(store: Store, given: Row, old: Row | None) -> None:
    own_id = old and old["UserId"]
    for name, other in (
        ("EmployeeId", store.employee(given["EmployeeId"])),
        ("Email", store.user_of_email(given["Email"])),
    ):
        if other and other["UserId"] != own_id:
            raise RefusedError(409, f"Duplicate{name}", f"Another user has this {name}.", name)


def _check_version(old: Row, if_match: str) -> None:
    """`If-Match` as it stands, or in quotes as HTTP writes it."""
    given = if_match.removeprefix('"').removesuffix('"')
    if not _VERSION.fullmatch(given):
        raise invalid("If-Match", "If-Match must name the Version that is to be changed.")
    if int(given) != old["Version"]:
        raise RefusedError(412, "VersionMismatch", "The user was edited meanwhile.", "Version")


def _put(store: Store, row: Row) -> Row:
    whole = {name: row[name] for name in USER}
    store.put_user(whole)
    return whole
