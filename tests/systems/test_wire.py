"""JSON in and out, and messages made safe to show."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import BankAccount, SocialSecurityNumber
from payrelay.systems.http.wire import Number, read_json, sensitive_texts, shape_of, some_of, write_json


@pytest.mark.requirement("LB-11")
def test_fractions_are_exact() -> None:
    read = read_json(b'{"hours": 7.10, "whole": 7, "long": 0.12345678901234567890}')

    assert read == {"hours": Decimal("7.10"), "whole": 7, "long": Decimal("0.12345678901234567890")}
    assert str(read["hours"]) == "7.10"


@pytest.mark.parametrize(
    "text",
    ["", "<html>", '{"a":', "NaN", '{"a": Infinity}', "\ufeff", "[" * 100_000, "1e99999999999999999999"],
)
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one, too
        read_json(text.encode())


ROW = some_of({"id": Any, "hours": Any})
SHAPE = shape_of(some_of({"rows": list[ROW], "total": Any}))


def test_of_an_answer_that_has_its_shape_only_that_is_read() -> None:
    body = b'\xef\xbb\xbf{"rows": [{"id": "1", "hours": 7.10, "note": "x"}, {"more": 1}], "next": null}'

    read = read_json(body, SHAPE)

    assert read == {"rows": [{"id": "1", "hours": Decimal("7.10")}, {}]}
    assert str(read["rows"][0]["hours"]) == "7.10"


@pytest.mark.parametrize("text", ['{"rows": [{"id": "1", "note": "x"}, null]}', '{"rows": null}', "[1]", "7"])
def test_an_answer_of_another_shape_is_read_whole(text: str) -> None:
    assert read_json(text.encode(), SHAPE) == read_json(text.encode())


@pytest.mark.parametrize("text", ["", "<html>", '{"rows": [', "[" * 100_000])
def test_what_is_not_json_has_no_shape(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one, too
        read_json(text.encode(), SHAPE)


def test_values_go_out_in_their_plain_form() -> None:
    body = {
        "ssn": SocialSecurityNumber("01019012345"),
        "iban": BankAccount("NO9386011117947"),
        "percent": Decimal("1E+2"),
        "from": date(2026, 2, 9),
        "name": "Åse",
        "none": None,
    }

    assert read_json(write_json(body)) == {
        "ssn": "01019012345",
        "iban": "NO9386011117947",
        "percent": "100",
        "from": "2026-02-09",
        "name": "Åse",
        "none": None,
    }


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize("digits", ["0.1", "100.10", "-0.005", "12345678901234567890.123456789", "1E+2", "7"])
def test_a_number_goes_out_digit_by_digit(digits: str) -> None:
    value = Decimal(digits)

    assert write_json({"n": Number(value), "d": [value]}) == f'{{"n":{value:f},"d":["{value:f}"]}}'.encode()


@pytest.mark.parametrize("value", [Number(Decimal("NaN")), Number(Decimal("-Infinity")), float("nan")])
def test_what_json_has_no_number_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a number"):
        write_json([value])


@pytest.mark.parametrize("value", [object(), {1, 2}, datetime(2026, 2, 9, tzinfo=UTC), b"bytes"])
def test_what_has_no_wire_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        write_json({"value": value})


@pytest.mark.requirement("SEC-1")
def test_the_sensitive_texts_of_a_body_are_found_wherever_they_are() -> None:
    body = {
        "in": [{"node": {"socialSec": SocialSecurityNumber("123"), "bankAccount": BankAccount("5")}}, "x"]
    }

    assert sensitive_texts(body) == {"123", "5"}
