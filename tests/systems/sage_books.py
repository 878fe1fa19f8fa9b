"""The books of one business in Sage's sandbox, with a client for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

from local.sandbox.running import Running
from payrelay.domain.invoices import Account, Kind, Posting, Side
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.sage.client import SageClient
from tests.systems.conftest import NOW
from tests.systems.sage_answers import line, posting
from tests.worlds.listed import coded, good


@dataclass
class Clock:
    now: datetime = NOW


@dataclass
class Books:
    """The sandbox, freshly seeded, and a client for it."""

    running: Running
    client: SageClient
    options: DoorOptions
    clock: Clock
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = self.running.urls["sage"]
        self.nominals = coded(self.client.nominals())
        self.harper = good(self.client.accounts_like(Side.CUSTOMER, "Harper Ltd"))[0]
        self.pennine = good(self.client.accounts_like(Side.SUPPLIER, "Pennine Plumbing Supplies"))[0]
        self.forget()

    def fail(self, *errors: int | str, **setting: object) -> None:
        faults = {"errors": list(errors), **setting}
        requests.put(f"{self.url}/_sandbox/faults", json=faults, timeout=5).raise_for_status()

    def calm(self) -> None:
        requests.delete(f"{self.url}/_sandbox/faults", timeout=5).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        return list(requests.get(f"{self.url}/_sandbox/requests", timeout=5).json())

    def forget(self) -> None:
        requests.delete(f"{self.url}/_sandbox/requests", timeout=5).raise_for_status()

    def state(self, resource: str) -> list[dict[str, Any]]:
        return self.running.room("sage").state()[resource]

    def posting(self, number: str, code: str = "4000", **changes: Any) -> Posting:
        kind = changes.get("kind", Kind.SALES_INVOICE)
        account: Account = self.pennine if kind.side is Side.SUPPLIER else self.harper
        usual = {"account_id": account.id, "lines": (line(nominal=self.nominals[code].ids[kind.side]),)}
        return posting(number, **{**usual, **changes})
