"""What pages left is planned together behind them, whatever crashes; then the mirror is kept (RUN-11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest
from msgspec import Struct, field
from msgspec.structs import replace

from local.memory.ledger import memory_ledger
from payrelay.domain.forecast import Load, Loads
from payrelay.domain.mirror import Part
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Reason, Record, Risk, Seen, Write
from payrelay.domain.runs import Check, Halt, Link, Listing, Mode, Page, Run, Status
from payrelay.flows.engine import close, plan
from payrelay.flows.flow import Flow
from payrelay.ledger.mirrors import Head
from payrelay.ledger.parts import PAGE
from payrelay.runtime.run_facts import run_facts
from tests.worlds.run import CONNECTION, TENANT, World
from tests.worlds.saboteur import Saboteur, moments
from tests.worlds.steps import event

pytestmark = pytest.mark.requirement("RUN-11")

HERE = (TENANT, CONNECTION, "employee_export")
PAGE_ROWS, TOGETHER, FUNCTION_SECONDS = 3, 2, 240


class Payload(Struct, frozen=True):
    """What is sent of somebody."""

    title: str


class Town(Struct):
    """A source of eleven people, of whom pages leave five; two of these changed, and one is blocked."""

    ids: list[str] = field(default_factory=lambda: [f"a{number:02d}" for number in range(11)])
    left: set[str] = field(default_factory=lambda: {"a00", "a02", "a04", "a05", "a10"})
    changed: set[str] = field(default_factory=lambda: {"a02", "a05"})
    blocked: set[str] = field(default_factory=lambda: {"a10"})
    moved_only: bool = False
    full: bool | None = False
    proves: bool = True
    drift: int = 0
    # Who was asked for, by call; what was called when; and what happens while a page is looked at.
    asked: list[tuple[str, ...]] = field(default_factory=list)
    kept: list[list[str]] = field(default_factory=list)
    meanwhile: Callable[[Page], None] = lambda _: None


class Short(Flow, frozen=True):
    """A flow over the town that leaves to be looked at together what its pages can't settle."""

    town: Town
    name: ClassVar[str] = "employee_export"
    payload: ClassVar[type[Payload]] = Payload
    together: ClassVar[int] = TOGETHER

    def pages(self, run: Run) -> Listing:
        starts = range(0, len(self.town.ids), PAGE_ROWS)
        pages = tuple(Page(index, start, PAGE_ROWS) for index, start in enumerate(starts))
        town = self.town
        return Listing(pages, len(town.ids), {}, moved_only=town.moved_only, full=town.full)

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        town = self.town
        town.meanwhile(page)
        ids = page.ids or tuple(town.ids[page.offset : page.offset + page.limit])
        part = Part(ids[0], f"part-{page.index}", len(ids))
        if page.together:
            town.asked.append(ids)
            return replace(self._compared(page.index, ids), mirror=part)
        settled = [one for one in ids if one not in town.left]
        left = tuple(one for one in ids if one in town.left)
        before = town.ids[page.offset - 1] if page.offset else None
        seen = Seen(ids, before, len(town.ids)) if town.proves and not page.ids else None
        return PlannedPage(page.index, len(settled), (), (), seen, left=left, mirror=part, drift=town.drift)

    def _compared(self, index: int, ids: Sequence[str]) -> PlannedPage:
        town = self.town
        stuck = [one for one in ids if one in town.blocked]
        moved = [one for one in ids if one in town.changed]
        records = tuple(a_record(one, Outcome.BLOCKED, reason=Reason("NO", "No.", "Ask.")) for one in stuck)
        writes = tuple(Write(a_record(one), Payload("CFO"), f"t{one}", (Risk.PAY,)) for one in moved)
        return PlannedPage(index, len(ids) - len(stuck) - len(moved), records, writes)

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        return PlannedPage(index, 0, tuple(a_record(one.source_id, Outcome.SKIPPED) for one in gone), ())

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        return [Applied(write.record, write.target_id, facts={"mirror": "v2"}) for write in writes]

    def keep(self, run: Run, parts: Sequence[Part], context: Mapping[str, Any]) -> None:
        names = [part.name for part in parts]
        self.town.kept.append(names)
        head = Head(stamp="s", full_at="", run_id=run.run_id, parts=[*parts])
        self.ledger.mirrors.put_head(*HERE, head)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        return {"rows": Load("xledger", len(writes))}

    def diagnose(self, key: str | None) -> list[Check]:
        raise NotImplementedError


def a_record(source_id: str, outcome: Outcome = Outcome.UPDATED, **more: Any) -> Record:
    changes = (Change("title", "CEO", "CFO"),) if outcome is Outcome.UPDATED else ()
    return Record("employee", source_id.upper(), source_id, outcome, source_id, changes=changes, **more)


class Village(World):
    """The steps of a run over the town."""

    town: Town

    def opening(self, run: Run) -> Any:
        return Short(TENANT, CONNECTION, self.ledger, self.town)


