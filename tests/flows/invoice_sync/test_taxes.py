"""Which tax code a line goes with, as a table: named, the only one of a rate, or not sure (IN-3, IN-11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.invoices import DatedRate, Document, Kind, Side, TaxCode
from payrelay.domain.records import Reason
from payrelay.flows.invoice_sync.taxes import Codes, Meant, code_of
from tests.worlds.documents import INVOICE, LINE
from tests.worlds.structs import replace

SALES, BOTH = frozenset({Side.CUSTOMER}), frozenset(Side)
NEW_YEAR = date(2027, 1, 1)
OUTPUT = TaxCode("OUTPUT2", "20% (VAT on Income)", Decimal(20), SALES)
INPUT = TaxCode("INPUT2", "20% (VAT on Expenses)", Decimal(20), frozenset({Side.SUPPLIER}))
RAISED = TaxCode("OUTPUT3", "22% (VAT on Income)", Decimal(22), SALES)
REDUCED = TaxCode("RROUTPUT", "5% (VAT on Income)", Decimal(5), SALES)
ZERO, EXEMPT, OUTSIDE = (
    TaxCode(name.upper(), name, Decimal(0), BOTH) for name in ("Zero rated", "Exempt", "Outside the scope")
)
MOVING = TaxCode(
    "GB_STANDARD",
    "Standard",
    Decimal(22),
    BOTH,
    (DatedRate(Decimal(20), None, date(2026, 12, 31)), DatedRate(Decimal(22), NEW_YEAR)),
)
ALL = (OUTPUT, INPUT, RAISED, REDUCED, ZERO, EXEMPT, OUTSIDE)
T1, T0 = Meant("T1", rate=Decimal(20)), Meant("T0", rate=Decimal(0))


def named(*names: str) -> Meant:
    return Meant("T1", names)


def line(net: str = "100.00", tax: str = "20.00", **changed: Any) -> dict[str, Any]:
    """A document of one line of these amounts."""
    return {"lines": (replace(LINE, net=Decimal(net), tax=Decimal(tax)),), **changed}


def spread(*taxes: str) -> dict[str, Any]:
    """Several lines of 10.02 with these taxes."""
    return {
        "lines": tuple(
            replace(LINE, line_no=number, net=Decimal("10.02"), tax=Decimal(tax))
            for number, tax in enumerate(taxes, 1)
        )
    }


BILL = {"kind": Kind.SUPPLIER_INVOICE}
TABLE: list[tuple[str, dict[str, Any], Meant, tuple[TaxCode, ...], str | None]] = [
    ("the only one of the rate", line(), T1, ALL, "OUTPUT2"),
    ("of a bill: its own side", line(**BILL), T1, ALL, "INPUT2"),
    ("named by its name", line(), named("20% (VAT on Income)"), ALL, "OUTPUT2"),
    ("named in other letters and blanks", line(), named("20%  (vat on income)"), ALL, "OUTPUT2"),
    ("named by its id", line(), named("OUTPUT2"), ALL, "OUTPUT2"),
    ("named for either side", line(**BILL), named("OUTPUT2", "INPUT2"), ALL, "INPUT2"),
    (
        "named before and after a change of rate",
        line(tax="22.00"),
        named("OUTPUT2", "OUTPUT3"),
        ALL,
        "OUTPUT3",
    ),
    ("named among three of nothing", line(tax="0.00"), named("Exempt"), ALL, "EXEMPT"),
    ("a name that the package does not have", line(), named("20% (old)"), ALL, "TAX_CODE_UNKNOWN"),
    ("a name of the other side", line(**BILL), named("OUTPUT2"), ALL, "TAX_CODE_UNKNOWN"),
    ("two named of one rate", line(tax="0.00"), named("Exempt", "Zero rated"), ALL, "TAX_CODE_AMBIGUOUS"),
    ("named, and the line has another rate", line(tax="22.00"), named("OUTPUT2"), ALL, "TAX_NOT_OF_RATE"),
    ("three of nothing", line(tax="0.00"), T0, ALL, "TAX_CODE_AMBIGUOUS"),
    ("one of nothing", line(tax="0.00"), T0, (OUTPUT, ZERO), "ZERO RATED"),
    ("the old rate of an old document", line(), Meant("T1", rate=Decimal(22)), ALL, "OUTPUT2"),
    ("the new rate of a new one", line(tax="22.00"), T1, ALL, "OUTPUT3"),
    ("a code whose rate changes, before", line(date=date(2026, 12, 31)), T1, (MOVING,), "GB_STANDARD"),
    ("a code whose rate changes, after", line(tax="22.00", date=NEW_YEAR), T1, (MOVING,), "GB_STANDARD"),
    ("its old rate after the change", line(date=NEW_YEAR), named("Standard"), (MOVING,), "TAX_NOT_OF_RATE"),
    ("no tax where there should be some", line(tax="0.00"), T1, ALL, "TAX_NOT_OF_RATE"),
    ("tax where there should be none", line(), T0, (OUTPUT, ZERO), "TAX_NOT_OF_RATE"),
    ("tax of no rate at all", line(tax="15.00"), T1, ALL, "TAX_NOT_OF_RATE"),
    (
        "a rate that the package does not have",
        line(tax="12.50"),
        Meant("T8", rate=Decimal("12.5")),
        ALL,
        None,
    ),
    ("a line of nothing", line("0.00", "0.00"), T1, ALL, "OUTPUT2"),
    ("a negative line", line("-100.00", "-20.00"), T1, ALL, "OUTPUT2"),
    ("rounded up by a cent", line("10.02", "2.01"), T1, ALL, "OUTPUT2"),
    ("two cents off", line("10.02", "2.02"), T1, ALL, "TAX_NOT_OF_RATE"),
    ("the rounding of all lines on one", spread("2.02", "2.00", "2.00"), T1, ALL, "OUTPUT2"),
    ("more than the rounding of all lines", spread("2.06", "2.00", "2.00"), T1, ALL, "TAX_NOT_OF_RATE"),
    ("no code at all", line(), T1, (), None),
]


@pytest.mark.requirement("IN-3", "IN-11")
@pytest.mark.parametrize(
    ("document", "meant", "codes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_line_goes_with_the_one_code_that_can_be_meant(
    document: dict[str, Any], meant: Meant, codes: tuple[TaxCode, ...], expected: str | None
) -> None:
    """(faults E1) (faults E2)"""
    one: Document = replace(INVOICE, **document)
    found = code_of(one.lines[0], meant, one, Codes("Xero", codes))
    assert (found.code if isinstance(found, Reason) else found and found.id) == expected


@pytest.mark.requirement("IN-3")
def test_what_is_not_sure_names_all_that_it_may_be_and_where_to_say_so() -> None:
    one = replace(INVOICE, **line(tax="0.00"))
    why = code_of(one.lines[0], T0, one, Codes("Xero", ALL))
    assert isinstance(why, Reason)
    candidates = "Zero rated (ZERO RATED), Exempt (EXEMPT), Outside the scope (OUTSIDE THE SCOPE)"
    assert why.message == (
        f"Line 1 of Sales invoice S1234: T0 with 0 % may be any of these tax codes of Xero: {candidates}."
    )
    assert why.remedy == f"Name the one that is meant for T0 in the connection's `tax_codes`: {candidates}."
