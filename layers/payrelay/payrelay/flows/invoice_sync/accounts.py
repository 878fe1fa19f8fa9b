"""Linking customers and suppliers with the package's accounts: by name, AccsID or new (IN-5, IN-6, IN-7)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import cache, partial

from msgspec import Struct

from payrelay.domain.invoices import NO_TRAITS, Account, NewAccount, Side, Suggestion
from payrelay.domain.records import Outcome, Reason
from payrelay.domain.runs import Link
from payrelay.domain.spelling import trimmed
from payrelay.errors import OutcomeUnknown, PayrelayError, Rejected
from payrelay.flows.invoice_sync.linking import link_problem, named, read_the_same
from payrelay.flows.invoice_sync.read import ACCOUNT, Books
from payrelay.systems.autovu.client import ROW_VERSION_MISMATCH, SYSTEM
from payrelay.systems.autovu.models import AutoVuAccount, Document
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow

SIDES = tuple(side.value for side in Side)
# Of an id that is not known, so much is said again.
_SHOWN = 100


class AccountRefused(PayrelayError):
    """A link is not made, created or removed: a problem's `code` and `detail`, and what a person does next.

    `errors` are (field, message) pairs; `system` is the outside system that did not do it, which asks to wait
    for `seconds`, if it does.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        remedy: str | None = None,
        *,
        errors: Sequence[tuple[str, str]] = (),
        system: str | None = None,
        seconds: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.remedy = code, detail, remedy
        self.errors, self.system, self.seconds = tuple(errors), system, seconds


class Act(Struct, frozen=True):
    """Who does it, and when (RFC 3339 UTC), as the audit trail tells it; `act_id` sorts by time."""

    act_id: str
    at: str
    requested_by: str


class Linked(Struct, frozen=True):
    """A link as it is now: its side, the package's id, its account's name there, and what is wrong with it.

    The name is None where the package does not have the account.
    """

    side: Side
    account_id: str
    name: str | None
    reason: Reason | None = None


class Customer(Struct, frozen=True):
    """A customer or supplier of AutoVu's, with both sides of its connection."""

    books: Books
    account: AutoVuAccount
    act: Act

    @property
    def path(self) -> str:
        """Where the API has its links."""
        return f"/connections/{self.books.connection_key[1]}/accounts/{self.account.account_id}"


def link(customer: Customer, account_id: str, named: Side | None) -> Linked:
    """Link a customer with the account of this id: one of the same name (Link this), or any id (AccsID).

    An id that is wrong is kept all the same, as AutoVu keeps it: the answer and the next sync say what is
    wrong with it. The same link again changes nothing.
    """
    books, account = customer.books, customer.account
    # An id that was copied from a page may bring a blank along.
    account_id = trimmed(account_id) or account_id
    side = named or _listed_side(customer, _listed(customer))
    linked = books.link_of(account, side)
    if linked not in (None, account_id):
        raise _linked_already(customer, side, linked)
    found = _found(customer, side, account_id)
    alike = [] if found and books.package.takes_account_ids else _alike(customer, side)
    if not books.package.takes_account_ids:
        _stop_at_other_ids(customer, account_id, read_the_same(alike))
    if linked is None:
        _change(customer, side, None, account_id)
    who = (books.label, account.account_id, account.name)
    any_name = books.package.takes.links_any_name
    why = link_problem(*who, linked=account_id, found=found, alike=alike, any_name=any_name)
    return Linked(side, account_id, found.name if found else None, why)


def create(customer: Customer, named: Side | None, currency: str | None = None) -> Linked:
    """Create the customer in the package, and link it; where the name is taken, there is one to be linked.

    Without a `currency` it is made in that of its listed documents, for a package may keep one for good.
    """
    books, account = customer.books, customer.account
    # Asked for where it is needed, and once.
    listed = cache(partial(_listed, customer))
    side = named or _listed_side(customer, listed())
    linked = books.link_of(account, side)
    if linked:
        raise _linked_already(customer, side, linked)
    alike = read_the_same(_alike(customer, side))
    if alike:
        raise _exists(customer, alike)
    made = _made(customer, side, currency or _listed_currency(listed(), side))
    _change(customer, side, None, made.id)
    return Linked(side, made.id, made.name)


