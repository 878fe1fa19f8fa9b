"""Both sides of a document: what AutoVu lists, and what the package has of all that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import (
    NO_TRAITS,
    Account,
    Company,
    Document,
    Kind,
    Line,
    Nominal,
    Posted,
    Side,
    Suggestion,
    TaxCode,
    Traits,
)
from payrelay.domain.records import Reason
from payrelay.domain.runs import Link
from payrelay.domain.spelling import shown
from payrelay.errors import Rejected
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.ledger import Ledger
from payrelay.systems.accounting import AccountingClient
from payrelay.systems.autovu import client as autovu
from payrelay.systems.autovu import models
from payrelay.systems.matching import suggestions
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow, Unusable, plain_day

ACCOUNT = "account"
ACCOUNTS_SEEN = "accounts_seen"
# A kind of document, and a number.
Numbered = tuple[Kind, str]


class Unread(Struct, frozen=True):
    """A row that can't be used, and what it is of, for people: an `account` in `AutoVu`."""

    row: BadRow
    what: str
    system: str

    def why(self, label: str) -> Reason:
        """The reason of a document that depends on it, by the document's label."""
        named = f"{self.row.field} of the {self.what} {self.row.number or self.row.id}".rstrip()
        return replace(self.row, field=named).why(label, self.system)


class Unasked(Struct, frozen=True):
    """A text that the package does not look for: the `name` of an account, or the `number` of a document."""

    what: str
    value: str
    system: str
    problem: str

    def why(self, label: str) -> Reason:
        """The reason of a document that depends on it, by the document's label."""
        odd = (char for char in dict.fromkeys(self.value) if not " " <= char <= "~")
        signs = ", ".join(f"{char if char.isprintable() else ''} (U+{ord(char):04X})".strip() for char in odd)
        values = {"what": self.what, "value": shown(self.value), "package": self.system}
        values["signs"] = f" than {signs}" if signs else ""
        values["or_link"] = ", or link the account by its id" if self.what == "name" else ""
        return reason("LOOKUP_REFUSED", label=label, **values, problem=self.problem)


class Chart(Struct, frozen=True):
    """What every page needs, read once in a run: nominals and tax codes of both sides, and the company."""

    nominals: dict[str, Nominal]
    tax_codes: list[TaxCode]
    selectors: dict[str, str]
    care_of: bool
    needs_tax: bool
    needs_selector: bool
    bad_nominals: tuple[BadRow, ...] = ()
    bad_tax_codes: tuple[BadRow, ...] = ()
    bad_selectors: tuple[BadRow, ...] = ()
    company: Company = Company()

    def as_context(self) -> Mapping[str, Any]:
        """As it is kept with the run's plan."""
        found: Mapping[str, Any] = msgspec.to_builtins(self)
        return found

    @classmethod
    def of_context(cls, context: Mapping[str, Any]) -> Chart:
        """Back from the plan."""
        return msgspec.convert(context, cls)


class AccountsSeen:
    """The package's accounts that a run has read: each is asked for once, unless it can't be used."""

    def __init__(self, package: AccountingClient, context: Mapping[str, Any]) -> None:
        self._package = package
        kept = msgspec.convert(context.get(ACCOUNTS_SEEN, {}), dict[Side, dict[str, Account]])
        self._kept = {side: kept.get(side, {}) for side in Side}
        self.grew = False

    def of(self, side: Side, ids: Iterable[str], bad: list[BadRow]) -> dict[str, Account]:
        """The accounts with these ids, by one call for all that are not known to be good."""
        wanted = list(dict.fromkeys(ids))
        kept = self._kept[side]
        missing = [one for one in wanted if one not in kept]
        read = dict(self._package.accounts(side, missing).take(bad)) if missing else {}
        # One that is inactive, or not there, may be cured at any moment.
        good = {account_id: account for account_id, account in read.items() if account.active}
        self.grew |= bool(good)
        kept |= good
        return {one: kept.get(one) or read[one] for one in wanted if one in kept or one in read}

    def as_context(self) -> Mapping[str, Any]:
        """As it is kept with the run's plan."""
        return {ACCOUNTS_SEEN: msgspec.to_builtins(self._kept)}


