"""Documents checked live: both sides opened and read, and every document seen as its checks look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from payrelay.domain.invoices import Document
from payrelay.flows.invoice_sync.compare import Terms, numbered, seen_of, sent_as
from payrelay.flows.invoice_sync.parties import found_of
from payrelay.flows.invoice_sync.read import AccountsSeen, Books, Chart
from payrelay.flows.invoice_sync.rules import Seen, first_failing, same_numbers
from payrelay.flows.invoice_sync.settings import names_of
from payrelay.flows.opening import Container
from payrelay.flows.settings.autovu_accounting import Settings
from payrelay.systems.autovu.client import SYSTEM


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def open_books(container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]) -> Books:
    """Both sides of one connection, with its stored credentials."""
    checked = Settings.model_validate(settings)
    # In use: a connection lapses some time after its last use (IN-8).
    container.ledger.connections.touch(tenant, connection_id, int(utc_now().timestamp()))
    return Books(
        autovu=container.client_of(tenant, connection_id, settings, SYSTEM),
        package=container.client_of(tenant, connection_id, settings, checked.package),
        system=checked.package,
        ledger=container.ledger,
        connection_key=(tenant, connection_id),
        rates=checked.tax_rates,
        codes=names_of(checked.tax_codes),
    )


def look_at(
    books: Books,
    documents: Sequence[Document],
    chart: Chart,
    accounts: AccountsSeen | None = None,
    *,
    all_numbers: bool = True,
    sent: Mapping[str, Sequence[str]] | None = None,
) -> list[Seen]:
    """Documents as the checks look at them, by as few calls as there can be.

    Without `all_numbers` those that pass every other check are not looked up by their numbers: they are right
    before they are posted. By document id, `sent` are numbers under which one may have been posted before.
    """
    if not documents:
        return []
    terms = Terms(books.package, books.label, books.connection_key[1], books.rates, books.codes)
    seen = [seen_of(found, chart, terms) for found in found_of(books, documents, chart, accounts)]
    asked = {one.document.document_id for one in seen if all_numbers or first_failing(one)}
    numbers = [(one.document.kind, one.document.number) for one in seen if one.document.document_id in asked]
    former = [(one.document.kind, number) for one in seen for number in _former(one, sent or {})]
    there = books.standing([*numbers, *former])
    found = []
    for one in seen:
        kind = one.document.kind
        if one.document.document_id in asked:
            one = numbered(one, there[kind, one.document.number])  # noqa: PLW2901
        for number in _former(one, sent or {}):
            one = sent_as(one, there[kind, number])  # noqa: PLW2901
        found.append(one)
    return same_numbers(found, str.casefold if books.package.takes.folds_numbers else str)


def _former(seen: Seen, sent: Mapping[str, Sequence[str]]) -> list[str]:
    """Other numbers than its own under which a document may have been posted."""
    document = seen.document
    return [one for one in sent.get(document.document_id, ()) if one != document.number]
