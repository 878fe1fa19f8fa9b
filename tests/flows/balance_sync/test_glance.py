"""What may be taken from before, and of whom Express Leave is asked: the rules, case by case (RUN-11)."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.records import Change, Outcome, Record
from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.flows.balance_sync import glance
from payrelay.flows.balance_sync.company import Company
from payrelay.flows.balance_sync.mirror import Kept, Unreadable, everybody_in, kept_of, pack, unpack
from payrelay.flows.balance_sync.people import Amount, Fault, Held, Known, Owed
from tests.worlds.leave_people import DAY, SAVED, account, amount, held, staff
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("RUN-11")

RUN = Run(
    "demo",
    "con_1",
    "run_1",
    "balance_sync",
    Trigger.LOGIN,
    Mode.SYNC,
    Status.SUCCEEDED,
    "tester",
    "2026-03-02T05:00:00.000Z",
)
OWED = Owed({"AL": amount(), "SL": amount("38.00")}, SAVED)
HELD = {"AL": held(), "SL": held("38.00")}
KEPT = Kept("E1", "u-E1", staff("E1"), OWED, HELD)


# --- whether anything may be taken from before -----------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "afresh"),
    [
        ({}, False),
        ({"trigger": Trigger.SCHEDULE}, False),
        ({"trigger": Trigger.MANUAL}, False),
        ({"trigger": Trigger.CONNECT}, True),
        ({"trigger": Trigger.REPLAY}, True),
        ({"options": {"full": True}}, True),
        ({"options": {"full": False}}, False),
    ],
)
def test_who_asks_to_look_at_everything(changed: dict[str, Any], afresh: bool) -> None:
    assert glance.is_afresh(replace(RUN, **changed)) is afresh


@pytest.mark.parametrize(
    ("ago", "old"),
    [(0, False), (86_399, False), (86_400, True), (700_000, True), (-1, True)],
    ids=["now", "less than a day", "a day", "a week", "in time to come"],
)
def test_what_was_read_is_old_after_a_day(ago: int, old: bool) -> None:
    full_at = (datetime.fromisoformat(RUN.queued_at) - timedelta(seconds=ago)).isoformat()
    assert glance.is_old(full_at, RUN) is old


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.SUCCEEDED, True),
        (Status.PARTIAL, True),
        (Status.HELD, True),
        (Status.FAILED, False),
        (Status.STOPPED, False),
        (Status.RUNNING, False),
        (Status.QUEUED, False),
    ],
)
def test_of_which_run_it_is_known_what_it_wrote(status: Status, told: bool) -> None:
    assert glance.is_told(replace(RUN, status=status)) is told
    assert not glance.is_told(replace(RUN, status=status, mode=Mode.PREVIEW))
    assert not glance.is_told(None)


MARK = datetime(2026, 3, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "back"), [(None, True), (0, False), (-1, False), (-2, False), (-2.1, True), (9, False)]
)
def test_payrolls_clock_may_go_back_two_hours(hours: float | None, back: bool) -> None:
    since = glance.since_when(MARK.isoformat())
    assert since == MARK - timedelta(hours=2)
    now = None if hours is None else MARK + timedelta(hours=hours)
    assert glance.has_gone_back(now, since) is back
    assert glance.since_when(None) is None


@pytest.mark.parametrize(("further", "back"), [(-2, False), (-2.1, True), (30, False)])
def test_payrolls_clock_may_have_gone_back_and_be_ahead_of_that_again(further: float, back: bool) -> None:
    assert glance.has_gone_back(MARK, MARK - timedelta(hours=2), timedelta(hours=further)) is back


# --- what a run has written since ------------------------------------------------------------------------


def balance(outcome: Outcome, key: str = "E1:AL", **new: str) -> Record:
    changes = tuple(Change(name, "?", value) for name, value in new.items())
    return Record("balance", key, "", outcome, f"balance:{key}", None, changes)


def user(outcome: Outcome) -> Record:
    return Record("employee", "E1", "", outcome, "employee:E1")


LATER = {"hours": "80.50", "as_at": "2026-01-18"}
NEWER = Held(amount("80.50", date(2026, 1, 18)), glance.UNKNOWN)
UNSURE = {"unsure": True}
WRITTEN: list[tuple[str, Record, dict[str, Any]]] = [
    ("updated", balance(Outcome.UPDATED, **LATER), {"held": {**HELD, "AL": NEWER}}),
    ("created", balance(Outcome.CREATED, "E1:LSL", **LATER), {"held": {**HELD, "LSL": NEWER}}),
    (
        "the hours alone",
        balance(Outcome.UPDATED, hours="80.50"),
        {"held": {**HELD, "AL": Held(amount("80.50"), "")}},
    ),
    (
        "the day alone",
        balance(Outcome.UPDATED, as_at="2026-01-18"),
        {"held": {**HELD, "AL": Held(amount("107.4512", date(2026, 1, 18)), "")}},
    ),
    ("sent again", balance(Outcome.UPDATED), {"held": {**HELD, "AL": Held(amount(), "")}}),
    ("nothing known before", balance(Outcome.UPDATED, "E1:LSL"), UNSURE),
    ("half known before", balance(Outcome.CREATED, "E1:LSL", hours="80.50"), UNSURE),
    ("refused", balance(Outcome.FAILED), UNSURE),
    ("older than held", balance(Outcome.BLOCKED), UNSURE),
    ("found to be so", balance(Outcome.UNCHANGED), UNSURE),
    ("of somebody else", balance(Outcome.UPDATED, "E2:AL", **LATER), {}),
    ("user created", user(Outcome.CREATED), {"user_id": "u-9"}),
    ("user updated", user(Outcome.UPDATED), {}),
    ("user failed", user(Outcome.FAILED), {}),
]


@pytest.mark.parametrize(("record", "changed"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_what_was_written_since_is_known_by_its_record(record: Record, changed: dict[str, Any]) -> None:
    since = glance.Since()
    since.put(record)
    assert since.of(KEPT, Known("u-9", SAVED)) == replace(KEPT, **changed)


def test_a_user_who_was_created_and_is_nobodys_by_the_links_is_asked_about() -> None:
    since = glance.Since()
    since.put(user(Outcome.CREATED))
    assert since.of(replace(KEPT, user_id=None), None).user_id is None


# --- the proof -------------------------------------------------------------------------------------------

Rows = list[tuple[str, str, Amount]]
AL, SL = amount(), amount("38.00")
PAGE: Rows = [(code, kind, one) for code in ("E1", "E2", "E3") for kind, one in (("AL", AL), ("SL", SL))]
THERE = dict.fromkeys(("E1", "E2", "E3", "E4"), HELD)
BY_TYPE: Rows = sorted(PAGE, key=lambda row: row[1])
DIFFERS: list[tuple[str, Rows, set[str]]] = [
    ("nothing", [], set()),
    ("the same", PAGE, set()),
    ("another value", [("E1", "AL", SL), *PAGE[1:]], {"E1"}),
    ("another day", [("E1", "AL", replace(AL, as_at=date(2026, 1, 5))), *PAGE[1:]], {"E1"}),
    ("unknown", [*PAGE, ("E3", "LSL", AL)], {"E3"}),
    ("unknown employee", [("A1", "AL", AL), *PAGE], {"A1"}),
    ("missing in between", [row for row in PAGE if row[:2] != ("E2", "SL")], {"E2"}),
    ("missing on another page, perhaps", PAGE[1:-1], set()),
    ("by type of leave", BY_TYPE, set()),
    ("by type of leave, another", [("E1", "AL", SL), *BY_TYPE[1:]], {"E1"}),
    ("of one who is asked about", [*PAGE, ("E9", "AL", SL)], set()),
]


@pytest.mark.parametrize(("rows", "wrong"), [row[1:] for row in DIFFERS], ids=[row[0] for row in DIFFERS])
def test_what_a_page_shows_otherwise(rows: Rows, wrong: set[str]) -> None:
    assert glance.differs(rows, THERE, {"E9"}) == wrong


# --- of whom Express Leave is asked ----------------------------------------------------------------------


def company(**changed: Any) -> Company:
    made = Company(staff={"E1": staff("E1")}, owed={"E1": OWED}, held={"E1": dict(HELD)})
    for name, value in changed.items():
        setattr(made, name, value)
    made.put_account(account("E1")) if "users" not in changed else None
    return made


OLDER = Owed({"AL": amount("1.00", date(2025, 12, 1)), "SL": SL}, SAVED)
ASKED: list[tuple[str, Company, str | None, bool, tuple[list[str], list[str]]]] = [
    ("right", company(), "u-E1", False, ([], [])),
    ("not sure", company(), "u-E1", True, (["E1"], [])),
    ("new", company(), None, False, (["E1"], [])),
    ("made again", company(), "u-8", False, (["E1"], [])),
    ("deleted", company(users={}), "u-E1", False, (["E1"], [])),
    ("no user, as before", company(users={}), None, False, ([], [])),
    ("by hand", company(users={"E1": account("E1", payroll=False)}), "u-E1", True, ([], [])),
    ("owed for an earlier day", company(owed={"E1": OLDER}), "u-E1", False, ([], ["E1"])),
    ("not in the table any more", company(owed={"E1": Owed({"AL": AL}, SAVED)}), "u-E1", False, ([], ["E1"])),
    ("not enabled any more", company(staff={"E1": staff("E1", online=False)}), "u-E1", False, ([], ["E1"])),
    ("not in payroll", company(staff={}), "u-E1", True, ([], [])),
]


@pytest.mark.parametrize(
    ("there", "then", "unsure", "expected"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED]
)
def test_of_whom_express_leave_is_asked(
    there: Company, then: str | None, unsure: bool, expected: tuple[list[str], list[str]]
) -> None:
    found = glance.doubts(there, {"E1": then}, {"E1"} if unsure else set())
    assert (found.must, found.may) == expected


# --- what was missed -------------------------------------------------------------------------------------

DRIFT: list[tuple[str, Company, Kept, dict[str, Any], bool]] = [
    ("nothing", company(), KEPT, {}, False),
    ("another balance", company(held={"E1": {**HELD, "AL": held("1.00")}}), KEPT, {}, True),
    ("when it was written", company(held={"E1": {**HELD, "AL": Held(AL, "")}}), KEPT, {}, False),
    ("no balance", company(held={}), KEPT, {}, True),
    ("others wrote", company(held={}), KEPT, {"but": {"E1"}}, False),
    ("it was not sure", company(held={}), replace(KEPT, unsure=True), {}, False),
    ("another user", company(held={}), replace(KEPT, user_id="u-8"), {}, False),
    ("payroll moved", company(owed={"E1": OLDER}, moved={"E1"}), KEPT, {}, False),
    ("payroll moved unseen", company(owed={"E1": OLDER}), KEPT, {}, True),
    ("payroll is read whole", company(owed={"E1": OLDER}), KEPT, {"marked": False}, False),
    ("details moved unseen", company(staff={"E1": staff("E1", name="Renamed")}), KEPT, {}, True),
    ("deleted in payroll", company(staff={}, owed={}), KEPT, {}, False),
]


@pytest.mark.parametrize(
    ("there", "kept", "more", "wrong"), [row[1:] for row in DRIFT], ids=[row[0] for row in DRIFT]
)
def test_what_a_reading_of_what_moved_would_have_missed(
    there: Company, kept: Kept, more: dict[str, Any], wrong: bool
) -> None:
    assert glance.is_wrong(kept, there, **{"but": set(), "marked": True, **more}) is wrong


# --- how it is kept --------------------------------------------------------------------------------------


def test_what_is_kept_comes_back_as_it_was() -> None:
    bare = Kept("E2")
    odd = replace(KEPT, code="E3", staff=staff("E3", terminated=DAY, hours=None), owed=None, unsure=True)
    more = {**HELD, "LSL": Held(Amount(-1, DAY), None)}
    casual = replace(KEPT, code="E4", staff=staff("E4", hours=Decimal(0), online=False))
    every = [KEPT, bare, odd, replace(KEPT, held={}), replace(KEPT, held=more), casual]
    found = list(unpack(pack(every)))
    assert found == every
    assert repr(found) == repr(every)
    assert pack([KEPT]) == pack([KEPT])


@pytest.mark.parametrize("data", [b"", b"no blob", gzip.compress(b"\x90")])
def test_what_is_no_blob_is_not_read(data: bytes) -> None:
    with pytest.raises(Unreadable):
        list(unpack(data))


def test_of_very_many_equal_values_are_kept_once() -> None:
    one, other = unpack(pack([KEPT, replace(KEPT, code="E2")]))
    assert one.owed
    assert other.owed
    assert one.owed.amounts["AL"].as_at is other.owed.amounts["AL"].as_at
    assert one.held["AL"].amount is one.owed.amounts["AL"]
    assert one.owed.saved_at is other.owed.saved_at


def test_what_is_kept_of_a_company() -> None:
    there = company(bad=[Fault("express_leave", "E1", "AL", "Hours", "is no number")])
    there.held["E7"] = HELD
    assert everybody_in(there) == ["E1", "E7"]
    assert kept_of(there, ["E1", "E7"], {"E7"}) == [
        replace(KEPT, unsure=True),
        Kept("E7", held=HELD, unsure=True),
    ]
