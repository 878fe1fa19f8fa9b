"""Who may read a payroll report: a table of readers, and addresses that are not the same (REP-2)."""

from __future__ import annotations

import pytest

from payrelay.flows.report_pull.rules import (
    Card,
    Right,
    reader_of,
    resource_id,
    right_to_read,
    same_address,
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
        (3, ("PAYROLLPLUS", "hr", " HR"), 1, 2, None),
        (3, (), 1, 2, None),  # the manager's manager
        (3, (), 1, None, None),
        (3, (), None, None, None),
    ],
)
def test_self_manager_and_hr_may_read(
    reader: int, roles: tuple[str, ...], person: int | None, manager: int | None, right: Right | None
) -> None:
    assert right_to_read(reader, roles, person, manager) is right


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
        ([Card(7, "a@x.example", "A")], 7),
        ([Card(7, "A@X.example", "A"), Card(8, "b@x.example", "A")], 7),
        ([Card(7, "a@x.example", "A"), Card(8, "a@x.example", "I")], None),
        ([Card(7, "a@x.example", "I")], None),
        ([Card(7, "a@x.example", "H")], None),
        ([], None),
    ],
)
def test_a_reader_is_the_one_active_person_with_the_address(cards: list[Card], reader: int | None) -> None:
    assert reader_of("a@x.example", cards) == reader


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2012", 2012),
        ("0", 0),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("9" * 5000, None),
        ("02012", None),
        ("-1", None),
        ("+1", None),
        ("1_000", None),
        (" 1", None),
        ("²", None),
        ("٣", None),
        ("", None),
        ("2012 or ID gt 0", None),
    ],
)
def test_a_resource_id_is_written_in_one_way(text: str, number: int | None) -> None:
    assert resource_id(text) == number