class Found(Struct, frozen=True):
    """A document with the accounts that it names, as both sides have them.

    `linked` is the id by which its account is linked, `known` what the package has under it, `alike` are the
    suggestions where it has nothing. `removed` tells that a person removed its link (IN-6). `currencies` are
    those that the company takes beside its own, None if any.
    """

    document: Document
    linked: str | None
    known: Account | Unread | Unasked | None
    alike: tuple[Suggestion, ...] = ()
    removed: bool = False
    care_of_id: str | None = None
    care_of: Account | Unread | None = None
    care_of_name: str = ""
    currencies: frozenset[str] | None = None


class Alike(Struct, frozen=True):
    """What was found for a name: suggestions, rows that can't be used, and why nothing was looked for."""

    found: tuple[Suggestion, ...] = ()
    bad: tuple[BadRow, ...] = ()
    unasked: Unasked | None = None


class Standing(Struct, frozen=True):
    """What the package has under a number; `unusable` is a row there that may be anybody's."""

    posted: tuple[Posted, ...] = ()
    unusable: Unread | Unasked | None = None


class Books(Struct, frozen=True):
    """AutoVu and the package of one connection, whose name in the registry is `system`."""

    autovu: autovu.AutoVuClient
    package: AccountingClient
    system: str
    ledger: Ledger
    connection_key: tuple[str, str]
    rates: Mapping[str, Decimal]
    codes: Mapping[str, tuple[str, ...]] = {}

    @property
    def label(self) -> str:
        """The package's name for people."""
        return label(self.system)

    def chart(self) -> Chart:
        """The fixed reads of a run."""
        settings = self.autovu.sync_settings()
        bad_selectors: list[BadRow] = []
        bad_nominals: list[BadRow] = []
        bad_tax_codes: list[BadRow] = []
        rows = self.autovu.chart_of_accounts().take(bad_selectors)
        nominals = self.package.nominals().take(bad_nominals)
        return Chart(
            nominals={one.code: one for one in nominals},
            tax_codes=self.package.tax_codes().take(bad_tax_codes),
            selectors={row.code: row.tax_selector for row in rows if row.tax_selector},
            care_of=settings.uses_care_of and self.package.has_care_of,
            needs_tax=self.package.needs_tax,
            needs_selector=settings.tax_on_nominal_required,
            bad_nominals=tuple(bad_nominals),
            bad_tax_codes=tuple(bad_tax_codes),
            bad_selectors=tuple(bad_selectors),
            company=self.package.company(),
        )

    def look_at(
        self, documents: Sequence[Document], chart: Chart, seen: AccountsSeen | None = None
    ) -> list[Found]:
        """The documents with the accounts that they name, by as few calls as there can be."""
        return _Look(self, documents, chart, seen or AccountsSeen(self.package, {})).found()

    def standing(self, numbers: Iterable[Numbered]) -> dict[Numbered, Standing]:
        """What the package has under these numbers, kind by kind."""
        by_kind: dict[Kind, dict[str, None]] = {}
        for kind, number in numbers:
            by_kind.setdefault(kind, {})[number] = None
        found: dict[Numbered, Standing] = {}
        for kind, wanted in by_kind.items():
            found |= self._standing(kind, list(wanted))
        return found

    def _standing(self, kind: Kind, numbers: Sequence[str]) -> dict[Numbered, Standing]:
        """What stands under numbers of one kind; one that the package does not look for stops no other."""
        try:
            listed = self.package.documents(kind, numbers)
        except Rejected as refusal:
            if len(numbers) > 1:
                half = len(numbers) // 2
                return self._standing(kind, numbers[:half]) | self._standing(kind, numbers[half:])
            unasked = Unasked("number", numbers[0], self.label, refusal.message)
            return {(kind, numbers[0]): Standing(unusable=unasked)}
        bad: list[BadRow] = []
        posted: dict[str, list[Posted]] = {}
        for number, one in listed.take(bad):
            posted.setdefault(number, []).append(one)
        found = {}
        for number in numbers:
            unusable = _unread(bad, "number", number, "document", self.label)
            if unusable:
                # By its own id: the number is the document's that is to be posted, too.
                unusable = replace(unusable, row=replace(unusable.row, number=""))
            found[kind, number] = Standing(tuple(posted.get(number, ())), unusable)
        return found

    def alike(self, side: Side, name: str, known: Traits) -> Alike:
        """The package's accounts that may be one of this name; why none was looked for, if it refuses to."""
        bad: list[BadRow] = []
        try:
            accounts = self.package.accounts_like(side, name, known).take(bad)
        except Rejected as refusal:
            return Alike(unasked=Unasked("name", name, self.label, refusal.message))
        return Alike(tuple(suggestions(name, accounts, known)), tuple(bad))

    def link_of(self, account: models.AutoVuAccount, side: Side) -> str | None:
        """The id by which an account is linked: AutoVu's AccsID, or ours where the package takes none."""
        if self.package.takes_account_ids:
            return account.accs_id_for(side)
        link = self.remembered([(account.account_id, side)]).get((account.account_id, side))
        return link.target_id or None if link else None

    def remembered(self, accounts: Collection[tuple[str, Side]]) -> dict[tuple[str, Side], Link]:
        """What we know of the links of these accounts; an empty target stands for one that was removed."""
        wanted = {f"{account_id}:{side}": (account_id, side) for account_id, side in accounts}
        found = self.ledger.links.get(*self.connection_key, ACCOUNT, wanted)
        return {wanted[source_id]: link for source_id, link in found.items()}


