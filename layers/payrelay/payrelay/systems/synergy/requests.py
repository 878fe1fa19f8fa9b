"""Requests that change somebody's pay, their types and items; and what is written to them (RQ)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar

from msgspec import field

from payrelay.systems.rows import Listed, Reader, Row

from .models import Id
from .odata import Service
from .wire import Code, EdmDay, Number, midnight, moment, text

REALISED, REOPENED, PROCESSED = "Realised", "Reopened", "Processed"


class Request(Row, frozen=True, rename="pascal", kw_only=True):
    """A request."""

    named_by: ClassVar[tuple[str, ...]] = ("hid", "type", "status")

    hid: Id = field(name="HID")
    type: Code = field(name="RequestTypeCode")
    status: str = field(name="StatusCode")
    person: Id = field(name="ResourceID")
    start: EdmDay = field(name="StartDate")
    end: EdmDay | None = field(name="EndDate", default=None)
    item: Code | None = field(name="ItemCode", default=None)
    quantity: Number | None = None
    amount: Number | None = None
    number_1: Number | None = field(name="NumberFreeField1", default=None)
    number_2: Number | None = field(name="NumberFreeField2", default=None)
    number_3: Number | None = field(name="NumberFreeField3", default=None)
    apply_salary_scale: bool | None = None


class RequestType(Row, frozen=True, rename="pascal", kw_only=True):
    """A type of request: whether it has the steps, and for whom it may be made (`All`, `Employee`)."""

    named_by: ClassVar[tuple[str, ...]] = ("code",)

    code: Code
    description: str = ""
    has_realise: bool
    has_process: bool
    person_field: str = ""


class Item(Row, frozen=True, rename="pascal", kw_only=True):
    """An item; its free text field 1 is the component of Payroll Plus."""

    named_by: ClassVar[tuple[str, ...]] = ("code",)

    code: Code = field(name="ItemCode")
    component: str | None = field(name="TextFreeField1", default=None)


REQUESTS = Reader(Request, id_key="HID", number_key="HID")
REQUEST_TYPES = Reader(RequestType, id_key="Code", number_key="Code")
ITEMS = Reader(Item, id_key="ItemCode", number_key="ItemCode")
REQUEST = (
    "HID",
    "RequestTypeCode",
    "StatusCode",
    "ResourceID",
    "StartDate",
    "EndDate",
    "ItemCode",
    "Quantity",
    "Amount",
    "NumberFreeField1",
    "NumberFreeField2",
    "NumberFreeField3",
    "ApplySalaryScale",
)
REQUEST_TYPE = ("Code", "Description", "HasRealise", "HasProcess", "PersonField")
ITEM = ("ItemCode", "TextFreeField1")


def _in_status(*codes: str) -> str:
    return " or ".join(f"StatusCode eq {text(one)}" for one in codes)


_WAITING = _in_status(REALISED, REOPENED)
_TAKEN_BACK = _in_status("Draft", "Approved", "Rejected")


class Requests:
    """The requests of one server."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def waiting(self) -> Listed[Request]:
        """All that are realised, or were re-opened."""
        return self._where(_WAITING)

    def waiting_of(self, person: int) -> Listed[Request]:
        """Those of one person."""
        return self._where(f"ResourceID eq {person:d} and ({_WAITING})")

    def taken_back(self, since: datetime) -> Listed[Request]:
        """Those that were saved since and are neither realised, re-opened nor processed any more."""
        return self._where(f"ModifiedDate ge {moment(since)} and ({_TAKEN_BACK})")

    def of(self, hids: Iterable[int]) -> Listed[Request]:
        """The requests with these ids, in whatever status."""
        return Listed(*REQUESTS.read(self._service.rows_of("Request", "HID", hids, select=REQUEST)))

    def types(self) -> Listed[RequestType]:
        """All types of request."""
        raws = self._service.rows("RequestType", where=None, select=REQUEST_TYPE)
        return Listed(*REQUEST_TYPES.read(raws))

    def items(self) -> Listed[Item]:
        """All items whose free text field 1 is not blank, and the others too: a blank one is told."""
        return Listed(*ITEMS.read(self._service.rows("Item", where=None, select=ITEM)))

    def process(self, hid: int) -> None:
        """Set a request to processed; Rejected, or CredentialsRefused without the right to."""
        self._service.merge(f"/Request({hid:d})", {"StatusCode": PROCESSED})

    def end(self, hid: int, day: date) -> None:
        """Give a request its end."""
        self._service.merge(f"/Request({hid:d})", {"EndDate": midnight(day)})

    def _where(self, where: str) -> Listed[Request]:
        return Listed(*REQUESTS.read(self._service.rows("Request", where=where, select=REQUEST)))