def unlink(customer: Customer, named: Side | None) -> None:
    """Remove a link, such as a wrong id: the next sync finds the account by its name (IN-6)."""
    links = {side: customer.books.link_of(customer.account, side) for side in Side}
    linked = [side for side in Side if links[side] and named in (None, side)]
    if len(linked) > 1:
        both = "; ".join(f"{side}: {links[side]}" for side in linked)
        name = customer.account.name
        problem = f"is required, one of: {', '.join(SIDES)}, for {name} has both links ({both})"
        raise AccountRefused("BAD_REQUEST", f"side: {problem}", errors=[("side", problem)])
    for side in linked:
        _change(customer, side, links[side], None)


def customer_of(books: Books, account_id: str, act: Act) -> Customer:
    """The customer or supplier with this id in AutoVu; AccountRefused if none is there, or can be read."""
    bad: list[BadRow] = []
    for account in books.autovu.accounts([account_id]).take(bad):
        return Customer(books, account, act)
    shown = account_id[:_SHOWN]
    if bad:
        raise _unreadable(f"account {shown}", bad[0], SYSTEM)
    raise AccountRefused("NOT_FOUND", f"AutoVu has no account with the id {shown}.")


def _listed(customer: Customer) -> list[Document]:
    """Its listed documents."""
    # One that can't be read may be anybody's, and is on the list that people see.
    unusable: list[BadRow] = []
    documents = customer.books.autovu.queue().documents.take(unusable)
    return [one for one in documents if one.account_id == customer.account.account_id]


def _listed_side(customer: Customer, documents: Sequence[Document]) -> Side:
    """The side that is meant where none is named: of its listed documents; customer if none is listed."""
    listed = {one.type.side for one in documents}
    if len(listed) > 1:
        why = f"documents of both sides are listed for {customer.account.name}"
        raise _invalid("side", f"is required, one of: {', '.join(SIDES)}, for {why}")
    return next(iter(listed), Side.CUSTOMER)


def _found(customer: Customer, side: Side, account_id: str) -> Account | None:
    """What the package has under an id."""
    bad: list[BadRow] = []
    found = dict(customer.books.package.accounts(side, [account_id]).take(bad))
    _stop_at(customer, bad, "id", account_id)
    return found.get(account_id)


def _alike(customer: Customer, side: Side) -> list[Suggestion]:
    """The package's accounts that may be this one, with what speaks for each."""
    name = customer.account.name
    found = customer.books.alike(side, name, customer.account.traits)
    if found.unasked:
        why = found.unasked.why(f"The account {name}")
        raise AccountRefused("SYSTEM_REFUSED", why.message, why.remedy, system=customer.books.system)
    _stop_at(customer, found.bad, "number", name)
    return list(found.found)


def _stop_at_other_ids(customer: Customer, account_id: str, same: Sequence[Suggestion]) -> None:
    """Where the package has no ids for people, only an account that reads the same may be linked."""
    if account_id in [one.account.id for one in same]:
        return
    books, name = customer.books, customer.account.name
    allowed = ", ".join(one.account.id for one in same) or f"none, for there is no {name}"
    problem = f"an id is not supported by {books.label}, but for an account of exactly the same name"
    raise _invalid("account_id", f"{problem}; allowed: {allowed}")


def _exists(customer: Customer, same: Sequence[Suggestion]) -> AccountRefused:
    """There is one that nobody could tell from a new one, or that QuickBooks would refuse a second of."""
    label, first = customer.books.label, same[0]
    account = first.account
    told = "; ".join(f"{named(one)}: {', '.join(one.evidence)}" for one in same)
    exact = first.spelled == "" and account.active and len(same) == 1
    detail = f"{label} has {named(first)} already." if exact else f"{label} has {told}."
    link = f"Link it (POST {customer.path}/link with the account_id {account.id})."
    remedy = link if account.active else f"Make it active again in {label}. {link}"
    return AccountRefused("ACCOUNT_EXISTS", detail, remedy)


def _listed_currency(documents: Sequence[Document], side: Side) -> str | None:
    """The currency of the listed documents of one side; None where none is listed."""
    found = {one.currency for one in documents if one.type.side is side}
    if len(found) > 1:
        why = f"its listed documents are in {', '.join(sorted(found))}"
        raise _invalid("currency", f"is required, for {why}; an account may have one currency for good")
    return next(iter(found), None)


def _stop_at(customer: Customer, bad: Collection[BadRow], by: str, key: str) -> None:
    """Nothing is linked or made while an account that may be just this one can't be read."""
    for one in bad:
        if getattr(one, by) in (key, ""):
            raise _unreadable(f"account {one.number or one.id}", one, customer.books.system)


