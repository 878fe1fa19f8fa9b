"""The trading company's books in QuickBooks: nominals, tax codes, known names, and one old invoice."""

from itertools import count

from . import trade
from .state import Row, State

# Name of the code, per cent on sales and on purchases.
_TAX_CODES = (("20.0% S", 20), ("5.0% R", 5), ("0.0% Z", 0), ("Exempt", 0), ("No VAT", 0))
_ACCOUNT_TYPES = {"Sales": ("Income", "Revenue"), "Expenses": ("Expense", "Expense")}
_CONTROL = (
    ("1100", "Debtors", "Accounts Receivable", "Asset"),
    ("2100", "Creditors", "Accounts Payable", "Liability"),
)


def quickbooks_state() -> State:
    """What the company has in QuickBooks before its first sync."""
    customers = _names(trade.CUSTOMERS, first=1)
    suppliers = _names(trade.SUPPLIERS, first=len(customers) + 1)
    codes, rates = _taxes()
    accounts = _accounts()
    return {
        "CompanyInfo": [{"CompanyName": "Workforce Demo Ltd", "Country": "GB"}],
        "Preferences": [
            {
                "CurrencyPrefs": {
                    "HomeCurrency": {"value": trade.CURRENCY},
                    "MultiCurrencyEnabled": False,
                },
                "SalesFormsPrefs": {"CustomTxnNumbers": True},
            }
        ],
        "Account": accounts,
        "Item": _items(accounts),
        "TaxCode": codes,
        "TaxRate": rates,
        "Customer": customers,
        "Vendor": suppliers,
        "Invoice": [_made_by_hand()],
    }


def _names(parties: tuple[trade.Party, ...], first: int) -> list[Row]:
    ids = count(first)
    return [
        {
            "Id": str(next(ids)),
            "DisplayName": party.name,
            "CompanyName": party.name,
            "PrimaryEmailAddr": {"Address": party.email},
            "BillAddr": {
                "Line1": party.line1,
                "City": party.town,
                "PostalCode": party.postcode,
                "Country": "GB",
            },
        }
        for party in parties
        if party.known
    ]


def _accounts() -> list[Row]:
    rows = [(nominal.code, nominal.name, *_ACCOUNT_TYPES[nominal.used_for]) for nominal in trade.NOMINALS]
    return [
        {
            "Id": str(number),
            "AcctNum": code,
            "Name": name,
            "FullyQualifiedName": name,
            "AccountType": kind,
            "Classification": classification,
        }
        for number, (code, name, kind, classification) in enumerate([*_CONTROL, *rows], start=33)
    ]


def _items(accounts: list[Row]) -> list[Row]:
    """One for each nominal of sales: a sales line can't name the account itself."""
    earning = (account for account in accounts if account["AccountType"] == "Income")
    return [
        {
            "Id": str(number),
            "Name": account["Name"],
            "Type": "Service",
            "IncomeAccountRef": {"value": account["Id"], "name": account["Name"]},
        }
        for number, account in enumerate(earning, start=7)
    ]


def _taxes() -> tuple[list[Row], list[Row]]:
    """Codes with a rate for sales and one for purchases, as the UK edition has them."""
    codes: list[Row] = []
    rates: list[Row] = []
    for place, (name, percent) in enumerate(_TAX_CODES):
        sales, purchases = str(2 * place + 1), str(2 * place + 2)
        rates += [
            {"Id": sales, "Name": f"{name} (Sales)", "RateValue": percent},
            {"Id": purchases, "Name": f"{name} (Purchases)", "RateValue": percent},
        ]
        codes.append(
            {
                "Id": str(place + 2),
                "Name": name,
                "SalesTaxRateList": _only(sales),
                "PurchaseTaxRateList": _only(purchases),
            }
        )
    return codes, rates


def _only(rate_id: str) -> Row:
    return {
        "TaxRateDetail": [
            {"TaxRateRef": {"value": rate_id}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
        ]
    }


def _made_by_hand() -> Row:
    """Someone typed it into QuickBooks: its number is taken, and AutoVu does not know."""
    return {
        "Id": "396",
        "DocNumber": "S1000",
        "CustomerRef": {"name": "Harper Ltd"},
        "TxnDate": "2026-01-05",
        "DueDate": "2026-02-04",
        "Line": [
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": 100,
                "Description": "Boiler service",
                "SalesItemLineDetail": {
                    "ItemRef": {"name": "Service income"},
                    "Qty": 1,
                    "UnitPrice": 100,
                    "TaxCodeRef": {"name": "20.0% S"},
                },
            }
        ],
    }
