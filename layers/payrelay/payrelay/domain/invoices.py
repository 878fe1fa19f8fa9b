"""Documents on their way to an accounting package, and what the package has of them (IN-1 to IN-12)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class Side(StrEnum):
    """Whom a document is about: packages keep customers and suppliers apart, or mark them."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


class Kind(StrEnum):
    """The kinds of document that are synced (IN-1)."""

    SALES_INVOICE = "SalesInvoice"
    SALES_CREDIT_NOTE = "SalesCreditNote"
    SUPPLIER_INVOICE = "SupplierInvoice"

    @property
    def side(self) -> Side:
        """Whose account it belongs to."""
        return Side.SUPPLIER if self is Kind.SUPPLIER_INVOICE else Side.CUSTOMER

    @property
    def label(self) -> str:
        """Its name for people."""
        return _LABELS[self]


_LABELS = {
    Kind.SALES_INVOICE: "Sales invoice",
    Kind.SALES_CREDIT_NOTE: "Sales credit note",
    Kind.SUPPLIER_INVOICE: "Supplier invoice",
}


class Line(Struct, frozen=True):
    """One line of a document, as AutoVu has it; what is missing of it is for the checks to refuse."""

    line_no: int
    text: str | None
    nominal_code: str | None
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    tax: Decimal
    tax_code: str | None


class Document(Struct, frozen=True):
    """A document, as AutoVu has it; `sent` is None on all but sales invoices.

    `status_code` is what AutoVu shows of its last sync, "" if nothing. The version differs after each edit.
    """

    document_id: str
    row_version: str
    kind: Kind
    number: str
    date: datetime.date
    due_date: datetime.date | None
    currency: str
    reference: str | None
    sent: bool | None
    account_id: str
    account_name: str
    care_of_account_id: str | None
    lines: tuple[Line, ...]
    gross: Decimal
    status_code: str

    @property
    def label(self) -> str:
        """How messages name it: `Sales invoice S1234`, by AutoVu's id where it has no number."""
        return f"{self.kind.label} {self.number.strip() or self.document_id}"

    @property
    def sum_of_lines(self) -> Decimal:
        """The gross total that its lines come to."""
        return sum((line.net + line.tax for line in self.lines), Decimal())


class Account(Struct, frozen=True):
    """A customer or supplier as the package has it; `number` is what people there call it by, if anything.

    `city`, `balance` and `changed_at` (the day of its last change) only tell one from another of its name.
    """

    id: str
    name: str
    active: bool = True
    email: str | None = None
    number: str | None = None
    tax_number: str | None = None
    currency: str | None = None
    city: str | None = None
    balance: Decimal | None = None
    changed_at: str | None = None


class Traits(Struct, frozen=True):
    """What is known of an account besides its name: by each of these another of its can be found (IN-5).

    `numbers` are those that people may call it by: its id in AutoVu, and an AccsID that names nothing.
    """

    email: str | None = None
    tax_number: str | None = None
    numbers: tuple[str, ...] = ()


NO_TRAITS = Traits()


class Suggestion(Struct, frozen=True):
    """An account of the package that may be the one, and why: evidence in words, a score from 0 to 1.

    `spelled` tells in what its name differs from one that everybody reads as the same: "blanks"; empty where
    it is the very same, None where it is another name.
    """

    account: Account
    evidence: tuple[str, ...]
    score: float
    spelled: str | None


class NewAccount(Struct, frozen=True):
    """An account to be made (IN-5). `key` is 32 hexadecimal digits, the same for every try at it."""

    key: str
    side: Side
    name: str
    email: str | None = None
    address: Mapping[str, str] = {}
    currency: str | None = None


class Nominal(Struct, frozen=True):
    """A nominal of the package: what a line has to name (`ids`) on each side that may use it.

    `tax` are the ids of the tax codes that belong to it, by side, where the package keeps one with it.
    Where several things of the package could be meant on a side, `ids` has none, and `several` names them.
    """

    code: str
    name: str
    ids: Mapping[Side, str]
    tax: Mapping[Side, str] = {}
    several: Mapping[Side, tuple[str, ...]] = {}


