"""What people change in Payroll Plus, told by its lists: by the next run, and each week by all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.flows.payroll_sync import facts, mapping, there
from payrelay.flows.payroll_sync.facts import DETAILS, EMPLOYEE, Details, Facts
from payrelay.flows.payroll_sync.there import Sent
from payrelay.ledger import keys
from payrelay.systems.payroll_plus.employees import EMPLOYEES
from tests.flows.conftest import CONNECTION, TENANT
from tests.worlds.hr import SAVED, Delft, card, contract, edm, stamp
from tests.worlds.invoices import Watch
from tests.worlds.sandboxes import ADMIN
from tests.worlds.steps import Crash
from tests.worlds.structs import replace

DRIFT = "CHANGED_IN_PAYROLL_PLUS"
LIST, EMPLOYMENTS, PUT = "list employees", "list employments", "change employees"
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


def by_hand(office: Delft, number: int = 1042, **values: Any) -> None:
    """A person changes somebody's details in Payroll Plus."""
    office.edit("payroll_plus", "employees", {"employeeId": str(number)}, **values)


def said(office: Delft, run: Run, number: int = 1042) -> tuple[str, str]:
    record = office.records(run).get(f"employee:{number}")
    if record is None:
        return "unchanged", ""
    return record.outcome.value, record.reason.code if record.reason else ""


def later(office: Delft, by: timedelta = timedelta(days=1), mode: str = "sync") -> Run:
    """The run of so long after."""
    office.clock.now += by
    office.forget_requests()
    return office.people(mode)


def asked(office: Delft) -> list[str]:
    """What Payroll Plus was asked since the requests were last forgotten."""
    return [str(one["operation"]) for one in office.requests("payroll_plus")]


def settled(office: Delft, *cards: Any, **more: Any) -> None:
    """Everybody was sent; the last comparison of all was yesterday, the last run now."""
    office.settle(*(cards or (card(),)), **more)
    office.settings(reconcile_day=None)
    later(office)
    assert later(office, timedelta(minutes=5)).full is False


def clock(office: Delft, off: timedelta) -> None:
    """Somebody puts the clock of Payroll Plus."""
    url = f"{office.urls['payroll_plus']}/_sandbox/clock"
    assert ADMIN.post(url, json={"offset_seconds": off.total_seconds()}, timeout=30).ok


@pytest.fixture(autouse=True)
def right_clock(office: Delft) -> Any:
    yield
    clock(office, timedelta(0))


# --- runs ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PE-9", "RUN-11", "RUN-8")
def test_what_was_changed_by_hand_is_overwritten_by_the_next_run(office: Delft) -> None:
    settled(office, card(), card(1043))
    by_hand(office, mobile="0699999999")
    preview = later(office, mode="preview")
    (planned,) = office.ledger.plans.writes(TENANT, CONNECTION, preview.run_id, 0)
    run = later(office, HOUR)
    for record in (planned.record, office.records(run)["employee:1042"]):
        assert (record.outcome.value, record.reason.code) == ("updated", DRIFT)
        assert [(one.field, one.old, one.new) for one in record.changes] == [
            ("mobile", "0699999999", "0612345678")
        ]
    # Its row of the list has the details, and only the employments take a call.
    assert asked(office) == [LIST, EMPLOYMENTS, PUT]
    assert office.in_payroll("employees", 1042)[0]["mobile"] == "0612345678"
    assert (run.full, run.drift, (run.counts or {})["unchanged"]) == (False, None, 0)


@pytest.mark.requirement("PE-9", "RUN-11", "RUN-8")
def test_what_we_wrote_is_known_and_nobody_is_looked_at_for_it(office: Delft) -> None:
    settled(office)
    office.card(1042, Mobile="0688888888")
    assert said(office, later(office))[0] == "updated"
    assert said(office, later(office)) == ("unchanged", "")
    assert asked(office) == [LIST]
    # The list shows it for as long as the overlap; what a person changes then is seen all the same.
    office.card(1042, Mobile="0677777777")
    later(office)
    by_hand(office, mobile="0699999999")
    assert said(office, later(office)) == ("updated", DRIFT)


