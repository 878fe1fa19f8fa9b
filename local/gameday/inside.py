"""Incidents in the middle of a run: an answer gets lost, a function dies, a run has died unseen."""

import time

from local.demo.client import Json
from local.demo.invoices import FLOW as INVOICES
from local.demo.invoices import invoice
from payrelay.ledger import keys

from .failing import must
from .incident import FLOW, PATIENCE_SECONDS, QUICK, SUCCEEDED, Incident, Scene, ended

DOCUMENTS = 5


class Posting(Incident):
    """An incident while five invoices are posted to Xero: each must be there once in the end."""

    first = 0

    @property
    def numbers(self) -> list[str]:
        """The invoices that are posted."""
        return [f"S9{self.first + one:03}" for one in range(DOCUMENTS)]

    def queue(self, scene: Scene) -> Json:
        """Put five invoices on AutoVu's list, and start their run."""
        autovu = scene.books.autovu
        state = autovu.state()
        account = next(row["AccountId"] for row in state["accounts"] if row["Name"] == "Harper Ltd")
        state["documents"] = [invoice(self.first + one, account) for one in range(DOCUMENTS)]
        autovu.put(state)
        scene.books.books.forget()
        return scene.start(scene.books.connection, INVOICES)

    def end(self, scene: Scene, run: Json) -> Json:
        """The run as it failed; what a person needs to know of it."""
        run = scene.admin.follow(run)
        ended(run, "failed")
        must(run["counts"]["failed"] == DOCUMENTS, f"not all of the {DOCUMENTS} failed: {run}")
        self.values = {"RUN": run["run_id"], "CONNECTION": scene.books.connection, "FLOW": INVOICES}
        return run

    def there(self, scene: Scene) -> dict[str, int]:
        """How often Xero has each of the invoices that it has."""
        found = scene.books.numbers()
        return {number: found[number] for number in self.numbers if found[number]}

    def prove(self, scene: Scene) -> list[str]:
        """Xero has each once, and AutoVu does not list them any more."""
        there = self.there(scene)
        must(there == dict.fromkeys(self.numbers, 1), f"Xero has {there}")
        must(not scene.books.queue(5), "AutoVu still lists some of them")
        return [f"Xero has {self.numbers[0]} to {self.numbers[-1]} exactly once each; AutoVu's list is empty"]


class LostAnswer(Posting):
    """Xero writes, the answer gets lost, and then Xero can't be asked whether it did."""

    title = "A lost answer: Xero wrote five invoices, and nobody heard of it"
    entry = "an-answer-got-lost"
    alarm = "RecordsFailedAlarm"
    tells = ("SYSTEM_UNREACHABLE", "http_status=0", "document:demo-100")
    fixed = (SUCCEEDED,)
    first = 100

    def harm(self, scene: Scene) -> list[str]:
        """The answer is dropped after the write; from then on every call is answered 503."""
        scene.waits(0.3)  # The first wait is long enough to take Xero down in.
        scene.books.books.faults(errors=["after_write_reset"], count=1)
        run = self.queue(scene)
        _await_fault(scene, "after_write_reset")
        scene.books.books.faults(errors=[503])
        scene.waits(QUICK)
        run = self.end(scene, run)
        there = self.there(scene)
        must(there == dict.fromkeys(self.numbers, 1), f"Xero has {there}")
        return [
            "Xero writes five invoices and drops the connection before it answers; then it is down",
            f"{run['run_id']} {run['status']}, all five FAILED in its eyes, though Xero has them",
        ]

    def others(self, scene: Scene) -> list[str]:
        """The vendor mends it."""
        scene.books.books.calm()
        return ["Xero is up again"]

    def prove(self, scene: Scene) -> list[str]:
        """As for every posting; and Xero was written to once."""
        writes = scene.books.books.writes()
        must(writes == 1, f"Xero saw {writes} writing calls")
        return [*super().prove(scene), "Xero saw one writing call in all: the replay asked, and sent nothing"]


