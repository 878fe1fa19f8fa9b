"""Incidents that come from outside: a vendor is down, a token is wrong, a record is refused."""

from local.demo.client import Json

from .failing import must
from .incident import FLOW, SUCCEEDED, Incident, Scene, ended


class VendorDown(Incident):
    """Every call to Xledger is answered 503 for longer than a run waits."""

    title = "A vendor is down: Xledger answers every call with 503"
    entry = "a-vendor-is-slow-busy-or-down"
    alarm = "RunFailedAlarm"
    tells = ("SYSTEM_UNREACHABLE", "Xledger", '"http_status":503')
    fixed = (SUCCEEDED,)

    def harm(self, scene: Scene) -> list[str]:
        """A run finds Xledger down, waits as often as it may, and fails."""
        scene.new_phone("1010", "+4790001010")
        scene.xledger.faults(errors=[503])
        run = scene.admin.run(scene.connection, FLOW)
        ended(run, "failed")
        self.values = {"RUN": run["run_id"], "CONNECTION": scene.connection, "SYSTEM": "xledger"}
        return [
            "employee 1010 gets a new phone in Simployer One; Xledger goes down; a run starts",
            f"{run['run_id']} waited three times, and {run['status']}: {run['error']['code']}",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The vendor mends it."""
        scene.xledger.calm()
        return ["Xledger is up again"]

    def prove(self, scene: Scene) -> list[str]:
        """What had waited arrived, once."""
        return scene.arrived_once("1010", "+4790001010")


class WrongToken(Incident):
    """The token of Xledger is not valid any more."""

    title = "A wrong token: Xledger refuses the credentials of a connection"
    entry = "credentials-are-refused"
    alarm = "CredentialsRefusedAlarm"
    tells = ("CREDENTIALS_REFUSED", "attention", "Xledger")
    fixed = (r"^con_.*  simployer_xledger  connected$", SUCCEEDED)

    def harm(self, scene: Scene) -> list[str]:
        """A token that Xledger does not know is put in, and a run finds out."""
        scene.new_phone("1011", "+4790001011")
        wrong = {"credentials": {"xledger": {"api_token": "a-token-that-was-revoked"}}}
        scene.admin.call("PATCH", f"/connections/{scene.connection}", wrong)
        run = scene.admin.run(scene.connection, FLOW)
        ended(run, "failed")
        self.values = {
            "RUN": run["run_id"],
            "CONNECTION": scene.connection,
            "NEW_TOKEN": "xledger-sandbox-token-2",
        }
        return [
            "employee 1011 gets a new phone; the token of Xledger is one that was revoked; a run starts",
            f"{run['run_id']} {run['status']}: {run['error']['code']}",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The customer makes a new token."""
        del scene
        return ["the customer makes a new token in Xledger: NEW_TOKEN"]

    def prove(self, scene: Scene) -> list[str]:
        """The connection is connected, and what had waited arrived."""
        connection = scene.admin.call("GET", f"/connections/{scene.connection}")
        must(connection["status"] == "connected" and connection["reason"] is None, f"it is {connection}")
        return [f"{connection['name']} is connected", *scene.arrived_once("1011", "+4790001011")]


class PoisonRecord(Incident):
    """One employee's dates contradict each other, so Xledger refuses that one."""

    title = "A poison record: Xledger refuses one employee, and must take all others"
    entry = "records-failed-or-are-blocked"
    alarm = "RecordsFailedAlarm"
    tells = ("REFUSED_BY_TARGET", "employee:1012", "employmentTo")
    fixed = (SUCCEEDED,)
    wrong = {"hireDate": "2031-01-01T00:00:00.000Z", "endDate": "2030-01-01T00:00:00.000Z"}

    def __init__(self) -> None:
        super().__init__()
        self.right: Json = {}

    def harm(self, scene: Scene) -> list[str]:
        """A typing error in Simployer One, and a run."""
        rows = scene.simployer.state()["employee"]
        person = next(row for row in rows if row.get("employeeNumber") == "1012")
        self.right = {name: person.get(name) for name in self.wrong}
        scene.new_phone("1013", "+4790001013")
        self._edit(scene, self.wrong)
        run = scene.admin.run(scene.connection, FLOW)
        ended(run, "partial")
        must(run["counts"]["failed"] == run["counts"]["updated"] == 1, f"one failed, and not only one: {run}")
        self.values = {"RUN": run["run_id"], "RECORD": "employee:1012", "CONNECTION": scene.connection}
        return [
            "somebody types a leaving date of employee 1012 before the hire date; 1013 gets a new phone",
            f"{run['run_id']} {run['status']}: 1013 was written, 1012 failed, the others are unchanged",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The customer mends the source: employee 1012 is to leave after all, on a possible day."""
        self._edit(scene, {**self.right, "endDate": "2031-06-30T00:00:00.000Z"})
        return ["the customer corrects both dates in Simployer One"]

    def prove(self, scene: Scene) -> list[str]:
        """The employee is right in Xledger."""
        employees = scene.xledger.state()["employees"]
        row = next(one for one in employees if one["code"] == "1012")
        period = (str(row["employmentFrom"])[:10], str(row["employmentTo"])[:10])
        must(period == (self.right["hireDate"][:10], "2031-06-30"), f"employee 1012 has {period}")
        return [f"Xledger has employee 1012 from {period[0]} to {period[1]}, and 1013's new phone"]

    def _edit(self, scene: Scene, values: Json) -> None:
        scene.simployer.edit("employee", lambda row: row.get("employeeNumber") == "1012", **values)
