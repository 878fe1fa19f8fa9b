"""A trading company in this process: its connection to one package, and Auto Sync driven step by step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from local.bench.company import CONNECTION, TENANT, Keys, Silent
from local.bench.sandboxes import Sandboxes
from local.memory.ledger import memory_ledger
from local.memory.session import go_on
from local.sandbox.quickbooks.tokens import REALM
from local.seed import SEEDS
from local.seed.trade import CUSTOMERS
from payrelay.domain.invoices import Side
from payrelay.domain.runs import Connection, ConnectionStatus, Link, Mode, Run, Trigger
from payrelay.domain.sensitive import Secret
from payrelay.flows.engine import close, plan
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.start import Order, start_run
from payrelay.flows.engine.step import Payload
from payrelay.flows.opening import open_flow
from payrelay.ledger import Ledger
from payrelay.runtime.ids import run_id
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.http.tally import Tally
from payrelay.systems.registry import SYSTEMS

FLOW = "invoice_sync"
PARTIES = [party.name for party in CUSTOMERS if party.known]

Row = dict[str, Any]
Step = Callable[[Engine, Callable[[Run], Any], Mapping[str, Any]], Payload]


class Books:
    """A company that syncs `documents` clean invoices, of all its linked customers in turn.

    `paced` keeps the client within AutoVu's limit; that takes time where the limits are off.
    """

    def __init__(self, systems: Sandboxes, package: str, documents: int, *, paced: bool) -> None:
        self.systems, self.package, self.size = systems, package, documents
        tally = Tally()
        self._door = DoorOptions(allow_loopback=True, paced=paced, tally=tally)
        self.source = f"autovu_{package}"
        self.memory = memory_ledger()
        self.ledger: Ledger = self.memory.ledger
        self.engine = Engine(self.ledger, Silent(), tally=tally)
        self.access = self._token()
        settings = {
            "package": package,
            "autovu": {"base_url": systems.urls[self.source]},
            package: {"base_url": systems.urls[package]},
        }
        at = self.engine.stamp()
        self.connection = Connection(
            TENANT, CONNECTION, "Bench", "autovu_accounting", settings, ConnectionStatus.CONNECTED, at, at
        )
        self.ledger.connections.create(self.connection)
        self._fill()

    def time_left(self) -> float:
        """No step here ends before it is done."""
        return math.inf

    def credentials_of(self, kind: str) -> Keys:  # noqa: ARG002
        """The keys of hashes."""
        return Keys()

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:  # noqa: ARG002
        """A new client for each step, as a function makes it."""
        key = {"integration_key": Secret("autovu-sandbox-key")}
        access = key if system == "autovu" else self.access
        return SYSTEMS[system].connect(settings[system]["base_url"], access, self._door)

    def opening(self, run: Run) -> Any:
        """The flow over this company."""
        del run
        return open_flow(self, FLOW, self.connection)

    def begin(self) -> dict[str, Any]:
        """Start an Auto Sync and do its fixed reads: its event."""
        self.ledger.connections.touch(TENANT, CONNECTION, self.engine.now)
        order = Order(FLOW, Mode.AUTO, Trigger.MANUAL, "bench")
        run, _ = start_run(self.engine, Silent(), self.connection, order, run_id())
        event = {"run": {"tenant": TENANT, "connection_id": CONNECTION, "run_id": run.run_id}}
        plan.open_run(self.engine, event)
        self._step(plan.list_pages, event)
        return event

    def finish(self, event: Mapping[str, Any]) -> Run:
        """All batches of a session, and its end; the run as it ended."""
        ended_as = go_on(self._step, event, _never)
        if ended_as != "finish":
            raise RuntimeError(f"the session ended as {ended_as}")
        close.close_run(self.engine, event)
        ended = self.ledger.runs.get(TENANT, event["run"]["run_id"])
        assert ended
        return ended

    def _step(self, step: Step, event: Mapping[str, Any]) -> Payload:
        """One step; a system's wait is waited out, as the state machine does it."""
        answer = step(self.engine, self.opening, event)
        while answer["status"] == "later":
            time.sleep(answer["wait_seconds"])
            answer = step(self.engine, self.opening, {**event, "tries": answer["tries"]})
        if answer["status"] == "halted":
            raise RuntimeError(f"a step ended as {answer}")
        return answer

    def _token(self) -> Mapping[str, Secret]:
        """A token that lasts, and the company that it reaches."""
        token = Secret(f"{self.package}-sandbox-token")
        self.systems.put(self.package, SEEDS[self.package]())
        company = REALM
        row = SYSTEMS[self.package]
        if row.oauth and row.oauth.reaches_several:
            company = next(
                iter(import_module(row.room).companies(self.systems.urls[self.package], token, self._door))
            )
        return {"access_token": token, "company_id": Secret(company)}

    def _fill(self) -> None:
        """AutoVu's documents, and its accounts linked as a person does it."""
        state = SEEDS[self.source]()
        accounts = {row["Name"]: row for row in state["accounts"]}
        package = self.client_of(TENANT, CONNECTION, self.connection.settings, self.package)
        for name in PARTIES:
            alike = package.accounts_like(Side.CUSTOMER, name).whole("Account", self.package)
            target = next(one.id for one in alike if one.name == name)
            if package.takes_account_ids:
                accounts[name]["AccsID"] = target
            else:
                link = Link("account", f"{accounts[name]['AccountId']}:{Side.CUSTOMER}", name, target)
                self.ledger.links.put(TENANT, CONNECTION, link)
        documents = list(_invoices([accounts[name] for name in PARTIES], self.size))
        self.systems.put(self.source, {**state, "accounts": list(accounts.values()), "documents": documents})


def _never(seconds: int) -> None:
    """All documents are clean: none waits for a person."""
    raise RuntimeError(f"the session would look again in {seconds} seconds")


def _invoices(accounts: list[Row], count: int) -> Iterator[Row]:
    """Clean invoices of one line, the customers in turn."""
    line = {
        "LineNo": 1,
        "Text": "Boiler service",
        "NominalCode": "4000",
        "Quantity": "1",
        "UnitPrice": "100.00",
        "Net": "100.00",
        "TaxCode": "T1",
        "Tax": "20.00",
    }
    for number in range(count):
        account = accounts[number % len(accounts)]
        yield {
            "DocumentId": f"bench-{number}",
            "Type": "SalesInvoice",
            "Number": f"S{50000 + number}",
            "Date": "2026-03-02",
            "DueDate": "2026-04-30",
            "Currency": "GBP",
            "Reference": f"Job {number}",
            "Sent": True,
            "MarkedForSync": True,
            "AccountId": account["AccountId"],
            "AccountKind": account["Kind"],
            "AccountName": account["Name"],
            "Lines": [line],
            "Net": "100.00",
            "Tax": "20.00",
            "Gross": "120.00",
        }
