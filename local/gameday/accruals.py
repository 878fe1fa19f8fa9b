"""Incidents of the accruals: payroll is processed while we write, a balance waits for a pay period."""

from local.demo.accruals import FLOW, Hours, Pair
from local.demo.client import Json
from local.seed.accruals import ADDED, FINALIZED_ONE, P1, P2, USED_THIS_PERIOD, VACATION

from .failing import must
from .incident import SUCCEEDED, Incident, Scene, ended

WRITES = "change accruals"
# People of whom nothing but the incident is wrong: the first is written to before the lock.
WRITTEN = (USED_THIS_PERIOD, ADDED, "2008")


class PayrollLocked(Incident):
    """A payroll is processed while balances are written to Millennium, which takes none then."""

    title = "A payroll is processed in mid-run: Millennium locks the balances of the company"
    entry = "records-failed-or-are-blocked"
    alarm = "RecordsFailedAlarm"
    tells = ("PAYROLL_LOCKED", f"accrual:{ADDED}:{VACATION}", "goes by itself at the next run")
    fixed = (SUCCEEDED,)

    def harm(self, scene: Scene) -> list[str]:
        """The first balance is written, and with the second Millennium begins to process the payroll."""
        beta = Pair.of(scene.stack.facts).beta
        _only(beta, WRITTEN)
        beta.millennium.faults(errors=["payroll_locked"], match=WRITES, after=1)
        run = _run(scene, beta)
        ended(run, "partial")
        must(
            run["counts"]["updated"] == 1 and run["counts"]["failed"] > 1, f"the lock stopped nothing: {run}"
        )
        tried = [call for call in beta.millennium.calls() if call["operation"] == WRITES]
        must(len(tried) <= 2 + 1, f"the locked company was tried {len(tried)} times")
        self.values = {
            "RUN": run["run_id"],
            "RECORD": f"accrual:{ADDED}:{VACATION}",
            "REASON": "PAYROLL_LOCKED",
            "CONNECTION": beta.connection,
        }
        return [
            f"Update Accrual Balances for {len(WRITTEN)} people of BETA; meanwhile payroll is processed",
            f"{run['run_id']} {run['status']}: one balance was written, {run['counts']['failed']} were not,",
            f"and Millennium was asked {len(tried)} times in all",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The payroll is processed, and the lock is gone."""
        beta = Pair.of(scene.stack.facts).beta
        beta.millennium.calm()
        beta.millennium.forget()
        return ["Millennium has processed the payroll"]

    def prove(self, scene: Scene) -> list[str]:
        """Each balance is there as of the day that was asked for, and was written once."""
        beta = Pair.of(scene.stack.facts).beta
        there = [beta.in_payroll(one, "VAC") for one in (USED_THIS_PERIOD, ADDED)]
        must(there == ["21.50", "16.00"], f"Millennium has {there}")
        rows = [row for row in beta.millennium.state()["accruals"] if row["EmployeeId"] in WRITTEN[1:]]
        days = {row["AsOfDate"] for row in rows if row["Co"] == beta.company.code}
        must(days == {P2[1]}, f"the balances are of {days}")
        writes = beta.millennium.writes()
        must(_run(scene, beta)["counts"]["updated"] == 0, "something was left")
        return [
            f"{beta.named(ADDED)} has {there[1]} hours of vacation in Millennium, as of {P2[1]}",
            f"the replay wrote {writes} balances, one call each, and the run after it none",
        ]


class FinalizedPeriod(Incident):
    """A balance of the period before waits, since that is finalized."""

    title = "A balance waits behind a finalized pay period"
    entry = "records-failed-or-are-blocked"
    alarm = ""
    silent = "a blocked balance raises none: it waits, and each run says since when"
    tells = ("PERIOD_FINALIZED", f"accrual:{FINALIZED_ONE}:{VACATION}", f"Un-finalize {P1[0]} to {P1[1]}")
    fixed = (SUCCEEDED,)

    def harm(self, scene: Scene) -> list[str]:
        """Somebody on leave accrued last in a period that payroll has closed since."""
        acme = Pair.of(scene.stack.facts).acme
        _only(acme, ("1001", FINALIZED_ONE))
        _period(acme, is_finalized=True)
        run = _run(scene, acme)
        ended(run, "partial")
        self.values = {
            "RUN": run["run_id"],
            "RECORD": f"accrual:{FINALIZED_ONE}:{VACATION}",
            "REASON": "PERIOD_FINALIZED",
            "CONNECTION": acme.connection,
        }
        return [
            f"{acme.named(FINALIZED_ONE)} accrued last for {P1[0]} to {P1[1]}, which is finalized by now",
            f"{run['run_id']} {run['status']}: one is blocked, the others go",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The customer opens the period, as the remedy says."""
        acme = Pair.of(scene.stack.facts).acme
        _period(acme, is_finalized=False)
        acme.timeworksplus.forget()
        return [f"the customer un-finalizes {P1[0]} to {P1[1]} in TimeWorksPlus"]

    def prove(self, scene: Scene) -> list[str]:
        """The balance is there, as of its own day; the period is finalized again, and nothing is left."""
        acme = Pair.of(scene.stack.facts).acme
        held, writes = acme.at_the_clock(FINALIZED_ONE, VACATION, P1[1]), acme.timeworksplus.writes()
        must((held, writes) == ("40.00", 1), f"TimeWorksPlus has {held!r} after {writes} writes")
        _period(acme, is_finalized=True)
        run = _run(scene, acme)
        must(run["status"] == "succeeded" and acme.timeworksplus.writes() == 1, f"something was left: {run}")
        return [
            f"TimeWorksPlus has {held} hours of vacation of {acme.named(FINALIZED_ONE)} as of {P1[1]},",
            "by one writing call; the customer finalizes the period again, and the next run is clean",
        ]


def _run(scene: Scene, hours: Hours) -> Json:
    return scene.admin.run(hours.connection, FLOW)


def _only(hours: Hours, people: tuple[str, ...]) -> None:
    """Only these people are left in both systems, and a run of everything has nothing else to say."""
    payroll, clock = hours.millennium.state(), hours.timeworksplus.state()
    code, site = hours.company.code, hours.company.site
    for resource in ("employees", "accruals", "checks"):
        payroll[resource] = [
            row for row in payroll[resource] if row["Co"] != code or row["EmployeeId"] in people
        ]
    for batch in payroll["batches"]:
        if batch["Co"] == code:
            batch["EmployeeIds"] = [one for one in batch["EmployeeIds"] if one in people]
    for resource in ("employees", "accruals", "usage"):
        clock[resource] = [
            row for row in clock[resource] if row["siteId"] != site or row["EmployeeCode"] in people
        ]
    hours.millennium.put(payroll)
    hours.timeworksplus.put(clock)
    hours.millennium.forget()


def _period(hours: Hours, *, is_finalized: bool) -> None:
    hours.timeworksplus.edit(
        "payperiods",
        lambda row: (row["siteId"], row["BeginDate"]) == (hours.company.site, P1[0]),
        IsFinalized=is_finalized,
        FinalizedAt=None,
    )
