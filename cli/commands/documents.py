"""The invoice queue and its accounts; the leave balances of one person."""

from __future__ import annotations

import click

from cli.api import Api, Json
from cli.command_line import OneOf, Section, connection_argument, limit_option
from cli.errors import NOT_RIGHT, OK
from cli.screen import Screen, Table, Words, facts
from cli.show import more

from .runs import CONNECTION

# What an account is wanted for before a document of its customer can go.
SIDES = ("customer", "supplier")
SHOWN = 3
side_option = click.option("--side", type=OneOf(SIDES), help="Where both are listed: which account is meant.")
customer_argument = click.argument(
    "customer", help="The customer's or supplier's id in AutoVu, such as a-11."
)

section = Section("Documents and balances")


@section.command(CONNECTION)
@connection_argument
@limit_option(50, "documents")
def documents(api: Api, screen: Screen, connection: str, limit: int) -> int:
    """List the invoice queue: each document with what keeps it, and the accounts that may be meant.

    Ends with 3 if anything is kept back.
    """
    found = api.listing("/connections/{}/documents", connection, limit=limit)
    screen.give(found)
    following: list[Words] = []
    kept = 0
    for one in found["items"]:
        screen.say(_head(one))
        for reason in one["reasons"]:
            screen.say(facts([("why", reason["message"]), ("remedy", reason["remedy"])], by=4))
        kept += bool(one["reasons"])
        following += _linking(connection, one)
    for one in found["unreadable"]:
        screen.say(f"unreadable: {one}")
    if not found["items"]:
        screen.say("The list is empty.")
    screen.say(*more(found, limit))
    screen.next(*list(dict.fromkeys(map(tuple, following)))[:SHOWN])
    return NOT_RIGHT if kept or found["unreadable"] else OK


def _head(one: Json) -> str:
    whose = f"{one['customer']} ({one['customer_id']})"
    return f"{one['document_id']}  {one['kind']} {one['number']}  {whose}  {one['total']} {one['currency']}"


def _linking(connection: str, one: Json) -> list[Words]:
    """Linking its account with each that may be meant, the likeliest first."""
    said = [
        [
            "link",
            connection,
            one["customer_id"],
            found["account_id"],
            "--side",
            one["side"],
            f"# {found['name']}",
        ]
        for found in one["suggestions"][:1]
    ]
    if not said and any(reason["code"].startswith("ACCOUNT_") for reason in one["reasons"]):
        return [["create", connection, one["customer_id"], "--side", one["side"], f"# {one['customer']}"]]
    return list(said)


@section.command(f"{CONNECTION} a-11 58 --side customer", f"{CONNECTION} a-11 --remove")
@connection_argument
@customer_argument
@click.argument("account", required=False, help="The account's id in the package.")
@side_option
@click.option("--remove", is_flag=True, help="Remove a wrong id instead.")
def link(
    api: Api,
    screen: Screen,
    connection: str,
    customer: str,
    account: str | None,
    side: str | None,
    remove: bool,
) -> int:
    """Link a customer or supplier of AutoVu with an account of the package (Link this), or remove a wrong id.

    Their later documents need nothing more.
    """
    path = "/connections/{}/accounts/{}/link"
    if remove == bool(account):
        raise click.UsageError("Give either the account's id, or --remove.")
    if remove:
        screen.give(api.delete(path, connection, customer))
        screen.say(f"{customer} is linked with no account any more.")
    else:
        body = {"account_id": account, **({"side": side} if side else {})}
        screen.give(api.post(path, connection, customer, body=body))
        screen.say(f"{customer} is linked with the account {account}.")
    screen.next(["start", connection, "invoice_sync"])
    return OK


@section.command(f"{CONNECTION} a-11 --side customer")
@connection_argument
@customer_argument
@side_option
@click.option("--currency", metavar="CUR", help="Where their documents are in several: that of the account.")
def create(
    api: Api, screen: Screen, connection: str, customer: str, side: str | None, currency: str | None
) -> int:
    """Create an account in the package for a customer or supplier of AutoVu (Create new), and link it."""
    body = {name: value for name, value in {"side": side, "currency": currency}.items() if value}
    found = api.post("/connections/{}/accounts/{}/create", connection, customer, body=body)
    screen.give(found)
    screen.say(f"{customer} has the new account {found.get('account_id', '')}.")
    screen.next(["start", connection, "invoice_sync"])
    return OK


person_argument = click.argument("person", help="The employee's code, or their e-mail address.")


@section.command(f"{CONNECTION} E1009")
@connection_argument
@person_argument
def balances(api: Api, screen: Screen, connection: str, person: str) -> int:
    """Show the leave balances of one person at both systems. Writes nothing."""
    return _balances(screen, api.get("/connections/{}/people/{}/balances", connection, person))


@section.command(f"{CONNECTION} E1009")
@connection_argument
@person_argument
def refresh(api: Api, screen: Screen, connection: str, person: str) -> int:
    """Bring the leave balances of one person up to date now, and show them."""
    found = api.post("/connections/{}/people/{}/refresh", connection, person)
    if "items" in found:
        return _balances(screen, found)
    screen.give(found)
    screen.say(f"{found.get('run_id', 'A run')} refreshes {person}.")
    screen.next(*([["tail", found["run_id"]]] if found.get("run_id") else []))
    return OK


def _balances(screen: Screen, found: Json) -> int:
    screen.give(found)
    names = list(dict.fromkeys(name for one in found["items"] for name in one))
    rows = [[_cell(one.get(name)) for name in names] for one in found["items"]]
    screen.say(f"{found['person_id']}, checked at {found['checked_at']}")
    screen.say(Table(rows, [name.replace("_", " ") for name in names], by=2) if rows else "  no balances")
    return OK


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in value.items() if one is not None)
    return "-" if value is None else value
