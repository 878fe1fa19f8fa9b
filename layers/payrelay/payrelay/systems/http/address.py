"""Which addresses a credential may be sent to (SEC-3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from payrelay.domain.reasons import reason
from payrelay.errors import NeedsAttention

_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
# Strict on purpose: what one URL parser reads as host and another as user name does not get in at all.
_ADDRESS = r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:]+\])(?P<port>:[0-9]{1,5})?(?P<path>(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)/*"


def is_loopback(base_url: str) -> bool:
    """Whether an address is on this machine, as in the local stack."""
    match = re.fullmatch(_ADDRESS, base_url, re.IGNORECASE)
    return match is not None and match["host"].lower() in _LOOPBACK_HOSTS


def plain_address(base_url: str) -> str:
    """An address as it is compared: what differs only in case of the host, usual port or end is one address.

    A text that is no address is compared as it is.
    """
    match = re.fullmatch(_ADDRESS, base_url.strip(), re.IGNORECASE)
    if match is None:
        return base_url
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), match["port"] or ""
    usual = {"https": ":443", "http": ":80"}[scheme]
    return f"{scheme}://{host}{'' if port == usual else port}{match['path']}"


def check_address(label: str, base_url: str, allowed_hosts: Sequence[str], *, allow_loopback: bool) -> str:
    """`base_url` as it is compared, if it is https on an allowed host; else NeedsAttention.

    An allowed host is a name, or `*.name` for any name below it. `allow_loopback` is for the local stack,
    and lets in plain http, any port, and nothing but this machine.
    """
    match = re.fullmatch(_ADDRESS, base_url, re.IGNORECASE)
    if match is None:
        raise _refused(label, "it is not a plain https address", allowed_hosts)
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), match["port"]
    if host in _LOOPBACK_HOSTS:
        if not allow_loopback:
            raise _refused(label, f"{host} is this machine itself", allowed_hosts)
    elif scheme != "https" or port not in (None, ":443"):
        raise _refused(label, "only https on its usual port is allowed", allowed_hosts)
    elif not any(_matches(host, allowed) for allowed in allowed_hosts):
        raise _refused(label, f"{host} is not a host of {label}", allowed_hosts)
    return plain_address(base_url)


def _matches(host: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return host.endswith(allowed[1:]) and len(host) > len(allowed) - 1
    return host == allowed


def _refused(label: str, why: str, allowed_hosts: Sequence[str]) -> NeedsAttention:
    told = reason("ADDRESS_NOT_ALLOWED", system=label, problem=why, hosts=", ".join(allowed_hosts))
    return NeedsAttention(told.code, told.message, told.remedy)
