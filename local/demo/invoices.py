"""The story of the invoices: the queue, links, a wrong id, and Auto Sync, for each accounting package."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.demo.client import Api, DemoFailedError, Json, Outside, must, say, show_reasons, show_run

FLOW = "invoice_sync"
LABELS = {"quickbooks": "QuickBooks", "xero": "Xero", "sage": "Sage"}
DOCUMENTS = 60
CRASH_AT = 20
PATIENCE_SECONDS = 150
LOOK_SECONDS = 0.6
# Where each package keeps its documents, and which field has our number.
KEPT = {
    "quickbooks": (("Invoice", "CreditMemo", "Bill"), ("DocNumber",)),
    "xero": (("Invoices", "CreditNotes"), ("InvoiceNumber", "CreditNoteNumber")),
    "sage": (("sales_invoices", "sales_credit_notes", "purchase_invoices"), ("reference",)),
}


@dataclass(frozen=True)
class Books:
    """AutoVu and one package, joined by a connection."""

    package: str
    admin: Api
    connection: str
    autovu: Outside
    books: Outside

    @classmethod
    def of(cls, facts: Mapping[str, Any], package: str) -> "Books":
        """From what `stack.json` tells every client."""
        return cls(
            package,
            Api(facts["api_url"], facts["tokens"]["admin"]),
            facts["connections"][f"autovu_{package}"],
            Outside(facts["sandboxes"][f"autovu_{package}"]),
            Outside(facts["sandboxes"][package]),
        )

    @property
    def label(self) -> str:
        """The package's name for people."""
        return LABELS[self.package]

    def queue(self, limit: int) -> list[Json]:
        """The first listed documents, as the API shows them."""
        path = f"/connections/{self.connection}/documents?limit={limit}"
        items: list[Json] = self.admin.call("GET", path)["items"]
        return items

    def account(
        self, customer_id: str, what: str, body: Mapping[str, Any], method: str = "POST", expect: int = 2
    ) -> Json:
        """Link, create or unlink a customer's account."""
        path = f"/connections/{self.connection}/accounts/{customer_id}/{what}"
        return self.admin.call(method, path, body, expect=expect)

    def numbers(self) -> Counter[str]:
        """How often each number stands in the package."""
        state, (resources, fields) = self.books.state(), KEPT[self.package]
        rows = [row for name in resources for row in state.get(name, [])]
        return Counter(str(row[field]) for row in rows for field in fields if row.get(field))


def queue_and_sync(books: Books) -> None:
    """The queue says why each document waits; Sync takes the first five."""
    for row in books.queue(6):
        why = row["status_code"] or "ready"
        say(f"   {row['number']:7} {row['customer']:26} {row['total']:>9}  {why}")
    run = books.admin.run(books.connection, FLOW)
    show_run(run)
    must(run["counts"]["created"] > 0, "the first sync posted nothing")
    show_reasons(books.admin.records(run, outcome="blocked")[:1])


def links(books: Books) -> None:
    """Link this, Create new, and a wrong AccsID with its cure."""
    rows = books.queue(12)
    waiting = next(row for row in rows if any(one["exact"] for one in row["suggestions"]))
    side = "supplier" if waiting["kind"] == "SupplierInvoice" else "customer"
    exact = next(one for one in waiting["suggestions"] if one["exact"])
    body = {"account_id": exact["account_id"], "side": side}
    books.account(waiting["customer_id"], "link", body)
    say(f"   Link this: {waiting['customer']} is linked with {exact['name']} ({exact['account_id'][:13]}).")
    customers = [row for row in rows if row["kind"] != "SupplierInvoice"]
    missing = next(row for row in customers if "does not exist" in row["status_code"])
    made = books.account(missing["customer_id"], "create", {})
    say(f"   Create new: {missing['customer']} is {made['account_id'][:13]} in {books.label} now.")
    wrong = {"account_id": "99999999"}
    if books.package == "sage":
        refused = books.account(_unlinked(books), "link", wrong, expect=4)
        say(f"   AccsID: {refused['errors'][0]['message']}.")
        return
    customer = waiting["customer_id"]
    books.account(customer, "link", {"side": side}, "DELETE")
    books.account(customer, "link", {**wrong, "side": side})
    row = next(row for row in books.queue(12) if row["customer_id"] == customer)
    say(f"   A wrong AccsID: {row['status_code']}")
    books.account(customer, "link", {"side": side}, "DELETE")
    books.account(customer, "link", body)
    say("   It is removed, and the right account linked again.")