def village(watch: Callable[[str], None] = lambda _: None, **town: Any) -> Village:
    memory = memory_ledger(watch)
    found = Village(
        {"simployer": "http://127.0.0.1:1", "xledger": "http://127.0.0.1:1"}, memory.ledger, memory
    )
    found.town = Town(**town)
    found.connect()
    return found


def pages_of(world: Village, run: Run) -> dict[int, int]:
    """How many records each page has looked at."""
    return {page["index"]: page["looked_at"] for page in world.ledger.parts.summaries(run, PAGE)}


def test_what_pages_left_is_planned_behind_them_in_full_groups_and_counted_once() -> None:
    world = village()
    run = world.run()
    assert world.town.asked == [("a00", "a02"), ("a04", "a05"), ("a10",)]
    assert pages_of(world, run) == {0: 1, 1: 1, 2: 3, 3: 1, 4: 2, 5: 2, 6: 1}
    assert run.counts
    assert {name: n for name, n in run.counts.items() if n} == {"unchanged": 8, "updated": 2, "blocked": 1}
    assert (run.status, run.complete) == ("partial", True)
    assert world.outcomes(run) == {"A02": "updated", "A05": "updated", "A10": "blocked"}
    assert [name for name, _ in world.heard.events] == ["RecordBlocked", "RunFinished"]
    assert world.town.kept == [[f"part-{number}" for number in range(7)]]


def test_what_the_target_tells_in_its_answer_is_known_of_the_link() -> None:
    world = village()
    world.run()
    links = world.ledger.links.get(TENANT, CONNECTION, "employee", world.town.ids)
    assert {name: link.facts for name, link in links.items()} == {
        "a02": {"mirror": "v2"},
        "a05": {"mirror": "v2"},
    }


MOVING = {"ids": [f"a{number:02d}" for number in range(11)] + ["a01"]}


@pytest.mark.parametrize(
    ("town", "more", "kept"),
    [
        ({}, {}, True),
        ({"moved_only": True}, {}, True),
        ({"proves": False}, {}, True),
        (MOVING, {}, False),
        ({}, {"mode": "preview"}, False),
        ({}, {"options": {"employees": ["101"]}}, False),
        ({}, {"options": {"full": True}}, True),
        ({}, {"only": tuple(f"a{number:02d}" for number in range(11))}, False),
        ({}, {"scope": "E0042"}, False),
    ],
    ids=["whole", "moved", "unproven", "moving", "preview", "some", "full", "replay", "own"],
)
def test_it_is_planned_however_the_reading_ended_and_the_mirror_kept_where_it_was_whole(
    town: dict[str, Any], more: dict[str, Any], kept: bool
) -> None:
    world = village(**town)
    run = world.run(**more)
    assert {one for ids in world.town.asked for one in ids} == world.town.left
    assert run.counts
    assert sum(run.counts.values()) == len(world.town.ids)
    assert len(world.town.kept) == kept
    assert (world.ledger.mirrors.head(*HERE) is not None) == kept


def test_a_source_that_is_read_again_leaves_nothing_of_the_reading_before() -> None:
    """It moves during the first reading, and what pages leave then is not looked at."""
    world = village()
    once = iter([True])

    def shift(page: Page) -> None:
        if page.index == 1 and next(once, False):
            world.town.ids.insert(0, "a")

    world.town.meanwhile = shift
    run = world.run()
    assert run.reads == 2
    assert world.town.asked == [("a00", "a02"), ("a04", "a05"), ("a10",)]
    assert run.counts
    assert sum(run.counts.values()) == 12
    assert len(world.town.kept) == 1


def test_what_was_left_is_not_gone_and_what_is_gone_comes_behind_it() -> None:
    world = village()
    world.run()
    world.town.ids.remove("a05")
    run = world.run()
    assert pages_of(world, run)[6] == 1, "four are left, in two groups behind four pages"
    assert world.outcomes(run)["A05"] == "skipped"
    assert "A00" not in world.outcomes(run)


def test_the_brake_sees_it() -> None:
    world = village(changed={"a00", "a02", "a04", "a05", "a10"}, blocked=set())
    world.settings(brake={"people": 1, "share": "0.1"})
    run = world.run()
    assert run.status == "held"
    assert world.ledger.links.get(TENANT, CONNECTION, "employee", world.town.ids) == {}
    assert len(world.town.kept) == 1, "what is planned and not sent has no link, and is looked at again"


def test_a_run_in_progress_is_not_done_with_what_its_pages_left() -> None:
    world = village()
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    for page in plan.list_pages(world.engine, world.opening, base)["pages"]:
        plan.plan(world.engine, world.opening, {**base, "page": page})
    far = close.progress(world.engine, world.get(run))
    assert (far.counts.total, far.done, far.total) == (6, 6, 11)
    assert world.ledger.parts.looked_at(world.get(run)) == {*world.town.ids} - world.town.left
    plan.plan(world.engine, world.opening, base)
    far = close.progress(world.engine, world.get(run))
    assert (far.counts.total, far.done, far.total) == (9, 10, 11), "two are planned, and count half"
    assert world.ledger.parts.looked_at(world.get(run)) == {*world.town.ids}


