"""The story of the accruals: from payroll to the time clock at one company, the other way at another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.demo.client import (
    Api,
    Json,
    Outside,
    must,
    say,
    show_changes,
    show_checks,
    show_reasons,
    show_run,
)
from local.seed.accruals import (
    ACME,
    AMBIGUOUS,
    BETA,
    CORRECTED,
    FINALIZED_ONE,
    P1,
    P2,
    SICK,
    USED_THIS_PERIOD,
    VACATION,
)
from local.seed.hours import Company

FLOW = "accrual_sync"
NEW_NAME = "PTO"
ENDED_ON = P1[1]


@dataclass(frozen=True)
class Hours:
    """A company of Millennium and its site of TimeWorksPlus, joined by a connection."""

    admin: Api
    connection: str
    company: Company
    millennium: Outside
    timeworksplus: Outside

    @classmethod
    def of(cls, facts: Mapping[str, Any], name: str, company: Company) -> "Hours":
        """From what `stack.json` tells every client."""
        return cls(
            Api(facts["api_url"], facts["tokens"]["admin"]),
            facts["connections"][name],
            company,
            Outside(facts["sandboxes"]["millennium"]),
            Outside(facts["sandboxes"]["timeworksplus"]),
        )

    def sync(self) -> tuple[Json, dict[str, Json]]:
        """A run, and its records by key."""
        run = self.admin.run(self.connection, FLOW)
        show_run(run)
        must(run["status"] in ("succeeded", "partial"), f"the run of {self.company.code} is {run['status']}")
        return run, {record["key"]: record for record in self.admin.records(run)}

    def diagnosis(self, key: str) -> list[Json]:
        """What the diagnosis of one balance finds, live on both systems."""
        path = f"/connections/{self.connection}/diagnosis?flow={FLOW}&entity=accrual&key={key}"
        checks: list[Json] = self.admin.call("GET", path)["checks"]
        return checks

    def named(self, employee: str) -> str:
        """An employee as people know them: `Ann Lee (1001)`."""
        found = next(one for one in self.company.workers if one.id == employee)
        return f"{found.first} {found.last} ({employee})"

    def at_the_clock(self, employee: str, category: str, day: str) -> str:
        """What TimeWorksPlus was told of a balance as of a day."""
        match = {
            "siteId": self.company.site,
            "EmployeeCode": employee,
            "category": category,
            "effective": day,
        }
        return _value(self.timeworksplus.state()["accruals"], match, "value")

    def in_payroll(self, employee: str, code: str) -> str:
        """What Millennium has of a balance."""
        match = {"Co": self.company.code, "EmployeeId": employee, "Code": code}
        return _value(self.millennium.state()["accruals"], match, "Balance")


@dataclass(frozen=True)
class Pair:
    """The two companies of the story."""

    acme: Hours
    beta: Hours

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Pair":
        """From what `stack.json` tells every client."""
        name = "millennium_timeworksplus"
        return cls(Hours.of(facts, name, ACME), Hours.of(facts, f"{name}_beta", BETA))


def to_the_clock(acme: Hours) -> None:
    """Payroll is the system of record: each balance as of the day on which it is true."""
    _, found = acme.sync()
    corrected = found[f"{CORRECTED}:{VACATION}"]
    checks = [one for one in acme.millennium.state()["checks"] if one["EmployeeId"] == CORRECTED]
    last = max(one["CheckDate"] for one in checks)
    say(f"   {corrected['label']}: two checks of {last}, the day on which it last accrued:")
    for one in checks:
        if one["CheckDate"] == last:
            is_correction = one["PeriodBeginDate"] == one["PeriodEndDate"]
            what = "a correction, which is passed over" if is_correction else "which dates the balance"
            say(f"        for {one['PeriodBeginDate']} to {one['PeriodEndDate']}, {what}")
    show_changes(corrected)
    must(_new(corrected, "effective") == P2[1], f"the correction was not passed over: {corrected}")
    must(acme.at_the_clock(CORRECTED, VACATION, P2[1]) == "40.00", "the balance is not at the time clock")
    kept, ambiguous = found[f"{FINALIZED_ONE}:{VACATION}"], found[f"{AMBIGUOUS}:{SICK}"]
    say("   Not written, each with its reason:")
    show_reasons([kept, ambiguous])
    codes = [kept["reason"]["code"], ambiguous["reason"]["code"]]
    must(codes == ["PERIOD_FINALIZED", "SEVERAL_IN_EFFECT"], f"the reasons are {codes}")
    say(f"   The diagnosis of {kept['label']}, live on both systems:")
    show_checks(acme.diagnosis(kept["key"]))


def opened_again(acme: Hours) -> None:
    """A period is un-finalized, and one of two Sick codes ended: what had waited goes by itself."""
    must(not acme.at_the_clock(FINALIZED_ONE, VACATION, P1[1]), "a finalized period was written to")
    acme.timeworksplus.edit(
        "payperiods",
        lambda row: (row["siteId"], row["BeginDate"]) == (acme.company.site, P1[0]),
        IsFinalized=False,
        FinalizedAt=None,
    )
    say(f"   In TimeWorksPlus the pay period {P1[0]} to {P1[1]} is un-finalized.")
    acme.millennium.edit(
        "accruals",
        lambda row: (row["EmployeeId"], row["Code"]) == (AMBIGUOUS, "SICK2"),
        EndDate=ENDED_ON,
    )
    ambiguous = acme.named(AMBIGUOUS)
    say(f"   In Millennium SICK2 of {ambiguous} gets an End Date, {ENDED_ON}.")
    _, found = acme.sync()
    kept = found[f"{FINALIZED_ONE}:{VACATION}"]
    say(f"   {kept['label']}: {kept['outcome']}, as of the period that was opened")
    show_changes(kept)
    must(acme.at_the_clock(FINALIZED_ONE, VACATION, P1[1]) == "40.00", "what had waited did not go")
    must(f"{AMBIGUOUS}:{SICK}" not in found, "the one code that is left is not taken")
    say(f"   {ambiguous}, Sick: that of SICK1 now, and TimeWorksPlus has it already.")
    acme.timeworksplus.forget()
    acme.sync()
    must(acme.timeworksplus.writes() == 0, "something was written twice")
    say("   The next run writes nothing.")


def to_payroll(beta: Hours) -> None:
    """The time clock is the system of record: as of the end of each employee's open batch."""
    who = beta.named(USED_THIS_PERIOD)
    say(f"   At {beta.company.code} {who} has used 3 hours of vacation in the period that is paid now.")
    _, found = beta.sync()
    used = found[f"{USED_THIS_PERIOD}:{VACATION}"]
    say(f"   {used['label']}: as of the end of the open batch, so that the stub will be right")
    show_changes(used)
    must(beta.in_payroll(USED_THIS_PERIOD, "VAC") == "21.50", "the balance is not in payroll")
    show_reasons([one for one in found.values() if _code(one) == "NO_BALANCE"])
    undated = [one for one in found.values() if _code(one) == "IN_NO_BATCH"]
    must(bool(undated), "who is in no batch was not named")
    show_reasons(undated[:1])


