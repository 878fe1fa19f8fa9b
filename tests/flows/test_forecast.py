"""A preview tells the calls that the sync makes, of every flow (RUN-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Options
from local.sandbox.running import Running
from local.seed import SEEDS
from payrelay.domain.forecast import made_of
from payrelay.domain.invoices import Side
from payrelay.flows.engine.engine import Limits
from payrelay.systems.http.tally import Tally
from tests.worlds.accruals import acme
from tests.worlds.hr import delft
from tests.worlds.invoices import Books, Row, bill, credit_note, invoice, trading
from tests.worlds.journal import ledgers
from tests.worlds.leave import office
from tests.worlds.leave_api import employee, held, leave, user
from tests.worlds.people import person
from tests.worlds.run import Clock, World
from tests.worlds.sandboxes import running
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("RUN-11")
Make = Callable[[Running, Clock], Any]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Running, Clock]]:
    """All sandboxes."""
    clock = Clock()
    options = Options(rate_limits=False, now=clock, clock=lambda: clock().timestamp())
    with running(options=options) as found:
        yield found, clock


def seeded(world: Any, *systems: str) -> Any:
    """The world with the demonstration's data; what was called before is no run's."""
    for name in systems:
        world.put(name, SEEDS[name]())
    return world


def people(served: Running, clock: Clock) -> World:
    memory = memory_ledger()
    world = World(dict(served.urls), memory.ledger, memory, clock)
    for name in ("simployer", "xledger"):
        world.calm(name)
    world.connect()
    found: World = seeded(world, "simployer", "xledger")
    return found


def balances(served: Running, clock: Clock) -> Any:
    """Three whose balances differ, one of whom has no user yet, and one who is right."""
    world = office(served.urls, clock)
    codes = ("E1", "E2", "E3", "E4")
    there = [user(f"u-{code}", code, **({"Location": "Perth"} if code == "E2" else {})) for code in codes[:3]]
    right = [held("E1", "AL", "107.45"), held("E1", "SL", "38.00")]
    world.fill(*map(employee, codes), leave=list(map(leave, codes)), users=there, balances=right)
    return world


def exact(served: Running, clock: Clock) -> Any:
    return seeded(delft(served.urls, clock), "synergy", "payroll_plus")


def journal(served: Running, clock: Clock) -> Any:
    return seeded(ledgers(served.urls, clock), "synergy", "payroll_plus", "globe_next")


def accruals(served: Running, clock: Clock) -> Any:
    """With sessions that last, as they do in a deployment: no step signs in once more."""
    world = seeded(acme(served.urls, clock), "millennium", "timeworksplus")
    usual, kept = world.client_of, dict[str, Any]()

    def client_of(tenant: str, connection_id: str, settings: Any, system: str) -> Any:
        if system not in kept:
            kept[system] = usual(tenant, connection_id, settings, system)
        return kept[system]

    world.client_of = client_of
    return world


FLOWS: list[tuple[str, Make]] = [
    ("employee_export", people),
    ("time_off_export", people),
    ("balance_sync", balances),
    ("payroll_sync", exact),
    ("request_sync", exact),
    ("document_pull", exact),
    ("report_pull", exact),
    ("journal_sync", journal),
    ("accrual_sync", accruals),
]


@pytest.fixture(params=["quickbooks", "xero", "sage"])
def books(request: pytest.FixtureRequest, served: tuple[Running, Clock]) -> Books:
    """A company of each package, with linked accounts."""
    sandboxes, clock = served
    clock.now = Clock().now
    found = trading(request.param, sandboxes, clock)
    found.link("Harper Ltd")
    found.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    found.door = replace(found.door, tally=Tally())
    return found


UNLINKED = {"AccountId": "a-16", "AccountName": "Ørsted Joinery"}
DOCUMENTS = [
    ("one", [invoice("S2001")]),
    ("five of a kind", [invoice(f"S200{number}") for number in range(5)]),
    ("of each kind", [invoice("S2001"), credit_note("C1"), bill("P1")]),
    ("some that are blocked", [invoice("S2001"), invoice("S2002", Sent=False), invoice("S2003", **UNLINKED)]),
    ("nothing to post", [invoice("S2003", **UNLINKED)]),
]


@pytest.mark.parametrize("documents", [rows for _, rows in DOCUMENTS], ids=[name for name, _ in DOCUMENTS])
def test_a_sync_of_documents_makes_the_calls_that_its_preview_told(
    books: Books, documents: list[Row]
) -> None:
    """Though a preview looks up all numbers, and a sync those that are about to be posted."""
    books.book(*documents)
    preview, run = books.sync("preview"), books.sync()
    assert preview.forecast == run.forecast == made_of(run.asked)


def test_accounts_that_are_linked_on_the_way_are_in_the_forecast(books: Books) -> None:
    """A person removed the wrong id: the first document links the account by its name, the second sees it."""
    if not books.client.takes_account_ids:
        pytest.skip("the link is ours")
    books.book(invoice("S2001"))
    books.sync()
    books.edit(books.source, "accounts", {"AccountId": books.account_of("Harper Ltd")}, AccsID=None)
    books.book(invoice("S2002"), invoice("S2003"))
    preview, run = books.sync("preview"), books.sync()
    assert run.counts
    assert run.counts["created"] == 2
    assert preview.forecast == run.forecast == made_of(run.asked)


@pytest.mark.parametrize("books", ["quickbooks"], indirect=True)
def test_looking_for_what_quickbooks_may_have_numbered_anew_is_in_the_forecast(books: Books) -> None:
    state = books.state("quickbooks")
    state["Preferences"][0]["SalesFormsPrefs"]["CustomTxnNumbers"] = False
    books.put("quickbooks", state)
    books.book(invoice("S2001"), invoice("S2002"), credit_note("C1"), bill("P1"))
    preview, run = books.sync("preview"), books.sync()
    assert preview.forecast == run.forecast == made_of(run.asked)


def test_what_applies_a_plan_of_documents_says_its_calls_before(books: Books) -> None:
    books.book(*DOCUMENTS[2][1])
    run = books.sync("apply", plan_of=books.sync("preview").run_id)
    assert run.counts
    assert run.counts["created"] == 3
    for system, calls in made_of(run.asked).items():
        assert run.forecast
        assert run.forecast[system] == pytest.approx(calls, rel=0.1, abs=2)


def test_a_session_that_goes_on_by_itself_forecasts_nothing(books: Books) -> None:
    """It plans batch by batch, and nobody knows what is still to come."""
    books.book(invoice("S2001"))
    assert books.auto().forecast is None


def world_of(make: Make, served: tuple[Running, Clock]) -> Any:
    sandboxes, clock = served
    clock.now = Clock().now
    world = make(sandboxes, clock)
    world.door = replace(world.door, tally=Tally())
    if make is accruals:
        # Both are signed in to.
        world.run("accrual_sync", "preview")
    return world


@pytest.mark.parametrize(("flow", "make"), FLOWS, ids=[flow for flow, _ in FLOWS])
def test_a_sync_makes_the_calls_that_its_preview_told(
    flow: str, make: Make, served: tuple[Running, Clock]
) -> None:
    world = world_of(make, served)
    preview = world.run(flow, "preview")
    run = world.run(flow)
    assert run.counts["created"] + run.counts["updated"] > 0, "something is written"
    assert preview.forecast == run.forecast == made_of(run.asked)
    again = world.run(flow)
    assert again.forecast == made_of(again.asked), "also where nothing is left to write"


@pytest.mark.parametrize(("flow", "make"), FLOWS, ids=[flow for flow, _ in FLOWS])
def test_what_applies_a_plan_looks_at_it_once_more_and_says_so_before(
    flow: str, make: Make, served: tuple[Running, Clock]
) -> None:
    world = world_of(make, served)
    preview = world.run(flow, "preview")
    run = world.run(flow, "apply", plan_of=preview.run_id)
    made = made_of(run.asked)
    assert run.forecast.keys() == made.keys()
    for system, calls in made.items():
        assert run.forecast[system] == pytest.approx(calls, rel=0.1, abs=2)


def test_pages_that_are_written_in_several_batches(
    served: tuple[Running, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 4)
    world = world_of(people, served)
    world.fresh(*(person(str(number)) for number in range(101, 111)))
    world.limits = Limits(batch_size=3)
    preview, run = world.run(mode="preview"), world.run()
    assert (run.pages, run.batches) == (3, 4)
    assert preview.forecast == run.forecast == made_of(run.asked)


def test_a_replay_forecasts_its_own_calls(served: tuple[Running, Clock]) -> None:
    from tests.flows.engine.test_replay import refused, replay

    world = world_of(people, served)
    world.fresh(person("101"), refused("102"))
    first = world.run()
    world.staff(person("101"), person("102"))
    told = replay(world, first, outcomes=("failed",), mode="preview")
    done = replay(world, first, outcomes=("failed",))
    assert done.status == "succeeded"
    assert told.forecast == done.forecast == made_of(done.asked)
    assert sum(told.forecast.values()) == told.estimate["calls"]


def test_what_goes_wrong_shows_beside_the_forecast(served: tuple[Running, Clock]) -> None:
    world = world_of(people, served)
    world.fresh(person("101"))
    preview = world.run(mode="preview")
    world.faults("xledger", errors=[503], count=1)
    run = world.run()
    made = made_of(run.asked)
    assert made["xledger"] == preview.forecast["xledger"] + 1
    assert run.asked["refused_xledger"] == 1


def test_a_run_that_is_not_planned_yet_has_no_forecast(served: tuple[Running, Clock]) -> None:
    world = world_of(people, served)
    assert world.start().forecast is None
