"""Documents of Payroll Plus and of Synergy: what is asked for and how, against the sandboxes (DOC)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from local.sandbox import Options, running
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, Rejected
from payrelay.systems import payroll_plus, synergy
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.payroll_plus.client import PayrollPlusClient
from payrelay.systems.rows import BadRow
from payrelay.systems.synergy.client import SynergyClient
from payrelay.systems.synergy.documents import DocumentTypes

USER = {"username": Secret("payrelay-sandbox"), "password": Secret("sandbox-password")}
PDF = b"%PDF-1.7 \x00\xff of Hanneke"
SLIP = {"documentId": "ps-881", "employeeId": "1042", "runId": "run-55"}


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with running(options=Options(rate_limits=False)) as served:
        yield dict(served.urls)


@pytest.fixture
def options() -> DoorOptions:
    return DoorOptions(allow_loopback=True, paced=False, sleep=lambda _: None)


@pytest.fixture
def payroll(urls: dict[str, str], options: DoorOptions) -> PayrollPlusClient:
    run = {"runId": "run-55", "prPeriod": "2026-01", "status": "Approved"}
    content = base64.b64encode(PDF).decode()
    put(urls["payroll_plus"], payrollRuns=[run], documents=[{**SLIP, "content": content}])
    return payroll_plus.connect(urls["payroll_plus"], {**USER, "employer_id": Secret("emp-500")}, options)


@pytest.fixture
def office(urls: dict[str, str], options: DoorOptions) -> SynergyClient:
    put(urls["synergy"], Resource=[{"ID": number} for number in (1042, 1043)])
    return synergy.connect(urls["synergy"], USER, options)


def put(url: str, **state: Any) -> None:
    requests.put(f"{url}/_sandbox/state", json=state, timeout=30).raise_for_status()


def document(key: str, person: int = 1042) -> dict[str, Any]:
    return {"DocumentType": 310, "Subject": "Payslip", "ResourceID": person, "TextFreeField1": key}


@pytest.mark.requirement("DOC-1")
def test_a_content_comes_as_it_stands(payroll: PayrollPlusClient) -> None:
    found = payroll.documents.slips("run-55", "nl")
    bad: list[BadRow] = []
    (row,) = found.rows.take(bad)
    assert (bad, found.next) == ([], None)
    assert repr(row) == "Document(document_id='ps-881', kind='PaySlip', version=1)"
    assert payroll.documents.content(row.document_id, "nl") == PDF
    with pytest.raises(Rejected) as refused:
        payroll.documents.content(row.document_id, "en")
    assert refused.value.code == "NotFound"
    with pytest.raises(Rejected) as unusable:
        payroll.documents.content("..", "nl")
    assert unusable.value.code == "UNUSABLE_ID"


@pytest.mark.requirement("DOC-1")
@pytest.mark.parametrize(
    ("rows", "types"),
    [
        ([], DocumentTypes()),
        ([{}], DocumentTypes()),
        ([{"PayrollSlipDocumentType": 310}], DocumentTypes(slip=310)),
        (
            [{"PayrollSlipDocumentType": 0, "AnnualStatementDocumentType": 311}],
            DocumentTypes(statement=311),
        ),
    ],
)
def test_document_types_that_are_not_defined(
    office: SynergyClient, urls: dict[str, str], rows: list[Any], types: DocumentTypes
) -> None:
    put(urls["synergy"], HRMSetting=rows)
    assert office.documents.types() == types


@pytest.mark.requirement("DOC-2")
def test_persons_in_whatever_status_a_hundred_in_a_call(office: SynergyClient, urls: dict[str, str]) -> None:
    people = [{"ID": number, "FullName": f"P{number}"} for number in range(100_000_000, 100_000_150)]
    put(urls["synergy"], Resource=[*people, {"ID": 7, "EmployeeStatus": "I", "FullName": "Left"}])
    found = office.documents.persons([7, 8, *(row["ID"] for row in people)])
    assert len(found) == 151
    assert (found[7], 8 in found) == ("Left", False)


@pytest.mark.requirement("DOC-3", "RUN-5")
def test_documents_are_found_by_their_keys_letter_by_letter(office: SynergyClient) -> None:
    keys = [f"slip:{'x' * 40}'{one}&é" for one in range(60)]
    assert not office.documents.any_there("slip:", "statement:")
    for key in keys:
        office.documents.create(document(key))
    office.documents.create(document("SLIP:PS-1", 1043))
    assert office.documents.any_there("slip:", "statement:")
    bad: list[BadRow] = []
    found = office.documents.filed([*keys, "slip:ps-1", "slip:nothing"]).take(bad)
    assert {row.key for row in found} == set(keys)
    assert {row.resource_id for row in found} == {1042}
    assert len(office.documents.filed_for(1042, "slip:", "statement:")) == len(keys)
    assert bad == []


@pytest.mark.requirement("DOC-1", "RUN-4")
def test_what_keeps_a_document_out(office: SynergyClient, urls: dict[str, str]) -> None:
    with pytest.raises(OutcomeUnknown) as business:
        office.documents.create(document("slip:1", 9999))
    assert business.value.answered
    put(urls["synergy"], Resource=[{"ID": 1042}], settings=[{"no_right": ["Document"]}])
    with pytest.raises(CredentialsRefused, match="right to create Document"):
        office.documents.create(document("slip:1"))