def renamed(beta: Hours) -> None:
    """A category gets a new name: it stops, and nothing is cleared; renamed back it goes on."""
    before = beta.in_payroll(USED_THIS_PERIOD, "VAC")
    _rename(beta, VACATION, NEW_NAME)
    say(f"   In TimeWorksPlus the category {VACATION} of {beta.company.code} gets the name {NEW_NAME}.")
    beta.millennium.forget()
    _, found = beta.sync()
    show_reasons([one for one in found.values() if one["entity"] == "category"])
    must(_code(found[VACATION]) == "CATEGORY_GONE", "a renamed category was not told")
    must(NEW_NAME in found[VACATION]["reason"]["message"], "its likely new name was not told")
    must(beta.in_payroll(USED_THIS_PERIOD, "VAC") == before, "a balance moved")
    must(beta.millennium.writes() == 0, "Millennium saw a write")
    say(f"   Millennium saw no write: {beta.named(USED_THIS_PERIOD)} has {before} hours there, as before.")
    _rename(beta, NEW_NAME, VACATION)
    say(f"   It is named {VACATION} again.")
    _, found = beta.sync()
    must(not [one for one in found.values() if one["entity"] == "category"], "it does not go on")


def _rename(hours: Hours, old: str, new: str) -> None:
    """Somebody gives a category another name, in the rules and in what was told of it."""
    state, site = hours.timeworksplus.state(), hours.company.site
    for row in state["processingrules"]:
        if row["siteId"] == site:
            row["Categories"] = [new if one == old else one for one in row["Categories"]]
            row["Script"] = (row["Script"] or "").replace(old, new)
    for resource in ("accruals", "usage"):
        for row in state[resource]:
            if row["siteId"] == site and row["category"] == old:
                row["category"] = new
    hours.timeworksplus.put(state)


def _value(rows: Iterable[Json], match: Mapping[str, str], field: str) -> str:
    found = [row[field] for row in rows if match.items() <= row.items()]
    return str(found[0]) if found else ""


def _new(record: Json, field: str) -> str | None:
    return next((change["new"] for change in record["changes"] if change["field"] == field), None)


def _code(record: Json) -> str | None:
    return record["reason"]["code"] if record["reason"] else None
