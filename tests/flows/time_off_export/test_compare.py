"""Which absence is which, what differs, and what is to be withdrawn (TO-1, TO-2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.flows.time_off_export.compare import match
from payrelay.flows.time_off_export.matched import Matched, Person, Wanted
from payrelay.flows.time_off_export.rules import Absence, Held, Scope
from tests.flows.time_off_export.builders import FEBRUARY, SCOPE, WEEKDAYS, absence, held, on, person

WINTER = absence("02-09", "02-13")
THERE = held(WINTER, "1")
CUT = reason("BRAKE", people=1, total=1, risks="", limit="")


def compare(
    there: Sequence[Held],
    *wanted: Absence,
    scope: Scope = SCOPE,
    stuck: Collection[str] = (),
    withdraws: bool = True,
) -> Matched:
    leave = Wanted("Kari Nordmann (101)", wanted, WEEKDAYS, stuck=stuck)
    return match(person(*there), leave, scope, withdraws=withdraws)


def told(found: Matched) -> list[tuple[str, str, str | None]]:
    """Key, outcome and reason of everything that is not unchanged."""
    records = [*(write.record for write in found.writes), *found.records]
    return [(one.key, one.outcome.value, one.reason.code if one.reason else None) for one in records]


@pytest.mark.requirement("TO-1")
def test_new_leave_is_created_with_everything_and_the_same_again_is_unchanged() -> None:
    (write,) = compare([], WINTER).writes
    assert write.payload.node == {
        "employee": {"code": "101"},
        "absenceCode": {"code": "FERIE"},
        "fromDate": "2026-02-09",
        "toDate": "2026-02-13",
        "leavePercent": "100",
        "text": "Winter",
    }
    assert (write.record.key, write.record.source_id) == ("101-2026-02-09-FERIE", "e1:l1:2026-02-09")
    again = compare([THERE], WINTER)
    assert (again.unchanged, again.writes, again.records) == (["e1:l1:2026-02-09"], [], [])
    assert again.at_target == {"absence:101-2026-02-09-FERIE": "1"}


CHANGES: list[tuple[str, Absence, dict[str, tuple[str | None, str | None]]]] = [
    ("longer", absence("02-09", "02-16"), {"toDate": ("2026-02-13", "2026-02-16")}),
    ("shorter", absence("02-09", "02-11"), {"toDate": ("2026-02-13", "2026-02-11")}),
    ("earlier", absence("02-05", "02-13"), {"fromDate": ("2026-02-09", "2026-02-05")}),
    ("later", absence("02-10", "02-13"), {"fromDate": ("2026-02-09", "2026-02-10")}),
    (
        "moved",
        absence("02-18", "02-20"),
        {"fromDate": ("2026-02-09", "2026-02-18"), "toDate": ("2026-02-13", "2026-02-20")},
    ),
    ("half days", absence("02-09", "02-13", extent=50), {"leavePercent": ("100", "50")}),
    ("another text", absence("02-09", "02-13", text="Ski"), {"text": ("Winter", "Ski")}),
    ("no text", absence("02-09", "02-13", text=""), {"text": ("Winter", None)}),
    ("another type", absence("02-09", "02-13", code="SYK"), {"absenceCode": ("FERIE", "SYK")}),
    (
        "another leave in its place",
        absence("02-09", "02-13", leave="l2", text="Anew"),
        {"text": ("Winter", "Anew")},
    ),
]


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(("leave", "changes"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_changed_leave_changes_the_same_absence_and_only_what_differs(
    leave: Absence, changes: dict[str, tuple[str | None, str | None]]
) -> None:
    (write,) = compare([THERE], leave).writes
    assert {one.field: (one.old, one.new) for one in write.record.changes} == changes
    assert write.payload.node.keys() == changes.keys()
    assert (write.record.outcome, write.target_id, write.removes) == ("updated", "1", False)


@pytest.mark.requirement("TO-1")
def test_an_edit_in_xledger_is_put_right() -> None:
    edited = replace(THERE, end=on("02-20"), extent=None)
    (write,) = compare([edited], WINTER).writes
    assert {one.field: (one.old, one.new) for one in write.record.changes} == {
        "toDate": ("2026-02-20", "2026-02-13"),
        "leavePercent": (None, "100"),
    }


HAND: list[tuple[str, Absence, list[tuple[str, str, str | None]]]] = [
    ("overlaps", absence("02-12", "02-17"), [("101-2026-02-09-FERIE", "blocked", "OVERLAPS_OTHER_ABSENCE")]),
    (
        "begun long before",
        absence("2025-11-15", "2026-02-28"),
        [("101-2026-02-09-FERIE", "blocked", "OVERLAPS_OTHER_ABSENCE")],
    ),
    ("of another type", absence("02-09", "02-13", code="SYK"), [("101-2026-02-09-FERIE", "created", None)]),
    ("on other days", absence("02-16", "02-17"), [("101-2026-02-09-FERIE", "created", None)]),
    ("the very same", WINTER, []),
]


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(("there", "expected"), [row[1:] for row in HAND], ids=[row[0] for row in HAND])
def test_what_was_entered_by_hand_is_never_touched_and_blocks_only_what_overlaps_with_its_code(
    there: Absence, expected: list[tuple[str, str, str | None]]
) -> None:
    found = compare([held(there, "9", by_hand=True)], WINTER)
    assert told(found) == expected
    assert found.unchanged == ([] if expected else [WINTER.source_id])


@pytest.mark.requirement("TO-3")
@pytest.mark.parametrize("there", ["", "a", "b", "ab"])
def test_of_two_leaves_that_collide_the_exported_one_stays_and_else_both_are_kept_back(there: str) -> None:
    """(faults D3)"""
    both = {"a": absence("02-09", "02-09", leave="a"), "b": absence("02-09", "02-09", leave="b")}
    collided = {"a": ("b", CUT), "b": ("a", CUT)}
    for order in ("ab", "ba"):
        leave = Wanted("Kari", [both[one] for one in order], WEEKDAYS, collided=collided)
        found = match(person(*(held(both[one], one) for one in there)), leave, SCOPE, withdraws=True)
        stays = there if len(there) == 1 else ""
        assert found.unchanged == [both[one].source_id for one in stays]
        kept_back = [f"101-2026-02-09-FERIE-{one}" for one in "ab" if one not in stays]
        assert sorted(told(found)) == [(key, "blocked", "BRAKE") for key in kept_back]


BEYOND_IT = [("101-2026-02-09-FERIE", "blocked", "REACHES_BEYOND_PERIOD")]
WITHDRAWN = [("101-2026-02-09-FERIE", "updated", "WITHDRAWN_AT_SOURCE")]


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("scope", "stuck", "withdraws", "expected"),
    [
        (SCOPE, (), True, WITHDRAWN),
        (SCOPE, (), False, []),
        (SCOPE, ("l1",), True, []),
        (Scope(FEBRUARY, codes=frozenset({"SYK"})), (), True, []),
        (Scope(FEBRUARY, numbers=frozenset({"102"})), (), True, []),
        (Scope(replace(FEBRUARY, start=on("02-10"))), (), True, BEYOND_IT),
        (Scope(replace(FEBRUARY, end=on("02-10"))), (), True, BEYOND_IT),
    ],
    ids=[
        "nothing stands against it",
        "a day can't be read",
        "its leave is stuck",
        "another type",
        "another employee",
        "begun before",
        "goes on behind",
    ],
)
def test_what_nothing_is_wanted_for_is_withdrawn_if_the_run_is_about_it(
    scope: Scope, stuck: Collection[str], withdraws: bool, expected: list[tuple[str, str, str | None]]
) -> None:
    found = compare([THERE], scope=scope, stuck=stuck, withdraws=withdraws)
    assert told(found) == expected
    removed = [("1", True)] if expected == WITHDRAWN else []
    assert [(write.target_id, write.removes) for write in found.writes] == removed


@pytest.mark.requirement("TO-1")
def test_an_absence_that_was_written_for_another_record_of_the_person_is_not_withdrawn() -> None:
    assert told(compare([held(WINTER, "1", record="e0")])) == []


@pytest.mark.requirement("TO-1")
def test_leaves_that_swap_their_days_change_each_others_place() -> None:
    first, second = (
        absence("02-09", "02-10", text="First"),
        absence("02-16", "02-17", leave="l2", text="Second"),
    )
    swapped = [
        replace(first, start=second.start, end=second.end),
        replace(second, start=first.start, end=first.end),
    ]
    found = compare([held(first, "1"), held(second, "2")], *swapped)
    assert {write.target_id: dict(write.payload.node) for write in found.writes} == {
        "1": {"fromDate": "2026-02-16", "toDate": "2026-02-17"},
        "2": {"fromDate": "2026-02-09", "toDate": "2026-02-10"},
    }


LONG = held(absence("01-26", "03-13"), "1")
BEYOND: list[tuple[str, Absence, list[tuple[str, str | None, str | None]], str | None]] = [
    ("the same", absence("02-02", "02-27"), [], None),
    ("ends earlier", absence("02-02", "02-20"), [("toDate", "2026-03-13", "2026-02-20")], None),
    ("begins later", absence("02-10", "02-27"), [], "REACHES_BEYOND_PERIOD"),
    ("another extent", absence("02-02", "02-27", extent=50), [], "REACHES_BEYOND_PERIOD"),
    ("another text", absence("02-02", "02-27", text="Ski"), [("text", "Winter", "Ski")], None),
]


@pytest.mark.requirement("TO-1", "TO-2")
@pytest.mark.parametrize(
    ("leave", "changes", "why"), [row[1:] for row in BEYOND], ids=[row[0] for row in BEYOND]
)
def test_the_days_that_a_longer_period_wrote_beyond_this_one_are_left_alone(
    leave: Absence, changes: list[tuple[str, str | None, str | None]], why: str | None
) -> None:
    found = compare([LONG], leave)
    assert [(c.field, c.old, c.new) for write in found.writes for c in write.record.changes] == changes
    assert [record.reason and record.reason.code for record in found.records] == ([why] if why else [])
    if why:
        assert "2026-01-26 to 2026-03-13" in (found.records[0].reason or CUT).message


@pytest.mark.requirement("TO-2")
def test_the_words_of_a_cut_go_with_what_is_written_of_the_period_alone() -> None:
    cuts = {WINTER.source_id: CUT, absence("02-02", "02-20").source_id: CUT}
    leave = Wanted("Kari", [WINTER], WEEKDAYS, cuts=cuts)
    (write,) = match(person(), leave, SCOPE, withdraws=True).writes
    assert write.record.reason == CUT
    leave = Wanted("Kari", [absence("02-02", "02-20")], WEEKDAYS, cuts=cuts)
    (write,) = match(person(LONG), leave, SCOPE, withdraws=True).writes
    assert write.record.reason is None


@pytest.mark.requirement("TO-1", "RUN-4")
def test_while_one_of_a_persons_absences_can_not_be_read_nothing_of_them_is_written_or_withdrawn() -> None:
    """Neither what is new, which may overlap it, nor what differs, nor what is gone from the source."""
    gone, known = (
        held(absence("02-02", "02-03", leave="l8"), "1"),
        held(absence("02-05", "02-06", leave="l9"), "2"),
    )
    unreadable = Person("e1", "101", "7", [gone, known], CUT)
    leave = Wanted("Kari", [WINTER, absence("02-05", "02-05", leave="l9")], WEEKDAYS)
    found = match(unreadable, leave, SCOPE, withdraws=True)
    assert (found.writes, found.unchanged) == ([], [])
    assert [(one.key, one.source_id, one.outcome, one.reason) for one in found.records] == [
        ("101-2026-02-09-FERIE", "e1:l1:2026-02-09", "blocked", CUT),
        ("101-2026-02-05-FERIE", "e1:l9:2026-02-05", "blocked", CUT),
        ("101-2026-02-02-FERIE", "e1:l8:2026-02-02", "blocked", CUT),
    ]
    assert set(found.linked) == {"1", "2"}, "they would be taken for gone"
