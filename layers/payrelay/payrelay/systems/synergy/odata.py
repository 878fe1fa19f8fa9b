"""Calls to Synergy's OData v2 service: sign-in, filters, lists page by page, and the vendor's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from payrelay.domain.groups import in_groups
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected, RetryLater
from payrelay.systems.http.answers import Answer
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.sign_in import basic
from payrelay.systems.http.words import in_json
from payrelay.systems.odata import rows as rows_in_pages
from payrelay.systems.odata import text, words_of
from payrelay.systems.registry import allowed_hosts

SYSTEM = "synergy"
LOCKED_SECONDS = 60
# So many numbers still fit into the address of one call.
AT_ONCE = 40
_PATH = "/services/Exact.Entity.REST.svc"
_CODE_LENGTH = 20
_UNAUTHORIZED, _FORBIDDEN, _LOCKED = "401", "403", "409"
_WINDOWS = ("ntlm", "negotiate")


def code(value: str) -> str:
    """A code as it stands in a filter: Synergy keeps it with blanks in front, 20 characters in all."""
    return text(value.rjust(_CODE_LENGTH))


def any_of(name: str, numbers: Iterable[int]) -> str:
    """A property that is one of some numbers."""
    return " or ".join(f"{name} eq {number:d}" for number in numbers)


def in_calls(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Numbers, each once, as many together as one call asks for."""
    return in_groups(dict.fromkeys(numbers), AT_ONCE)


class Service:
    """The entities of one server, for one of its users."""

    def __init__(self, base_url: str, username: Secret, password: Secret, options: DoorOptions) -> None:
        self._password = password
        self._door = Door(
            SYSTEM,
            base_url.rstrip("/").removesuffix(_PATH) + _PATH,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": _signed_in(username, password)},
            explain=self._explain,
            options=options,
        )
        self.server_time = self._door.server_time

    def rows(self, entity: str, *, where: str | None, select: Iterable[str]) -> Iterator[Any]:
        """The raw rows of an entity that a filter finds, page after page; all without a filter."""
        params = (*((("$filter", where),) if where else ()), ("$select", ",".join(select)))
        yield from rows_in_pages(SYSTEM, lambda onwards: self._get(entity, (*params, *onwards)))

    def rows_of(
        self, entity: str, name: str, numbers: Iterable[int], *, select: Iterable[str]
    ) -> Iterator[Any]:
        """The raw rows whose property is one of these numbers; 40 numbers are one call."""
        for part in in_calls(numbers):
            yield from self.rows(entity, where=any_of(name, part), select=select)

    def create(self, entity: str, values: Mapping[str, object]) -> None:
        """Make a row of an entity; sent once, so that a lost answer is OutcomeUnknown."""
        with self._translated(entity, "create"):
            self._door.send("POST", f"/{entity}", body=values, safe=False, empty=True)

    def merge(self, path: str, values: Mapping[str, object]) -> None:
        """Change only these fields of an entity; RetryLater while somebody has it open."""
        with self._translated(path.partition("(")[0].strip("/"), "change"):
            self._door.send(
                "POST", path, body=values, headers={"X-HTTP-Method": "MERGE"}, safe=False, empty=True
            )

    def _get(self, entity: str, params: tuple[tuple[str, str], ...]) -> Any:
        with self._translated(entity, "read"):
            return self._door.get(f"/{entity}", params)

    @contextmanager
    def _translated(self, entity: str, act: str) -> Iterator[None]:
        """Refusals as they are to be understood: a right that is missing, a record that somebody has open."""
        try:
            yield
        except CredentialsRefused as refusal:
            if refusal.code != _FORBIDDEN:
                raise
            words = f"does not give the user the right to {act} {entity} (HTTP 403)"
            raise CredentialsRefused(SYSTEM, words, code=_FORBIDDEN) from None
        except Rejected as refusal:
            if refusal.code != _LOCKED:
                raise
            raise RetryLater(SYSTEM, refusal.message, seconds=LOCKED_SECONDS, code=_LOCKED) from None

    def _explain(self, answer: Answer) -> tuple[str, str]:
        """`{"error": {"message": {"value"}}}`, whose codes are empty; a web server's page tells nothing."""
        if str(answer.status) == _UNAUTHORIZED and _wants_windows(answer):
            words = "wants Windows sign-in (NTLM); Basic over https has to be allowed there (HTTP 401)"
            raise CredentialsRefused(SYSTEM, words, code=_UNAUTHORIZED)
        return in_json(self._words)(answer)

    def _words(self, body: object) -> tuple[str, str]:
        return "", clean(words_of(body), {self._password.reveal()})


def _signed_in(username: Secret, password: Secret) -> Secret:
    """The header of a user."""
    if not username or not password:
        raise CredentialsRefused(SYSTEM, "not given: user name and password")
    return basic(SYSTEM, username, password)


def _wants_windows(answer: Answer) -> bool:
    """Whether the server offers Windows' own sign-in, and Basic not beside it."""
    offered = answer.headers.get("www-authenticate", "").lower()
    return any(word in offered for word in _WINDOWS) and "basic" not in offered
