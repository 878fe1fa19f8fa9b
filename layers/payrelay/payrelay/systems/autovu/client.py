"""The calls to AutoVu: the queue of documents, accounts, chart of accounts, and the write-back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from payrelay.domain.invoices import Kind, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import Rejected
from payrelay.systems.http.address import is_loopback
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.http.words import coded, in_json
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import BadRow, Listed, R, Reader

from .models import AutoVuAccount, ChartRow, Document, Queue, SyncSettings

SYSTEM = "autovu"
PAGE_SIZE = 200
ALREADY_SYNCED, NOT_FOUND, ROW_VERSION_MISMATCH = "AlreadySynced", "NotFound", "RowVersionMismatch"
_PATH = "/api/v1"
# AutoVu takes 5 calls a second, and counts them where they arrive: one at a time, evenly apart.
_RATE = (1, 0.205)
_ORDER = {kind: place for place, kind in enumerate(Kind)}

_DOCUMENTS = Reader(Document, id_key="DocumentId", number_key="Number")
_ACCOUNTS = Reader(AutoVuAccount, id_key="AccountId", number_key="Name")
_CHART = Reader(ChartRow, id_key="Code", number_key="Code")
_SETTINGS = Reader(SyncSettings, id_key="Package", number_key="Package")

_Params = tuple[tuple[str, str], ...]


class AutoVuClient:
    """One tenant's AutoVu, with its integration key.

    `base_url` is the tenant's address, with or without its `/api/v1`. Errors are those of `payrelay.errors`.
    """

    def __init__(self, base_url: str, integration_key: Secret, *, options: DoorOptions | None = None) -> None:
        self._door = Door(
            SYSTEM,
            base_url.rstrip("/").removesuffix(_PATH) + _PATH,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": bearer(integration_key)},
            explain=in_json(coded),
            options=options or DoorOptions(),
            rate=_RATE,
        )

    def organisation(self) -> str:
        """The tenant, the package it syncs with, and the user of the key, as far as they are known."""
        settings = self.sync_settings()
        base_url = self._door.base_url
        tenant = "" if is_loopback(base_url) else (urlsplit(base_url).hostname or "").split(".")[0]
        user = f", user {settings.user_name}" if settings.user_name else ""
        return " ".join(part for part in ("AutoVu", tenant, f"({settings.package}{user})") if part)

    def sync_settings(self) -> SyncSettings:
        """What the tenant syncs with."""
        return _SETTINGS.one(self._door.get("/syncsettings"), SYSTEM, safe=True)

    def queue(self, limit: int | None = None, types: Collection[Kind] = tuple(Kind)) -> Queue:
        """The documents marked for sync and not yet synced: by date, then number, then type.

        With a limit the first so many of them that can be used, by the fewest calls that are sure to give
        them; unusable ones and the total are then those that these calls showed.
        """
        if limit is not None and limit < 1:
            raise ValueError("a queue is asked for at least one document")
        lists = [self._listed(kind, limit) for kind in Kind if kind in types]
        bad: list[BadRow] = []
        # Each list keeps AutoVu's own order.
        merged = merge(*(one.documents.take(bad) for one in lists), key=position_of)
        return Queue(Listed(islice(merged, limit), bad), sum(one.total for one in lists))

    def document(self, document_id: str) -> Document | None:
        """One document as it is now; None when it is gone."""
        try:
            return self._get_one(_DOCUMENTS, "/documents/{id}", document_id)
        except Rejected as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise

    def documents(self, ids: Collection[str]) -> Listed[Document]:
        """The documents with these ids as they are now, one call for each; one that is gone is left out."""
        return self._each(_DOCUMENTS, "/documents/{id}", ids)

    def listed_versions(self, ids: Mapping[Kind, Collection[str]]) -> dict[str, str]:
        """The version of each of these documents that waits for sync, by as few calls as there can be.

        A list for each kind. What the lists do not show is asked for by itself: a list may move while it is
        read.
        """
        found: dict[str, str] = {}
        for kind, wanted in ids.items():
            if len(wanted) > 1:
                found |= self._shown(kind, frozenset(wanted))
        rows = self.documents([one for some in ids.values() for one in some if one not in found]).take([])
        waiting = (row for row in rows if row.marked_for_sync and row.synced_at is None)
        return found | {row.document_id: row.row_version for row in waiting}

    def _shown(self, kind: Kind, wanted: frozenset[str]) -> dict[str, str]:
        """The versions of those that the list of a kind shows.

        It is not read further than to the last of them, nor so far that asking for each would be less.
        """
        found: dict[str, str] = {}
        pages = self._pages("/documents", _waiting(kind), PAGE_SIZE)
        for items, _ in islice(pages, len(wanted)):
            for item in items:
                match item:
                    case {"DocumentId": str(one), "RowVersion": str(version)} if one in wanted:
                        found[one] = version
            if len(found) == len(wanted):
                break
        return found

    def accounts(self, ids: Collection[str]) -> Listed[AutoVuAccount]:
        """The accounts with these ids, one call for each; an id that names none is left out."""
        return self._each(_ACCOUNTS, "/accounts/{id}", ids)

    def chart_of_accounts(self) -> Listed[ChartRow]:
        """All nominals that AutoVu's lines may name; the number of an unusable one is its code."""
        raws = [raw for items, _ in self._pages("/chartofaccounts", (), PAGE_SIZE) for raw in items]
        return Listed(*_CHART.read(raws))

    def set_status(self, document_id: str, row_version: str, text: str) -> Document:
        """Say at the document why it has not synced.

        Rejected (RowVersionMismatch) if it was edited meanwhile.
        """
        return self._change_document(document_id, row_version, {"StatusCode": text})

    def mark_synced(
        self, document_id: str, row_version: str, external_id: str, synced_at: datetime
    ) -> Document | None:
        """Take a document off the list, with the package's id of it.

        One that is off the list already counts as done: the answer is what it is now, None when it is gone.
        Rejected (RowVersionMismatch) if it was edited meanwhile.
        """
        moment = f"{synced_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        changes = {"ExternalId": external_id, "SyncedAt": moment, "StatusCode": ""}
        try:
            return self._change_document(document_id, row_version, changes)
        except Rejected as refusal:
            if refusal.code != ALREADY_SYNCED:
                raise
        return self.document(document_id)

    def set_accs_id(self, account: AutoVuAccount, side: Side, value: str | None) -> AutoVuAccount:
        """Keep the package's id of an account with it, or clear it; Rejected (Invalid) where that is Sage."""
        name = "SupplierAccsID" if side is Side.SUPPLIER else "AccsID"
        changes = {name: value}
        return self._change(_ACCOUNTS, "/accounts/{id}", account.account_id, account.row_version, changes)

    # --- reading -----------------------------------------------------------------------------------------

    def _listed(self, kind: Kind, limit: int | None) -> Queue:
        """One kind's list in AutoVu's own order, at least as far as the first `limit` that can be used."""
        documents: dict[str, Document] = {}
        bad_rows: list[BadRow] = []
        total = 0
        for items, listed in self._pages("/documents", _waiting(kind), min(limit or PAGE_SIZE, PAGE_SIZE)):
            good, bad = _DOCUMENTS.read(items)
            # A document that was listed meanwhile pushes others onto the next page, where they come again.
            documents |= {row.document_id: row for row in good}
            bad_rows += bad
            total = listed
            if limit is not None and len(documents) >= limit:
                break
        return Queue(Listed(documents.values(), bad_rows), total)

    def _pages(self, path: str, params: _Params, size: int) -> Iterator[tuple[list[Any], int]]:
        """The pages of a list as raw rows, each with how many rows the list had then."""
        page, seen = 0, 0
        while True:
            page += 1
            body = self._door.get(path, (*params, ("page", str(page)), ("pageSize", str(size))))
            match body:
                case {"Items": list(items), "Total": int(total)}:
                    yield items, total
                case _:
                    raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)
            seen += len(items)
            if seen >= total:
                return
            if not items:
                raise error_of_unreadable(SYSTEM, "a page that does not fit its own total", safe=True)

    def _each(self, reader: Reader[R], path: str, ids: Collection[str]) -> Listed[R]:
        """The rows with these ids."""
        rows: list[R] = []
        bad_rows: list[BadRow] = []
        for row_id in dict.fromkeys(ids):
            wrong = reader.asked(row_id)
            if wrong:
                bad_rows.append(wrong)
                continue
            try:
                raw = self._door.get(path, values={"id": row_id})
            except Rejected as refusal:
                if refusal.code == NOT_FOUND:
                    continue
                raise
            good, bad = reader.read([raw])
            rows += good
            # Whatever the row calls itself, it is what was asked for.
            bad_rows += [replace(one, id=row_id) for one in bad]
        return Listed(rows, bad_rows)

    def _get_one(self, reader: Reader[R], path: str, row_id: str) -> R:
        return reader.one(self._door.get(path, values={"id": row_id}), SYSTEM, safe=True)

    # --- writing -----------------------------------------------------------------------------------------

    def _change_document(self, document_id: str, version: str, changes: Mapping[str, str]) -> Document:
        return self._change(_DOCUMENTS, "/documents/{id}", document_id, version, changes)

    def _change(
        self, reader: Reader[R], path: str, row_id: str, version: str, changes: Mapping[str, str | None]
    ) -> R:
        """The row after a PATCH, which is refused unless the row is still at `version`."""
        answer = self._door.patiently(
            lambda: self._door.send(
                "PATCH", path, safe=False, values={"id": row_id}, body=changes, headers={"If-Match": version}
            )
        )
        return reader.one(answer, SYSTEM, safe=False)


def _waiting(kind: Kind) -> _Params:
    return (("type", kind.value), ("markedForSync", "true"), ("synced", "false"))


def position_of(document: Document) -> tuple[str, str, int]:
    """By what the queue is in order: date, number, type."""
    return document.date.isoformat(), document.number, _ORDER[document.type]
