"""A trading company as AutoVu and the accounting packages know it: the facts that their data share."""

from typing import NamedTuple

CURRENCY = "GBP"


class Nominal(NamedTuple):
    """A row of the chart of accounts; `used_for` is `Sales` or `Expenses`, `tax` AutoVu's tax selector."""

    code: str
    name: str
    used_for: str
    tax: str


class Party(NamedTuple):
    """A customer or supplier; `known` says that the packages have it already, under exactly this name."""

    name: str
    email: str
    line1: str
    town: str
    postcode: str
    known: bool


# AutoVu's tax selectors with their rates in per cent.
TAXES = {"T0": "0", "T1": "20", "T5": "5"}
# Every package has several codes of 0 %: which of them AutoVu's T0 stands for, a person has to say.
TAX_CODES: dict[str, dict[str, str | list[str]]] = {
    "quickbooks": {"T0": "0.0% Z"},
    "xero": {"T0": ["ZERORATEDOUTPUT", "ZERORATEDINPUT"]},
    "sage": {"T0": "Zero Rated"},
}
NOMINALS = (
    Nominal("4000", "Service income", "Sales", "T1"),
    Nominal("4100", "Parts and materials sold", "Sales", "T1"),
    Nominal("4200", "Energy-saving work", "Sales", "T5"),
    Nominal("4300", "Training, zero-rated", "Sales", "T0"),
    Nominal("5000", "Materials purchased", "Expenses", "T1"),
    Nominal("5100", "Subcontractors", "Expenses", "T1"),
    Nominal("7500", "Books and manuals", "Expenses", "T0"),
)
CUSTOMERS = (
    Party("Harper Ltd", "ap@harper.example", "1 High Street", "Leeds", "LS1 1AA", known=True),
    Party("Brook Farm Ltd", "office@brookfarm.example", "Mill Lane", "York", "YO1 7AB", known=True),
    Party("O'Neil & Sons", "accounts@oneil.example", "22 Quay Road", "Hull", "HU1 2QQ", known=True),
    Party('The "Old Forge" Café', "hello@oldforge.example", "3 Forge Row", "Whitby", "YO21 3PU", known=True),
    Party("Brook Farm Ltd 2", "second@brookfarm.example", "Mill Lane", "York", "YO1 7AB", known=False),
    Party("Ørsted Joinery", "post@orsted.example", "9 Dock Street", "Goole", "DN14 5AA", known=False),
    Party("Northgate Surgery", "practice@northgate.example", "1 Northgate", "Otley", "LS21 1BB", known=True),
    Party("St. Mary's School", "bursar@stmarys.example", "Church Hill", "Ripon", "HG4 1PA", known=True),
)
SUPPLIERS = (
    Party("Pennine Plumbing Supplies", "sales@pennine.example", "Unit 4", "Bradford", "BD1 1AA", known=True),
    Party("Dales Electrical Wholesale", "ar@dales.example", "Unit 12", "Skipton", "BD23 1AA", known=True),
    Party("Ridge Subcontracting", "office@ridge.example", "The Ridge", "Ilkley", "LS29 8AA", known=False),
)
