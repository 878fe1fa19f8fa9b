"""How a room reads a vendor's rows: fast while all is well, row by row when one is not."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

_SHAPE_OF_A_DAY = 10


@lru_cache(maxsize=1 << 15)
def _day(text: str) -> date:
    if len(text) == _SHAPE_OF_A_DAY or text.startswith("T", _SHAPE_OF_A_DAY):
        return date.fromisoformat(text[:_SHAPE_OF_A_DAY])
    raise ValueError(text)


class _DaySchema:
    """Reads text through the cache, as many people share a day; takes a date as it is."""

    @staticmethod
    def __get_pydantic_core_schema__(source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.no_info_after_validator_function(_day, core_schema.str_schema(strict=True))
        return core_schema.union_schema(
            [text, core_schema.date_schema(strict=True)],
            mode="left_to_right",
            # Not the value: it may be a birthday, and this text is shown.
            custom_error_type="day",
            custom_error_message="is not a day such as 2026-02-09",
        )


# The date part as it stands: shifting it to another zone would move midnight to the day before.
Day = Annotated[date, _DaySchema]


class Row(BaseModel):
    """A vendor's row: frozen, camelCase on the wire, unknown fields ignored, no personal data in its repr."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        hide_input_in_errors=True,
        # Built when first read: a function knows more kinds of rows than it meets.
        defer_build=True,
    )
    named_by: ClassVar[tuple[str, ...]] = ("id",)

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        for name in self.named_by:
            yield name, getattr(self, name)


R = TypeVar("R", bound=Row)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A page of rows is no garbage, but so many objects that the collector would take a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be used: which one, its number for people ("" if it has none), what is wrong where."""

    id: str
    number: str
    field: str
    problem: str


class Reader(Generic[R]):
    """Reads rows of one model; `id_key` and `number_key` name a bad one."""

    def __init__(self, model: type[R], *, id_key: str, number_key: str) -> None:
        self._model, self._id_key, self._number_key = model, id_key, number_key

    @cached_property
    def _list(self) -> TypeAdapter[list[R]]:
        return TypeAdapter(list[self._model])  # type: ignore[name-defined]  # a class that is known here only

    def read(self, raws: Sequence[object]) -> tuple[list[R], list[BadRow]]:
        """The rows, and those that can't be used."""
        with _collector_at_rest():
            try:
                return self._list.validate_python(raws), []
            except ValidationError:
                return self._read_one_by_one(raws)

    def _read_one_by_one(self, raws: Sequence[object]) -> tuple[list[R], list[BadRow]]:
        rows, bad = [], []
        for raw in raws:
            try:
                rows.append(self._model.model_validate(raw))
            except ValidationError as error:
                first = error.errors(include_url=False, include_context=False, include_input=False)[0]
                field = ".".join(str(part) for part in first["loc"])
                bad.append(self.bad_row(raw, field, first["msg"].removeprefix("Value error, ")))
        return rows, bad

    def bad_row(self, raw: object, field: str, problem: str) -> BadRow:
        named = raw if isinstance(raw, Mapping) else {}
        return BadRow(_label(named.get(self._id_key)), _label(named.get(self._number_key)), field, problem)


def _label(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""
