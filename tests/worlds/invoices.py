"""A trading company of the tests: its AutoVu and its accounting package, and the steps of its runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox.running import Running
from local.seed import SEEDS
from local.seed.trade import TAX_CODES
from payrelay.domain.invoices import Kind, Posted, Posting, PostingLine, Side
from payrelay.domain.runs import Connection, ConnectionStatus, Link, Run
from payrelay.domain.sensitive import Secret
from payrelay.flows.engine import apply
from payrelay.systems.http.door import Call, Observer
from payrelay.systems.registry import SYSTEMS
from tests.worlds.consent import consent, endpoint
from tests.worlds.listed import coded, good, grouped
from tests.worlds.run import CONNECTION, TENANT, Clock, World
from tests.worlds.structs import replace

FLOW = "invoice_sync"
# What AutoVu or the flow does is the same for every package, and one stands for all; what follows from how
# packages take documents is seen at one that takes several together and at one that takes them one by one.
AT_QUICKBOOKS = ANY_PACKAGE = pytest.mark.parametrize("trade", ["quickbooks"], indirect=True)
EACH_WAY = pytest.mark.parametrize("trade", ["xero", "sage"], indirect=True)

Row = dict[str, Any]


class Books(World):
    """One tenant that syncs documents with one package."""

    package = ""
    access: Mapping[str, Secret] = {}
    refresh_token = Secret("")
    renewals = 0
    # What other people do after a plan was made and before it is applied.
    before_apply: Callable[[], None] = staticmethod(lambda: None)

    @property
    def source(self) -> str:
        """The name of AutoVu's sandbox."""
        return f"autovu_{self.package}"

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        url = settings[system]["base_url"]
        if system == "autovu":
            key = {"integration_key": Secret("autovu-sandbox-key")}
            return SYSTEMS[system].connect(url, key, self.door)
        return SYSTEMS[system].connect(url, self.access, replace(self.door, renew=self.renew))

    @property
    def client(self) -> Any:
        """The package's client, for what people do there; nobody stands at its door."""
        door = replace(self.door, observer=Observer(), renew=self.renew)
        return SYSTEMS[self.package].connect(self.urls[self.package], self.access, door)

    @property
    def label(self) -> str:
        """The package's name for people."""
        return SYSTEMS[self.package].label

    def consent(self) -> None:
        """What a person does once: give consent, at once for the sandbox."""
        grant, company = consent(self.package, self.urls[self.package], self.door)
        self.refresh_token = grant.refresh_token
        self.access = {"access_token": grant.access_token, "company_id": company}

    def renew(self) -> Secret:
        """Another access token, for the refresh token that is kept."""
        grant = endpoint(self.package, self.urls[self.package], self.door).refresh(self.refresh_token)
        self.refresh_token, self.renewals = grant.refresh_token, self.renewals + 1
        self.access = {**self.access, "access_token": grant.access_token}
        return grant.access_token

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
            {"package": self.package, **urls, "tax_codes": TAX_CODES[self.package], **settings},
            ConnectionStatus.CONNECTED,
            at,
            at,
        )
        self.ledger.connections.create(connection)
        return connection

    def start(self, flow: str = FLOW, mode: str = "sync", **more: Any) -> Run:
        """A run that somebody asked for, of a connection that is in use."""
        self.ledger.connections.touch(TENANT, CONNECTION, self.engine.now)
        return super().start(flow, mode, **more)

    def sync(self, mode: str = "sync", **more: Any) -> Run:
        """One run of the flow."""
        return self.run(FLOW, mode, **more)

    def step(self, function: Callable[..., dict[str, Any]], message: Mapping[str, Any]) -> dict[str, Any]:
        if function is apply.apply_page:
            self.before_apply()
        return super().step(function, message)

    def auto(self) -> Run:
        """A session that goes on by itself, to its end."""
        run = self.start(FLOW, "auto")
        self.act_by_itself(run, self._look_again)
        return self.get(run)

    def _look_again(self, seconds: int) -> None:
        self.waits.append(seconds)
        self.clock.pass_by(seconds)
        self.meanwhile()

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
        return str(next(one.id for one in good(self.client.accounts_like(side, name)) if one.name == name))

    def link(self, name: str, side: Side = Side.CUSTOMER, target: str | None = None) -> str:
        """Link an account as a person does, where the package's links are kept."""
        account_id, target = self.account_of(name), target or self.party(side, name)
        if self.package == "sage":
            self.ledger.links.put(TENANT, CONNECTION, Link("account", f"{account_id}:{side}", name, target))
        else:
            field = "AccsID" if side is Side.CUSTOMER else "SupplierAccsID"
            self.edit(self.source, "accounts", {"AccountId": account_id}, **{field: target})
        return target

    def by_hand(self, number: str, kind: Kind = Kind.SALES_INVOICE, name: str = "") -> Posted:
        """Somebody makes a document in the package itself, for one unit at 1.00."""
        side, code, usual = (
            (Side.SUPPLIER, "5000", "Pennine Plumbing Supplies")
            if kind is Kind.SUPPLIER_INVOICE
            else (Side.CUSTOMER, "4000", "Harper Ltd")
        )
        taxes = (one for one in good(self.client.tax_codes()) if one.rate == 20 and side in one.sides)
        line = PostingLine(
            text="By hand",
            nominal=coded(self.client.nominals())[code].ids[side],
            quantity=Decimal(1),
            unit_price=Decimal("1.00"),
            net=Decimal("1.00"),
            tax_code=next(taxes).id,
            rate=Decimal(20),
            tax=Decimal("0.20"),
        )
        day = date(2026, 1, 20)
        posting = Posting(
            document_id="by-hand",
            key=uuid4().hex,
            mark="made by hand",
            kind=kind,
            number=number,
            date=day,
            due_date=day,
            currency="GBP",
            account_id=self.party(side, name or usual),
            reference="",
            lines=(line,),
        )
        found: Posted = self.client.post([posting])["by-hand"]
        return found

    def standing(self, number: str, kind: Kind = Kind.SALES_INVOICE) -> list[Posted]:
        """What the package has under a number."""
        found: list[Posted] = grouped(self.client.documents(kind, [number])).get(number, [])
        return found

    def calls(self, *, writes: bool | None = None) -> list[Row]:
        """The calls to the package since the last `forget_requests`."""
        return [one for one in self.requests(self.package) if writes in (None, one["writes"])]

    def reason(self, run: Run) -> tuple[str, str]:
        """The outcome and the reason's code of the one record of a run."""
        (record,) = self.stored(run)
        return record.outcome.value, record.reason.code if record.reason else ""

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


