"""The rooms of AutoVu, a tenant for each package: auth, routes, limits and write-back."""

from collections.abc import Iterable
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import FLAG_TEXT, Fields, Misfit, Misfits, fitting, misfit, that
from local.sandbox.frame.paging import Numbered, Page
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Description, Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Filter, Limit, System

from . import rows
from .rows import ACCOUNTS, CHART, DOCUMENTS

KEY_WITHOUT_PERMISSION = "autovu-no-sync-key"
_READ_ONLY = that("left as it is: it can't be written", lambda _: False, "FieldNotWritable")


def _writable(of: Resource, *names: str) -> Fields:
    return {name: kind if name in names else _READ_ONLY for name, kind in of.fields.items()}


_DOCUMENT = _writable(DOCUMENTS, "StatusCode", "ExternalId", "SyncedAt")
_ACCOUNT = _writable(ACCOUNTS, "AccsID", "SupplierAccsID", "CareOfID")


class AutoVu(System):
    """One tenant over one store."""

    bases = ("/api/v1",)
    tokens = frozenset({"autovu-sandbox-key"})
    limits = (Limit(5, 1.0),)
    paging = Numbered("page", "pageSize", usual=50, most=200)
    refusals: ClassVar = {
        "Invalid": (400, ""),
        "FieldNotWritable": (400, ""),
        "BadKey": (401, "The integration key is not known."),
        "NoSyncPermission": (403, "The key has no permission to sync accounts."),
        "NotFound": (404, ""),
        "AlreadySynced": (409, "The document was synced already."),
        "RowVersionMismatch": (412, "The row was edited meanwhile."),
        "TooMany": (429, "Too many requests."),
        "ServerError": (500, "The server failed."),
        "Unavailable": (503, "The server is busy."),
    }
    server: ClassVar = {429: "TooMany", 500: "ServerError", 503: "Unavailable"}
    faults: ClassVar = {"token": "BadKey", "permission": "NoSyncPermission", "edited": ""}

    def routes(self) -> Iterable[Route]:
        document, account = "/documents/<DocumentId>", "/accounts/<AccountId>"
        of_type = {
            "type": Filter(rows.TYPE, lambda row, kind: row["Type"] == kind, needed=True),
            "markedForSync": Filter(FLAG_TEXT, lambda row, marked: row["MarkedForSync"] == marked),
            "synced": Filter(FLAG_TEXT, lambda row, synced: (row["SyncedAt"] is not None) == synced),
        }
        return (
            self.lists("/documents", DOCUMENTS, of_type),
            self.lists("/chartofaccounts", CHART),
            Route("GET", "/syncsettings", "get syncsettings", lambda _: self.store.one("syncsettings")),
            Route("GET", document, "get documents", lambda asked: self.row("documents", asked)),
            Route("GET", account, "get accounts", lambda asked: self.row("accounts", asked)),
            Route("PATCH", document, "change documents", self._change_document, nodes=lambda _: 1),
            Route("PATCH", account, "change accounts", self._change_account, nodes=lambda _: 1),
        )

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str:
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and key == KEY_WITHOUT_PERMISSION:
            raise Refused("NoSyncPermission")
        if scheme != "Bearer" or key not in self.let_in:
            raise Refused("BadKey")
        return key

    def body(self, refused: Refused) -> object:
        return {"Code": refused.code, "Message": refused.message, "Field": refused.field}

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        first = found[0]
        return Refused(
            first.code if first.code in self.refusals else "Invalid", first.said, first.field or None
        )

    def not_there(self, asked: Asked) -> Refused:
        return Refused("NotFound", f"{asked.call.method} {asked.call.path} was not found.")

    def no_row(self, resource: str, key: object, asked: Asked) -> Refused:  # noqa: ARG002
        return Refused("NotFound", f"{key} was not found.")

    def envelope(self, page: Page, asked: Asked) -> object:  # noqa: ARG002
        return {"Items": page.rows, "Total": page.total, "Page": page.number, "PageSize": page.size}

    # --- the write-back -------------------------------------------------------------------------------------

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """Only a document or an account that is about to be changed can have been edited meanwhile."""
        return fault != "edited" or self._about_to_change(call) is not None

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault != "edited":
            return super().suffer(fault, call, reset_in_seconds)
        with self.lock:
            named = self._about_to_change(call)
            if named:
                self._change(*named, {})
        return self.answer(call)

    def _about_to_change(self, call: Call) -> tuple[str, Row] | None:
        found = self._routes.find(*self.verb_and_path(call))
        for of in (DOCUMENTS, ACCOUNTS):
            if found.route and found.route.operation == f"change {of.name}":
                row = self.store[of.name].get(found.path[of.keys[0]])
                return (of.name, row) if row else None
        return None

    def _change_document(self, asked: Asked) -> Row:
        row = self.row("documents", asked)
        changes = _changes(asked, _DOCUMENT)
        if "SyncedAt" in changes and row["SyncedAt"] is not None:
            raise Refused("AlreadySynced", field="SyncedAt")
        _check_version(asked.call, row)
        return self._change("documents", row, changes)

    def _change_account(self, asked: Asked) -> Row:
        row = self.row("accounts", asked)
        changes = _changes(asked, _ACCOUNT)
        for name in ("AccsID", "SupplierAccsID"):
            if self.store.one("syncsettings")["Package"] == "Sage" and changes.get(name) is not None:
                raise misfit(name, "can't be set: Sage does not support the link by AccsID")
        _check_version(asked.call, row)
        return self._change("accounts", row, changes)

    def _change(self, resource: str, old: Row, changes: Row) -> Row:
        """The row with other values, at its next version."""
        row = {**old, **changes, "RowVersion": rows.next_version(old["RowVersion"])}
        self.store[resource].put(row)
        return row


class AutoVuQuickBooks(AutoVu):
    """The tenant that syncs with QuickBooks."""

    name = "autovu_quickbooks"
    resources = (rows.settings("QuickBooks"), CHART, ACCOUNTS, DOCUMENTS)


class AutoVuXero(AutoVu):
    """The tenant that syncs with Xero."""

    name = "autovu_xero"
    resources = (rows.settings("Xero"), CHART, ACCOUNTS, DOCUMENTS)


class AutoVuSage(AutoVu):
    """The tenant that syncs with Sage."""

    name = "autovu_sage"
    resources = (rows.settings("Sage"), CHART, ACCOUNTS, DOCUMENTS)


def _changes(asked: Asked, fields: Fields) -> Row:
    """The changes that a PATCH asks for."""
    changes: Row = fitting(fields, asked.json())
    if not changes:
        raise Misfits([Misfit((), "at least one field is needed")])
    return changes


def _check_version(call: Call, row: Row) -> None:
    """`If-Match` as it stands, or in quotes as HTTP writes it."""
    given = call.headers.get("if-match", "")
    if not given:
        raise misfit("If-Match", "must name the RowVersion that is to be changed")
    if row["RowVersion"] not in (given, given.removeprefix('"').removesuffix('"')):
        raise Refused("RowVersionMismatch", field="RowVersion")