@pytest.mark.requirement("PE-9", "PE-8", "RUN-11")
def test_one_who_is_listed_with_the_details_that_were_sent_is_looked_at_for_the_employments(
    office: Delft,
) -> None:
    end = date(2026, 12, 31)
    settled(office, card(InactiveDate=edm(end)), Contract=[contract(end=end)])
    office.edit("payroll_plus", "employments", {"employeeId": "1042"}, termDate="2027-01-15")
    assert said(office, later(office)) == ("unchanged", "")
    moved_at = f"{office.clock.now:%Y-%m-%dT%H:%M:%SZ}"
    by_hand(office, modifiedAt=moved_at)
    assert said(office, later(office)) == ("unchanged", "TERM_DATE_KEPT")
    assert asked(office) == [LIST, EMPLOYMENTS]
    assert said(office, later(office)) == ("unchanged", "")


@pytest.mark.requirement("PE-9", "RUN-10", "RUN-11")
def test_a_run_that_is_held_or_fails_leaves_it_to_the_next(office: Delft) -> None:
    settled(office)
    office.settings(brake={"people": 0, "share": 0})
    by_hand(office, typeOfEmployee="Student")
    for _ in range(2):
        assert later(office).status.value == "held"
    office.settings(brake={"people": 100, "share": 1})
    assert said(office, later(office)) == ("updated", DRIFT)
    by_hand(office, mobile="0699999999")
    office.faults("payroll_plus", errors=["unavailable"], error_rate=1.0)
    assert later(office).status.value == "failed"
    office.calm("payroll_plus")
    assert said(office, later(office)) == ("updated", DRIFT)


@pytest.mark.requirement("RUN-5", "RUN-11")
def test_a_write_whose_end_nobody_put_down_is_looked_at_live(office: Delft) -> None:
    """Crash between the answer and what is kept of it."""
    settled(office)
    office.card(1042, Mobile="0688888888")
    office.clock.now += timedelta(days=1)

    def dies() -> None:
        raise Crash

    calm = office.door
    office.door = replace(calm, observer=Watch(dies, "payroll_plus", writes=True, after=True))
    office.invoke = lambda function, *arguments: function(*arguments)  # type: ignore[method-assign]
    with pytest.raises(Crash):
        office.act(office.start("payroll_sync"))
    office.__dict__.pop("invoke")
    office.door = calm
    run = later(office)
    assert EMPLOYMENTS in asked(office)
    assert run.status.value == "succeeded"
    assert office.in_payroll("employees", 1042)[0]["mobile"] == "0688888888"
    assert said(office, later(office)) == ("unchanged", "")


OFFS = {"behind": -5 * 24 * HOUR, "ahead": 5 * 24 * HOUR}


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("what", OFFS)
def test_a_clock_that_is_always_wrong_does_no_harm(office: Delft, what: str) -> None:
    clock(office, OFFS[what])
    settled(office)
    by_hand(office, mobile="0699999999")
    run = later(office)
    assert (run.full, said(office, run)) == (False, ("updated", DRIFT))


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(("back", "full"), [(HOUR, False), (5 * HOUR, True)])
def test_a_clock_that_goes_back_hides_nothing(office: Delft, back: timedelta, full: bool) -> None:
    settled(office)
    clock(office, -back)
    by_hand(office, mobile="0699999999")
    run = later(office, 6 * HOUR)
    assert (run.full, said(office, run)) == (full, ("updated", DRIFT))
    assert run.drift in (None, 0)
    assert later(office).full is False


