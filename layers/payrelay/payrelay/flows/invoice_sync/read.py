"""Both sides of a document: what AutoVu lists, and what the package has of all that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import (
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
from payrelay.domain.runs import Link
from payrelay.errors import Rejected
from payrelay.flows.invoice_sync.unread import Unasked, Unread, unread_of
from payrelay.ledger import Ledger
from payrelay.systems.accounting import AccountingClient
from payrelay.systems.autovu import client as autovu
from payrelay.systems.autovu import models
from payrelay.systems.matching import suggestions
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow, Listed, plain_day

ACCOUNT = "account"
ACCOUNTS_SEEN = "accounts_seen"
# A kind of document, and a number.
Numbered = tuple[Kind, str]


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
    # Whether nominals are those of an earlier session, with what moved since.
    moved: bool = False

    def as_context(self) -> Mapping[str, Any]:
        """As it is kept with the run's plan."""
        found: Mapping[str, Any] = msgspec.to_builtins(self)
        return found

    @classmethod
    def of_context(cls, context: Mapping[str, Any]) -> Chart:
        """Back from the plan."""
        return msgspec.convert(context, cls)


def with_nominals(chart: Chart, listed: Listed[Nominal]) -> Chart:
    """The same with these nominals, which are all that there are."""
    bad: list[BadRow] = []
    nominals = {one.code: one for one in listed.take(bad)}
    return replace(chart, nominals=nominals, bad_nominals=tuple(bad), moved=False)


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

    def chart(self, nominals: Listed[Nominal] | None = None, *, moved: bool = False) -> Chart:
        """The fixed reads of a run; `nominals` are the package's, if they were read already."""
        settings = self.autovu.sync_settings()
        bad_selectors: list[BadRow] = []
        bad_nominals: list[BadRow] = []
        bad_tax_codes: list[BadRow] = []
        rows = self.autovu.chart_of_accounts().take(bad_selectors)
        listed = self.package.nominals() if nominals is None else nominals
        return Chart(
            nominals={one.code: one for one in listed.take(bad_nominals)},
            tax_codes=self.package.tax_codes().take(bad_tax_codes),
            selectors={row.code: row.tax_selector for row in rows if row.tax_selector},
            care_of=settings.uses_care_of and self.package.has_care_of,
            needs_tax=self.package.needs_tax,
            needs_selector=settings.tax_on_nominal_required,
            bad_nominals=tuple(bad_nominals),
            bad_tax_codes=tuple(bad_tax_codes),
            bad_selectors=tuple(bad_selectors),
            company=self.package.company(),
            moved=moved,
        )

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
            unusable = unread_of(bad, "number", number, "document", self.label)
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
