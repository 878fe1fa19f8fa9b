"""Requests and their workflow: the types that there are, which status follows which, and who may go on."""

from collections.abc import Mapping

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row
from local.sandbox.odata.edm import choice, fields
from local.sandbox.odata.entities import entity

REALISED, PROCESSED = "Realised", "Processed"
# What may follow each status.
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "Draft": ("Approved", "Rejected"),
    "Approved": (REALISED, "Rejected"),
    REALISED: (PROCESSED, "Approved", "Rejected"),
    PROCESSED: ("Reopened",),
    "Reopened": ("Approved", REALISED, "Rejected"),
    "Rejected": (),
}
STATUSES = tuple(FOLLOWS)
_TYPES = {
    "GROSSWAGE": "Gross wage",
    "NETSUR": "Net surcharges",
    "GROSSSUR": "Gross surcharges",
    "NETDED": "Net deductions",
    "GROSSDED": "Gross deductions",
    "SICK": "Sick information",
    "HOURS": "Realised hours",
    "UNPAID": "Unpaid leave hours",
    "OVERTIME": "Overtime",
    "MILEAGE": "Mileage compensation",
}
REQUEST_TYPE = entity(
    "RequestType",
    {
        **fields(text="Code Description", flag="HasRealise HasProcess"),
        "PersonField": choice("All", "Employee"),
    },
    key="Code",
    defaults={"HasRealise": True, "HasProcess": True, "PersonField": "All"},
    usual=tuple({"Code": code, "Description": words} for code, words in _TYPES.items()),
)
# The steps that a type may have or not.
_STEPS = {REALISED: "HasRealise", PROCESSED: "HasProcess"}


def check_request(store: Store, old: Row, sent: Row) -> None:
    """What the workflow says of a change; raises Refused."""
    if "StatusCode" in sent:
        _check_status(store, old, sent["StatusCode"])
    if "EndDate" in sent:
        _check_end(old, sent["EndDate"], sent.get("StatusCode", old["StatusCode"]))


def _check_status(store: Store, old: Row, status: str) -> None:
    if status == PROCESSED and not store.one("settings")["may_process"]:
        raise Refused("NoRightToProcess", f"You have no rights to process request {old['HID']}.")
    if status not in FOLLOWS[old["StatusCode"]]:
        raise Refused("Business", f"Request {old['HID']} is {old['StatusCode']} and can not become {status}.")
    kind = store["RequestType"].get(old["RequestTypeCode"])
    step = _STEPS.get(status)
    if kind and step and not kind[step]:
        raise Refused("Business", f"Requests of type {kind['Code']} have no such step: {status}.")


def _check_end(old: Row, end: str | None, status: object) -> None:
    if old["StatusCode"] not in _STEPS or status not in _STEPS:
        raise Refused("Business", f"The end date of request {old['HID']} can not be changed: it is {status}.")
    if end is not None and old["StartDate"] is not None and end < old["StartDate"]:
        raise Refused("Business", f"The end date of request {old['HID']} is before its start date.")
