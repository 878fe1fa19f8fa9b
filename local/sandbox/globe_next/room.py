"""The room of Exact Globe Next: which company a call is about, and what it may do there."""

import re
from typing import Any, ClassVar

from local.sandbox.frame.calls import Call
from local.sandbox.frame.kinds import NAME, listed
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked
from local.sandbox.odata.edm import TIME
from local.sandbox.odata.entities import Entity, bad
from local.sandbox.odata.service import METADATA, REFUSALS
from local.sandbox.odata.windows import AFTER_WRITE, PAGES, settings

from . import entries
from .entities import DATABASE, ENTITIES, LINE, SERVER, SETTING, USUAL_SERVER
from .interrupted import Interrupted

BASE = "/services/Exact.Entity.REST.EG"
_PATH = re.compile(re.escape(BASE) + r"/(\$?\w+)(.*)", re.IGNORECASE | re.DOTALL)
# As times are taken; a state may write them in other ways.
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", re.ASCII)
_NAMES = {name.casefold(): name for name in (METADATA[1:], *(entity.name for entity in ENTITIES))}
# The Windows service of the companies whose databases are `stopped` does not run.
SETTINGS = settings(ENTITIES, {"stopped": listed(NAME)}, {"stopped": []})


class GlobeNext(Interrupted):
    """Several companies over one store; every row tells its own, which no answer shows."""

    name = "globe_next"
    entities = ENTITIES
    resources = (*ENTITIES, SETTINGS)
    bases = (BASE,)
    realm = "Globe"
    pages: ClassVar = {**PAGES, "Stopped": (503, "Service Unavailable: The service is not running.")}
    refusals: ClassVar = {
        **REFUSALS,
        **pages,
        "Busy": (503, "The service is busy: one call at a time is taken for a company."),
        "Business": (500, ""),
    }
    faults: ClassVar = {
        "signin": "SignIn",
        "no_right": "NoRight",
        "stopped": "Stopped",
        AFTER_WRITE: "",
        **Interrupted.by_a_person,
    }
    at_once = (1, "Busy")

    # --- all calls ------------------------------------------------------------------------------------------

    def verb_and_path(self, call: Call) -> tuple[str, str]:
        """The case of letters does not matter, but in a key."""
        verb, path = super().verb_and_path(call)
        found = _PATH.fullmatch(path)
        return verb, f"{BASE}/{_NAMES.get(found[1].casefold(), found[1])}{found[2]}" if found else path

    def entity_of(self, call: Call) -> str:
        named = super().entity_of(call)
        return _NAMES.get(named.casefold(), named)

    def enter(self, asked: Asked) -> None:
        super().enter(asked)
        server, database = (asked.call.headers.get(name.lower(), "") for name in (SERVER, DATABASE))
        for name, value in ((SERVER, server), (DATABASE, database)):
            if not value:
                raise bad(f"The header {name} is required.")
        if not any(self.store[entity.name].of(database) for entity in self.entities):
            raise bad(f"Cannot open database '{database}' on server '{server}'.")
        setting = self.store[SETTING].get(database) or {SERVER: USUAL_SERVER}
        if server != setting[SERVER]:
            raise bad(f"Cannot open database '{database}' on server '{server}'.")
        if database in self.store.one("settings")["stopped"]:
            raise Refused("Stopped")

    def counted(self, asked: Asked) -> str:
        return str(self.owner(asked)[DATABASE])

    def owner(self, asked: Asked) -> dict[str, Any]:
        return {DATABASE: asked.call.headers[DATABASE.lower()]}

    # --- entries --------------------------------------------------------------------------------------------

    def _sent(
        self, entity: Entity, asked: Asked, writable: tuple[str, ...], required: tuple[str, ...] = ()
    ) -> Row:
        row = super()._sent(entity, asked, writable, required)
        for name, value in asked.json().items():
            if value is not None and entity.edm(name).name == TIME.name and not _TIME.fullmatch(value):
                raise bad(f"{name} must be a time such as 2026-01-31T00:00:00.")
        return row

    def check(self, entity: Entity, row: Row) -> None:
        if entity.name == LINE:
            entries.check_line(self.store, row)
        else:
            entries.check_header(self.store, row)

    def completed(self, entity: Entity, row: Row) -> Row:
        return entries.keyed(row) if entity.name == LINE else entries.processed(self.store, row)

    def check_removal(self, entity: Entity, row: Row) -> None:  # noqa: ARG002
        entries.check_removal(self.store, row)
