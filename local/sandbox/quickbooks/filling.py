"""The rows of a state: in part, or with references by name alone, completed as QuickBooks itself would."""

from typing import Any, cast

from local.sandbox.frame.kinds import misfit
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .books import Books, Session, label, moment, times
from .documents import OWNERS, REFS, complete_document
from .kinds import Entity
from .names import complete_name

_SINGLE: dict[str, Row] = {
    "CompanyInfo": {"Id": "1", "CompanyName": "Sandbox Company", "Country": "GB"},
    "Preferences": {
        "Id": "1",
        "CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}, "MultiCurrencyEnabled": False},
        "SalesFormsPrefs": {"CustomTxnNumbers": True},
        "TaxPrefs": {"UsingSalesTax": True},
        "AccountingInfoPrefs": {"UseAccountNumbers": True},
    },
}
_REFS = {
    **REFS,
    "TaxRateRef": "TaxRate",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
}


def filled(name: str, row: Row, reading: Reading) -> Row:
    """A whole row of an entity; raises Refused or Misfits."""
    books = cast(Books, reading.store)
    entity = cast(Entity, books.resources[name])
    given = _with_ids(books, {**_REFS, "ParentRef": name}, _over(_SINGLE.get(name, {}), row))
    if "Id" not in given:
        given["Id"] = books.next_id(entity, reading.given.get(name, ()))
    if not given["Id"].isdecimal():
        raise misfit("Id", "must be digits")
    made = {"SyncToken": "0", "domain": "QBO", "sparse": False, "MetaData": times(reading.now)}
    session = Session(books, reading.now, allow_duplicates=True)
    if entity.owner:
        return {**made, **_document(session, entity, given)}
    if entity.series == "names":
        return {**made, **complete_name(books, entity, given, given["Id"]), **given}
    return {**made, **given}


def _document(session: Session, entity: Entity, given: Row) -> Row:
    """Checked like a new one; one with a total of its own, or without lines, stays as it is given."""
    target = session.books[OWNERS[entity.owner]].get(given[entity.owner].get("value", ""))
    if target is None:
        raise misfit(entity.owner, "names no row")
    if "TotalAmt" in given or not given.get("Line"):
        total = given.get("TotalAmt", 0)
        day = moment(session.now)[:10]
        # As it is, also with what could not be posted any more: an inactive customer, a rate that is gone.
        kept = {"TxnDate": day, "TotalAmt": total, "Balance": total, "Line": [], **given}
        return {**kept, entity.owner: {"value": target["Id"], "name": label(target)}}
    row = complete_document(session, entity, given, None)
    return {**row, **{name: given[name] for name in ("DocNumber", "Balance") if name in given}}


def _with_ids(books: Books, refs: dict[str, str], value: Any, key: str = "") -> Any:
    """The same with every reference by name alone turned into one by id."""
    if isinstance(value, list):
        return [_with_ids(books, refs, part, key) for part in value]
    if not isinstance(value, dict):
        return value
    if key in refs and "value" not in value and "name" in value:
        match = next((row for row in books[refs[key]].rows() if label(row) == value["name"]), None)
        if match is None:
            raise Refused("2500", f"no {refs[key]} is called {value['name']}", key)
        return {**value, "value": match["Id"]}
    return {name: _with_ids(books, refs, part, name) for name, part in value.items()}


def _over(base: Row, row: Row) -> Row:
    """The row over what is usual, object by object."""
    parts = {name: {**base[name], **row[name]} for name in base if isinstance(row.get(name), dict)}
    return {**base, **row, **parts}
