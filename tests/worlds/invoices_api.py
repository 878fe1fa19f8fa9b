"""An office of the tests: a connection from AutoVu to a package, both on loopback, through the real API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.sandbox import Options, Running
from local.seed import SEEDS
from payrelay.flows.invoice_sync import check
from payrelay.runtime.container import Container
from payrelay.systems.registry import PACKAGES
from tests.worlds.api import Reply, World
from tests.worlds.consent import given
from tests.worlds.in_memory import made_world
from tests.worlds.sandboxes import Sandboxed, running
from tests.worlds.structs import replace

BACK = "https://app.example/consent"
LABELS = {"quickbooks": "QuickBooks", "xero": "Xero", "sage": "Sage"}
APP = {"client_id": "payrelay-sandbox", "client_secret": "sandbox-secret"}
KEY = "autovu-sandbox-key"

Row = dict[str, Any]


@dataclass
class Clock:
    """The time of day, which a test may put forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, minutes: float) -> None:
        self.ahead += timedelta(minutes=minutes)


@dataclass
class Office(Sandboxed):
    """One connection of the tenant `demo`, and the outside systems that it reaches."""

    world: World
    package: str
    urls: Mapping[str, str]
    clock: Clock = field(default_factory=Clock)
    connection_id: str = ""

    @property
    def autovu(self) -> str:
        """The name of AutoVu's sandbox."""
        return f"autovu_{self.package}"

    @property
    def label(self) -> str:
        """The package's name for people."""
        return LABELS[self.package]

    @property
    def settings(self) -> Row:
        """What such a connection needs to know."""
        return {
            "package": self.package,
            "autovu": {"base_url": self.urls[self.autovu]},
            self.package: {"base_url": self.urls[self.package]},
        }

    @property
    def body(self) -> Row:
        """What makes the connection."""
        credentials = {"autovu": {"integration_key": KEY}, self.package: APP}
        return {
            "name": "Hartley Heating",
            "kind": "autovu_accounting",
            "settings": self.settings,
            "credentials": credentials,
        }

    def call(self, method: str, path: str = "", body: Any = None, **more: Any) -> Reply:
        """One call below the connection."""
        return self.world.call(method, f"/connections/{self.connection_id}{path}", body, **more)

    def make(self) -> str:
        """A new connection; its id."""
        made = self.world.call("POST", "/connections", self.body)
        assert made.status == 201, made.text
        self.connection_id = str(made.json["connection_id"])
        return self.connection_id

    def consent(self) -> Row:
        """What a person brings back from the consent: the body of the next connect."""
        asked = self.call("POST", "/connect", {"redirect_uri": BACK})
        assert asked.status == 200, asked.text
        return self.give(asked.json["consent_url"])

    def give(self, consent_url: str) -> Row:
        """A person opens the page, and is sent back to the app."""
        back = given(consent_url, BACK)
        realm = {"realm_id": back["realmId"]} if "realmId" in back else {}
        return {"code": back["code"], "state": back["state"], **realm}

    def connect(self) -> Reply:
        """Connect with a fresh consent."""
        answer = self.call("POST", "/connect", self.consent())
        assert answer.status == 200, answer.text
        return answer

    def tokens(self) -> Row:
        """What is kept of the package."""
        return self.world.kept(self.connection_id, self.package)

    def status(self) -> tuple[str, str | None]:
        """Status and reason of the connection, as the API shows them."""
        seen = self.call("GET").json
        return seen["status"], seen["reason"]["code"] if seen["reason"] else None

    def forget_requests(self) -> None:
        self.forget(self.package, self.autovu)

    # What is in the books.

    def book(self, *documents: Row) -> None:
        """These documents wait in AutoVu, and no others."""
        self.put(self.autovu, {**self.state(self.autovu), "documents": list(documents)})

    def account(self, account_id: str) -> Row:
        """An account of AutoVu's."""
        rows = self.state(self.autovu)["accounts"]
        return next(dict(row) for row in rows if row["AccountId"] == account_id)

    def party(self, name: str) -> str:
        """The package's id of the customer or supplier with this name."""
        (found,) = [row_id for row_name, row_id in self._parties() if row_name == name]
        return found

    def parties(self) -> list[str]:
        """The names of the package's customers and suppliers."""
        return [name for name, _ in self._parties()]

    def _parties(self) -> list[tuple[str, str]]:
        resources, name, row_id = {
            "quickbooks": (("Customer", "Vendor"), "DisplayName", "Id"),
            "xero": (("Contacts",), "Name", "ContactID"),
            "sage": (("contacts",), "name", "id"),
        }[self.package]
        state = self.state(self.package)
        return [(row[name], str(row[row_id])) for resource in resources for row in state[resource]]

    def link(self, customer_id: str, body: Any, **more: Any) -> Reply:
        return self.call("POST", f"/accounts/{customer_id}/link", body, **more)

    def unlink(self, customer_id: str, query: str = "", **more: Any) -> Reply:
        return self.call("DELETE", f"/accounts/{customer_id}/link{query}", **more)

    def create(self, customer_id: str, body: Any = None, **more: Any) -> Reply:
        return self.call("POST", f"/accounts/{customer_id}/create", body, **more)

    def trail(self, customer_id: str) -> list[Row]:
        """The audit trail of an account's links, newest first."""
        items: list[Row] = self.call("GET", f"/history?entity=account&key={customer_id}").json["items"]
        return items

    def listed(self) -> list[Row]:
        """The documents of the queue."""
        answer = self.call("GET", "/documents", role="viewer")
        assert answer.status == 200, answer.text
        items: list[Row] = answer.json["items"]
        return items


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Running]:
    """Every outside system, on loopback."""
    with running(options=Options(rate_limits=False)) as served:
        yield served


