"""What a vendor publishes of its types, as a table of data: the members of each type by kind."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .kinds import Fields, Kind, listed, one_of

_MANY = "[]"


class Published:
    """The types of one file, as fields of a room.

    A TOML file: `[words]` are enumerations, and `[types.Name]` has the names of the members by what they are,
    which is one of the room's `kinds`, an enumeration, another type, or a list of these, such as `"Line[]"`.
    `part` is the room's kind for an object of fields, `code` its mark of a word that is none of those.
    """

    def __init__(
        self, path: Path, kinds: Mapping[str, Kind], part: Callable[[Fields], Kind], code: str = ""
    ) -> None:
        read = tomllib.loads(path.read_text("utf-8"))
        self.words: Mapping[str, list[str]] = read.get("words", {})
        self.types: Mapping[str, Mapping[str, str]] = read["types"]
        self._part = part
        enumerations = {name: one_of(*words, code=code) for name, words in self.words.items()}
        self._kinds = {**enumerations, **kinds}
        self._members: dict[str, dict[str, Kind]] = {}

    def members(self, name: str) -> dict[str, Kind]:
        """The members of a type."""
        if name not in self._members:
            by_kind = self.types[name].items()
            self._members[name] = {
                member: self._kind(kind) for kind, names in by_kind for member in names.split()
            }
        return self._members[name]

    def _kind(self, name: str) -> Kind:
        if name.endswith(_MANY):
            return listed(self._kind(name.removesuffix(_MANY)))
        if name not in self._kinds:
            self._kinds[name] = self._object(name)
        return self._kinds[name]

    def _object(self, name: str) -> Kind:
        """An object of a type, whose members are looked up when there is one: types hold each other."""
        if name not in self.types:
            raise KeyError(name)

        def take(value: Any) -> Any:
            return self._part(self.members(name)).take(value)

        return Kind("an object", take)
