"""Linking customers and suppliers with the package's accounts: Link this, AccsID, Create new (IN-5, IN-6)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from api_call import Answer, Call
from api_fields import Fields

from payrelay.domain.invoices import NewAccount, Side
from payrelay.domain.records import Outcome
from payrelay.domain.runs import Link
from payrelay.flows.catalog import KINDS
from payrelay.flows.lapse import as_of
from payrelay.runtime.ids import ulid
from payrelay.runtime.problems import Problem, invalid

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection
    from payrelay.flows.invoice_books import Books
    from payrelay.systems.autovu.models import AutoVuAccount

LONGEST_ID = 100
ENTITY = "account"


def link(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Link a customer with the account of this id: one of the same name (Link this), or any id (AccsID).

    An id that is wrong is kept all the same, as AutoVu keeps it: the next sync says what is wrong with it.
    """
    fields = Fields(call.body(), ("account_id", "side"), required=("account_id",))
    account_id, side = fields.text("account_id", LONGEST_ID), _side(fields)
    fields.stop_if_wrong()
    books, account = _account(call, connection_id, customer_id)
    linked = books.link_of(account, side)
    if linked not in (None, account_id):
        detail = f"{account.name} is linked with {linked}."
        raise Problem("ALREADY_LINKED", detail, remedy="Remove that link first (DELETE …/link).")
    if not books.package.takes_account_ids and not _is_namesake(books, account, side, account_id):
        detail = f"not supported by {books.label}: only an account of exactly the same name can be linked"
        raise invalid([("account_id", detail)])
    return _linked(call, books, account, side, account_id)


def create(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Create the customer in the package, and link it; where the name is taken, there is one to be linked."""
    fields = Fields(call.body(), ("side",))
    side = _side(fields)
    fields.stop_if_wrong()
    books, account = _account(call, connection_id, customer_id)
    if books.link_of(account, side):
        detail = f"{account.name} is linked already."
        raise Problem("ALREADY_LINKED", detail, remedy="Remove that link first (DELETE …/link).")
    same = [one for one in books.package.accounts_like(side, account.name) if one.name == account.name]
    if same:
        remedy = f"Link it (POST …/link with account_id {same[0].id})."
        raise Problem("ACCOUNT_EXISTS", f"{books.label} has {account.name} already.", remedy=remedy)
    made = books.package.create_account(_new(call, connection_id, account, side))
    return _linked(call, books, account, side, made.id, 201)


def unlink(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Remove a link, such as a wrong id: the next sync finds the account by its name (IN-6)."""
    fields = Fields(call.body(), ("side",))
    side = _side(fields)
    fields.stop_if_wrong()
    books, account = _account(call, connection_id, customer_id)
    linked = books.link_of(account, side)
    if linked:
        _note(call, books, account, side, (linked, None))
        _keep(books, account, side, None)
    return Answer(status=204)


def books_of(call: Call, connection: Connection) -> Books:
    """Both sides of a connection that syncs documents."""
    from payrelay.flows.invoice_sync import open_books  # noqa: PLC0415  (rooms: only where they are used)

    if not KINDS[connection.kind].packages:
        raise Problem("NOT_FOUND", "This connection has no documents.")
    now = as_of(call.place.ledger, connection, call.place.engine.now)
    if now.status.value != "connected":
        why = now.reason.message if now.reason else f"The connection {connection.name} is not connected."
        remedy = f"Connect it first (POST /connections/{connection.connection_id}/connect)."
        raise Problem("NOT_CONNECTED", why, remedy=remedy)
    return open_books(call.place, call.tenant, connection.connection_id, connection.settings)


def _account(call: Call, connection_id: str, customer_id: str) -> tuple[Books, AutoVuAccount]:
    books = books_of(call, call.connection(connection_id))
    found = books.autovu.accounts([customer_id]).get(customer_id)
    if found is None:
        raise Problem("NOT_FOUND", "AutoVu has no account with this id.")
    return books, found


def _side(fields: Fields) -> Side:
    return Side(fields.one_of("side", [side.value for side in Side], default=Side.CUSTOMER.value))


def _is_namesake(books: Books, account: AutoVuAccount, side: Side, account_id: str) -> bool:
    alike = books.package.accounts_like(side, account.name)
    return any(one.id == account_id and one.name == account.name for one in alike)


def _linked(
    call: Call, books: Books, account: AutoVuAccount, side: Side, account_id: str, status: int = 200
) -> Answer:
    """Keep the link and say what the package has under it."""
    _note(call, books, account, side, (None, account_id))
    _keep(books, account, side, account_id)
    known = books.package.accounts(side, [account_id]).get(account_id)
    view: dict[str, Any] = {
        "customer_id": account.account_id,
        "side": side.value,
        "account_id": account_id,
        "name": known.name if known else None,
        "known": known is not None,
    }
    return Answer(view, status)


def _keep(books: Books, account: AutoVuAccount, side: Side, account_id: str | None) -> None:
    """Where the package takes ids the link lives in AutoVu, as its AccsID; else it is ours.

    Ours is kept in either case, without its target where AutoVu has it: it tells that there was a link.
    """
    in_autovu = books.package.takes_account_ids
    if in_autovu:
        books.autovu.set_accs_id(account, side, account_id)
    target = "" if in_autovu else account_id or ""
    books.ledger.links.put(*books.place, Link(ENTITY, f"{account.account_id}:{side}", account.name, target))


def _note(
    call: Call, books: Books, account: AutoVuAccount, side: Side, change: tuple[str | None, str | None]
) -> None:
    """The audit trail: who linked what, before it is done."""
    act_id, (old, new) = f"api_{ulid()}", change
    entry = {
        "at": call.place.engine.stamp(),
        "run_id": act_id,
        "flow": "invoice_sync",
        "trigger": "manual",
        "requested_by": call.principal.subject,
        "outcome": Outcome.UPDATED.value,
        "changes": [{"field": f"{side}.accs_id", "old": old, "new": new}],
        "comment": None,
    }
    books.ledger.history.put(*books.place, f"{ENTITY}:{account.account_id}", act_id, entry)


def _new(call: Call, connection_id: str, account: AutoVuAccount, side: Side) -> NewAccount:
    seed = f"{call.tenant}/{connection_id}/{account.account_id}/{side}/{account.row_version}"
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
