"""Both sides of a document: what AutoVu lists, and all that the package has of what it names (IN-7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from payrelay.domain.invoices import Account, Kind, Nominal, Posted, Side, TaxCode
from payrelay.domain.runs import Link
from payrelay.flows.invoice_sync.posting import mark_of, posting_of
from payrelay.flows.invoice_sync.rules import Seen, SourceLine, first_failing
from payrelay.ledger import Ledger
from payrelay.systems.accounting import AccountingClient
from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.autovu.models import Accounts, AutoVuAccount, Document
from payrelay.systems.rows import BadRow

ACCOUNT = "account"
ACCOUNTS_SEEN = "accounts_seen"
# A kind of document, and a number.
Numbered = tuple[Kind, str]


class Chart(Struct, frozen=True):
    """What every page needs, read once in a run: nominals and tax codes of both sides."""

    nominals: dict[str, Nominal]
    tax_codes: list[TaxCode]
    selectors: dict[str, str]
    care_of: bool
    needs_tax: bool
    needs_selector: bool

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

    def of(self, side: Side, ids: Iterable[str]) -> dict[str, Account]:
        """The accounts with these ids, by one call for all that are not known to be good."""
        wanted = list(dict.fromkeys(ids))
        kept = self._kept[side]
        missing = [one for one in wanted if one not in kept]
        read = self._package.accounts(side, missing) if missing else {}
        # One that is inactive, or not there, may be cured at any moment.
        good = {account_id: account for account_id, account in read.items() if account.active}
        self.grew |= bool(good)
        kept |= good
        return {one: kept.get(one) or read[one] for one in wanted if one in kept or one in read}

    def as_context(self) -> Mapping[str, Any]:
        """As it is kept with the run's plan."""
        return {ACCOUNTS_SEEN: msgspec.to_builtins(self._kept)}


class Pair(Struct, frozen=True):
    """A document with all that was seen of it; `own` is what a posting of ours left in the package.

    `adopts` is the account that the document will be linked with on the way: the namesake of an account
    whose wrong id was removed (IN-6). `unreadable` is the row of its account, if that can't be used.
    """

    document: Document
    account: AutoVuAccount | None
    seen: Seen
    own: Posted | None
    adopts: Account | None
    unreadable: BadRow | None = None


