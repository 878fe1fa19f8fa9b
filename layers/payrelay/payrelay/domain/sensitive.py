"""Values that must never show by accident: security numbers, bank accounts, pay, tokens (SEC-1)."""

from __future__ import annotations

import hashlib
import hmac
from typing import ClassVar, NoReturn, Self, SupportsIndex

MASK = "*****"
# Stands for the old value of a field that the target does not show, as long as nothing was sent there:
# whether it is changed at all, nobody can tell.
UNREADABLE = "cannot be read there"
# A tail of a short value would say too much of it.
_SHORTEST_WITH_TAIL = 6


class Sensitive:
    """A text that prints as a mask and leaves only through `reveal()` (SEC-1).

    It can't be dumped as JSON, pickled or put into an event: each of these raises TypeError. Two values of
    one kind are equal when what they hold is equal. An empty text is false, as it is without the wrapping.
    """

    __slots__ = ("__value",)
    tail: ClassVar[int] = 0

    __value: str

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{type(self).__name__} holds str, not {type(value).__name__}")
        _store(self, value)

    def reveal(self) -> str:
        """The value itself, for the one place that sends or compares it."""
        return self.__value

    def masked(self) -> str:
        """What people without the right may see: a mask, and at most the last characters."""
        text = self.__value
        return MASK + text[-self.tail :] if self.tail and len(text) >= _SHORTEST_WITH_TAIL else MASK

    def fingerprint(self, key: bytes) -> str:
        """A keyed BLAKE2b in hex: tells whether a value changed, where the value itself must not be kept."""
        if not key:
            raise ValueError("a fingerprint needs a key: without one, a short number is soon guessed")
        return hashlib.blake2b(self.__value.encode(), key=key, digest_size=32).hexdigest()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked()})"

    def __str__(self) -> str:
        return self.masked()

    def __format__(self, spec: str) -> str:
        return format(self.masked(), spec)

    def __bool__(self) -> bool:
        return self.__value != ""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash((type(self), self.__value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is sensitive and is not pickled")

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        self.__reduce__()

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """A value as it came over a wire, wrapped; ValueError, which does not hold it, for another type."""
        if not isinstance(raw, str):
            raise ValueError(f"should be str for a {cls.__name__}")
        made = cls.__new__(cls)
        _store(made, raw)
        return made


# The slot's own setter: the one way past the refusing __setattr__, and the fastest.
_store = vars(Sensitive)["_Sensitive__value"].__set__


class SocialSecurityNumber(Sensitive):
    """BSN, SSN, fødselsnummer, personnummer."""

    __slots__ = ()
    tail = 2


class BankAccount(Sensitive):
    """An IBAN or a domestic account number."""

    __slots__ = ()
    tail = 2


class Secret(Sensitive):
    """A token, key or password: nothing of it ever shows."""

    __slots__ = ()
