"""The calls to Xero: what is read for the checks, and what is posted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from payrelay.domain.groups import in_groups
from payrelay.domain.invoices import (
    NO_TRAITS,
    Account,
    Company,
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
from payrelay.domain.sensitive import Secret
from payrelay.domain.spelling import trimmed
from payrelay.errors import CredentialsRefused, PayrelayError
from payrelay.systems.copies import Copy, by_id
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.matching import ranked, search_words, tax_numbers
from payrelay.systems.rows import BadRow, Listed, about, all_of

from . import documents
from .documents import RESOURCES, Outcome, Resource
from .endpoint import PAGE_SIZE, SYSTEM, Endpoint, Params, elements, messages, rejected
from .models import (
    ACCOUNTS,
    CONTACTS,
    CREDIT_NOTES,
    CURRENCIES,
    INVOICES,
    ORGANISATION,
    TAX_RATES,
    AccountRow,
    ContactRow,
    moment_of,
)

# A GUID takes 39 characters in the query, of which Xero takes some 2000.
_IDS_PER_CALL = 40
_LONGEST_LIST = 1500
_LONGEST_TRAIT = 100
_TAKES_ALL = (("summarizeErrors", "true"),)
_TAKES_GOOD_ONES = (("summarizeErrors", "false"), ("unitdp", "4"))
_CHART, _ID = "Accounts", "AccountID"
_KEPT = ("AccountID", "Code", "Name", "Type", "Class", "Status", "TaxType", "SystemAccount")
# AutoVu's words for the parts of an address, and Xero's.
_ADDRESS = {
    "line1": "AddressLine1",
    "line2": "AddressLine2",
    "town": "City",
    "postcode": "PostalCode",
    "country": "Country",
}


class XeroClient:
    """One organisation's books in Xero: the `AccountingClient` of systems/accounting.py."""

    takes_account_ids = True
    has_care_of = True
    needs_tax = True
    posts_together = True
    # As long as documents are PUT. Bills may share a number, also those of one supplier.
    unique_numbers = frozenset({Kind.SALES_INVOICE, Kind.SALES_CREDIT_NOTE})
    takes = Takes(
        number=255,
        text=4000,
        opened_at="Accounting, Advanced, Financial settings, Lock dates",
        currencies_at="Settings, Currencies",
        sold_by="a revenue account with the code {code} (Accounting, Chart of accounts)",
        bought_by="an expense account with the code {code} (Accounting, Chart of accounts)",
        reference=255,
        mark_in_reference=True,
        due_date=frozenset({Kind.SALES_INVOICE, Kind.SUPPLIER_INVOICE}),
    )

    def __init__(
        self, base_url: str, access_token: Secret, tenant_id: str, *, options: DoorOptions | None = None
    ) -> None:
        self._tenant_id = tenant_id
        self._endpoint = Endpoint(base_url, access_token, tenant_id, options or DoorOptions())
        self.copied: Copy | None = None

    def organisation(self) -> str:
        """The organisation's name; CredentialsRefused when it is no longer among the connected ones."""
        bad: list[BadRow] = []
        names = {one.tenant_id: one.tenant_name for one in self._endpoint.organisations().take(bad)}
        if self._tenant_id in names:
            return names[self._tenant_id]
        for one in bad:
            if one.id in (self._tenant_id, ""):
                raise error_of_unreadable(SYSTEM, f"{one.field} {one.problem}", safe=True)
        raise CredentialsRefused(SYSTEM, "the organisation has been disconnected; connect again")

    def company(self) -> Company:
        """The base currency, and the lock dates: one call."""
        listed = self._endpoint.rows("Organisation", ORGANISATION, of="Organisations")
        rows = all_of(listed, SYSTEM)
        if len(rows) != 1:
            raise error_of_unreadable(SYSTEM, "not one organisation", safe=True)
        return rows[0].company()

    def currencies(self) -> list[str]:
        """The currencies that the organisation has added: one call."""
        return [row.code for row in all_of(self._endpoint.rows("Currencies", CURRENCIES), SYSTEM)]

    def accounts(self, side: Side, ids: Collection[str]) -> Listed[tuple[str, Account]]:  # noqa: ARG002
        """The contacts with these ContactIDs, archived ones too; Xero keeps both sides in one list."""
        guids = [one for one in dict.fromkeys(ids) if documents.is_guid(one)]
        found: dict[str, Account] = {}
        bad: list[BadRow] = []
        for group in in_groups(guids, _IDS_PER_CALL):
            asked = ("IDs", ",".join(group))
            listed = self._endpoint.rows("Contacts", CONTACTS, (asked, ("includeArchived", "true")))
            found |= {row.contact_id.lower(): row.account() for row in listed.take(bad)}
        known = [(one, found[one.lower()]) for one in guids if one.lower() in found]
        return Listed(known, about(guids, bad, "id"))

    def accounts_like(self, side: Side, name: str, known: Traits = NO_TRAITS) -> Listed[Account]:  # noqa: ARG002
        """One call for names and traits together; one more for the name alone where words find too much."""
        bad: list[BadRow] = []
        listed = self._contacts([*map(_contains, search_words(name)), *_traits(known)])
        accounts = [row.account() for row in listed.take(bad)]
        if len(listed) >= PAGE_SIZE:
            exact = [_equals("Name", [name])] if len(quote(name)) <= _LONGEST_LIST else []
            more = [*exact, *_traits(known)]
            accounts += [row.account() for row in self._contacts(more).take(bad)] if more else []
        return Listed(ranked(name, accounts, known), dict.fromkeys(bad))

    def _contacts(self, tests: Sequence[str]) -> Listed[ContactRow]:
        """The contacts that pass any of these tests, archived ones too; one page of them."""
        asked: Params = (
            ("where", " || ".join(tests)),
            ("includeArchived", "true"),
            ("page", "1"),
            ("pageSize", str(PAGE_SIZE)),
        )
        return self._endpoint.rows("Contacts", CONTACTS, asked)

    def create_account(self, new: NewAccount) -> Account:
        """A new contact, once for its key. PUT refuses a taken name; POST would overwrite its owner."""
        contact = _contact(new)
        body = self._endpoint.put("Contacts", [contact], _TAKES_ALL, new.key)
        if (refusal := rejected(body, self._endpoint.hidden_with(contact))) is not None:
            raise refusal
        made = elements(body, "Contacts", safe=False)
        if len(made) != 1 or messages(made[0]):
            raise error_of_unreadable(SYSTEM, "not the contact that was sent", safe=False)
        return CONTACTS.one(made[0], SYSTEM, safe=False).account()

    def nominal_code(self, code: str) -> str:
        """As it stands."""
        return code

    def nominals(self, copy: Copy | None = None) -> Listed[Nominal]:
        """The active income and expense accounts that have a code, with the tax that belongs to each."""
        rows = self._moved(copy) if copy else None
        good, bad = ACCOUNTS.read(self._all() if rows is None else rows)
        return Listed((one for one in map(AccountRow.nominal, good) if one is not None), bad)

    def _all(self) -> list[Any]:
        """The chart of accounts."""
        rows, at = self._endpoint.told(_CHART)
        found = by_id(rows, _ID, _KEPT) if all(map(_is_dated, rows)) else None
        self.copied = Copy(at, {_CHART: found}) if at and found is not None else None
        return rows

    def _moved(self, copy: Copy) -> list[Any] | None:
        """A chart that was read before, with what moved since; None where that can't be told."""
        rows, at = self._endpoint.told(_CHART, copy.since)
        found = by_id(rows, _ID, _KEPT) if all(map(_is_dated, rows)) else None
        # A clock that goes back would hide what moved meanwhile.
        if found is None or _CHART not in copy.lists or (at and at < copy.since):
            return None
        # What is deleted there stays among the rows, as such.
        self.copied = copy.moved(_CHART, found, (), at or copy.at)
        return self.copied.rows(_CHART)

    def tax_codes(self) -> Listed[TaxCode]:
        """The active tax rates, by their TaxType."""
        bad: list[BadRow] = []
        found = [row.tax_code() for row in self._endpoint.rows("TaxRates", TAX_RATES).take(bad)]
        return Listed((one for one in found if one is not None), bad)

    def total_of(self, posting: Posting) -> Decimal:
        """Net line by line, with the tax that it is told."""
        return documents.total_of(posting)

    def documents(self, kind: Kind, numbers: Collection[str]) -> Listed[tuple[str, Posted]]:
        """What stands under these numbers; letters match in either case, as Xero compares."""
        asked: dict[str, list[str]] = {}
        for number in dict.fromkeys(number for number in numbers if number):
            asked.setdefault(number.casefold(), []).append(number)
        wanted = [number for same in asked.values() for number in same]
        bad: list[BadRow] = []
        found: list[tuple[str, Posted]] = []
        for listed in self._documents(kind, wanted):
            for row in listed.take(bad):
                posted = row.posted()
                if posted is not None and posted.kind is kind:
                    found += [(number, posted) for number in asked.get(posted.number.casefold(), ())]
        return Listed(found, about(wanted, bad, "number"))

    def prepare(self) -> None:
        """Nothing."""

    def post(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Two calls at most: one for invoices and bills together, one for credit notes."""
        outcome = Outcome()
        for posting in postings:
            if reason := documents.why_unsendable(posting):
                outcome.refuse(posting, reason)
        sendable = [one for one in postings if one.document_id not in outcome.reasons]
        for resource in RESOURCES:
            group = [posting for posting in sendable if posting.kind in resource.kinds]
            if group:
                self._put(resource, group, outcome)
        return outcome.result(postings)

    def _put(self, resource: Resource, group: Sequence[Posting], outcome: Outcome) -> None:
        taken_before = dict(outcome.done)
        rows = [documents.element_of(posting, resource) for posting in group]
        try:
            body = self._endpoint.put(resource.name, rows, _TAKES_GOOD_ONES, documents.key_of(group))
            outcome.take(body, resource, group, self._endpoint.hidden_with(rows))
        except PayrelayError as error:
            if not taken_before:
                raise
            raise documents.unknown_after(taken_before, error) from error

    def _documents(self, kind: Kind, numbers: Sequence[str]) -> Iterator[Listed[Any]]:
        if kind is Kind.SALES_CREDIT_NOTE:
            for some in _packed(numbers, extra=len(quote('CreditNoteNumber=="" || '))):
                where = ("where", _equals("CreditNoteNumber", some))
                yield self._endpoint.pages("CreditNotes", CREDIT_NOTES, [where])
            return
        # In a list of numbers the comma parts them: a number that has one is asked for by itself.
        for some in _packed([number for number in numbers if "," not in number], extra=len(quote(","))):
            yield self._endpoint.pages("Invoices", INVOICES, [("InvoiceNumbers", ",".join(some))])
        for number in numbers:
            if "," in number:
                where = ("where", _equals("InvoiceNumber", [number]))
                yield self._endpoint.pages("Invoices", INVOICES, [where])


def _is_dated(row: object) -> bool:
    """Whether a row tells when it moved last."""
    return isinstance(row, Mapping) and moment_of(row.get("UpdatedDateUTC")) is not None


def _packed(texts: Iterable[str], extra: int) -> Iterator[list[str]]:
    """The texts in lists that are short enough for a query; `extra` is what each costs besides itself."""
    some: list[str] = []
    length = 0
    for text in texts:
        cost = len(quote(text, safe="")) + extra
        if some and length + cost > _LONGEST_LIST:
            yield some
            some, length = [], 0
        some.append(text)
        length += cost
    if some:
        yield some


def _equals(name: str, values: Sequence[str]) -> str:
    """A `where` that finds rows whose field has one of these values."""
    return " || ".join(f'{name}=="{_escaped(value)}"' for value in values)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _contains(word: str) -> str:
    """A `where` for names that have a word in them, in any case of letters."""
    return f'Name.ToLower().Contains("{_escaped(word.lower())}")'


def _traits(known: Traits) -> list[str]:
    """Tests for contacts with one of these traits; longer ones than Xero keeps are nobody's."""
    emails = [trimmed(known.email)] if known.email and "@" in known.email else []
    written = (trimmed(known.tax_number or ""), *tax_numbers(known.tax_number))
    found = {"EmailAddress": emails, "TaxNumber": [one for one in written if one]}
    found["AccountNumber"] = [one for number in known.numbers if (one := trimmed(number))]
    some = {name: [one for one in values if len(one) <= _LONGEST_TRAIT] for name, values in found.items()}
    return [_equals(name, list(dict.fromkeys(values))) for name, values in some.items() if values]


def _contact(new: NewAccount) -> dict[str, Any]:
    contact: dict[str, Any] = {"Name": new.name}
    if new.email:
        contact["EmailAddress"] = new.email
    parts = {name.lower(): text for name, text in new.address.items()}
    address = {theirs: parts[ours] for ours, theirs in _ADDRESS.items() if parts.get(ours)}
    if address:
        contact["Addresses"] = [{"AddressType": "STREET", **address}]
    if new.currency:
        contact["DefaultCurrency"] = new.currency
    return contact
