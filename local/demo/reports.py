"""The story of payroll reports: the pull of a weekend, who may read one, a late correction, and a replay."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from local.demo.client import Api, DemoFailedError, Json, Outside, must, say, show_reasons, show_run
from local.seed.payroll_people import ONLY_IN_PAYROLL
from local.seed.payroll_plus import CORRECTED, corrected
from local.seed.synergy import resource

FLOW = "report_pull"
# As the tool ends where what it shows is not right.
WRONG = 3
SELF, STRANGER = 2010, 2020
JSON, HTML = "application/json", "text/html"


@dataclass(frozen=True)
class Delft:
    """Exact Synergy, Payroll Plus and Globe Next, joined by a connection; and those who sign in."""

    director: Api
    facts: Mapping[str, Any]
    connection: str
    synergy: Outside
    payroll: Outside
    globe: Outside

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Delft":
        """From what `stack.json` tells every client."""
        return cls(
            Api(facts["api_url"], facts["tokens"]["admin"]),
            facts,
            facts["connections"]["synergy_payroll_plus"],
            Outside(facts["sandboxes"]["synergy"]),
            Outside(facts["sandboxes"]["payroll_plus"]),
            Outside(facts["sandboxes"]["globe_next"]),
        )

    def pull(self) -> Json:
        """A run of the flow, to its end."""
        run = self.director.run(self.connection, FLOW)
        show_run(run)
        return run

    def report(self, who: str, person: int, accept: str = JSON) -> requests.Response:
        """What one of the users gets of a person's report."""
        path = f"/connections/{self.connection}/people/{person}/payroll-report"
        headers = {"Authorization": f"Bearer {self.facts['tokens'][who]}", "Accept": accept}
        return requests.get(f"{self.facts['api_url']}{path}", headers=headers, timeout=30)

    def tool(self, *words: str, status: int = 0) -> None:
        """The engineer's command, what it prints, and the exit status with which it has to end."""
        say(f"   $ ./payrelay {' '.join(words)}")
        access = {"PAYRELAY_API": self.facts["api_url"], "PAYRELAY_TOKEN": self.facts["tokens"]["admin"]}
        access["PAYRELAY_CALLED"] = "./payrelay"
        command = [sys.executable, "-m", "cli", *words]
        done = subprocess.run(
            command, env={**os.environ, **access}, capture_output=True, text=True, timeout=120, check=False
        )
        for line in (done.stdout + done.stderr).splitlines():
            say(f"     {line}")
        must(done.returncode == status, f"payrelay ended with {done.returncode}")


def pull_and_read(delft: Delft) -> None:
    """Everybody's components, and exactly the right people to read them."""
    plan = delft.director.call("GET", f"/connections/{delft.connection}/schedules/{FLOW}")
    say(f"   Scheduled since it was connected: {', '.join(plan['days'])} {plan['time']} {plan['time_zone']}.")
    must((plan["days"], plan["time"]) == (["SAT"], "06:00"), "the pull is not scheduled for the weekend")
    run = delft.pull()
    must(run["counts"]["created"] > 0, "no report was kept")
    show_reasons(delft.director.records(run, outcome="blocked")[:1])
    own = delft.report("viewer", SELF)
    must(own.ok, f"{SELF} may not read their own report: {own.text}")
    newest = own.json()["items"][0]
    say(f"   {SELF} reads their own report of {newest['period']}:")
    for row in newest["components"]:
        say(f"     {row['description']:<28} {row['amount']:>10}")
    page = delft.report("viewer", SELF, HTML)
    must(page.ok and page.text.startswith("<!doctype html>"), "there is no page to look at")
    say(f"   The same as a page to look at and to print: {len(page.text)} bytes of HTML, no outside parts.")
    refused = delft.report("viewer", STRANGER)
    problem = refused.json()
    must((refused.status_code, problem["title"]) == (403, "No rights"), "a stranger was let in")
    say(f"   {SELF} asks for {STRANGER}'s: 403 {refused.json()['detail']}")


def correction(delft: Delft) -> None:
    """A period is approved once more; what was kept before stays beside it."""
    delft.payroll.put(corrected(delft.payroll.state()))
    say(f"   Payroll corrects an old period: {CORRECTED} earned more.")
    run = delft.pull()
    must(run["counts"]["updated"] == 2, "the correction was not seen")
    for record in delft.director.records(run, outcome="updated"):
        say(f"   {record['label']}: updated ({_changed(record)}); the former version is kept")


def _changed(record: Json) -> str:
    """The components that changed, or only how many: which ones somebody has is part of their report."""
    if not record["changes"]:
        return f"{record['withheld']['changes']} changed, for HR, the manager and the person alone to see"
    return ", ".join(change["field"] for change in record["changes"])


def replay(delft: Delft) -> None:
    """The engineer sees why, mends it, is told what a replay would do, and replays just that."""
    run = delft.pull()
    delft.tool("failures", "--flow", FLOW, "--since", "1h", "--limit", "1", status=WRONG)
    state = delft.synergy.state()
    state["Resource"].append(resource(ONLY_IN_PAYROLL, datetime.now(UTC).date()))
    delft.synergy.put(state)
    say(f"   HR creates the person {ONLY_IN_PAYROLL.id} in Exact Synergy.")
    delft.tool("replay", run["run_id"], "--yes")
    left = delft.director.records(delft.pull(), outcome="blocked")
    if left:
        raise DemoFailedError(f"{len(left)} reports are still blocked")
