"""The story of the leave balances: a login, and each cause: its diagnosis, its cure, the right balance."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import requests

from local.demo.client import Api, DemoFailedError, Json, Outside, must, say, show_run
from local.seed import leave_people as who
from payrelay.domain.webhooks import sign

FLOW = "balance_sync"
BACK = "http://127.0.0.1/back"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Acme:
    """Attaché Payroll and Express Leave, joined by a connection; its hook, and whose secret signs for it."""

    admin: Api
    connection: str
    hook_url: str
    secret: str
    attache: Outside
    express_leave: Outside

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Acme":
        """From what `stack.json` tells every client."""
        connection = facts["connections"]["attache_express_leave"]
        return cls(
            Api(facts["api_url"], facts["tokens"]["admin"]),
            connection,
            f"{facts['api_url']}/hooks/login/{connection}",
            facts["hook_secret"],
            Outside(facts["sandboxes"]["attache"]),
            Outside(facts["sandboxes"]["express_leave"]),
        )

    def login(self, role: str = "Administrator") -> Json:
        """Somebody logs in to Express Leave, which tells us; what we answer."""
        told = {
            "event": "user.login",
            "user_id": "u-1",
            "user_name": "Margaret Okafor",
            "role": role,
            "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        body = json.dumps(told).encode()
        headers = sign(self.secret, f"msg_{uuid4().hex}", int(time.time()), body)
        answer = requests.post(self.hook_url, data=body, headers=headers, timeout=30)
        if not answer.ok:
            raise DemoFailedError(f"the login hook answered {answer.status_code}: {answer.text}")
        found: Json = answer.json()
        return found

    def sync(self) -> Json:
        """A login, and its run to the end."""
        run = self.admin.follow(self.login())
        show_run(run)
        return run

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """One call below the connection."""
        return self.admin.call(method, f"/connections/{self.connection}{path}", body)

    def shown(self, code: str, income_code: str = "AL") -> str:
        """What Express Leave shows of one balance."""
        for row in self.express_leave.state()["balances"]:
            if (row["EmployeeId"], row["IncomeCode"]) == (code, income_code):
                return f"{row['BalanceHours']} hours as at {row['AsAt']}"
        return "nothing"

    def first_failing(self, code: str) -> Json | None:
        """The first check of an employee's diagnosis that fails."""
        checks = self.call("GET", f"/diagnosis?entity=employee&key={code}")["checks"]
        return next((check for check in checks if check["passed"] is False and _matters(check)), None)


def login_and_balances(acme: Acme) -> None:
    """An administrator logs in: the balloons move, and then everybody's As At is that of the last pay."""
    nobody = acme.login("Employee (Approver)")
    say(f"   An approver logs in: {nobody['reason']['message']}")
    acme.express_leave.faults(latency_ms=50)
    say(f"   {who.TAKES_LEAVE} had a week off in the pay just processed; Express Leave still shows")
    say(f"        {acme.shown(who.TAKES_LEAVE)}")
    run = acme.login()
    say(f"   An administrator logs in: {run['run_id']}, {run['trigger']}")
    run = _watch(acme, run)
    acme.express_leave.calm()
    show_run(run)
    must(run["counts"]["created"] > 0 and run["counts"]["updated"] > 0, "the login synced nothing")
    say(f"        {who.TAKES_LEAVE}: {acme.shown(who.TAKES_LEAVE)}")
    acme.express_leave.forget()
    again = acme.sync()
    must(again["counts"]["created"] + again["counts"]["updated"] == 0, "an unchanged balance was written")
    say("   The second login wrote no user and no balance.")


def _watch(acme: Acme, run: Json) -> Json:
    """A run to its end: its progress, and the sync that Express Leave shows meanwhile, whenever they move."""
    until, before = time.monotonic() + PATIENCE_SECONDS, ""
    while time.monotonic() < until:
        run = acme.admin.call("GET", f"/runs/{run['run_id']}")
        balloons = acme.express_leave.state()["syncs"][-1]["Status"]
        now = (
            f"{run['progress']['done']:3} of {run['progress']['total']:3} records; Express Leave: {balloons}"
        )
        if now != before:
            say(f"        {now}")
            before = now
        if run["finished_at"] and balloons != "Running":
            return run
        time.sleep(0.1)
    raise DemoFailedError(f"run {run['run_id']} did not end within {PATIENCE_SECONDS} s")


