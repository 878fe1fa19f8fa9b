"""Everybody as both systems had them when they were last read or written, kept between runs (RUN-11).

It is what listing holds of payroll's employees and balances, and of Express Leave's balances: their users are
listed each time. Names and e-mails are in it, so it is kept where plans are, and no longer.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from msgspec import MsgspecError, Struct, field, msgpack

from payrelay.flows.balance_sync.company import Company
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

# So many employees make a blob.
CHUNK = 2000
# What thousands of employees have in common: location, country, state, hours, online, the last day.
Post: TypeAlias = tuple[str | None, str | None, str | None, Decimal | None, bool, date | None]
# The same of balances: of each its income code, the day for which it is true, and when it was written.
Shape: TypeAlias = tuple[tuple[str, date, str | None], ...]


class Unreadable(Exception):
    """What was kept is of another form, or not what was put."""


class Kept(Struct, frozen=True):
    """One employee: payroll's two rows, their payroll user, and what Express Leave holds.

    They are `unsure` of whom it may hold something else.
    """

    code: str
    user_id: str | None = None
    staff: Staff | None = None
    owed: Owed | None = None
    held: dict[str, Held] = field(default_factory=dict)
    unsure: bool = False


class _Row(Struct, array_like=True, gc=False):
    """An employee as they are stored: the places of what is common, and the rest.

    Of what is held there are `others` than the units that are owed only where these are not held just so.
    """

    code: str
    user_id: str | None
    name: str | None
    email: str | None
    post: int | None
    saved: int | None
    owed: int
    units: list[int]
    held: int
    others: list[int] | None
    unsure: bool


class _Blob(Struct, array_like=True):
    """Employees as they are stored, and what they have in common, each once."""

    posts: list[Post]
    moments: list[datetime]
    shapes: list[Shape]
    rows: list[_Row]


_DECODER = msgpack.Decoder(_Blob)


class _Packing:
    """What has been met of what employees have in common, by its place."""

    def __init__(self) -> None:
        self._posts: dict[Post, int] = {}
        self._moments: dict[datetime, int] = {}
        self._shapes: dict[Shape, int] = {}

    def row(self, kept: Kept) -> _Row:
        """An employee as they are stored."""
        staff, owed, held = kept.staff, kept.owed, kept.held
        amounts = owed.amounts if owed else {}
        owing = tuple([(kind, amount.as_at, None) for kind, amount in amounts.items()])
        holding = tuple([(kind, there.amount.as_at, there.synced_at) for kind, there in held.items()])
        same = all(amounts.get(kind) == there.amount for kind, there in held.items())
        return _Row(
            kept.code,
            kept.user_id,
            staff.details.name if staff else None,
            staff.details.email if staff else None,
            self._posts.setdefault(_post(staff), len(self._posts)) if staff else None,
            self._moments.setdefault(owed.saved_at, len(self._moments)) if owed else None,
            self._shapes.setdefault(owing, len(self._shapes)),
            [amount.units for amount in amounts.values()],
            self._shapes.setdefault(holding, len(self._shapes)),
            None if same else [there.amount.units for there in held.values()],
            kept.unsure,
        )

    def blob(self, rows: list[_Row]) -> _Blob:
        """All of it."""
        return _Blob(list(self._posts), list(self._moments), list(self._shapes), rows)


def pack(rows: Iterable[Kept]) -> bytes:
    """Employees, compressed; the same bytes for the same employees."""
    packing = _Packing()
    found = [packing.row(kept) for kept in rows]
    return gzip.compress(msgpack.encode(packing.blob(found)), compresslevel=1, mtime=0)


def unpack(data: bytes) -> Iterator[Kept]:
    """What `pack` was given; equal values are shared as where lists are read. Or Unreadable."""
    try:
        blob = _DECODER.decode(gzip.decompress(data))
    except (OSError, EOFError, zlib.error, MsgspecError) as error:
        raise Unreadable from error
    posts = [_shared(post) for post in blob.posts]
    moments = [shared(moment) for moment in blob.moments]
    shapes = [[(shared(kind), shared(day), shared(at)) for kind, day, at in shape] for shape in blob.shapes]
    for row in blob.rows:
        staff = owed = None
        if row.post is not None:
            location, country, state, hours, online, terminated = posts[row.post]
            details = Details(row.name, location, country, state, hours, row.email)
            staff = Staff(row.code, details, online, terminated)
        amounts: dict[str, Amount] = {}
        if row.saved is not None:
            owing = zip(shapes[row.owed], row.units, strict=True)
            amounts = {kind: Amount(units, as_at) for (kind, as_at, _), units in owing}
            owed = Owed(amounts, moments[row.saved])
        holding = shapes[row.held]
        if row.others is None:
            held = {kind: Held(amounts[kind], synced_at) for kind, _, synced_at in holding}
        else:
            both = zip(holding, row.others, strict=True)
            held = {kind: Held(Amount(units, as_at), at) for (kind, as_at, at), units in both}
        yield Kept(row.code, row.user_id, staff, owed, held, row.unsure)


def _post(staff: Staff) -> Post:
    one = staff.details
    return one.location, one.country, one.state, one.hours, staff.online, staff.terminated


def _shared(post: Post) -> Post:
    location, country, state, hours, online, terminated = post
    # Not whether they are online: no is equal to no hours.
    return shared(location), shared(country), shared(state), shared(hours), online, shared(terminated)


def kept_of(company: Company, codes: Iterable[str], unsure: Collection[str]) -> list[Kept]:
    """These employees as a company has them."""
    spoilt = {fault.code for fault in company.bad if fault.system == EXPRESS_LEAVE and fault.of != DETAILS}
    return [
        Kept(
            code,
            user_of(company, code),
            company.staff.get(code),
            company.owed.get(code),
            company.held.get(code) or {},
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
