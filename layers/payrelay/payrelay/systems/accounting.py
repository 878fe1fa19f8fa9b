"""What the room of every accounting package offers, so that the flow knows none of them by name.

A list of a package's rows may hold some that can't be used. Each tells what it may be about, so that it is
told of whatever depends on it, and stops nothing else: its id, or its number, is what was asked for, or
empty where it may be any of that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

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
from payrelay.systems.copies import Copy
from payrelay.systems.rows import Listed


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

    @property
    def takes(self) -> Takes:
        """What it takes of a document."""

    def company(self) -> Company:
        """How the company's books are kept: a call at most."""

    def currencies(self) -> Collection[str] | None:
        """What documents may be in beside the company's own currency; None if any, or if it does not tell.

        A call at most.
        """

    def organisation(self) -> str:
        """The name of the company that the credentials reach, by a real call."""

    def accounts(self, side: Side, ids: Collection[str]) -> Listed[tuple[str, Account]]:
        """The accounts with these ids, each with the id asked for, inactive ones too.

        An id that names none is left out.
        """

    def accounts_like(self, side: Side, name: str, known: Traits = NO_TRAITS) -> Listed[Account]:
        """Accounts that are called so or nearly so, or have one of the traits, as `systems.matching` ranks.

        Inactive ones too: each that reads the same as the name is among them. The number of an unusable one
        is its name. Rejected where the package does not look for such a name.
        """

    def create_account(self, new: NewAccount) -> Account:
        """A new account; Rejected when the package refuses it, such as for a name that is taken."""

    def nominal_code(self, code: str) -> str:
        """A nominal code of AutoVu's as the package writes it; no call."""

    @property
    def copied(self) -> Copy | None:
        """The lists that `nominals` has read last, to go on from another time; None where that is no use."""

    def nominals(self, copy: Copy | None = None) -> Listed[Nominal]:
        """All nominals that a line may name; the number of an unusable one is its code.

        With a copy of an earlier reading only what moved since is asked for, where the package tells that.
        """

    def tax_codes(self) -> Listed[TaxCode]:
        """All tax codes that a line may name; an unusable one may have any rate."""

    def total_of(self, posting: Posting) -> Decimal:
        """The gross total that the package will make of it; no call."""

    def documents(self, kind: Kind, numbers: Collection[str]) -> Listed[tuple[str, Posted]]:
        """What the package has under these numbers, each with the number asked for.

        Deleted documents are left out, and void ones that hold their number no more. The number of an
        unusable one is the number asked for.
        """

    def prepare(self) -> None:
        """Read what `post` has to know, if anything, while AutoVu has to be waited for anyway."""

    def post(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """Post the documents of a batch, of any kind; what became of each, by AutoVu's document id.

        PartlyWritten when some were refused (`keys`, `reasons` by document id) and others taken (`done`);
        Rejected when none was taken. What is in neither was not tried, or its fate is not known. When an
        answer never came, or none of them tells anything: OutcomeUnknown, and any may be there.
        """