def test_a_run_that_was_stopped_before_has_not_looked_at_it() -> None:
    """Who was blocked, and is left by a run that ended before, is blocked still (OPS-2)."""
    world = village()
    world.run()
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    for page in plan.list_pages(world.engine, world.opening, base)["pages"]:
        plan.plan(world.engine, world.opening, {**base, "page": page})
    world.ledger.runs.halt(run, Halt(Status.STOPPED, Reason("STOPPED", "Stopped.", "Start it.")))
    close.close_run(world.engine, base)
    assert world.ledger.connections.standing(*HERE)["waiting"] == 1


def test_what_can_not_be_planned_in_time_is_left_to_the_next_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = village()
    functions, invoke = [], world.invoke

    def slowly(page: Page) -> None:
        world.clock.pass_by(90 if page.together else 1)

    def limited(function: Callable[..., Any], *arguments: Any) -> Any:
        functions.append(function)
        world.ends_at = world.clock().timestamp() + FUNCTION_SECONDS
        answer = invoke(function, *arguments)
        assert world.time_left() >= 0, "it died at its timeout"
        return answer

    world.town.meanwhile = slowly
    monkeypatch.setattr(world, "invoke", limited)
    run = world.run()
    assert world.town.asked == [("a00", "a02"), ("a04", "a05"), ("a10",)], "each once"
    assert world.waits == [1, 1]
    assert run.counts
    assert sum(run.counts.values()) == len(world.town.ids)
    assert world.town.kept == [[f"part-{number}" for number in range(7)]]


class Trial:
    """One run with a crash at one edge or none: the step is done again, or the run stays dead."""

    def __init__(self, *, stays_dead: bool) -> None:
        self.stays_dead = stays_dead

    def __call__(self, at: int | None) -> tuple[dict[str, Any], Saboteur]:
        saboteur = Saboteur(at)
        world = village(saboteur.edge)
        before = Head(stamp="before", full_at="", run_id="run_0", parts=[])
        world.ledger.mirrors.put_head(*HERE, before)
        run = world.start()
        dead = saboteur.kills(world, run, stays_dead=self.stays_dead)
        head = world.ledger.mirrors.head(*HERE)
        assert head
        if dead:
            assert head == before or [part.name for part in head.parts] == [f"part-{n}" for n in range(7)]
            close.finish_dead(world.engine, world.get(run), "it died")
            run = world.run()
            head = world.ledger.mirrors.head(*HERE)
            assert head
        ended = world.get(run)
        told = {one["id"] for name, one in world.heard.events if name == "RecordBlocked"}
        outcome = {
            "status": ended.status,
            "counts": ended.counts,
            "pages": pages_of(world, ended),
            "records": world.outcomes(ended),
            "told": {one.partition("/")[2] for one in told},
            "parts": [part.name for part in head.parts],
            "own": head.run_id == ended.run_id,
        }
        return outcome, saboteur


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("stays_dead", [False, True], ids=["again", "dead"])
def test_a_crash_at_any_edge_ends_as_a_clean_run(stays_dead: bool) -> None:
    """The mirror is the one of before, or the whole one of the run, whenever it dies."""
    trial = Trial(stays_dead=stays_dead)
    clean, calm = trial(None)
    edges = calm.seen
    assert clean["own"]
    assert any(name == "after PutObject" for name in edges)
    for at in moments(edges, () if stays_dead else calm.begun):
        crashed, _ = trial(at)
        if stays_dead:
            crashed |= {name: clean[name] for name in ("counts", "records", "status")}
        assert crashed == clean, f"edge {at}: {edges[at]}"


FULL = [(None, None, None, 0), (False, "moved", None, 3), (True, "all", 12, 3), (True, "all", 0, 0)]


@pytest.mark.parametrize(("full", "compared", "drift", "each"), FULL, ids=str)
@pytest.mark.requirement("OPS-4")
def test_a_full_comparison_tells_what_was_known_wrongly(
    full: bool | None, compared: str | None, drift: int | None, each: int
) -> None:
    """Of four pages; it is measured by flow, also where nothing was wrong, and not for a preview."""
    world = village(full=full, drift=each)
    preview = world.run(mode="preview")
    run = world.run()
    for one in (preview, run):
        facts = run_facts(one)
        assert (facts["compared"], facts["drift"]) == (compared, drift)
    measured = [values["MirrorDrift"] for values, _ in world.heard.measures if "MirrorDrift" in values]
    assert measured == ([] if drift is None else [drift])
    assert ("full_at" in world.ledger.connections.standing(*HERE)) == (full is not False)
    assert Mode(run_facts(run)["mode"]) is Mode.SYNC