@contextmanager
def office_of(package: str, urls: Mapping[str, str]) -> Iterator[Office]:
    """A connection that is made and not connected; the package has the seed, and AutoVu lists nothing."""
    with made_world() as world, pytest.MonkeyPatch.context() as patch:
        office = Office(world, package, urls)
        local = replace(world.container.settings, local_endpoint="http://127.0.0.1:4566")
        patch.setattr(world.container, "settings", local)
        usual = Container.door_options
        patch.setattr(Container, "door_options", lambda self: replace(usual(self), sleep=lambda _: None))
        patch.setattr(check, "utc_now", office.clock)
        world.container.__dict__["engine"] = replace(world.container.engine, clock=office.clock)
        office.put(package, SEEDS[package]())
        office.put(office.autovu, {**SEEDS[office.autovu](), "documents": []})
        for name in (package, office.autovu):
            office.calm(name)
        office.make()
        office.forget_requests()
        yield office


@pytest.fixture(params=PACKAGES)
def office(request: pytest.FixtureRequest, sandboxes: Running) -> Iterator[Office]:
    """One for each package."""
    with office_of(request.param, sandboxes.urls) as made:
        yield made


@pytest.fixture
def connected(office: Office) -> Office:
    """The same, connected."""
    office.connect()
    return office


@pytest.fixture(params=["quickbooks", "sage"])
def linking(request: pytest.FixtureRequest, sandboxes: Running) -> Iterator[Office]:
    """One whose links are AutoVu's AccsID, and one whose links are ours; connected."""
    with office_of(request.param, sandboxes.urls) as made:
        made.connect()
        yield made


@pytest.fixture
def quickbooks(sandboxes: Running) -> Iterator[Office]:
    """One of QuickBooks, connected, for what is the same for every package."""
    with office_of("quickbooks", sandboxes.urls) as made:
        made.connect()
        yield made


@pytest.fixture
def sage(sandboxes: Running) -> Iterator[Office]:
    """One of Sage, connected: the package that takes no ids."""
    with office_of("sage", sandboxes.urls) as made:
        made.connect()
        yield made