@pytest.mark.requirement("RUN-8", "RUN-11")
def test_of_very_many_who_were_changed_each_is_read_by_itself(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(there, "MOST_KEPT", 2)
    numbers = range(2000, 2005)
    settled(office, *map(card, numbers))
    for number in numbers:
        by_hand(office, number, mobile="0699999999")
    assert (later(office).counts or {})["updated"] == len(numbers)
    assert {row["mobile"] for row in office.state("payroll_plus")["employees"]} == {"0612345678"}


# --- each week all of it ---------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-11", "PE-9")
@pytest.mark.parametrize("side", ["payroll_plus", "synergy"])
def test_what_a_list_did_not_show_is_found_within_a_week_and_counted(office: Delft, side: str) -> None:
    settled(office, card(), card(1043))
    if side == "synergy":
        silent = stamp(SAVED + timedelta(minutes=1))
        office.edit("synergy", "Resource", {"ID": 1042}, Mobile="0699999999", ModifiedDate=silent)
    else:
        by_hand(office, mobile="0699999999", modifiedAt="2026-01-02T03:04:05Z")
    assert said(office, later(office)) == ("unchanged", "")
    # What the lists do show is none of it.
    office.card(1043, Mobile="0655555555")
    run = later(office, WEEK)
    assert said(office, run)[0] == "updated"
    assert (run.full, run.reconciles, run.drift) == (True, False, 1)
    assert asked(office).count(EMPLOYMENTS) == 2
    run = later(office, WEEK)
    assert (run.full, run.drift, said(office, run)) == (True, 0, ("unchanged", ""))
    # Nobody is asked for by themselves.
    assert asked(office) == [LIST, LIST]


@pytest.mark.requirement("RUN-11")
def test_what_no_list_shows_is_no_drift(office: Delft) -> None:
    two = [contract(end=date(2021, 5, 31)), contract(start=date(2021, 9, 1))]
    settled(office, card(), card(1043), Contract=[*two, contract(1043)])
    office.edit("payroll_plus", "employments", {"employeeId": "1043"}, jobTitle="Boss")
    contracts = office.state("synergy")["Contract"]
    office.put("synergy", {**office.state("synergy"), "Contract": contracts[1:]})
    office.clock.now += timedelta(days=1)
    run = office.people(full=True)
    assert said(office, run, 1043) == ("updated", DRIFT)
    assert (run.full, run.drift) == (True, 0)


@pytest.mark.requirement("RUN-11")
def test_one_whom_payroll_lists_no_more_is_looked_for(office: Delft) -> None:
    settled(office)
    state = office.state("payroll_plus")
    office.put("payroll_plus", {name: [] for name in state if name != "employer"})
    assert said(office, later(office)) == ("unchanged", "")
    assert said(office, later(office, WEEK))[0] == "created"


def installed(office: Delft, monkeypatch: pytest.MonkeyPatch) -> None:
    from payrelay.flows.engine import plan

    monkeypatch.setattr(plan, "version_of", lambda _: "another")
    monkeypatch.setattr(plan, "check_version", lambda _: None)


def zone(office: Delft, _: Any) -> None:
    office.settings(time_zone="Europe/Berlin")


def connected(office: Delft, _: Any) -> None:
    connection = office.ledger.connections.get(TENANT, CONNECTION)
    assert connection
    office.ledger.connections.save(replace(connection, switched_at="2026-03-04T01:00:00Z"))


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("act", [installed, zone, connected])
def test_after_another_version_other_settings_or_a_connect_all_is_compared(
    office: Delft, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(office)
    act(office, monkeypatch)
    run = later(office)
    assert (run.full, run.reconciles, run.drift) == (True, False, 0)
    assert later(office).full is False


@pytest.mark.requirement("RUN-11", "RUN-8")
def test_of_people_who_were_sent_before_it_was_kept_it_is_learnt_and_nobody_is_asked_for(
    office: Delft,
) -> None:
    settled(office)
    link = office.ledger.links.get(TENANT, CONNECTION, "employee", ["1042"])["1042"]
    old = {name: text for name, text in link.digests.items() if name != DETAILS}
    kept = {name: text for name, text in link.facts.items() if name != facts.WRITTEN}
    office.ledger.links.put(TENANT, CONNECTION, replace(link, digests=old, facts=kept))
    standing = office.ledger.connections.standing(TENANT, CONNECTION, "payroll_sync")
    key = keys.standing(TENANT, CONNECTION, "payroll_sync")
    office.memory.table.put({**key, **{name: one for name, one in standing.items() if name != "marks"}})
    run = later(office)
    assert (run.full, said(office, run), asked(office)) == (True, ("unchanged", ""), [LIST, LIST])
    by_hand(office, mobile="0699999999")
    run = later(office)
    assert (run.full, said(office, run)) == (False, ("updated", DRIFT))


# --- the lists -------------------------------------------------------------------------------------------

KEY = b"k" * 32
SINCE, MARCH_2 = datetime(2026, 3, 2, 5, tzinfo=UTC), date(2026, 3, 2)
ROW = {"employeeId": "7", "birthName": "Graaf", "mobile": "06", "fiscalDetails": {"annualSalary": "42000.00"}}


def details(**changed: Any) -> str:
    """What is kept of somebody to whom these details were sent."""
    (row,), _ = EMPLOYEES.read([{**ROW, **changed}])
    return Details.of(mapping.held(row), KEY).stored()


def told(
    rows: list[Any], kept: str | None = None, *, written: str = "", everybody: list[Any] | None = None
) -> there.There:
    """What the lists tell of 7, who was sent."""
    sent = Sent()
    sent.add(
        7, {DETAILS: details() if kept is None else kept}, Facts(EMPLOYEE, written=written), SINCE, MARCH_2
    )
    lists = {SINCE: rows, None: everybody or []}
    employees = SimpleNamespace(each=lambda since=None: iter(lists[since]))
    sides: Any = SimpleNamespace(payroll=SimpleNamespace(employees=employees))
    found = there.changed(sides, sent, SINCE, KEY)
    if everybody is not None:
        there.compare_all(sides, sent, found, KEY, keep=False)
    return found


OURS = (SINCE + HOUR).isoformat()
HIDDEN = f"{facts.digest(mapping.meaning({}), KEY)} {' '.join(sorted(mapping.SOURCES))}"
# The rows of the list of what was changed, what is kept of 7, when we wrote to them; whether 7 is looked at.
SHOWN: dict[str, tuple[list[Any], str | None, str, bool]] = {
    "nobody": ([], None, "", False),
    "as sent, by a person": ([ROW], None, "", True),
    "as sent, by us": ([ROW], None, OURS, False),
    "as sent, by us long before": ([ROW], None, "2026-03-01T05:00:00+00:00", True),
    "other details after us": ([{**ROW, "mobile": "07"}], None, OURS, True),
    "a blank where a value was": ([{**ROW, "mobile": None}], None, OURS, True),
    "another salary": ([{**ROW, "fiscalDetails": {"annualSalary": "1.00"}}], None, OURS, True),
    "spelled otherwise": ([{**ROW, "birthName": " Graaf\u00a0"}], None, OURS, False),
    "what we can't see": ([{**ROW, "mobile": "07"}], HIDDEN, OURS, False),
    "a row that can't be read": ([{**ROW, "mobile": 7}], None, OURS, True),
    "of whom it was not kept": ([ROW], "", OURS, True),
    "listed twice, as pages shift": ([ROW, {**ROW, "mobile": "07"}], None, OURS, True),
    "somebody else": ([{**ROW, "employeeId": "8"}], None, "", False),
    "nobody's rows": ([{}, None, {"employeeId": "E7"}, {"employeeId": 7}], None, "", False),
}


@pytest.mark.requirement("RUN-11", "PE-9")
@pytest.mark.parametrize("what", SHOWN)
def test_who_is_looked_at_for_the_list_of_what_was_changed(what: str) -> None:
    rows, kept, written, looked_at = SHOWN[what]
    found = told(rows, kept, written=written)
    assert (found.people, set(found.rows)) == (({7}, {7}) if looked_at else (set(), set()))


# The list of everybody, what is kept of 7; whether 7 is looked at.
ALL: dict[str, tuple[list[Any], str | None, bool]] = {
    "as sent": ([ROW], None, False),
    "other details": ([{**ROW, "mobile": "07"}], None, True),
    "a row that can't be read": ([{**ROW, "mobile": 7}], None, True),
    "of whom it was not kept": ([{**ROW, "mobile": "07"}], "", False),
    "not there": ([{**ROW, "employeeId": "8"}], None, True),
}


@pytest.mark.requirement("RUN-11", "PE-9")
@pytest.mark.parametrize("what", ALL)
def test_who_is_looked_at_for_the_list_of_everybody(what: str) -> None:
    rows, kept, looked_at = ALL[what]
    assert told([], kept, everybody=rows).people == ({7} if looked_at else set())


@pytest.mark.requirement("RUN-11")
def test_a_concept_and_one_whose_end_has_come_are_not_held_against_the_list() -> None:
    sent = Sent()
    sent.add(7, {DETAILS: details()}, Facts(), SINCE, MARCH_2)
    sent.add(8, {DETAILS: details()}, Facts(EMPLOYEE, date(2026, 3, 1)), SINCE, MARCH_2)
    assert (set(sent.digests), sent.employees()) == ({7, 8}, set())
