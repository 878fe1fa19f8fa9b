"""A vendor's row whose id leads elsewhere: one blocked record, and all others are synced (security F1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.systems import rows
from tests.flows.conftest import Clock, World
from tests.worlds.invoices import ANY_PACKAGE, Books, invoice
from tests.worlds.leave import Acme
from tests.worlds.leave_api import employee, leave
from tests.worlds.payroll import JANUARY, delft, pay, payroll_run
from tests.worlds.people import Leave, in_xledger, person

pytestmark = [
    pytest.mark.requirement("RUN-4"),
    pytest.mark.parametrize("odd", [".", "..", "a/../b", "a/b"]),
]
# The door sends a plain slash as a part of an id, which leads nowhere else.
USABLE = "a/b"


def renamed(patch: pytest.MonkeyPatch, model: str, victim: str, odd: str, field: str = "") -> None:
    """The system's row with the id `victim` comes with another one, in its id or in this field."""
    usual = rows.Reader.read

    def read(self: Any, raws: Iterable[Any]) -> Any:
        if self._model.__name__ != model:
            return usual(self, raws)
        return usual(
            self,
            [{**raw, field or self._id_key: odd} if raw.get(self._id_key) == victim else raw for raw in raws],
        )

    patch.setattr(rows.Reader, "read", read)


def one_blocked(world: World, run: Run, odd: str) -> None:
    assert run.status in ("succeeded", "partial"), run.error
    assert run.counts
    assert run.counts["created"] >= 1, "the others are synced"
    blocked = [one.reason for one in world.stored(run) if one.outcome == "blocked"]
    if odd == USABLE:
        return
    assert [why and why.code for why in blocked] == ["VALUE_NOT_VALID"]
    assert blocked[0]
    assert ascii(odd) in blocked[0].message


def test_employees(world: World, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    world.fresh(person("101"), person("102"))
    renamed(monkeypatch, "Employee", person("102").id, odd)
    one_blocked(world, world.run(), odd)


def test_time_off(world: World, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    days = [Leave(number, "2026-03-09", "2026-03-10") for number in ("101", "102")]
    known = [person("101"), person("102")]
    world.fresh(*known, leaves=days, there=map(in_xledger, known))
    victim = next(
        row["id"] for row in world.state("simployer")["leave-transaction"] if row["employeeId"] == known[1].id
    )
    renamed(monkeypatch, "LeaveTransaction", victim, odd)
    run = world.run("time_off_export", options={"from": "2026-03-01", "to": "2026-03-31"})
    one_blocked(world, run, odd)


def test_balances(acme: Acme, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    acme.fill(employee("E1"), employee("E2"), leave=[leave("E1"), leave("E2")])
    renamed(monkeypatch, "Employee", "E2", odd)
    one_blocked(acme, acme.sync(), odd)


@ANY_PACKAGE
def test_documents(books: Books, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    books.link("Harper Ltd")
    books.book(invoice("S2001"), invoice("S2002"))
    renamed(monkeypatch, "Document", "d-S2002", odd)
    one_blocked(books, books.sync(), odd)


@ANY_PACKAGE
def test_documents_of_an_account(books: Books, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    books.link("Harper Ltd")
    books.book(invoice("S2001"), invoice("S2002"))
    renamed(monkeypatch, "Document", "d-S2002", odd, "AccountId")
    one_blocked(books, books.sync(), odd)


def test_reports(world: World, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    office = delft(world.urls, Clock())
    two = [*pay(2001, BRUTOLOON="9850.00"), *pay(2012, BRUTOLOON="3025.00")]
    office.fill(two, payroll_run(JANUARY))
    renamed(monkeypatch, "ReportRow", "2012", odd)
    one_blocked(office, office.pull(), odd)
