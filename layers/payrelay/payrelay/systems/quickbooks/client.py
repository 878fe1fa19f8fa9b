"""QuickBooks Online as an accounting package (`systems.accounting.AccountingClient`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from payrelay.domain.groups import in_groups
from payrelay.domain.invoices import (
    NO_TRAITS,
    Account,
    Kind,
    NewAccount,
    Nominal,
    Posted,
    Posting,
    Side,
    Takes,
    TaxCode,
    Traits,
)
from payrelay.domain.invoices import Company as CompanyBooks
from payrelay.domain.sensitive import Secret
from payrelay.domain.spelling import trimmed
from payrelay.errors import OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.copies import Copy, by_id
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.matching import has_namesake, ranked, search_words
from payrelay.systems.rows import BadRow, Listed, Reader, about, plain_day

from . import lists, models, queries
from .company import LARGEST_BATCH, LARGEST_PAGE, TROUBLE_SECONDS, Company, NewRecord
from .documents import ENTITIES, NAMES, body_of, is_void, posted, total_of
from .refusals import NOT_QUERYABLE, SYSTEM, Fault

_KEYS_PER_CALL = 100
_ANY_STATE = "Active IN (true,false)"
# Longer ones can't be QuickBooks' own, and its parser would not take them for numbers.
_LONGEST_ID = 18
# What QuickBooks gives numbers of its own, unless the company keeps ours.
_SALES = frozenset({Kind.SALES_INVOICE, Kind.SALES_CREDIT_NOTE})
_ACCOUNT, _ITEM, _DELETED = "Account", "Item", "Deleted"
# What of the lists of nominals is kept between sessions.
_KEPT = {
    _ACCOUNT: ("Id", "Name", "AccountType", "AcctNum"),
    _ITEM: ("Id", "Name", "Type", "IncomeAccountRef"),
}
# AutoVu's parts of an address, in lower case.
_ADDRESS = {
    "line1": "Line1",
    "line2": "Line2",
    "town": "City",
    "postcode": "PostalCode",
    "country": "Country",
}

_NAMES = Reader(models.NameRow, id_key="Id", number_key="DisplayName")
_ACCOUNTS = Reader(models.AccountRow, id_key="Id", number_key="AcctNum")
_ITEMS = Reader(models.ItemRow, id_key="Id", number_key="Name")
_TAX_CODES = Reader(models.TaxCodeRow, id_key="Id", number_key="Name")
_TAX_RATES = Reader(models.TaxRateRow, id_key="Id", number_key="Name")
_DOCUMENTS: Mapping[Side, Reader[Any]] = {
    Side.CUSTOMER: Reader(models.SalesRow, id_key="Id", number_key="DocNumber"),
    Side.SUPPLIER: Reader(models.BillRow, id_key="Id", number_key="DocNumber"),
}
# Where a document is looked for by its mark.
_MARKED = Reader(models.SalesRow, id_key="Id", number_key="PrivateNote")
_COMPANY = Reader(models.CompanyRow, id_key="Id", number_key="Id")
_PREFERENCES = Reader(models.PreferencesRow, id_key="Id", number_key="Id")


class QuickBooksClient:
    """One company's books. `base_url` is the address without `/v3`, `realm` the company's id."""

    takes_account_ids = True
    has_care_of = True
    needs_tax = True
    posts_together = True
    # A company may switch the refusal of duplicates off.
    unique_numbers: frozenset[Kind] = frozenset()
    takes = Takes(
        number=21,
        text=4000,
        opened_at="Account and settings, Advanced, Close the books",
        currencies_at="Account and settings, Advanced, Currency, Multicurrency",
        numbers_at="Account and settings, Sales, Sales form content, Custom transaction numbers",
        sold_by=(
            "an income account with the number {code}, and one service or non-inventory item that has it as "
            "its income account (Products and services),"
        ),
        bought_by="an expense account with the number {code}",
        plain_signs=True,
        one_currency_each=True,
        closed_codes=frozenset({"6210", "5010"}),
    )

    def __init__(
        self, base_url: str, access_token: Secret, realm: str, *, options: DoorOptions | None = None
    ) -> None:
        self._company = Company(base_url, access_token, realm, options or DoorOptions())
        self.copied: Copy | None = None
        self._kept_preferences: models.PreferencesRow | None = None

    def organisation(self) -> str:
        """The company's name."""
        path = f"/companyinfo/{self._company.realm}"
        return self._company.read(path, "CompanyInfo", _COMPANY).company_name

    def company(self) -> CompanyBooks:
        """Its currencies, and the closing date: one call."""
        preferences = self._preferences()
        return CompanyBooks(
            currency=preferences.currency_prefs.home_currency.value,
            many_currencies=preferences.currency_prefs.multi_currency_enabled,
            closed_until=plain_day(preferences.accounting_info_prefs.book_close_date),
            numbers_anew=_SALES if preferences.sales_forms_prefs.custom_txn_numbers is False else frozenset(),
        )

    def currencies(self) -> None:
        """With many currencies there may be any; its names have one each."""

    def accounts(self, side: Side, ids: Collection[str]) -> Listed[tuple[str, Account]]:
        """The accounts with these ids, inactive ones too: a call per hundred; what is no number is no id."""
        wanted = [one for one in dict.fromkeys(ids) if _may_be_id(one)]
        found: dict[str, Account] = {}
        bad: list[BadRow] = []
        for chunk in in_groups(wanted, _KEYS_PER_CALL):
            condition = f"WHERE Id IN {queries.any_of(chunk)} AND {_ANY_STATE}"
            listed = self._company.query(NAMES[side], _NAMES, f"{condition} MAXRESULTS {LARGEST_PAGE}")
            found |= {row.id: lists.account(row) for row in listed.take(bad) if row.id in chunk}
        return Listed(found.items(), about(wanted, bad, "id"))

    def accounts_like(self, side: Side, name: str, known: Traits = NO_TRAITS) -> Listed[Account]:
        """One call where the first search word finds the name; else one for each word and for the e-mail.

        One more for the name alone where words find too much.
        """
        bad: list[BadRow] = []
        found: list[Account] = []
        crowded = False
        for word in search_words(name):
            listed = self._called(side, f"%{queries.pattern(word)}%")
            crowded |= len(listed) >= LARGEST_PAGE
            found += map(lists.account, listed.take(bad))
            if has_namesake(name, found):
                break
        if crowded:
            found += map(lists.account, self._called(side, queries.pattern(name)).take(bad))
        if not has_namesake(name, found):
            found += map(lists.account, self._of_email(side, trimmed(known.email or "")).take(bad))
        return Listed(ranked(name, found, known), dict.fromkeys(bad))

    def _called(self, side: Side, like: str) -> Listed[models.NameRow]:
        """Those of a side whose name is like that, inactive ones too; all of them where it says nothing."""
        if queries.finds_all(like):
            return self._company.all(NAMES[side], _NAMES, f"WHERE {_ANY_STATE}")
        condition = f"WHERE DisplayName LIKE {queries.text(like)} AND {_ANY_STATE}"
        return self._company.query(NAMES[side], _NAMES, f"{condition} MAXRESULTS {LARGEST_PAGE}")

    def _of_email(self, side: Side, email: str) -> Listed[models.NameRow]:
        """Those of a side with this e-mail; none where it is no address, or can't be asked for."""
        if "@" not in email or not queries.is_safe(email):
            return Listed(())
        condition = f"WHERE PrimaryEmailAddr = {queries.text(email)} AND {_ANY_STATE}"
        try:
            return self._company.query(NAMES[side], _NAMES, f"{condition} MAXRESULTS {LARGEST_PAGE}")
        except Rejected as refusal:
            # Names are found all the same, and more than a hint the e-mail never is.
            if refusal.code != NOT_QUERYABLE:
                raise
            return Listed(())

    def create_account(self, new: NewAccount) -> Account:
        """A new customer or supplier; names are unique over customers, suppliers and employees together."""
        body: dict[str, object] = {"DisplayName": new.name, "CompanyName": new.name}
        if new.email:
            body["PrimaryEmailAddr"] = {"Address": new.email}
        if new.address:
            parts = {part.lower(): value for part, value in new.address.items() if value}
            body["BillAddr"] = {_ADDRESS[part]: parts[part] for part in _ADDRESS if part in parts}
        if new.currency is not None and (currency := self._named_currency(new.currency)):
            body["CurrencyRef"] = {"value": currency}
        made = self._company.create([NewRecord(new.key, NAMES[new.side], body)])[new.key]
        if isinstance(made, Fault):
            if made.theirs:
                raise OutcomeUnknown(SYSTEM, made.reason, seconds=TROUBLE_SECONDS, code=made.code)
            raise Rejected(SYSTEM, made.words, code=made.code)
        return lists.account(_NAMES.one(made, SYSTEM, safe=False))

    def nominal_code(self, code: str) -> str:
        """As it stands."""
        return code

    def nominals(self, copy: Copy | None = None) -> Listed[Nominal]:
        """All nominals by AcctNum: a call per thousand accounts, and per thousand items; over a copy, one."""
        rows = (self._moved(copy) if copy else None) or self._all()
        accounts, items = _ACCOUNTS.read(rows[_ACCOUNT]), _ITEMS.read(rows[_ITEM])
        return lists.nominals(Listed(*accounts), Listed(*items))

    def _all(self) -> dict[str, list[Any]]:
        """The active accounts and items."""
        told = {entity: self._company.told(entity) for entity in _KEPT}
        rows: dict[str, list[Any]] = {entity: found for entity, (found, _) in told.items()}
        kept = {entity: by_id(found, "Id", _KEPT[entity]) for entity, found in rows.items()}
        at = told[_ACCOUNT][1]
        dated = all(_is_dated(row) for found in rows.values() for row in found)
        whole = {entity: found for entity, found in kept.items() if found is not None}
        self.copied = Copy(at, whole) if at and dated and len(whole) == len(kept) else None
        return rows

    def _moved(self, copy: Copy) -> dict[str, list[Any]] | None:
        """Those that were read before, with what moved since; None where that can't be told."""
        told = self._company.moved(tuple(_KEPT), copy.since) if copy.lists.keys() == _KEPT.keys() else None
        # A clock that goes back would hide what moved meanwhile.
        if told is None or told[1] < copy.since:
            return None
        for entity, rows in told[0].items():
            found = by_id(rows, "Id", _KEPT[entity])
            if found is None:
                return None
            deleted = [row for row in rows if row.get("status") == _DELETED]
            if not all(_is_dated(row) for row in rows if row not in deleted):
                return None
            gone = [row["Id"] for row in [*deleted, *(one for one in rows if one.get("Active") is False)]]
            copy = copy.moved(entity, found, gone, told[1])
        self.copied = copy
        return {entity: copy.rows(entity) for entity in _KEPT}

    def tax_codes(self) -> Listed[TaxCode]:
        """All tax codes: two calls."""
        codes = self._company.all("TaxCode", _TAX_CODES)
        return lists.tax_codes(codes, self._company.all("TaxRate", _TAX_RATES))

    def total_of(self, posting: Posting) -> Decimal:
        """The gross total: it is told the VAT, too."""
        return total_of(posting)

    def documents(self, kind: Kind, numbers: Collection[str]) -> Listed[tuple[str, Posted]]:
        """What is there under these numbers, in any case of letters: a call per hundred.

        Also what is void, for it holds its number. A number with signs that no query can hold costs a call of
        its own, by a pattern.
        """
        wanted = [one for one in dict.fromkeys(numbers) if one]
        asked: dict[str, list[str]] = {}
        for number in wanted:
            asked.setdefault(number.casefold(), []).append(number)
        found: list[tuple[str, Posted]] = []
        bad: list[BadRow] = []
        for condition in _numbered(wanted):
            listed = self._company.query(ENTITIES[kind], _DOCUMENTS[kind.side], condition)
            if len(listed) >= LARGEST_PAGE:
                raise Rejected(SYSTEM, f"more than {LARGEST_PAGE} documents have a number like it")
            for row in listed.take(bad):
                standing = posted(kind, row)
                found += [(number, standing) for number in asked.get(row.doc_number.casefold(), ())]
        return Listed(dict.fromkeys(found), about(wanted, bad, "number"))

    def prepare(self) -> None:
        """How the company is set up."""
        self._preferences()

    def post(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Post documents in one batch; one numbered anew by QuickBooks is answered with that number."""
        if len(postings) > LARGEST_BATCH:
            raise ValueError(f"at most {LARGEST_BATCH} documents are posted in one call, not {len(postings)}")
        if not postings:
            return {}
        faults: dict[str, Fault] = {}
        done = self._renumbered(postings, faults)
        waiting = [one for one in postings if one.document_id not in {*done, *faults}]
        records = [
            NewRecord(one.key, ENTITIES[one.kind], body_of(one, self._named_currency(one.currency)))
            for one in waiting
        ]
        made = self._company.create(records) if records else {}
        unclear: dict[str, Fault] = {}
        for one in waiting:
            match made[one.key]:
                case Fault() as fault:
                    (unclear if fault.theirs else faults)[one.document_id] = fault
                case row:
                    try:
                        read = _DOCUMENTS[one.kind.side].one(row, SYSTEM, safe=False)
                    except RetryLater as error:
                        unclear[one.document_id] = Fault(error.code, error.message, theirs=True)
                        continue
                    done[one.document_id] = posted(one.kind, read)
        if faults or unclear:
            raise _refused(faults, done, unclear)
        return done

    def _renumbered(self, postings: Sequence[Posting], faults: dict[str, Fault]) -> dict[str, Posted]:
        """Sales documents of an earlier try that stand under QuickBooks' own numbers, by their marks.

        Only a company whose sales documents do not keep our numbers has any: by number they are not found.
        Those that an unusable document may be are not to be posted; they are added to `faults`.
        """
        found: dict[str, Posted] = {}
        if self._preferences().sales_forms_prefs.custom_txn_numbers is not False:
            return found
        for kind in sorted(_SALES):
            marks = {one.mark: one for one in postings if one.kind is kind}
            days = queries.any_of(dict.fromkeys(one.date.isoformat() for one in marks.values()))
            owners = queries.any_of(dict.fromkeys(one.account_id for one in marks.values()))
            condition = f"WHERE TxnDate IN {days} AND CustomerRef IN {owners} MAXRESULTS {LARGEST_PAGE}"
            bad: list[BadRow] = []
            rows = self._company.query(ENTITIES[kind], _MARKED, condition).take(bad) if marks else ()
            for row in rows:
                if (one := marks.get(row.private_note or "")) and not is_void(row):
                    found[one.document_id] = posted(kind, row)
            for unusable in bad:
                words = f"{ENTITIES[kind]} {unusable.id} can't be read: {unusable.field} {unusable.problem}"
                mine = [one for mark, one in marks.items() if unusable.number in (mark, "")]
                faults.update({one.document_id: Fault("", words) for one in mine})
        return found

    def _preferences(self) -> models.PreferencesRow:
        """How the company is set up, read once."""
        if self._kept_preferences is None:
            self._kept_preferences = self._company.read("/preferences", "Preferences", _PREFERENCES)
        return self._kept_preferences

    def _named_currency(self, currency: str) -> str | None:
        """The currency if it has to be named: not the home currency, or one of many."""
        prefs = self._preferences().currency_prefs
        # With many currencies a document without its own takes its customer's, whatever that is.
        return currency if currency != prefs.home_currency.value or prefs.multi_currency_enabled else None


def _refused(
    faults: Mapping[str, Fault], done: Mapping[str, Posted], unclear: Mapping[str, Fault]
) -> Rejected | OutcomeUnknown:
    """What became of those that are not done; the `unclear` ones had trouble on QuickBooks' side."""
    reasons = {document_id: fault.reason for document_id, fault in faults.items()}
    first = next(iter([*faults.values(), *unclear.values()]))
    if done:
        return PartlyWritten(
            SYSTEM, first.words, done=done, code=first.code, keys=tuple(faults), reasons=reasons
        )
    if faults:
        return Rejected(SYSTEM, first.words, code=first.code, keys=tuple(faults), reasons=reasons)
    return OutcomeUnknown(SYSTEM, first.reason, seconds=TROUBLE_SECONDS, code=first.code)


def _is_dated(row: object) -> bool:
    """Whether a row tells when it moved last."""
    match row:
        case {"MetaData": {"LastUpdatedTime": str()}}:
            return True
    return False


def _may_be_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID


def _numbered(numbers: Sequence[str]) -> Iterator[str]:
    """The conditions by which documents of these numbers are asked for."""
    most = f"MAXRESULTS {LARGEST_PAGE}"
    for chunk in in_groups(filter(queries.is_safe, numbers), _KEYS_PER_CALL):
        yield f"WHERE DocNumber IN {queries.any_of(chunk)} {most}"
    for number in numbers:
        if not queries.is_safe(number):
            yield f"WHERE DocNumber LIKE {queries.text(queries.pattern(number))} {most}"