class KilledFunction(Posting):
    """The function that posts is killed in the middle of its work, and again at every retry."""

    title = "A killed Lambda: the function that posts dies at every try"
    entry = "a-function-dies"
    alarm = "RunFailedAlarm"
    tells = ("RUN_DIED", "ApplyPage", "TaskFailed", "document:demo-200")
    fixed = (SUCCEEDED,)
    first = 200

    def harm(self, scene: Scene) -> list[str]:
        """Kill it until the state machine gives up."""
        scene.books.books.faults(latency_ms=800)
        run, killed = self.queue(scene), 0
        until = time.monotonic() + PATIENCE_SECONDS
        # The first kill must come while the call is under way: until then nothing else is looked at.
        while not scene.books.books.writes():
            must(time.monotonic() < until, f"{run['run_id']} posts nothing")
            time.sleep(0.05)
        while not (killed and scene.admin.call("GET", f"/runs/{run['run_id']}")["finished_at"]):
            must(time.monotonic() < until, f"{run['run_id']} did not end")
            killed += scene.stack.crash("InvoiceSyncApplyPage")
            time.sleep(0.2)
        run = self.end(scene, run)
        # The call that was under way when it died goes on at Xero.
        while len(self.there(scene)) < DOCUMENTS:
            must(time.monotonic() < until, f"Xero has {self.there(scene)} of {self.numbers}")
            time.sleep(0.2)
        return [
            f"kill -9 of the function that posts to Xero, in the middle of its calls, {killed} times",
            f"{run['run_id']} {run['status']}: {run['error']['code']}",
            "all five FAILED in its eyes, though Xero took them from the call that was cut off",
        ]

    def others(self, scene: Scene) -> list[str]:
        """Whatever killed it is over, and so are the claims that it left behind."""
        scene.books.books.calm()
        for number in range(self.first, self.first + DOCUMENTS):
            expire_claim(scene, scene.books.connection, f"document:demo-{number}")
        return [
            "what killed it is over; a quarter of an hour passes, and what it had claimed is free again",
            "(here the end of its claims is put back in the table, so that it has passed)",
        ]


class DeadRun(Incident):
    """A run's execution is gone, and nobody was told: it goes on in name, until somebody looks."""

    title = "A dead run: its execution is gone, and the rule that closes it was switched off"
    entry = "a-run-has-died"
    alarm = "RunDiedAlarm"
    tells = ("RUN_DIED", "ABORTED")
    fixed = (SUCCEEDED,)
    silent = "nobody has looked at it so far: who looks at a dead run closes it, and then the alarm comes"

    def harm(self, scene: Scene) -> list[str]:
        """The rule that closes dead runs is off, and an execution is aborted."""
        scene.new_phone("1014", "+4790001014")
        events, states = scene.stack.client("events"), scene.stack.client("stepfunctions")
        events.disable_rule(Name=scene.resource("DeadExecutions"))
        scene.simployer.faults(latency_ms=1500)
        run = scene.start(scene.connection, FLOW)
        _await_running(scene, run)
        states.stop_execution(executionArn=_execution(scene, run))
        events.enable_rule(Name=scene.resource("DeadExecutions"))
        scene.simployer.calm()
        self.values = {"RUN": run["run_id"], "CONNECTION": scene.connection}
        return [
            "employee 1014 gets a new phone; the rule on dead executions was switched off by mistake;",
            f"a run starts, and its execution is aborted: {run['run_id']} is running in name",
        ]

    def prove(self, scene: Scene) -> list[str]:
        """The new run has an id of its own and did the work."""
        newest = scene.admin.call("GET", f"/runs?connection_id={scene.connection}&limit=1")["items"][0]
        must(newest["run_id"] != self.values["RUN"], "there was no new run")
        ended(newest, "succeeded")
        return scene.arrived_once("1014", "+4790001014")


def expire_claim(scene: Scene, connection: str, record_id: str) -> None:
    """Let a quarter of an hour pass for what a dead function has begun to send."""
    key = keys.delivery("demo", connection, record_id)
    scene.stack.client("dynamodb").update_item(
        TableName=scene.stack.outputs["TableName"],
        Key={part: {"S": key[part]} for part in ("pk", "sk")},
        UpdateExpression="SET #until = :past",
        ConditionExpression="#state = :claimed",
        ExpressionAttributeNames={"#until": "until", "#state": "state"},
        ExpressionAttributeValues={":past": {"N": "0"}, ":claimed": {"S": "claimed"}},
    )


def _await_fault(scene: Scene, name: str) -> None:
    """Wait until a call to Xero has suffered it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while name not in [call["fault"] for call in scene.books.books.calls()]:
        must(time.monotonic() < until, f"no call to Xero suffered {name}")
        time.sleep(0.05)


def _await_running(scene: Scene, run: Json) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while scene.admin.call("GET", f"/runs/{run['run_id']}")["status"] == "queued":
        must(time.monotonic() < until, f"{run['run_id']} did not begin")
        time.sleep(0.1)


def _execution(scene: Scene, run: Json) -> str:
    machines = scene.stack.client("stepfunctions").list_state_machines()["stateMachines"]
    arn: str = next(one["stateMachineArn"] for one in machines if one["name"].endswith(f"-{FLOW}"))
    return f"{arn.replace(':stateMachine:', ':execution:')}:{run['run_id']}"
