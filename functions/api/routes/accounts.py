"""Linking customers and suppliers with the package's accounts: Link this, AccsID, Create new (IN-5, IN-6)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from call import Answer, Call
from fields import Fields
from query import one_of
from views import reason_view

from payrelay.domain.invoices import NewAccount, Side
from payrelay.domain.records import Outcome
from payrelay.domain.runs import Link
from payrelay.errors import OutcomeUnknown, Rejected
from payrelay.flows.invoice_sync.rules import link_problem
from payrelay.runtime.ids import ulid
from payrelay.runtime.problems import Problem, invalid
from routes.books import books_of, syncing

if TYPE_CHECKING:
    from payrelay.domain.invoices import Account
    from payrelay.flows.invoice_sync.books import Books
    from payrelay.systems.autovu.models import AutoVuAccount

LONGEST_ID = 100
ENTITY = "account"
SIDES = [side.value for side in Side]


class Customer(NamedTuple):
    """A customer or supplier of AutoVu's, with both sides of its connection."""

    call: Call
    connection_id: str
    books: Books
    account: AutoVuAccount

    @property
    def path(self) -> str:
        """Where its links are."""
        return f"/connections/{self.connection_id}/accounts/{self.account.account_id}"


def link(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Link a customer with the account of this id: one of the same name (Link this), or any id (AccsID).

    An id that is wrong is kept all the same, as AutoVu keeps it: the answer and the next sync say what is
    wrong with it. The same link again changes nothing.
    """
    connection = syncing(call, connection_id)
    fields = Fields(call.body(), ("account_id", "side"), required=("account_id",))
    account_id, named = fields.text("account_id", LONGEST_ID), fields.one_of("side", SIDES)
    fields.stop_if_wrong()
    customer = _customer(call, books_of(call, connection), connection_id, customer_id)
    books, account = customer.books, customer.account
    side = Side(named) if named else _listed_side(customer)
    linked = books.link_of(account, side)
    if linked not in (None, account_id):
        raise _linked_already(customer, side, linked)
    found = books.package.accounts(side, [account_id]).get(account_id)
    namesakes = [] if found and books.package.takes_account_ids else _namesakes(customer, side)
    if not books.package.takes_account_ids and account_id not in [one.id for one in namesakes]:
        allowed = ", ".join(one.id for one in namesakes) or f"none, for there is no {account.name}"
        detail = f"an id is not supported by {books.label}, but for an account of exactly the same name"
        raise invalid([("account_id", f"{detail}; allowed: {allowed}")])
    if linked is None:
        _change(customer, side, None, account_id)
    who = (books.label, account.account_id, account.name)
    why = link_problem(*who, linked=account_id, found=found, namesakes=namesakes)
    view = _view(customer, side, account_id, found.name if found else None)
    return Answer({**view, "reason": reason_view(why)})


def create(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Create the customer in the package, and link it; where the name is taken, there is one to be linked."""
    connection = syncing(call, connection_id)
    fields = Fields(call.body(), ("side",))
    named = fields.one_of("side", SIDES)
    fields.stop_if_wrong()
    customer = _customer(call, books_of(call, connection), connection_id, customer_id)
    books, account = customer.books, customer.account
    side = Side(named) if named else _listed_side(customer)
    linked = books.link_of(account, side)
    if linked:
        raise _linked_already(customer, side, linked)
    same = _namesakes(customer, side)
    if same:
        remedy = f"Link it (POST {customer.path}/link with the account_id {same[0].id})."
        detail = f"{books.label} has {account.name} ({same[0].id}) already."
        raise Problem("ACCOUNT_EXISTS", detail, remedy=remedy)
    made = _made(customer, side)
    _change(customer, side, None, made.id)
    return Answer({**_view(customer, side, made.id, made.name), "reason": None}, 201)


def unlink(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Remove a link, such as a wrong id: the next sync finds the account by its name (IN-6)."""
    connection = syncing(call, connection_id)
    named = call.query(side=one_of(SIDES))["side"]
    customer = _customer(call, books_of(call, connection), connection_id, customer_id)
    links = {side: customer.books.link_of(customer.account, side) for side in Side}
    linked = [side for side in Side if links[side] and named in (None, side)]
    if len(linked) > 1:
        both = "; ".join(f"{side}: {links[side]}" for side in linked)
        name = customer.account.name
        detail = f"is required, one of: {', '.join(SIDES)}, for {name} has both links ({both})"
        raise Problem("BAD_REQUEST", f"side: {detail}", errors=[("side", detail)])
    for side in linked:
        _change(customer, side, links[side], None)
    return Answer(status=204)


def _customer(call: Call, books: Books, connection_id: str, customer_id: str) -> Customer:
    found = books.autovu.accounts([customer_id])
    if customer_id in found:
        return Customer(call, connection_id, books, found[customer_id])
    shown = customer_id[:LONGEST_ID]
    for bad in found.bad_rows:
        remedy = "Mend the account in AutoVu, then try again."
        detail = f"AutoVu's account {shown} can't be read: {bad.field} {bad.problem}"
        raise Problem("SYSTEM_REFUSED", detail, system="autovu", remedy=remedy)
    raise Problem("NOT_FOUND", f"AutoVu has no account with the id {shown}.")


def _listed_side(customer: Customer) -> Side:
    """The side that is meant where none is named: of its listed documents; customer if none is listed."""
    mine = customer.account.account_id
    listed = {one.type.side for one in customer.books.autovu.queue().documents if one.account_id == mine}
    if len(listed) > 1:
        why = f"documents of both sides are listed for {customer.account.name}"
        raise invalid([("side", f"is required, one of: {', '.join(SIDES)}, for {why}")])
    return next(iter(listed), Side.CUSTOMER)


def _namesakes(customer: Customer, side: Side) -> list[Account]:
    name = customer.account.name
    return [one for one in customer.books.package.accounts_like(side, name) if one.name == name]


def _linked_already(customer: Customer, side: Side, linked: str | None) -> Problem:
    detail = f"{customer.account.name} is linked as {side} with {linked}."
    return Problem("ALREADY_LINKED", detail, remedy=f"Remove that link first (DELETE {customer.path}/link).")


def _view(customer: Customer, side: Side, account_id: str, name: str | None) -> dict[str, Any]:
    return {
        "customer_id": customer.account.account_id,
        "side": side.value,
        "account_id": account_id,
        "name": name,
        "known": name is not None,
    }


def _made(customer: Customer, side: Side) -> Account:
    """The account that was created; a refusal in the package's own words, such as for a name in other use."""
    books, account = customer.books, customer.account
    try:
        return books.package.create_account(_new(customer, side))
    except OutcomeUnknown as error:
        detail = f"{books.label} did not answer whether it created {account.name}: {error.message}"
        remedy = "Create it again: if it is there already, the answer names it, and it can be linked."
        raise Problem(
            "SYSTEM_UNREACHABLE",
            detail,
            headers={"Retry-After": str(max(1, error.seconds))},
            system=error.system,
            remedy=remedy,
        ) from error
    except Rejected as refusal:
        detail = f"{books.label} does not create {account.name}: {refusal.message}"
        remedy = f"Correct it in AutoVu, or link an account that is there (POST {customer.path}/link)."
        raise Problem("SYSTEM_REFUSED", detail, system=refusal.system, remedy=remedy) from refusal


def _change(customer: Customer, side: Side, old: str | None, new: str | None) -> None:
    """Make or remove a link.

    Where the package takes ids the link lives in AutoVu, as its AccsID; else it is ours. Ours is kept in
    either case, without its target where AutoVu has it: it tells that there was a link.
    """
    from payrelay.systems.autovu.client import ROW_VERSION_MISMATCH  # noqa: PLC0415  (rooms: only where used)

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
            raise Problem("CONFLICT", detail, remedy="Try again.") from refusal
    target = "" if in_autovu else new or ""
    books.ledger.links.put(
        *books.connection_key, Link(ENTITY, f"{account.account_id}:{side}", account.name, target)
    )


def _note(customer: Customer, side: Side, old: str | None, new: str | None) -> None:
    """The audit trail: who linked what, before it is done."""
    act_id, engine, books = f"api_{ulid()}", customer.call.container.engine, customer.books
    entry = {
        "at": engine.stamp(),
        "run_id": act_id,
        "flow": "invoice_sync",
        "trigger": "manual",
        "requested_by": customer.call.principal.subject,
        "outcome": Outcome.UPDATED.value,
        "changes": [{"field": f"{side}.accs_id", "old": old, "new": new}],
        "comment": None,
    }
    books.ledger.history.put(*books.connection_key, f"{ENTITY}:{customer.account.account_id}", act_id, entry)


def _new(customer: Customer, side: Side) -> NewAccount:
    account, place = customer.account, f"{customer.call.tenant}/{customer.connection_id}"
    seed = f"{place}/{account.account_id}/{side}/{account.row_version}"
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
    )
