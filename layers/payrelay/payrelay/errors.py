"""The errors of Payrelay, named by what recovers them.

Business outcomes (skipped, blocked) are values, see `domain.reasons`; these are for calls that failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar


class PayrelayError(Exception):
    """The root of all errors that Payrelay raises on purpose; anything else is a bug of ours."""


class MadeCall:
    """A call to an outside system: no values, no query, no body; `status` is None without an answer."""

    __slots__ = ("method", "path", "status", "system")

    def __init__(self, system: str, method: str, path: str, status: int | None) -> None:
        self.system, self.method, self.path, self.status = system, method, path, status


# Who answers is between us and the system, which may be at work still.
_OF_A_GATEWAY = (502, 504)
# The newest call of this thread of work; the door to outside systems notes it.
newest_call: ContextVar[MadeCall | None] = ContextVar("newest_call", default=None)


class VendorError(PayrelayError):
    """An outside system did not do what was asked.

    `system` is the room's name ("xledger"), `message` is for people and holds no secret and no
    personal data, `code` is the system's own error code or the HTTP status as text. `call` is the one
    that failed (OPS-2).
    """

    def __init__(self, system: str, message: str, *, code: str = "") -> None:
        super().__init__(f"{system}: {message}")
        self.system = system
        self.message = message
        self.code = code
        call = newest_call.get()
        self.call = call if call and call.system == system else None


class RetryLater(VendorError):
    """The system is busy or down: the same call is right again after `seconds`.

    `named` is true when the system itself said how long.
    """

    def __init__(
        self, system: str, message: str, *, seconds: int, named: bool = False, code: str = ""
    ) -> None:
        super().__init__(system, message, code=code)
        self.seconds = seconds
        self.named = named


class OutcomeUnknown(RetryLater):
    """The answer to a write never came: look the records up at the target before sending them again."""

    @property
    def answered(self) -> bool:
        """Whether the system itself has answered, so that nothing of the write is under way any more."""
        status = self.call.status if self.call else None
        return status is not None and status not in _OF_A_GATEWAY


class Rejected(VendorError):
    """The system refused the content of a call; repeating it will not help.

    `keys` are the caller's own labels (GraphQL clientId, document number) that the system named as the
    culprits; empty when it named none. `reasons` are its words for each of them.
    """

    def __init__(
        self,
        system: str,
        message: str,
        *,
        code: str = "",
        keys: tuple[str, ...] = (),
        reasons: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(system, message, code=code)
        self.keys = keys
        self.reasons = reasons or {}


class PartlyWritten(Rejected):
    """The system took some records of one call and refused the others.

    `done` holds what it said of each record taken, by the caller's label; `keys` are those it refused.
    """

    def __init__(
        self,
        system: str,
        message: str,
        *,
        done: Mapping[str, object],
        code: str = "",
        keys: tuple[str, ...] = (),
        reasons: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(system, message, code=code, keys=keys, reasons=reasons)
        self.done = done


class CredentialsRefused(VendorError):
    """The system does not accept the credentials (any more): an admin has to connect again."""


class NeedsAttention(PayrelayError):
    """A person must mend data or settings first; `code`, `message`, `remedy` say what and where."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.remedy = remedy


class Declined(PayrelayError):
    """What a caller asked for can't be done as things stand; they can change that, and ask again.

    `code` is one of the API's, `message` and `remedy` are for people. `system` is the room's name of the
    outside system that it is about; after `seconds`, if given, the same call is right again. `choices` are
    the ids and names of what may be meant, where it is open.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        remedy: str = "",
        system: str = "",
        seconds: int | None = None,
        choices: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.remedy = remedy
        self.system = system
        self.seconds = seconds
        self.choices = choices


# A field of what was sent, and what is wrong with it.
FieldError = tuple[str, str]


class InvalidFields(PayrelayError):
    """Some fields of what was sent are wrong; `problems` are pairs of a field and a message."""

    def __init__(self, problems: Iterable[FieldError]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{field}: {message}" for field, message in self.problems))


# What a call to an outside system may meet, and what has a person mend it.
TROUBLE = (VendorError, NeedsAttention)


class CredentialsMissing(PayrelayError):
    """The connection has no stored credentials."""


class OtherCompany(PayrelayError):
    """The consent is for another company than the one that the connection syncs with."""

    def __init__(self, company: str, chosen: str) -> None:
        super().__init__(f"{company} instead of {chosen}")
        self.company, self.chosen = company, chosen


class Unfinished(PayrelayError):
    """A step has done as much as one may, and kept how far it came: the same step again goes on there."""


class NoRights(PayrelayError):
    """The caller may not see it, and is told nothing of whether it is there.

    The message says which condition fails, as far as that lies with the caller; `remedy` what can be done.
    """

    def __init__(self, condition: str, remedy: str) -> None:
        super().__init__(condition)
        self.remedy = remedy


class NotShown(PayrelayError):
    """There is nothing to show; the message says why, to somebody who may know it."""


class ProgrammingError(PayrelayError):
    """A system does not know what we ask for by name: a bug of ours, which no retry and no admin cures."""


class Unauthenticated(PayrelayError):
    """A caller's token that does not hold; the message says why and repeats nothing of it."""


class TokenMissing(Unauthenticated):
    """No token was sent at all."""


class KeysUnavailable(PayrelayError):
    """The keys of the tokens' issuer can't be read: nobody can be let in, and nobody is refused."""
