"""How a room reads a vendor's rows: fast while all is well, row by row when one is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

_SHAPE_OF_A_DAY = 10


def _read_day(value: object) -> date:
    if isinstance(value, str) and (len(value) == _SHAPE_OF_A_DAY or value.startswith("T", _SHAPE_OF_A_DAY)):
        try:
            return date.fromisoformat(value[:_SHAPE_OF_A_DAY])
        except ValueError:
            pass
    elif type(value) is date:
        return value
    # Not the value: it may be a birthday, and this text is shown.
    raise ValueError("is not a day such as 2026-02-09")


# The date part as it stands: shifting it to another zone would move midnight to the day before.
Day = Annotated[date, PlainValidator(_read_day)]


class Row(BaseModel):
    """A vendor's row: frozen, camelCase on the wire, unknown fields ignored, no personal data in its repr."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        hide_input_in_errors=True,
    )
    named_by: ClassVar[tuple[str, ...]] = ("id",)

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        for name in self.named_by:
            yield name, getattr(self, name)


R = TypeVar("R", bound=Row)


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
        self._list = TypeAdapter(list[model])  # type: ignore[valid-type]
        self._one = TypeAdapter(model)
        self._id_key, self._number_key = id_key, number_key

    def read(self, raws: Sequence[object]) -> tuple[list[R], list[BadRow]]:
        try:
            return self._list.validate_python(raws), []
        except ValidationError:
            return self._read_one_by_one(raws)

    def _read_one_by_one(self, raws: Sequence[object]) -> tuple[list[R], list[BadRow]]:
        rows, bad = [], []
        for raw in raws:
            try:
                rows.append(self._one.validate_python(raw))
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
