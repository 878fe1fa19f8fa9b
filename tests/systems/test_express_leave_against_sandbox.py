"""Express Leave's client against its sandbox, which was written from the same contract by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.express_leave.client import ExpressLeaveClient
from payrelay.systems.express_leave.models import BalanceRow, Company
from payrelay.systems.registry import system
from tests.systems.conftest import Bench
from tests.worlds.listed import bad, usable
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

KEY = Secret("express-leave-sandbox-key")
DAY = date(2026, 1, 4)
USERS: list[dict[str, Any]] = [
    {
        "UserId": "u-1",
        "EmployeeId": "E1",
        "Name": "Ada Lane",
        "Email": "ada@acme.example",
        "PayrollUser": "",
        "UserType": "Administrator",
    },
    {
        "UserId": "u-2",
        "EmployeeId": "E0042",
        "Name": "Mia Chen",
        "Email": "mia@acme.example",
        "PayrollUser": "Yes",
        "UserType": "Employee (Approver)",
        "DefaultApprover": "u-1",
        "Location": "Sydney",
    },
]
BALANCES = [{"EmployeeId": "E0042", "IncomeCode": "AL", "BalanceHours": "107.4512", "AsAt": "2026-01-04"}]
NEW = {
    "EmployeeId": "E7",
    "Name": "Sam Holt",
    "Country": "Australia",
    "State": "NSW",
    "Hours": "7.60",
    "Email": "sam@acme.example",
    "UserType": "Employee (Non-Approver)",
    "PayrollUser": "Yes",
}


@dataclass(frozen=True)
class Served(Sandboxed):
    """One company, and a client for it."""

    urls: Mapping[str, str]
    client: ExpressLeaveClient


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    sandboxes.room("express_leave").replace_state({"users": USERS, "balances": BALANCES})
    client = ExpressLeaveClient(sandboxes.urls["express_leave"], "c-9", KEY, options=bench.options)
    served = Served(sandboxes.urls, client)
    served.calm("express_leave")
    return served


# --- the company -------------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(("company", "key"), [("c-9", "withdrawn"), ("c-8", KEY.reveal())])
def test_a_check_names_the_company_or_refuses_the_key(
    company: str, key: str, served: Served, bench: Bench
) -> None:
    row, url = system("express_leave"), served.urls["express_leave"]

    given = {"company_id": Secret("c-9"), "api_key": KEY}
    assert row.check(url, given, bench.options) == "Acme"
    with pytest.raises(CredentialsRefused):
        row.check(url, {"company_id": Secret(company), "api_key": Secret(key)}, bench.options)


def test_the_connection_is_ended_and_made_again(served: Served) -> None:
    client = served.client

    client.disconnect_organisation()
    assert client.company() == Company("c-9", "Acme", False)
    assert client.start_sync("Manual", "k-1").status == "NotConnected"
    client.connect_organisation("org-17", "Acme Pty Ltd")

    assert client.company() == Company("c-9", "Acme", True, "org-17", "Acme Pty Ltd")


# --- users -------------------------------------------------------------------------------------------------


def test_users_are_read_page_by_page(served: Served) -> None:
    people = [
        {"EmployeeId": f"E{n}", "Name": f"P {n}", "Email": f"p{n}@acme.example", "PayrollUser": "Yes"}
        for n in range(401)
    ]
    served.put("express_leave", {"users": people})

    pages = [served.client.users()]
    while (after := pages[-1].next) is not None:
        pages.append(served.client.users(after))

    assert [len(page.rows) for page in pages] == [200, 200, 1]
    assert {row.employee_id for page in pages for row in usable(page.rows)} == {
        row["EmployeeId"] for row in people
    }
    assert not any(bad(page.rows) for page in pages)


def test_a_user_is_added_changed_and_found(served: Served) -> None:
    added = served.client.add_user(NEW)
    changes = {"Name": "Samuel Holt", "Hours": "8.00", "Location": "Perth"}
    changed = served.client.change_user(added.user_id, added.version, {**NEW, **changes})

    assert (added.payroll, added.hours, added.location, added.version) == (True, Decimal("7.60"), None, 1)
    assert [changed] == usable(served.client.user(added.user_id))
    assert changed == replace(added, name="Samuel Holt", hours=Decimal(8), location="Perth", version=2)
    assert usable(served.client.user("u-99")) == []


def test_a_change_empties_what_it_leaves_out_and_keeps_nothing_by_itself(served: Served) -> None:
    (mia,) = usable(served.client.user("u-2"))

    after = served.client.change_user("u-2", mia.version, {**NEW, "EmployeeId": mia.employee_id})

    assert (after.location, after.default_approver, after.version) == (None, None, mia.version + 1)


def test_a_user_edited_meanwhile_is_refused_and_read_again(served: Served) -> None:
    (mia,) = usable(served.client.user("u-2"))
    whole = {**NEW, "EmployeeId": mia.employee_id, "State": "VIC"}
    served.faults("express_leave", errors=["edited"], count=1)

    with pytest.raises(Rejected) as refusal:
        served.client.change_user("u-2", mia.version, whole)

    assert refusal.value.code == "VersionMismatch"
    (now,) = usable(served.client.user("u-2"))
    assert served.client.change_user("u-2", now.version, whole).state == "VIC"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Email": "MIA@acme.example"}, "DuplicateEmail"),
        ({"EmployeeId": "E0042"}, "DuplicateEmployeeId"),
        ({"State": None}, "ValidationFailed"),
    ],
)
def test_a_user_is_refused_by_the_reasons_code(
    fields: dict[str, str | None], code: str, served: Served
) -> None:
    (ada,) = usable(served.client.user("u-1"))
    own = {"EmployeeId": ada.employee_id, "PayrollUser": ada.payroll_user}

    for write in (
        lambda: served.client.add_user({**NEW, **fields}),
        lambda: served.client.change_user("u-1", ada.version, {**NEW, **own, **fields}),
    ):
        with pytest.raises(Rejected) as refusal:
            write()
        assert refusal.value.code == code
        assert "acme" not in refusal.value.message.lower()


# --- balances and syncs ------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-11")
def test_balances_are_set_by_a_running_sync_with_a_verdict_for_each(served: Served) -> None:
    client = served.client
    sync = client.start_sync("Login", "ev-1")
    rows = [
        BalanceRow("E0042", "AL", Decimal("107.4512"), DAY),
        BalanceRow("E0042", "SL", Decimal(38), DAY),
        BalanceRow("E0042", "AL", Decimal(1), date(2025, 1, 1)),
        BalanceRow("E1", "AL", Decimal("-1.5"), DAY),
        BalanceRow("E0", "AL", Decimal(1), DAY),
        BalanceRow("E0042", "XX", Decimal(1), DAY),
    ]

    assert client.put_balances(sync.sync_id, rows) == [
        "Unchanged",
        "Updated",
        "OlderThanCurrent",
        "NotPayrollUser",
        "UnknownEmployee",
        "UnknownLeaveType",
    ]

    mine = usable(client.balances_of("E0042"))
    assert [(row.income_code, str(row.hours), row.as_at) for row in mine] == [
        ("AL", "107.4512", DAY),
        ("SL", "38.00", DAY),
    ]
    assert usable(client.balances().rows) == mine
    assert usable(client.balances_of("E0")) == []
    client.change_sync(sync.sync_id, status="Completed", employees=1, balances=2)
    with pytest.raises(Rejected) as refusal:
        client.put_balances(sync.sync_id, rows)
    assert refusal.value.code == "SyncNotRunning"


def test_a_login_during_a_sync_learns_which_one_runs(served: Served) -> None:
    client = served.client
    first = client.start_sync("Login", "ev-1")
    again = client.start_sync("Login", "ev-1")
    second = client.start_sync("Login", "ev-2")

    assert (first.status, first.running_elsewhere) == ("Running", False)
    assert again == first
    assert (second.sync_id, second.running_elsewhere) == (first.sync_id, True)
    errors = [{"EmployeeId": "E0042", "IncomeCode": None, "Reason": "A row that can't be used."}]
    client.change_sync(first.sync_id, employees=1)
    client.change_sync(first.sync_id, status="CompletedWithErrors", errors=errors)
    client.change_sync(first.sync_id, status="Failed")
    (row,) = served.state("express_leave")["syncs"]
    assert (row["Status"], row["Employees"], row["Errors"]) == ("CompletedWithErrors", 1, errors)
    assert client.company().last_sync_at == row["FinishedAt"]


def test_leave_types_say_who_sees_them(served: Served) -> None:
    types = served.client.leave_types()

    assert [row.income_code for row in usable(types)] == ["AL", "LSL", "RDO", "SL", "STL"]
    assert {row.visible_to for row in usable(types)} == {"Employee (Non-Approver)"}
    assert bad(types) == []


# --- trouble -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [500, 503, "reset", "timeout"])
def test_a_read_in_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.faults("express_leave", errors=[fault])

    with pytest.raises(RetryLater) as later:
        served.client.users()
    assert type(later.value) is RetryLater


@pytest.mark.requirement("RUN-5")
def test_balances_whose_answer_is_lost_are_unknown_and_may_be_set_again(served: Served) -> None:
    sync = served.client.start_sync("Login", "ev-1")
    rows = [BalanceRow("E0042", "SL", Decimal(38), DAY)]
    served.faults("express_leave", errors=["after_write_reset"], count=1)

    with pytest.raises(OutcomeUnknown):
        served.client.put_balances(sync.sync_id, rows)

    assert served.client.put_balances(sync.sync_id, rows) == ["Unchanged"]


@pytest.mark.requirement("RUN-5")
def test_a_sync_whose_start_is_lost_is_the_same_one(served: Served) -> None:
    served.faults("express_leave", errors=["after_write_reset"], count=1)

    sync = served.client.start_sync("Login", "ev-1")

    assert sync.running_elsewhere is False
    assert [row["SyncId"] for row in served.state("express_leave")["syncs"]] == [sync.sync_id]


def test_the_limit_of_calls_is_not_met_by_one_client(bench: Bench) -> None:
    seconds = [0.0]

    def sleep(pause: float) -> None:
        seconds[0] += pause

    options = replace(bench.options, paced=True, clock=lambda: seconds[0], sleep=sleep)
    with running(options=Options(clock=lambda: seconds[0])) as sandboxes:
        client = ExpressLeaveClient(sandboxes.urls["express_leave"], "c-9", KEY, options=options)
        for _ in range(25):
            client.users()
    assert seconds[0] == 2
