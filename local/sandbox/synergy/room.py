"""The room of Exact Synergy Enterprise: rights, how many calls it takes at once, and who is quicker."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import FLAG, listed, one_of
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Description, Row
from local.sandbox.frame.routes import Asked
from local.sandbox.odata.edm import written
from local.sandbox.odata.entities import Entity, bad
from local.sandbox.odata.service import REFUSALS
from local.sandbox.odata.windows import AFTER_WRITE, PAGES, Windows, settings

from .entities import ENTITIES
from .requests import check_request

# The user has no right on the properties `left_out`, such as `Resource.AnnualSalary`, which then are not in
# an answer at all, and may process requests if `may_process`.
SETTINGS = settings(
    ENTITIES,
    {
        "left_out": listed(
            one_of(*(f"{entity.name}.{name}" for entity in ENTITIES for name in entity.fields))
        ),
        "may_process": FLAG,
    },
    {"left_out": [], "may_process": True},
)
# Faults by which somebody does something to a request just before it is changed.
_DONE_BEFORE: Mapping[str, Row] = {
    "reopened": {"StatusCode": "Reopened"},
    "rejected": {"StatusCode": "Rejected"},
    "edited": {"Quantity": 1.0, "Amount": "1.00", "NumberFreeField1": 1.0},
    "deleted": {},
}


class Synergy(Windows):
    """One server over one store."""

    name = "synergy"
    entities = ENTITIES
    resources = (*ENTITIES, SETTINGS)
    bases = ("/Synergy/services/Exact.Entity.REST.svc", "/services/Exact.Entity.REST.svc")
    realm = "Synergy"
    pages: ClassVar = {**PAGES, "Page": (200, "Exact Synergy Enterprise")}
    refusals: ClassVar = {
        **REFUSALS,
        **pages,
        "Busy": (503, "The service is busy: at most 4 calls at once are taken."),
        "Locked": (409, "The record is locked by another user."),
        "NoRightToProcess": (403, ""),
        "Business": (500, ""),
    }
    faults: ClassVar = {
        "signin": "SignIn",
        "locked": "Locked",
        "restarting": "Restarting",
        "page": "Page",
        AFTER_WRITE: "",
        **dict.fromkeys(_DONE_BEFORE, ""),
    }
    at_once = (4, "Busy")

    def check(self, entity: Entity, row: Row) -> None:  # noqa: ARG002
        """Only what is about persons is created; one who is not there is a mistake of business."""
        try:
            base64.b64decode(str(row.get("Content") or ""), validate=True)
        except binascii.Error:
            raise bad("Content must be base64.") from None
        if row["ResourceID"] not in self.store["Resource"]:
            raise Refused("Business", f"Resource {row['ResourceID']} does not exist.")

    def check_change(self, entity: Entity, old: Row, sent: Row) -> None:
        if entity.name == "Request":
            check_request(self.store, old, sent)

    # --- rights on properties -------------------------------------------------------------------------------

    def _list(self, entity: Entity, asked: Asked) -> object:
        body: Any = super()._list(entity, asked)
        for row in body["d"]["results"]:
            self._leave_out(entity, row)
        return body

    def _one(self, entity: Entity, asked: Asked) -> object:
        body: Any = super()._one(entity, asked)
        self._leave_out(entity, body["d"])
        return body

    def _leave_out(self, entity: Entity, row: Row) -> None:
        """What the user has no right on is not there, asked for or not."""
        for name in self.store.one("settings")["left_out"]:
            of, _, field = name.partition(".")
            if of == entity.name:
                row.pop(field, None)

    # --- faults by which somebody is quicker ----------------------------------------------------------------

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        wanted = "change Request" if fault in _DONE_BEFORE else description.operation
        return description.operation == wanted and super().can_suffer(fault, call, description)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault not in _DONE_BEFORE:
            return super().suffer(fault, call, reset_in_seconds)
        key = self._routes.find(*self.verb_and_path(call)).path["key"]
        with self.lock:
            table = self.store["Request"]
            old = table.get(int(key)) if key.isdecimal() else None
            if old and fault == "deleted":
                table.remove(old["HID"])
            elif old:
                done = {name: value for name, value in _DONE_BEFORE[fault].items() if old[name] is not None}
                table.put({**old, **done, "ModifiedDate": written(self.options.now())})
        return self.answer(call)
