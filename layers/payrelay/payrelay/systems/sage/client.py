"""The calls to Sage Accounting for one business."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from payrelay.domain.invoices import Account, Kind, NewAccount, Nominal, Posted, Posting, Side, TaxCode
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.http.answers import growing_wait
from payrelay.systems.http.door import DoorOptions

from .businesses import read_business
from .documents import FORMS, attributes, is_void, number_of, posted, total_of, written
from .endpoint import SYSTEM, Endpoint, Params, is_id, read_all
from .models import CONTACTS, DOCUMENTS, LEDGER_ACCOUNTS, TAX_RATES, Contact, LedgerAccount
from .names import ranked, search_word
from .nominals import merged

_CONTACT_TYPES = {Side.CUSTOMER: "CUSTOMER", Side.SUPPLIER: "VENDOR"}
_VISIBLE_IN = {Side.CUSTOMER: "sales", Side.SUPPLIER: "expenses"}
_CONTACT_ATTRIBUTES = "name,reference,email,contact_types,is_active,tax_number,currency"
_ADDRESS = {
    "line1": "address_line_1",
    "line2": "address_line_2",
    "town": "city",
    "postcode": "postal_code",
    "country": "country_id",
}
_BOTH_SIDES = frozenset(Side)


class SageClient:
    """Reads and writes the books of one business; `business` is its id. Errors: `payrelay.errors`.

    `base_url` is the vendor's base, with or without its `/v3.1`.
    """

    takes_account_ids = False
    has_care_of = False
    needs_tax = True
    posts_together = False
    # Our number is no more than a reference there.
    unique_numbers: frozenset[Kind] = frozenset()

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

    def accounts(self, side: Side, ids: Collection[str]) -> dict[str, Account]:
        """The contacts with these ids that are of that side; a call each."""
        found = {}
        for contact_id in dict.fromkeys(ids):
            row = self._contact(contact_id)
            if row is not None and _is_of(side, row):
                found[contact_id] = _account(row)
        return found

    def _contact(self, contact_id: str) -> Contact | None:
        if not is_id(contact_id):
            return None
        try:
            raw = self._endpoint.one("/contacts/{id}", contact_id)
        except Rejected as refusal:
            if refusal.code in ("404", "RecordNotFound"):
                return None
            raise
        (row,) = read_all(CONTACTS, [raw])
        return row

    def accounts_like(self, side: Side, name: str) -> list[Account]:
        """Active contacts of that side that share a word with the name: the same ones, then ten at most."""
        word = search_word(name)
        if not word:
            return []
        params = (
            ("search", word),
            ("contact_type_id", _CONTACT_TYPES[side]),
            ("exclude_system", "true"),
            ("attributes", _CONTACT_ATTRIBUTES),
        )
        rows = read_all(CONTACTS, self._endpoint.rows("/contacts", params))
        return ranked(name, [_account(row) for row in rows if row.is_active and _is_of(side, row)])

    def create_account(self, new: NewAccount) -> Account:
        """A new contact; the same key within 7 days gives the first one again."""
        raw = self._endpoint.create("/contacts", "contact", _written_contact(new))
        (row,) = read_all(CONTACTS, [raw], safe=False)
        return _account(row)

    def nominal_code(self, code: str) -> str:
        """A whole number there: leading zeros vanish."""
        return str(int(code)) if code.isascii() and code.isdigit() else code

    def nominals(self) -> dict[str, Nominal]:
        """By code; one of digits alone is found with or without zeros in front, for Sage drops them."""
        return merged({side: self._ledger_accounts(side) for side in Side})

    def _ledger_accounts(self, side: Side) -> list[LedgerAccount]:
        params = (("visible_in", _VISIBLE_IN[side]), ("attributes", "nominal_code,name,tax_rate"))
        return read_all(LEDGER_ACCOUNTS, self._endpoint.rows("/ledger_accounts", params))

    def tax_codes(self) -> list[TaxCode]:
        """The tax rates that can be chosen there and are valid today, for both sides."""
        today = self._options.now().date()
        rows = read_all(TAX_RATES, self._endpoint.rows("/tax_rates", (("attributes", "all"),)))
        return [
            TaxCode(row.id, row.name, rate, _BOTH_SIDES)
            for row in rows
            if row.is_visible and (rate := row.on(today)) is not None
        ]

    def total_of(self, posting: Posting) -> Decimal:
        """Quantity times price, and the tax of each line, which Sage is told and does not work out."""
        return total_of(posting)

    def documents(self, kind: Kind, numbers: Collection[str]) -> dict[str, list[Posted]]:
        """Documents under these numbers, void ones left out; a call for each number."""
        return {number: self._documents(kind, number) for number in dict.fromkeys(numbers)}

    def _documents(self, kind: Kind, number: str) -> list[Posted]:
        # The search also finds contacts, and texts that only contain the number.
        params: Params = (("search", number), ("attributes", attributes(kind)))
        rows = read_all(DOCUMENTS, self._endpoint.rows(FORMS[kind].path, params))
        return [
            posted(kind, row, number) for row in rows if number_of(kind, row) == number and not is_void(row)
        ]

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
        (row,) = read_all(DOCUMENTS, [raw], safe=False)
        return posted(posting.kind, row, posting.number)


def _is_of(side: Side, row: Contact) -> bool:
    return any(kind.id == _CONTACT_TYPES[side] for kind in row.contact_types)


def _account(row: Contact) -> Account:
    person = row.main_contact_person
    return Account(
        id=row.id,
        name=row.name,
        active=row.is_active,
        email=row.email or (person.email if person else None),
        number=row.reference,
        tax_number=row.tax_number,
        currency=row.currency.id if row.currency else None,
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
