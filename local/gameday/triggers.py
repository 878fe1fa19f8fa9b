"""Incidents before a run even starts: a schedule that did not fire, and events that nobody could handle."""

import json
from datetime import UTC, datetime, timedelta

from local.demo.client import Json
from local.demo.invoices import FLOW as INVOICES
from payrelay.flows.engine.engine import stamp
from payrelay.ledger import keys

from .failing import must
from .incident import FLOW, SUCCEEDED, Incident, Scene, ended

DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
LEAVE = "balance_sync"
LETTERS = 12


class MissedSchedule(Incident):
    """The scheduler lost a schedule, so that its time passed without a run."""

    title = "A missed schedule: its time passed, nothing failed, and nothing ran"
    entry = "a-scheduled-run-did-not-start"
    alarm = "ScheduleMissedAlarm"
    tells: tuple[str, ...] = ("SCHEDULE_DID_NOT_START",)
    # Of the newest run, and nothing stands in the last column of the flow any more.
    fixed = (SUCCEEDED, r"^  employee_export  .*  -$")

    def __init__(self) -> None:
        super().__init__()
        self.due = ""

    def harm(self, scene: Scene) -> list[str]:
        """A schedule of three hours ago, made yesterday, is gone from the scheduler; the watch looks."""
        scene.new_phone("1015", "+4790001015")
        due = (datetime.now(UTC) - timedelta(hours=3)).replace(second=0, microsecond=0)
        asked = {"days": DAYS, "time": f"{due:%H:%M}", "time_zone": "UTC", "enabled": True}
        scene.admin.call("PUT", f"/connections/{scene.connection}/schedules/{FLOW}", asked)
        _forget_in_scheduler(scene)
        _make_older(scene, due - timedelta(days=1))
        self.due = stamp(due)
        self.tells = (*self.tells, f"{due:%Y-%m-%d %H:%M}:00Z")
        answer = scene.stack.client("lambda").invoke(FunctionName=scene.resource("Watch"), Payload=b"{}")
        told = json.loads(answer["Payload"].read())
        must(told.get("missed") == 1, f"the watch found {told}")
        self.values = {"CONNECTION": scene.connection, "FLOW": FLOW}
        return [
            "employee 1015 gets a new phone; the scheduler loses the schedule of the employee export",
            "(schedule and last good run are dated back in the table, so that three hours have passed)",
            f"it was due {self.due[:16]}Z, and nothing ran; the watch looks, as every 15 minutes",
        ]

    def prove(self, scene: Scene) -> list[str]:
        """The scheduler has it, nothing is missed, and the run by hand did the work."""
        found = scene.stack.client("scheduler").get_schedule(
            GroupName="payrelay", Name=f"{scene.connection}-{FLOW}"
        )
        standing = scene.admin.call("GET", f"/connections/{scene.connection}")["standings"][FLOW]
        must(standing["missed_at"] is None, f"it is still missed: {standing}")
        return [
            f"the scheduler holds it: {found['ScheduleExpression']} {found['ScheduleExpressionTimezone']}",
            f"its next run is {standing['next_run_at']}, and nothing is missed",
            *scene.arrived_once("1015", "+4790001015"),
        ]


