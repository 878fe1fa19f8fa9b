"""Employees of Simployer One as they come: what tells two readings of one apart, and reading some of them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from payrelay.systems.http.wire import read_json, write_json
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.models import Employee
from payrelay.systems.simployer.raw import RawEmployees, page_shape

EMPLOYEE = {
    "id": "e1",
    "active": True,
    "companyId": "c1",
    "employeeNumber": "101",
    "firstName": "Kari",
    "ssn": "01819012345",
    "workEmail": "Kari@acme.example",
    "hireDate": "2024-02-19T00:00:00.000Z",
    "departmentId": "d1",
    "employmentId": "m1",
    "compensationId": "p1",
    "custom": {"b": 1, "a": 2},
    "updated": "2026-01-04T12:30:00.000Z",
    "age": 36,
}
RELATIONS: dict[str, list[Any]] = {
    "department": [{"id": "d1", "name": "Finance", "effectiveCostCenterId": "k1"}],
    "effectiveCostCenter": [{"id": "k1", "code": "310"}],
    "costCenter": [{"id": "k2", "code": "320"}],
    "employment": [
        {
            "id": "m1",
            "employeeId": "e1",
            "typeId": "t1",
            "startDate": "2024-02-19T00:00:00.000Z",
            "rate": 100,
        },
        {"id": "m2", "employeeId": "e1", "typeId": "t2", "endDate": "2024-02-18T00:00:00.000Z", "rate": 80},
        {"id": "m9", "employeeId": "e9", "typeId": "t1", "rate": 100},
    ],
    "employmentType": [{"id": "t1", "name": "permanent_employment"}],
    "compensation": [{"id": "p1", "employeeId": "e1", "payoutPeriod": "MONTHLY", "amount": 42000}],
}


def content(employee: dict[str, Any] = EMPLOYEE, **relations: list[Any]) -> bytes:
    raw = RawEmployees([employee], {**RELATIONS, **relations}, 1)
    (found,) = raw.contents()
    assert (found.id, found.number) == ("e1", "101")
    return found.whole


def changed(name: str, place: int, /, **values: Any) -> dict[str, list[Any]]:
    rows = deepcopy(RELATIONS[name])
    rows[place] |= values
    return {name: rows}


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("employee", "relations", "same"),
    [
        pytest.param({"firstName": "Ola"}, {}, False, id="a field"),
        pytest.param({"custom": {"a": 2, "b": 2}}, {}, False, id="a key of custom"),
        pytest.param({"custom": {"a": 2, "b": 1}}, {}, True, id="the order of keys"),
        pytest.param({"gender": None}, {}, True, id="nothing, said so"),
        pytest.param({"updated": "2027-01-01T00:00:00.000Z"}, {}, True, id="when it was changed"),
        pytest.param({"age": 37, "avatarUrl": "https://a.example/1?x"}, {}, True, id="what nobody reads"),
        pytest.param({}, changed("department", 0, name="Pay"), False, id="the department"),
        pytest.param(
            {}, changed("effectiveCostCenter", 0, code="311"), False, id="the inherited cost centre"
        ),
        pytest.param({}, changed("costCenter", 0, code="321"), True, id="another one's cost centre"),
        pytest.param({}, changed("employment", 0, rate=80), False, id="the named employment"),
        pytest.param({}, changed("employment", 1, terminated=True), False, id="another employment"),
        pytest.param({}, changed("employment", 2, rate=80), True, id="the employment of another"),
        pytest.param({}, {"employment": RELATIONS["employment"][::-1]}, True, id="the order of rows"),
        pytest.param({}, {"employment": RELATIONS["employment"][1:]}, False, id="an employment gone"),
        pytest.param({}, changed("employmentType", 0, name="permanent"), False, id="the type's name"),
        pytest.param({}, {"employmentType": []}, False, id="the type gone"),
        pytest.param({}, changed("compensation", 0, payoutPeriod="HOURLY"), False, id="how they are paid"),
        pytest.param({}, changed("compensation", 0, amount=43000), True, id="how much"),
        pytest.param({"costCenterId": "k2"}, {}, False, id="a cost centre of their own"),
    ],
)
def test_what_is_read_of_an_employee_tells_two_readings_apart(
    employee: dict[str, Any], relations: dict[str, list[Any]], same: bool
) -> None:
    assert (content({**EMPLOYEE, **employee}, **relations) == content()) is same


@pytest.mark.parametrize("row", [None, 7, "e1", [], {}, {"id": 7, "employeeNumber": []}])
def test_a_row_of_any_form_has_a_content(row: Any) -> None:
    (found,) = RawEmployees([row], RELATIONS, 1).contents()
    assert (found.id, found.number) == ("", "")


@pytest.mark.requirement("SEC-1")
def test_nothing_of_a_person_shows() -> None:
    raw = RawEmployees([EMPLOYEE], RELATIONS, 7)
    (found,) = raw.contents()
    assert (repr(raw), repr(found)) == ("RawEmployees(1 of 7)", "Content('e1')")


@pytest.mark.requirement("EX-9", "RUN-11")
def test_rows_with_a_social_security_number_or_an_e_mail_of_others_are_akin() -> None:
    rows = [
        EMPLOYEE,
        {**EMPLOYEE, "id": "e2", "ssn": "018190 12345", "workEmail": None},
        {**EMPLOYEE, "id": "e3", "ssn": None, "workEmail": "kari@ACME.example "},
        {**EMPLOYEE, "id": "e4", "ssn": None, "workEmail": None},
        None,
    ]
    raw = RawEmployees(rows, {}, 5)
    assert raw.akin([0]) == {1, 2}
    assert raw.akin([1]) == {0}
    assert raw.akin([3, 4]) == set()
    assert raw.labels == ["e1", "e2", "e3", "e4", ""]


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    "spoilt",
    [
        {},
        changed("employment", 1, rate="much"),
        changed("employment", 2, employeeId=None),
        changed("compensation", 0, payoutPeriod=7),
        {"department": []},
        {"employment": [None]},
    ],
)
def test_some_of_the_rows_read_as_they_read_among_all(spoilt: dict[str, list[Any]]) -> None:
    others = [{**EMPLOYEE, "id": f"e{number}", "compensationId": None} for number in (8, 9)]
    relations = {**RELATIONS, **spoilt}

    def read(places: list[int] | None) -> tuple[dict[str, Employee], dict[str, BadRow]]:
        bad: list[BadRow] = []
        rows = [deepcopy(EMPLOYEE), *deepcopy(others)]
        good = RawEmployees(rows, relations, 3).read(places).take(bad)
        return {row.id: row for row in good}, {row.id: row for row in bad}

    good, bad = read(None)
    for place, source_id in enumerate(("e1", "e8", "e9")):
        one, lost = read([place])
        assert (one.get(source_id), lost.get(source_id)) == (good.get(source_id), bad.get(source_id))
        assert len(one) + len(lost) == 1
    assert read([]) == ({}, {})


@pytest.mark.requirement("RUN-11", "EX-4")
def test_what_is_read_of_a_page_is_all_that_an_employee_is_made_of() -> None:
    """A page is read without what nobody asks for; what is made of it is the same, and tells as much."""
    body = write_json({"data": [EMPLOYEE], "total": 1, "relations": RELATIONS})
    whole, shaped = (
        RawEmployees(read["data"], read["relations"], 1)
        for read in (read_json(body), read_json(body, page_shape()))
    )

    assert "age" in whole.rows[0]
    assert "age" not in shaped.rows[0]
    assert "amount" not in shaped.relations["compensation"][0]
    assert list(shaped.contents()) == list(whole.contents())
    assert shaped.read().whole("", "") == whole.read().whole("", "")
