"""Sage Accounting before the first sync: the known parties, the chart of accounts, and an invoice of old."""

import hashlib
from datetime import UTC, date, datetime, timedelta

from . import trade
from .state import Row, State

# The user's lead business is a shop given up: whoever forgets to name the other one ends up there.
LEAD = "5b7b4c2d7f9e4d3aa1c0e8f6d2b41907"
BUSINESS = "0d40342d0287cd6b13555c54afca6c90"
TAX_RATES = {"T0": "GB_ZERO", "T1": "GB_STANDARD", "T5": "GB_LOWER"}
_RATES = (
    ("GB_STANDARD", "Standard", "20"),
    ("GB_LOWER", "Lower Rate", "5"),
    ("GB_ZERO", "Zero Rated", "0"),
    ("GB_EXEMPT", "Exempt", "0"),
    ("GB_NO_TAX", "No Tax", "0"),
)
# The standard rate was lower for a year.
_STANDARD = [
    {"percentage": "15", "from_date": "2008-12-01", "to_date": "2009-12-31"},
    {"percentage": "17.5", "from_date": "2010-01-01", "to_date": "2011-01-03"},
    {"percentage": "20", "from_date": "2011-01-04"},
]


def sage_state(today: date | None = None) -> State:
    """Two businesses of one user; the second one has what AutoVu's documents name."""
    day = today or datetime.now(UTC).date()
    return {
        "businesses": [
            {"id": LEAD, "name": "Old Shop", "lead": True, "subscriptions": [{"active": False}]},
            {"id": BUSINESS, "name": "Payrelay Demo", "subscriptions": [{"active": True}]},
        ],
        "tax_rates": [_tax_rate(*rate) for rate in _RATES],
        "ledger_accounts": [_ledger_account(nominal) for nominal in trade.NOMINALS],
        "contacts": [*_contacts(trade.CUSTOMERS, "CUSTOMER"), *_contacts(trade.SUPPLIERS, "VENDOR")],
        "sales_invoices": [_invoice_of_old(day)],
    }


def _tax_rate(key: str, name: str, percentage: str) -> Row:
    valid = _STANDARD if key == "GB_STANDARD" else [{"percentage": percentage, "from_date": "1973-04-01"}]
    return {"id": key, "name": name, "percentage": percentage, "percentages": valid}


def _ledger_account(nominal: trade.Nominal) -> Row:
    return {
        "id": _id("ledger", nominal.code),
        "business_id": BUSINESS,
        "nominal_code": int(nominal.code),
        "name": nominal.name,
        "tax_rate": {"id": TAX_RATES[nominal.tax]},
        "visible_in_sales": nominal.used_for == "Sales",
        "visible_in_expenses": nominal.used_for == "Expenses",
    }


def _contacts(parties: tuple[trade.Party, ...], kind: str) -> list[Row]:
    return [_contact(party, kind) for party in parties if party.known]


def _contact(party: trade.Party, kind: str) -> Row:
    return {
        "id": _id("contact", party.name),
        "business_id": BUSINESS,
        "name": party.name,
        "contact_types": [{"id": kind}],
        "currency": {"id": trade.CURRENCY},
        "main_address": {
            "address_line_1": party.line1,
            "city": party.town,
            "postal_code": party.postcode,
            "country_id": "GB",
        },
        "main_contact_person": {
            "contact_person_type_ids": ["ACCOUNTS"],
            "name": party.name,
            "email": party.email,
            "is_main_contact": True,
        },
    }


def _invoice_of_old(day: date) -> Row:
    """An invoice that somebody made in Sage itself: its number is taken."""
    line = {
        "description": "Call-out",
        "ledger_account": {"id": _id("ledger", "4000")},
        "quantity": "1",
        "unit_price": "80",
        "tax_rate": {"id": "GB_STANDARD"},
        "tax_amount": "16",
    }
    return {
        "id": _id("sales_invoice", "S1000"),
        "business_id": BUSINESS,
        "contact": {"id": _id("contact", "Harper Ltd")},
        "date": (day - timedelta(days=40)).isoformat(),
        "due_date": (day - timedelta(days=10)).isoformat(),
        "reference": "S1000",
        "invoice_lines": [line],
    }


def _id(*parts: str) -> str:
    return hashlib.md5("/".join(("sage", *parts)).encode(), usedforsecurity=False).hexdigest()
