"""The rooms of AutoVu, a tenant for each package: auth, routes, limits and write-back."""

import threading
from collections.abc import Callable, Mapping
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.kinds import Kind
from local.sandbox.frame.limits import Window
from local.sandbox.frame.room import Description, Options, Room, Row, State, no_pause
from local.sandbox.frame.table import Table

from .fields import ACCOUNT, ACCOUNT_WRITABLE, DOCUMENT, DOCUMENT_WRITABLE
from .query import Page, Wanted, read_page, read_wanted, refuse_query
from .refusals import RefusedError, invalid, not_found, of_the_server
from .store import Store, read_state

KEYS = frozenset({"autovu-sandbox-key"})
KEY_WITHOUT_PERMISSION = "autovu-no-sync-key"
CALLS_A_SECOND = 5
_BASE = ["api", "v1"]
_LISTS = ("documents", "chartofaccounts")


class AutoVu(Room):
    """One tenant over one store; `package` is what it syncs with unless its settings say otherwise."""

    package: ClassVar[str]
    named_faults: ClassVar[tuple[str, ...]] = ("token", "permission", "edited")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._keys = KEYS if options.tokens is None else options.tokens
        self._window = Window(CALLS_A_SECOND, 1.0, options.clock)
        self._lock = threading.RLock()
        self._store = Store(self.package)

    @property
    def version(self) -> int:
        return self._store.version

    def replace_state(self, state: State) -> None:
        today = self.options.now().date()
        store = read_state(state, self.package, today, base_version=self.version + 1)
        with self._lock:
            self._store = store

    def state(self) -> State:
        with self._lock:
            return self._store.state()

    def describe(self, call: Call) -> Description:
        resource, key = _route(call.path)
        if resource is None:
            return Description(call.method != "GET")
        reads = call.method == "GET"
        verb = ("list" if resource in _LISTS and key is None else "get") if reads else "change"
        return Description(not reads, f"{verb} {resource}", None if reads or key is None else 1)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        try:
            key = self._admit(call)
            if self.options.rate_limits and self._window.take(key):
                return self.refuse(429, retry_after=1)
            with self._lock:
                return json_answer(200, self._answer(call))
        except RefusedError as refused:
            return refused.answer()

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        return of_the_server(status).answer(retry_after)

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        """Only a document or an account that is about to be changed can have been edited meanwhile."""
        return fault != "edited" or (description.writes and self._row(call) is not None)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        if fault == "token":
            return _bad_key().answer()
        if fault == "permission":
            return _no_permission().answer()
        with self._lock:
            found = self._row(call)
            if found:
                self._store.change(*found, {})
        return self.answer(call)

    def _admit(self, call: Call) -> str:
        """The key of a call that may sync."""
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and key == KEY_WITHOUT_PERMISSION:
            raise _no_permission()
        if scheme != "Bearer" or key not in self._keys:
            raise _bad_key()
        return key

    def _answer(self, call: Call) -> object:
        match call.method, *_route(call.path):
            case "GET", "documents", None:
                wanted, page = read_wanted(call.query)
                return _listing(self._listed(wanted), page)
            case "GET", "chartofaccounts", None:
                return _listing(self._store.chart.rows(), read_page(call.query))
            case "GET", "syncsettings", None:
                refuse_query(call.query)
                return self._store.settings
            case "GET", "documents" | "accounts", str():
                refuse_query(call.query)
                return self._found(call)[1]
            case "PATCH", "documents", str():
                return self._change_document(call)
            case "PATCH", "accounts", str():
                return self._change_account(call)
        raise not_found(f"{call.method} {call.path}")

    def _listed(self, wanted: Wanted) -> list[Row]:
        """The order of the list: date, then number."""
        rows = [
            row
            for row in self._store.documents.rows()
            if row["Type"] == wanted.type
            and wanted.marked in (None, row["MarkedForSync"])
            and wanted.synced in (None, row["SyncedAt"] is not None)
        ]
        return sorted(rows, key=lambda row: (row["Date"], row["Number"]))

    def _row(self, call: Call) -> tuple[Table, Row] | None:
        """The document or account that a path names."""
        resource, key = _route(call.path)
        table = {"documents": self._store.documents, "accounts": self._store.accounts}.get(resource or "")
        row = table.get(key) if table is not None and key else None
        return None if table is None or row is None else (table, row)

    def _found(self, call: Call) -> tuple[Table, Row]:
        found = self._row(call)
        if found is None:
            raise not_found(call.path.rsplit("/", 1)[-1])
        return found

    def _change_document(self, call: Call) -> Row:
        table, row = self._found(call)
        changes = _body(call, DOCUMENT, DOCUMENT_WRITABLE)
        if "SyncedAt" in changes and row["SyncedAt"] is not None:
            raise RefusedError(409, "AlreadySynced", "The document was synced already.", "SyncedAt")
        _check_version(call, row)
        return self._store.change(table, row, changes)

    def _change_account(self, call: Call) -> Row:
        table, row = self._found(call)
        changes = _body(call, ACCOUNT, ACCOUNT_WRITABLE)
        for name in ("AccsID", "SupplierAccsID"):
            if self._store.settings["Package"] == "Sage" and changes.get(name) is not None:
                raise invalid(name, "Sage does not support the link by AccsID.")
        _check_version(call, row)
        return self._store.change(table, row, changes)


