"""Which documents are due, and what becomes of each: one table of cases (DOC-1 to DOC-4)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from payrelay.flows.document_pull.names import Place
from payrelay.flows.document_pull.reasons import NO_RESOURCE, NO_TYPE, reason
from payrelay.flows.document_pull.rules import (
    Again,
    Announced,
    Group,
    Kind,
    Known,
    Stored,
    as_stored,
    calculations,
    decide,
    facts_of,
    is_again,
    is_due,
    key_of,
    run_group,
    stored_of,
    wrong_with,
    year_group,
)

AT, LATER = "2026-01-24T08:00:00Z", "2026-03-02T08:00:00Z"
OPEN = run_group("run-55", "2026-01", "Open", "", "")
PROCESSED = run_group("run-55", "2026-01", "Processed", AT, "")
APPROVED = run_group("run-55", "2026-01", "Approved", AT, AT)
APPROVED_AGAIN = run_group("run-55", "2026-01", "Approved", LATER, LATER)
YEAR_OPEN, YEAR = year_group(2025, "Open"), year_group(2025, "Closed")


@pytest.mark.requirement("DOC-1", "DOC-3")
@pytest.mark.parametrize(
    ("group", "done", "more", "due"),
    [
        pytest.param(OPEN, None, {}, False, id="a run that is not processed has no slips"),
        pytest.param(PROCESSED, None, {}, False, id="nor one that is processed and not approved"),
        pytest.param(APPROVED, None, {}, True, id="processed and approved"),
        pytest.param(APPROVED, APPROVED.stamp, {}, False, id="seen by the last complete run"),
        pytest.param(APPROVED, APPROVED.stamp, {"left": True}, True, id="which left some of it"),
        pytest.param(APPROVED, APPROVED.stamp, {"full": True}, True, id="everything is asked for"),
        pytest.param(OPEN, APPROVED.stamp, {"full": True}, False, id="withdrawn: nothing is pulled (PW-22)"),
        pytest.param(OPEN, APPROVED.stamp, {"left": True}, False, id="withdrawn with some left (PW-22)"),
        pytest.param(APPROVED_AGAIN, APPROVED.stamp, {}, True, id="approved again (PW-22)"),
        pytest.param(APPROVED, OPEN.stamp, {}, True, id="withdrawn and approved at the same times"),
        pytest.param(YEAR_OPEN, None, {"full": True}, False, id="statements of a year that is open"),
        pytest.param(YEAR, None, {}, True, id="of one that is closed"),
        pytest.param(YEAR, YEAR.stamp, {}, False, id="closed as it was"),
        pytest.param(YEAR, YEAR_OPEN.stamp, {}, True, id="opened and closed again"),
        pytest.param(YEAR, YEAR.stamp, {"moved": True}, True, id="its pay was calculated again (PW-23)"),
    ],
)
def test_what_is_due(group: Group, done: str | None, more: dict[str, bool], due: bool) -> None:
    assert is_due(group, done, **{"left": False, "full": False, **more}) is due


DECEMBER = run_group("run-12", "2025-12", "Approved", LATER, LATER)


@pytest.mark.requirement("DOC-4")
@pytest.mark.parametrize(
    ("group", "done", "year", "year_done", "again"),
    [
        pytest.param(DECEMBER, "Approved before", YEAR, YEAR.stamp, True, id="approved again (PW-23)"),
        pytest.param(DECEMBER, None, YEAR, YEAR.stamp, True, id="approved for the first time after the year"),
        pytest.param(DECEMBER, DECEMBER.stamp, YEAR, YEAR.stamp, False, id="as it was"),
        pytest.param(DECEMBER, "Approved before", YEAR_OPEN, YEAR_OPEN.stamp, False, id="the year is open"),
        pytest.param(DECEMBER, None, YEAR, None, False, id="both are seen for the first time"),
        pytest.param(DECEMBER, None, YEAR, YEAR_OPEN.stamp, False, id="the year was closed only after it"),
        pytest.param(DECEMBER, None, None, None, False, id="a year that is not listed"),
    ],
)
def test_pay_that_was_calculated_again_after_its_year_was_closed(
    group: Group, done: str | None, year: Group | None, year_done: str | None, again: bool
) -> None:
    assert is_again(group, done, year, year_done) is again


@pytest.mark.requirement("DOC-4")
def test_the_calculations_of_a_year_are_others_once_one_is_made_again() -> None:
    before = run_group("run-12", "2025-12", "Approved", AT, AT)
    first = calculations([before, APPROVED, YEAR], 2025)
    assert calculations([YEAR, before], 2025) == first, "other years do not count, nor does the order"
    assert calculations([DECEMBER, APPROVED, YEAR], 2025) != first
    assert calculations([before, run_group("run-13", "2025-12", "Approved", AT, AT)], 2025) != first
    assert calculations([before, run_group("run-13", "2025-12", "Processed", AT, "")], 2025) == first


SHA, OTHER = "aa" * 32, "bb" * 32


def slip(**changed: Any) -> Announced:
    row: dict[str, Any] = {
        "id": "ps-881",
        "kind": "PaySlip",
        "employee": "1042",
        "run_id": "run-55",
        "year": 2026,
        "language": "nl",
        "version": 1,
        "blank": False,
        "file_name": "2026-01.pdf",
        "sha256": SHA,
    }
    return Announced(**{**row, **changed})


def statement(**changed: Any) -> Announced:
    return slip(**{"id": "as-1", "kind": "AnnualStatement", "run_id": "", "year": 2025, **changed})


def stored(**changed: Any) -> Stored:
    return Stored(**{"version": 1, "person": 1042, "sha256": SHA, "language": "nl", **changed})


AGAIN = Again("Payroll run December 2025 (run-12)", "calculated again")
KNOWN = Known(person="Hanneke de Graaf", type=310)
NOBODY, NO_DOCUMENT_TYPE = Known(type=310), Known(person="Hanneke de Graaf")


def known(**more: Any) -> Known:
    return Known(**{"person": "Hanneke de Graaf", "type": 310, **more})


CASES = [
    pytest.param(slip(), KNOWN, ("store", ""), id="a slip of somebody who is there"),
    pytest.param(statement(), KNOWN, ("store", ""), id="a statement"),
    pytest.param(slip(employee=" 01042"), KNOWN, ("store", ""), id="an employee ID with zeros and blanks"),
    # Whose it is, and what it is (PW-20).
    pytest.param(slip(), NOBODY, ("block", "UNKNOWN_EMPLOYEE"), id="nobody in Synergy"),
    pytest.param(slip(employee="K-17"), KNOWN, ("block", "UNKNOWN_EMPLOYEE"), id="an ID that can't be there"),
    pytest.param(
        slip(version=2, employee="1043"),
        known(stored=stored()),
        ("block", "DOCUMENT_OF_ANOTHER_PERSON"),
        id="another version of it is another's (PW-20)",
    ),
    pytest.param(
        slip(employee="1043"),
        known(stored=stored()),
        ("block", "DOCUMENT_OF_ANOTHER_PERSON"),
        id="it was stored for another (PW-20)",
    ),
    pytest.param(
        slip(), known(filed=1043), ("block", "FILED_FOR_ANOTHER_PERSON"), id="found in a dossier not its"
    ),
    pytest.param(slip(), known(filed=1042), ("found", ""), id="found in its dossier"),
    pytest.param(slip(run_id="run-54"), KNOWN, ("block", "DOCUMENT_NOT_ASKED_FOR"), id="of another run"),
    pytest.param(slip(language="en"), KNOWN, ("block", "DOCUMENT_NOT_ASKED_FOR"), id="in another language"),
    pytest.param(
        slip(kind="AnnualStatement"), KNOWN, ("block", "DOCUMENT_NOT_ASKED_FOR"), id="of another kind"
    ),
    pytest.param(statement(year=2024), KNOWN, ("block", "DOCUMENT_NOT_ASKED_FOR"), id="of another year"),
    pytest.param(
        slip(), known(announced_twice=True), ("block", "DOCUMENT_ANNOUNCED_TWICE"), id="listed twice"
    ),
    pytest.param(slip(), known(spelled_twice=True), ("block", "EMPLOYEE_SPELLED_TWICE"), id="spelled twice"),
    pytest.param(
        slip(id="ps-8:v2"), KNOWN, ("block", "DOCUMENT_ID_UNUSABLE"), id="an ID like a version's key"
    ),
    # The settings (DOC-1).
    pytest.param(slip(), NO_DOCUMENT_TYPE, ("block", "DOCUMENT_TYPE_MISSING"), id="no document type"),
    pytest.param(slip(), Known(), ("block", "DOCUMENT_TYPE_MISSING"), id="no document type and nobody"),
    pytest.param(slip(), Known(stored=stored()), ("there", ""), id="no document type, and nothing to store"),
    # Blank ones (DOC-3).
    pytest.param(statement(blank=True), KNOWN, ("skip", "DOCUMENT_BLANK"), id="a blank statement"),
    pytest.param(statement(blank=True), Known(), ("skip", "DOCUMENT_BLANK"), id="a blank one of nobody"),
    # Versions (PW-22).
    pytest.param(slip(), known(stored=stored()), ("there", ""), id="stored"),
    pytest.param(
        slip(sha256=SHA.upper()), known(stored=stored()), ("there", ""), id="a checksum in capitals"
    ),
    pytest.param(
        slip(version=2, sha256=OTHER), known(stored=stored()), ("store", "VERSION_HOLDS"), id="version 2"
    ),
    pytest.param(slip(), known(stored=stored(version=2)), ("there", ""), id="an older version than stored"),
    pytest.param(
        slip(sha256=OTHER),
        known(stored=stored()),
        ("block", "DOCUMENT_CHANGED"),
        id="changed without a version",
    ),
    pytest.param(
        slip(sha256=OTHER),
        known(stored=stored(language="en")),
        ("there", ""),
        id="stored in another language",
    ),
    # Statements that are out of date (PW-23).
    pytest.param(
        statement(),
        known(stored=stored(), again=AGAIN),
        ("block", "STATEMENT_OUT_OF_DATE"),
        id="calculated again",
    ),
    pytest.param(
        statement(),
        known(stored=stored(stale=1)),
        ("block", "STATEMENT_OUT_OF_DATE"),
        id="and still version 1",
    ),
    pytest.param(
        statement(version=2, sha256=OTHER),
        known(stored=stored(stale=1)),
        ("store", "VERSION_HOLDS"),
        id="its new version is there",
    ),
    pytest.param(
        statement(version=2),
        known(stored=stored(), again=AGAIN),
        ("store", "VERSION_HOLDS"),
        id="at the same time",
    ),
    pytest.param(
        statement(version=2),
        known(stored=stored(version=2, after=AGAIN.calculations), again=AGAIN),
        ("there", ""),
        id="stored after that calculation",
    ),
    pytest.param(statement(), known(again=AGAIN), ("store", ""), id="a first one of somebody new"),
    pytest.param(
        slip(), known(stored=stored(), again=AGAIN), ("there", ""), id="slips are never out of date"
    ),
]


@pytest.mark.requirement("DOC-1", "DOC-2", "DOC-3", "DOC-4")
@pytest.mark.parametrize(("row", "what", "expected"), CASES)
def test_what_becomes_of_a_document(row: Announced, what: Known, expected: tuple[str, str]) -> None:
    group = YEAR if row.id.startswith("as") else APPROVED
    decision = decide(group, "nl", row, what)
    assert (decision.verdict.value, decision.code) == expected


@pytest.mark.requirement("DOC-4")
def test_a_statement_that_is_out_of_date_names_its_version_and_the_run() -> None:
    found = decide(YEAR, "nl", statement(), known(stored=stored(), again=AGAIN))
    assert (found.stale, found.stale_run) == (1, "Payroll run December 2025 (run-12)")
    later = decide(YEAR, "nl", statement(), known(stored=stored(stale=1, stale_run=found.stale_run)))
    assert (later.stale, later.stale_run) == (found.stale, found.stale_run)


PDF = b"%PDF-1.7\nslip of Hanneke\n%%EOF"
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.requirement("DOC-1", "SEC-1")
@pytest.mark.parametrize(
    ("content", "announced", "wrong"),
    [
        pytest.param(PDF, sha(PDF), "", id="as announced"),
        pytest.param(PDF, f" {sha(PDF).upper()} ", "", id="a checksum in capitals"),
        pytest.param(PDF, sha(b"%PDF- of Piet"), "CONTENT_NOT_ANNOUNCED", id="another's (PW-20)"),
        pytest.param(PDF[:-6], sha(PDF), "CONTENT_NOT_ANNOUNCED", id="broken off"),
        pytest.param(PAGE, sha(PDF), "CONTENT_NOT_ANNOUNCED", id="a page of a web server"),
        pytest.param(PAGE, sha(PAGE), "CONTENT_NO_PDF", id="a page that is announced"),
        pytest.param(b"", sha(b""), "CONTENT_NO_PDF", id="nothing"),
        pytest.param(PDF, "", "CONTENT_NOT_ANNOUNCED", id="no checksum"),
        pytest.param(b"\n\n" + PDF, sha(b"\n\n" + PDF), "", id="blanks before it"),
    ],
)
def test_a_content_is_what_its_checksum_says(content: bytes, announced: str, wrong: str) -> None:
    assert wrong_with(content, announced) == wrong


@pytest.mark.requirement("DOC-3")
def test_a_document_has_one_key_for_each_version() -> None:
    assert key_of(Kind.SLIP, "ps-881") == "slip:ps-881"
    assert key_of(Kind.SLIP, "ps-881", 2) == "slip:ps-881:v2"
    assert key_of(Kind.STATEMENT, "as-1", 3) == "statement:as-1:v3"


@pytest.mark.requirement("DOC-1", "DOC-2")
def test_the_documents_own_texts_letter_by_letter() -> None:
    assert NO_TYPE == (
        "Reason = Error in retrieving settings from ESE. Error: Exact Payroll Plus setting(s) not defined in "
        "ESE HRM Settings"
    )
    found = reason("UNKNOWN_EMPLOYEE", number="9999", label="Payslip 2026-01 of employee 9999")
    assert found.message == (
        "No document synchronization for Exact Payroll Plus employees (Employee number : 9999) due to unable "
        "to find ESE resource ID"
    )
    assert NO_RESOURCE.format(number="9999") == found.message


@pytest.mark.parametrize("place", [Place(Kind.SLIP, "a:b/c", "ps:8 é"), Place(Kind.STATEMENT, "2025")])
def test_a_place_is_found_again_by_its_source_id(place: Place) -> None:
    assert Place.parse(place.source_id) == place


@pytest.mark.parametrize("one", [stored(), stored(stale=1, stale_run="run-12", after="x")])
def test_what_is_kept_of_a_document(one: Stored) -> None:
    assert stored_of(facts_of(one)) == one
    assert as_stored(slip(version=2), "x") == stored(version=2, after="x")
