"""How reports are named, which are pulled (REP-1), and who may read one (REP-2)."""

from __future__ import annotations

import pytest

from payrelay.domain.addresses import same_address
from payrelay.flows.report_pull.rules import (
    NOBODY_NAMED,
    NONE_OF_THESE,
    NOT_ACTIVE,
    OWN_ONLY,
    SEVERAL,
    UNKNOWN,
    Card,
    Reader,
    Refusal,
    ReportName,
    Right,
    asked_periods,
    periods_to_pull,
    person_in,
    reader_of,
    right_to_read,
    slip_order,
    without_resource,
)

pytestmark = pytest.mark.requirement("REP-2")


@pytest.mark.parametrize(
    ("reader", "roles", "person", "manager", "right"),
    [
        (1, (), 1, 2, Right.SELF),
        (1, (), 1, 1, Right.SELF),  # their own manager
        (2, (), 1, 2, Right.MANAGER),
        (3, ("HR",), 1, 2, Right.HR),
        (3, ("HR",), None, None, Right.HR),  # is told that there is nobody
        (3, ("PAYROLLPLUS", "hr", " HR"), 1, 2, NONE_OF_THESE),
        (3, (), 1, 2, NONE_OF_THESE),  # the manager's manager
        (3, (), 1, None, NONE_OF_THESE),
        (3, (), None, None, NONE_OF_THESE),
    ],
)
def test_self_manager_and_hr_may_read(
    reader: int, roles: tuple[str, ...], person: int | None, manager: int | None, right: Right | Refusal
) -> None:
    assert right_to_read(Reader(reader, True), roles, person, manager) is right


@pytest.mark.parametrize(
    ("reader", "roles", "person", "manager", "own_only", "right"),
    [
        (Reader(1, False), (), 1, 2, False, Right.SELF),
        (Reader(1, False), ("HR",), 1, 2, False, Right.SELF),
        (Reader(2, False), (), 1, 2, False, NOT_ACTIVE),
        (Reader(3, False), ("HR",), 1, 2, False, NOT_ACTIVE),
        (Reader(3, False), ("HR",), None, None, False, NOT_ACTIVE),  # the same words, whoever is asked for
        (Reader(1, True), (), 1, 2, True, Right.SELF),
        (Reader(1, False), (), 1, 2, True, Right.SELF),
        (Reader(2, True), (), 1, 2, True, OWN_ONLY),
        (Reader(3, True), ("HR",), 1, 2, True, OWN_ONLY),
        (Reader(3, True), ("HR",), None, None, True, OWN_ONLY),
    ],
)
def test_the_person_reads_whatever_their_status_and_others_only_while_active_and_in_office(
    reader: Reader,
    roles: tuple[str, ...],
    person: int | None,
    manager: int | None,
    own_only: bool,
    right: Right | Refusal,
) -> None:
    """Whoever has left reads their own last report (faults H4); an employee's token nothing else (LB-12)."""
    assert right_to_read(reader, roles, person, manager, own_only=own_only) is right


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kari@Demo.example", " kari@demo.EXAMPLE ", True),
        ("kari@demo.example", "kari@demo.example.evil", False),
        (None, "kari@demo.example", False),
        ("", "", False),
        (" ", " ", False),
        ("straße@demo.example", "strasse@demo.example", False),
        ("straße@demo.example", "straße@demo.example", True),
        ("\u212aari@demo.example", "kari@demo.example", False),  # the sign for kelvin
        ("kar\u0131@demo.example", "kari@demo.example", False),  # without its dot
    ],
)
def test_addresses_are_one_only_where_no_letter_is_taken_for_another(
    one: str | None, other: str, same: bool
) -> None:
    assert same_address(one, other) is same


@pytest.mark.parametrize(
    ("cards", "reader"),
    [
        ([Card(7, "a@x.example", "A")], Reader(7, True)),
        ([Card(7, "A@X.example", "A"), Card(8, "b@x.example", "A")], Reader(7, True)),
        ([Card(7, "a@x.example", "A"), Card(8, "a@x.example", "I")], SEVERAL),
        ([Card(7, "a@x.example", "I"), Card(8, "a@x.example", "I")], SEVERAL),
        ([Card(7, "a@x.example", "I")], Reader(7, False)),
        ([Card(7, "a@x.example", "H")], Reader(7, False)),
        ([Card(7, "a@x.example", "")], Reader(7, False)),
        ([], UNKNOWN),
        ([Card(7, None, "A")], UNKNOWN),
    ],
)
def test_a_reader_is_the_one_person_with_the_address_whatever_their_status(
    cards: list[Card], reader: Reader | Refusal
) -> None:
    """What fails is said (faults H4)."""
    assert reader_of("a@x.example", cards) == reader


