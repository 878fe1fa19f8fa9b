"""A run that takes hours, batch by batch: the calls grow with the people, not with batches times people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from payrelay.domain.runs import Trigger
from payrelay.flows.accrual_sync.flow import AccrualSync
from payrelay.flows.engine import apply, plan
from tests.worlds.accruals import Accruals, accrual, check, held, paid
from tests.worlds.steps import event

PEOPLE = range(1001, 1161)
A_BATCH, BATCHES = 8, 20


def passing(company: Accruals, seconds: Callable[[], float], monkeypatch: pytest.MonkeyPatch) -> None:
    """So much time passes before each batch."""
    step = company.step

    def slowly(function: Callable[..., dict[str, Any]], message: Mapping[str, Any]) -> dict[str, Any]:
        if function is apply.apply_page:
            company.clock.pass_by(seconds())
        return step(function, message)

    monkeypatch.setattr(company, "step", slowly)


def calls(company: Accruals) -> Counter[str]:
    """The calls to both systems, by operation; those of employees by themselves apart."""
    found: Counter[str] = Counter()
    for system in ("millennium", "timeworksplus"):
        for one in company.requests(system):
            # Of one alone: their id is in the path or in the query.
            alone = any(f"{number}" in f"{one['path']} {one.get('query', '')}" for number in PEOPLE)
            found[f"{system}: {one['operation']}{' of one' if alone else ''}"] += 1
    return found


@pytest.fixture
def large(company: Accruals, monkeypatch: pytest.MonkeyPatch) -> Accruals:
    """160 employees, each with a balance that differs, in 20 batches."""
    monkeypatch.setattr(AccrualSync, "batch_size", A_BATCH)
    company.payroll(
        *(paid(number) for number in PEOPLE),
        *(accrual(number, "VAC", "40.0000") for number in PEOPLE),
        *(check(number) for number in PEOPLE),
    )
    company.clocked(*(row for number in PEOPLE for row in held(number, "36.92 @2025-12-21")))
    company.forget_requests()
    return company


@pytest.mark.requirement("RUN-4", "RUN-8", "AC-2")
@pytest.mark.parametrize("mode", ["sync", "apply"])
@pytest.mark.parametrize("minutes", [20, 1], ids=["20 minutes each", "a minute each"])
def test_a_plan_that_is_old_is_made_afresh_without_reading_all_for_each_batch(
    large: Accruals, monkeypatch: pytest.MonkeyPatch, mode: str, minutes: int
) -> None:
    """(aws 4)"""
    waits = iter([20, *[minutes] * (BATCHES - 1)])
    passing(large, lambda: 60 * next(waits), monkeypatch)
    preview = large.sync("preview") if mode == "apply" else None
    listed = calls(large)
    run = large.sync(mode, plan_of=preview.run_id) if preview else large.sync()
    assert run.counts
    assert (run.status, run.counts["updated"], run.batches) == ("succeeded", len(PEOPLE), BATCHES)
    every = calls(large)
    lists = {name: count for name, count in every.items() if "employees" in name and "of one" not in name}
    # Once to list them, once to see who was hired since a preview, and once for each quarter of an hour in
    # which batch came after batch.
    reads = 1 + (mode == "apply") + (0 if minutes == 20 else -(-(20 + BATCHES) // 15))
    assert lists, listed
    assert all(count <= reads for count in lists.values()), every
    assert every.total() <= 6 * len(PEOPLE) + 120, every


@pytest.mark.requirement("RUN-7", "AC-3")
def test_a_plan_of_monday_is_applied_to_the_employees_of_wednesday(large: Accruals) -> None:
    """Somebody was hired again, and somebody taken out of the time clock, since it was made (aws 4)."""
    preview = large.sync("preview")
    large.clock.pass_by(2 * 24 * 3600)
    again, gone = f"{PEOPLE[5]}", f"{PEOPLE[25]}"
    large.edit("timeworksplus", "employees", {"EmployeeCode": again}, StartDate="2026-01-12")
    state = large.state("timeworksplus")
    rows = {
        name: [one for one in state[name] if one["EmployeeCode"] != gone]
        for name in ("employees", "accruals")
    }
    large.put("timeworksplus", {**state, **rows})
    run = large.sync("apply", plan_of=preview.run_id)
    told = {one.key: one for one in large.stored(run) if one.reason}
    assert {key: (one.outcome.value, one.reason and one.reason.code) for key, one in told.items()} == {
        f"{again}:Vacation": ("updated", "BALANCE_BEFORE_HIRE"),
        f"{gone}:Vacation": ("blocked", "MOVED_SINCE_PREVIEW"),
    }


@pytest.mark.requirement("RUN-3", "RUN-8")
def test_a_replay_of_many_reads_both_systems_once_before_its_pages(large: Accruals) -> None:
    """Pages are planned at the same time: none reads all for itself, and nobody is left out (aws 4)."""
    preview = large.sync("preview")
    only = tuple(f"{number}:Vacation" for number in PEOPLE)
    replay = large.start("accrual_sync", trigger=Trigger.REPLAY, replay_of=preview.run_id, only=only)
    base = {"run": event(replay)}
    large.invoke(plan.open_run, large.engine, base)
    pages = large.step(plan.list_pages, base)["pages"]
    large.forget_requests()
    planned = [large.step(plan.plan, {**base, "page": page})["writes"] for page in pages]
    assert (len(pages), sum(planned)) == (2, len(PEOPLE))
    every = calls(large)
    assert not [name for name in every if "employees" in name or "accruals" in name], every