@dataclass(frozen=True)
class Story:
    """One cause of the document: who shows it, what a person does, and which balance is right then."""

    code: str
    cure: str
    act: Callable[[Acme], None]
    income_code: str = "AL"


def causes(acme: Acme) -> None:
    """One employee for each cause: the diagnosis, the cure, and the balance after the next login."""
    _replaced_by_hand(acme)
    acme.sync()
    for story in STORIES:
        failing = acme.first_failing(story.code)
        must(failing is not None, f"the diagnosis of {story.code} finds nothing")
        if failing:
            say(f"   {story.code}: FAIL {failing['name']}: {failing['seen']}")
            say(f"        cure: {failing['remedy']}")
        story.act(acme)
        say(f"        done: {story.cure}")
    acme.sync()
    for story in STORIES:
        failing = acme.first_failing(story.code)
        must(failing is None, f"{story.code} is still not right: {failing}")
        shown = acme.shown(story.code, story.income_code)
        say(f"   {story.code}: {story.income_code} {shown}, and nothing fails")


def overtyped(acme: Acme) -> None:
    """The last resort of the document: the same amount typed again, with a comment, is sent again."""
    code, comment = who.OVERTYPED, "Updated to resync Express Leave balance"
    (row,) = [
        one
        for one in acme.attache.state()["leave"]
        if (one["EmployeeCode"], one["IncomeCode"]) == (code, "AL")
    ]
    acme.attache.call(
        "PUT",
        f"/api/v1/organisations/{who.AUSTRALIA}/employees/{code}/leave/AL/entitlement",
        {"EntitlementOwing": row["EntitlementOwing"], "Comment": comment},
        {"Authorization": "Bearer attache-sandbox-token"},
    )
    say(f"   {code}: somebody types the same Entitlement Owing again, with a comment.")
    acme.sync()
    (newest, *_) = acme.call("GET", f"/history?entity=balance&key={code}:AL")["items"]
    say(f"        the audit trail: {newest['comment']}")
    must(comment in (newest["comment"] or ""), "the balance was not sent again")


def _matters(check: Json) -> bool:
    """Whether a check is about what the stories are about: nobody here is owed long service or days off."""
    return not check["name"].startswith(("Long Service", "Rostered")) or "visible" in check["name"]


def everybody(acme: Acme) -> None:
    """Everybody at once: the connection, and then the causes, the most frequent first."""
    for check in acme.call("GET", "/diagnosis")["checks"]:
        mark = {True: "ok  ", False: "FAIL", None: "?   "}[check["passed"]]
        say(f"        {mark} {check['name']}: {check['seen']}")


def not_connected(acme: Acme) -> None:
    """Somebody presses Disconnect in Express Leave: nothing syncs, and it says what to do."""
    state = acme.express_leave.state()
    state["company"][0]["Connection"] = {"Connected": False}
    acme.express_leave.put(state)
    run = acme.sync()
    must(run["error"] is not None and run["error"]["code"] == "NOT_CONNECTED", "it synced all the same")
    say(f"        {run['error']['message']}")
    say(f"        {run['error']['remedy']}")
    acme.call("POST", "/disconnect")
    page = acme.call("POST", "/connect", {"redirect_uri": BACK})["consent_url"]
    sent = requests.get(f"{page}&organisation_id={who.AUSTRALIA}", allow_redirects=False, timeout=30)
    back = dict(parse_qsl(urlsplit(sent.headers["Location"]).query))
    connected = acme.call("POST", "/connect", {"code": back["code"], "state": back["state"]})
    chosen = connected["organisations"]["attache"]
    say(f"   Disconnected, connected again, {chosen} chosen: a full sync starts.")
    run = acme.admin.follow({"run_id": connected["run_id"]})
    show_run(run)
    must(run["trigger"] == "connect" and run["error"] is None, "connecting did not sync")


def own_balances(acme: Acme) -> None:
    """An employee's app refreshes their balances, with no administrator there."""
    code = who.OVERTYPED
    acme.attache.edit(
        "leave", lambda row: (row["EmployeeCode"], row["IncomeCode"]) == (code, "SL"), EntitlementOwing=41.5
    )
    began = time.monotonic()
    run = acme.admin.follow(acme.call("POST", f"/people/{code}/refresh"))
    show_run(run)
    for row in acme.call("GET", f"/people/{code}/balances")["items"]:
        source = row["source"]
        owing = f"{source['entitlement_owing']} + {source['pro_rata_owing']} {source['unit']}"
        say(f"        {row['income_code']}: {row['hours']} hours as at {row['as_at']} (leave table: {owing})")
        must(row["agrees"], f"{code} {row['income_code']} is not right")
    say(f"   It took {time.monotonic() - began:.1f} s.")