class _Look:
    """One look at some documents: each account of either side is read once."""

    def __init__(self, books: Books, documents: Sequence[Document], chart: Chart, seen: AccountsSeen) -> None:
        self._books, self._documents, self._chart = books, documents, chart
        wanted = [one.account_id for one in documents]
        wanted += [one.care_of_account_id for one in documents if one.care_of_account_id and chart.care_of]
        self._bad_accounts: list[BadRow] = []
        rows = books.autovu.accounts(wanted).take(self._bad_accounts)
        self._accounts = {row.account_id: row for row in rows}
        keys = {(one.account_id, one.kind.side) for one in documents}
        if books.package.takes_account_ids:
            self._linked = {key: self._accs_id(*key) for key in keys}
            self._remembered = books.remembered([key for key in keys if self._linked[key] is None])
        else:
            self._remembered = books.remembered(keys)
            ours = {key: link.target_id for key, link in self._remembered.items()}
            self._linked = {key: ours.get(key) or None for key in keys}
        self._bad_known: dict[Side, list[BadRow]] = {side: [] for side in Side}
        self._known = {side: seen.of(side, self._named(side), self._bad_known[side]) for side in Side}
        self._alike: dict[tuple[str, str, Side], Alike] = {}
        self._currencies = self._foreign()

    def found(self) -> list[Found]:
        return [self._found(one) for one in self._documents]

    def _foreign(self) -> frozenset[str] | None:
        """What the company takes beside its own currency, asked for only where a document is in another."""
        company = self._chart.company
        if company.currency is None or all(one.currency == company.currency for one in self._documents):
            return None
        if company.many_currencies is False:
            return frozenset()
        found = self._books.package.currencies()
        return None if found is None else frozenset(found)

    def _accs_id(self, account_id: str, side: Side) -> str | None:
        account = self._accounts.get(account_id)
        return account.accs_id_for(side) if account else None

    def _named(self, side: Side) -> list[str]:
        """The ids of the package's accounts of one side that the documents name."""
        wanted = [target for (_, of), target in self._linked.items() if of is side and target]
        mine = [self._care_of_id(one) for one in self._documents if one.kind.side is side]
        return wanted + [one for one in mine if one]

    def _care_of_id(self, document: Document) -> str | None:
        """The package's id of a document's care-of account, if it uses one."""
        account = self._accounts.get(document.care_of_account_id or "") if self._chart.care_of else None
        return account.known_care_of if account else None

    def _care_of_name(self, document: Document) -> str:
        """What a document's care-of account is called, by its id where AutoVu has it no more."""
        account = self._accounts.get(document.care_of_account_id or "")
        return account.name if account else document.care_of_account_id or ""

    def _found(self, document: Document) -> Found:
        key = (document.account_id, document.kind.side)
        linked = self._linked[key]
        known = self._account(linked, document.kind.side)
        alike = self._suggested(document) if known is None else Alike()
        unreadable: Unread | Unasked | None
        unreadable = _unread(self._bad_accounts, "id", document.account_id, ACCOUNT, label(autovu.SYSTEM))
        if linked is None:
            # It may be just the one of this name.
            mine = _unread(alike.bad, "number", document.account_name, ACCOUNT, self._books.label)
            unreadable = unreadable or mine or alike.unasked
        care_of_id = self._care_of_id(document)
        return Found(
            document,
            linked,
            unreadable or known,
            alike.found,
            removed=linked is None and key in self._remembered,
            care_of_id=care_of_id,
            care_of=self._care_of(document, care_of_id),
            care_of_name=self._care_of_name(document),
            currencies=self._currencies,
        )

    def _account(self, account_id: str | None, side: Side) -> Account | Unread | None:
        """What the package has under an id."""
        if account_id is None:
            return None
        unusable = _unread(self._bad_known[side], "id", account_id, ACCOUNT, self._books.label)
        return self._known[side].get(account_id) or unusable

    def _care_of(self, document: Document, care_of_id: str | None) -> Account | Unread | None:
        if not self._chart.care_of or document.care_of_account_id is None:
            return None
        unusable = _unread(
            self._bad_accounts, "id", document.care_of_account_id, "care-of account", label(autovu.SYSTEM)
        )
        return unusable or self._account(care_of_id, document.kind.side)

    def _suggested(self, document: Document) -> Alike:
        """Suggestions for an account that is not linked, or wrongly: looked for once an account."""
        name, side = document.account_name, document.kind.side
        key = (document.account_id, name, side)
        if key not in self._alike:
            account = self._accounts.get(document.account_id)
            self._alike[key] = self._books.alike(side, name, account.traits if account else NO_TRAITS)
        return self._alike[key]


