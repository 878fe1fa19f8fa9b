"""Rows that can't be used: each is told of, with its field and its problem, and stops no other (RUN-4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from payrelay.flows.balance_sync import views
from payrelay.flows.balance_sync.words import on_screen
from payrelay.systems.attache.client import AttacheClient
from payrelay.systems.express_leave.client import ExpressLeaveClient
from tests.worlds.leave import Acme
from tests.worlds.leave_api import Row, employee, held, leave, user


def spoil(patch: pytest.MonkeyPatch, client: Any, match: Row, **values: Any) -> None:
    """Give rows that match values that the system does not have in its contract."""
    usual = client._page

    def page(self: Any, *arguments: Any) -> tuple[list[Any], Any]:
        rows, following = usual(self, *arguments)
        return [{**row, **values} if _fits(row, match, values) else row for row in rows], following

    patch.setattr(client, "_page", page)


def _fits(row: Row, match: Row, values: Row) -> bool:
    return all(row.get(name) == value for name, value in match.items()) and values.keys() <= row.keys()


@pytest.fixture
def two(acme: Acme) -> Acme:
    """Two employees whose annual leave is not right yet."""
    codes = ("E1", "E2")
    acme.fill(
        *map(employee, codes),
        leave=[leave(code) for code in codes],
        users=[user(f"u-{code}", code) for code in codes],
        balances=[held(code, "AL", "12.00") for code in codes],
    )
    acme.forget_requests()
    return acme


E1, CODE = {"EmployeeCode": "E1"}, {"EmployeeId": "E1"}
SPOILT: list[tuple[str, Any, Row, Row, set[str]]] = [
    ("an employee", AttacheClient, E1, {"EnableAttacheOnline": "yes"}, {"employee:E1"}),
    ("amounts", AttacheClient, E1, {"ALEntitleHourAcc": "many"}, {"balance:E1"}),
    ("five decimals", AttacheClient, E1, {"ALProRataHourAcc": Decimal("1.00001")}, {"balance:E1"}),
    ("a date", AttacheClient, E1, {"LeaveAccrueTo": "last week"}, {"balance:E1"}),
    ("a user", ExpressLeaveClient, CODE, {"Hours": 7.6}, {"employee:E1"}),
    ("a balance", ExpressLeaveClient, CODE, {"BalanceHours": "many"}, {"balance:E1:AL"}),
    (
        "a type of leave",
        ExpressLeaveClient,
        {"IncomeCode": "SL"},
        {"VisibleTo": "Everybody"},
        {"balance:E1:SL", "balance:E2:SL"},
    ),
]


@pytest.mark.requirement("RUN-4", "LB-11")
@pytest.mark.parametrize(
    ("client", "match", "values", "blocked"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT]
)
def test_a_row_of_a_list_blocks_only_what_it_is_about(
    two: Acme, monkeypatch: pytest.MonkeyPatch, client: Any, match: Row, values: Row, blocked: set[str]
) -> None:
    spoil(monkeypatch, client, match, **values)
    run = two.sync()
    assert (run.status, run.error) == ("partial", None)
    found = {name: one for name, one in two.records(run).items() if one.outcome == "blocked"}
    assert found.keys() == blocked
    for record in found.values():
        assert record.reason.code == "VALUE_NOT_VALID"
        assert on_screen(next(iter(values))) in record.reason.message
        assert ("Attaché" if client is AttacheClient else "Express Leave") in record.reason.remedy
    assert two.balance("E2") == ("107.4512", "2026-01-04")
    assert run.counts
    assert sum(run.counts.values()) == run.total


ALONE: list[tuple[str, Any, Row, Row, str]] = [
    ("the leave table", AttacheClient, {"IncomeCode": "AL"}, {"EntitlementOwing": "many"}, "balance:E1:AL"),
    ("the user", ExpressLeaveClient, CODE, {"Hours": 7.6}, "employee:E1"),
    ("a balance", ExpressLeaveClient, CODE, {"AsAt": "last week"}, "balance:E1:AL"),
    ("a type of leave", ExpressLeaveClient, {"IncomeCode": "AL"}, {"VisibleTo": "All"}, "balance:E1:AL"),
]


@pytest.mark.requirement("LB-12", "RUN-4")
@pytest.mark.parametrize(
    ("client", "match", "values", "blocked"), [row[1:] for row in ALONE], ids=[row[0] for row in ALONE]
)
def test_a_row_of_somebody_who_is_looked_up_alone_is_told_of_as_well(
    two: Acme, monkeypatch: pytest.MonkeyPatch, client: Any, match: Row, values: Row, blocked: str
) -> None:
    spoil(monkeypatch, client, match, **values)
    run = two.drive(two.own("E1"))
    reasons = {name: one.reason.code for name, one in two.records(run).items() if one.outcome == "blocked"}
    assert reasons == {blocked: "VALUE_NOT_VALID"}
    # And in what the API shows: as a row with what is the matter, and not as one that is missing.
    found = views.balances_of(two.opening(run), "E1")
    assert found
    shown = {row["income_code"]: row for row in found[1]}
    assert on_screen(next(iter(values))) in shown["AL"]["problem"]
    assert not shown["AL"]["agrees"]


@pytest.mark.requirement("LB-10")
@pytest.mark.parametrize(
    ("client", "match", "values", "blocked"), [row[1:] for row in ALONE], ids=[row[0] for row in ALONE]
)
def test_the_diagnosis_names_it(
    two: Acme, monkeypatch: pytest.MonkeyPatch, client: Any, match: Row, values: Row, blocked: str
) -> None:
    spoil(monkeypatch, client, match, **values)
    failing = [
        check.seen
        for check in two.opening(two.start("balance_sync", "preview")).diagnose("E1")
        if check.passed is False
    ]
    assert any(on_screen(next(iter(values))) in seen for seen in failing), failing


@pytest.mark.requirement("LB-8", "RUN-4")
@pytest.mark.parametrize(("match", "sent"), [({"IncomeCode": "AL"}, 1), ({}, 2)])
def test_a_row_of_the_history_may_be_the_one_that_was_overtyped(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, match: Row, sent: int
) -> None:
    """So the balance is sent once more, which does no harm; without its income code, all of them."""
    right = [held("E1", "AL", "107.4512"), held("E1", "SL", "38.00")]
    acme.fill(employee("E1"), leave=[leave("E1")], users=[user("u-1", "E1")], balances=right)
    acme.sync()
    acme.clock.pass_by(60)
    acme.overtype("E1", 76.0, "Again")
    code = {} if match else {"IncomeCode": 7}
    spoil(monkeypatch, AttacheClient, {**match, "Comment": "Again"}, ChangedAt="yesterday", **code)
    acme.forget_requests()
    run = acme.sync()
    assert sum(int(one["nodes"] or 0) for one in acme.writes()) == sent
    if match:
        assert "Changed At" in acme.records(run)["balance:E1:AL"].reason.message
