"""Slips and statements through the flow: the right one, to the right person, once (DOC-1 to DOC-4)."""

from __future__ import annotations

import base64
import gzip
import hashlib
import tracemalloc
from collections import Counter
from typing import Any

import pytest

from payrelay.domain.records import Outcome, Record, Write
from payrelay.flows.document_pull.deliver import Payload, deliver
from payrelay.flows.document_pull.reasons import NO_TYPE
from payrelay.flows.exact import PAGES_A_STEP, Budget
from payrelay.systems.payroll_plus.documents import DocumentPage, Documents
from payrelay.systems.rows import Listed
from tests.worlds.slips import FLOW, Slips, closed, payroll_run, pdf, slip, statement
from tests.worlds.structs import replace

MARCH = "2026-03-01T08:00:00Z"


def text(content: str) -> str:
    return f"%PDF-1.7 {content}"


# --- what is due -----------------------------------------------------------------------------------------


@pytest.mark.requirement("DOC-1", "RUN-7")
def test_slips_of_approved_runs_and_statements_of_closed_years(paid: Slips) -> None:
    paid.after_pay(
        slip(),
        slip("ps-870", 1043, runId="run-54", content=pdf("not yet")),
        statement(),
        statement("as-26", 1043, year=2026),
        payrollRuns=[payroll_run(), payroll_run("run-54", "2026-02", "Processed")],
        payrollYears=[closed(), closed(2026, "Open")],
    )
    preview = paid.pull("preview")
    assert paid.dossiers() == {}
    run = paid.pull()
    assert preview.counts == run.counts
    assert paid.said(run) == {"slip:ps-881": ("created", ""), "statement:as-1042": ("created", "")}
    assert [one.label for one in paid.stored(run)] == [
        "Payslip 2026-01 of Hanneke de Graaf (1042)",
        "Annual statement 2025 of Hanneke de Graaf (1042)",
    ]
    assert [
        {name: row[name] for name in ("DocumentType", "Subject", "ResourceID", "FileName", "TextFreeField1")}
        for row in sorted(paid.state("synergy")["Document"], key=lambda row: row["DocumentType"])
    ] == [
        {
            "DocumentType": 310,
            "Subject": "Payslip 2026-01",
            "ResourceID": 1042,
            "FileName": "2026-01.pdf",
            "TextFreeField1": "slip:ps-881",
        },
        {
            "DocumentType": 311,
            "Subject": "Annual statement 2025",
            "ResourceID": 1042,
            "FileName": "2025.pdf",
            "TextFreeField1": "statement:as-1042",
        },
    ]
    assert paid.dossiers()["slip:ps-881"] == (1042, text("ps-881 of 1042"))


