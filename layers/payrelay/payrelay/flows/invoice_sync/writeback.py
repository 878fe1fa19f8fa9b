"""Writing back to AutoVu: off the list, a StatusCode, the link of an account; people edit meanwhile."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto

from payrelay.domain.invoices import Side
from payrelay.errors import Rejected
from payrelay.flows.invoice_sync.writes import Row
from payrelay.systems.autovu.client import ALREADY_SYNCED, NOT_FOUND, ROW_VERSION_MISMATCH, AutoVuClient
from payrelay.systems.rows import BadRow

# Somebody who types on may edit a document several times; then the next run takes it off the list.
EDITS = 3


class Meanwhile(Enum):
    """What a person did with a document while it was posted."""

    NOTHING = auto()
    EDITED = auto()
    UNMARKED = auto()
    DELETED = auto()


def take_off(autovu: AutoVuClient, document_id: str, version: str, target: str, now: datetime) -> Meanwhile:
    """Take a posted document off the list; what a person did with it meanwhile.

    One that is off the list already gets the package's id all the same: it is never posted once more.
    """
    found = Meanwhile.NOTHING
    for _ in range(EDITS):
        try:
            autovu.mark_synced(document_id, version, target, now)
            return found
        except Rejected as refusal:
            if refusal.code not in (ROW_VERSION_MISMATCH, NOT_FOUND):
                raise
        row = autovu.document(document_id)
        if row is None:
            return Meanwhile.DELETED
        version, found = row.row_version, Meanwhile.EDITED if row.marked_for_sync else Meanwhile.UNMARKED
    return found


def say(autovu: AutoVuClient, document_id: str, row: Row, text: str) -> None:
    """Put a StatusCode, unless it stands there already.

    A document that was edited meanwhile keeps what its next sync will say.
    """
    if row.status_code == text:
        return
    try:
        autovu.set_status(document_id, row.version, text)
    except Rejected as refusal:
        if refusal.code not in (ROW_VERSION_MISMATCH, NOT_FOUND, ALREADY_SYNCED):
            raise


def link(autovu: AutoVuClient, account_id: str, side: Side, target: str) -> None:
    """Link an account that has no link yet.

    One that is edited just now, gone, or can't be read any more is linked another time.
    """
    unusable: list[BadRow] = []
    for account in autovu.accounts([account_id]).take(unusable):
        if account.accs_id_for(side) is not None:
            return
        try:
            autovu.set_accs_id(account, side, target)
        except Rejected as refusal:
            if refusal.code not in (ROW_VERSION_MISMATCH, NOT_FOUND):
                raise