def test_without_a_verified_address_nobody_is_named() -> None:
    assert reader_of(" ", [Card(7, " ", "A")]) is NOBODY_NAMED


NAMES = [
    ("report:2026-01:2012", ReportName("2026-01", "2012"), "Report of employee 2012 for 2026-01"),
    ("report:2026-01", ReportName("2026-01"), "Report of everybody for 2026-01"),
    ("report:2026-01:x:1", ReportName("2026-01", "x:1"), "Report of employee x:1 for 2026-01"),
    ("report:run-9", ReportName("run-9"), "Report of everybody for run-9"),
]


@pytest.mark.parametrize(("source_id", "name", "label"), NAMES)
def test_a_report_is_named_by_period_and_person(source_id: str, name: ReportName, label: str) -> None:
    assert ReportName.of(source_id) == name
    assert (name.source_id, name.label) == (source_id, label)
    assert ReportName.of(name.key) == name


def test_a_report_of_somebody_whose_name_is_known_says_it() -> None:
    assert ReportName("2026-01", "2012", "Ruben Meijer").label == "Report of Ruben Meijer (2012) for 2026-01"


@pytest.mark.parametrize(
    ("key", "person"),
    [
        ("2012", "2012"),
        ("2026-01:2012", "2012"),
        ("report:2026-01:2012", "2012"),
        ("2026-01:x:1", "x:1"),
        ("x:1", "x:1"),
        ("2026-01", ""),
    ],
)
def test_a_key_names_a_person_with_or_without_a_period(key: str, person: str) -> None:
    assert person_in(key) == person


PULLS = [
    ("what changed", {"2026-02"}, set(), {"2026-01", "2026-02"}, set(), ["2026-02"]),
    ("what was left", {"2026-03"}, {"2026-01"}, {"2026-01", "2026-03"}, set(), ["2026-01", "2026-03"]),
    ("what was left and is gone", set(), {"2025-01"}, {"2026-01"}, set(), ["2026-01"]),
    ("what was left and can't be read", set(), {"run-9"}, {"2026-01"}, {"run-9"}, ["run-9"]),
    ("nothing: the newest", set(), set(), {"2026-01", "2026-02"}, set(), ["2026-02"]),
    ("no period at all", set(), set(), set(), set(), []),
]


@pytest.mark.requirement("REP-1")
@pytest.mark.parametrize(
    ("changed", "unfinished", "approved", "flawed", "pulled"),
    [case[1:] for case in PULLS],
    ids=[case[0] for case in PULLS],
)
def test_a_pull_reads_what_changed_and_what_was_left(
    changed: set[str], unfinished: set[str], approved: set[str], flawed: set[str], pulled: list[str]
) -> None:
    assert periods_to_pull(changed, unfinished, approved, flawed) == pulled


@pytest.mark.requirement("REP-1")
def test_beside_the_periods_asked_for_stands_what_may_belong_to_any() -> None:
    assert asked_periods(["2026-02", "2026-01"], ["run-9", "2025-12"]) == ["2026-01", "2026-02", "run-9"]


@pytest.mark.requirement("REP-1")
@pytest.mark.parametrize(
    ("person", "missing"),
    [("2001", False), ("2012", False), ("2099", True), ("x", True)],
)
def test_who_is_neither_member_nor_resource_is_in_payroll_only(person: str, missing: bool) -> None:
    found = without_resource([person], frozenset({2001}), frozenset({"2012"}))
    assert found == ({person} if missing else set())


@pytest.mark.requirement("REP-2")
def test_a_slip_is_ordered_by_code_with_the_net_pay_last() -> None:
    assert sorted(["TELEFOON", "NETTOLOON", "BRUTOLOON"], key=slip_order) == [
        "BRUTOLOON",
        "TELEFOON",
        "NETTOLOON",
    ]
