"""An incident that only a person can decide: a plan that would end many people waits for an admin."""

from datetime import UTC, datetime, timedelta

from .failing import must
from .incident import FLOW, Incident, Scene, ended

# More than the brake lets through, and none of whom another incident tells.
MANY = range(1100, 1160)


class HeldRun(Incident):
    """A department leaves: the brake holds the run that would end them, until an admin applies its plan."""

    title = f"The brake: a run that would end {len(MANY)} people is held"
    entry = "a-run-is-held"
    alarm = ""
    tells = ("HELD", f"{len(MANY)} would be updated", "employmentTo", "an admin of the customer decides")
    fixed = (r"^run_.* apply/manual +succeeded ",)
    silent = "no alarm: nothing is wrong until somebody has decided"

    def harm(self, scene: Scene) -> list[str]:
        """They get a last day in Simployer One, and a run finds out."""
        last = f"{datetime.now(UTC).date() + timedelta(days=40)}T00:00:00.000Z"
        state = scene.simployer.state()
        for row in state["employee"]:
            if row.get("employeeNumber") in {str(number) for number in MANY}:
                row["endDate"] = last
        scene.simployer.put(state)
        scene.xledger.forget()
        run = scene.admin.run(scene.connection, FLOW)
        ended(run, "held")
        must(scene.xledger.writes() == 0, "the brake did not hold the run")
        self.values = {"RUN": run["run_id"], "CONNECTION": scene.connection}
        return [
            f"{len(MANY)} people get a last day in Simployer One, and a run starts",
            f"{run['run_id']} {run['status']}: {run['held']['message']}",
        ]

    def others(self, scene: Scene) -> list[str]:
        """It is meant."""
        del scene
        return ["the customer says that it is meant: a branch is closed"]

    def prove(self, scene: Scene) -> list[str]:
        """They are ended in Xledger, and the held run names the run that did it."""
        old = scene.admin.call("GET", f"/runs/{self.values['RUN']}")
        must(bool(old.get("applied_by")), f"the held run does not say by whom it was applied: {old}")
        rows = scene.xledger.state()["employees"]
        done = [row for row in rows if row["code"] in {str(n) for n in MANY} and row["employmentTo"]]
        must(len(done) == len(MANY), f"Xledger has the last day of {len(done)}")
        return [f"Xledger has the last day of all {len(MANY)}; the held run names {old['applied_by']}"]