class AutoVuQuickBooks(AutoVu):
    """The tenant that syncs with QuickBooks."""

    name: ClassVar[str] = "autovu_quickbooks"
    package: ClassVar[str] = "QuickBooks"


class AutoVuXero(AutoVu):
    """The tenant that syncs with Xero."""

    name: ClassVar[str] = "autovu_xero"
    package: ClassVar[str] = "Xero"


class AutoVuSage(AutoVu):
    """The tenant that syncs with Sage."""

    name: ClassVar[str] = "autovu_sage"
    package: ClassVar[str] = "Sage"


def _route(path: str) -> tuple[str | None, str | None]:
    """Resource and id of a path."""
    parts = path.split("/")[1:]
    if parts[:2] != _BASE or len(parts) not in (3, 4) or not all(parts):
        return None, None
    return parts[2], parts[3] if len(parts) == 4 else None


def _listing(rows: list[Row], page: Page) -> dict[str, object]:
    start = (page.number - 1) * page.size
    items = rows[start : start + page.size]
    return {"Items": items, "Total": len(rows), "Page": page.number, "PageSize": page.size}


def _body(call: Call, fields: Mapping[str, Kind], writable: tuple[str, ...]) -> Row:
    """The changes that a PATCH asks for."""
    refuse_query(call.query)
    if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise invalid("Content-Type", "The body must be application/json.")
    try:
        body = call.json()
    except ValueError:
        raise invalid(None, "The body is no JSON.") from None
    if not isinstance(body, dict) or not body:
        raise invalid(None, "The body must be an object with at least one field.")
    for name, value in body.items():
        if name not in fields:
            raise invalid(name, "This field is not known.")
        if name not in writable:
            raise RefusedError(400, "FieldNotWritable", "This field can't be written.", name)
        if not fields[name].accepts(value):
            raise invalid(name, f"{name} must be {fields[name].words}.")
    return body


def _check_version(call: Call, row: Row) -> None:
    """`If-Match` as it stands, or in quotes as HTTP writes it."""
    given = call.headers.get("if-match", "")
    if not given:
        raise invalid("If-Match", "If-Match must name the RowVersion that is to be changed.")
    if row["RowVersion"] not in (given, given.removeprefix('"').removesuffix('"')):
        raise RefusedError(412, "RowVersionMismatch", "The row was edited meanwhile.", "RowVersion")


def _bad_key() -> RefusedError:
    return RefusedError(401, "BadKey", "The integration key is not known.")


def _no_permission() -> RefusedError:
    return RefusedError(403, "NoSyncPermission", "The key has no permission to sync accounts.")
