"""Employees as they come over the wire, told apart by their content before anything is built of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from payrelay.domain.national import national_key
from payrelay.systems.http.wire import Shape, shape_of, some_of
from payrelay.systems.rows import Listed, Row

from .models import Compensation, CostCenter, Department, Employee, Employment, EmploymentType
from .related import EMPLOYEES, Relations, read_employees

_RELATED = ("department", "costCenter", "employments", "employment", "employmentType", "compensation")
_NAMING = ("employmentId", "employmentTypeId", "compensationId")


def _read_of(model: type[Row], *but: str) -> tuple[str, ...]:
    """The names of the fields that are read of a row; what else it has (a picture's address) says nothing."""
    return tuple(name for name in model.__struct_encode_fields__ if name not in but)


_EMPLOYEE = (*_read_of(Employee, *_RELATED), *_NAMING)
_EMPLOYMENT = _read_of(Employment, "kind")
_DEPARTMENT, _CENTRE = _read_of(Department), _read_of(CostCenter)
_TYPE, _COMPENSATION = _read_of(EmploymentType), _read_of(Compensation)
_RELATIONS = {
    "department": _DEPARTMENT,
    "costCenter": _CENTRE,
    "effectiveCostCenter": _CENTRE,
    "employment": _EMPLOYMENT,
    "employmentType": _TYPE,
    "compensation": (*_COMPENSATION, "employeeId"),
}
_ENCODER = msgspec.json.Encoder(order="sorted")
_NONE = b"-"


@cache
def page_shape() -> Shape:
    """A page of employees, with no more of each row than is read of it."""

    def rows(names: Sequence[str]) -> Any:
        return list[some_of(dict.fromkeys(names, Any))]  # type: ignore[misc]

    relations = some_of({name: rows(names) for name, names in _RELATIONS.items()})
    return shape_of(some_of({"data": rows(_EMPLOYEE), "total": Any, "relations": relations}))


class Content(Struct, frozen=True, gc=False):
    """One row: its id and number ("" if it has none), and all that an employee is made of, as bytes."""

    id: str
    number: str
    whole: bytes

    def __repr__(self) -> str:
        return f"Content({self.id!r})"


class RawEmployees(Struct, frozen=True):
    """Rows `offset` to the end of a page, of `total`, with their related rows."""

    rows: Sequence[Any]
    relations: Relations
    total: int

    def __repr__(self) -> str:
        return f"RawEmployees({len(self.rows)} of {self.total})"

    @property
    def labels(self) -> list[str]:
        """How each row is called that can be used or not: by its id, as far as it tells one."""
        return [_text(raw, "id") or EMPLOYEES.bad_row(raw, "", "").id for raw in self.rows]

    def akin(self, places: Collection[int]) -> set[int]:
        """The places of other rows with the social security number or work e-mail of one of these."""
        keys = [_kin(raw) for raw in self.rows]
        asked = {key for place in places for key in keys[place]}
        found = (place for place, own in enumerate(keys) if any(key in asked for key in own))
        return {place for place in found if place not in places}

    def contents(self) -> Iterator[Content]:
        """What each row is, by which two readings of it can be told apart."""
        related = _Related(self.relations)
        for raw in self.rows:
            yield Content(_text(raw, "id"), _text(raw, "employeeNumber"), related.whole(raw))

    def read(self, at: Collection[int] | None = None) -> Listed[Employee]:
        """The employees at these places, all if none are named, and those that can't be used."""
        if at is None:
            return read_employees(self.rows, self.relations)
        chosen = [self.rows[place] for place in sorted(at)]
        return read_employees(chosen, _of(chosen, self.relations)) if chosen else Listed([])


class _Shared(dict[Any, bytes]):
    """Related rows of one kind as bytes, by id: those that many share are made once."""

    def __init__(self, raws: Sequence[Any], names: Sequence[str]) -> None:
        super().__init__()
        self.rows, self._names = _keyed(raws), names

    def __missing__(self, key: Any) -> bytes:
        raw = self.rows.get(key)
        made = self[key] = _NONE if raw is None else _encoded(raw, self._names)
        return made


class _Related:
    """The related rows of a page as bytes."""

    def __init__(self, relations: Relations) -> None:
        centres = [*relations.get("effectiveCostCenter", ()), *relations.get("costCenter", ())]
        self._departments = _Shared(relations.get("department", ()), _DEPARTMENT)
        self._centres = _Shared(centres, _CENTRE)
        self._types = _Shared(relations.get("employmentType", ()), _TYPE)
        self._pay = _Shared(relations.get("compensation", ()), _COMPENSATION)
        employments = relations.get("employment", ())
        self._employments = _keyed(employments)
        self._own: dict[str, list[Any]] = defaultdict(list)
        for raw in employments:
            self._own[_text(raw, "employeeId")].append(raw)

    def whole(self, raw: Any) -> bytes:
        """An employee's own part and the related ones, which are found as whoever builds them finds them."""
        try:
            get = raw.get
            there = self._departments.rows.get(get("departmentId"))
            centre = get("costCenterId") or _first(there, "effectiveCostCenterId", "costCenterId")
            named = self._employments.get(get("employmentId"))
            kind = get("employmentTypeId") or _first(named, "typeId")
            employments = self._own.get(get("id"), ())
            if named is not None and named not in employments:
                employments = [*employments, named]
            if len(employments) > 1:
                employments = sorted(employments, key=lambda one: _text(one, "id"))
            parts = [_ENCODER.encode(list(map(get, _EMPLOYEE)))]
            parts += [_encoded(one, _EMPLOYMENT) for one in employments]
            parts += [self._departments[get("departmentId")], self._centres[centre]]
            parts += [self._types[kind], self._pay[get("compensationId")]]
        except (AttributeError, TypeError):
            # It is no row, or is named by what can't be a name; nobody can be made of it.
            return _ENCODER.encode(raw)
        return b"\n".join(parts)


def _encoded(raw: Any, names: Sequence[str]) -> bytes:
    return _ENCODER.encode(list(map(raw.get, names)) if isinstance(raw, dict) else raw)


def _of(chosen: Sequence[Any], relations: Relations) -> Relations:
    """Of the related rows those that may be of these employees; a row that does not tell is anybody's."""
    ids = {_text(raw, "id") for raw in chosen} | {""}
    named = {_text(raw, name) for raw in chosen for name in _NAMING}
    found = dict(relations)
    found["employment"] = [
        raw
        for raw in relations.get("employment", ())
        if _text(raw, "employeeId") in ids or _text(raw, "id") in named
    ]
    found["compensation"] = [raw for raw in relations.get("compensation", ()) if _text(raw, "id") in named]
    return found


def _kin(raw: Any) -> list[tuple[str, str]]:
    """What may tell that two rows are about one person."""
    national, email = _text(raw, "ssn"), _text(raw, "workEmail")
    found = [("national", national_key(national))] if national else []
    return [*found, ("email", email.strip().casefold())] if email else found


def _keyed(raws: Sequence[Any]) -> dict[str, Any]:
    return {_text(raw, "id"): raw for raw in raws}


def _first(raw: Any, *names: str) -> str:
    """The first of these names that a related row has a value for."""
    return next((found for name in names if (found := _text(raw, name))), "")


def _text(raw: Any, name: str) -> str:
    value = raw.get(name) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""
