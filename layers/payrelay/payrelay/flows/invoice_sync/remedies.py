"""What would free the most documents of the list: each remedy once, with how many it frees (IN-1)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import Document
from payrelay.domain.records import Reason
from payrelay.flows.invoice_sync.rules import Seen, account, failing


class Remedy(Struct, frozen=True):
    """Something to do, said by the first document's reason; it `frees` those that nothing else keeps.

    `concerned` are all that it is a remedy for. Where it mends the link of an account, `of` is a document
    that has it.
    """

    reason: Reason
    of: Document | None
    frees: int = 0
    concerned: int = 0


def remedies_of(seen: Iterable[Seen]) -> list[Remedy]:
    """Every remedy, the one that frees the most documents first."""
    found: dict[tuple[str, ...], Remedy] = {}
    for one in seen:
        reasons = failing(one)
        for rule, why in reasons:
            of = one.document if rule.test is account else None
            key = (why.code, why.remedy, *((of.account_id, of.kind.side) if of else ()))
            known = found.get(key) or Remedy(why, of)
            frees = known.frees + (len(reasons) == 1)
            found[key] = replace(known, frees=frees, concerned=known.concerned + 1)
    return sorted(found.values(), key=lambda one: (-one.frees, -one.concerned))
