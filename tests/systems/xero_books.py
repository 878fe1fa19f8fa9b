"""Xero's sandbox with a consent given, for tests of the client against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from payrelay.domain.invoices import Kind, Posting, Side
from payrelay.domain.sensitive import Secret
from payrelay.systems.oauth import App, Grant, TokenEndpoint, consent_url
from payrelay.systems.registry import system
from payrelay.systems.xero.client import XeroClient
from tests.systems.conftest import Bench
from tests.systems.xero_answers import posting
from tests.worlds.listed import good

START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
APP = App(Secret("payrelay-sandbox"), Secret("sandbox-secret"))
CALLBACK = "http://127.0.0.1/callback"
OAUTH = system("xero").oauth
assert OAUTH is not None


@dataclass
class Books:
    """The sandbox, freshly seeded and consented to, its clock, and a client for it."""

    url: str
    client: XeroClient
    grant: Grant
    bench: Bench
    clock: list[datetime]

    @property
    def endpoint(self) -> TokenEndpoint:
        assert OAUTH is not None
        return TokenEndpoint("xero", OAUTH, self.url, APP, self.bench.options)

    def fail(self, *errors: int | str, **setting: object) -> None:
        faults = {"errors": list(errors), **setting}
        requests.put(f"{self.url}/_sandbox/faults", json=faults, timeout=5).raise_for_status()

    def calm(self) -> None:
        requests.delete(f"{self.url}/_sandbox/faults", timeout=5).raise_for_status()

    def calls(self) -> list[str]:
        log = requests.get(f"{self.url}/_sandbox/requests", timeout=5).json()
        return [entry["operation"] for entry in log]

    def state(self) -> dict[str, list[dict[str, Any]]]:
        return requests.get(f"{self.url}/_sandbox/state", timeout=5).json()

    def account(self, name: str, side: Side = Side.CUSTOMER) -> str:
        return good(self.client.accounts_like(side, name))[0].id

    def posting(self, number: str, kind: Kind = Kind.SALES_INVOICE, **more: Any) -> Posting:
        bill = kind is Kind.SUPPLIER_INVOICE
        account = self.account("Pennine Plumbing Supplies" if bill else "Harper Ltd")
        return posting(number, kind, **{"account_id": account, **more})


def consented(url: str, bench: Bench) -> Grant:
    assert OAUTH is not None
    page = requests.get(consent_url(OAUTH, url, APP, CALLBACK, "state-1"), allow_redirects=False, timeout=5)
    query = parse_qs(urlsplit(page.headers["Location"]).query)
    assert query["state"] == ["state-1"]
    return TokenEndpoint("xero", OAUTH, url, APP, bench.options).exchange(Secret(query["code"][0]), CALLBACK)
