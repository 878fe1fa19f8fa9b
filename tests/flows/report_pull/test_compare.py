"""What of a report is kept anew, by what is kept already (REP-1)."""

from __future__ import annotations

import pytest

from payrelay.domain.records import Outcome, Risk
from payrelay.domain.sensitive import MASK, Secret
from payrelay.flows.report_pull.compare import differs, digest_of, write_of
from payrelay.flows.report_pull.read import Components
from payrelay.flows.report_pull.rules import ReportName

pytestmark = pytest.mark.requirement("REP-1")

KEY = b"a key of the connection"
NAME = ReportName("2026-01", "2012")


def pay(**amounts: str) -> Components:
    """Components by their amounts."""
    return {name: ((name.capitalize(), Secret(amount)),) for name, amount in amounts.items()}


def twice(**amounts: str) -> Components:
    """The net pay as it was, and another component with a row for each of two amounts (faults F4)."""
    rows = tuple((text, Secret(amount)) for text, amount in amounts.items())
    return {**KEPT, "BONUS": rows}


KEPT = pay(GROSS="3025.00", NET="2176.66")
DIFFERENCES = [
    ("the same", pay(NET="2176.66", GROSS="3025.00"), False, []),
    ("another amount", pay(GROSS="3025.00", NET="2176.67"), True, [("NET", MASK, MASK)]),
    ("the same amount with other digits", pay(GROSS="3025.0", NET="2176.66"), True, [("GROSS", MASK, MASK)]),
    (
        "another description",
        {**KEPT, "NET": (("Net pay", Secret("2176.66")),)},
        True,
        [("NET", MASK, MASK)],
    ),
    ("one more", pay(GROSS="3025.00", NET="2176.66", TAX="-1.00"), True, [("TAX", None, MASK)]),
    ("one less", pay(NET="2176.66"), True, [("GROSS", MASK, None)]),
    ("two rows more", twice(a="1.00", b="2.00"), True, [("BONUS", None, MASK)]),
    ("taken back", {}, True, [("GROSS", MASK, None), ("NET", MASK, None)]),
]


@pytest.mark.requirement("RUN-5", "RUN-6", "SEC-1")
@pytest.mark.parametrize(
    ("now", "another", "changes"), [case[1:] for case in DIFFERENCES], ids=[case[0] for case in DIFFERENCES]
)
def test_a_report_is_kept_anew_when_anything_of_it_differs(
    now: Components, another: bool, changes: list[tuple[str, str | None, str | None]]
) -> None:
    kept = (3, digest_of(KEPT, KEY))
    assert differs(now, kept, KEY) is another
    write = write_of(NAME, now, kept, KEPT, KEY)
    assert [(one.field, one.old, one.new) for one in write.record.changes] == changes
    assert (write.payload.version, write.payload.components) == (4, now)
    assert write.record.outcome is Outcome.UPDATED
    assert "2176" not in f"{write.record} {write.payload} {write.digests}"


def test_a_first_report_is_created_as_version_one() -> None:
    assert differs(KEPT, None, KEY)
    write = write_of(NAME, KEPT, None, {}, KEY)
    assert (write.record.outcome, write.payload.version) == (Outcome.CREATED, 1)
    assert write.record.record_id == "report:2026-01:2012"
    assert [one.old for one in write.record.changes] == [None, None]


def test_who_has_no_pay_and_no_report_has_nothing_to_keep() -> None:
    assert not differs({}, None, KEY)


@pytest.mark.requirement("RUN-9")
def test_two_corrections_that_look_alike_are_told_apart_by_their_digests() -> None:
    kept = (1, digest_of(KEPT, KEY))
    one, other = (write_of(NAME, pay(NET=net), kept, KEPT, KEY) for net in ("1.00", "2.00"))
    assert one.record.changes == other.record.changes
    assert one.digests != other.digests


@pytest.mark.requirement("RUN-5")
def test_the_order_of_two_rows_of_a_component_is_no_difference() -> None:
    one, other = twice(a="1.00", b="2.00"), twice(b="2.00", a="1.00")
    assert digest_of(one, KEY) == digest_of(other, KEY)
    assert not write_of(NAME, other, (1, digest_of(one, KEY)), one, KEY).record.changes
    assert digest_of(twice(a="1.00", b="2.00"), KEY) != digest_of(twice(a="3.00"), KEY)


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("now", "kept", "risks"),
    [
        ({}, (1, "x"), (Risk.EMPTY,)),
        (pay(NET="0.00"), (1, "x"), ()),
        (pay(NET="1.00"), (1, "x"), ()),
        (KEPT, None, ()),
    ],
    ids=["emptied", "zero is a value", "one less", "created"],
)
def test_a_report_that_loses_all_it_had_is_watched_and_says_so(
    now: Components, kept: tuple[int, str] | None, risks: tuple[Risk, ...]
) -> None:
    """The brake counts what is emptied (faults G6)."""
    write = write_of(NAME, now, kept, KEPT if kept else {}, KEY)
    assert write.risks == risks
    code = write.record.reason.code if write.record.reason else None
    assert code == ("REPORT_EMPTIED" if risks else None)