class Watch(Observer):
    """Stands at the door, and acts at the first calls that fit: before they leave, or after their answer."""

    def __init__(
        self,
        act: Callable[[], None],
        system: str,
        *,
        writes: bool | None = None,
        path: str = "",
        after: bool = False,
        skip: int = 0,
        times: int = 1,
    ) -> None:
        super().__init__()
        self._act, self._system, self._writes, self._path = act, system, writes, path
        self._after, self._skip, self.left = after, skip, times

    def before(self, call: Call) -> None:
        if not self._after:
            self._look(call)

    def after(self, call: Call) -> None:
        if self._after:
            self._look(call)

    def _look(self, call: Call) -> None:
        fits = call.system == self._system and self._path in call.path
        if not fits or self._writes not in (None, call.method != "GET") or self.left < 1:
            return
        if self._skip:
            self._skip -= 1
            return
        self.left -= 1
        self._act()


@cache
def seed(system: str) -> bytes:
    """A system's seed, without documents of AutoVu."""
    state = SEEDS[system]()
    return json.dumps({**state, "documents": []} if system.startswith("autovu") else state).encode()


def trading(package: str, sandboxes: Running, clock: Clock) -> Books:
    """A connected company whose package has the seed's accounts, and whose AutoVu lists nothing yet."""
    memory = memory_ledger()
    found = Books(dict(sandboxes.urls), memory.ledger, memory, clock)
    found.package = package
    found.put(package, seed(package))
    found.put(found.source, seed(found.source))
    for name in (package, found.source):
        found.calm(name)
    found.consent()
    found.connect()
    found.forget_requests()
    return found


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


def credit_note(number: str = "C901", *amounts: str, **changed: Any) -> Row:
    """A clean sales credit note of Harper Ltd."""
    return invoice(number, *amounts, **{"Type": "SalesCreditNote", "Sent": None, "DueDate": None, **changed})


def bill(number: str = "PX-77", *amounts: str, **changed: Any) -> Row:
    """A clean supplier invoice of Pennine Plumbing Supplies."""
    account = {"AccountId": "a-19", "AccountName": "Pennine Plumbing Supplies"}
    rows = lines(*(amounts or ("40.00",)), nominal="5000")
    return invoice(number, **{"Type": "SupplierInvoice", "Sent": None, "lines": rows, **account, **changed})
