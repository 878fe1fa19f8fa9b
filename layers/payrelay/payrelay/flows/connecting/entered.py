"""What people enter: settings, credentials and run options, checked against their kind's models (CON-1).

Each check adds what is wrong to `errors`, as pairs of a field and a message, so that one answer names it all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from payrelay.domain.ids import is_usable
from payrelay.domain.runs import MORE
from payrelay.errors import NeedsAttention
from payrelay.flows.catalog import FlowRow, Kind
from payrelay.systems.registry import SYSTEMS

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from payrelay.errors import FieldError
    from payrelay.flows.connecting.ports import Entered

LONGEST_CREDENTIAL = 4096

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_settings(
    kind: Kind, given: Mapping[str, Any], errors: list[FieldError], *, local: bool
) -> Mapping[str, Any]:
    """The settings as they are stored, defaults filled in; wrong ones are noted in `errors`."""
    from payrelay.flows.settings import model, stored  # noqa: PLC0415  (pydantic: only where it is used)

    found = _validated(model(kind.settings), given, "settings", errors)
    if found is None:
        return {}
    settings = dict(stored(found))
    for name in kind.every_system:
        address = settings.get(name, {}).get("base_url")
        if address is None:
            continue
        try:
            tidy = SYSTEMS[name].check_address(address, allow_loopback=local)
        except NeedsAttention as error:
            errors.append((f"settings.{name}.base_url", f"{error.message} {error.remedy}"))
        else:
            settings[name] = {**settings[name], "base_url": tidy}
    return settings


def check_options(row: FlowRow, given: Mapping[str, Any], errors: list[FieldError]) -> Mapping[str, Any]:
    """The options of a run as they are stored; wrong ones are noted in `errors`."""
    from payrelay.flows.settings import model  # noqa: PLC0415

    found = _validated(model(row.options), given, "options", errors)
    if found is None:
        return {}
    plain: Mapping[str, Any] = found.model_dump(mode="json", by_alias=True, exclude_none=True)
    # What was not asked for is no option of the run.
    options = {name: value for name, value in plain.items() if value or name not in MORE}
    for name in row.narrowing:
        for place, text in enumerate(options.get(name) or ()):
            if isinstance(text, str) and not is_usable(text):
                errors.append((f"options.{name}.{place}", "can't be an id"))
    return options


def check_credentials(
    systems: Sequence[str], given: Mapping[str, Any], errors: list[FieldError], *, every: bool
) -> Entered:
    """The credentials by system; every system's if `every`. No message repeats anything of them."""
    unknown = f"is not known; allowed: {', '.join(systems)}"
    errors += [(f"credentials.{name[:100]}", unknown) for name in given if name not in systems]
    return {
        name: _credentials_of(name, given.get(name), errors) for name in systems if every or name in given
    }


def _credentials_of(system: str, given: object, errors: list[FieldError]) -> dict[str, str]:
    wanted = [row.name for row in SYSTEMS[system].credentials]
    if not isinstance(given, dict):
        problem = "is required, an object" if given is None else "must be an object"
        errors.append((f"credentials.{system}", f"{problem} with: {', '.join(wanted)}"))
        return {}
    unknown = f"is not known; allowed: {', '.join(wanted)}"
    errors += [(f"credentials.{system}.{name[:100]}", unknown) for name in given if name not in wanted]
    found: dict[str, str] = {}
    for name in wanted:
        value = given.get(name)
        text = value.strip() if isinstance(value, str) else ""
        if name not in given:
            errors.append((f"credentials.{system}.{name}", "is required"))
        elif not text or len(text) > LONGEST_CREDENTIAL or _CONTROL.search(text):
            problem = f"must be a text of 1 to {LONGEST_CREDENTIAL} characters, on one line"
            errors.append((f"credentials.{system}.{name}", problem))
        found[name] = text
    return found


def _validated(
    wanted: type[BaseModel], given: Mapping[str, Any], where: str, errors: list[FieldError]
) -> Any:
    """The model filled in; None, with every mistake noted, if it does not fit."""
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return wanted.model_validate_json(json.dumps(given), strict=True)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_context=False, include_input=False)
    for mistake in mistakes:
        path = [part for part in mistake["loc"] if part != "[key]"]
        message = mistake["msg"].removeprefix("Value error, ")
        if mistake["type"] == "missing":
            message = f"is required{_wanted_at(wanted, path)}"
        if mistake["type"] == "extra_forbidden":
            message = f"is not known; allowed: {', '.join(_allowed(wanted, path[:-1]))}"
        errors.append((".".join([where, *(str(part)[:100] for part in path)]), message))
    return None


def _wanted_at(wanted: type[BaseModel], path: Sequence[str | int]) -> str:
    """What a field that is missing may be, as far as its annotation says it."""
    inner = _inner(wanted, path[:-1])
    annotation = _fields_of(inner)[str(path[-1])].annotation if inner else None
    if get_origin(annotation) is Literal:
        return f", one of: {', '.join(map(str, get_args(annotation)))}"
    model = _model_in(annotation)
    return f", an object with: {', '.join(_fields_of(model))}" if model else ""


def _allowed(wanted: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The names that a model has at a path below it."""
    inner = _inner(wanted, path)
    return list(_fields_of(inner)) if inner else []


def _inner(wanted: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    """The model at a path below another."""
    inner: type[BaseModel] | None = wanted
    for part in path:
        if inner is not None and isinstance(part, str):
            named = _fields_of(inner)
            inner = _model_in(named[part].annotation) if part in named else None
    return inner


def _fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the names that callers use."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation such as `Address | None` or `tuple[Line, ...]` speaks of."""
    from pydantic import BaseModel  # noqa: PLC0415

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
