"""The remedies of the pull of documents, each carried out as it is written."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from local.sandbox import Running
from tests.flows.conftest import Clock
from tests.machines.cures import Cure, carry_out, nothing, then
from tests.worlds.slips import FLOW, TYPES, Slips, closed, payroll_run, pdf, slip, slips, statement

Step = Callable[[Slips], None]
MARCH = "2026-03-01T08:00:00Z"
TESTS = "tests/flows/document_pull/test_documents.py"
WRONG = f"{TESTS}::test_what_payroll_lists_wrongly_is_blocked_until_it_is_listed_rightly"
# The sandbox lists nothing wrongly; and a run that is withdrawn while its slips are pulled.
ELSEWHERE = {
    "DOCUMENT_ANNOUNCED_TWICE": WRONG,
    "DOCUMENT_NOT_ASKED_FOR": WRONG,
    "DOCUMENT_WITHDRAWN": f"{TESTS}::test_a_run_that_is_withdrawn_while_its_slips_are_pulled",
}


@pytest.fixture
def paid(exact: tuple[Running, Clock]) -> Slips:
    """Two people with a dossier, and an approved run."""
    sandboxes, clock = exact
    clock.now = Clock().now
    made = slips(sandboxes.urls, clock)
    made.after_pay()
    return made


# --- what a person does on the screens ---------------------------------------------------------------------


def listed(*documents: dict[str, Any], **more: Any) -> Step:
    """These are the documents of payroll, and these its runs and years."""
    return lambda paid: paid.payroll(documents=list(documents), **more)


def pulled(paid: Slips) -> None:
    """A pull."""
    assert paid.pull().status == "succeeded"


def again(*documents: dict[str, Any]) -> Step:
    """The calculation of January is approved again, with these slips."""
    return listed(*documents, payrollRuns=[payroll_run(at=MARCH)])


def in_synergy(**rows: list[dict[str, Any]]) -> Step:
    """These are the rows of Exact Synergy."""
    return lambda paid: paid.put("synergy", {**paid.state("synergy"), **rows})


def carded(paid: Slips) -> None:
    """A card is made for 9999."""
    people = paid.state("synergy")["Resource"]
    in_synergy(Resource=[*people, {"ID": 9999}])(paid)


def speaks(language: str) -> Step:
    return lambda paid: paid.settings(document_language=language)


DECEMBER = payroll_run("run-12", "2025-12")
YEAR = {"payrollYears": [closed()], "payrollRuns": [DECEMBER]}
TWELFTH = slip("ps-12", runId="run-12")
HTML = base64.b64encode(b"<html>Sign in</html>").decode()
FILED = {"DocumentType": 310, "ResourceID": 1043, "TextFreeField1": "slip:ps-881"}
CURES = [
    Cure(
        "DOCUMENT_TYPE_MISSING",
        then(listed(slip()), in_synergy(HRMSetting=[{**TYPES, "PayrollSlipDocumentType": None}])),
        in_synergy(HRMSetting=[TYPES]),
        "fill in Payroll slip: Document type under Exact Payroll Plus",
    ),
    Cure("UNKNOWN_EMPLOYEE", listed(slip(person=9999)), carded, "If they have none, create it"),
    Cure(
        "DOCUMENT_BLANK",
        listed(statement(blank=True), **YEAR),
        listed(statement(), **YEAR),
        "The next run looks at it again by itself.",
    ),
    Cure(
        "STATEMENT_OUT_OF_DATE",
        then(
            listed(statement(), TWELFTH, **YEAR),
            pulled,
            listed(statement(), TWELFTH, payrollRuns=[{**DECEMBER, "approvedAt": MARCH}]),
        ),
        listed(statement(version=2, content=pdf("again")), TWELFTH),
        "Make the annual statement of this employee for 2025 again in Exact Payroll Plus",
    ),
    Cure(
        "VERSION_HOLDS",
        then(listed(slip()), pulled, again(slip(version=2, content=pdf("again")))),
        nothing,
        "Nothing to do.",
    ),
    Cure(
        "CONTENT_NOT_ANNOUNCED",
        listed(slip(sha256="00" * 32)),
        listed(slip(content=pdf("made again"))),
        "Make the document again in Exact Payroll Plus",
    ),
    Cure(
        "CONTENT_NO_PDF",
        listed(slip(content=HTML)),
        listed(slip()),
        "Make the document again in Exact Payroll Plus",
    ),
    Cure(
        "EMPLOYEE_SPELLED_TWICE",
        listed(slip(), slip("ps-882", "01042")),
        listed(slip(), slip("ps-882", 1043)),
        "correct the employee ID of the other to that of their own card",
    ),
    Cure(
        "DOCUMENT_ID_UNUSABLE",
        listed(slip("ps-881:v2")),
        listed(slip("ps-882")),
        "Report it to Exact with this number",
    ),
    Cure(
        "DOCUMENT_OF_ANOTHER_PERSON",
        then(listed(slip()), pulled, again(slip(person=1043, version=2))),
        then(in_synergy(Document=[]), listed(slip("ps-900", 1043))),
        "make the document again in Exact Payroll Plus under a number of its own",
    ),
    Cure(
        "FILED_FOR_ANOTHER_PERSON",
        then(listed(slip()), in_synergy(Document=[FILED])),
        in_synergy(Document=[]),
        "remove it if it is not of Hanneke de Graaf (1043)",
    ),
    Cure(
        "DOCUMENT_CHANGED",
        then(listed(slip()), pulled, again(slip(content=pdf("else")))),
        listed(slip(version=2, content=pdf("else")), payrollRuns=[payroll_run(at="2026-03-02T01:00:00Z")]),
        "so that the document gets a version of its own",
    ),
    Cure(
        "RUN_WITHDRAWN",
        then(listed(slip()), pulled, listed(slip(), payrollRuns=[payroll_run(status="Open")])),
        again(slip()),
        "once the calculation is approved again",
    ),
    Cure("NO_DOCUMENTS", again(), listed(slip()), "The next run looks at it again by itself."),
    Cure(
        "NO_DOCUMENTS_IN_LANGUAGE",
        then(listed(slip()), speaks("fr")),
        speaks("nl"),
        "document_language of this connection to nl",
    ),
]


@pytest.mark.requirement("RUN-7", "DOC-1", "DOC-2", "DOC-3", "DOC-4")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(paid: Slips, case: Cure) -> None:
    carry_out(paid, FLOW, case)
