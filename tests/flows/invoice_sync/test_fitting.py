"""Tax codes that the settings name: checked when it is connected, listed by the diagnosis (CON-2, IN-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.invoices import Side, TaxCode
from payrelay.errors import NeedsAttention
from payrelay.flows.invoice_sync.diagnose import of_taxes
from payrelay.flows.invoice_sync.fitting import check
from payrelay.flows.invoice_sync.read import Books, Chart
from payrelay.systems.rows import BadRow, Listed

STANDARD, ZERO, EXEMPT = (
    TaxCode(key, name, Decimal(rate), frozenset(Side))
    for key, name, rate in (("3", "20.0% S", 20), ("4", "0.0% Z", 0), ("5", "Exempt", 0))
)
CODES = [STANDARD, ZERO, EXEMPT]
CHART = Chart(
    nominals={},
    tax_codes=CODES,
    selectors={"4000": "T1", "4300": "T0"},
    care_of=False,
    needs_tax=True,
    needs_selector=False,
)
RATES = {"T0": Decimal(0), "T1": Decimal(20)}


class Package:
    """A package with these tax codes."""

    def tax_codes(self) -> Listed[TaxCode]:
        return Listed(CODES)


def settings(**codes: Any) -> dict[str, Any]:
    return {"package": "quickbooks", "autovu": {"base_url": "http://127.0.0.1:1"}, "tax_codes": codes}


def books(**codes: tuple[str, ...]) -> Books:
    nobody: Any = None
    return Books(nobody, nobody, "quickbooks", nobody, ("demo", "con_1"), RATES, codes)


@pytest.mark.requirement("CON-2", "IN-3")
@pytest.mark.parametrize("codes", [{}, {"T0": "Exempt"}, {"T0": "5"}, {"T0": ["0.0% z"], "T1": "3"}])
def test_names_that_the_package_has_are_good(codes: dict[str, Any]) -> None:
    check({"quickbooks": Package()}, settings(**codes))


@pytest.mark.requirement("CON-2", "IN-3")
def test_a_name_that_the_package_does_not_have_is_told_with_those_that_it_has() -> None:
    """(faults E1)"""
    with pytest.raises(NeedsAttention) as told:
        check({"quickbooks": Package()}, settings(T0=["0.0% Z", "Zero"]))
    assert told.value.code == "TAX_CODE_NOT_THERE"
    assert "name Zero for T0" in told.value.message
    assert "20.0% S (3), 0.0% Z (4), Exempt (5)" in told.value.remedy
    assert told.value.remedy.startswith("Name one of these for T0 in `tax_codes`, and connect again: ")
    check({"quickbooks": Package()}, settings(T0=["0.0% Z", "Exempt"]))


@pytest.mark.requirement("IN-3", "IN-12")
def test_the_diagnosis_offers_the_codes_that_a_selector_may_stand_for() -> None:
    """(faults E1)"""
    (unsure,) = of_taxes(books(), CHART)
    assert (unsure.passed, unsure.seen) == (False, "T0: 0.0% Z (4), Exempt (5); T1: 20.0% S (3)")
    assert unsure.remedy
    assert unsure.remedy.endswith("of T0: 0.0% Z (4), Exempt (5).")
    (sure,) = of_taxes(books(T0=("Exempt",)), CHART)
    assert (sure.passed, sure.seen) == (True, "T0: Exempt (5); T1: 20.0% S (3)")


@pytest.mark.requirement("IN-12", "RUN-4")
def test_the_diagnosis_tells_of_tax_codes_that_can_not_be_read() -> None:
    """(faults F3)"""
    bad = (BadRow("6", "Odd", "RateValue of the tax rate Odd", "is missing"),)
    chart = Chart(
        **{**{name: getattr(CHART, name) for name in CHART.__struct_fields__}, "bad_tax_codes": bad}
    )
    unreadable, _ = of_taxes(books(T0=("5",)), chart)
    assert (unreadable.passed, unreadable.seen) == (False, "Odd: RateValue of the tax rate Odd is missing")
