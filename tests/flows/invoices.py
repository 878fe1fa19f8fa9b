"""A trading company of the tests: its AutoVu and its accounting package, and the steps of its runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from payrelay.domain.invoices import Side
from payrelay.domain.runs import Connection, ConnectionStatus, Link, Run
from payrelay.domain.sensitive import Secret
from payrelay.flows.engine import apply, auto, close, plan
from payrelay.systems.registry import SYSTEMS
from tests.consent import consented
from tests.flows.conftest import CONNECTION, TENANT, World, event

FLOW = "invoice_sync"

Row = dict[str, Any]


class Books(World):
    """One tenant that syncs documents with one package."""

    package = ""
    access: Mapping[str, Secret] = {}

    @property
    def source(self) -> str:
        """The name of AutoVu's sandbox."""
        return f"autovu_{self.package}"

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        key = {"integration_key": Secret("autovu-sandbox-key")}
        credentials = key if system == "autovu" else self.access
        return SYSTEMS[system].connect(settings[system]["base_url"], credentials, self.door)

    def consent(self) -> None:
        """What a person does once: give consent, at once for the sandbox."""
        self.access = consented(self.package, self.urls[self.package], self.door)

    def connect(self, **settings: Any) -> Connection:
        at = self.engine.stamp()
        urls = {
            "autovu": {"base_url": self.urls[self.source]},
            self.package: {"base_url": self.urls[self.package]},
        }
        connection = Connection(
            TENANT,
            CONNECTION,
            "Workforce",
            "autovu_accounting",
            {"package": self.package, **urls, **settings},
            ConnectionStatus.CONNECTED,
            at,
            at,
        )
        self.ledger.connections.create(connection)
        return connection

    def sync(self, mode: str = "sync", **more: Any) -> Run:
        """One run of the flow."""
        self.ledger.connections.touch(TENANT, CONNECTION, self.engine.now)
        return self.run(FLOW, mode, **more)

    def auto(self) -> Run:
        """What `auto_sync.asl.json` does, step by step."""
        self.ledger.connections.touch(TENANT, CONNECTION, self.engine.now)
        run = self.start(FLOW, "auto")
        base = {"run": event(run)}
        self.call(plan.open_run, self.engine, base)
        self.step(plan.list_pages, base)
        while True:
            following = self.step(auto.next_batch, base)
            if following["status"] == "wait":
                self.waits.append(following["wait_seconds"])
                self.clock.pass_by(following["wait_seconds"])
                self.meanwhile()
                continue
            if following["status"] != "plan":
                break
            planned = self.step(plan.plan, {**base, "page": following["page"]})
            if planned["status"] == "done" and planned["writes"]:
                self.step(apply.apply_page, {**base, "batch": planned["batch"]})
        self.call(close.close_run, self.engine, base)
        return self.get(run)

    def queue(self) -> list[Row]:
        """AutoVu's documents that wait for sync."""
        rows: list[Row] = self.state(self.source)["documents"]
        return [row for row in rows if row.get("MarkedForSync") and not row.get("SyncedAt")]

    def document(self, document_id: str) -> Row:
        """One of AutoVu's documents."""
        rows: list[Row] = self.state(self.source)["documents"]
        return next(row for row in rows if row["DocumentId"] == document_id)

    def book(self, *documents: Row) -> None:
        """These documents wait in AutoVu, for the accounts of its seed."""
        state = self.state(self.source)
        state["documents"] = list(documents)
        self.put(self.source, state)

    def account_of(self, name: str) -> str:
        """AutoVu's id of the account with this name."""
        rows = self.state(self.source)["accounts"]
        return str(next(row["AccountId"] for row in rows if row["Name"] == name))

    def party(self, side: Side, name: str) -> str:
        """The package's id of the account with this name."""
        package = self.client_of(TENANT, CONNECTION, self.connection.settings, self.package)
        return str(next(one.id for one in package.accounts_like(side, name) if one.name == name))

    def link(self, name: str, side: Side = Side.CUSTOMER, target: str | None = None) -> str:
        """Link an account as a person does, where the package's links are kept."""
        account_id, target = self.account_of(name), target or self.party(side, name)
        if self.package == "sage":
            self.ledger.links.put(TENANT, CONNECTION, Link("account", f"{account_id}:{side}", name, target))
        else:
            field = "AccsID" if side is Side.CUSTOMER else "SupplierAccsID"
            self.edit(self.source, "accounts", {"AccountId": account_id}, **{field: target})
        return target

    def posted(self) -> dict[str, int]:
        """How often each number that is ours stands in the package, whatever the kind of document."""
        state = self.state(self.package)
        names = {
            "quickbooks": (("Invoice", "CreditMemo", "Bill"), ("DocNumber",)),
            "xero": (("Invoices", "CreditNotes"), ("InvoiceNumber", "CreditNoteNumber")),
            "sage": (("sales_invoices", "sales_credit_notes", "purchase_invoices"), ("reference",)),
        }
        resources, fields = names[self.package]
        numbers = [
            str(row[field])
            for name in resources
            for row in state.get(name, [])
            for field in fields
            if row.get(field)
        ]
        return dict(Counter(number for number in numbers if number != "S1000"))


def lines(*amounts: str, nominal: str = "4000", tax_code: str = "T1", rate: int = 20) -> list[Row]:
    """Lines of one unit each."""
    return [
        {
            "LineNo": number,
            "Text": f"Work {number}",
            "NominalCode": nominal,
            "Quantity": "1",
            "UnitPrice": amount,
            "Net": amount,
            "TaxCode": tax_code,
            "Tax": f"{round(float(amount) * rate / 100 + 1e-9, 2):.2f}",
        }
        for number, amount in enumerate(amounts, 1)
    ]


def invoice(number: str = "S2001", *amounts: str, **changed: Any) -> Row:
    """A clean sales invoice of Harper Ltd."""
    rows = changed.pop("lines", None) or lines(*(amounts or ("100.00",)))
    net = sum(round(float(row["Net"]) * 100) for row in rows)
    tax = sum(round(float(row["Tax"]) * 100) for row in rows)
    row = {
        "DocumentId": f"d-{number}",
        "Type": "SalesInvoice",
        "Number": number,
        "Date": "2026-02-02",
        "DueDate": "2026-03-04",
        "Currency": "GBP",
        "Reference": "Job 88",
        "Sent": True,
        "MarkedForSync": True,
        "AccountId": "a-11",
        "AccountKind": "Company",
        "AccountName": "Harper Ltd",
        "Lines": rows,
        "Net": f"{net / 100:.2f}",
        "Tax": f"{tax / 100:.2f}",
        "Gross": f"{(net + tax) / 100:.2f}",
    }
    return {**row, **changed}
