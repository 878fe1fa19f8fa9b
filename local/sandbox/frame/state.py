"""Reading the state that a tester gives: lists of rows by resource, with every problem told at once."""

from collections.abc import Collection, Iterable
from typing import Any

from .room import State, StateRefusedError


def problem(resource: str, row: int | None, field: str, message: str) -> dict[str, object]:
    """What is wrong where, as a tester is told."""
    return {"resource": resource, "row": row, "field": field, "message": message}


class StateReader:
    """Gathers the problems of one state; a room reads its own rows."""

    def __init__(self, state: Any, resources: Collection[str]) -> None:
        self.problems: list[dict[str, object]] = []
        self._resource = ""
        if not isinstance(state, dict):
            self._say(None, "", "an object of lists is needed")
            state = {}
        self._given: State = {}
        for name, rows in state.items():
            self._resource = name
            if name not in resources:
                self._say(None, "", f"unknown resource; known are {', '.join(resources)}")
            elif not isinstance(rows, list):
                self._say(None, "", "a list of rows is needed")
            else:
                self._given[name] = rows

    def refuse_if_wrong(self) -> None:
        """StateRefusedError with every problem found, if there is one."""
        if self.problems:
            raise StateRefusedError(self.problems)

    def _each(self, resource: str) -> Iterable[tuple[int, Any]]:
        """The rows of a resource with their numbers; what is said from now on is of it."""
        self._resource = resource
        return enumerate(self._given.get(resource, []))

    def _fits(self, number: int, found: list[tuple[str, str]]) -> bool:
        """Whether nothing of a row was found to be wrong; what was is said."""
        for field, message in found:
            self._say(number, field, message)
        return not found

    def _say(self, row: int | None, field: str, message: str) -> None:
        self.problems.append(problem(self._resource, row, field, message))
