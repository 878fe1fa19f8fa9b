"""Incidents that come from outside: a vendor is down, a token is wrong, a record is refused."""

from datetime import UTC, datetime

from .failing import must
from .incident import FLOW, SUCCEEDED, Incident, Scene, ended


class VendorDown(Incident):
    """Every call to Xledger is answered 503 for longer than a run waits."""

    title = "A vendor is down: Xledger answers every call with 503"
    entry = "a-vendor-is-slow-busy-or-down"
    alarm = "RunFailedAlarm"
    tells = ("SYSTEM_UNREACHABLE", "Xledger", "http_status=503")
    fixed = (SUCCEEDED,)

    def harm(self, scene: Scene) -> list[str]:
        """A run finds Xledger down, waits as often as it may, and fails."""
        since = f"{datetime.now(UTC):%Y-%m-%dT%H:00:00Z}"
        scene.new_phone("1010", "+4790001010")
        scene.xledger.faults(errors=[503])
        run = scene.admin.run(scene.connection, FLOW)
        ended(run, "failed")
        self.values = {
            "RUN": run["run_id"],
            "CONNECTION": scene.connection,
            "SYSTEM": "xledger",
            "SINCE": since,
        }
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
        """Somebody revokes the token in Xledger, and a run finds out."""
        scene.new_phone("1011", "+4790001011")
        scene.xledger.faults(errors=["token"], error_rate=1.0)
        run = scene.admin.run(scene.connection, FLOW)
        ended(run, "failed")
        self.values = {
            "RUN": run["run_id"],
            "CONNECTION": scene.connection,
            "NEW_TOKEN": "xledger-sandbox-token-2",
            "SYSTEM": "xledger",
        }
        return [
            "employee 1011 gets a new phone; the token is revoked in Xledger; a run starts",
            f"{run['run_id']} {run['status']}: {run['error']['code']}",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The customer makes a new token."""
        scene.xledger.calm()
        return ["the customer makes a new token in Xledger: NEW_TOKEN"]

    def prove(self, scene: Scene) -> list[str]:
        """The connection is connected, and what had waited arrived."""
        connection = scene.admin.call("GET", f"/connections/{scene.connection}")
        must(connection["status"] == "connected" and connection["reason"] is None, f"it is {connection}")
        return [f"{connection['name']} is connected", *scene.arrived_once("1011", "+4790001011")]


class PoisonRecord(Incident):
    """What Xledger has of one employee contradicts itself, so it refuses to change that one."""

    title = "A poison record: Xledger refuses one employee, and must take all others"
    entry = "records-failed-or-are-blocked"
    alarm = "RecordsFailedAlarm"
    tells = ("REFUSED_BY_TARGET", "employee:1012", "dateTo")
    fixed = (SUCCEEDED,)
    email = "new.1012@nordlys.example"

    def harm(self, scene: Scene) -> list[str]:
        """A typing error in Xledger, a new e-mail in Simployer One, and a run."""
        scene.new_phone("1013", "+4790001013")
        scene.simployer.edit(
            "employee", lambda row: row.get("employeeNumber") == "1012", workEmail=self.email
        )
        self._edit(scene, dateFrom="2031-01-01", dateTo="2030-01-01")
        run = scene.admin.run(scene.connection, FLOW)
        ended(run, "partial")
        must(run["counts"]["failed"] == run["counts"]["updated"] == 1, f"one failed, and not only one: {run}")
        self.values = {
            "RUN": run["run_id"],
            "RECORD": "employee:1012",
            "REASON": "REFUSED_BY_TARGET",
            "CONNECTION": scene.connection,
        }
        return [
            "somebody types a last day of employee 1012 before the first one into Xledger;",
            "1012 gets a new e-mail, and 1013 a new phone",
            f"{run['run_id']} {run['status']}: 1013 was written, 1012 failed, the others are unchanged",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The customer mends what stands in Xledger."""
        self._edit(scene, dateFrom=None, dateTo=None)
        return ["the customer takes both days of employee 1012 out of Xledger"]

    def prove(self, scene: Scene) -> list[str]:
        """The employee is right in Xledger."""
        employees = scene.xledger.state()["employees"]
        row = next(one for one in employees if one["code"] == "1012")
        must(row["email"] == self.email, f"employee 1012 has {row['email']}")
        return [f"Xledger has employee 1012 with {self.email}, and 1013's new phone"]

    @staticmethod
    def _edit(scene: Scene, **values: str | None) -> None:
        scene.xledger.edit("employees", lambda row: row.get("code") == "1012", **values)
