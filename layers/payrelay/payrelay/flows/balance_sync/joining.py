"""Connect to Organisation, and Disconnect: Express Leave is told which organisation it belongs to (LB-9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected
from payrelay.flows.balance_sync.reasons import reason

if TYPE_CHECKING:
    from payrelay.domain.records import Reason
    from payrelay.domain.runs import Connection
    from payrelay.systems.express_leave.models import Company


def join(clients: Mapping[str, Any]) -> None:
    """Connect the company to the organisation that was chosen; NeedsAttention if it has another one.

    Connecting what is connected already refreshes it.
    """
    attache, express_leave = clients["attache"], clients["express_leave"]
    company = express_leave.company()
    if company.connected and company.organisation_id != attache.organisation_id:
        own = f"{attache.organisation()} ({attache.organisation_id})"
        why = mismatch(company, None, own)
        raise NeedsAttention(why.code, why.message, why.remedy)
    express_leave.connect_organisation(attache.organisation_id, attache.organisation())


def mismatch(company: Company, connection: Connection | None, own: str) -> Reason:
    """Why nothing is synced: Express Leave belongs to another organisation than ours, and how that ends."""
    held = f"{company.organisation_name} ({company.organisation_id})"
    name = connection.organisations.get("attache") if connection else None
    return reason("ORGANISATION_MISMATCH", held=held, own=f"{name} ({own})" if name else own)


def part(clients: Mapping[str, Any], organisation_id: str | None, *, whichever: bool = False) -> None:
    """Disconnect the company from this organisation; from any other only if `whichever` it has is to go.

    One that lets us in no more is no error. `clients` need not have Attaché's, whose consent may have been
    withdrawn.
    """
    express_leave = clients["express_leave"]
    try:
        company = express_leave.company()
        if company.connected and (whichever or company.organisation_id == organisation_id):
            express_leave.disconnect_organisation()
    except (CredentialsRefused, Rejected):
        return
