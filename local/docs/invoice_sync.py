"""docs/invoice-sync.md: checks, packages and settings of the document sync (IN-1 to IN-12)."""

from __future__ import annotations

from collections.abc import Iterator

from payrelay.flows.invoice_sync.rules import CHECKS
from payrelay.flows.settings.autovu_accounting import Settings
from payrelay.systems.registry import PACKAGES, SYSTEMS

from .markdown import code, page, table
from .settings import SETTING_COLUMNS, rows_of

INTRO = """\
The flow `invoice_sync` posts the documents that AutoVu marked for sync, five at a time, and takes each off
the list when it stands in the accounting package. A document that can't go stays on the list with a
StatusCode that says why. Nothing is posted twice: a document that may have been sent before is looked up in
the package first."""

CHECKED = """\
In this order, and the first one that fails is the StatusCode. The diagnosis of the list
(`GET /connections/{connection_id}/diagnosis?entity=document`) runs all of them on every document, and counts
how many documents each remedy would free."""

SYNCING = """\
A run of the mode `sync` takes the first five listed; `preview` shows what they would do. A run of the mode
`auto` goes on for 20 minutes, or until the list is empty or a person stops it: it takes five that it has not
tried yet, so blocked ones never keep others waiting. When all were tried it looks every 30 seconds whether a
blocked document, its account or its link has changed, and tries those again.

A connection that was not used for 20 minutes is no longer connected. An Auto Sync is use."""

PACKAGES_TEXT = """\
Where a package takes ids of accounts, a link is AutoVu's AccsID; where it does not, Payrelay keeps it. A
package that refuses a number twice is trusted with that; in all others numbers are looked up right before
posting."""


def render() -> str:
    """The document."""
    return page(
        "Documents: AutoVu to an accounting package",
        "payrelay/domain/invoice_checks.py, systems/registry.py or flows/settings/autovu_accounting.py",
        INTRO,
        "## Checks",
        CHECKED,
        table(("", "check", "passes when"), _checks()),
        "## Sync and Auto Sync",
        SYNCING,
        "## Packages",
        PACKAGES_TEXT,
        table(("package", "room", "consent", "its hosts"), _packages()),
        "## Settings",
        "Settings of a connection of the kind `autovu_accounting` (`settings` in `POST /connections`).",
        table(SETTING_COLUMNS, rows_of(Settings)),
        "## Reasons",
        "Every StatusCode, and what to do about it: [reasons.md](reasons.md).",
    )


def _checks() -> Iterator[tuple[str, ...]]:
    for place, rule in enumerate(CHECKS, start=1):
        words = (rule.test.__doc__ or "").partition("(IN-")[0].strip()
        yield str(place), rule.name, words.rstrip(".")


def _packages() -> Iterator[tuple[str, ...]]:
    for name in PACKAGES:
        row = SYSTEMS[name]
        reach = "several companies" if row.oauth and row.oauth.reaches_several else "one company"
        yield row.label, code(row.room), reach, ", ".join(code(host) for host in row.allowed_hosts)
