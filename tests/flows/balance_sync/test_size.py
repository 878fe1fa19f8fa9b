"""1,200 people: the fewest calls there can be, and a ledger that grows with what changed (RUN-4, RUN-8)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.flows.conftest import Clock
from tests.worlds.leave import Acme, office
from tests.worlds.leave_api import employee, held, leave, user

PEOPLE = 1200
CODES = [f"E{number:04}" for number in range(PEOPLE)]
# Lists of 500 in Payroll and of 200 in Express Leave: each page once.
READS = {
    "attache": {"list employees": 3, "list leavebalances": 3},
    "express_leave": {"get company": 1, "list leavetypes": 1, "list users": 6, "list balances": 12},
}


@pytest.fixture(scope="module")
def company(leave_sandboxes: tuple[Any, Clock]) -> Acme:
    """Everybody stands in both systems; a first sync has linked them, and found nothing to do."""
    served, clock = leave_sandboxes
    made = office(served.urls, clock)
    made.fill(
        *(employee(code) for code in CODES),
        leave=[leave(code) for code in CODES],
        users=[user(f"u-{number}", code) for number, code in enumerate(CODES, 1)],
        balances=[
            held(code, name, hours) for code in CODES for name, hours in (("AL", "107.4512"), ("SL", "38.00"))
        ],
    )
    first = made.sync()
    assert first.counts
    assert first.counts["unchanged"] == 3 * PEOPLE
    return made


def calls(acme: Acme, system: str) -> Counter[str]:
    return Counter(acme.calls(system))


def written(acme: Acme) -> int:
    """How many items of the ledger were written so far."""
    return sum(acme.memory.table.written.values())


def paid(acme: Acme, codes: list[str], day: str) -> None:
    """A pay as at this day: the annual leave of these people grows, and their sick leave is true for it."""
    state = acme.state("attache")
    wanted, saved = set(codes), f"{day}T08:00:00Z"
    for row in state["leavebalances"]:
        if row["EmployeeCode"] in wanted:
            entitled = row["ALEntitleHourAcc"] + 5
            row |= {"ALEntitleHourAcc": entitled, "LeaveAccrueTo": day, "ModifiedAt": saved}
    acme.put("attache", state)


@pytest.mark.requirement("RUN-8")
def test_nothing_changed_costs_one_read_of_each_page_and_next_to_nothing_in_the_ledger(
    company: Acme,
) -> None:
    company.forget_requests()
    before = written(company)
    run = company.sync()
    assert run.counts
    assert run.counts["unchanged"] == run.total == 3 * PEOPLE
    assert run.pages == 3
    assert calls(company, "attache") == READS["attache"]
    assert calls(company, "express_leave") == {
        **READS["express_leave"],
        "create syncs": 1,
        "change syncs": 1,
    }
    assert written(company) - before < 20


@pytest.mark.requirement("RUN-4", "RUN-8")
@pytest.mark.parametrize(("number", "day", "batches"), [(50, "2026-01-18", 1), (PEOPLE, "2026-02-01", 4)])
def test_changed_balances_go_out_two_hundred_at_a_time_and_the_ledger_grows_with_them(
    company: Acme, number: int, day: str, batches: int
) -> None:
    paid(company, CODES[:number], day)
    company.forget_requests()
    before = written(company)
    run = company.sync()
    assert run.status == "succeeded"
    assert run.counts
    assert run.counts["updated"] == 2 * number
    assert run.batches == batches
    puts = -(-2 * number // 200)
    assert calls(company, "attache") == READS["attache"]
    seen = calls(company, "express_leave")
    assert seen["change balances"] == puts
    # The balloons move with each call, and end.
    assert seen["change syncs"] == puts + 1
    assert {name: seen[name] for name in READS["express_leave"]} == READS["express_leave"]
    # For each balance a claim, its end and its history; for each person the note of payroll's saving.
    assert written(company) - before < 7 * number + 60
    company.settled()


@pytest.mark.requirement("RUN-4", "LB-8")
def test_everybody_saved_again_is_sent_again_without_asking_about_each(company: Acme) -> None:
    state = company.state("attache")
    for row in state["leavebalances"]:
        row["ModifiedAt"] = "2026-03-02T00:00:00Z"
    company.put("attache", state)
    company.forget_requests()
    run = company.sync()
    assert run.counts
    assert (run.counts["updated"], run.counts["unchanged"]) == (2 * PEOPLE, PEOPLE)
    assert calls(company, "attache") == READS["attache"]
    assert calls(company, "express_leave")["change balances"] == 12
    company.settled()
