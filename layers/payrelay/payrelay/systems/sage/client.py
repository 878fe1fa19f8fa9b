"""The calls to Sage Accounting for one business."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

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
from payrelay.errors import CredentialsRefused, OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.copies import Copy
from payrelay.systems.http.answers import growing_wait
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.matching import has_namesake, ranked, search_words
from payrelay.systems.rows import BadRow, Listed

from .businesses import read_business
from .documents import DOCUMENTS, FORMS, attributes, is_void, number_of, posted, total_of, written
from .endpoint import SYSTEM, Endpoint, Params, is_id
from .models import CONTACTS, LEDGER_ACCOUNTS, TAX_RATES, Contact, LedgerAccount
from .nominals import merged, tidy_code

_CONTACT_TYPES = {Side.CUSTOMER: "CUSTOMER", Side.SUPPLIER: "VENDOR"}
_VISIBLE_IN = {Side.CUSTOMER: "sales", Side.SUPPLIER: "expenses"}
_CONTACT_ATTRIBUTES = (
    "name,reference,email,contact_types,is_active,tax_number,currency,main_address,updated_at"
)
_ADDRESS = {
    "line1": "address_line_1",
    "line2": "address_line_2",
    "town": "city",
    "postcode": "postal_code",
    "country": "country_id",
}


class SageClient:
    """Reads and writes the books of one business; `business` is its id. Errors: `payrelay.errors`.

    `base_url` is the vendor's base, with or without its `/v3.1`.
    """

    copied: Copy | None = None
    takes_account_ids = False
    has_care_of = False
    needs_tax = True
    posts_together = False
    # Our number is no more than a reference there.
    unique_numbers: frozenset[Kind] = frozenset()
    takes = Takes(
        number=25,
        text=500,
        opened_at="Settings, Accounting dates",
        currencies_at="Settings, Currency",
        sold_by="a ledger account with the nominal code {code} that is visible in sales",
        bought_by="a ledger account with the nominal code {code} that is visible in purchases and expenses",
        due_date=frozenset({Kind.SUPPLIER_INVOICE}),
        one_currency_each=True,
        links_any_name=False,
        folds_numbers=False,
    )

    def __init__(
        self, base_url: str, access_token: Secret, business: str, *, options: DoorOptions | None = None
    ) -> None:
        self._options = options or DoorOptions()
        self._endpoint = Endpoint(base_url, access_token, self._options, business)
        self._business = business

    def organisation(self) -> str:
        """The business's name; CredentialsRefused if it is not reached or has no active subscription."""
        try:
            business = read_business(self._endpoint, self._business)
        except Rejected as refusal:
            message = f"shows no such business: {refusal.message}"
            raise CredentialsRefused(SYSTEM, message, code=refusal.code) from None
        if not business.is_active:
            raise CredentialsRefused(SYSTEM, "the business has no active subscription")
        return business.name

    def company(self) -> Company:
        """Nothing: a contact tells its own currency, and the contract tells nothing of closed books."""
        return Company()

    def currencies(self) -> None:
        """Every contact has one of its own."""

    def accounts(self, side: Side, ids: Collection[str]) -> Listed[tuple[str, Account]]:
        """The contacts with these ids that are of that side; a call each."""
        found: list[tuple[str, Account]] = []
        bad: list[BadRow] = []
        for contact_id in dict.fromkeys(ids):
            rows = self._contact(contact_id).take(bad)
            found += [(contact_id, _account(row)) for row in rows if _is_of(side, row)]
        return Listed(found, bad)

    def _contact(self, contact_id: str) -> Listed[Contact]:
        """The contact with this id, if there is one."""
        if not is_id(contact_id):
            return Listed(())
        try:
            raw = self._endpoint.one("/contacts/{id}", contact_id)
        except Rejected as refusal:
            if refusal.code in ("404", "RecordNotFound"):
                return Listed(())
            raise
        rows, bad = CONTACTS.read([raw])
        # Whatever the row calls itself, it is what was asked for.
        return Listed(rows, (replace(one, id=contact_id) for one in bad))

    def accounts_like(self, side: Side, name: str, known: Traits = NO_TRAITS) -> Listed[Account]:
        """Contacts of that side: one call where the first search word finds the name.

        Else one for each word, and one for the e-mail.
        """
        email = trimmed(known.email or "")
        asked = [("search", word) for word in search_words(name)]
        asked += [("email", email)] if "@" in email else []
        fixed = (
            ("contact_type_id", _CONTACT_TYPES[side]),
            ("exclude_system", "true"),
            ("attributes", _CONTACT_ATTRIBUTES),
            ("nested_attributes", "city"),
        )
        bad: list[BadRow] = []
        found: list[Account] = []
        for one in asked:
            rows = self._endpoint.rows("/contacts", CONTACTS, (one, *fixed)).take(bad)
            found += [_account(row) for row in rows if _is_of(side, row)]
            if has_namesake(name, found):
                break
        return Listed(ranked(name, found, known), dict.fromkeys(bad))

    def create_account(self, new: NewAccount) -> Account:
        """A new contact; the same key within 7 days gives the first one again."""
        raw = self._endpoint.create("/contacts", "contact", _written_contact(new))
        return _account(CONTACTS.one(raw, SYSTEM, safe=False))

    def nominal_code(self, code: str) -> str:
        """A whole number there: leading zeros vanish."""
        return tidy_code(code)

    def nominals(self, copy: Copy | None = None) -> Listed[Nominal]:  # noqa: ARG002
        """Two lists: a line of each side may name what is visible there.

        They are read whole: what is made invisible on a side is no change that the list of that side tells.
        """
        bad: list[BadRow] = []
        found = merged({side: self._ledger_accounts(side).take(bad) for side in Side})
        return Listed(found.values(), dict.fromkeys(bad))

    def _ledger_accounts(self, side: Side) -> Listed[LedgerAccount]:
        params = (("visible_in", _VISIBLE_IN[side]), ("attributes", "nominal_code,name,tax_rate"))
        return self._endpoint.rows("/ledger_accounts", LEDGER_ACCOUNTS, params)

    def tax_codes(self) -> Listed[TaxCode]:
        """The tax rates that can be chosen there, with the days on which they are valid, for both sides."""
        today = self._options.now().date()
        bad: list[BadRow] = []
        rows = self._endpoint.rows("/tax_rates", TAX_RATES, (("attributes", "all"),)).take(bad)
        found = (row.tax_code(today) for row in rows)
        return Listed((one for one in found if one is not None), bad)

    def total_of(self, posting: Posting) -> Decimal:
        """Quantity times price, and the tax of each line, which Sage is told and does not work out."""
        return total_of(posting)

    def documents(self, kind: Kind, numbers: Collection[str]) -> Listed[tuple[str, Posted]]:
        """Documents under these numbers, void ones left out; a call for each number."""
        found: list[tuple[str, Posted]] = []
        bad: list[BadRow] = []
        for number in dict.fromkeys(numbers):
            unusable: list[BadRow] = []
            params: Params = (("search", number), ("attributes", attributes(kind)))
            rows = self._endpoint.rows(FORMS[kind].path, DOCUMENTS[kind], params).take(unusable)
            # The search also finds contacts, and texts that only contain the number.
            mine = [row for row in rows if number_of(kind, row) == number and not is_void(row)]
            found += [(number, posted(kind, row, number)) for row in mine]
            bad += [replace(one, number=number) for one in unusable if one.number in (number, "")]
        return Listed(found, bad)

    def prepare(self) -> None:
        """Nothing."""

    def post(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """One by one, as Sage asks; a refused document does not keep the others.

        Once a document is taken, whatever stops the rest is OutcomeUnknown: those taken must be looked up.
        """
        done: dict[str, Posted] = {}
        refused: dict[str, Rejected] = {}
        for posting in postings:
            try:
                done[posting.document_id] = self._post(posting)
            except Rejected as refusal:
                refused[posting.document_id] = refusal
            except (RetryLater, CredentialsRefused) as trouble:
                raise (_stopped(trouble) if done else trouble) from None
        if refused:
            raise _refusal(refused, done)
        return done

    def _post(self, posting: Posting) -> Posted:
        form = FORMS[posting.kind]
        raw = self._endpoint.create(form.path, form.root, written(posting))
        return posted(posting.kind, DOCUMENTS[posting.kind].one(raw, SYSTEM, safe=False), posting.number)


def _is_of(side: Side, row: Contact) -> bool:
    return any(kind.id == _CONTACT_TYPES[side] for kind in row.contact_types)


def _account(row: Contact) -> Account:
    person, address = row.main_contact_person, row.main_address
    return Account(
        id=row.id,
        name=row.name,
        active=row.is_active,
        email=row.email or (person.email if person else None),
        number=row.reference,
        tax_number=row.tax_number,
        currency=row.currency.id if row.currency else None,
        city=(address.city if address else None) or None,
        changed_at=row.updated_at[:10] if row.updated_at else None,
    )


def _written_contact(new: NewAccount) -> dict[str, object]:
    body: dict[str, object] = {
        "idempotency_id": new.key,
        "name": new.name,
        "contact_type_ids": [_CONTACT_TYPES[new.side]],
    }
    if new.currency:
        body["currency_id"] = new.currency
    address = {_ADDRESS[part]: text for part, text in new.address.items() if text}
    if address:
        body["main_address"] = address
    if new.email:
        body["main_contact_person"] = {
            "contact_person_type_ids": ["ACCOUNTS"],
            "name": new.name,
            "email": new.email,
            "is_main_contact": True,
        }
    return body


def _stopped(trouble: RetryLater | CredentialsRefused) -> OutcomeUnknown:
    message = f"{trouble.message}, after documents had been taken"
    if isinstance(trouble, RetryLater):
        return OutcomeUnknown(
            SYSTEM, message, seconds=trouble.seconds, named=trouble.named, code=trouble.code
        )
    return OutcomeUnknown(SYSTEM, message, seconds=growing_wait(0), code=trouble.code)


def _refusal(refused: Mapping[str, Rejected], done: Mapping[str, Posted]) -> Rejected:
    first = next(iter(refused.values()))
    keys = tuple(refused)
    reasons = {key: refusal.message for key, refusal in refused.items()}
    if done:
        return PartlyWritten(SYSTEM, first.message, done=done, code=first.code, keys=keys, reasons=reasons)
    return Rejected(SYSTEM, first.message, code=first.code, keys=keys, reasons=reasons)
