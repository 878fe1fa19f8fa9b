"""Connect to Organisation, and Disconnect: Express Leave is told which organisation it belongs to (LB-9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected
from payrelay.flows.balance_sync.reasons import reason


def join(clients: Mapping[str, Any]) -> None:
    """Connect the company to the organisation that was chosen; NeedsAttention if it has another one.

    Connecting what is connected already refreshes it.
    """
    attache, express_leave = clients["attache"], clients["express_leave"]
    company = express_leave.company()
    if company.connected and company.organisation_id != attache.organisation_id:
        held = f"{company.organisation_name} ({company.organisation_id})"
        why = reason("ORGANISATION_MISMATCH", held=held, own=attache.organisation_id)
        raise NeedsAttention(why.code, why.message, why.remedy)
    express_leave.connect_organisation(attache.organisation_id, attache.organisation())


def part(clients: Mapping[str, Any], organisation_id: str | None) -> None:
    """Disconnect the company from this organisation, and from no other.

    One that lets us in no more is no error. `clients` need not have Attaché's, whose consent may have been
    withdrawn.
    """
    express_leave = clients["express_leave"]
    try:
        company = express_leave.company()
        if company.connected and company.organisation_id == organisation_id:
            express_leave.disconnect_organisation()
    except (CredentialsRefused, Rejected):
        return
