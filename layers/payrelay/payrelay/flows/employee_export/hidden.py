"""Values that Xledger does not show: known by a keyed hash of what was sent last, whatever their spelling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from payrelay.domain.iban import compact
from payrelay.domain.national import national_key, same_national
from payrelay.domain.sensitive import MASK, BankAccount, Sensitive, SocialSecurityNumber
from payrelay.flows.employee_export.mapping import Target

_STAR = MASK[0]
# Of a social security number Xledger shows so many digits at most.
_SHOWN = 6


class _Text(Sensitive):
    """A plain value whose digest is kept like those of sensitive ones."""

    __slots__ = ()


def digest(value: Any, key: bytes) -> str:
    """The keyed hash of a value as it is spelled."""
    return (value if isinstance(value, Sensitive) else _Text(str(value))).fingerprint(key)


def plain(value: Any) -> Any:
    """A number of an account or a person as all its spellings have it; any other value as it is."""
    if isinstance(value, BankAccount):
        return BankAccount(compact(value.reveal()))
    if isinstance(value, SocialSecurityNumber):
        return SocialSecurityNumber(national_key(value.reveal()))
    return value


def stands(value: Any, sent: str | None, target: Target, key: bytes, today: date) -> bool:
    """Whether Xledger has this value, as far as anybody can tell: as `sent` last, or as it shows of it."""
    if value is None:
        return sent is None
    there = was_sent(value, sent, key) or shown_of(value, target) is not None
    return there and not overtyped(value, target, today)


def was_sent(value: Any, sent: str | None, key: bytes) -> bool:
    """Whether this is what was sent last, however it was spelled then."""
    if sent is None:
        return False
    return sent == digest(value, key) or any(sent == digest(one, key) for one in _spellings(value))


def _spellings(value: Any) -> Iterator[Sensitive]:
    """Other spellings of a number, as it may have been sent before spellings were one."""
    if isinstance(value, BankAccount):
        account = compact(value.reveal())
        grouped = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
        yield from map(BankAccount, (account, grouped, account.lower(), grouped.lower()))
    elif isinstance(value, SocialSecurityNumber):
        short = national_key(value.reveal())
        yield from map(SocialSecurityNumber, (short, compact(value.reveal())))
        for century in ("", "19", "20"):
            for sign in ("", "-", "+", " "):
                yield SocialSecurityNumber(f"{century}{short[:6]}{sign}{short[6:]}")


def shown_of(value: Any, target: Target) -> str | None:
    """The social security number that Xledger shows in full, where `value` is one."""
    own = target.contact.social_sec if target.contact else None
    if not isinstance(value, SocialSecurityNumber) or not own or _STAR in own.reveal():
        return None
    return own.reveal()


def overtyped(value: Any, target: Target, today: date) -> bool:
    """Whether what Xledger shows of a social security number is not ours: overtyped there."""
    if not isinstance(value, SocialSecurityNumber):
        return False
    ours, whole = value.reveal(), shown_of(value, target)
    if whole:
        return whole != ours and not same_national(whole, ours, today)
    masked = target.employee.social_security_masked if target.employee else None
    if not masked or ours.startswith(masked.split(_STAR, 1)[0]):
        return False
    begins = compact(masked.split(_STAR, 1)[0]).replace("+", "")[:_SHOWN]
    key = national_key(ours)
    return not any(one.startswith(begins) for one in (key, f"19{key}", f"20{key}"))
