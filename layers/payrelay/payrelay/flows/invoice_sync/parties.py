"""The accounts that documents name, as both sides have them: each is read once (IN-5, IN-6)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from payrelay.domain.invoices import NO_TRAITS, Account, Document, Side, Suggestion
from payrelay.flows.invoice_sync.read import ACCOUNT, AccountsSeen, Alike, Books, Chart
from payrelay.flows.invoice_sync.unread import Unasked, Unread, unread_of
from payrelay.systems.autovu import client as autovu
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow


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


def found_of(
    books: Books, documents: Sequence[Document], chart: Chart, seen: AccountsSeen | None = None
) -> list[Found]:
    """The documents with the accounts that they name, by as few calls as there can be."""
    return _Look(books, documents, chart, seen or AccountsSeen(books.package, {})).found()


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
        unreadable = unread_of(self._bad_accounts, "id", document.account_id, ACCOUNT, label(autovu.SYSTEM))
        if linked is None:
            # It may be just the one of this name.
            mine = unread_of(alike.bad, "number", document.account_name, ACCOUNT, self._books.label)
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
        unusable = unread_of(self._bad_known[side], "id", account_id, ACCOUNT, self._books.label)
        return self._known[side].get(account_id) or unusable

    def _care_of(self, document: Document, care_of_id: str | None) -> Account | Unread | None:
        if not self._chart.care_of or document.care_of_account_id is None:
            return None
        unusable = unread_of(
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
