"""What is posted, looked up and told of a batch, against a package that a table describes (IN-10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from payrelay.domain.invoices import Company, Kind, Posted, Posting, Takes
from payrelay.domain.records import Outcome, Record
from payrelay.errors import OutcomeUnknown, PartlyWritten, Rejected
from payrelay.flows.invoice_sync.compare import record_of
from payrelay.flows.invoice_sync.deliver import Delivery, deliver
from payrelay.flows.invoice_sync.posting import gross_of, posting_of
from payrelay.flows.invoice_sync.read import Books
from payrelay.flows.invoice_sync.writes import Post, Row
from payrelay.systems.rows import BadRow, Listed
from tests.worlds.documents import INVOICE, LINE, NOMINALS, STANDARD
from tests.worlds.structs import replace

BILL_LINE = replace(LINE, nominal_code="5000")


class Package:
    """A package with some documents; it refuses those that are named, and takes the rest."""

    def __init__(
        self,
        *there: Posted,
        refuses: Mapping[str, str] | None = None,
        guarded: Collection[Kind] = (),
        bad: Sequence[BadRow] = (),
    ) -> None:
        self.there, self._refuses, self._bad = list(there), refuses or {}, bad
        self.unique_numbers = frozenset(guarded)
        self.posts_together, self.takes = True, Takes()
        self.calls: list[tuple[str, list[str]]] = []

    def documents(self, kind: Kind, numbers: Collection[str]) -> Listed[tuple[str, Posted]]:
        self.calls.append(("look up", list(numbers)))
        found = [
            (number, one)
            for number in numbers
            for one in self.there
            if one.kind is kind and one.number.casefold() == number.casefold()
        ]
        return Listed(found, [one for one in self._bad if one.number in numbers])

    def company(self) -> Company:
        return Company()

    def post(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        self.calls.append(("post", [one.number for one in postings]))
        refused = {one.document_id: words for one in postings if (words := self._refuses.get(one.number))}
        done = {one.document_id: posted(one) for one in postings if one.document_id not in refused}
        self.there += done.values()
        if not refused:
            return done
        if done:
            raise PartlyWritten("xero", "refused", done=done, keys=tuple(refused), reasons=refused)
        raise Rejected("xero", "refused", keys=tuple(refused), reasons=refused)


def posted(one: Posting, mark: str = "") -> Posted:
    return Posted(
        f"p-{one.number}", one.kind, one.number, one.account_id, gross_of(one), mark=mark or one.mark
    )


def books(package: Package) -> Books:
    nobody: Any = None
    return Books(nobody, package, "xero", nobody, ("demo", "con_1"), {})  # type: ignore[arg-type]


def delivery(
    number: str = "S1", kind: Kind = Kind.SALES_INVOICE, account_id: str = "7", **changed: Any
) -> Delivery:
    """A document on its way."""
    lines = (BILL_LINE,) if kind is Kind.SUPPLIER_INVOICE else (LINE,)
    one = replace(INVOICE, document_id=f"d-{number}-{account_id}", number=number, kind=kind, lines=lines)
    codes = {1: STANDARD}
    made = posting_of(one, NOMINALS, codes, needs_tax=True, account_id=account_id, connection_id="con_1")
    assert made
    return Delivery(record_of(one, Outcome.CREATED, None), Post(Row("r7", ""), made, **changed))


def told(fate: Posted | Record) -> str:
    """What became of it: the package's id, or the reason's code."""
    return fate.id if isinstance(fate, Posted) else fate.reason.code if fate.reason else ""


ONE = delivery()
OURS, THEIRS = posted(ONE.post.posting), replace(posted(ONE.post.posting, "by hand"), id="p-theirs")
DOUBTFUL = delivery(doubtful=True)
UNLISTED = delivery(doubtful=True, listed=False)
SALES = frozenset({Kind.SALES_INVOICE})
CASES: list[tuple[str, Delivery, Package, str, list[str]]] = [
    ("nothing in the way", ONE, Package(), "p-S1", ["look up", "post"]),
    ("where the package takes no number twice", ONE, Package(guarded=SALES), "p-S1", ["post"]),
    ("ours stands there", ONE, Package(OURS), "p-S1", ["look up"]),
    ("somebody's stands there", ONE, Package(THEIRS), "DUPLICATE_DOCUMENT_NUMBER", ["look up"]),
    (
        "one that can't be read stands there",
        ONE,
        Package(bad=[BadRow("397", "S1", "Total", "is missing")]),
        "VALUE_NOT_VALID",
        ["look up"],
    ),
    (
        "a refusal, for somebody's stands there",
        ONE,
        Package(THEIRS, guarded=SALES, refuses={"S1": "taken"}),
        "DUPLICATE_DOCUMENT_NUMBER",
        ["post", "look up"],
    ),
    (
        "a refusal, for ours stands there",
        ONE,
        Package(OURS, guarded=SALES, refuses={"S1": "taken"}),
        "p-S1",
        ["post", "look up"],
    ),
    (
        "a refusal of its own",
        ONE,
        Package(refuses={"S1": "too long"}),
        "REFUSED_BY_TARGET",
        ["look up", "post", "look up"],
    ),
    ("in doubt it is looked up", DOUBTFUL, Package(OURS, guarded=SALES), "p-S1", ["look up"]),
    ("in doubt and not there", DOUBTFUL, Package(guarded=SALES), "p-S1", ["look up", "post"]),
    ("in doubt, not listed, and there", UNLISTED, Package(OURS, guarded=SALES), "p-S1", ["look up"]),
    ("in doubt, not listed, not there", UNLISTED, Package(guarded=SALES), "DOCUMENT_GONE", ["look up"]),
]


@pytest.mark.requirement("IN-10", "RUN-4", "RUN-5")
@pytest.mark.parametrize(
    ("one", "package", "fate", "calls"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_document_is_posted_known_again_or_told_why_not(
    one: Delivery, package: Package, fate: str, calls: list[str]
) -> None:
    found = deliver(books(package), [one])
    assert told(found[one.record.source_id]) == fate
    assert [call for call, _ in package.calls] == calls


@pytest.mark.requirement("RUN-4", "IN-10")
def test_a_refused_document_keeps_no_other_and_says_the_packages_words() -> None:
    package = Package(refuses={"S2": "The number is too long."})
    found = deliver(books(package), [delivery("S1"), delivery("S2"), delivery("S3")])
    assert [told(fate) for fate in found.values()] == ["p-S1", "p-S3", "REFUSED_BY_TARGET"]
    refused = found["d-S2-7"]
    assert isinstance(refused, Record)
    assert refused.reason
    assert refused.reason.message == "Xero refused Sales invoice S2: The number is too long."


BILL = Kind.SUPPLIER_INVOICE
TWICE: list[tuple[str, list[Delivery], list[list[str]]]] = [
    ("in other letters", [delivery("S1"), delivery("s1", account_id="8"), delivery("S2")], [["S1", "S2"]]),
    ("of another kind", [delivery("S1"), delivery("S1", BILL, "8")], [["S1", "S1"]]),
    ("of another supplier", [delivery("P1", BILL), delivery("P1", BILL, "8")], [["P1", "P1"]]),
]


@pytest.mark.requirement("IN-10")
@pytest.mark.parametrize(("several", "posts"), [row[1:] for row in TWICE], ids=[row[0] for row in TWICE])
def test_a_number_goes_out_twice_only_where_it_may(several: list[Delivery], posts: list[list[str]]) -> None:
    package = Package()
    found = deliver(books(package), several)
    assert [numbers for call, numbers in package.calls if call == "post"] == posts
    blocked = [told(fate) for fate in found.values() if isinstance(fate, Record)]
    assert blocked == ["DUPLICATE_DOCUMENT_NUMBER"] * (len(several) - sum(map(len, posts)))


@pytest.mark.requirement("IN-10", "RUN-5")
def test_an_answer_that_never_came_is_nobodys_to_tell() -> None:
    class Silent(Package):
        def post(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
            raise OutcomeUnknown("xero", "no answer", seconds=5)

    with pytest.raises(OutcomeUnknown):
        deliver(books(Silent()), [ONE])
