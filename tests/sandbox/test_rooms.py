"""What the frame holds for every room that is made of tables, by the tables themselves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox import Options
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row, State, StateRefusedError
from local.sandbox.frame.system import System
from local.sandbox.rooms import ROOMS
from local.seed import SEEDS

NOW = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
SYSTEMS = {kind.name: kind for kind in ROOMS if issubclass(kind, System)}


@pytest.fixture(params=SYSTEMS)
def empty(request: pytest.FixtureRequest) -> System:
    return SYSTEMS[request.param](Options(now=lambda: NOW))


@pytest.fixture
def room(empty: System) -> System:
    empty.replace_state(SEEDS[empty.name]())
    return empty


def problems(room: System, state: Any) -> list[tuple[object, object, object, object]]:
    """Resource, row, field and message of whatever is wrong with a state, which then changes nothing."""
    before = room.state()
    with pytest.raises(StateRefusedError) as refused:
        room.replace_state(state)
    assert room.state() == before
    return [
        tuple(one[name] for name in ("resource", "row", "field", "message")) for one in refused.value.problems
    ]  # type: ignore[misc]


def with_rows(room: System, name: str, *rows: Any) -> State:
    return {**room.state(), name: list(rows)}


def test_the_data_that_it_gives_can_be_put_back(room: System) -> None:
    state, version = room.state(), room.version
    room.replace_state(state)
    assert room.state() == state
    assert room.version > version
    assert list(state) == [resource.name for resource in room.resources]


def test_a_state_is_an_object_of_lists_of_objects(room: System) -> None:
    name, others = room.resources[0].name, [resource.name for resource in room.resources]
    assert problems(room, []) == [("", None, "", "an object of lists is needed")]
    known = ", ".join(others)
    assert problems(room, {"people": []}) == [("people", None, "", f"unknown resource; known are {known}")]
    assert problems(room, {name: {}}) == [(name, None, "", "a list of rows is needed")]
    for one in others:
        assert problems(room, {one: ["Kari"]}) == [(one, 0, "", "an object is needed")]


def test_a_row_has_known_fields_all_that_it_needs_and_a_key_of_its_own(room: System) -> None:
    state = room.state()
    for resource in room.resources:
        for row in state[resource.name][:1]:
            found = problems(room, with_rows(room, resource.name, {**row, "shoe": 44}))
            assert (resource.name, 0, "shoe") in [one[:3] for one in found]
            for name in resource.must_have:
                without = {field: value for field, value in row.items() if field != name}
                found = problems(room, with_rows(room, resource.name, without))
                assert (resource.name, 0, name, "is required") in found
            if not row.keys() >= set(resource.keys):
                continue  # Nothing that anybody sees tells such rows apart: two may be alike.
            ((_, number, _, said), *_) = problems(room, with_rows(room, resource.name, row, row))
            assert (number, "is used twice" in str(said) or "there is one row" in str(said)) == (1, True)


MOVING = {name: kind for name, kind in SYSTEMS.items() if any(one.moved for one in kind.resources)}


def otherwise(value: Any) -> list[Any]:
    """Values instead of this one, of which some may fit."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float | Decimal):
        return [value + 1]
    return [f"{value}x", "x@y.example", "2026-01-01", None] if isinstance(value, str) else []


def edits(resource: Resource, row: Row) -> Iterator[Row]:
    """The row with another value in one of its fields, which may or may not fit."""
    taken = {*resource.keys, *resource.moved, *resource.still, *resource.refers}
    for name in resource.fields:
        for value in otherwise(row.get(name)) if name not in taken else ():
            if value != row[name]:
                yield {**row, name: value}


@pytest.mark.parametrize("system", MOVING)
@pytest.mark.requirement("RUN-11")
def test_a_row_that_is_edited_in_a_state_says_so_itself(system: str) -> None:
    """Whoever edits a row by hand forgets the time of its change, as the screens of a system never do."""
    now = [NOW]
    room = SYSTEMS[system](Options(now=lambda: now[0]))
    room.replace_state(SEEDS[room.name]())
    before = room.state()
    now[0] += timedelta(hours=1)
    moving = [one for one in room.resources if one.moved and before[one.name]]
    assert moving
    for resource in moving:
        check_edits(room, resource, before)


def check_edits(room: System, resource: Resource, before: State) -> None:
    """Edit the first row of a resource in every way."""

    def stamps(row: Row) -> Row:
        return {one: row.get(one) for one in resource.moved}

    def rows() -> dict[Any, Row]:
        return {tuple(row[one] for one in resource.keys): row for row in room.state()[resource.name]}

    def put(edited: Row) -> Row:
        room.replace_state({**before, resource.name: [edited, *before[resource.name][1:]]})
        assert {key: stamps(row) for key, row in rows().items() if key != which} == of_others
        return rows()[which]

    room.replace_state(before)
    (which, row), *others = rows().items()
    of_others = {key: stamps(row) for key, row in others}
    for edited in edits(resource, row):
        room.replace_state(before)
        try:
            first = put(edited)
        except StateRefusedError:
            continue
        if {**first, **stamps(edited)} == {**edited, **stamps(edited)}:  # It was taken, and as it is.
            break
    else:
        pytest.fail(f"no field of {resource.name} can be edited")
    assert not any(first[one] == row.get(one) for one in resource.moved)
    # A row that is given as it is stays to the letter; an edit in the same moment can be told apart.
    assert put(first) == first
    again = put({**row, **stamps(first)})
    assert not any(again[one] == first[one] for one in resource.moved)
    more = put({**first, **stamps(again)})
    assert not any(more[one] in (first[one], again[one]) for one in resource.moved)
    # Where it is given with another time or version, that is the one.
    assert put({**first, **stamps(row)}) == {**first, **stamps(row)}


def test_a_method_that_no_route_has_leads_nowhere(empty: System) -> None:
    for route in empty.routes():
        path = empty.bases[0] + route.path
        assert not route.method or empty._routes.find("HEAD", path).route is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_of_http_is_worded_as_the_system_does(empty: System, status: int) -> None:
    answer = empty.refuse(status, retry_after=7 if status == 429 else None)
    assert answer.status == status
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert status != 429 or empty.refusals[empty.server[429]][0] == 429


def test_every_named_fault_is_a_refusal_of_the_system(empty: System) -> None:
    assert empty.named_faults == tuple(empty.faults)
    assert {code for code in empty.faults.values() if code} <= empty.refusals.keys()
