"""Who needs no comparing, told at a glance, and what a comparison lets be known (RUN-11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from payrelay.domain.mirror import NEVER, Entry, Kind, Part, day_number
from payrelay.domain.records import Outcome
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import SocialSecurityNumber
from payrelay.flows.employee_export import glance
from payrelay.flows.employee_export.glance import Moved, Row, Seen, settled
from payrelay.flows.employee_export.mapping import NOWHERE, Target
from payrelay.flows.employee_export.reasons import reason
from payrelay.flows.employee_export.records import apart, record_of
from payrelay.flows.employee_export.selection import Case
from payrelay.systems.rows import BadRow, Day
from payrelay.systems.simployer.models import Employee, Employment
from payrelay.systems.xledger.models import ContactNode, DbId, EmployeeNode
from payrelay.systems.xledger.times import seconds_of

DIGEST, OTHER = b"d" * 16, b"o" * 16
OLD, NEW = seconds_of("2026-02-01T08:00:00"), seconds_of("2026-03-01T08:00:00")
TWICE = seconds_of("2026-10-25T02:30:00")
TODAY = date(2026, 3, 2)
MARK = seconds_of("2026-03-02T06:00:00")


def entry(**changes: Any) -> Entry:
    """Somebody who is equal, whom Xledger has as 7 with the contact 8."""
    return replace(Entry(Kind.EQUAL, DIGEST, ("7", "8"), (OLD, OLD), NEVER), **changes)


def row(source_id: str = "a", number: str = "101", digest: bytes = DIGEST) -> Row:
    return Row(source_id, number, digest)


def moved(
    employees: Mapping[str, tuple[int, str]] | None = None, contacts: Mapping[str, int] | None = None
) -> Moved:
    return Moved.of(employees or {}, contacts or {})


@pytest.mark.requirement("RUN-11", "EX-4")
@pytest.mark.parametrize(
    ("known", "rows", "changes", "fine"),
    [
        pytest.param(entry(), [row()], moved(), True, id="nothing moved"),
        pytest.param(None, [row()], moved(), False, id="nothing is known"),
        pytest.param(entry(), [row(digest=OTHER)], moved(), False, id="the row is another"),
        pytest.param(entry(kind=Kind.SENT, ids=(), versions=()), [row()], moved(), False, id="only planned"),
        pytest.param(entry(until=day_number(TODAY)), [row()], moved(), False, id="the day has come"),
        pytest.param(entry(until=day_number(TODAY) + 1), [row()], moved(), True, id="it comes tomorrow"),
        pytest.param(entry(), [row()], moved({"7": (NEW, "101")}), False, id="the employee moved"),
        pytest.param(entry(), [row()], moved(contacts={"8": NEW}), False, id="the contact moved"),
        pytest.param(
            entry(), [row()], moved({"7": (OLD, "101")}, {"8": OLD}), True, id="moved before it was read"
        ),
        pytest.param(entry(), [row()], moved({"7": (OLD - 1, "101")}), False, id="put back to an older time"),
        pytest.param(
            entry(versions=(TWICE, OLD)),
            [row()],
            moved({"7": (TWICE, "101")}),
            False,
            id="a time that comes twice",
        ),
        pytest.param(entry(), [row()], moved({"9": (NEW, "102")}), True, id="somebody else moved"),
        pytest.param(entry(), [row()], moved({"9": (NEW, "0101")}), False, id="somebody has the number now"),
        pytest.param(
            entry(kind=Kind.LEFT_OUT, ids=(), versions=()),
            [row()],
            moved(),
            True,
            id="left out, nowhere there",
        ),
        pytest.param(
            entry(kind=Kind.LEFT_OUT, ids=(), versions=()),
            [row()],
            moved({"9": (NEW, "101 ")}),
            False,
            id="left out, and there by now",
        ),
        pytest.param(entry(), [row(), row("b")], moved(), False, id="two rows with the number"),
        pytest.param(
            entry(ids=(), versions=()),
            [row(number=""), row("b", "")],
            moved(),
            True,
            id="both without a number",
        ),
        pytest.param(entry(), [row(), row(number="102")], moved(), False, id="two rows with the id"),
    ],
)
def test_who_stands_as_before(known: Entry | None, rows: list[Row], changes: Moved, fine: bool) -> None:
    entries = {} if known is None else {"a": known}
    assert settled(rows, entries, changes, day_number(TODAY)) == (entries if fine else {})


@pytest.mark.requirement("EX-9", "RUN-11")
@pytest.mark.parametrize(
    ("number", "one"),
    [
        ("101", "101"),
        ("00101", "101"),
        (" 101\u200b", "101"),
        ("1 01", "101"),
        ("a7", "a7"),
        ("A7", "a7"),
        ("000", "000"),
        ("", ""),
        ("A-07", "a-07"),
    ],
)
def test_all_spellings_of_a_number_are_one(number: str, one: str) -> None:
    assert glance.one_spelling(number) == one


@pytest.mark.requirement("RUN-11", "EX-6")
@pytest.mark.parametrize(
    ("pages", "numbers", "groups"),
    [
        pytest.param(["cba", "fe", "i"], {}, ["cbafei"], id="nobody has the number of another"),
        pytest.param(["cb", "fe"], {"c": "1", "b": "1"}, ["cbfe"], id="two of one page"),
        pytest.param(["cb", "fe"], {"c": "1", "e": "1"}, ["cbf", "e"], id="two of two pages"),
        pytest.param(
            ["cb", "fe", "i"], {"c": "1", "b": "1", "f": "1", "e": "1", "i": "1"}, ["cb", "fe", "i"], id="all"
        ),
        pytest.param([], {}, [], id="nobody"),
    ],
)
def test_records_of_two_pages_with_one_number_are_planned_apart(
    pages: list[str], numbers: dict[str, str | None], groups: list[str]
) -> None:
    left = [one for page in pages for one in glance.as_left(page[::-1])]
    assert ["".join(group) for group in glance.apart_by_page(left, numbers)] == groups


@pytest.mark.parametrize(
    ("first", "last", "most", "names"),
    [
        ("a", "b", 3, "1"),
        ("c", "z", 3, "123"),
        ("a", "z", 2, "12"),
        ("f", "f", 3, "2"),
        ("0", "0", 3, ""),
        ("x", "z", 3, "3"),
        ("e", "m", 3, "23"),
    ],
)
def test_a_page_reads_the_chunks_that_may_hold_its_ids(first: str, last: str, most: int, names: str) -> None:
    parts = [Part("a", "1", 1), Part("e", "2", 1), Part("m", "3", 1)]
    assert "".join(part.name for part in glance.parts_for(parts, first, last, most)) == names


# --- what is known from now on ------------------------------------------------------------------------------

KARI = Employee(
    id="a",
    active=True,
    employee_number="101",
    hire_date=Day(2020, 1, 1),
    birth_date=Day(1990, 1, 1),
)
NODE = EmployeeNode(db_id=DbId("7"), code="101", modified_at="2026-02-01T08:00:00", contact_db_id=DbId("8"))
CONTACT = ContactNode(db_id=DbId("8"), modified_at="2026-02-01T08:00:00")
THERE = Target(NODE, CONTACT)
INACTIVE = (Outcome.SKIPPED, reason("NOT_ACTIVE", label="Employee 101"))
OURS = Link("employee", "a", "101", "7")


def case(target: Target = THERE, employee: Employee = KARI, **more: Any) -> Case:
    return Case(employee, more.pop("refusal", None), more.pop("link", OURS), target, **{"own": True, **more})


def seen_at(day: date = TODAY, mark: int = MARK) -> Seen:
    return Seen(day, mark)


@pytest.mark.requirement("RUN-11")
def test_what_is_known_of_somebody_who_is_equal_is_both_sides() -> None:
    assert glance.equal_entry(case(), KARI, DIGEST, seen_at()) == entry()


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("target", "employee"),
    [
        pytest.param(Target(NODE, None), KARI, id="without a contact"),
        pytest.param(
            Target(NODE, CONTACT, BadRow("8", "", "email", "is none")), KARI, id="not wholly readable"
        ),
        pytest.param(Target(replace(NODE, modified_at=None), CONTACT), KARI, id="Xledger tells no time"),
        pytest.param(Target(NODE, replace(CONTACT, modified_at="soon")), KARI, id="what it tells is none"),
        pytest.param(
            Target(NODE, replace(CONTACT, modified_at="2026-03-02T06:00:00")), KARI, id="it moves right now"
        ),
        pytest.param(
            THERE,
            replace(
                KARI,
                employment=Employment("1", "a", end_date=Day(2026, 1, 1)),
                employments=(
                    Employment("1", "a", end_date=Day(2026, 1, 1)),
                    Employment("2", "a", start_date=Day(2026, 1, 2)),
                ),
            ),
            id="another employment counts than the named one",
        ),
    ],
)
def test_what_is_not_certain_is_looked_at_each_time(target: Target, employee: Employee) -> None:
    assert glance.equal_entry(case(target, employee), employee, DIGEST, seen_at()) is None


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("changes", "there", "until"),
    [
        pytest.param({}, {}, None, id="nothing comes"),
        pytest.param({"end_date": Day(2026, 4, 30)}, {}, date(2026, 4, 30), id="leaves"),
        pytest.param({"end_date": Day(2026, 3, 2)}, {}, date(2026, 3, 3), id="leaves today"),
        pytest.param({"hire_date": Day(2026, 3, 9)}, {}, date(2026, 3, 9), id="begins"),
        pytest.param(
            {"employments": (Employment("1", "a", start_date=Day(2026, 5, 1)),)},
            {},
            date(2026, 5, 1),
            id="an employment begins",
        ),
        pytest.param(
            {
                "employments": (
                    Employment("1", "a", end_date=Day(2026, 8, 1), effective_end_date=Day(2026, 6, 1)),
                )
            },
            {},
            date(2026, 6, 1),
            id="an employment ends",
        ),
        pytest.param({}, {"date_to": date(2026, 3, 5)}, date(2026, 3, 5), id="is closed in Xledger"),
        pytest.param({}, {"employment_to": date(2026, 3, 6)}, date(2026, 3, 6), id="is ended in Xledger"),
        pytest.param(
            {"ssn": SocialSecurityNumber("900101-1234")}, {}, date(2027, 1, 1), id="a sign tells the century"
        ),
        pytest.param({"ssn": SocialSecurityNumber("199001011234")}, {}, None, id="the number tells it"),
    ],
)
def test_it_is_known_until_a_day_that_may_change_it(
    changes: Mapping[str, Any], there: Mapping[str, Any], until: date | None
) -> None:
    employments = changes.get("employments", ())
    employee = replace(KARI, employment=next(iter(employments), None), **changes)
    target = Target(replace(NODE, **there), CONTACT)
    found = glance.left_out_entry(case(target, employee, refusal=INACTIVE), employee, DIGEST, seen_at())
    assert found
    assert found.until == (NEVER if until is None else day_number(until))


@pytest.mark.requirement("RUN-11", "EX-6")
@pytest.mark.parametrize(
    ("of", "known"),
    [
        pytest.param(case(NOWHERE, refusal=INACTIVE, link=None, own=False), True, id="never exported"),
        pytest.param(case(refusal=INACTIVE, link=None, own=False), True, id="entered by hand"),
        pytest.param(case(refusal=INACTIVE), True, id="exported, and ended there"),
        pytest.param(case(NOWHERE, refusal=INACTIVE, own=False), False, id="exported, and gone there"),
        pytest.param(case(refusal=INACTIVE, own=False), False, id="another stands there by now"),
        pytest.param(case(refusal=INACTIVE, link=replace(OURS, key="9")), False, id="another number then"),
        pytest.param(
            case(Target(replace(NODE, code="9"), CONTACT), refusal=INACTIVE), False, id="another code there"
        ),
    ],
)
def test_what_is_known_of_somebody_who_is_left_out(of: Case, known: bool) -> None:
    found = glance.left_out_entry(of, KARI, DIGEST, seen_at())
    assert bool(found) is known
    assert not found or found.kind is Kind.LEFT_OUT
    assert not found or bool(found.ids) is bool(of.target.employee)


@pytest.mark.requirement("RUN-11")
def test_only_who_is_left_out_and_no_more_is_plainly_left_out() -> None:
    plain = record_of(KARI, *INACTIVE)
    out = case(refusal=INACTIVE)
    assert glance.is_plain(out, plain)
    assert not glance.is_plain(out, apart(plain))
    assert not glance.is_plain(out, record_of(KARI, Outcome.BLOCKED, INACTIVE[1]))
    assert not glance.is_plain(case(), plain)
    assert not glance.is_plain(None, plain)


@pytest.mark.requirement("RUN-11", "RUN-4")
@pytest.mark.parametrize(
    ("fact", "known"),
    [
        pytest.param(glance.fact_of("run_1", DIGEST.hex(), (NEW, OLD), ("7", "8")), True, id="answered"),
        pytest.param(None, False, id="never written"),
        pytest.param(glance.fact_of("run_0", DIGEST.hex(), (NEW, OLD), ("7", "8")), False, id="another run"),
        pytest.param(glance.fact_of("run_1", OTHER.hex(), (NEW, OLD), ("7", "8")), False, id="another row"),
        pytest.param("something", False, id="of another form"),
    ],
)
def test_a_planned_write_is_known_once_xledger_has_answered_that_very_one(
    fact: str | None, known: bool
) -> None:
    planned = glance.sent_entry(case(), KARI, DIGEST, seen_at())
    assert planned
    assert planned.kind is Kind.SENT
    found = glance.answered(planned, fact, "run_1")
    assert found == (entry(versions=(NEW, OLD)) if known else None)


@pytest.mark.requirement("RUN-11")
def test_of_who_leaves_or_is_new_nothing_is_known_beforehand() -> None:
    assert glance.sent_entry(case(refusal=INACTIVE), KARI, DIGEST, seen_at()) is None
    assert glance.sent_entry(case(NOWHERE, link=None, own=False), KARI, DIGEST, seen_at()) is None


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("kind", "target", "wrong"),
    [
        pytest.param(Kind.EQUAL, THERE, False, id="stands as before"),
        pytest.param(None, THERE, True, id="differs"),
        pytest.param(Kind.LEFT_OUT, THERE, True, id="is left out"),
        pytest.param(None, NOWHERE, True, id="is gone in Xledger"),
        pytest.param(
            None,
            Target(replace(NODE, modified_at="2026-03-02T06:00:00"), CONTACT),
            False,
            id="moves meanwhile",
        ),
    ],
)
def test_a_comparison_of_everybody_counts_whom_the_glance_had_wrong(
    kind: Kind | None, target: Target, wrong: bool
) -> None:
    found = {"a": kind} if kind else {}
    assert glance.drifted({"a": entry()}, {"a": case(target)}, found, MARK) == (["a"] if wrong else [])