@pytest.mark.requirement("DOC-3", "RUN-5")
def test_a_second_run_with_nothing_new_asks_for_runs_and_years_alone(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", 1043), statement(), payrollYears=[closed()])
    paid.pull()
    before = paid.dossiers()
    paid.forget_requests()
    run = paid.pull()
    assert sorted(paid.calls()) == ["list payrollRuns", "list payrollYears"]
    assert (run.status.value, run.total, paid.dossiers()) == ("succeeded", 0, before)
    full = paid.pull(full=True)
    assert full.counts["unchanged"] == 3
    assert paid.dossiers() == before
    paid.clock.pass_by(8 * 24 * 3600)
    assert paid.pull().counts["unchanged"] == 3, "everything is looked at once a week"


@pytest.mark.requirement("DOC-1", "DOC-2")
def test_a_leaver_gets_the_last_slip_and_statement(paid: Slips) -> None:
    """Inactive, without the role: whoever has a card has a dossier (PW-21)."""
    paid.after_pay(slip(), statement(), payrollYears=[closed()])
    paid.edit("synergy", "Resource", {"ID": 1042}, EmployeeStatus="I", InactiveDate="2026-01-15T00:00:00")
    paid.pull()
    assert {person for person, _ in paid.dossiers().values()} == {1042}
    assert len(paid.dossiers()) == 2


# --- whose it is, and what it is -------------------------------------------------------------------------


@pytest.mark.requirement("DOC-2", "RUN-4")
def test_an_unknown_employee_is_named_and_the_others_go_on(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", 9999), slip("ps-883", 1043))
    preview, run = paid.pull("preview"), paid.pull()
    assert preview.counts == run.counts
    assert paid.said(run)["slip:ps-882"] == ("blocked", "UNKNOWN_EMPLOYEE")
    assert paid.messages(run)["slip:ps-882"] == (
        "No document synchronization for Exact Payroll Plus employees (Employee number : 9999) due to unable "
        "to find ESE resource ID"
    )
    assert set(paid.dossiers()) == {"slip:ps-881", "slip:ps-883"}
    state = paid.state("synergy")
    paid.put("synergy", {**state, "Resource": [*state["Resource"], {"ID": 9999}]})
    later = paid.pull()
    assert paid.said(later) == {"slip:ps-882": ("created", "")}
    assert paid.dossiers()["slip:ps-882"] == (9999, text("ps-882 of 9999"))


@pytest.mark.requirement("DOC-1", "DOC-2", "SEC-1")
def test_a_content_that_is_anothers_is_stored_nowhere(paid: Slips) -> None:
    """The contents of two slips are swapped; the diagnosis of either person shows it (PW-20)."""
    one, two, three = slip(), slip("ps-882", 1043), slip("ps-883", 1043)
    paid.after_pay(one, two, three)
    state = paid.state("payroll_plus")
    rows = {row["documentId"]: row for row in state["documents"]}
    rows["ps-881"]["content"], rows["ps-882"]["content"] = two["content"], one["content"]
    paid.put("payroll_plus", state)
    run = paid.pull()
    wrong = ("blocked", "CONTENT_NOT_ANNOUNCED")
    assert paid.said(run) == {"slip:ps-881": wrong, "slip:ps-882": wrong, "slip:ps-883": ("created", "")}
    assert set(paid.dossiers()) == {"slip:ps-883"}
    assert "its content is not the document announced" in paid.messages(run)["slip:ps-881"]
    seen = [check.seen for check in paid.diagnosis("1042") if check.passed is False]
    assert len(seen) == 1
    assert "its content is not the document announced" in seen[0]
    rows["ps-881"]["content"], rows["ps-882"]["content"] = one["content"], two["content"]
    paid.put("payroll_plus", state)
    assert paid.said(paid.pull()) == {"slip:ps-881": ("created", ""), "slip:ps-882": ("created", "")}


@pytest.mark.requirement("DOC-1")
@pytest.mark.parametrize(
    ("content", "code"),
    [("<!DOCTYPE html><html>Sign in</html>", "CONTENT_NO_PDF"), ("", "CONTENT_NO_PDF")],
)
def test_what_is_no_pdf_is_not_stored_although_it_was_announced(paid: Slips, content: str, code: str) -> None:
    paid.after_pay(slip(content=base64.b64encode(content.encode()).decode()))
    assert paid.said(paid.pull()) == {"slip:ps-881": ("blocked", code)}
    assert paid.dossiers() == {}


@pytest.mark.requirement("DOC-1", "SEC-1")
def test_a_document_that_says_another_person_than_it_is_stored_for(paid: Slips) -> None:
    """(PW-20)"""
    paid.after_pay(slip())
    paid.pull()
    rows = [slip(person=1043, version=2, content=pdf("of 1043"))]
    paid.payroll(documents=rows, payrollRuns=[payroll_run(at=MARCH)])
    run = paid.pull()
    assert paid.said(run) == {"slip:ps-881:v2": ("blocked", "DOCUMENT_OF_ANOTHER_PERSON")}
    assert "Hanneke de Graaf (1042)" in paid.messages(run)["slip:ps-881:v2"]
    assert set(paid.dossiers()) == {"slip:ps-881"}


@pytest.mark.requirement("DOC-1", "SEC-1")
def test_what_payroll_lists_wrongly_is_blocked_until_it_is_listed_rightly(
    paid: Slips, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip of another run, and one that is listed twice for different persons (PW-20)."""
    paid.after_pay(slip(), slip("ps-882", 1043), slip("ps-883", 1043))
    rightly = Documents.slips

    def wrongly(self: Documents, run_id: str, language: str, cursor: str | None = None) -> DocumentPage:
        rows = rightly(self, run_id, language, cursor).rows.take([])
        rows[0] = replace(rows[0], run_id="run-54")
        return DocumentPage(Listed([*rows, replace(rows[1], employee_id="1042")]), None)

    with monkeypatch.context() as patch:
        patch.setattr(Documents, "slips", wrongly)
        run = paid.pull()
    assert paid.said(run) == {
        "slip:ps-881": ("blocked", "DOCUMENT_NOT_ASKED_FOR"),
        "slip:ps-882": ("blocked", "DOCUMENT_ANNOUNCED_TWICE"),
        "slip:ps-883": ("created", ""),
    }
    assert set(paid.dossiers()) == {"slip:ps-883"}
    assert paid.said(paid.pull()) == {"slip:ps-881": ("created", ""), "slip:ps-882": ("created", "")}


@pytest.mark.requirement("DOC-2")
def test_two_spellings_of_one_person_in_a_run(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", "001042"), slip("ps-883", "01043"))
    wrong = ("blocked", "EMPLOYEE_SPELLED_TWICE")
    assert paid.said(paid.pull()) == {
        "slip:ps-881": wrong,
        "slip:ps-882": wrong,
        "slip:ps-883": ("created", ""),
    }


# --- settings --------------------------------------------------------------------------------------------


@pytest.mark.requirement("DOC-1")
@pytest.mark.parametrize(
    ("types", "kept"),
    [
        ({"AnnualStatementDocumentType": 311}, {"statement:as-1042"}),
        ({"PayrollSlipDocumentType": 310}, {"slip:ps-881"}),
        ({}, set()),
    ],
)
def test_only_the_kind_whose_document_type_is_missing_is_refused(
    paid: Slips, types: dict[str, Any], kept: set[str]
) -> None:
    paid.after_pay(slip(), statement(), payrollYears=[closed()], types=types)
    preview, run = paid.pull("preview"), paid.pull()
    assert preview.counts == run.counts
    assert set(paid.dossiers()) == kept
    refused = {"slip:ps-881", "statement:as-1042"} - kept
    assert paid.messages(run) == dict.fromkeys(refused, NO_TYPE)
    failed = [check for check in paid.diagnosis(None) if not check.passed]
    assert {check.seen for check in failed} == {NO_TYPE}
    state = paid.state("synergy")
    types = {"PayrollSlipDocumentType": 310, "AnnualStatementDocumentType": 311}
    paid.put("synergy", {**state, "HRMSetting": [types]})
    assert paid.pull().status.value == "succeeded"
    assert set(paid.dossiers()) == {"slip:ps-881", "statement:as-1042"}


@pytest.mark.requirement("DOC-1")
def test_a_missing_type_is_nothing_while_no_document_of_that_kind_is_due(paid: Slips) -> None:
    paid.after_pay(slip(), payrollYears=[closed(2025, "Open")], types={"PayrollSlipDocumentType": 310})
    assert paid.pull().status.value == "succeeded"


@pytest.mark.requirement("DOC-1", "DOC-3")
def test_another_language_is_the_same_document(paid: Slips) -> None:
    paid.after_pay(slip(), slip(language="en", content=pdf("in English")))
    paid.settings(document_language="en")
    paid.pull()
    assert paid.dossiers() == {"slip:ps-881": (1042, text("in English"))}
    paid.settings(document_language="nl")
    assert paid.pull(full=True).counts["unchanged"] == 1
    assert len(paid.dossiers()) == 1


@pytest.mark.requirement("DOC-1")
def test_a_language_without_documents_is_told(paid: Slips) -> None:
    paid.after_pay(slip())
    paid.settings(document_language="fr")
    run = paid.pull()
    assert paid.said(run) == {"run:run-55": ("blocked", "NO_DOCUMENTS_IN_LANGUAGE")}
    assert "(run-55) has no documents in the language fr" in paid.messages(run)["run:run-55"]
    paid.settings(document_language="nl")
    assert paid.said(paid.pull()) == {"slip:ps-881": ("created", "")}


@pytest.mark.requirement("DOC-1")
def test_slips_that_come_after_the_approval_are_awaited_for_a_month(paid: Slips) -> None:
    paid.after_pay(payrollRuns=[payroll_run(), payroll_run("run-56", "2026-02", at=MARCH)])
    assert paid.said(paid.pull()) == {"run:run-56": ("skipped", "NO_DOCUMENTS")}
    paid.payroll(documents=[slip(runId="run-56")])
    assert paid.said(paid.pull()) == {"slip:ps-881": ("created", "")}


# --- blank, withdrawn, again -----------------------------------------------------------------------------


@pytest.mark.requirement("DOC-3")
def test_a_blank_statement_is_skipped_and_pulled_again(paid: Slips) -> None:
    paid.after_pay(statement(blank=True), statement("as-1043", 1043), payrollYears=[closed()], payrollRuns=[])
    run = paid.pull()
    assert (run.status.value, set(paid.dossiers())) == ("succeeded", {"statement:as-1043"})
    assert paid.said(run)["statement:as-1042"] == ("skipped", "DOCUMENT_BLANK")
    assert paid.said(paid.pull()) == {"statement:as-1042": ("skipped", "DOCUMENT_BLANK")}
    paid.payroll(documents=[statement(content=pdf("filled")), statement("as-1043", 1043)])
    assert paid.said(paid.pull()) == {"statement:as-1042": ("created", "")}
    assert paid.dossiers()["statement:as-1042"] == (1042, text("filled"))


@pytest.mark.requirement("DOC-1", "DOC-3")
def test_a_run_withdrawn_and_approved_again_stores_version_2_beside_version_1(paid: Slips) -> None:
    """(PW-22)"""
    paid.after_pay(slip())
    paid.pull()
    paid.payroll(payrollRuns=[payroll_run(status="Open")])
    run = paid.pull()
    assert paid.said(run) == {"run:run-55": ("skipped", "RUN_WITHDRAWN")}
    assert set(paid.dossiers()) == {"slip:ps-881"}
    assert paid.said(paid.pull()) == {}
    paid.payroll(payrollRuns=[payroll_run()], documents=[slip(version=2, content=pdf("again"))])
    run = paid.pull()
    assert paid.said(run) == {"slip:ps-881:v2": ("created", "VERSION_HOLDS")}
    assert paid.messages(run)["slip:ps-881:v2"] == (
        "Payslip 2026-01 of Hanneke de Graaf (1042): version 2 is stored beside version 1, which stays in "
        "the dossier. Version 2 holds."
    )
    both = {"slip:ps-881": (1042, text("ps-881 of 1042")), "slip:ps-881:v2": (1042, text("again"))}
    assert paid.dossiers() == both
    assert paid.said(paid.pull()) == {}
    assert paid.pull(full=True).counts["unchanged"] == 1
    assert paid.dossiers() == both


@pytest.mark.requirement("DOC-1", "RUN-4")
def test_a_run_that_is_withdrawn_while_its_slips_are_pulled(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", 1043))
    run = paid.start(FLOW)
    flow = paid.opening(run)
    listing = flow.pages(run)
    paid.ledger.plans.put_context(run, listing.context)
    planned = flow.plan(run, listing.pages[0], listing.context)
    paid.payroll(payrollRuns=[payroll_run(status="Open")])
    done = flow.apply(run, planned.writes)
    assert {one.record.reason.code for one in done if one.record.reason} == {"DOCUMENT_WITHDRAWN"}
    assert paid.dossiers() == {}


@pytest.mark.requirement("DOC-4")
def test_a_statement_is_out_of_date_until_its_new_version_is_there(paid: Slips) -> None:
    """Pay of December is calculated again in March, for 1042 alone (PW-23)."""
    december = payroll_run("run-12", "2025-12")
    rows = [slip("ps-12", runId="run-12"), statement(), statement("as-1043", 1043)]
    paid.after_pay(*rows, payrollRuns=[december], payrollYears=[closed()])
    paid.pull()
    stored = paid.dossiers()
    again = payroll_run("run-12", "2025-12", at=MARCH)
    rows[0] = slip("ps-12", runId="run-12", version=2, content=pdf("again"))
    paid.payroll(payrollRuns=[again], documents=rows)
    preview, run = paid.pull("preview"), paid.pull()
    stale = {"statement:as-1042": ("blocked", "STATEMENT_OUT_OF_DATE")}
    assert paid.said(run) == {**stale, "slip:ps-12:v2": ("created", "VERSION_HOLDS")}
    assert preview.counts == run.counts
    assert paid.messages(run)["statement:as-1042"].startswith(
        "Annual statement 2025 of Hanneke de Graaf (1042) is out of date: Payroll run Salaris 2025-12 "
        "(run-12) was calculated again after the year 2025 was closed"
    )
    assert paid.said(paid.pull()) == stale, "and the day after"
    assert set(paid.dossiers()) == {*stored, "slip:ps-12:v2"}
    rows[1] = statement(version=2, content=pdf("right"))
    paid.payroll(documents=rows)
    assert paid.said(paid.pull()) == {"statement:as-1042:v2": ("created", "VERSION_HOLDS")}
    found = paid.dossiers()
    assert found["statement:as-1042:v2"] == (1042, text("right"))
    assert found["statement:as-1042"] == stored["statement:as-1042"]
    run = paid.pull()
    assert (run.status.value, paid.said(run)) == ("succeeded", {})
    assert paid.pull(full=True).status.value == "succeeded"


@pytest.mark.requirement("DOC-4", "OPS-1")
def test_a_new_version_that_a_replay_stores_is_not_out_of_date(paid: Slips) -> None:
    """The next run sees the calculation that the replay, which lists no runs, did not look at."""
    december = payroll_run("run-12", "2025-12")
    rows = [slip("ps-12", runId="run-12"), statement()]
    paid.after_pay(*rows, payrollRuns=[december], payrollYears=[closed()])
    run = paid.pull()
    rows[1] = statement(version=2, content=pdf("right"))
    paid.payroll(documents=rows, payrollRuns=[payroll_run("run-12", "2025-12", at=MARCH)])
    paid.run(FLOW, replay_of=run.run_id, only=("statement:2025:as-1042",))
    assert set(paid.dossiers()) == {"slip:ps-12", "statement:as-1042", "statement:as-1042:v2"}
    run = paid.pull()
    assert (run.status.value, paid.said(run)) == ("succeeded", {})


# --- previews, replays, lost answers ---------------------------------------------------------------------


@pytest.mark.requirement("RUN-9")
def test_a_preview_is_applied_as_it_is_or_not_at_all(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", 1043))
    preview = paid.pull("preview")
    paid.payroll(documents=[slip(), slip("ps-882", 1043, version=2, content=pdf("else"))])
    run = paid.run(FLOW, "apply", plan_of=preview.run_id)
    assert paid.said(run) == {
        "slip:ps-881": ("created", ""),
        "slip:ps-882": ("blocked", "MOVED_SINCE_PREVIEW"),
    }
    assert set(paid.dossiers()) == {"slip:ps-881"}


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_some_records_reads_them_afresh(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", 9999))
    run = paid.pull()
    paid.after_pay(slip(), slip("ps-882", 1043, content=pdf("mended")))
    again = paid.run(FLOW, replay_of=run.run_id, only=("slip:run-55:ps-882",))
    assert paid.said(again) == {"slip:ps-882": ("created", "")}
    assert paid.dossiers() == {"slip:ps-882": (1043, text("mended"))}


@pytest.mark.requirement("RUN-5")
def test_documents_of_an_earlier_connection_are_found_and_not_stored_again(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", 1043), slip("ps-883", 1043))
    filed = [
        {"DocumentType": 310, "ResourceID": person, "TextFreeField1": f"slip:{number}"}
        for number, person in (("ps-881", 1042), ("ps-882", 1042))
    ]
    paid.put("synergy", {**paid.state("synergy"), "Document": filed})
    run = paid.pull()
    assert paid.said(run) == {
        "slip:ps-882": ("blocked", "FILED_FOR_ANOTHER_PERSON"),
        "slip:ps-883": ("created", ""),
    }
    assert run.counts["unchanged"] == 1
    assert len(paid.state("synergy")["Document"]) == 3


@pytest.mark.requirement("RUN-5", "DOC-3")
def test_a_lost_answer_is_looked_up_before_anything_is_stored_again(paid: Slips) -> None:
    paid.after_pay(slip(), slip("ps-882", 1043))
    paid.faults("synergy", errors=["after_write_reset"], match="create Document", count=1)
    run = paid.pull()
    assert (run.status.value, run.counts["created"]) == ("succeeded", 2)
    assert sorted(row["TextFreeField1"] for row in paid.state("synergy")["Document"]) == [
        "slip:ps-881",
        "slip:ps-882",
    ]


@pytest.mark.requirement("RUN-4", "SEC-1")
def test_a_document_that_synergy_refuses_fails_alone_and_nothing_of_it_shows(paid: Slips) -> None:
    """A mistake of business is told as a breakdown: a person who was removed after the plan was made."""
    paid.after_pay(slip(), slip("ps-882", 1043))
    run = paid.start(FLOW)
    flow = paid.opening(run)
    listing = flow.pages(run)
    planned = flow.plan(run, listing.pages[0], listing.context)
    people = [row for row in paid.state("synergy")["Resource"] if row["ID"] == 1043]
    paid.put("synergy", {**paid.state("synergy"), "Resource": people})
    done = {one.record.key: one.record for one in flow.apply(run, planned.writes)}
    assert done["slip:ps-882"].outcome == "created"
    refused = done["slip:ps-881"]
    assert refused.outcome == "failed"
    assert refused.reason
    assert "Resource 1042 does not exist" in refused.reason.message
    assert set(paid.dossiers()) == {"slip:ps-882"}


# --- how many calls, how much memory ---------------------------------------------------------------------


@pytest.mark.requirement("RUN-8", "RUN-11")
def test_two_calls_a_slip_besides_the_pages(paid: Slips) -> None:
    many = range(2001, 2451)
    rows = [slip(f"ps-{one}", one) for one in many]
    paid.after_pay(*rows, people=tuple(many))
    paid.forget_requests()
    run = paid.pull()
    assert run.counts["created"] == len(rows)
    calls = Counter(paid.calls())
    assert (calls.pop("get documents"), calls.pop("create Document")) == (len(rows), len(rows))
    # 200 rows are a page, and 100 persons are one call.
    assert calls == {
        "list payrollRuns": 1,
        "list payrollYears": 1,
        "list paySlips": 3,
        "list HRMSetting": 1,
        "list Document": 1,
        "list Resource": 5,
    }
    paid.forget_requests()
    paid.pull()
    assert len(paid.calls()) == 2


class Sides:
    """Both systems, with contents of a megabyte that are made when they are asked for."""

    def __init__(self) -> None:
        self.payroll = self.synergy = self
        self.documents = self
        self.stored = 0

    def content(self, document_id: str, language: str) -> bytes:
        del language
        return b"%PDF-" + document_id.encode() * 250_000

    def create(self, values: Any) -> None:
        self.stored += len(values["Content"])


@pytest.mark.requirement("RUN-8")
def test_contents_are_there_one_at_a_time() -> None:
    sides = Sides()
    names = [f"{one:04d}" for one in range(1000, 1040)]
    writes = [written(sides, name) for name in names]
    tracemalloc.start()
    try:
        done = deliver(sides, writes)  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert {one.record.outcome for one in done} == {Outcome.CREATED}
    assert sides.stored > 50_000_000
    assert peak < 6_000_000


def written(sides: Sides, name: str) -> Write[Payload]:
    """What is planned of a slip of 1042."""
    sha = hashlib.sha256(sides.content(name, "nl")).hexdigest()
    key = f"slip:{name}"
    payload = Payload(name, "nl", sha, key, key, 1042, 310, "Payslip 2026-01", "2026-03-02", "2026-01.pdf")
    return Write(Record("document", key, key, Outcome.CREATED, f"slip:run-55:{name}"), payload)


@pytest.mark.requirement("DOC-1", "RUN-8")
def test_a_pdf_of_five_megabytes(paid: Slips) -> None:
    content = base64.b64encode(b"%PDF-1.7 " + bytes(range(256)) * 20_000).decode()
    paid.after_pay(slip(content=content))
    assert paid.said(paid.pull()) == {"slip:ps-881": ("created", "")}
    assert paid.state("synergy")["Document"][0]["Content"] == content


# --- diagnosis -------------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-10", "DOC-1")
def test_the_diagnosis_of_a_person_and_of_a_run(paid: Slips) -> None:
    rows = [slip(), slip("ps-882", 1043), slip("ps-883", 9999), statement(blank=True)]
    paid.after_pay(*rows, payrollYears=[closed()])
    paid.pull()
    seen = {check.name: (check.passed, check.seen) for check in paid.diagnosis("1042")}
    assert seen["has a card in Exact Synergy"] == (True, "ID 1042")
    assert seen["Payslip 2026-01 of employee 1042 (slip:ps-881) is in the dossier"] == (True, "stored")
    passed, why = seen["Annual statement 2025 of employee 1042 (statement:as-1042) is in the dossier"]
    assert (passed, "is still blank" in why) == (False, True)
    found = {check.name: (check.passed, check.seen) for check in paid.diagnosis("run-55")}
    run = "Payroll run Salaris 2026-01 (run-55)"
    assert found[f"{run} is approved"] == (True, "Approved")
    assert found[f"the documents of {run} are in Exact Synergy"] == (False, "2 of 3 are in their dossiers")
    nobody = [check for check in paid.diagnosis("9999") if check.passed is False]
    assert nobody[0].seen == "nobody"
    named = [check for check in paid.diagnosis("slip:ps-883") if check.passed is False]
    assert "(Employee number : 9999)" in named[0].seen


@pytest.mark.requirement("RUN-8")
def test_a_list_that_takes_several_steps_is_read_once(paid: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    many = range(2001, 2451)
    paid.after_pay(*(slip(f"ps-{one}", one) for one in many), people=tuple(many))
    monkeypatch.setattr(Budget, "take", one_page)
    paid.forget_requests()
    run = paid.pull()
    assert (run.counts["created"], run.total) == (450, 450)
    assert paid.calls().count("list paySlips") == 3
    assert paid.waits[:2] == [1, 1]


def one_page(budget: Budget) -> bool:
    """A step reads one page."""
    budget.pages -= 1
    return budget.pages == PAGES_A_STEP - 1


@pytest.mark.requirement("RUN-4", "RUN-5")
@pytest.mark.parametrize("errors", [["after_write_reset"], [503, "reset"], [429]])
def test_trouble_on_both_sides_leaves_each_document_once(paid: Slips, errors: list[Any]) -> None:
    many = range(2001, 2031)
    rows = [slip(f"ps-{one}", one) for one in many]
    paid.after_pay(*rows, statement("as-2001", 2001), people=tuple(many), payrollYears=[closed()])
    for system in ("synergy", "payroll_plus"):
        paid.faults(system, errors=errors, error_rate=0.1, seed=7)
    for _ in range(5):
        if paid.pull().status == "succeeded":
            break
    paid.calm("synergy")
    paid.calm("payroll_plus")
    paid.pull()
    keys = [row["TextFreeField1"] for row in paid.state("synergy")["Document"]]
    assert sorted(keys) == ["slip:ps-" + str(one) for one in many] + ["statement:as-2001"]


@pytest.mark.requirement("DOC-1", "SEC-1")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("page", "CONTENT_NOT_ANNOUNCED"),
        ("truncated", "CONTENT_NOT_ANNOUNCED"),
        ("withdrawn", "DOCUMENT_WITHDRAWN"),
    ],
)
def test_what_arrives_instead_of_a_document_is_stored_nowhere(paid: Slips, fault: str, code: str) -> None:
    paid.after_pay(slip(), slip("ps-890", 1043, runId="run-56"), payrollRuns=[payroll_run(), other_run()])
    paid.faults("payroll_plus", errors=[fault], match="get documents", count=1)
    run = paid.pull()
    assert paid.said(run) == {"slip:ps-881": ("blocked", code), "slip:ps-890": ("created", "")}
    assert set(paid.dossiers()) == {"slip:ps-890"}
    paid.calm("payroll_plus")
    paid.payroll(payrollRuns=[payroll_run(), other_run()])
    assert paid.said(paid.pull()) == {"slip:ps-881": ("created", "")}


def other_run() -> dict[str, Any]:
    """A second run of January."""
    return payroll_run("run-56")


@pytest.mark.requirement("DOC-1", "SEC-1")
def test_no_plan_holds_a_content(paid: Slips) -> None:
    paid.after_pay(slip(content=pdf("of Hanneke, and of nobody else")))
    paid.pull("preview")
    paid.pull()
    kept = [gzip.decompress(body) for body in paid.memory.bucket.objects.values()]
    assert kept
    assert not [body for body in kept if b"nobody else" in body or slip()["content"].encode() in body]
