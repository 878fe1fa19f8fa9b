"""One of the service in a tenant: its operator by an access that they took; each call is in its trail."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from payrelay.ledger.changes import Act
from payrelay.runtime.api_keys import PREFIX
from payrelay.runtime.identity import Principal, Role
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from call import Call

    from payrelay.ledger.access import Access

# Names the tenant, where somebody has access to several.
HEADER = "payrelay-tenant"
LONGEST_CALL = 300
# What tells pages of one list apart, and not what is read.
_PLACES = ("cursor", "limit")
_KEY = re.compile(rf"{PREFIX}[\w-]*")
_EMAIL = re.compile(r"[^/?&=\s]+@[^/?&=\s]+")


def acting(call: Call) -> Call:
    """The same call as an operator of the tenant that the caller has access to; problem 403 without one."""
    principal = call.principal
    access = _chosen(call)
    who = f"Payrelay service: {principal.subject}"
    operator = Principal(access.tenant, Role.OPERATOR, who, sub=principal.sub, access=access)
    return call._replace(principal=operator)


def note_call(call: Call) -> None:
    """Keep in the tenant's trail what is called by an access, before it is done."""
    access = call.principal.access
    if access is None:
        return
    http = call.event["requestContext"]["http"]
    query = parse_qsl(str(call.event.get("rawQueryString", "")))
    asked = "&".join(f"{name}={value}" for name, value in query if name not in _PLACES)
    text = f"{http['method']} {unquote(http['path'])}{'?' if asked else ''}{asked}"
    text = _EMAIL.sub("(an e-mail)", _KEY.sub("(a key)", text))[:LONGEST_CALL]
    until = int(datetime.fromisoformat(access.until).timestamp())
    once = until if http["method"] == "GET" else None
    call.container.ledger.changes.note_call(call.tenant, call.change(Act.CALLED, [text]), once_until=once)


def _chosen(call: Call) -> Access:
    now, wanted = call.container.engine.stamp(), call.event.get("headers", {}).get(HEADER)
    found = call.container.ledger.accesses.of_subject(call.principal.sub)
    held = {access.tenant: access for access in found if access.holds(now)}
    if wanted in held:
        return held[str(wanted)]
    if wanted is None and len(held) == 1:
        return next(iter(held.values()))
    if wanted is None and held:
        names = ", ".join(sorted(held))
        detail = f"You have access to several tenants: {names}. Name one by the header Payrelay-Tenant."
        raise Problem("BAD_REQUEST", detail)
    which = f"the tenant {wanted[:64]}" if wanted else "any tenant"
    raise Problem(
        "FORBIDDEN",
        f"The token has the role service, and no access to {which} now.",
        remedy="Take access, for a reason and some hours: POST /service/access (payrelay access take).",
    )
