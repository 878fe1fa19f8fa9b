"""What the room of every accounting package offers, so that the flow knows none of them by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from payrelay.domain.invoices import Account, Kind, NewAccount, Nominal, Posted, Posting, Side, TaxCode


class AccountingClient(Protocol):
    """One company's books. Errors are those of `payrelay.errors`; reads may be repeated, writes may not."""

    @property
    def takes_account_ids(self) -> bool:
        """Whether an account can be linked by an id that a person reads off the package's pages (AccsID)."""

    @property
    def has_care_of(self) -> bool:
        """Whether a document can name a care-of account."""

    @property
    def needs_tax(self) -> bool:
        """Whether every line needs a tax code (IN-3, the sixth check)."""

    @property
    def posts_together(self) -> bool:
        """Whether several documents go out in one call."""

    @property
    def unique_numbers(self) -> frozenset[Kind]:
        """The kinds whose numbers the package itself never takes twice, whatever its settings."""

    def organisation(self) -> str:
        """The name of the company that the credentials reach, by a real call."""

    def accounts(self, side: Side, ids: Collection[str]) -> dict[str, Account]:
        """The accounts with these ids, inactive ones too; an id that names none is left out."""

    def accounts_like(self, side: Side, name: str) -> list[Account]:
        """Active accounts whose name is the same or looks alike, those with exactly the same name first."""

    def create_account(self, new: NewAccount) -> Account:
        """A new account; Rejected when the package refuses it, such as for a name that is taken."""

    def nominal_code(self, code: str) -> str:
        """A nominal code of AutoVu's as the package writes it; no call."""

    def nominals(self) -> dict[str, Nominal]:
        """All nominals that a line may name, by their code as the package writes it."""

    def tax_codes(self) -> list[TaxCode]:
        """All tax codes that a line may name."""

    def total_of(self, posting: Posting) -> Decimal:
        """The gross total that the package will make of it, by the package's own rounding; no call."""

    def documents(self, kind: Kind, numbers: Collection[str]) -> dict[str, list[Posted]]:
        """What the package has under these numbers, by number; void and deleted documents are left out."""

    def post(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Post documents of any kind, five at most; what became of each, by AutoVu's document id.

        PartlyWritten when some were refused (`keys`, `reasons` by document id) and others taken (`done`);
        Rejected when none was taken. When an answer never came: OutcomeUnknown, and any may be there.
        """
