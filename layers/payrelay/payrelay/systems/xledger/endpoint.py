"""One GraphQL call to Xledger: sent, waited for where it says so, and its errors told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from payrelay.domain.sensitive import Secret
from payrelay.errors import OutcomeUnknown, RetryLater
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.wire import Shape
from payrelay.systems.http.words import in_json
from payrelay.systems.registry import allowed_hosts

from .models import Clock
from .refusals import BURST, CONCURRENCY, SYSTEM, Context, error_of
from .times import wall_of

# A GraphQL server may answer a refused query with 400: its errors are read all the same.
_READABLE = frozenset({400})

Data = Mapping[str, Any]
W = TypeVar("W")


class Endpoint:
    """The GraphQL endpoint below `base_url`, with one token."""

    def __init__(self, base_url: str, api_token: Secret, options: DoorOptions) -> None:
        self._door = Door(
            SYSTEM,
            base_url,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": Secret(f"token {api_token.reveal()}")},
            explain=in_json(_words),
            options=options,
        )

    def clock(self) -> Clock | None:
        """What time it was there at the newest answer; None if that did not say."""
        told = self._door.server_time()
        if told is None:
            return None
        return Clock(wall_of(told), (told - self._door.options.now()).total_seconds())

    def query(
        self, text: str, variables: Mapping[str, object] | None = None, shape: Shape | None = None
    ) -> Data:
        """The `data` of a query, as far as the `shape` of the whole answer tells."""
        return self._call(text, variables or {}, safe=True, labels=(), done_in=lambda _: {}, shape=shape)

    def write(
        self, text: str, field: str, nodes: Sequence[tuple[str, object]], read: Callable[[Any], W]
    ) -> dict[str, W]:
        """What a mutation says of each node, by clientId. A node that it does not speak of is unknown."""
        labels = [client_id for client_id, _ in nodes]
        inputs = [{"clientId": client_id, "node": _with_numbers(node)} for client_id, node in nodes]

        def done_in(data: Data) -> dict[str, W]:
            return {client_id: read(node) for client_id, node in _written(data.get(field))}

        data = self._call(text, {"inputs": inputs}, safe=False, labels=labels, done_in=done_in)
        done = done_in(data)
        if not done.keys() >= set(labels):
            raise OutcomeUnknown(SYSTEM, "said nothing of some records", seconds=5, code="UNREADABLE_ANSWER")
        return done

    def remove(self, text: str, field: str, db_ids: Sequence[str]) -> frozenset[str]:
        """The dbIds that a removal left alone; OutcomeUnknown where it does not account for the others."""
        data = self._call(text, {}, safe=False, labels=db_ids, done_in=lambda _: {})
        match data.get(field):
            case {"numAffected": int(removed), "skippedDbIds": None | list() as skipped}:
                left = frozenset(str(db_id) for db_id in skipped or ())
            case _:
                raise error_of_unreadable(SYSTEM, "a removal without its answer", safe=False)
        if removed < len(set(db_ids) - left):
            raise OutcomeUnknown(SYSTEM, "said nothing of some records", seconds=5, code="UNREADABLE_ANSWER")
        return left

    def _call(
        self,
        text: str,
        variables: Mapping[str, object],
        *,
        safe: bool,
        labels: Sequence[str],
        done_in: Callable[[Data], Mapping[str, object]],
        shape: Shape | None = None,
    ) -> Data:
        def once() -> Data:
            door, asked = self._door, {"query": text, "variables": variables}
            body = door.post("/graphql", asked, safe=safe, accept=_READABLE, shape=shape)
            data, errors = _parts(body, safe=safe)
            if errors:
                context = Context(safe, labels, door.hidden_with(variables), door.options.now())
                raise error_of(errors, done_in(data), context)
            return data

        return self._door.patiently(once, _short_pause)


def _with_numbers(value: object) -> object:
    """A node with its dbIds as numbers, which their schema takes for an id of either type."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: int(part)
        if name == "dbId" and isinstance(part, str) and part.isdigit()
        else _with_numbers(part)
        for name, part in value.items()
    }


def edges(connection: object) -> list[Mapping[str, Any]]:
    """The edges of a connection that was read, none where it says null."""
    match connection:
        case {"edges": None}:
            return []
        case {"edges": list(found)} if all(isinstance(edge, dict) for edge in found):
            return found
        case _:
            raise error_of_unreadable(SYSTEM, "a connection without edges", safe=True)


def _written(connection: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The nodes that a mutation shows as written; refused ones may stand between them as null."""
    match connection:
        case {"edges": list(found)}:
            for edge in found:
                match edge:
                    case {"clientId": str(client_id), "node": dict(node)}:
                        yield client_id, node
        case _:
            return


def _parts(body: object, *, safe: bool) -> tuple[Data, Sequence[object]]:
    """`data` and `errors` of an answer, either may be empty but not both."""
    match body:
        case {"errors": [*errors], **rest} if errors:
            data = rest.get("data")
            return (data if isinstance(data, dict) else {}), errors
        case {"data": dict(data)}:
            return data, ()
        case _:
            raise error_of_unreadable(SYSTEM, "neither data nor errors", safe=safe)


def _short_pause(error: RetryLater) -> float | None:
    """The seconds of the limits that pass in seconds: they say that nothing was done."""
    return error.seconds if error.code in (BURST, CONCURRENCY) else None


def _words(body: object) -> tuple[str, str]:
    """Code and message of the first error, where an HTTP error has a GraphQL body."""
    match body:
        case {"errors": [{"message": str(message), **rest}, *_]}:
            return str(rest.get("code") or ""), message
        case _:
            return "", ""
