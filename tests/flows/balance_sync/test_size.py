"""1,200 people: the fewest calls there can be, and a ledger that grows with what changed (RUN-4, RUN-8)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from payrelay.domain.runs import Trigger
from payrelay.flows.balance_sync.flow import BalanceSync
from payrelay.flows.balance_sync.read import Sides
from tests.flows.conftest import Clock
from tests.worlds.leave import Acme, office
from tests.worlds.leave_api import employee, held, leave, user
from tests.worlds.run import CONNECTION, TENANT
from tests.worlds.structs import replace

PEOPLE = 1200
CODES = [f"E{number:04}" for number in range(PEOPLE)]
# Lists of 500 in Payroll and of 200 in Express Leave: each page once.
READS = {
    "attache": {"list employees": 3, "list leavebalances": 3},
    "express_leave": {"get company": 1, "list leavetypes": 1, "list users": 6, "list balances": 12},
}
# What was saved in Payroll since, the users, and a page of balances that proves what is kept.
SHORT = {
    "attache": {"list employees": 1, "list leavebalances": 1},
    "express_leave": {"get company": 1, "list leavetypes": 1, "list users": 6, "list balances": 1},
}
# Payroll has saved so many that its lists are read as a whole after all.
LONG_SHORT = {**SHORT, "attache": {"list employees": 4, "list leavebalances": 4}}
FULL = {"full": True}


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


def read(acme: Acme) -> Counter[str]:
    """The calls that read people and balances, of both systems."""
    fixed = ("get company", "list leavetypes", "create syncs", "change syncs")
    seen = calls(acme, "attache") + calls(acme, "express_leave")
    return Counter({name: count for name, count in seen.items() if name not in fixed})


def written(acme: Acme) -> int:
    """How many items of the ledger were written so far."""
    return sum(acme.memory.table.written.values())


def paid(acme: Acme, codes: list[str], day: str) -> None:
    """A pay as at this day: the annual leave of these people grows, and their sick leave is true for it."""
    state = acme.state("attache")
    wanted, saved = set(codes), f"{acme.clock():%Y-%m-%dT%H:%M:%SZ}"
    for row in state["leavebalances"]:
        if row["EmployeeCode"] in wanted:
            entitled = row["ALEntitleHourAcc"] + 5
            row |= {"ALEntitleHourAcc": entitled, "LeaveAccrueTo": day, "ModifiedAt": saved}
    for row in state["leave"]:
        if row["EmployeeCode"] in wanted:
            more = 5 if row["IncomeCode"] == "AL" else 0
            row |= {"EntitlementOwing": row["EntitlementOwing"] + more, "ModifiedAt": saved}
            row["LeaveAccruedUpToAndIncluding"] = day
    acme.put("attache", state)


@pytest.mark.requirement("RUN-8", "RUN-11")
@pytest.mark.parametrize(
    ("options", "reads"), [(FULL, READS), ({}, SHORT)], ids=["everything is compared", "by what moved"]
)
def test_nothing_changed_costs_one_read_of_each_page_and_next_to_nothing_in_the_ledger(
    company: Acme, options: dict[str, bool], reads: dict[str, dict[str, int]]
) -> None:
    company.forget_requests()
    before = written(company)
    run = company.sync(options=options)
    assert run.counts
    assert run.counts["unchanged"] == run.total == 3 * PEOPLE
    assert (run.pages, run.full, run.drift or 0) == (3, bool(options), 0)
    assert calls(company, "attache") == reads["attache"]
    assert calls(company, "express_leave") == {
        **reads["express_leave"],
        "create syncs": 1,
        "change syncs": 1,
    }
    assert written(company) - before < 20


@pytest.mark.requirement("RUN-4", "RUN-8", "RUN-11")
@pytest.mark.parametrize(
    ("number", "day", "batches", "options", "reads"),
    [
        (50, "2026-01-18", 1, FULL, READS),
        (50, "2026-01-19", 1, {}, SHORT),
        (PEOPLE, "2026-02-01", 4, {}, LONG_SHORT),
    ],
    ids=["1 %, everything compared", "1 %", "everybody"],
)
def test_changed_balances_go_out_two_hundred_at_a_time_and_the_ledger_grows_with_them(
    company: Acme,
    number: int,
    day: str,
    batches: int,
    options: dict[str, bool],
    reads: dict[str, dict[str, int]],
) -> None:
    paid(company, CODES[:number], day)
    company.forget_requests()
    before = written(company)
    run = company.sync(options=options)
    assert run.status == "succeeded"
    assert run.counts
    assert run.counts["updated"] == 2 * number
    assert run.batches == batches
    puts = -(-2 * number // 200)
    assert calls(company, "attache") == reads["attache"]
    seen = calls(company, "express_leave")
    assert seen["change balances"] == puts
    # The balloons move with each call, and end.
    assert seen["change syncs"] == puts + 1
    assert {name: seen[name] for name in READS["express_leave"]} == reads["express_leave"]
    # For each balance a claim, its end and its history; for each person the note of payroll's saving.
    assert written(company) - before < 7 * number + 60
    company.settled()
    assert calls(company, "attache") == (LONG_SHORT if number > 500 else SHORT)["attache"]
    assert calls(company, "express_leave")["list balances"] == 1


@pytest.mark.requirement("RUN-4", "LB-8")
def test_everybody_saved_again_is_sent_again_without_asking_about_each(company: Acme) -> None:
    state = company.state("attache")
    for row in state["leavebalances"]:
        row["ModifiedAt"] = f"{company.clock():%Y-%m-%dT%H:%M:%SZ}"
    company.put("attache", state)
    company.forget_requests()
    run = company.sync()
    assert run.counts
    assert (run.counts["updated"], run.counts["unchanged"]) == (2 * PEOPLE, PEOPLE)
    assert calls(company, "attache") == LONG_SHORT["attache"]
    assert calls(company, "express_leave")["change balances"] == 12
    company.settled()


# --- records that are named ------------------------------------------------------------------------------

LISTS = {"list employees": 3, "list leavebalances": 3, "list users": 6, "list balances": 12}


def replay(acme: Acme, ids: list[str]) -> Counter[str]:
    """What a replay of these records reads; each of them is right."""
    first = acme.sync()
    acme.forget_requests()
    run = acme.sync(trigger=Trigger.REPLAY, replay_of=first.run_id, only=tuple(ids))
    assert run.counts
    assert (run.status, run.counts["unchanged"]) == ("succeeded", len(ids))
    return read(acme)


def of_each(number: int) -> dict[str, int]:
    """The calls that name so many people: the leave table, the user, the balances."""
    return {"list leave": number, "get users": number, "list balances": number}


@pytest.mark.requirement("OPS-1", "RUN-8")
@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([f"balance:{code}:AL" for code in CODES[:5]], of_each(5)),
        ([f"balance:{code}:AL" for code in CODES[:9]], of_each(9)),
        ([f"balance:{code}:{name}" for code in CODES[:3] for name in ("AL", "SL")], of_each(3)),
        ([f"balance:{code}:AL" for code in CODES[:100]], LISTS),
        # Several pages of a replay, and the lists are read once.
        ([f"balance:{code}:AL" for code in CODES[:250]], LISTS),
        # Details are in the lists alone, and ask for none of balances.
        ([f"employee:{code}" for code in CODES[:100]], {"list employees": 3, "list users": 6}),
        ([f"employee:{CODES[0]}", f"balance:{CODES[0]}:AL"], LISTS),
    ],
    ids=["5", "9", "3 with two each", "100", "250", "details of 100", "details and a balance"],
)
def test_a_replay_reads_no_more_than_its_records_are_about(
    company: Acme, ids: list[str], expected: dict[str, int]
) -> None:
    found = replay(company, ids)
    assert found == expected
    people = {name.split(":")[1] for name in ids}
    assert sum(found.values()) <= max(3 * len(people), sum(LISTS.values()))


@pytest.mark.requirement("RUN-5", "RUN-8")
def test_a_lost_answer_is_looked_up_of_whom_it_was_about_and_payroll_is_not_asked(company: Acme) -> None:
    paid(company, CODES[:20], "2026-04-01")
    company.faults("express_leave", errors=["after_write_reset"], match="change balances", count=1)
    company.before_apply = company.forget_requests
    run = company.sync()
    company.before_apply = lambda: None
    assert run.counts
    assert (run.status, run.counts["updated"]) == ("succeeded", 40)
    assert read(company) == {"get users": 20, "list balances": 20, "change balances": 1}
    company.settled()


@pytest.mark.requirement("RUN-9", "RUN-8")
def test_a_plan_of_many_batches_reads_both_systems_once_when_it_is_applied(company: Acme) -> None:
    paid(company, CODES, "2026-05-01")
    planned = company.sync("preview")
    company.forget_requests()
    run = company.sync("apply", plan_of=planned.run_id)
    assert (run.status, run.batches) == ("succeeded", 4)
    found = read(company)
    assert found.pop("change balances") == 12
    assert found == LISTS
    company.settled()


# --- a long run ------------------------------------------------------------------------------------------

LONG = CODES[:400]


@pytest.mark.requirement("RUN-4", "RUN-8", "LB-8")
@pytest.mark.parametrize("mode", ["sync", "apply"])
def test_a_first_load_that_takes_hours_reads_no_list_again_for_each_batch(
    leave_sandboxes: tuple[Any, Clock], monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """400 employees, none of whom is a user, in 30 batches with 20 minutes before each of them (aws 4)."""
    served, clock = leave_sandboxes
    acme = office(served.urls, clock)
    monkeypatch.setattr(BalanceSync, "batch_size", 40)
    acme.fill(*(employee(code) for code in LONG), leave=[leave(code) for code in LONG])
    acme.before_apply = lambda: clock.pass_by(20 * 60)
    preview = acme.sync("preview") if mode == "apply" else None
    acme.forget_requests()
    run = acme.sync(mode, plan_of=preview.run_id) if preview else acme.sync()
    assert run.counts
    assert (run.status, run.counts["created"], run.batches) == ("succeeded", 3 * len(LONG), 30)
    found = read(acme)
    assert (found.pop("create users"), found.pop("change balances")) == (len(LONG), 20)
    # Each list once: what is read does not grow with the batches.
    assert found == {"list employees": 1, "list leavebalances": 1, "list users": 1, "list balances": 1}
    acme.settled()


@pytest.mark.requirement("RUN-8", "LB-8")
@pytest.mark.parametrize(("seconds_left", "reads"), [(900, 3), (40, 1)], ids=["time enough", "no time left"])
def test_lists_that_move_are_read_again_only_while_the_function_has_time(
    leave_sandboxes: tuple[Any, Clock], seconds_left: int, reads: int
) -> None:
    """How long that is Lambda tells, and no number of ours (aws 5)."""
    served, clock = leave_sandboxes
    acme = office(served.urls, clock)
    acme.fill(*(employee(code) for code in CODES[:700]), leave=[leave(code) for code in CODES[:699]])
    sides = Sides(
        lambda system: acme.client_of(TENANT, CONNECTION, acme.connection.settings, system),
        lambda: seconds_left,
        clock=iter(range(0, 10_000, 20)).__next__,
    )
    acme.forget_requests()
    moved = _Moving(sides.attache)
    sides.__dict__["attache"] = moved
    assert sides.everyone(()).whole is False
    assert moved.reads == reads


class _Moving:
    """Payroll, whose list of employees gets a page longer or shorter each time that it is asked for."""

    server_time, ahead = None, timedelta()

    def __init__(self, client: Any) -> None:
        self._client, self.reads = client, 0

    def employees(self, number: int) -> Any:
        page = self._client.employees(number)
        self.reads += number == 1
        return page if number == 1 else replace(page, total_pages=page.total_pages - 1)

    def balances(self, number: int) -> Any:
        return self._client.balances(number)
