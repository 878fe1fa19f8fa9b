"""QuickBooks' lists in the words of the domain: accounts, nominals and tax codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import SequenceMatcher

from payrelay.domain.invoices import Account, Nominal, Side, TaxCode

from .models import AccountRow, ItemRow, NameRow, TaxCodeRow, TaxRateList, TaxRateRow

_MOST_LOOK_ALIKES = 10
# What a sales line may name, the better first: an inventory item would move stock.
_ITEM_TYPES = ("Service", "NonInventory")
# Kept by QuickBooks itself: no line of a bill may name them.
_CONTROL_ACCOUNTS = frozenset({"Accounts Receivable", "Accounts Payable"})


def account(row: NameRow) -> Account:
    """A customer or supplier. A sub-customer is called by its full name, so that it equals no other name."""
    email, currency = row.primary_email_addr, row.currency_ref
    return Account(
        id=row.id,
        name=row.fully_qualified_name or row.display_name if row.job else row.display_name,
        active=row.active,
        email=email.address if email else None,
        number=row.acct_num,
        tax_number=row.primary_tax_identifier or row.tax_identifier,
        currency=currency.value if currency else None,
    )


def by_likeness(name: str, rows: Iterable[NameRow]) -> list[Account]:
    """Those with exactly the same name, then the ten most alike."""
    found = {row.id: account(row) for row in rows}.values()
    same = [one for one in found if one.name == name]
    others = sorted(
        (one for one in found if one.name != name),
        key=lambda one: -SequenceMatcher(None, one.name.casefold(), name.casefold()).ratio(),
    )
    return [*same, *others[:_MOST_LOOK_ALIKES]]


def nominals(accounts: Sequence[AccountRow], items: Sequence[ItemRow]) -> dict[str, Nominal]:
    """By AcctNum: sales lines name an item that earns to the account, bills the account itself."""
    item_of: dict[str, str] = {}
    for kind in _ITEM_TYPES:
        for item in items:
            if item.type == kind and item.income_account_ref is not None:
                item_of.setdefault(item.income_account_ref.value, item.id)
    found: dict[str, Nominal] = {}
    for row in accounts:
        if not row.acct_num:
            continue
        ids = {} if row.account_type in _CONTROL_ACCOUNTS else {Side.SUPPLIER: row.id}
        if row.id in item_of:
            ids[Side.CUSTOMER] = item_of[row.id]
        found.setdefault(row.acct_num, Nominal(row.acct_num, row.name, ids))
    return found


def tax_codes(codes: Sequence[TaxCodeRow], rates: Sequence[TaxRateRow]) -> list[TaxCode]:
    """Each code with its rate; twice where sales and purchases have different ones."""
    values = {rate.id: rate.rate_value for rate in rates}
    found = []
    for code in codes:
        sides: dict[Decimal, set[Side]] = {}
        for side, listed in (
            (Side.CUSTOMER, code.sales_tax_rate_list),
            (Side.SUPPLIER, code.purchase_tax_rate_list),
        ):
            rate = _rate(listed, values)
            if rate is not None:
                sides.setdefault(rate, set()).add(side)
        found += [TaxCode(code.id, code.name, rate, frozenset(on)) for rate, on in sides.items()]
    return found


def _rate(listed: TaxRateList, values: dict[str, Decimal]) -> Decimal | None:
    """The sum of the rates listed; None where none is, or one is not to be found."""
    ids = [detail.tax_rate_ref.value for detail in listed.tax_rate_detail]
    if not ids or any(rate_id not in values for rate_id in ids):
        return None
    return sum((values[rate_id] for rate_id in ids), Decimal(0))