def _replaced_by_hand(acme: Acme) -> None:
    """Somebody deletes a payroll user in Express Leave, and adds the person by hand."""
    state = acme.express_leave.state()
    (user,) = [row for row in state["users"] if row["EmployeeId"] == who.REPLACED]
    state["users"] = [row for row in state["users"] if row is not user]
    state["balances"] = [row for row in state["balances"] if row["EmployeeId"] != who.REPLACED]
    state["users"].append({**user, "UserId": "u-990", "PayrollUser": "", "Version": 1})
    acme.express_leave.put(state)
    say(f"   In Express Leave, somebody deletes {who.REPLACED} and adds the person by hand.")


def _delete_by_hand(code: str) -> Callable[[Acme], None]:
    def act(acme: Acme) -> None:
        state = acme.express_leave.state()
        by_hand = [row for row in state["users"] if row["EmployeeId"] == code and row["PayrollUser"] == ""]
        must(len(by_hand) == 1, f"the user {code} that was made by hand is not there any more")
        state["users"] = [row for row in state["users"] if row is not by_hand[0]]
        acme.express_leave.put(state)

    return act


def _add_sick_leave(acme: Acme) -> None:
    state = acme.attache.state()
    model = next(row for row in state["leave"] if row["IncomeCode"] == "SL")
    own = {"EmployeeCode": who.NO_SICK_LEAVE, "EntitlementOwing": 22.8, "ProRataOwing": 0.0}
    as_at = _of(state["leavebalances"], who.NO_SICK_LEAVE)["LeaveAccrueTo"]
    state["leave"].append({**model, **own, "LeaveAccruedUpToAndIncluding": as_at})
    _of(state["leavebalances"], who.NO_SICK_LEAVE).update(SLEntitleHourAcc=22.8, SLProRataHourAcc=0.0)
    acme.attache.put(state)


def _set_up(acme: Acme) -> None:
    state = acme.attache.state()
    (row,) = [
        one for one in state["leave"] if one["EmployeeCode"] == who.SET_UP_WRONG and one["IncomeCode"] == "AL"
    ]
    row.update(DisplayIn="Hours", HoursPerDay=7.6, EntitlementOwing=76.0, ProRataOwing=31.5628)
    bulk = _of(state["leavebalances"], who.SET_UP_WRONG)
    row["LeaveAccruedUpToAndIncluding"] = bulk["LeaveAccrueTo"]
    bulk.update(ALEntitleHourAcc=76.0, ALProRataHourAcc=31.5628)
    acme.attache.put(state)


def _show_to_everybody(acme: Acme) -> None:
    acme.express_leave.edit(
        "leavetypes", lambda row: row["IncomeCode"] == "LSL", VisibleTo="Employee (Non-Approver)"
    )


def _enable(acme: Acme) -> None:
    acme.attache.edit(
        "employees",
        lambda row: row["EmployeeCode"] == who.NOT_ENABLED,
        EnableAttacheOnline=True,
        AOemail="william.standish@acme.example",
    )


def _fill_in_state(acme: Acme) -> None:
    acme.attache.edit("employees", lambda row: row["EmployeeCode"] == who.NO_STATE, State="QLD")


def _of(rows: list[Json], code: str) -> Json:
    return next(row for row in rows if row["EmployeeCode"] == code)


STORIES = (
    Story(who.CREATED_BY_HAND, "the user made by hand is deleted", _delete_by_hand(who.CREATED_BY_HAND)),
    Story(who.REPLACED, "the user added by hand is deleted", _delete_by_hand(who.REPLACED)),
    Story(who.NOT_ENABLED, "the box is ticked, and an e-mail entered", _enable),
    Story(who.NO_STATE, "the state is filled in", _fill_in_state),
    Story(who.NO_SICK_LEAVE, "sick leave is added to the leave table", _add_sick_leave, "SL"),
    Story(who.SET_UP_WRONG, "annual leave is set up in hours", _set_up),
    Story(who.HIDDEN_TYPE, "long service leave is made visible", _show_to_everybody, "LSL"),
)
