"""An office of the tests, with Attaché Payroll and Express Leave: the real API and login hook, in process.

Runs that are started wait in `started`, and are taken to their end by `settle`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import requests

from local.sandbox import Options, Running
from payrelay.domain.runs import Run
from payrelay.domain.webhooks import sign
from payrelay.flows.balance_sync.flow import open_flow
from payrelay.flows.balance_sync.telling import tell_end
from payrelay.flows.engine.engine import Engine
from payrelay.runtime.container import Container
from tests.worlds import contract
from tests.worlds.api import Reply, World, load
from tests.worlds.consent import given
from tests.worlds.in_memory import made_world
from tests.worlds.sandboxes import Sandboxed, running
from tests.worlds.steps import Steps
from tests.worlds.structs import replace

BACK = "https://app.example/consent"
CREDENTIALS = {
    "attache": {"client_id": "payrelay-sandbox", "client_secret": "sandbox-secret"},
    "express_leave": {"company_id": "c-9", "api_key": "express-leave-sandbox-key"},
}
FLOW = "balance_sync"
ADMIN = {"UserId": "u-1", "UserType": "Administrator"}

Row = dict[str, Any]


@dataclass
class Clock:
    """The time of day, which a test may put forward; the sandboxes have the same."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


class Started:
    """Stands in for the state machines: notes what would be started."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.broken: Exception | None = None

    def start(self, run: Run) -> None:
        if self.broken:
            raise self.broken
        if run.run_id not in [known.run_id for known in self.runs]:
            self.runs.append(run)

    def ended(self, run: Run) -> str | None:
        """All of them go on."""
        return None


@dataclass(kw_only=True)
class Acme(Sandboxed, Steps):
    """One connection of the tenant `demo`, with both outside systems."""

    world: World
    urls: Mapping[str, str]
    clock: Clock
    started: Started = field(default_factory=Started)
    connection_id: str = ""
    secret: str = ""
    # Whether Express Leave is told how runs ended, as the event RunFinished has it done.
    telling: bool = True

    @property
    def engine(self) -> Engine:
        return self.world.container.engine

    def opening(self, run: Run) -> Any:
        return open_flow(self.world.container, run.tenant, run.connection_id, run.settings)

    def wait(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    # --- the connection ----------------------------------------------------------------------------------

    def call(self, method: str, path: str = "", body: Any = None, **more: Any) -> Reply:
        """One call below the connection."""
        return self.world.call(method, f"/connections/{self.connection_id}{path}", body, **more)

    def make(self, **settings: Any) -> None:
        """A new connection that is not connected."""
        urls = {name: {"base_url": self.urls[name]} for name in CREDENTIALS}
        body = {
            "name": "Acme",
            "kind": "attache_express_leave",
            "settings": {**urls, **settings},
            "credentials": CREDENTIALS,
        }
        made = self.world.call("POST", "/connections", body)
        assert made.status == 201, made.text
        self.connection_id = str(made.json["connection_id"])
        self.secret = self.new_secret()

    def new_secret(self) -> str:
        made = self.call("POST", "/hook-secret", {})
        assert made.status == 201, made.text
        return str(made.json["secret"])

    def settings(self, **changed: Any) -> None:
        """Change settings of the connection."""
        assert self.call("PATCH", "", {"settings": changed}).status == 200

    def consent(self, organisation: str | None = None) -> Row:
        """What a person brings back from the consent: the body of the next connect."""
        asked = self.call("POST", "/connect", {"redirect_uri": BACK})
        assert asked.status == 200, asked.text
        page = asked.json["consent_url"] + (f"&organisation_id={organisation}" if organisation else "")
        back = given(page, BACK)
        return {"code": back["code"], "state": back["state"]}

    def connect(self, organisation: str | None = None, **body: Any) -> Reply:
        """Connect with a fresh consent; the full sync that this starts is taken to its end."""
        answer = self.call("POST", "/connect", {**self.consent(organisation), **body})
        assert answer.status == 200, answer.text
        self.settle()
        return answer

    # --- logins and runs ---------------------------------------------------------------------------------

    def hook(self, body: bytes, headers: Mapping[str, str], connection_id: str | None = None) -> Reply:
        """A message to the hook, as API Gateway hands it over."""
        target = connection_id or self.connection_id
        text = body.decode(errors="ignore")
        in_base64 = text.encode() != body
        event = {
            "version": "2.0",
            "rawPath": f"/hooks/login/{target}",
            "pathParameters": {"connection_id": target},
            "headers": dict(headers),
            "body": base64.b64encode(body).decode() if in_base64 else text,
            "isBase64Encoded": in_base64,
        }
        answer = load("login_hook", "login_hook").handler(event, SimpleNamespace(aws_request_id="lambda-id"))
        reply = Reply(answer["statusCode"], answer["headers"], answer.get("body", ""))
        contract.check("POST", f"/hooks/login/{target}", reply.status, reply.headers, reply.text)
        return reply

    def login(
        self,
        role: str = "Administrator",
        message_id: str | None = None,
        secret: str | None = None,
        **more: Any,
    ) -> Reply:
        """Somebody logs in, and their browser's Express Leave tells us in the standard form."""
        body = json.dumps(
            {
                "event": "user.login",
                "user_id": "u-1",
                "user_name": "Dana Admin",
                "role": role,
                "occurred_at": "2026-01-06T22:01:09Z",
                **more,
            }
        ).encode()
        moment = int(self.clock().timestamp())
        headers = sign(secret or self.secret, message_id or f"msg_{uuid4().hex}", moment, body)
        return self.hook(body, headers)

    def settle(self) -> list[Run]:
        """Take every run that was started to its end; how they ended."""
        ended = []
        while self.started.runs:
            ended.append(self.end(self.started.runs.pop(0)))
        return ended

    def end(self, run: Run) -> Run:
        """Take one run to its end, and tell Express Leave."""
        self.act(run)
        found = self.get(run)
        if self.telling and found.status.final:
            tell_end(self.opening(found), found)
        return found

    def sync(self, **more: Any) -> Row:
        """A login, and its run as the API shows it once it has ended."""
        answer = self.login(**more)
        assert answer.status == 202, answer.text
        self.settle()
        return self.run(answer.json["run_id"])

    def order(self, mode: str = "sync", **options: Any) -> Row:
        """A run by hand, to its end."""
        answer = self.call("POST", "/runs", {"flow": FLOW, "mode": mode, "options": options})
        assert answer.status == 202, answer.text
        self.settle()
        return self.run(answer.json["run_id"])

    def run(self, run_id: str) -> Row:
        found: Row = self.world.call("GET", f"/runs/{run_id}").json
        return found

    def records(self, run: Mapping[str, Any]) -> dict[str, Row]:
        """The stored records of a run, by record id."""
        found: dict[str, Row] = {}
        cursor = ""
        while True:
            answer = self.world.call("GET", f"/runs/{run['run_id']}/records?limit=200{cursor}").json
            found |= {record["record_id"]: record for record in answer["items"]}
            if answer["next_cursor"] is None:
                return found
            cursor = f"&cursor={answer['next_cursor']}"

    def reasons(self, run: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """Outcome and reason code of every record that has a reason, by record id."""
        return {
            name: (record["outcome"], record["reason"]["code"])
            for name, record in self.records(run).items()
            if record["reason"]
        }

    def checks(self, key: str | None = None, entity: str = "employee") -> list[Row]:
        """A diagnosis."""
        query = f"?entity={entity}&key={key}" if key else ""
        answer = self.call("GET", f"/diagnosis{query}", role="viewer")
        assert answer.status == 200, answer.text
        items: list[Row] = answer.json["checks"]
        return items

    def failing(self, key: str | None = None) -> list[Row]:
        """The checks of a diagnosis that fail."""
        return [check for check in self.checks(key) if check["passed"] is False]

    # --- what is in the systems --------------------------------------------------------------------------

    def user(self, code: str) -> Row:
        """The user with this employee id in Express Leave."""
        rows: list[Row] = self.state("express_leave")["users"]
        (found,) = [row for row in rows if row["EmployeeId"] == code]
        return found

    def balance(self, code: str, income_code: str = "AL") -> tuple[str, str] | None:
        """Hours and As At that Express Leave holds, if it holds any."""
        rows: list[Row] = self.state("express_leave")["balances"]
        found = [row for row in rows if (row["EmployeeId"], row["IncomeCode"]) == (code, income_code)]
        return (found[0]["BalanceHours"], found[0]["AsAt"]) if found else None

    def syncs(self) -> list[Row]:
        """Express Leave's own records of syncs."""
        rows: list[Row] = self.state("express_leave")["syncs"]
        return rows

    def overtype(self, code: str, amount: Any, comment: str, income_code: str = "AL") -> None:
        """What a payroll officer does on the Leave tab."""
        url = f"{self.urls['attache']}/api/v1/organisations/org-17/employees/{code}/leave/{income_code}"
        answer = requests.put(
            f"{url}/entitlement",
            json={"EntitlementOwing": amount, "Comment": comment},
            headers={"Authorization": "Bearer attache-sandbox-token"},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text

    def writes(self) -> list[str]:
        """The writing calls that Express Leave saw, but for those about the sync itself."""
        seen = [request for request in self.requests("express_leave") if request["writes"]]
        return [f"{one['method']} {one['path']}" for one in seen if "/syncs" not in one["path"]]

    def forget_requests(self) -> None:
        self.forget("attache", "express_leave")

    def fill(self, *people: Row, leave: Sequence[Row] = (), users: Sequence[Row] = (), **more: Any) -> None:
        """These employees with their balances in Payroll, these users in Express Leave, and nothing else.

        The company stays connected if it is.
        """
        there = self.state("express_leave")["company"]
        self.put(
            "attache",
            {"organisations": ORGANISATIONS, "employees": list(people), "leavebalances": list(leave)},
        )
        self.put("express_leave", {"company": there, "users": list(users), "leavetypes": TYPES, **more})


ORGANISATIONS = [
    {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd", "Country": "Australia"},
    {"OrganisationId": "org-18", "OrganisationName": "Acme New Zealand Ltd", "Country": "New Zealand"},
]
TYPES = [
    {"IncomeCode": "AL", "Description": "Annual Leave"},
    {"IncomeCode": "SL", "Description": "Sick Leave"},
]


def company(connected: bool = False) -> Row:
    """The company in Express Leave."""
    link = {"Connected": connected}
    if connected:
        link |= {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"}  # type: ignore[dict-item]
    return {"CompanyId": "c-9", "CompanyName": "Acme", "Connection": link, "LastSyncAt": None}


def employee(code: str, **changed: Any) -> Row:
    """An employee of Payroll who is enabled for Attaché Online."""
    return {
        "EmployeeCode": code,
        "FullName": f"Name {code}",
        "AOemail": f"{code.lower()}@acme.example",
        "EnableAttacheOnline": True,
        "Location": "Sydney",
        "State": "NSW",
        "Country": "Australia",
        "HourPerDay": 7.6,
        "TerminationDate": None,
        "ModifiedAt": "2026-01-05T03:12:00Z",
        **changed,
    }


def leave(code: str, al: Any = (76.0, 31.4512), sl: Any = (38.0, 0.0), **changed: Any) -> Row:
    """An employee's balances: entitled and pro-rata; None for a type that is not in the leave table."""
    row: Row = {"EmployeeCode": code, "LeaveAccrueTo": "2026-01-04", "ModifiedAt": "2026-01-05T03:12:00Z"}
    for name, pair in (("AL", al), ("SL", sl)):
        if pair is not None:
            row |= {f"{name}EntitleHourAcc": pair[0], f"{name}ProRataHourAcc": pair[1]}
    return {**row, **changed}


def user(user_id: str, code: str, payroll: bool = True, **changed: Any) -> Row:
    """A user of Express Leave, equal to `employee(code)`."""
    return {
        "UserId": user_id,
        "EmployeeId": code,
        "Name": f"Name {code}",
        "Location": "Sydney",
        "Country": "Australia",
        "State": "NSW",
        "Hours": "7.60",
        "Email": f"{code.lower()}@acme.example",
        "UserType": "Employee (Non-Approver)",
        "PayrollUser": "Yes" if payroll else "",
        **changed,
    }


def held(code: str, income_code: str, hours: str, as_at: str = "2026-01-04", **changed: Any) -> Row:
    """A balance that Express Leave holds."""
    row = {"EmployeeId": code, "IncomeCode": income_code, "BalanceHours": hours, "AsAt": as_at}
    return {**row, "SyncedAt": "2026-01-05T22:00:10Z", **changed}


@pytest.fixture(scope="module")
def leave_sandboxes() -> Iterator[tuple[Running, Clock]]:
    """Both outside systems on loopback, with a clock that tests put forward."""
    clock = Clock()
    with running(options=Options(rate_limits=False, now=clock)) as served:
        yield served, clock


@contextmanager
def acme_of(urls: Mapping[str, str], clock: Clock) -> Iterator[Acme]:
    """A connection that is made and not connected; nobody is anywhere."""
    with made_world() as world, pytest.MonkeyPatch.context() as patch:
        made = Acme(world=world, urls=urls, clock=clock)
        local = replace(world.container.settings, local_endpoint="http://127.0.0.1:4566")
        patch.setattr(world.container, "settings", local)
        usual = Container.door_options
        quick: Callable[[Any], Any] = lambda self: replace(usual(self), sleep=lambda _: None)  # noqa: E731
        patch.setattr(Container, "door_options", quick)
        world.container.__dict__["engine"] = replace(world.container.engine, clock=clock)
        world.container.__dict__["executions"] = made.started
        patch.setattr(world.container.hook_keys, "_now", lambda: clock().timestamp())
        for name in ("attache", "express_leave"):
            made.calm(name)
        made.put("attache", {"tokens": []})
        made.fill(company=[company()])
        made.make()
        made.forget_requests()
        yield made


@pytest.fixture
def acme(leave_sandboxes: tuple[Running, Clock]) -> Iterator[Acme]:
    """Not connected."""
    served, clock = leave_sandboxes
    with acme_of(served.urls, clock) as made:
        yield made


@pytest.fixture
def connected(acme: Acme) -> Acme:
    """Connected, and its first sync done with nobody there."""
    acme.connect()
    acme.forget_requests()
    return acme