def _unlinked(books: Books) -> str:
    rows = books.autovu.state()["accounts"]
    return str(next(row["AccountId"] for row in rows if row["Name"] == "Northgate Surgery"))


def start_auto_sync(books: Books) -> Json:
    """Sixty documents wait; early on an answer gets lost after the write."""
    state = books.autovu.state()
    harper = next(row for row in state["accounts"] if row["Name"] == "Harper Ltd")
    state["documents"] = [invoice(number, harper["AccountId"]) for number in range(DOCUMENTS)]
    books.autovu.put(state)
    books.books.faults(errors=["after_write_reset"], after=4, count=1)
    body = {"flow": FLOW, "mode": "auto"}
    return books.admin.call("POST", f"/connections/{books.connection}/runs", body)


def auto_sync_until_a_crash(all_books: Sequence[Books], crash: Callable[[], int]) -> None:
    """Sessions of all packages side by side, until the function that posts is killed in the midst of them.

    `crash` kills it, wherever it is, and says how many processes died.
    """
    runs = {books: start_auto_sync(books) for books in all_books}
    _watch(runs, until=lambda done: max(done) >= CRASH_AT)
    for books in all_books:  # Caught in the middle of its calls, by slowing the packages down.
        books.books.faults(latency_ms=800)
    time.sleep(1.2)
    killed = crash()
    for books in all_books:
        books.books.calm()
    must(killed > 0, "there was no function to kill")
    say(f"   The function that posts is killed while it works (kill -9, {killed} processes).")
    say("   The sessions go on; meanwhile to something else.")


def end_auto_sync(all_books: Sequence[Books]) -> None:
    """The sessions that were left alone, to their ends; each document is there once."""
    latest = {
        books: books.admin.call("GET", f"/runs?connection_id={books.connection}&limit=1")["items"][0]
        for books in all_books
    }
    runs = _watch(latest, until=lambda done: min(done) >= DOCUMENTS)
    for books, run in runs.items():
        show_run(books.admin.follow(run))
        numbers = books.numbers()
        ours = {number: count for number, count in numbers.items() if number.startswith("S9")}
        must(len(ours) == DOCUMENTS, f"{books.label} has {len(ours)} of {DOCUMENTS} documents")
        must(set(ours.values()) == {1}, f"{books.label} has a document twice")
    say(f"   Each of the packages has every one of the {DOCUMENTS} documents exactly once.")


def _watch(latest: Mapping[Books, Json], until: Callable[[list[int]], bool]) -> dict[Books, Json]:
    """A line whenever a session has done another four batches, until enough is done or all have ended."""
    runs = dict(latest)
    patience = time.monotonic() + PATIENCE_SECONDS
    shown: dict[Books, int] = dict.fromkeys(runs, 0)
    while time.monotonic() < patience:
        for books, run in runs.items():
            runs[books] = now = (
                run if run["finished_at"] else books.admin.call("GET", f"/runs/{run['run_id']}")
            )
            done = now["progress"]["done"]
            if done >= shown[books] + 20 or (now["finished_at"] and done > shown[books]):
                say(f"   {books.label:10} {done:3} of {DOCUMENTS}, five at a time")
                shown[books] = done
        if until([run["progress"]["done"] for run in runs.values()]):
            return runs
        if all(run["finished_at"] for run in runs.values()):
            return runs
        time.sleep(LOOK_SECONDS)
    raise DemoFailedError("Auto Sync did not end")


def invoice(number: int, account_id: str) -> Json:
    """A document of AutoVu that is ready to be posted: S9000, S9001 and so on."""
    return {
        "DocumentId": f"demo-{number}",
        "Type": "SalesInvoice",
        "Number": f"S9{number:03}",
        "Date": f"2026-03-{1 + number % 28:02}",
        "DueDate": "2026-04-30",
        "Currency": "GBP",
        "Reference": f"Job {number}",
        "Sent": True,
        "MarkedForSync": True,
        "AccountId": account_id,
        "AccountKind": "Company",
        "AccountName": "Harper Ltd",
        "Lines": [
            {
                "LineNo": 1,
                "Text": "Boiler service",
                "NominalCode": "4000",
                "Quantity": "1",
                "UnitPrice": "100.00",
                "Net": "100.00",
                "TaxCode": "T1",
                "Tax": "20.00",
            }
        ],
        "Net": "100.00",
        "Tax": "20.00",
        "Gross": "120.00",
    }
