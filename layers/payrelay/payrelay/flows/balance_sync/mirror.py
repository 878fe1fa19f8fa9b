"""Everybody as both systems had them when they were last read or written, kept between runs (RUN-11).

It is what listing holds of payroll's employees and balances, and of Express Leave's balances: their users are
listed each time. Names and e-mails are in it, so it is kept where plans are, and no longer.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct, field, msgpack

from payrelay.flows.balance_sync.company import NOTHING_HELD, Company
from payrelay.flows.balance_sync.people import (
    DETAILS,
    EXPRESS_LEAVE,
    Amount,
    Details,
    Held,
    Owed,
    Staff,
)
from payrelay.flows.balance_sync.rows import shared

# So many employees make a blob, and of so many it matters how much memory they take.
CHUNK, MANY = 2000, 10_000


class Kept(Struct, frozen=True, array_like=True):
    """One employee: payroll's two rows, their payroll user, and what Express Leave holds.

    They are `unsure` of whom it may hold something else.
    """

    code: str
    user_id: str | None = None
    staff: Staff | None = None
    owed: Owed | None = None
    held: dict[str, Held] = field(default_factory=dict)
    unsure: bool = False


def pack(rows: Sequence[Kept]) -> bytes:
    """Employees, compressed; the same bytes for the same employees."""
    return gzip.compress(msgpack.encode(rows), compresslevel=1, mtime=0)


def unpack(data: bytes, *, few: bool) -> Iterator[Kept]:
    """What `pack` was given; equal values are shared as where lists are read, unless they are `few`."""
    rows = msgpack.decode(gzip.decompress(data), type=list[Kept])
    rows.reverse()
    while rows:
        yield rows.pop() if few else _shared(rows.pop())


def kept_of(company: Company, codes: Iterable[str], unsure: Collection[str]) -> list[Kept]:
    """These employees as a company has them."""
    spoilt = {fault.code for fault in company.bad if fault.system == EXPRESS_LEAVE and fault.of != DETAILS}
    return [
        Kept(
            code,
            user_of(company, code),
            company.staff.get(code),
            company.owed.get(code),
            dict(company.held.get(code, NOTHING_HELD)),
            code in unsure or code in spoilt,
        )
        for code in codes
    ]


def user_of(company: Company, code: str) -> str | None:
    """The id of an employee's payroll user."""
    account = company.users.get(code)
    return account.user_id if account is not None and account.payroll else None


def everybody_in(company: Company) -> list[str]:
    """The codes of all of whom there is something to keep, in order."""
    more = {code for rows in (company.owed, company.held) for code in rows if code not in company.staff}
    return sorted((*company.staff, *more))


def _shared(kept: Kept) -> Kept:
    staff, owed = kept.staff, kept.owed
    if staff is not None:
        one = staff.details
        details = Details(
            one.name,
            shared(one.location),
            shared(one.country),
            shared(one.state),
            shared(one.hours),
            one.email,
        )
        staff = Staff(kept.code, details, staff.online, staff.terminated)
    amounts: dict[str, Amount] = {}
    if owed is not None:
        amounts = {shared(code): _amount(amount) for code, amount in owed.amounts.items()}
        owed = Owed(amounts, shared(owed.saved_at))
    held = {shared(code): _held(one, amounts.get(code)) for code, one in kept.held.items()}
    return Kept(kept.code, kept.user_id, staff, owed, held, kept.unsure)


def _amount(amount: Amount) -> Amount:
    return Amount(amount.units, shared(amount.as_at))


def _held(held: Held, owed: Amount | None) -> Held:
    return Held(owed if owed == held.amount and owed else _amount(held.amount), shared(held.synced_at))
