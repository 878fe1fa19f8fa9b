"""An AutoVu tenant of the trading company: what is to be synced, with something for every check that fails.

Nothing is linked yet: the accounts have no AccsID, but for one that is wrong.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import NamedTuple

from .autovu_work import BOUGHT, SOLD, TELLING, Job, Telling
from .state import Row, State
from .trade import CURRENCY, CUSTOMERS, NOMINALS, SUPPLIERS, TAXES, Party

FIRST_DAY = date(2026, 1, 5)
WITHOUT_TAX, UNKNOWN_NOMINAL = "4300", "4999"
WRONG_ACCS_ID, WRONG_CARE_OF_ID = "99999", "88888"
SITES = frozenset({"Northgate Surgery", "St. Mary's School"})
WRONGLY_LINKED, CARE_OF = "Northgate Surgery", "Ripon Diocese Accounts Office"
_ORDINARY = {"SalesInvoice": 28, "SalesCreditNote": 7, "SupplierInvoice": 14}
_FIRST_NUMBER = {"SalesInvoice": 1000, "SalesCreditNote": 200, "SupplierInvoice": 7100}
_LETTERS = {"SalesInvoice": "S", "SalesCreditNote": "C", "SupplierInvoice": "P-"}
_PENNY = Decimal("0.01")


class _Account(NamedTuple):
    account_id: str
    kind: str
    party: Party


def autovu_state(package: str) -> State:
    """The tenant that syncs with this package: the same documents for each of them."""
    return {
        "documents": list(_documents()),
        "accounts": [_account_row(account) for account in ACCOUNTS.values()],
        "chartofaccounts": list(_chart()),
        "syncsettings": [
            {
                "Package": package,
                "UsesCareOf": package == "QuickBooks",
                "TaxOnNominalRequired": True,
                "UserName": "Sam Price",
            }
        ],
    }


def _accounts() -> Iterator[_Account]:
    office = Party(CARE_OF, "accounts@diocese.example", "2 Minster Yard", "Ripon", "HG4 1QT", known=False)
    for number, party in enumerate((*CUSTOMERS, *SUPPLIERS, office), start=11):
        yield _Account(f"a-{number}", "Site" if party.name in SITES else "Company", party)


ACCOUNTS = {account.party.name: account for account in _accounts()}


def _account_row(account: _Account) -> Row:
    party = account.party
    address = {"Line1": party.line1, "Line2": "", "Town": party.town, "Postcode": party.postcode}
    return {
        "AccountId": account.account_id,
        "Kind": account.kind,
        "Name": party.name,
        "Email": party.email,
        "Address": {**address, "Country": "GB"},
        "AccsID": WRONG_ACCS_ID if party.name == WRONGLY_LINKED else None,
        "SupplierAccsID": None,
        "CareOfID": WRONG_CARE_OF_ID if party.name == CARE_OF else None,
        "RowVersion": "r1",
    }


def _chart() -> Iterator[Row]:
    for nominal in NOMINALS:
        yield {
            "Description": nominal.name,
            "Code": nominal.code,
            "LinkTo": nominal.used_for,
            "TaxSelector": None if nominal.code == WITHOUT_TAX else nominal.tax,
        }
    yield {
        "Description": "Sundry income (old)",
        "Code": UNKNOWN_NOMINAL,
        "LinkTo": "Sales",
        "TaxSelector": "T1",
    }


def _documents() -> Iterator[Row]:
    """In the order of their ids: the telling ones are spread over the ordinary ones of their type."""
    number = 500
    for kind, ordinary in _ORDINARY.items():
        told = [one for one in TELLING if one.kind == kind]
        planned = _spread(told, [_ordinary(kind, place) for place in range(ordinary)])
        for place, one in enumerate(planned):
            number += 1
            yield _document(f"d-{number}", place, one)


def _spread(told: list[Telling], ordinary: list[Telling]) -> list[Telling]:
    """The first telling one leads; the others come between the ordinary ones, evenly."""
    gap = max(1, len(ordinary) // max(1, len(told)))
    mixed: list[Telling] = []
    for place, one in enumerate(told):
        mixed += [one, *ordinary[place * gap : (place + 1) * gap]]
    return mixed + ordinary[len(told) * gap :]


def _ordinary(kind: str, place: int) -> Telling:
    """A document for a party that the packages know, of one to three jobs."""
    dice = Random(f"autovu/{kind}/{place}")
    bought = kind == "SupplierInvoice"
    parties = SUPPLIERS if bought else CUSTOMERS
    names = [party.name for party in parties if party.known and party.name != WRONGLY_LINKED]
    jobs = dice.sample(BOUGHT if bought else SOLD, dice.choice((1, 1, 2, 3)))
    return Telling(kind, dice.choice(names), tuple(jobs))


def _document(document_id: str, place: int, one: Telling) -> Row:
    account = ACCOUNTS[one.party]
    day = FIRST_DAY + timedelta(days=place + place // 4)
    lines = [_line(number, job) for number, job in enumerate(one.jobs, start=1)]
    net, tax = _sum(lines, "Net"), _sum(lines, "Tax")
    invoice = one.kind == "SalesInvoice"
    return {
        "DocumentId": document_id,
        "Type": one.kind,
        "Number": f"{_LETTERS[one.kind]}{_FIRST_NUMBER[one.kind] + place}",
        "Date": day.isoformat(),
        "DueDate": None if one.kind == "SalesCreditNote" else (day + timedelta(days=30)).isoformat(),
        "Currency": one.currency or CURRENCY,
        "Reference": one.reference or f"Job {300 + place}",
        "Sent": one.sent if invoice else None,
        "MarkedForSync": one.marked,
        "SyncedAt": None,
        "StatusCode": "",
        "ExternalId": None,
        "AccountId": account.account_id,
        "AccountKind": account.kind,
        "AccountName": one.party,
        "CareOfAccountId": ACCOUNTS[CARE_OF].account_id if one.care_of else None,
        "Lines": lines,
        "Net": f"{net:f}",
        "Tax": f"{tax:f}",
        "Gross": f"{net + tax:f}",
        "RowVersion": "r1",
    }


def _line(number: int, job: Job) -> Row:
    net = (Decimal(job.quantity) * Decimal(job.price)).quantize(_PENNY, ROUND_HALF_UP)
    rate = Decimal(TAXES[job.tax]) if job.tax else Decimal(0)
    return {
        "LineNo": number,
        "Text": job.text,
        "NominalCode": job.nominal,
        "Quantity": job.quantity,
        "UnitPrice": job.price,
        "Net": f"{net:f}",
        "TaxCode": job.tax,
        "Tax": f"{(net * rate / 100).quantize(_PENNY, ROUND_HALF_UP):f}",
    }


def _sum(lines: list[Row], name: str) -> Decimal:
    return sum((Decimal(line[name]) for line in lines), Decimal("0.00"))
