"""What every accounting package's room must be able to do: each row of the registry gets this by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox import Options, running
from local.seed import SEEDS
from local.seed.trade import CUSTOMERS, NOMINALS, SUPPLIERS, TAXES
from payrelay.domain.invoices import Kind, NewAccount, Posting, PostingLine, Side
from payrelay.errors import OutcomeUnknown, PayrelayError
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.registry import PACKAGES, SYSTEMS
from tests.worlds.consent import consented
from tests.worlds.listed import coded, good, grouped, keyed
from tests.worlds.structs import replace

OPTIONS = DoorOptions(allow_loopback=True, sleep=lambda _: None)
SIDES = {"Sales": Side.CUSTOMER, "Expenses": Side.SUPPLIER}


@pytest.fixture(scope="module", params=PACKAGES)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    with running(options=Options(rate_limits=False)) as sandboxes:
        yield request.param, sandboxes


@pytest.fixture
def sandbox(served: tuple[str, Any]) -> Any:
    name, sandboxes = served
    sandbox = sandboxes.sandboxes[name]
    sandbox.room.replace_state(SEEDS[name]())
    return sandbox


@pytest.fixture
def books(served: tuple[str, Any], sandbox: Any) -> Any:
    """A client of the package, as a consent connects it."""
    name, sandboxes = served
    url = sandboxes.urls[name]
    client = SYSTEMS[name].connect(url, consented(name, url, OPTIONS), OPTIONS)
    sandbox.log.clear()
    return client


def party(books: Any, side: Side) -> str:
    """The package's id of a party that it knows."""
    name = next(one.name for one in (CUSTOMERS if side is Side.CUSTOMER else SUPPLIERS) if one.known)
    return str(good(books.accounts_like(side, name))[0].id)


def posting(books: Any, kind: Kind = Kind.SALES_INVOICE, number: str = "S7001", **changed: Any) -> Posting:
    """One line of 100.00 at 20 per cent."""
    side = kind.side
    code = next(one.code for one in NOMINALS if SIDES[one.used_for] is side and one.tax == "T1")
    tax = next(one for one in good(books.tax_codes()) if one.rate == 20 and side in one.sides)
    hundred = Decimal("100.00")
    nominal = coded(books.nominals())[code].ids[side]
    net = (Decimal(1), hundred, hundred)
    line = PostingLine("Boiler service", nominal, *net, tax.id, tax.rate, Decimal("20.00"))
    whole = Posting(
        document_id=f"d-{number}",
        key=number.encode().hex().rjust(32, "0"),
        mark=f"AutoVu d-{number}",
        kind=kind,
        number=number,
        date=date(2026, 2, 2),
        due_date=None if kind is Kind.SALES_CREDIT_NOTE else date(2026, 3, 4),
        currency="GBP",
        account_id=party(books, side),
        reference="Job 88",
        lines=(line,),
    )
    return replace(whole, **changed)


@pytest.mark.requirement("CON-2", "IN-8")
def test_it_names_the_company_that_it_reaches(books: Any) -> None:
    assert books.organisation()


@pytest.mark.requirement("IN-3")
def test_it_knows_the_nominals_of_each_side(books: Any) -> None:
    found = coded(books.nominals())
    for nominal in NOMINALS:
        assert SIDES[nominal.used_for] in found[books.nominal_code(nominal.code)].ids, nominal.code
    assert "4999" not in found


@pytest.mark.requirement("IN-3", "IN-11")
def test_it_has_a_tax_code_for_each_rate_and_side(books: Any) -> None:
    found = good(books.tax_codes())
    for rate in TAXES.values():
        for side in Side:
            assert [one for one in found if one.rate == Decimal(rate) and side in one.sides], (rate, side)


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(
    "one", [party for party in (*CUSTOMERS, *SUPPLIERS) if party.known], ids=lambda one: one.name
)
def test_it_finds_an_account_by_exactly_its_name(books: Any, one: Any) -> None:
    side = Side.SUPPLIER if one in SUPPLIERS else Side.CUSTOMER
    found = good(books.accounts_like(side, one.name))
    assert found[0].name == one.name
    assert [account.name for account in found].count(one.name) == 1
    assert keyed(books.accounts(side, [found[0].id, "99999999"])) == {
        found[0].id: keyed(books.accounts(side, [found[0].id]))[found[0].id]
    }


@pytest.mark.requirement("IN-5")
def test_a_name_that_only_looks_alike_is_not_the_same(books: Any) -> None:
    assert "Brook Farm Ltd 2" not in [
        one.name for one in good(books.accounts_like(Side.CUSTOMER, "Brook Farm Ltd 2"))
    ]


@pytest.mark.requirement("IN-5")
def test_it_creates_an_account_once_for_its_key(books: Any) -> None:
    new = NewAccount(
        "a" * 32, Side.CUSTOMER, "Ørsted Joinery", "post@orsted.example", {"town": "Goole"}, None
    )
    made = books.create_account(new)
    assert keyed(books.accounts(Side.CUSTOMER, [made.id]))[made.id].name == "Ørsted Joinery"
    assert good(books.accounts_like(Side.CUSTOMER, "Ørsted Joinery"))[0].id == made.id


@pytest.mark.requirement("IN-4", "IN-11")
@pytest.mark.parametrize("kind", Kind)
def test_it_posts_each_kind_with_the_total_it_told_and_knows_it_again(books: Any, kind: Kind) -> None:
    whole = posting(books, kind)
    posted = books.post([whole])[whole.document_id]
    (found,) = grouped(books.documents(kind, [whole.number, "S0000"]))[whole.number]
    assert (found.id, found.number, found.mark) == (posted.id, whole.number, whole.mark)
    assert found.total == books.total_of(whole) == Decimal("120.00")
    assert found.account_id == whole.account_id


@pytest.mark.requirement("IN-10", "RUN-5")
@pytest.mark.parametrize("kind", Kind)
def test_the_same_posting_again_makes_no_second_document(books: Any, kind: Kind) -> None:
    whole = posting(books, kind)
    first, second = (books.post([whole])[whole.document_id].id for _ in range(2))
    assert first == second
    assert len(grouped(books.documents(kind, [whole.number]))[whole.number]) == 1


@pytest.mark.requirement("IN-10", "RUN-5")
def test_a_lost_answer_is_unknown_and_the_document_is_found(books: Any, sandbox: Any) -> None:
    from local.sandbox.frame.faults import Faults

    whole = posting(books)
    sandbox._replace_plan(Faults(errors=("after_write_reset",), error_rate=1.0, count=1))
    with pytest.raises(OutcomeUnknown):
        books.post([whole])
    assert grouped(books.documents(whole.kind, [whole.number]))[whole.number][0].mark == whole.mark


@pytest.mark.requirement("RUN-4")
def test_a_refused_document_is_named_and_the_others_are_taken(books: Any) -> None:
    good, bad = posting(books), posting(books, number="S7002", account_id="99999999")
    with pytest.raises(PayrelayError) as refusal:
        books.post([bad, good])
    assert refusal.value.keys == (bad.document_id,)
    assert refusal.value.reasons[bad.document_id]
    assert list(refusal.value.done) == [good.document_id]


def test_five_documents_are_no_more_than_a_call_each(books: Any, sandbox: Any) -> None:
    postings = [posting(books, number=f"S70{place:02}") for place in range(5)]
    sandbox.log.clear()
    assert len(books.post(postings)) == 5
    assert len(sandbox.log.entries()) <= 6
