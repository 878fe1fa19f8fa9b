"""Demo Company (UK) in Xero: its chart of accounts, UK tax rates, known contacts, and one invoice by hand."""

from .state import Row, State
from .trade import CURRENCY, CUSTOMERS, NOMINALS, SUPPLIERS, Nominal, Party

ORGANISATION = "Demo Company (UK)"
# AutoVu's tax selectors as Xero's tax types, by what the account is used for.
_TAX_TYPES = {
    ("Sales", "T0"): "ZERORATEDOUTPUT",
    ("Sales", "T1"): "OUTPUT2",
    ("Sales", "T5"): "RROUTPUT",
    ("Expenses", "T0"): "ZERORATEDINPUT",
    ("Expenses", "T1"): "INPUT2",
    ("Expenses", "T5"): "RRINPUT",
}
_RATES = (
    ("OUTPUT2", "20% (VAT on Income)", 20.0, True, False),
    ("INPUT2", "20% (VAT on Expenses)", 20.0, False, True),
    ("RROUTPUT", "5% (VAT on Income)", 5.0, True, False),
    ("RRINPUT", "5% (VAT on Expenses)", 5.0, False, True),
    ("ZERORATEDOUTPUT", "Zero Rated Income", 0.0, True, False),
    ("ZERORATEDINPUT", "Zero Rated Expenses", 0.0, False, True),
    ("EXEMPTOUTPUT", "Exempt Income", 0.0, True, False),
    ("NONE", "No VAT", 0.0, True, True),
)
_NOT_FOR_LINES = (
    {"Name": "Business Bank Account", "Type": "BANK", "Code": "1200", "TaxType": "NONE"},
    {"Name": "Accounts Receivable", "Type": "CURRENT", "Code": "610", "SystemAccount": "DEBTORS"},
    {"Name": "Accounts Payable", "Type": "CURRLIAB", "Code": "800", "SystemAccount": "CREDITORS"},
    {"Name": "Hire of plant", "Type": "EXPENSE", "Code": "7800", "TaxType": "INPUT2", "Status": "ARCHIVED"},
)


def xero_state() -> State:
    """The books of one organisation."""
    return {
        "connections": [{"tenantName": ORGANISATION}],
        "TaxRates": [_tax_rate(*rate) for rate in _RATES],
        "Accounts": [*(_account(nominal) for nominal in NOMINALS), *_NOT_FOR_LINES],
        "Contacts": [
            *(_contact(party, supplies=False) for party in CUSTOMERS if party.known),
            *(_contact(party, supplies=True) for party in SUPPLIERS if party.known),
        ],
        "Invoices": [_made_by_hand()],
    }


def _tax_rate(tax_type: str, name: str, rate: float, sales: bool, expenses: bool) -> Row:
    return {
        "TaxType": tax_type,
        "Name": name,
        "EffectiveRate": rate,
        "CanApplyToRevenue": sales,
        "CanApplyToExpenses": expenses,
    }


def _account(nominal: Nominal) -> Row:
    return {
        "Code": nominal.code,
        "Name": nominal.name,
        "Type": "SALES" if nominal.used_for == "Sales" else "DIRECTCOSTS",
        "TaxType": _TAX_TYPES[nominal.used_for, nominal.tax],
    }


def _contact(party: Party, *, supplies: bool) -> Row:
    address = {
        "AddressType": "STREET",
        "AddressLine1": party.line1,
        "City": party.town,
        "PostalCode": party.postcode,
        "Country": "GB",
    }
    return {
        "Name": party.name,
        "EmailAddress": party.email,
        "Addresses": [address],
        "IsCustomer": not supplies,
        "IsSupplier": supplies,
    }


def _made_by_hand() -> Row:
    """Somebody made S1000 in Xero itself: AutoVu's next document of that number will meet it."""
    line = {"Description": "Call-out", "Quantity": 1, "UnitAmount": 85.0, "AccountCode": "4000"}
    return {
        "Type": "ACCREC",
        "InvoiceNumber": "S1000",
        "Contact": {"Name": "Harper Ltd"},
        "Date": "2026-01-05",
        "DueDate": "2026-02-04",
        "CurrencyCode": CURRENCY,
        "Reference": "by hand",
        "LineItems": [line],
    }
