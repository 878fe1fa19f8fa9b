"""What is kept of a planned write, in both directions."""

from __future__ import annotations

from msgspec import Struct


class Payload(Struct, frozen=True):
    """One balance to set: whose, of what, how much, and as of which `day` (`yyyy-MM-dd`).

    Towards TimeWorksPlus `category` is its category, and `is_hidden` and `expires` stay as they were read.
    Towards Millennium `code` is the accrual code, `adds` says that the employee has no such accrual yet, and
    `version` is the `ModifiedAt` of the one that is there.
    """

    employee: str
    category: str
    value: str
    day: str
    is_hidden: bool | None = None
    expires: str | None = None
    code: str = ""
    adds: bool = False
    version: str | None = None
