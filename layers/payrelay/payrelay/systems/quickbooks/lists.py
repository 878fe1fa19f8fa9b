"""QuickBooks' lists in the words of the domain: accounts, nominals and tax codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from payrelay.domain.invoices import Account, Nominal, Side, TaxCode, TaxPart
from payrelay.domain.spelling import ENTRY, folded
from payrelay.systems.rows import BadRow, Listed

from .models import AccountRow, ItemRow, NameRow, TaxCodeRow, TaxRateList, TaxRateRow

# What a sales line may name: an inventory item would move stock.
_ITEM_TYPES = frozenset({"Service", "NonInventory"})
# Kept by QuickBooks itself: no line of a bill may name them.
_CONTROL_ACCOUNTS = frozenset({"Accounts Receivable", "Accounts Payable"})


# What QuickBooks adds to the name of a customer or supplier that is made inactive.
_INACTIVE = " (deleted)"


def account(row: NameRow) -> Account:
    """A customer or supplier. A sub-customer is called by its full name, so that it equals no other name."""
    email, currency, address, times = row.primary_email_addr, row.currency_ref, row.bill_addr, row.meta_data
    name = row.fully_qualified_name or row.display_name if row.job else row.display_name
    changed_at = times.last_updated_time if times else None
    return Account(
        id=row.id,
        name=name if row.active else name.removesuffix(_INACTIVE),
        active=row.active,
        email=email.address if email else None,
        number=row.acct_num,
        tax_number=row.primary_tax_identifier or row.tax_identifier,
        currency=currency.value if currency else None,
        city=(address.city if address else None) or None,
        balance=row.balance,
        changed_at=changed_at[:10] if changed_at else None,
    )


def nominals(accounts: Listed[AccountRow], items: Listed[ItemRow]) -> Listed[Nominal]:
    """By AcctNum: sales lines name an item that earns to the account, bills the account itself.

    Of several items it is the one named like the account, for another may be of another kind of sale. To
    which account an unusable item earns is not known, so that it may be the one of any nominal.
    """
    bad: list[BadRow] = []
    bad_items: list[BadRow] = []
    items_of: dict[str, list[ItemRow]] = {}
    for item in items.take(bad_items):
        if item.type in _ITEM_TYPES and item.income_account_ref is not None:
            items_of.setdefault(item.income_account_ref.value, []).append(item)
    found: dict[str, Nominal] = {}
    for row in accounts.take(bad):
        if not row.acct_num:
            continue
        ids = {} if row.account_type in _CONTROL_ACCOUNTS else {Side.SUPPLIER: row.id}
        several: dict[Side, tuple[str, ...]] = {}
        earning = items_of.get(row.id, [])
        if meant := _item_of(row, earning):
            ids[Side.CUSTOMER] = meant.id
        elif earning:
            several[Side.CUSTOMER] = tuple(f"{one.name} ({one.id})" for one in earning)
        found.setdefault(row.acct_num, Nominal(row.acct_num, row.name, ids, several=several))
    bad += [replace(_of_another("item", one), number="") for one in bad_items]
    return Listed(found.values(), bad)


def _item_of(account: AccountRow, earning: Sequence[ItemRow]) -> ItemRow | None:
    """The item that stands for an account: the only one, or the only one that is named like it."""
    if len(earning) == 1:
        return earning[0]
    names = (account.name, account.acct_num or "", f"{account.acct_num} {account.name}")
    called = {folded(name, ENTRY) for name in names}
    alike = [one for one in earning if folded(one.name, ENTRY) in called]
    return alike[0] if len(alike) == 1 else None


def tax_codes(codes: Listed[TaxCodeRow], rates: Listed[TaxRateRow]) -> Listed[TaxCode]:
    """Each code with its rate; twice where sales and purchases have different ones.

    A code whose rate can't be used can't be used either.
    """
    bad: list[BadRow] = []
    bad_rates: list[BadRow] = []
    values = {rate.id: rate.rate_value for rate in rates.take(bad_rates)}
    found = []
    for code in codes.take(bad):
        sides: dict[Decimal, set[Side]] = {}
        parts: dict[Side, tuple[TaxPart, ...]] = {}
        for side, listed in (
            (Side.CUSTOMER, code.sales_tax_rate_list),
            (Side.SUPPLIER, code.purchase_tax_rate_list),
        ):
            parts[side] = _parts(listed, values)
            if parts[side]:
                rate = sum((one.rate for one in parts[side]), Decimal(0))
                sides.setdefault(rate, set()).add(side)
            elif lost := _lost(listed, values, bad_rates):
                bad.append(replace(_of_another("tax rate", lost), id=code.id, number=code.name))
        found += [
            TaxCode(
                code.id, code.name, rate, frozenset(on), parts={one: parts[one] for one in Side if one in on}
            )
            for rate, on in sides.items()
        ]
    return Listed(found, bad)


def _of_another(what: str, bad: BadRow) -> BadRow:
    """An unusable row as the reason why another one can't be used."""
    return replace(bad, field=f"{bad.field} of the {what} {bad.number or bad.id}")


def _lost(listed: TaxRateList, values: Mapping[str, Decimal], bad_rates: list[BadRow]) -> BadRow | None:
    """The unusable rate that a code may name."""
    missing = {one.tax_rate_ref.value for one in listed.tax_rate_detail} - set(values)
    return next((bad for bad in bad_rates if missing and (bad.id in missing or not bad.id)), None)


def _parts(listed: TaxRateList, values: Mapping[str, Decimal]) -> tuple[TaxPart, ...]:
    """The rates listed; none where one of them is not to be found."""
    ids = [detail.tax_rate_ref.value for detail in listed.tax_rate_detail]
    if any(rate_id not in values for rate_id in ids):
        return ()
    return tuple(TaxPart(rate_id, values[rate_id]) for rate_id in ids)
