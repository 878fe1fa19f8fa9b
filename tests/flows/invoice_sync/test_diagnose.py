"""What the diagnosis says of one document, and of many: what each fix would free (IN-12)."""

from __future__ import annotations

import pytest

from payrelay.domain.invoices import Kind, Posted
from payrelay.domain.runs import Check
from payrelay.flows.invoice_sync.diagnose import of_all, of_one
from payrelay.flows.invoice_sync.rules import CHECKS, Seen
from tests.worlds.documents import HARPER, INVOICE, NOMINALS, STANDARD
from tests.worlds.structs import replace

CLEAN = Seen(
    package="QuickBooks",
    document=INVOICE,
    accs_id="129",
    account=HARPER,
    alike=(),
    care_of_id=None,
    care_of=None,
    nominals=NOMINALS,
    selectors={},
    tax_codes={1: STANDARD},
    needs_tax=True,
)
TAKEN = Posted("396", Kind.SALES_INVOICE, "S1000", "7", INVOICE.gross)


def document(number: str, *, sent: bool = True, taken: bool = False) -> Seen:
    """One of many: perhaps not sent, perhaps of a number that is in use."""
    one = replace(INVOICE, document_id=f"d-{number}", number=number, sent=sent)
    return replace(CLEAN, document=one, taken=TAKEN if taken else None)


@pytest.mark.requirement("IN-12")
def test_of_one_document_every_check_is_told_and_what_to_do() -> None:
    found = of_one(document("S1000", sent=False, taken=True))
    assert [check.name for check in found] == ["is on the list", *(rule.name for rule in CHECKS)]
    assert {check.name for check in found if not check.passed} == {"marked as sent", "document number is new"}
    sent = found[1]
    assert (sent.seen, sent.passed) == ("Cannot sync until marked as sent.", False)
    assert sent.remedy
    assert sent.remedy.startswith("E-mail Sales invoice S1000 from AutoVu")
    assert found[2] == Check("matching accounts id", True, "yes", None)


@pytest.mark.requirement("IN-12")
def test_of_many_documents_each_fix_says_how_many_it_alone_frees() -> None:
    seen = [document("S2001", sent=False), document("S1000", sent=False, taken=True), document("S2003")]
    checks = {check.name: check for check in of_all(seen)}
    assert checks["marked as sent"].seen == (
        "2 of 3 documents fail: Sales invoice S2001, Sales invoice S1000; this fix alone frees 1"
    )
    assert checks["document number is new"].seen.endswith("Sales invoice S1000; this fix alone frees 0")
    assert checks["every line has text"] == Check("every line has text", True, "all 3 documents")


@pytest.mark.requirement("IN-12")
def test_two_documents_of_one_label_are_two_and_only_ten_are_named() -> None:
    one = document("S1", sent=False)
    twins = [replace(one, document=replace(one.document, document_id=str(number))) for number in range(12)]
    (check,) = [one for one in of_all(twins) if not one.passed]
    assert check.seen.startswith("12 of 12 documents fail: Sales invoice S1, ")
    assert check.seen.endswith("Sales invoice S1 and 2 more; this fix alone frees 12")
