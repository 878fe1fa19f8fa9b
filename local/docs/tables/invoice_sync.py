"""Tables of docs/flows/invoice_sync.md (IN-1 to IN-12)."""

from __future__ import annotations

from collections.abc import Iterator

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.invoice_sync.reasons import REASONS
from payrelay.flows.invoice_sync.rules import CHECKS
from payrelay.flows.settings import autovu_accounting
from payrelay.systems.registry import PACKAGES, SYSTEMS


def checks() -> str:
    """The checks of a document, in their order."""
    return table(("", "check", "passes when"), _checks())


def packages() -> str:
    """The accounting packages."""
    return table(("package", "room", "consent", "its hosts"), _packages())


def settings() -> str:
    """Settings of a connection."""
    return settings_table(autovu_accounting.Settings)


def reasons() -> str:
    """Every reason that this flow alone has."""
    rows = ((code(name), message, remedy) for name, (message, remedy) in REASONS.items())
    return table(("code", "message", "what to do"), rows)


def _checks() -> Iterator[tuple[str, ...]]:
    for number, rule in enumerate(CHECKS, start=1):
        words = (rule.test.__doc__ or "").partition("(IN-")[0].strip()
        yield str(number), rule.name, words.rstrip(".")


def _packages() -> Iterator[tuple[str, ...]]:
    for name in PACKAGES:
        row = SYSTEMS[name]
        reach = "several companies" if row.oauth and row.oauth.reaches_several else "one company"
        yield row.label, code(row.room), reach, ", ".join(code(host) for host in row.allowed_hosts)
