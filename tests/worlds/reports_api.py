"""Delft Techniek at the API: the people of the seed, reports that were kept, and who reads them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from local.sandbox import Running
from local.seed.synergy import synergy_state
from payrelay.domain.runs import ConnectionStatus
from payrelay.domain.sensitive import Secret
from payrelay.ledger.reports import Report
from payrelay.runtime.container import Container
from tests.worlds.api import Reply, World, claims_of, token_of
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

ACCOUNT = {"username": "payrelay-sandbox", "password": "sandbox-password"}
CREDENTIALS = {"synergy": ACCOUNT, "payroll_plus": {**ACCOUNT, "employer_id": "emp-500"}}
JANUARY, FEBRUARY = "2026-01", "2026-02"
Pay = dict[str, tuple[str, str]]


@dataclass
class Delft(Sandboxed):
    """A connected connection with the people of the seed."""

    world: World
    urls: dict[str, str]
    connection_id: str = ""

    def make(self) -> None:
        body = {
            "name": "Delft",
            "kind": "synergy_payroll_plus",
            "settings": {name: {"base_url": self.urls[name]} for name in CREDENTIALS},
            "credentials": CREDENTIALS,
        }
        self.connection_id = self.world.create(**body)
        self.world.set_status(self.connection_id, ConnectionStatus.CONNECTED)

    def read(self, person: object, as_: int | str, query: str = "", **more: Any) -> Reply:
        """The report of a person, read by the person with that id in Synergy or with that address."""
        email = as_ if isinstance(as_, str) else self.email(as_)
        claims = claims_of(more.pop("role", "viewer"), more.pop("tenant", "demo"), email=email)
        token = f"Bearer {token_of({**claims, **more.pop('claims', {})})}"
        path = f"/connections/{more.pop('connection_id', self.connection_id)}/people/{person}/payroll-report"
        return self.world.call("GET", path + query, token=token, **more)

    def get(self, path: str, as_: int | str, role: str) -> Reply:
        """Any other path, read by the person with that id in Synergy or with that address."""
        email = as_ if isinstance(as_, str) else self.email(as_)
        return self.world.call("GET", path, token=f"Bearer {token_of(claims_of(role, email=email))}")

    def email(self, person: int) -> str:
        (found,) = [row["Email"] for row in self.state("synergy")["Resource"] if row["ID"] == person]
        return str(found)

    def card(self, person: int, **values: Any) -> None:
        self.edit("synergy", "Resource", {"ID": person}, **values)

    def without_role(self, person: int, role: str) -> None:
        state = self.state("synergy")
        state["RoleMember"] = [
            row
            for row in state["RoleMember"]
            if (row["ResourceID"], row["RoleCode"].strip()) != (person, role)
        ]
        self.put("synergy", state)

    def keep(self, person: int, period: str, version: int, pay: Pay, **more: Any) -> None:
        """What a pull kept."""
        report = Report(
            person_id=str(person),
            period=period,
            version=version,
            digest=f"{version}",
            pulled_at=f"2026-03-0{version}T05:00:00.000Z",
            run_id="run_01JD9Z4A6B8C0D2E4F6G8H0J3M",
            expires=int(time.time()) + 86400,
            components={code: ((text, Secret(amount)),) for code, (text, amount) in pay.items()} | more,
        )
        assert self.world.container.ledger.reports.put("demo", self.connection_id, report)

    def calls(self) -> list[str]:
        """What Exact Synergy was asked since the last time."""
        found = [str(one["operation"]) for one in self.requests("synergy")]
        self.forget("synergy")
        return found


def delft_of(served: Running, world: World, patch: pytest.MonkeyPatch) -> Delft:
    """A connection with the people of the seed, over sandboxes that answer."""
    local = replace(world.container.settings, local_endpoint="http://127.0.0.1:4566")
    patch.setattr(world.container, "settings", local)
    usual = Container.door_options
    patch.setattr(Container, "door_options", lambda self: replace(usual(self), sleep=lambda _: None))
    made = Delft(world, dict(served.urls))
    made.calm("synergy")
    made.put("synergy", synergy_state())
    made.make()
    return made
