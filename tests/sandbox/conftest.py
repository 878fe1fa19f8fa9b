"""Sandboxes on a free port, calm and empty for every test, with clocks that tests can set."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from local.sandbox import Options, Running, running
from local.sandbox.frame.calls import Call
from local.sandbox.xero.store import TENANT
from tests.sandbox import express_leave_company, sage_books, time_clock

CALM = Call("DELETE", "/_sandbox/faults", "", {}, b"")
TODAY = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
SIMPLOYER_TOKEN = {"Authorization": "Bearer simployer-sandbox-token"}
XERO_HEADERS = {
    "Authorization": "Bearer xero-token",
    "Accept": "application/json",
    "xero-tenant-id": TENANT,
}
XLEDGER_TOKEN = {"Authorization": "token xledger-sandbox-token"}
AUTOVU_KEY = {"Authorization": "Bearer autovu-sandbox-key"}
QUICKBOOKS_HEADERS = {"Authorization": "Bearer quickbooks-sandbox-token", "Accept": "application/json"}
EXPRESS_LEAVE_KEY = {"X-Api-Key": "express-leave-sandbox-key"}
SAGE_TOKEN = {"Authorization": "Bearer sage-sandbox-token"}
ATTACHE_TOKEN = {"Authorization": "Bearer attache-sandbox-token"}
# payrelay-sandbox:sandbox-password
PAYROLL_PLUS_ACCOUNT = {"Authorization": "Basic cGF5cmVsYXktc2FuZGJveDpzYW5kYm94LXBhc3N3b3Jk"}
SYNERGY_USER = {
    "Authorization": f"Basic {base64.b64encode(b'payrelay-sandbox:sandbox-password').decode()}",
    "Accept": "application/json",
}
MILLENNIUM_SESSION = {"Authorization": "Bearer m3s-test"}
GLOBE_HEADERS = {**SYNERGY_USER, "ServerName": "SRV01", "DatabaseName": "500"}


@dataclass
class Clocks:
    """The seconds that limits see, and the time that rows see."""

    seconds: float = 0.0
    moment: datetime = TODAY


@dataclass
class Client:
    """Calls one sandbox: its admin interface, and the system itself with a good token."""

    base: str
    headers: dict[str, str]
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(
            method, self.base + path, **{"headers": self.headers, "timeout": 10, **more}
        )

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def put_state(self, state: Any) -> requests.Response:
        return self.call("PUT", "/_sandbox/state", json=state)

    def state(self) -> dict[str, list[dict[str, Any]]]:
        return self.get("/_sandbox/state").json()

    def faults(self, **faults: Any) -> requests.Response:
        return self.call("PUT", "/_sandbox/faults", json=faults)

    def log(self) -> list[dict[str, Any]]:
        return self.get("/_sandbox/requests").json()

    def graphql(self, query: str, variables: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        answer = self.call("POST", "/graphql", json={"query": query, "variables": variables}, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture(scope="session")
def served(clocks: Clocks) -> Iterator[Running]:
    options = Options(clock=lambda: clocks.seconds, now=lambda: clocks.moment, hold_seconds=5)
    with running(options=options) as sandboxes:
        yield sandboxes


@pytest.fixture
def client(served: Running, clocks: Clocks) -> Iterator[Callable[[str, dict[str, str]], Client]]:
    clients = []

    def make(name: str, headers: dict[str, str]) -> Client:
        sandbox = served.sandboxes[name]
        sandbox.serve(CALM)
        sandbox.log.clear()
        sandbox.room.replace_state({})
        clients.append(Client(served.urls[name], headers))
        return clients[-1]

    clocks.seconds += 1000
    clocks.moment = TODAY
    yield make
    for sandbox in served.sandboxes.values():
        sandbox.serve(CALM)
    for made in clients:
        made.session.close()


@pytest.fixture
def simployer(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("simployer", SIMPLOYER_TOKEN)


@pytest.fixture
def xero(client: Callable[[str, dict[str, str]], Client]) -> Client:
    made = client("xero", XERO_HEADERS)
    made.put_state({"oauth_tokens": [{"access_token": "xero-token", "refresh_token": "xero-refresh"}]})
    return made


@pytest.fixture
def xledger(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("xledger", XLEDGER_TOKEN)


@pytest.fixture
def autovu(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("autovu_quickbooks", AUTOVU_KEY)


@pytest.fixture
def autovu_sage(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("autovu_sage", AUTOVU_KEY)


@pytest.fixture
def quickbooks(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("quickbooks", QUICKBOOKS_HEADERS)


@pytest.fixture
def express_leave(client: Callable[[str, dict[str, str]], Client], clocks: Clocks) -> Client:
    """Every answer takes a second, so that only a test of the limit meets it."""

    def pass_a_second(*_: Any, **__: Any) -> None:
        clocks.seconds += 1

    made = client("express_leave", EXPRESS_LEAVE_KEY)
    made.session.hooks["response"].append(pass_a_second)
    return made


@pytest.fixture
def leave(express_leave: Client) -> Client:
    answer = express_leave.put_state(express_leave_company.STATE)
    assert answer.status_code == 200, answer.text
    return express_leave


@pytest.fixture
def sage(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("sage", SAGE_TOKEN)


@pytest.fixture
def attache(client: Callable[[str, dict[str, str]], Client]) -> Client:
    made = client("attache", ATTACHE_TOKEN)
    made.put_state({"tokens": []})
    return made


@pytest.fixture
def payroll_plus(client: Callable[[str, dict[str, str]], Client], clocks: Clocks) -> Client:
    """Every answer takes a second, so that only a test of the limit meets it."""

    def pass_a_second(*_: Any, **__: Any) -> None:
        clocks.seconds += 1

    made = client("payroll_plus", PAYROLL_PLUS_ACCOUNT)
    made.session.hooks["response"].append(pass_a_second)
    return made


@pytest.fixture
def synergy(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("synergy", SYNERGY_USER)


@pytest.fixture
def globe_next(client: Callable[[str, dict[str, str]], Client]) -> Client:
    return client("globe_next", GLOBE_HEADERS)


@pytest.fixture
def timeworksplus(client: Callable[[str, dict[str, str]], Client]) -> Client:
    """Signed in for site 51234 as its partner."""
    made = client("timeworksplus", {})
    token = made.call("POST", time_clock.SIGN_IN, headers=time_clock.originating(TODAY)).json()["token"]
    made.headers = {"Authorization": f"Bearer {token}"}
    return made


@pytest.fixture
def millennium(client: Callable[[str, dict[str, str]], Client], clocks: Clocks) -> Client:
    """Signed in. Every answer takes a second, so that only a test of the limit meets it."""

    def pass_a_second(*_: Any, **__: Any) -> None:
        clocks.seconds += 1

    made = client("millennium", MILLENNIUM_SESSION)
    made.put_state(
        {
            "sessions": [
                {"Token": "m3s-test", "UserName": "payrelay-sandbox", "ExpiresAt": "2026-03-02T12:30:00Z"}
            ]
        }
    )
    made.session.hooks["response"].append(pass_a_second)
    return made


@pytest.fixture
def books(sage: Client) -> Client:
    answer = sage.put_state(sage_books.STATE)
    assert answer.status_code == 200, answer.text
    sage.headers = {**sage.headers, "X-Business": sage_books.OURS}
    return sage
