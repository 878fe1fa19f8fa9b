"""What the trading company sells and buys, and the documents that tell something."""

from typing import NamedTuple


class Job(NamedTuple):
    """One line: quantity and price as text, `tax` an AutoVu selector or None."""

    text: str
    nominal: str
    quantity: str
    price: str
    tax: str | None


class Telling(NamedTuple):
    """A document before it has number, day and sums."""

    kind: str
    party: str
    jobs: tuple[Job, ...]
    sent: bool = True
    marked: bool = True
    care_of: bool = False
    currency: str | None = None
    reference: str | None = None


# Tax falls on whole pennies in each line, so that every package's rounding comes to the same total.
SOLD = (
    Job("Boiler service", "4000", "1", "95.00", "T1"),
    Job("Emergency call-out, first hour", "4000", "1", "120.00", "T1"),
    Job("Labour, two engineers", "4000", "7.5", "68.00", "T1"),
    Job("Landlord gas safety record", "4000", "3", "72.50", "T1"),
    Job("Legionella risk assessment", "4000", "1", "245.00", "T1"),
    Job("Copper pipe 15 mm, 3 m", "4100", "12", "9.25", "T1"),
    Job("Thermostatic radiator valve", "4100", "8", "21.40", "T1"),
    Job("Unvented cylinder, 210 l", "4100", "1", "1148.75", "T1"),
    Job('Pump, 1" connections', "4100", "2", "134.95", "T1"),
    Job("Cavity wall insulation, per m²", "4200", "84.5", "12.00", "T5"),
    Job("Heating controls upgrade", "4200", "1", "386.20", "T5"),
    Job("Air-source heat pump, commissioning", "4200", "2", "415.00", "T5"),
    Job("Adapted bathroom for a disabled customer", "4000", "1", "2310.00", "T0"),
)
BOUGHT = (
    Job("Radiator valves, box of 10", "5000", "4", "118.50", "T1"),
    Job("Copper fittings, assorted", "5000", "1", "86.35", "T1"),
    Job("Cable 2.5 mm², 100 m", "5000", "3", "79.90", "T1"),
    Job("Consumer unit, 12 way", "5000", "2", "142.25", "T1"),
    Job("Labour on site, electrician", "5100", "16", "34.00", "T1"),
    Job("Wiring regulations, 18th edition", "7500", "2", "93.00", "T0"),
)
_SERVICE, _PIPE = SOLD[0], SOLD[5]
# A line's tax is 2.004, so three lines have 6.00 together, while 20 % of their sum is 6.01.
_PENNIES = Job("Parking permit, recharged", "4000", "1", "10.02", "T1")
_WEEKS = tuple(
    Job(f"Planned maintenance, plant room {number}", "4000", "1", f"{20 + number % 7}.50", "T1")
    for number in range(1, 201)
)

TELLING = (
    # S1000: the packages have an invoice of this number already.
    Telling("SalesInvoice", "Harper Ltd", (_SERVICE,)),
    Telling("SalesInvoice", "O'Neil & Sons", (_SERVICE, _PIPE), sent=False),
    Telling("SalesInvoice", "Brook Farm Ltd 2", (_SERVICE,)),
    Telling("SalesInvoice", "Ørsted Joinery", (SOLD[2], SOLD[7])),
    Telling("SalesInvoice", "Northgate Surgery", (SOLD[4],)),
    Telling("SalesInvoice", "St. Mary's School", (SOLD[3],), care_of=True),
    Telling("SalesInvoice", "Harper Ltd", (_PIPE, Job("Scrap copper", "4999", "1", "60.00", "T1"))),
    Telling("SalesInvoice", "Harper Ltd", (Job("Gas safety course", "4300", "2", "180.00", None),)),
    Telling("SalesInvoice", 'The "Old Forge" Café', (_SERVICE, Job("  ", "4100", "1", "45.00", "T1"))),
    Telling("SalesInvoice", "O'Neil & Sons", (SOLD[12], _PIPE)),
    Telling("SalesInvoice", "Brook Farm Ltd", (_PENNIES, _PENNIES, _PENNIES)),
    Telling("SalesInvoice", "Harper Ltd", (SOLD[8],), currency="EUR", reference="Dublin office"),
    Telling("SalesInvoice", "Northgate Surgery", _WEEKS[:2]),
    Telling("SalesInvoice", "St. Mary's School", _WEEKS, reference="Contract 2026"),
    # Not sent, and with a nominal that the package does not have.
    Telling("SalesInvoice", "Brook Farm Ltd", (Job("Old stock", "4999", "3", "15.00", "T1"),), sent=False),
    Telling("SalesInvoice", "Brook Farm Ltd 2", (SOLD[1],), sent=False),
    Telling("SalesInvoice", "Harper Ltd", (SOLD[1],), marked=False),
    Telling("SalesCreditNote", "Harper Ltd", (_SERVICE,), reference="Credit for S1000"),
    Telling("SalesCreditNote", "Ørsted Joinery", (_PIPE,)),
    Telling("SalesCreditNote", "Brook Farm Ltd", (_PIPE,), marked=False),
    Telling("SupplierInvoice", "Pennine Plumbing Supplies", (BOUGHT[0], BOUGHT[1])),
    Telling("SupplierInvoice", "Ridge Subcontracting", (BOUGHT[4],)),
    Telling("SupplierInvoice", "Dales Electrical Wholesale", (BOUGHT[2], Job("", "5000", "1", "8.00", "T1"))),
    Telling("SupplierInvoice", "Ridge Subcontracting", (BOUGHT[4], BOUGHT[3])),
    Telling("SupplierInvoice", "Pennine Plumbing Supplies", (BOUGHT[1],), marked=False),
)