class DatedRate(Struct, frozen=True):
    """A rate in per cent, and the days on which it is valid, both included; None where there is no end."""

    rate: Decimal
    since: datetime.date | None = None
    until: datetime.date | None = None

    def holds_on(self, day: datetime.date) -> bool:
        """Whether it is valid on that day."""
        return (self.since or day) <= day <= (self.until or day)


class TaxPart(Struct, frozen=True):
    """One of the rates that a tax code puts together, in per cent, by the package's id."""

    id: str
    rate: Decimal


class TaxCode(Struct, frozen=True):
    """A tax code of the package: its rate in per cent, and the sides on which it may be used.

    `rates` are those of other days, where the package tells them, and `parts`, by side, the rates that it
    puts together, where the package keeps them apart.
    """

    id: str
    name: str
    rate: Decimal
    sides: frozenset[Side]
    rates: tuple[DatedRate, ...] = ()
    parts: Mapping[Side, tuple[TaxPart, ...]] = {}

    def rate_on(self, day: datetime.date) -> Decimal | None:
        """The rate on that day, None if there is none."""
        if not self.rates:
            return self.rate
        return next((one.rate for one in self.rates if one.holds_on(day)), None)


class Company(Struct, frozen=True):
    """How a company's books are kept: what is None, the package does not tell.

    `currency` is its own one, `many_currencies` whether documents may be in others. Books are closed up to
    and with `closed_until`. Documents of the kinds `numbers_anew` get numbers of its own instead of ours.
    """

    currency: str | None = None
    many_currencies: bool | None = None
    closed_until: datetime.date | None = None
    numbers_anew: frozenset[Kind] = frozenset()


class Takes(Struct, frozen=True):
    """What a package takes of a document, whichever company it is.

    The longest number, text of a line and reference in characters (None: it gets no reference); whether our
    mark goes into the reference; whether signs beyond U+FFFF are refused; the kinds that need a due date;
    whether an account has one currency, and one of any name may be linked; whether S1 and s1 are one number;
    the codes of a refusal because the books are closed. `opened_at` tells where a person opens closed books,
    `currencies_at` where the currencies are chosen, `numbers_at` where our numbers are allowed, "" where they
    always are. `sold_by` and `bought_by` are what a person makes there so that a line may name a `code`.
    """

    number: int = 255
    text: int = 4000
    opened_at: str = "in its settings"
    currencies_at: str = "in its settings"
    numbers_at: str = ""
    sold_by: str = "an income account with the code {code}"
    bought_by: str = "an expense account with the code {code}"
    reference: int | None = None
    mark_in_reference: bool = False
    plain_signs: bool = False
    due_date: frozenset[Kind] = frozenset()
    one_currency_each: bool = False
    links_any_name: bool = True
    folds_numbers: bool = True
    closed_codes: frozenset[str] = frozenset()


class PostingLine(Struct, frozen=True):
    """One line in the package's own terms; `net` and `tax` are exact, two decimals."""

    text: str
    nominal: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    tax_code: str | None
    rate: Decimal
    tax: Decimal
    parts: tuple[TaxPart, ...] = ()


class Posting(Struct, frozen=True):
    """A document in the package's own terms, ready to be posted.

    `document_id` is AutoVu's; `key` is 32 hexadecimal digits, the same for every try at this document; `mark`
    is the text by which we know our own documents again, kept somewhere in the package's document.
    """

    document_id: str
    key: str
    mark: str
    kind: Kind
    number: str
    date: datetime.date
    due_date: datetime.date | None
    currency: str
    account_id: str
    reference: str
    lines: tuple[PostingLine, ...]


class Posted(Struct, frozen=True):
    """A document as the package has it. `mark` is the text that a posting of ours left there, if any.

    A `void` one stands for nothing, and holds its number nevertheless.
    """

    id: str
    kind: Kind
    number: str
    account_id: str
    total: Decimal
    date: datetime.date | None = None
    mark: str | None = None
    void: bool = False