class DeadLetters(Incident):
    """Events that could not start their runs fill the queue of dead letters."""

    title = f"A full queue of dead letters: {LETTERS} events could not start a run"
    entry = "dead-letters"
    alarm = "DeadLettersAlarm"
    tells = ("start", FLOW, LEAVE, "Rate exceeded: StartRun")
    fixed = (
        r"^There are no dead letters\.$",
        f"^run_.*  {FLOW} +sync/schedule ",
        f"^run_.*  {LEAVE} +sync/login ",
    )

    def __init__(self) -> None:
        super().__init__()
        self.began = ""

    def harm(self, scene: Scene) -> list[str]:
        """StartRun is throttled, and everything that should start a run ends as a letter."""
        scene.new_phone("1016", "+4790001016")
        self.began = stamp(datetime.now(UTC))
        leave = scene.stack.facts["connections"]["attache_express_leave"]
        for number in range(LETTERS):
            ours = {"connection_id": scene.connection, "flow": FLOW}
            theirs = {"connection_id": leave, "flow": LEAVE, "trigger": "login"}
            _leave(scene, {"tenant": "demo", **(theirs if number % 3 == 2 else ours)})
        return [
            "employee 1016 gets a new phone; StartRun is throttled, by a limit that was set too low:",
            f"{LETTERS} schedules and logins end as dead letters, and no run starts",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The cause is fixed first, or the letters come back."""
        del scene
        return ["the limit is set right again"]

    def prove(self, scene: Scene) -> list[str]:
        """Both flows ran since, started as their events wanted, and did their work."""
        lines = []
        leave = scene.stack.facts["connections"]["attache_express_leave"]
        for connection, flow, trigger in ((scene.connection, FLOW, "schedule"), (leave, LEAVE, "login")):
            runs = scene.admin.call("GET", f"/runs?connection_id={connection}&flow={flow}&limit=20")["items"]
            since = [run for run in runs if run["queued_at"] >= self.began and run["trigger"] == trigger]
            must(bool(since), f"no run of {flow} was started by a {trigger}")
            for run in since:
                done = scene.admin.follow(run)
                must(done["status"] in ("succeeded", "partial"), f"{flow} is not right: {done}")
            lines.append(f"{flow} ran, with the trigger {trigger}: {since[0]['run_id']}")
        ended(scene.admin.run(scene.connection, FLOW), "succeeded")
        return [*lines, *scene.arrived_once("1016", "+4790001016")]


class KeptLetter(Incident):
    """A dead letter is given to its function again while its cause goes on: its connection has lapsed."""

    title = "A dead letter whose cause goes on: the connection has lapsed, and nobody has connected it"
    entry = "a-letter-is-kept"
    alarm = "DeadLettersAlarm"
    tells = ("NOT started: LAPSED; the letter is kept", "minutes", INVOICES)
    fixed = (r"^There are no dead letters\.$", f"^run_.*  {INVOICES} +sync/schedule +succeeded ")

    def harm(self, scene: Scene) -> list[str]:
        """Its last use is so long ago that AutoVu has ended it; the schedule's event ends as a letter."""
        connection, key = scene.books.connection, keys.use("demo", scene.books.connection)
        scene.books.autovu.put({**scene.books.autovu.state(), "documents": []})
        scene.stack.client("dynamodb").put_item(
            TableName=scene.stack.outputs["TableName"],
            Item={**{part: {"S": key[part]} for part in ("pk", "sk")}, "used": {"N": "1"}},
        )
        _leave(scene, {"tenant": "demo", "connection_id": connection, "flow": INVOICES})
        self.values = {"CONNECTION": connection, "FLOW": INVOICES}
        return [
            "nobody has used a connection with AutoVu for more than 20 minutes, so that it has lapsed",
            "(its last use is dated back in the table); the event of its schedule is a dead letter",
        ]

    def prove(self, scene: Scene) -> list[str]:
        """Its run is there, and there is no other letter."""
        path = f"/runs?connection_id={scene.books.connection}&limit=1"
        run = scene.admin.call("GET", path)["items"][0]
        ended(run, "succeeded")
        must(run["trigger"] == "schedule", f"the letter did not start {run}")
        return [f"{run['run_id']} was started by the letter, as its schedule wanted: {run['status']}"]


def _leave(scene: Scene, event: Json) -> None:
    """A dead letter as the services leave it: the body as it came, and why it failed.

    The emulator's own dead letters have the shape of another service, so they are put there by hand.
    """
    scene.stack.client("sqs").send_message(
        QueueUrl=scene.stack.outputs["DeadLetterQueueUrl"],
        MessageBody=json.dumps(event),
        MessageAttributes={"ERROR_MESSAGE": {"DataType": "String", "StringValue": "Rate exceeded: StartRun"}},
    )


def _forget_in_scheduler(scene: Scene) -> None:
    """Take the connection's schedules out of the scheduler; the table still has them."""
    scheduler = scene.stack.client("scheduler")
    found = scheduler.list_schedules(GroupName="payrelay", NamePrefix=scene.connection)["Schedules"]
    must(bool(found), "the scheduler did not have the schedule")
    for one in found:
        scheduler.delete_schedule(GroupName="payrelay", Name=one["Name"])


def _make_older(scene: Scene, since: datetime) -> None:
    """Let the schedule, the connection and its last good run be of yesterday.

    The watch blames nobody for the time before a schedule, and a good run since would have made up for it.
    """
    table, place = scene.stack.client("dynamodb"), ("demo", scene.connection)
    for key, name in (
        (keys.schedule(*place, FLOW), "updated_at"),
        (keys.connection(*place), "created_at"),
        (keys.connection(*place), "switched_at"),
        (keys.standing(*place, FLOW), "synced_at"),
    ):
        table.update_item(
            TableName=scene.stack.outputs["TableName"],
            Key={part: {"S": key[part]} for part in ("pk", "sk")},
            UpdateExpression="SET #name = :since",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":since": {"S": stamp(since)}},
        )
