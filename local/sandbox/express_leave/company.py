"""The company's link to an organisation of payroll: the screen's Connect and Disconnect."""

from datetime import datetime
from typing import Any

from local.sandbox.frame.kinds import instant, misfits
from local.sandbox.frame.room import Row

from .fields import ORGANISATION
from .query import read_query
from .refusals import RefusedError, refuse_misfits
from .store import Store, connection, no_connection


def connect(store: Store, body: Any, now: datetime) -> Row:
    """The new connection; connecting the same organisation again is another way to refresh it."""
    refuse_misfits(misfits(ORGANISATION, body, tuple(ORGANISATION)))
    present = store.company["Connection"]
    if present["Connected"] and present["OrganisationId"] != body["OrganisationId"]:
        message = "The company is connected to another organisation: disconnect that first."
        raise RefusedError(409, "AlreadyConnected", message, "OrganisationId")
    made = connection(body["OrganisationId"], body["OrganisationName"], instant(now))
    store.change_company({"Connection": made})
    return made


def disconnect(store: Store, query: str) -> None:
    """End the connection; users and balances stay."""
    if read_query(query, ("confirm",)).get("confirm") != "Yes":
        raise RefusedError(400, "ConfirmationRequired", "Disconnecting needs confirm=Yes.", "confirm")
    store.change_company({"Connection": no_connection()})
