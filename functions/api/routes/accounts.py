"""Linking customers and suppliers with the package's accounts: Link this, AccsID, Create new (IN-5, IN-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from call import Answer, Call
from fields import Fields
from query import one_of
from views import reason_view

from payrelay.domain.invoices import Side
from payrelay.runtime.ids import ulid
from payrelay.runtime.problems import Problem, invalid
from routes.books import books_of, syncing

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection
    from payrelay.flows.invoice_sync.accounts import AccountRefused, Customer, Linked

LONGEST_ID, LONGEST_CURRENCY = 100, 3
SIDES = [side.value for side in Side]

T = TypeVar("T")


def link(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Link a customer with the account of this id: one of the same name (Link this), or any id (AccsID)."""
    from payrelay.flows.invoice_sync import accounts  # noqa: PLC0415  (rooms: only where they are used)

    connection = syncing(call, connection_id)
    fields = Fields(call.body(), ("account_id", "side"), required=("account_id",))
    account_id, named = fields.text("account_id", LONGEST_ID), fields.one_of("side", SIDES)
    fields.stop_if_wrong()
    side = Side(named) if named else None
    made = _done(call, connection, customer_id, lambda who: accounts.link(who, account_id, side))
    return Answer(_view(connection_id, customer_id, made))


def create(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Create the customer in the package, and link it; where the name is taken, there is one to be linked."""
    from payrelay.flows.invoice_sync import accounts  # noqa: PLC0415

    connection = syncing(call, connection_id)
    fields = Fields(call.body(), ("side", "currency"))
    named, currency = fields.one_of("side", SIDES), fields.text("currency", LONGEST_CURRENCY)
    fields.stop_if_wrong()
    side = Side(named) if named else None
    made = _done(call, connection, customer_id, lambda who: accounts.create(who, side, currency))
    return Answer(_view(connection_id, customer_id, made), 201)


def unlink(call: Call, connection_id: str, customer_id: str) -> Answer:
    """Remove a link, such as a wrong id: the next sync finds the account by its name (IN-6)."""
    from payrelay.flows.invoice_sync import accounts  # noqa: PLC0415

    connection = syncing(call, connection_id)
    named = call.query(side=one_of(SIDES))["side"]
    side = Side(named) if named else None
    _done(call, connection, customer_id, lambda who: accounts.unlink(who, side))
    return Answer(status=204)


def _done(call: Call, connection: Connection, customer_id: str, act: Callable[[Customer], T]) -> T:
    """What is done with a customer's links; a refusal as the problem that it is."""
    from payrelay.flows.invoice_sync.accounts import AccountRefused, Act, customer_of  # noqa: PLC0415

    who = Act(f"api_{ulid()}", call.container.engine.stamp(), call.principal.subject)
    try:
        return act(customer_of(books_of(call, connection), customer_id, who))
    except AccountRefused as refusal:
        raise _problem(refusal) from refusal


def _problem(refusal: AccountRefused) -> Problem:
    if refusal.code == "VALIDATION_FAILED":
        return invalid(refusal.errors)
    headers = {"Retry-After": str(refusal.seconds)} if refusal.seconds else {}
    members = {"system": refusal.system, "remedy": refusal.remedy}
    said = {name: value for name, value in members.items() if value is not None}
    return Problem(refusal.code, refusal.detail, errors=refusal.errors, headers=headers, **said)


def _view(connection_id: str, customer_id: str, made: Linked) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "side": made.side.value,
        "account_id": made.account_id,
        "name": made.name,
        "known": made.name is not None,
        "reason": reason_view(made.reason, connection_id),
    }
