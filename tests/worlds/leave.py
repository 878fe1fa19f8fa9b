"""An office of the tests with Attaché Payroll and Express Leave: the steps of its runs, ledger in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import requests

from local.memory.ledger import MemoryLedger, memory_ledger
from payrelay.domain.runs import Connection, ConnectionStatus, Run, Trigger
from payrelay.domain.sensitive import Secret
from payrelay.flows.balance_sync.telling import tell_end
from payrelay.flows.engine import apply
from payrelay.systems.http.door import Call, Observer
from payrelay.systems.registry import SYSTEMS
from tests.worlds.consent import consent, endpoint
from tests.worlds.leave_api import ORGANISATIONS, TYPES, Row, company
from tests.worlds.run import CONNECTION, TENANT, Clock, World
from tests.worlds.structs import replace

FLOW = "balance_sync"
KEY = {"company_id": Secret("c-9"), "api_key": Secret("express-leave-sandbox-key")}
SYSTEM_NAMES = ("attache", "express_leave")
WROTE_NOTHING = {"created": 0, "updated": 0, "failed": 0}


class Acme(World):
    """One connection that syncs balances; it is connected to the organisation org-17."""

    access: Mapping[str, Secret] = {}
    refresh_token = Secret("")
    renewals = 0
    # Whether Express Leave is told how runs ended, as the event RunFinished has it done.
    telling = True
    # What other people do after a plan was made and before it is applied.
    before_apply: Callable[[], None] = staticmethod(lambda: None)

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        url = settings[system]["base_url"]
        if system == "express_leave":
            return SYSTEMS[system].connect(url, KEY, self.door)
        return SYSTEMS[system].connect(url, self.access, replace(self.door, renew=self.renew))

    def consent(self) -> None:
        """What a person does once: give consent, at once for the sandbox."""
        grant, organisation = consent("attache", self.urls["attache"], self.door)
        self.refresh_token = grant.refresh_token
        self.access = {"access_token": grant.access_token, "company_id": organisation}

    def renew(self) -> Secret:
        """Another access token, for the refresh token that is kept."""
        grant = endpoint("attache", self.urls["attache"], self.door).refresh(self.refresh_token)
        self.refresh_token, self.renewals = grant.refresh_token, self.renewals + 1
        self.access = {**self.access, "access_token": grant.access_token}
        return grant.access_token

    def connect(self, **settings: Any) -> Connection:
        at = self.engine.stamp()
        urls = {name: {"base_url": self.urls[name]} for name in SYSTEM_NAMES}
        connection = Connection(
            TENANT,
            CONNECTION,
            "Acme",
            "attache_express_leave",
            {**urls, **settings},
            ConnectionStatus.CONNECTED,
            at,
            at,
        )
        self.ledger.connections.create(connection)
        return connection

    def start(self, flow: str = FLOW, mode: str = "sync", **more: Any) -> Run:
        """A run that a login started."""
        return super().start(flow, mode, **{"trigger": Trigger.LOGIN, **more})

    def sync(self, mode: str = "sync", **more: Any) -> Run:
        """One run of the flow, to its end; Express Leave is told of it."""
        return self.drive(self.start(FLOW, mode, **more))

    def own(self, code: str) -> Run:
        """A person's own refresh, begun."""
        return self.start(trigger=Trigger.MANUAL, scope=code, options={"employees": [code]})

    def drive(self, run: Run) -> Run:
        ended = super().drive(run)
        if ended.status.final and self.telling:
            self.tell(ended)
        return ended

    def tell(self, run: Run) -> None:
        """What the event RunFinished has done."""
        tell_end(self.opening(run), run)

    def step(self, function: Callable[..., dict[str, Any]], message: Mapping[str, Any]) -> dict[str, Any]:
        if function is apply.apply_page:
            self.before_apply()
        return super().step(function, message)

    def calm(self, *systems: str) -> None:
        """No system has faults, and nobody stands at the door."""
        for name in systems or SYSTEM_NAMES:
            super().calm(name)
        self.door = replace(self.door, observer=None)

    # --- what is in the systems --------------------------------------------------------------------------

    def fill(self, *people: Row, leave: Sequence[Row] = (), users: Sequence[Row] = (), **more: Any) -> None:
        """These employees with their balances in Payroll, these users in Express Leave, and nothing else."""
        tokens = {"tokens": self.state("attache")["tokens"]} if self.access else {}
        payroll = {"organisations": ORGANISATIONS, "employees": list(people), "leavebalances": list(leave)}
        self.put("attache", {**payroll, **tokens})
        there = {"company": [company(connected=True)], "users": list(users), "leavetypes": TYPES}
        self.put("express_leave", {**there, **more})

    def payroll(self, code: str, resource: str = "employees", **values: Any) -> None:
        """Change an employee in Payroll."""
        self.edit("attache", resource, {"EmployeeCode": code}, **values)

    def without(self, system: str, resource: str, **match: Any) -> None:
        """Delete the rows that match; in Payroll with what belongs to the employee."""
        state = self.state(system)
        everywhere = [name for name in state if "EmployeeCode" in match or name == resource]
        for name in everywhere:
            state[name] = [r for r in state[name] if any(r.get(k) != v for k, v in match.items())]
        self.put(system, state)

    def user(self, code: str) -> Row:
        """The user with this employee id in Express Leave."""
        (found,) = [row for row in self.rows("users") if row["EmployeeId"] == code]
        return found

    def rows(self, resource: str) -> list[Row]:
        """Rows of Express Leave."""
        found: list[Row] = self.state("express_leave")[resource]
        return found

    def balance(self, code: str, income_code: str = "AL") -> tuple[str, str] | None:
        """Hours and As At that Express Leave holds, if it holds any."""
        return self.balances().get(f"{code}:{income_code}")

    def balances(self) -> dict[str, tuple[str, str]]:
        """All hours and As At that Express Leave holds."""
        return {
            f"{row['EmployeeId']}:{row['IncomeCode']}": (row["BalanceHours"], row["AsAt"])
            for row in self.rows("balances")
        }

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

    def calls(self, system: str = "express_leave", *, writes: bool | None = None) -> list[str]:
        """The calls that a system saw since the last `forget_requests`, by their operation."""
        return [
            str(one["operation"]) for one in self.requests(system) if writes in (None, bool(one["writes"]))
        ]

    def writes(self) -> list[dict[str, Any]]:
        """The writing calls that Express Leave saw, but for those about the sync itself."""
        seen = [one for one in self.requests("express_leave") if one["writes"]]
        return [one for one in seen if "syncs" not in str(one["operation"])]

    def settled(self) -> None:
        """One further run finds nothing to do, and no sync is left at work."""
        self.forget_requests()
        again = self.sync()
        assert self.writes() == []
        assert again.counts
        assert {name: again.counts[name] for name in WROTE_NOTHING} == WROTE_NOTHING
        assert [row for row in self.rows("syncs") if row["Status"] == "Running"] == []


class Once(Observer):
    """Stands at the door, and acts once: before or after the first call that fits, `skip` of them let by."""

    def __init__(
        self, act: Callable[[], None], method: str, path: str, *, after: bool = False, skip: int = 0
    ) -> None:
        super().__init__()
        self._acts, self._fits = [act], (method, path)
        self._after, self._skip = after, skip

    def before(self, call: Call) -> None:
        if not self._after:
            self._look(call)

    def after(self, call: Call) -> None:
        if self._after:
            self._look(call)

    def _look(self, call: Call) -> None:
        method, path = self._fits
        if not self._acts or call.method != method or path not in call.path:
            return
        if self._skip:
            self._skip -= 1
            return
        self._acts.pop()()


def office(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger | None = None) -> Acme:
    """A connected office with nobody in it."""
    memory = memory or memory_ledger()
    made = Acme(dict(urls), memory.ledger, memory, clock)
    made.calm()
    made.fill()
    made.consent()
    made.connect()
    made.forget_requests()
    return made
