"""What posting documents calls, told before it is done: AutoVu, and the package as it takes them (RUN-11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from payrelay.domain.forecast import Load
from payrelay.domain.invoices import Kind
from payrelay.domain.records import Write
from payrelay.flows.invoice_sync.read import Books
from payrelay.flows.invoice_sync.rules import BATCH, Seen, first_failing
from payrelay.flows.invoice_sync.writes import Adoption, Payload, Post
from payrelay.systems.autovu.client import SYSTEM as AUTOVU

# Packages that are asked how they are set up before each batch, and that take credit notes by a call apart.
PREPARED = frozenset({"quickbooks"})
CREDITED_APART = frozenset({"xero"})


def loads(books: Books, writes: Sequence[Write[Payload]]) -> dict[str, Load]:
    """The documents seen once more, posted, and told of in AutoVu."""
    posts = [one.payload for one in writes if isinstance(one.payload, Post)]
    kinds = Counter(one.posting.kind for one in posts)
    found = {"told": Load(AUTOVU, len(writes))}
    found |= {f"seen again: {kind}": Load(AUTOVU, count, BATCH) for kind, count in kinds.items()}
    found |= _numbers(books, (kind for kind in kinds.elements() if kind not in books.package.unique_numbers))
    apart = kinds[Kind.SALES_CREDIT_NOTE] if books.system in CREDITED_APART else 0
    at_once = BATCH if books.package.posts_together else 1
    found["posted"] = Load(books.system, len(posts) - apart, at_once)
    found["credit notes"] = Load(books.system, apart, at_once)
    found |= _links([one.adopts for one in posts if one.adopts and books.package.takes_account_ids])
    by_mark = Counter(one.posting.kind for one in posts if one.by_mark)
    found |= {f"marks: {kind}": Load(books.system, count, BATCH) for kind, count in by_mark.items()}
    found["set up"] = Load(books.system, len(posts) if books.system in PREPARED else 0, BATCH)
    return found


def _links(adopts: Sequence[Adoption]) -> dict[str, Load]:
    """Accounts looked at before they are linked, each once for every document, and linked once."""
    accounts = {(one.account_id, one.side) for one in adopts}
    return {"accounts seen": Load(AUTOVU, len(adopts)), "accounts linked": Load(AUTOVU, len(accounts))}


def looks(books: Books, writes: Sequence[Write[Payload]]) -> dict[str, Load]:
    """The documents with their accounts, and all their numbers."""
    posts = [one.payload.posting for one in writes if isinstance(one.payload, Post)]
    others = len(writes) - len(posts)
    found = {
        "documents": Load(AUTOVU, len(writes)),
        "accounts": Load(AUTOVU, len({one.account_id for one in posts}) + others),
    }
    sides = Counter(one.kind.side for one in posts)
    found |= {f"accounts: {side}": Load(books.system, count, BATCH) for side, count in sides.items()}
    return found | _numbers(books, (one.kind for one in posts))


def spared(books: Books, seen: Iterable[Seen]) -> dict[str, int]:
    """The calls for numbers that only a preview makes: a sync looks up what passes when it is posted."""
    every = [(one.document.kind, _fails(one)) for one in seen]
    all_of_them = _calls(books, (kind for kind, _ in every))
    calls = all_of_them - _calls(books, (kind for kind, fails in every if fails))
    return {books.system: calls} if calls else {}


def _fails(seen: Seen) -> bool:
    """Whether a document fails a check, whatever stands under its number."""
    return first_failing(replace(seen, own=None, taken=None, earlier=None)) is not None


def _calls(books: Books, kinds: Iterable[Kind]) -> int:
    """How many calls look up a number each of these kinds: what takes many at once is asked for many, too."""
    each = list(kinds)
    return len(set(each)) if books.package.posts_together else len(each)


def _numbers(books: Books, kinds: Iterable[Kind]) -> dict[str, Load]:
    at_once = BATCH if books.package.posts_together else 1
    return {f"numbers: {kind}": Load(books.system, n, at_once) for kind, n in Counter(kinds).items()}