def _unreadable(what: str, bad: BadRow, system: str) -> AccountRefused:
    name = label(system)
    whose = f"{name}'" if name.endswith("s") else f"{name}'s"
    detail = f"{whose} {what} can't be read: {bad.field} {bad.problem}"
    remedy = f"Mend the account in {name}, then try again."
    return AccountRefused("SYSTEM_REFUSED", detail, remedy, system=system)


def _linked_already(customer: Customer, side: Side, linked: str | None) -> AccountRefused:
    detail = f"{customer.account.name} is linked as {side} with {linked}."
    remedy = f"Remove that link first (DELETE {customer.path}/link)."
    return AccountRefused("ALREADY_LINKED", detail, remedy)


def _invalid(field: str, message: str) -> AccountRefused:
    return AccountRefused("VALIDATION_FAILED", message, errors=[(field, message)])


def _made(customer: Customer, side: Side, currency: str | None) -> Account:
    """The account that was created; a refusal in the package's own words, such as for a name in other use."""
    books, account = customer.books, customer.account
    try:
        return books.package.create_account(_new(customer, side, currency))
    except OutcomeUnknown as error:
        detail = f"{books.label} did not answer whether it created {account.name}: {error.message}"
        remedy = "Create it again: if it is there already, the answer names it, and it can be linked."
        raise AccountRefused(
            "SYSTEM_UNREACHABLE", detail, remedy, system=error.system, seconds=max(1, error.seconds)
        ) from error
    except Rejected as refusal:
        detail = f"{books.label} does not create {account.name}: {refusal.message}"
        remedy = f"Correct it in AutoVu, or link an account that is there (POST {customer.path}/link)."
        for one in _of_the_other_side(customer, side):
            other = "supplier" if side is Side.CUSTOMER else "customer"
            detail = f"{detail} It has the {other} {named(one)}."
            remedy = (
                f"Create it in {books.label} by hand under another name, such as {account.name} ({side}), "
                f"and link that one (POST {customer.path}/link)."
            )
        raise AccountRefused("SYSTEM_REFUSED", detail, remedy, system=refusal.system) from refusal


def _of_the_other_side(customer: Customer, side: Side) -> list[Suggestion]:
    """Of the other side, the account that has the name: a package may take each name once for both."""
    other = Side.SUPPLIER if side is Side.CUSTOMER else Side.CUSTOMER
    found = customer.books.alike(other, customer.account.name, NO_TRAITS)
    return read_the_same(found.found)[:1]


def _change(customer: Customer, side: Side, old: str | None, new: str | None) -> None:
    """Make or remove a link.

    Where the package takes ids the link lives in AutoVu, as its AccsID; else it is ours. Ours is kept in
    either case, without its target where AutoVu has it: it tells that there was a link.
    """
    books, account = customer.books, customer.account
    _note(customer, side, old, new)
    in_autovu = books.package.takes_account_ids
    if in_autovu:
        try:
            books.autovu.set_accs_id(account, side, new)
        except Rejected as refusal:
            if refusal.code != ROW_VERSION_MISMATCH:
                raise
            detail = f"{account.name} was changed in AutoVu meanwhile."
            raise AccountRefused("CONFLICT", detail, "Try again.") from refusal
    target = "" if in_autovu else new or ""
    books.ledger.links.put(
        *books.connection_key, Link(ACCOUNT, f"{account.account_id}:{side}", account.name, target)
    )


def _note(customer: Customer, side: Side, old: str | None, new: str | None) -> None:
    """The audit trail: who linked what, before it is done."""
    act, books = customer.act, customer.books
    entry = {
        "at": act.at,
        "run_id": act.act_id,
        "flow": "invoice_sync",
        "trigger": "manual",
        "requested_by": act.requested_by,
        "outcome": Outcome.UPDATED.value,
        "changes": [{"field": f"{side}.accs_id", "old": old, "new": new}],
        "comment": None,
    }
    record_id = f"{ACCOUNT}:{customer.account.account_id}"
    books.ledger.history.put(*books.connection_key, record_id, act.act_id, entry)


def _new(customer: Customer, side: Side, currency: str | None) -> NewAccount:
    account = customer.account
    seed = "/".join((*customer.books.connection_key, account.account_id, side, account.row_version))
    if currency:
        seed = f"{seed}/{currency}"
    address = account.address
    lines = (
        {
            "line1": address.line1,
            "line2": address.line2,
            "town": address.town,
            "postcode": address.postcode,
            "country": address.country,
        }
        if address
        else {}
    )
    return NewAccount(
        key=hashlib.sha256(seed.encode()).hexdigest()[:32],
        side=side,
        name=account.name,
        email=account.email,
        address={name: value for name, value in lines.items() if value},
        currency=currency,
    )