def _unread(bad: Iterable[BadRow], by: str, key: str, what: str, system: str) -> Unread | None:
    """The unusable row that is, or may be, the one with this key: its `id` or its `number`."""
    row = Unusable(bad, lambda one: str(getattr(one, by))).instead_of(key)
    return Unread(row, what, system) if row else None


def document_of(row: models.Document) -> Document:
    """A document as the flow knows it: plain days and amounts, digit by digit as AutoVu wrote them."""
    return Document(
        document_id=row.document_id,
        row_version=row.row_version,
        kind=row.type,
        number=row.number,
        date=plain_day(row.date),
        due_date=plain_day(row.due_date),
        currency=row.currency.strip().upper(),
        reference=row.reference,
        sent=row.sent,
        account_id=row.account_id,
        account_name=row.account_name,
        care_of_account_id=row.care_of_account_id,
        lines=tuple(_line_of(one) for one in row.lines),
        gross=Decimal(row.gross),
        status_code=row.status_code or "",
    )


def _line_of(row: models.Line) -> Line:
    return Line(
        line_no=row.line_no,
        text=row.text,
        nominal_code=row.nominal_code,
        quantity=Decimal(row.quantity),
        unit_price=Decimal(row.unit_price),
        net=Decimal(row.net),
        tax=Decimal(row.tax),
        tax_code=row.tax_code,
    )
