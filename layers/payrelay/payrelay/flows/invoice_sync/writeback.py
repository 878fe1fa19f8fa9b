"""Writing back to AutoVu: off the list, a StatusCode, the link of an account; people edit meanwhile."""

from __future__ import annotations

from datetime import datetime

from payrelay.domain.invoices import Side
from payrelay.errors import Rejected
from payrelay.flows.invoice_sync.writes import Row
from payrelay.systems.autovu.client import ALREADY_SYNCED, NOT_FOUND, ROW_VERSION_MISMATCH, AutoVuClient
from payrelay.systems.rows import BadRow

# Somebody who types on may edit a document several times; then the next run takes it off the list.
EDITS = 3


def take_off(autovu: AutoVuClient, document_id: str, version: str, target: str, now: datetime) -> str | None:
    """Take a posted document off the list; the code of what a person did with it meanwhile, if anything."""
    edited = None
    for _ in range(EDITS):
        try:
            autovu.mark_synced(document_id, version, target, now)
            return edited
        except Rejected as refusal:
            if refusal.code not in (ROW_VERSION_MISMATCH, NOT_FOUND):
                raise
        row = autovu.document(document_id)
        if row is None:
            return "DOCUMENT_DELETED"
        version, edited = row.row_version, "DOCUMENT_EDITED"
    return edited


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