class Books(Struct, frozen=True):
    """AutoVu and the package of one connection. `label` is the package's name for people."""

    autovu: AutoVuClient
    package: AccountingClient
    label: str
    ledger: Ledger
    connection_key: tuple[str, str]
    rates: Mapping[str, Decimal]

    def chart(self) -> Chart:
        """The fixed reads of a run."""
        settings = self.autovu.sync_settings()
        rows = self.autovu.chart_of_accounts()
        return Chart(
            nominals=dict(self.package.nominals()),
            tax_codes=self.package.tax_codes(),
            selectors={code: row.tax_selector for code, row in rows.items() if row.tax_selector},
            care_of=settings.uses_care_of and self.package.has_care_of,
            needs_tax=self.package.needs_tax,
            needs_selector=settings.tax_on_nominal_required,
        )

    def look_at(
        self,
        documents: Sequence[Document],
        chart: Chart,
        seen: AccountsSeen | None = None,
        *,
        all_numbers: bool = True,
    ) -> list[Pair]:
        """Everything that the checks ask about these documents, by as few calls as there can be.

        Without `all_numbers` those that pass every other check are not looked up by their numbers: they
        are right before they are posted.
        """
        seen = seen or AccountsSeen(self.package, {})
        ids = [one.account_id for one in documents]
        ids += [one.care_of_account_id for one in documents if one.care_of_account_id and chart.care_of]
        accounts = self.autovu.accounts(ids)
        linked = self._linked(documents, accounts)
        known = {side: seen.of(side, self._named(side, documents, linked, accounts, chart)) for side in Side}
        alike = self._alike(documents, linked, known)
        pairs = [self._pair(one, accounts, linked, known, alike, chart) for one in documents]
        asked = [one.document for one in pairs if all_numbers or one.unreadable or first_failing(one.seen)]
        there = self.standing((one.type, one.number) for one in asked)
        return [_numbered(one, there.get((one.document.type, one.document.number), [])) for one in pairs]

    def standing(self, numbers: Iterable[Numbered]) -> dict[Numbered, list[Posted]]:
        """What the package has under these numbers, kind by kind."""
        by_kind: dict[Kind, dict[str, None]] = {}
        for kind, number in numbers:
            by_kind.setdefault(kind, {})[number] = None
        return {
            (kind, number): posted
            for kind, wanted in by_kind.items()
            for number, posted in self.package.documents(kind, wanted).items()
        }

    def link_of(self, account: AutoVuAccount, side: Side) -> str | None:
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

    def _linked(
        self, documents: Sequence[Document], accounts: Mapping[str, AutoVuAccount]
    ) -> dict[tuple[str, Side], str | None]:
        keys = {(one.account_id, one.type.side) for one in documents}
        if not self.package.takes_account_ids:
            ours = self.remembered(keys)
            return {key: (ours[key].target_id or None) if key in ours else None for key in keys}
        return {
            (account_id, side): accounts[account_id].accs_id_for(side) if account_id in accounts else None
            for account_id, side in keys
        }

    def _named(
        self,
        side: Side,
        documents: Sequence[Document],
        linked: Mapping[tuple[str, Side], str | None],
        accounts: Mapping[str, AutoVuAccount],
        chart: Chart,
    ) -> list[str]:
        """The ids of the package's accounts of one side that the documents name."""
        wanted = [target for (_, of), target in linked.items() if of is side and target]
        if chart.care_of:
            mine = [one.care_of_account_id for one in documents if one.type.side is side]
            wanted += [care for one in mine if one and (care := _care_of(accounts.get(one)))]
        return wanted

    def _alike(
        self,
        documents: Sequence[Document],
        linked: Mapping[tuple[str, Side], str | None],
        known: Mapping[Side, Mapping[str, Account]],
    ) -> dict[tuple[str, Side], tuple[Account, ...]]:
        """Suggestions for the accounts that are not linked, or wrongly: looked for once a name."""
        found: dict[tuple[str, Side], tuple[Account, ...]] = {}
        for one in documents:
            side = one.type.side
            target = linked[one.account_id, side]
            if (target is None or target not in known[side]) and (one.account_name, side) not in found:
                found[one.account_name, side] = tuple(self.package.accounts_like(side, one.account_name))
        return found

    def _pair(
        self,
        document: Document,
        accounts: Accounts,
        linked: Mapping[tuple[str, Side], str | None],
        known: Mapping[Side, Mapping[str, Account]],
        alike: Mapping[tuple[str, Side], tuple[Account, ...]],
        chart: Chart,
    ) -> Pair:
        """A document before anything is known of its number."""
        side = document.type.side
        accs_id = linked[document.account_id, side]
        account = known[side].get(accs_id) if accs_id else None
        suggestions = alike.get((document.account_name, side), ())
        adopts = None if accs_id else self._adopts(document, suggestions)
        care_of = _care_of(accounts.get(document.care_of_account_id or "")) if chart.care_of else None
        uses_care_of = chart.care_of and document.care_of_account_id is not None
        taxes = {line.line_no: self._tax_code(line, side, chart) for line in document.lines}
        seen = Seen(
            package=self.label,
            document=document,
            accs_id=accs_id,
            account=account or adopts,
            alike=suggestions,
            care_of_id=care_of,
            care_of_known=not uses_care_of or (care_of is not None and care_of in known[side]),
            taken=None,
            nominals=self._nominals(document, chart),
            selectors=chart.selectors,
            tax_codes=taxes,
            needs_tax=chart.needs_tax,
            total=None,
        )
        whole = posting_of(document, seen, (account or adopts or _NOBODY).id, self.connection_key[1])
        total = self.package.total_of(whole) if whole else None
        seen = msgspec.structs.replace(seen, total=total)
        unreadable = next((one for one in accounts.bad_rows if one.id == document.account_id), None)
        return Pair(document, accounts.get(document.account_id), seen, None, adopts, unreadable)

    def _nominals(self, document: Document, chart: Chart) -> dict[str, Nominal]:
        """The package's nominals by the codes that the document's lines have."""
        codes = dict.fromkeys(line.nominal_code for line in document.lines if line.nominal_code)
        found = {code: chart.nominals.get(self.package.nominal_code(code)) for code in codes}
        return {code: nominal for code, nominal in found.items() if nominal}

    def _adopts(self, document: Document, suggestions: Sequence[Account]) -> Account | None:
        """The one namesake of an account whose link a person removed, so that it is found by name (IN-6)."""
        namesakes = [one for one in suggestions if one.name == document.account_name]
        key = (document.account_id, document.type.side)
        return namesakes[0] if len(namesakes) == 1 and key in self.remembered([key]) else None

    def _tax_code(self, line: SourceLine, side: Side, chart: Chart) -> TaxCode | None:
        """The package's tax code for a line: of its rate, the nominal's own one first."""
        own_selector = chart.selectors.get(line.nominal_code or "")
        rate = self.rates.get(line.tax_code or own_selector or "")
        if rate is None or (chart.needs_selector and own_selector is None):
            return None
        fitting = [one for one in chart.tax_codes if one.rate == rate and side in one.sides]
        nominal = chart.nominals.get(self.package.nominal_code(line.nominal_code or ""))
        own = nominal.tax.get(side) if nominal else None
        return next((one for one in fitting if one.id == own), fitting[0] if fitting else None)


_NOBODY = Account("", "")


def _care_of(account: AutoVuAccount | None) -> str | None:
    return (account.care_of_id or account.accs_id) if account else None


def _numbered(pair: Pair, posted: Sequence[Posted]) -> Pair:
    """A pair with what stands under its number."""
    account = pair.seen.account
    own, taken = judged(posted, mark_of(pair.document), pair.document.type, account.id if account else None)
    return msgspec.structs.replace(pair, own=own, seen=msgspec.structs.replace(pair.seen, taken=taken))


def judged(
    posted: Sequence[Posted], mark: str, kind: Kind, account_id: str | None
) -> tuple[Posted | None, Posted | None]:
    """Of what stands under a number: our own document, or else somebody's that takes the number.

    Suppliers' numbers are their own, so only those of the same supplier are in the way.
    """
    own = next((one for one in posted if one.mark == mark), None)
    if own:
        return own, None
    shared = kind.side is Side.CUSTOMER or account_id is None
    return None, next((one for one in posted if shared or one.account_id == account_id), None)
