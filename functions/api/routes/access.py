"""Access of those who run Payrelay to one tenant: taken for a reason, shown to it, ended by either side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from call import Answer, Call
from fields import Fields
from query import cursor, page, page_size, text_up_to

from payrelay.flows.engine.engine import stamp
from payrelay.ledger.access import OWN_LIST_SECONDS, Access
from payrelay.ledger.changes import Act
from payrelay.runtime.identity import Role, is_tenant
from payrelay.runtime.ids import ulid
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_HOURS = 24
LONGEST_REASON = 500
LONGEST_TENANT, LONGEST_ID = 64, 40


def take(call: Call) -> Answer:
    """Be an operator of a tenant from now on for some hours; it ends one that the caller still has there."""
    fields = Fields(call.body(), ("tenant", "reason", "hours"), required=("tenant", "reason", "hours"))
    tenant, why = fields.text("tenant", LONGEST_TENANT), fields.text("reason", LONGEST_REASON)
    hours = fields.number("hours", MOST_HOURS)
    if tenant and not (is_tenant(tenant) and _has_connections(call, tenant)):
        fields.refuse("tenant", "is no tenant that has a connection")
    fields.stop_if_wrong()
    now = call.container.engine.clock()
    access = Access(
        access_id=f"acc_{ulid()}",
        tenant=tenant,
        who=call.principal.subject,
        subject=call.principal.sub,
        reason=why,
        since=stamp(now),
        until=stamp(now + timedelta(hours=hours)),
    )
    former = [one for one in _own(call) if one.tenant == tenant]
    told = [f"operator until {access.until}"]
    ttl = int(datetime.fromisoformat(access.until).timestamp()) + OWN_LIST_SECONDS
    call.container.ledger.accesses.begin(access, call.change(Act.ACCESS_TAKEN, told, access), ttl=ttl)
    for one in former:
        _end(call, one)
    return Answer(_view(call, access), 201)


def list_accesses(call: Call) -> Answer:
    """The accesses to the caller's tenant; of one of the service, their own. Newest first."""
    query = call.query(limit=page_size, cursor=cursor("accesses", str))
    after = query["cursor"][0] if query["cursor"] else None
    accesses = call.container.ledger.accesses
    service = call.principal.role is Role.SERVICE
    found = (
        accesses.of_subject(call.principal.sub, after) if service else accesses.of_tenant(call.tenant, after)
    )
    items, following = page("accesses", (((one.access_id,), one) for one in found), query["limit"])
    return Answer({"items": [_view(call, one) for one in items], "next_cursor": following})


def end(call: Call) -> Answer:
    """End accesses at once: the caller's own, or those to an admin's tenant; all, or what is named."""
    query = call.query(tenant=text_up_to(LONGEST_TENANT), access_id=text_up_to(LONGEST_ID))
    found = list(_matching(_open(call), query))
    if not found and (query["tenant"] or query["access_id"]):
        raise Problem("NOT_FOUND", "There is no such access that could be ended.")
    for access in found:
        _end(call, access)
    return Answer(status=204)


def _open(call: Call) -> list[Access]:
    """The accesses that the caller may end: they can be used now."""
    if call.principal.role is Role.SERVICE:
        return _own(call)
    now = call.container.engine.stamp()
    return [one for one in call.container.ledger.accesses.of_tenant(call.tenant) if one.holds(now)]


def _own(call: Call) -> list[Access]:
    now = call.container.engine.stamp()
    found = call.container.ledger.accesses.of_subject(call.principal.sub)
    return [access for access in found if access.holds(now)]


def _matching(accesses: Iterable[Access], query: dict[str, Any]) -> Iterator[Access]:
    for access in accesses:
        if query["tenant"] in (None, access.tenant) and query["access_id"] in (None, access.access_id):
            yield access


def _end(call: Call, access: Access) -> None:
    change = call.change(Act.ACCESS_ENDED, [f"access of {access.who}"], access)
    call.container.ledger.accesses.end(access, change.at, call.principal.subject, change)


def _has_connections(call: Call, tenant: str) -> bool:
    return next(call.container.ledger.connections.list(tenant), None) is not None


def _view(call: Call, access: Access) -> dict[str, Any]:
    names = ("access_id", "tenant", "who", "reason", "since", "until", "ended_at")
    facts = {name: getattr(access, name) for name in names} | {"ended_by": access.ended_by}
    return {**facts, "role": Role.OPERATOR.label, "open": access.holds(call.container.engine.stamp())}
