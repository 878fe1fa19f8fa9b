"""An incident between two systems: one took a request, and the function died before the other was told."""

import time
from datetime import UTC, date, datetime, timedelta

from local.demo.client import Json
from local.demo.payroll import REQUESTS

from .failing import must
from .incident import PATIENCE_SECONDS, SUCCEEDED, Incident, Scene, ended
from .inside import expire_claim

REALISED, PROCESSED = "Realised", "Processed"
CREATED, REPLACED = 201, 200
BEFORE, DYING, AFTER = 95_001, 95_002, 95_003
# Requests of three persons, in the order in which they are sent: who, the type, and the hours.
ASKED = {BEFORE: (2015, "HOURS", "30.50"), DYING: (2016, "UNPAID", "8.00"), AFTER: (2018, "HOURS", "12.00")}


class KilledBetween(Incident):
    """The function dies after Payroll Plus' answer and before Exact Synergy's `Processed`, at every try."""

    title = "A crash between two systems: Payroll Plus took a request, Exact Synergy was not told"
    entry = "a-function-dies"
    alarm = "RunFailedAlarm"
    tells = ("RUN_DIED", "ApplyPage", "TaskFailed", f"request:{DYING}")
    fixed = (SUCCEEDED,)

    def harm(self, scene: Scene) -> list[str]:
        """Exact Synergy hangs when one request is to be Processed, and the function is killed there."""
        _ask(scene)
        scene.delft.synergy.faults(errors=["timeout"], match=f"Request({DYING})")
        run, killed = scene.start(scene.delft.connection, REQUESTS), 0
        until = time.monotonic() + PATIENCE_SECONDS
        while not scene.admin.call("GET", f"/runs/{run['run_id']}")["finished_at"]:
            must(time.monotonic() < until, f"{run['run_id']} did not end")
            if len(_processing(scene, DYING)) > killed:
                killed += scene.stack.crash("RequestSyncApplyPage")
            time.sleep(0.1)
        run = scene.admin.follow(run)
        ended(run, "failed")
        self.values = {"RUN": run["run_id"], "CONNECTION": scene.delft.connection, "FLOW": REQUESTS}
        _taken_once(scene)
        found = _statuses(scene)
        must(found == {BEFORE: PROCESSED, DYING: REALISED, AFTER: REALISED}, f"the requests are {found}")
        return [
            f"Exact Payroll Plus takes the requests {BEFORE} to {AFTER} of three persons; Exact Synergy sets",
            f"the first to Processed, then hangs; kill -9 of the function that waits for it, {killed} times",
            f"{run['run_id']} {run['status']}: {run['error']['code']}",
            f"Exact Payroll Plus has all three; {DYING} and {AFTER} are still Realised in Exact Synergy",
        ]

    def others(self, scene: Scene) -> list[str]:
        """Exact Synergy answers again, and the claims that the function left behind have ended."""
        scene.delft.synergy.calm()
        for number in ASKED:
            expire_claim(scene, scene.delft.connection, f"request:{number}")
        return [
            "Exact Synergy answers again; a quarter of an hour passes, and what was claimed is free again",
            "(here the end of the claims is put back in the table, so that it has passed)",
        ]

    def prove(self, scene: Scene) -> list[str]:
        """Payroll Plus has each value once, and each request was processed once."""
        _taken_once(scene)
        for number in ASKED:
            taken = [call for call in _processing(scene, number) if call["fault"] is None]
            must(len(taken) == 1, f"request {number} was set to Processed {len(taken)} times")
        found = _statuses(scene)
        must(found == dict.fromkeys(ASKED, PROCESSED), f"the requests are {found}")
        who, _, value = ASKED[DYING]
        puts = [call["status"] for call in scene.delft.payroll.calls() if f"ESE-{DYING}" in call["path"]]
        must(puts[0] == CREATED and set(puts[1:]) == {REPLACED}, f"the puts were answered {puts}")
        return [
            f"Exact Payroll Plus has the {value} hours of unpaid leave of {who} once: the first of",
            f"{len(puts)} calls put them there, and the others the same in their place",
            f"{DYING} was set to Processed once, and so were {BEFORE} and {AFTER} of the two others",
        ]


def _ask(scene: Scene) -> None:
    """Three persons' requests wait, and no others; Exact Payroll Plus has nothing of theirs in this month."""
    state, day = scene.delft.synergy.state(), datetime.now(UTC).date().replace(day=2)
    state["Request"] = [row for row in state["Request"] if row["StatusCode"] == PROCESSED]
    state["Request"] += [_request(number, day) for number in ASKED]
    scene.delft.synergy.put(state)
    payroll, whose = scene.delft.payroll.state(), {str(who) for who, _, _ in ASKED.values()}
    payroll["variableInputs"] = [one for one in payroll["variableInputs"] if one["employeeId"] not in whose]
    scene.delft.payroll.put(payroll)
    for side in (scene.delft.synergy, scene.delft.payroll):
        side.forget()


def _request(number: int, day: date) -> Json:
    who, kind, value = ASKED[number]
    return {
        "HID": number,
        "RequestTypeCode": kind,
        "StatusCode": REALISED,
        "ResourceID": who,
        "StartDate": f"{day}T00:00:00",
        "EndDate": f"{day + timedelta(days=3)}T00:00:00",
        "Quantity": float(value),
    }


def _taken_once(scene: Scene) -> None:
    """Exact Payroll Plus has one input of each person, from their request, with its value."""
    rows = scene.delft.payroll.state()["variableInputs"]
    whose = {str(who) for who, _, _ in ASKED.values()}
    held = sorted(
        (one["employeeId"], one["sourceRef"], one["value"]) for one in rows if one["employeeId"] in whose
    )
    wanted = sorted((str(who), f"ESE-{number}", value) for number, (who, _, value) in ASKED.items())
    must(held == wanted, f"Exact Payroll Plus has {held}, not {wanted}")


def _statuses(scene: Scene) -> dict[int, str]:
    """What Exact Synergy has of the three requests."""
    rows = scene.delft.synergy.state()["Request"]
    return {row["HID"]: row["StatusCode"] for row in rows if row["HID"] in ASKED}


def _processing(scene: Scene, number: int) -> list[Json]:
    """The calls by which Exact Synergy is told that a request is processed."""
    calls = scene.delft.synergy.calls()
    return [call for call in calls if call["writes"] and f"Request({number})" in call["path"]]
