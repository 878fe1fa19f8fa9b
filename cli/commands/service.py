"""For those who run Payrelay: whose runs went wrong, and access to one tenant for some hours."""

from __future__ import annotations

from collections import Counter

import click

from cli.api import Api, Json
from cli.command_line import OneOf, Section, flow_option, limit_option, since
from cli.errors import NOT_RIGHT, OK
from cli.place import SERVICE
from cli.screen import Screen, Table, facts
from cli.show import counts_of, moment, more

STATUSES = ("failed", "held", "missed", "dead", "drift", "partial")
LETTERS = "/service/dead-letters"
ACCESS = "/service/access"
SHOWN = 3
HOURS = "2"

section = Section("For those who run Payrelay")
tenant_argument = click.argument("tenant", metavar="TENANT", help="The tenant, such as acme.")


def _hours(text: str) -> float:
    """How long an access is to be good."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= 24:
        raise ValueError("must be a number of hours above 0 and up to 24")
    return int(found) if found.is_integer() else found


@section.command("--since 1h", "--since 1h --status missed", "--letters", usual=SERVICE)
@click.option(
    "--since", metavar="T", type=since, default="24h", help="Found since: 90m, 24h, 7d ago, or a time."
)
@click.option("--status", type=OneOf(STATUSES), help="Only what is wrong in this way.")
@click.option("--code", metavar="CODE", help="With this code only, such as CREDENTIALS_REFUSED.")
@click.option("--of", metavar="TENANT", help="Of this tenant only.")
@flow_option
@click.option("--letters", is_flag=True, help="Whose dead letters there are, instead of runs.")
@limit_option(50, "lines")
def whose(
    api: Api,
    screen: Screen,
    since: str,
    status: str | None,
    code: str | None,
    of: str | None,
    flow: str | None,
    letters: bool,
    limit: int,
) -> int:
    """Tell whose runs went wrong, over all tenants: failed, held, missed, dead, drift or failed records.

    Names and codes alone: to look at one, take access to its tenant. OVER says when a later run of the whole
    flow ended well. Ends with 3 if any is not over.
    """
    if letters:
        return _letters(api, screen, limit)
    asked = {"since": since, "status": status, "code": code, "tenant": of, "flow": flow}
    found = api.listing("/service/failures", limit=limit, **asked)
    screen.give(found)
    items: list[Json] = found["items"]
    if not items:
        screen.say("Nothing went wrong at any tenant.")
        return OK
    wrong = [one for one in items if one["ended_well_since"] is None]
    rows = [_row(one) for one in items]
    titles = ["at", "tenant", "what", "code", "flow", "connection", "run", "records", "over"]
    screen.say(Table(rows, titles), *more(found, limit))
    if not wrong:
        return OK
    _next(screen, wrong)
    return NOT_RIGHT


def _row(one: Json) -> list[str]:
    counts = counts_of(one) if one["counts"] else "-"
    over = moment(one["ended_well_since"]) if one["ended_well_since"] else "-"
    run = one["run_id"] or "-"
    what = one["status"] if one["mode"] != "preview" else f"{one['status']} (preview)"
    where = [one["flow"], one["connection_id"], run]
    return [moment(one["at"]), one["tenant"], what, one["code"], *where, counts, over]


def _next(screen: Screen, wrong: list[Json]) -> None:
    """Access to the tenant that has most of it, and then the first of its runs."""
    tenant = Counter(one["tenant"] for one in wrong).most_common(1)[0][0]
    first = next(one for one in wrong if one["tenant"] == tenant)
    codes = f"{first['status']} {first['code']}"
    look = ["show", first["run_id"]] if first["run_id"] else ["connections"]
    screen.next(
        ["access", "take", tenant, "--reason", codes, "--hours", HOURS],
        [*look, "--as", SERVICE, "--tenant", tenant, "# with that access"]
        if screen.typed.local
        else [*look, "--tenant", tenant, "# with that access"],
    )


def _letters(api: Api, screen: Screen, limit: int) -> int:
    found = api.listing(LETTERS, limit=limit)
    screen.give(found)
    if not found["items"]:
        screen.say("There are no dead letters.")
        return OK
    names = ("connection_id", "flow", "run_id")
    rows = [
        [
            moment(one["left_at"]),
            one["tenant"] or "(none)",
            one["kind"],
            *(one[name] or "-" for name in names),
        ]
        for one in found["items"]
    ]
    screen.say(Table(rows, ["left at", "tenant", "kind", "connection", "flow", "run"]), *more(found, limit))
    named = [one["tenant"] for one in found["items"] if one["tenant"]]
    if named:
        screen.next(
            ["access", "take", named[0], "--reason", "dead letters", "--hours", HOURS],
            ["letters", *(["--as", SERVICE] if screen.typed.local else []), "--tenant", named[0]],
        )
    return NOT_RIGHT


@section.command("", "--as admin", usual=SERVICE)
@limit_option(20, "accesses")
def access(api: Api, screen: Screen, limit: int) -> int:
    """List who of the service has or had access: your own; as an admin of a tenant, all to yours."""
    found = api.listing(ACCESS, limit=limit)
    screen.give(found)
    if not found["items"]:
        screen.say("Nobody of the service has or had access.")
        return OK
    rows = [
        [one["tenant"], one["who"], moment(one["since"]), moment(one["until"]), _now(one), one["reason"]]
        for one in found["items"]
    ]
    screen.say(Table(rows, ["tenant", "who", "since", "until", "now", "reason"]), *more(found, limit))
    if any(one["open"] for one in found["items"]):
        screen.next(["access", "end"])
    return OK


def _now(one: Json) -> str:
    if one["open"]:
        return "open"
    return f"ended {moment(one['ended_at'])} by {one['ended_by']}" if one["ended_at"] else "over"


@section.command('acme --reason "run failed: SYSTEM_UNREACHABLE" --hours 2', usual=SERVICE)
@tenant_argument
@click.option("--reason", metavar="TEXT", required=True, help="Why; the tenant's admins read it.")
@click.option("--hours", metavar="H", type=_hours, default=HOURS, help="For so long, 24 at most.")
def access_take(api: Api, screen: Screen, tenant: str, reason: str, hours: float) -> int:
    """Take access to a tenant: be its operator for some hours. That, and every call, stands in its trail."""
    found = api.post(ACCESS, body={"tenant": tenant, "reason": reason, "hours": hours})
    screen.give(found)
    screen.say(f"You are an operator of {tenant} until {moment(found['until'])}; its admins see it.")
    screen.say(facts([("reason", found["reason"]), ("access", found["access_id"])], by=2))
    who = ["--as", SERVICE] if screen.typed.local else []
    screen.next(
        ["failures", "--open", *who, "--tenant", tenant],
        ["connections", *who, "--tenant", tenant],
        ["access", "end", tenant, "# once you are done"],
    )
    return OK


@section.command("", "acme", "--as admin", usual=SERVICE)
@click.argument("tenant", metavar="[TENANT]", required=False, help="To this tenant only.")
def access_end(api: Api, screen: Screen, tenant: str | None) -> int:
    """End access at once: your own; as an admin of a tenant, all that the service has to yours."""
    api.delete(ACCESS, tenant=tenant)
    screen.give({})
    screen.say(f"Access to {tenant} is ended." if tenant else "Access is ended.")
    return OK
