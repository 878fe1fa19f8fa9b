"""A crash at every call of payroll and request sync, then the next run: the same end (RUN-5)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Running
from payrelay.systems.http import door as http
from tests.flows.conftest import Clock
from tests.worlds.exact import CREDENTIALS
from tests.worlds.hr import OVERTIME, Delft, account, card, contract, delft, office, request
from tests.worlds.saboteur import Saboteur
from tests.worlds.steps import Crash

AUG_1, OCT_1, JAN_5 = date(2018, 8, 1), date(2018, 10, 1), date(2026, 1, 5)
MONTHS = [
    {
        "prPeriod": f"2026-{month:02d}",
        "startDate": f"2026-{month:02d}-01",
        "endDate": f"2026-{month:02d}-28",
        "status": "Open",
    }
    for month in (1, 2)
]


def people_before(delft: Delft) -> None:
    """A hire, somebody in step whose account changed, and a leaver."""
    delft.settle(card(1042), card(1043))
    state = delft.state("synergy")
    state["Resource"].append(card(1055))
    state["RoleMember"].append({"ResourceID": 1055, "RoleCode": "PAYROLLPLUS"})
    state["Contract"].append(contract(1055))
    state["BankAccount"].append(account(1055))
    delft.put("synergy", state)
    delft.edit("synergy", "BankAccount", {"ResourceID": 1042}, IBAN="BE53123456789012")
    delft.card(1043, InactiveDate="2026-12-31T00:00:00", Fax="015")
    delft.edit("synergy", "Contract", {"ResourceID": 1043}, EndDate="2026-12-31T00:00:00")


def requests_before(delft: Delft) -> None:
    """Two wages of which one ends the other, overtime that moves, and hours."""
    items = [{"ItemCode": "OVW150", "TextFreeField1": OVERTIME}]
    moved = request(90017, "OVERTIME", JAN_5, JAN_5, ItemCode="OVW150", Quantity=6.5)
    delft.fill(
        office(card(1042), Item=items, Request=[moved]),
        {
            "employees": [{"employeeId": "1042", "birthName": "Graaf"}],
            "employments": [{"employeeId": "1042", "payrollNoEE": 1, "employed": "2018-01-01"}],
            "payrollPeriods": MONTHS,
            "organizationalEntities": [{"employeeId": "1042", "devidingUnit": "Delft"}],
            "workDetails": [{"employeeId": "1042", "shift": "D1"}],
            "components": [{"component": OVERTIME, "unit": "uren", "kind": "variableInput"}],
        },
    )
    delft.requests_run()
    february = date(2026, 2, 3)
    state = delft.state("synergy")
    state["Request"] = [
        {**moved, "StartDate": f"{february}T00:00:00", "EndDate": f"{february}T00:00:00"},
        request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"),
        request(90044, "GROSSWAGE", OCT_1, Amount="3650.00"),
        request(90030, "UNPAID", JAN_5, JAN_5, Quantity=8),
    ]
    delft.put("synergy", state)


def kept_of(delft: Delft) -> tuple[list[dict[str, Any]], dict[Any, bytes]]:
    """All that our side has kept."""
    return list(delft.memory.table.everything()), dict(delft.memory.bucket.objects)


def put_back(delft: Delft, kept: tuple[list[dict[str, Any]], dict[Any, bytes]]) -> None:
    """Our side has this again, and nothing else."""
    items, objects = kept
    for item in items:
        delft.memory.table.put(item)
    delft.memory.bucket.objects.update(objects)


@dataclass
class Stepping(Delft):
    """Notes at which edge each step began; with `dies` a step that crashed is not invoked again."""

    saboteur: Saboteur = field(default_factory=Saboteur)
    dies: bool = False
    begun: list[int] = field(default_factory=list)

    def invoke(self, function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        self.begun.append(len(self.saboteur.seen))
        return function(*arguments) if self.dies else super().invoke(function, *arguments)


WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "PutObject", "PUT", "PATCH", "POST")


def deaths(edges: Sequence[str], begun: Sequence[int], *, stay: bool) -> list[int]:
    """Before each call, and after the last; before the next, an answer makes no difference.

    Of a step that is invoked again the calls are enough that follow one that writes: nothing else outlasts
    it, and so each of those stands for all calls until the next that writes.
    """
    if stay:
        return [*(at for at, name in enumerate(edges) if name.startswith("before")), len(edges) - 1]
    found: dict[tuple[int, int], int] = {}
    written = 0
    for at, name in enumerate(edges):
        if name.startswith("before"):
            found.setdefault((written, bisect_right(begun, at)), at)
        else:
            written += name.endswith(WRITES)
    return [*found.values(), len(edges) - 1]


RESOURCES = ("conceptEmployees", "employees", "employments", "sepaBankPayments", "payments", "variableInputs")


def ended(delft: Delft) -> dict[str, Any]:
    """What both systems have that the flows write."""
    payroll = delft.state("payroll_plus")
    for row in payroll["employees"]:
        row.pop("modifiedAt", None)
    there = {name: sorted(payroll[name], key=str) for name in RESOURCES}
    requests = [(row["HID"], row["StatusCode"], row["EndDate"]) for row in delft.state("synergy")["Request"]]
    return {**there, "requests": sorted(requests)}


@pytest.mark.requirement("RUN-5", "PE-4", "RQ-8")
@pytest.mark.parametrize("stays_dead", [False, True])
@pytest.mark.parametrize(
    ("flow", "before"), [("payroll_sync", people_before), ("request_sync", requests_before)]
)
def test_a_crash_at_any_call_leaves_what_a_clean_run_leaves(
    exact: tuple[Running, Clock], monkeypatch: pytest.MonkeyPatch, flow: str, before: Any, stays_dead: bool
) -> None:
    """Every call of the pages and of the batch: the step is invoked again, or the next run finds the rest."""
    served, clock = exact
    clock.now = Clock().now
    first = delft(served.urls, clock)
    before(first)
    systems, kept, began = {name: first.state(name) for name in CREDENTIALS}, kept_of(first), clock.now

    def trial(at: int | None) -> tuple[Any, list[str], list[int]]:
        clock.now = began
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        memory = memory_ledger(saboteur.edge)
        made = Stepping(dict(served.urls), memory.ledger, memory, clock, saboteur=saboteur, dies=stays_dead)
        put_back(made, kept)
        for name, state in systems.items():
            made.put(name, state)
        run = made.start(flow)
        saboteur.awake = True
        with suppress(Crash):
            made.act(run)
        saboteur.awake = made.dies = False
        died = at is not None and len(saboteur.seen) == at + 1
        if died and stays_dead:
            clock.pass_by(made.limits.lease_seconds + 1)
            made.run(flow)
        found = ended(made)
        made.forget_requests()
        made.run(flow)
        return (found, made.sent(), made.sent("synergy")), saboteur.seen, made.begun

    clean, edges, begun = trial(None)
    assert clean[1:] == ([], [])
    for at in deaths(edges, begun, stay=stays_dead):
        left, seen, _ = trial(at)
        assert seen == edges[: at + 1] or not stays_dead
        assert left == clean, f"after a crash at edge {at}: {edges[at]}"
