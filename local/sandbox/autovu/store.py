"""One tenant's data: checked and completed when a tester sets it, changed by AutoVu's own API."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from local.sandbox.frame.kinds import misfits
from local.sandbox.frame.room import Row, State
from local.sandbox.frame.state import StateReader
from local.sandbox.frame.table import Table

from . import filling
from .fields import ACCOUNT, ADDRESS, CHART, DOCUMENT, LINE, SETTINGS

RESOURCES = ("documents", "accounts", "chartofaccounts", "syncsettings")
_COUNTED = re.compile(r"r(\d{1,9})", re.ASCII)


class Store:
    """Documents, accounts, nominals, and the one row of settings."""

    def __init__(self, package: str, base_version: int = 0) -> None:
        self.documents = Table("DocumentId")
        self.accounts = Table("AccountId")
        self.chart = Table("Code")
        self.settings = filling.settings(package)
        self._base_version = base_version

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        tables = (self.documents, self.accounts, self.chart)
        return self._base_version + sum(table.version for table in tables)

    def state(self) -> State:
        """All rows by resource."""
        tables = (self.documents.rows(), self.accounts.rows(), self.chart.rows(), [self.settings])
        return {name: list(rows) for name, rows in zip(RESOURCES, tables, strict=True)}

    def change(self, table: Table, old: Row, changes: Row) -> Row:
        """The row with other values, at its next version."""
        row = {**old, **changes, "RowVersion": _next(old["RowVersion"])}
        table.put(row)
        return row


def read_state(state: Any, package: str, today: date, base_version: int) -> Store:
    """A store of the given rows; raises StateRefusedError with every problem found.

    Accounts and chart of accounts that are not given at all are made of what the documents name.
    """
    reader = _Reader(state, Store(package, base_version))
    reader.read(today)
    reader.refuse_if_wrong()
    return reader.store


class _Reader(StateReader):
    def __init__(self, state: Any, store: Store) -> None:
        super().__init__(state, RESOURCES)
        self.store = store
        self._selectors: dict[str, str | None] = {}
        self._document_ids = filling.fresh_ids("d", self._ids("documents", "DocumentId"))
        named = self._ids("accounts", "AccountId") | self._ids("documents", "AccountId")
        self._account_ids = filling.fresh_ids("a", named)

    def read(self, today: date) -> None:
        """Settings and accounts first: documents lean on them."""
        for number, row in self._each("syncsettings"):
            if number:
                self._say(number, "", "there is one row of settings")
            elif self._fits(number, misfits(SETTINGS, row)):
                self.store.settings = {**self.store.settings, **row}
        for number, row in self._each("chartofaccounts"):
            if self._fits(number, misfits(CHART, row, ("Code", "LinkTo"))):
                self._put(number, self.store.chart, filling.nominal(row))
        self._selectors = {row["Code"]: row["TaxSelector"] for row in self.store.chart.rows()}
        for number, row in self._each("accounts"):
            if self._fits(number, misfits(ACCOUNT, row, ("Name",))) and self._fits_address(number, row):
                account_id = row["AccountId"] if "AccountId" in row else next(self._account_ids)
                self._put(number, self.store.accounts, filling.account({**row, "AccountId": account_id}))
        for number, row in self._each("documents"):
            if self._fits(number, misfits(DOCUMENT, row, ("Type", "Number", "Lines"))):
                self._read_document(number, row, today)

    def _read_document(self, number: int, row: Row, today: date) -> None:
        lines = [self._line(number, place, line) for place, line in enumerate(row["Lines"])]
        account = self._account_of(number, row)
        whole = [line for line in lines if line is not None]
        if account is None or len(whole) < len(lines):
            return
        document_id = row["DocumentId"] if "DocumentId" in row else next(self._document_ids)
        named = {
            "DocumentId": document_id,
            "AccountId": account["AccountId"],
            "AccountKind": account["Kind"],
            "AccountName": account["Name"],
        }
        self._put(number, self.store.documents, filling.document({**named, **row}, today, whole))
        self._learn(row["Type"], account, whole)

    def _line(self, number: int, place: int, line: Any) -> Row | None:
        """The whole line, or None and what is wrong with it."""
        found = misfits(LINE, line, ("Text", "NominalCode"))
        if not found and not {"Net", "UnitPrice"} & line.keys():
            found = [("Net", "is required, or UnitPrice")]
        if not found and not filling.has_rate(line, self._selectors):
            found = [("Tax", f"is required with a tax code other than {', '.join(filling.RATES)}")]
        for field, message in found:
            self._say(number, ".".join(part for part in (f"Lines[{place}]", field) if part), message)
        return None if found else filling.line(line, place + 1, self._selectors)

    def _account_of(self, number: int, row: Row) -> Row | None:
        """The account that a document names by id or by name; one to be made when no accounts are given."""
        account_id, name = row.get("AccountId"), row.get("AccountName")
        by_name = (one for one in self.store.accounts.rows() if one["Name"] == name)
        found = self.store.accounts.get(account_id) if account_id else next(by_name, None)
        if found is not None:
            return found
        if name is None:
            self._say(number, "AccountName", "is required where the document's account is not among accounts")
            return None
        if account_id is None and "accounts" in self._given:
            self._say(number, "AccountId", "is required where no account has this name")
            return None
        new = {"AccountId": account_id or next(self._account_ids), "Name": name}
        return filling.account({**new, "Kind": row.get("AccountKind", "Company")})

    def _learn(self, kind: str, account: Row, lines: Iterable[Row]) -> None:
        """Make what is not given at all of what a document names."""
        if "accounts" not in self._given and account["AccountId"] not in self.store.accounts:
            self.store.accounts.put(account)
        if "chartofaccounts" not in self._given:
            link = "Expenses" if kind == "SupplierInvoice" else "Sales"
            for line in lines:
                code = line["NominalCode"]
                if code and code not in self.store.chart:
                    new = {"Code": code, "LinkTo": link, "TaxSelector": line["TaxCode"]}
                    self.store.chart.put(filling.nominal(new))

    def _ids(self, resource: str, field: str) -> set[object]:
        rows = self._given.get(resource, [])
        return {row[field] for row in rows if isinstance(row, dict) and isinstance(row.get(field), str)}

    def _fits_address(self, number: int, row: Row) -> bool:
        found = misfits(ADDRESS, row.get("Address", {}))
        return self._fits(number, [(f"Address.{field}", message) for field, message in found])

    def _put(self, number: int, table: Table, row: Row) -> None:
        key = table.key_of(row)
        if key in table:
            self._say(number, str(table.key), f"{key} is used twice")
        else:
            table.put(row)


def _next(version: str) -> str:
    counted = _COUNTED.fullmatch(version)
    return f"r{int(counted[1]) + 1}" if counted else "r1"
