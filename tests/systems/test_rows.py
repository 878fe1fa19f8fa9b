"""Reading a vendor's rows: dates, and rows that can't be used."""

from datetime import date
from decimal import Decimal

import pytest

from payrelay.domain.sensitive import SocialSecurityNumber
from payrelay.systems.rows import BadRow, Day, Reader, Row, Unusable


class Person(Row, frozen=True):
    id: str
    first_name: str | None = None
    born: Day | None = None


READER = Reader(Person, id_key="id", number_key="number")


@pytest.mark.parametrize(
    ("wire", "day"),
    [
        ("2024-02-19", date(2024, 2, 19)),
        ("2024-02-19T00:00:00.000Z", date(2024, 2, 19)),
        # Late in the evening in UTC: still the day as written.
        ("2024-02-19T23:30:00.000Z", date(2024, 2, 19)),
        ("2024-02-19T00:00:00+14:00", date(2024, 2, 19)),
        ("2024-02-19T06:01:12", date(2024, 2, 19)),
        (None, None),
    ],
)
def test_a_day_is_the_date_part_as_it_stands(wire: object, day: date | None) -> None:
    assert READER.read([{"id": "1", "born": wire}]) == ([Person(id="1", born=day)], [])


@pytest.mark.parametrize(
    "wire",
    ["", "soon", "2024-02-30", "19.02.2024", "2024-02-19 extra", 1708300800, True, [], date(2024, 2, 19)],
)
def test_what_is_no_day_is_said_without_showing_it(wire: object) -> None:
    rows, bad = READER.read([{"id": "1", "number": "145", "born": wire}])

    assert rows == []
    assert bad == [BadRow("1", "145", "born", "is not a day such as 2026-02-09")]


@pytest.mark.requirement("RUN-4")
def test_one_bad_row_does_not_stop_the_others() -> None:
    raws = [{"id": "1"}, {"id": "2", "firstName": 5}, "nonsense", {"firstName": "Kari"}, {"id": "3"}]

    rows, bad = READER.read(raws)

    assert [row.id for row in rows] == ["1", "3"]
    assert [(row.id, row.field) for row in bad] == [("2", "firstName"), ("", ""), ("", "id")]
    assert bad[2].problem == "is missing"


MANY = [{"id": str(number), "firstName": "Kari"} for number in range(100)]


def test_many_rows_are_those_that_one_reads_one_by_one() -> None:
    assert READER.read(MANY) == ([READER.one(raw, "x", safe=True) for raw in MANY], [])


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("spoilt", "bad"),
    [
        (
            {"id": "7", "number": "145", "firstName": 5},
            BadRow("7", "145", "firstName", "Expected `str | null`, got `int`"),
        ),
        ({"id": "a/../b"}, BadRow("a/../b", "", "id", "'a/../b' can't be an id")),
        (Person(id=".."), BadRow("..", "", "id", "'..' can't be an id")),
    ],
)
def test_one_bad_row_does_not_stop_many(spoilt: object, bad: BadRow) -> None:
    assert READER.read([*MANY, spoilt]) == (READER.read(MANY)[0], [bad])


def test_what_is_a_row_already_stays_it() -> None:
    rows = READER.read(MANY)[0]

    assert all(one is other for one, other in zip(READER.read(rows)[0], rows, strict=True))


def test_absent_and_null_are_the_same_and_unknown_fields_are_left_alone() -> None:
    assert READER.read([{"id": "1", "firstName": None, "new": {"x": 1}}]) == READER.read([{"id": "1"}])


def test_a_row_is_frozen_and_shows_its_id_only() -> None:
    person = Person(id="1", first_name="Kari", born=date(1990, 1, 1))

    assert f"{person!r} {person}" == "Person(id='1') Person(id='1')"
    assert list(person.__rich_repr__()) == [("id", "1")]
    with pytest.raises(AttributeError, match="immutable"):
        setattr(person, "id", "2")  # noqa: B010


class Paid(Row, frozen=True):
    id: str
    ssn: SocialSecurityNumber | None = None
    rate: Decimal | None = None


@pytest.mark.requirement("SEC-1")
def test_sensitive_values_are_wrapped_as_they_are_read() -> None:
    raw = {"id": "1", "ssn": "01019012345", "rate": Decimal("87.50")}

    (row,), bad = Reader(Paid, id_key="id", number_key="id").read([raw])

    assert row.ssn == SocialSecurityNumber("01019012345")
    assert str(row.rate) == "87.50"
    assert bad == []


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ssn": 1019012345}, "ssn"),
        ({"ssn": ["01019012345"]}, "ssn"),
        ({"rate": "half"}, "rate"),
        ({"id": {"01019012345": "much"}}, "id"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_without_showing_it(
    wrong: dict[str, object], field: str
) -> None:
    rows, (bad,) = Reader(Paid, id_key="id", number_key="id").read([{"id": "1", **wrong}])

    assert rows == []
    assert bad.field == field
    assert "1019012345" not in bad.problem
    assert "much" not in bad.problem
    assert bad.problem


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("numbers", "missing_for"),
    [([], None), (["1042"], "1042"), (["7"], None), (["7", ""], "")],
    ids=["none", "the one that is looked for", "another", "one that does not tell its number"],
)
def test_a_row_that_can_not_be_used_may_be_the_one_that_is_missing(
    numbers: list[str], missing_for: str | None
) -> None:
    lost = Unusable([BadRow("1", number, "name", "is missing") for number in numbers], lambda row: row.number)
    found = lost.instead_of("1042")
    assert (found.number if found else None) == missing_for
    assert bool(lost) is bool(numbers)


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("named", ["", ".", "..", "a/../b", "../1", "1\n", "\x00", "1\x85"])
def test_a_row_whose_id_leads_elsewhere_is_one_bad_row(named: str) -> None:
    """(security F1, faults F5) Every run of that connection was RUN_DIED until it was gone."""
    rows, bad = READER.read([{"id": "1"}, {"id": named, "number": "145"}, {"id": "a/b"}])

    assert [row.id for row in rows] == ["1", "a/b"]
    assert [(row.id, row.number, row.field) for row in bad] == [(named, "145", "id")]
    assert ascii(named) in bad[0].problem
