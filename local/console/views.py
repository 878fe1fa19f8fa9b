"""The console's views, in the order in which they are shown: an entry each, for docs/console.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """A view: what its pictures are called, who looks at it, where it is, and in two sentences what it is.

    `{…}` in an address is an id of the story (`local/console/story.py`). `press` is a button that is pressed
    before the pictures are taken; one that is `dark` has dark ones, too.
    """

    name: str
    title: str
    role: str
    address: str
    about: str
    press: str = ""
    dark: bool = False


VIEWS = (
    View(
        "home",
        "Overview",
        "admin",
        "#/",
        "One row for each connection and flow: how it stands, since when both sides agree, when it runs "
        "next, what waits for a person, and the last thirty runs. What was missed or is held stands on "
        "top.",
        dark=True,
    ),
    View(
        "run",
        "A run",
        "operator",
        "#/runs/{run}",
        "What a run did and why: counts to click on, records by reason with what to do, each field's old "
        "and new value, the call that failed, the lines of the log. Stop ends it; Replay shows first what "
        "it would do.",
    ),
    View(
        "plan",
        "A held run",
        "admin",
        "#/runs/{held}/plan",
        "What a preview or a held run would write, by field and by reason, the people whom the brake "
        "names on top. Apply writes exactly this, and leaves alone what has moved since.",
    ),
    View(
        "invoices",
        "Invoices",
        "operator",
        "#/invoices/{books}",
        "The documents that wait for the accounting package, each with all that keeps it, and what would "
        "free most of them on top. Link this, create new, type an AccsID, sync, or let Auto Sync do it.",
    ),
    View(
        "leave",
        "Leave",
        "operator",
        "#/leave/{leave}",
        "Who sees the right balance in Express Leave and who does not, by cause. Each cause says what to "
        "do, and where.",
        press="Compare everybody now",
    ),
    View(
        "person",
        "One employee's leave",
        "operator",
        "#/leave/{leave}/{person}",
        "One employee's checks in the order in which they are made, with the remedy of the first that "
        "fails. Refresh brings this one up to date.",
    ),
    View(
        "history",
        "History",
        "viewer",
        "#/history/{export}?entity=employee&key={changed}",
        "For one employee and field: which run wrote it, from what to what, who asked for it, and what it "
        "was in the source. It is kept when the details of runs are not.",
    ),
    View(
        "connections",
        "Connections",
        "admin",
        "#/connections",
        "Every pair of systems, whether it is connected, and with which organisations. New ones begin here.",
    ),
    View(
        "connection-new",
        "A new connection",
        "admin",
        "#/connections/new?kind=simployer_xledger",
        "A form made of the API's own description, with its help. What is wrong is said at the field; "
        "credentials are never shown again.",
    ),
    View(
        "connection",
        "A connection",
        "admin",
        "#/connections/{export}",
        "Settings, credentials, consent, schedules and who changed what. A schedule shows its next five "
        "runs, also over a change of the clocks.",
    ),
    View(
        "apps",
        "App keys",
        "admin",
        "#/apps",
        "The apps that may use the API in the company's name, and what each may do. A key is shown once.",
    ),
    View(
        "on-call",
        "On call",
        "operator",
        "#/on-call",
        "Failures by reason over time, dead letters, late runs, and how each vendor answers. Every alarm "
        "leads to what to do about it.",
    ),
    View(
        "runbook",
        "The runbook",
        "operator",
        "#/on-call/runbook/a-run-failed",
        "What an alarm means for the customer, what to look at, what to do, and how one knows that it is "
        "over. It is docs/runbook.md, word by word.",
    ),
    View(
        "service",
        "Service",
        "service",
        "#/service",
        "For those who run Payrelay: what is wrong in all companies, without a person or a value. Access "
        "to one company is taken with a reason, and ends by itself.",
    ),
    View(
        "employee",
        "An employee's own page",
        "employee",
        "#/me",
        "Somebody's own balances, as at which day and when last checked, and their payroll report as it "
        "is now. They see their own, and nobody else's.",
    ),
)
