"""The model of a run beside runs in memory: what they read and write, weighed as DynamoDB does, at two sizes.

The formulas know sizes alone. A run that asks for more than it did, or less, is far from them at one size at
least.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator

import pytest

from local.bench.books import Books
from local.bench.company import Company
from local.bench.moved import Days
from local.bench.sandboxes import Sandboxes, sandboxes
from local.costs import flows, machines
from local.costs.flows import SHAPES, Size
from local.costs.units import Weighed
from payrelay.domain.runs import Run
from payrelay.flows.catalog import flow_names
from payrelay.flows.engine.step import Payload
from tests.costs.companies import STORIES, Step, Story

SIZES = (120, 520)
# What a flow reads that did not move depends on its size alone; the others list what moved in any case.
SHORT = ("employee_export", "balance_sync")
# Bytes of a generated employee's id, which compresses well.
SEEN = 1
WRITTEN = ("created", "updated")
# The model may be off by so much of a number, or by a few.
SHARE, FEW = 0.1, 5


@pytest.fixture(scope="module")
def systems() -> Iterator[Sandboxes]:
    with sandboxes() as found:
        yield found


class Counted:
    """Everything that a run asks AWS for, as it can be seen in this process."""

    def __init__(self, company: Company) -> None:
        self.company, self.scale = company, Weighed()
        company.memory.table.scale = self.scale
        self.objects = Counter(company.memory.bucket.calls)
        self.asked = company.memory.table.calls.total()
        company.systems.forget()
        self.steps = 0

    def around(self, name: str, act: object) -> Payload:
        self.steps += 1
        answer: Payload = act()  # type: ignore[operator]
        return answer

    def of(self, **more: object) -> tuple[Run, dict[str, float]]:
        run = self.company.run(self.around, **more)
        company, objects = self.company, Counter(self.company.memory.bucket.calls) - self.objects
        company.memory.table.scale = None
        calls = sum(len(company.systems.log(system)) for system in company.tokens)
        return run, {
            **self.scale.units,
            "table_calls": company.memory.table.calls.total() - self.asked,
            "s3_puts": objects["PutObject"],
            "s3_gets": objects["GetObject"],
            "functions": self.steps,
            "calls": calls,
        }


def expected(story: Story, step: Step, size: int, run: Run) -> dict[str, float]:
    counts = run.counts or {}
    asked = Size(
        rows=step.rows(size),
        changed=sum(counts[outcome] for outcome in WRITTEN),
        created=counts["created"],
        adopted=step.adopted * size,
        seconds=0,
        short=run.full is False and story.flow in SHORT,
    )
    shape = dataclasses.replace(SHAPES[story.flow], seen=story.seen)
    # Links that are made by the run are not there when it begins, and are when it ends. The balance sync
    # lists them at the beginning.
    if step.adopted:
        known: int | None = 0 if story.flow == "balance_sync" else size // 2
    else:
        known = 0 if counts["created"] else None
    pages, batches = shape.pages(asked), shape.batches(asked)
    assert (run.pages, run.batches) == (pages, batches)
    model = flows.ledger(shape, asked, links=known)
    # What follows the run is in no process of it.
    model.pop("lambda_requests", None)
    return {
        **model,
        "table_calls": flows.table_calls(shape, asked),
        "functions": machines.sync().calls(pages, batches),
        "calls": flows.calls(shape, asked),
    }


def far(found: float, model: float) -> bool:
    return abs(found - model) > max(FEW, SHARE * found)


def test_every_flow_has_its_story_but_the_one_that_goes_on_by_itself() -> None:
    assert {story.flow for story in STORIES} | {"invoice_sync"} == set(flow_names())
    assert {story.flow for story in STORIES} == set(SHAPES)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.flow)
def test_a_run_asks_for_what_the_model_says(systems: Sandboxes, story: Story, size: int) -> None:
    company = story.company(systems, size)
    for step in story.runs:
        step.before(company)
        run, found = Counted(company).of()
        model = expected(story, step, size, run)
        assert found.keys() == model.keys()
        if story.flow != "employee_export":
            # How many calls the same units are read and written with costs nothing.
            del found["table_calls"], model["table_calls"]
        off = {name: (found[name], model[name]) for name in model if far(found[name], model[name])}
        assert not off, f"{story.flow}, {step.name}, {size}: (found, model) {off}"


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("size", [2100, 5000])
def test_a_run_of_what_moved_asks_for_what_the_model_says(size: int) -> None:
    """Three pages and six: a large company is compared by what moved, and in full once a week."""
    shape = dataclasses.replace(SHAPES["employee_export"], seen=SEEN)
    with sandboxes(size, alike=True) as systems:
        days = Days(systems, size, lambda _: None)
        days.settle()
        for changed, full in ((0, False), (0, True), (size // 100, False), (size // 100, True)):
            if changed:
                days.change(range(1, size + 1, 100))
            days.later()
            run, found = Counted(days.company).of(options={"full": True} if full else {})
            assert run.full is full
            asked = Size(rows=size, changed=changed, seconds=0, short=not full)
            model = flows.ledger(shape, asked)
            model |= {"table_calls": flows.table_calls(shape, asked), "calls": flows.calls(shape, asked)}
            off = {name: (found[name], model[name]) for name in model if far(found[name], model[name])}
            assert not off, f"{changed} changed, full {full}: (found, model) {off}"


@pytest.mark.parametrize("documents", [20, 60])
def test_a_session_asks_for_what_the_model_says(systems: Sandboxes, documents: int) -> None:
    books, scale = Books(systems, "xero", documents, paced=False), Weighed()
    books.memory.table.scale = scale
    before = Counter(books.memory.bucket.calls)
    systems.forget()
    run = books.finish(books.begin())
    objects = Counter(books.memory.bucket.calls) - before
    assert (run.counts or {})["created"] == documents
    model = flows.session(documents)
    found = {**scale.units, "s3_puts": objects["PutObject"], "s3_gets": objects["GetObject"]}
    off = {name: (found[name], model[name]) for name in found if far(found[name], model[name])}
    assert not off
    calls = sum(len(systems.log(system)) for system in (books.source, books.package))
    assert not far(calls, flows.session_calls(documents))


def test_a_number_that_grew_is_found() -> None:
    assert far(297 + 250, 297)
    assert far(29 * 2, 29)
    assert not far(297, 300)
