"""What an incident is, the scene that it happens in, and how one is told, from the break to the proof."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from local.demo.client import Api, Json, Outside
from local.demo.invoices import Books
from local.demo.reports import Delft
from local.stack.stack import Stack

from .alarms import Alarm, Watcher
from .failing import must
from .runbook import DO, FIXED, LOOK, Runbook
from .shell import Done, Shell, aws_tools
from .story import Story

FLOW = "employee_export"
TENANT = "demo"
# A line of `./payrelay runs`.
SUCCEEDED = r"^run_.* succeeded  "
PATIENCE_SECONDS = 60
# Waits of the state machines take so small a part of their time, where a story need not be long.
QUICK = 0.01


@dataclass(frozen=True)
class Scene:
    """The running stack, and who acts on it."""

    stack: Stack
    admin: Api
    simployer: Outside
    xledger: Outside
    connection: str
    books: Books
    delft: Delft
    watcher: Watcher
    runbook: Runbook
    shells: Sequence[Shell]

    @classmethod
    def of(cls, stack: Stack, folder: Path) -> "Scene":
        """With a shell in that folder."""
        facts, runbook = stack.facts, Runbook.read()
        token = facts["tokens"]["admin"]
        return cls(
            stack,
            Api(facts["api_url"], token),
            Outside(facts["sandboxes"]["simployer"]),
            Outside(facts["sandboxes"]["xledger"]),
            facts["connections"]["simployer_xledger"],
            Books.of(facts, "xero"),
            Delft.of(facts),
            Watcher(stack),
            runbook,
            [
                Shell.make(folder / str(number), stack.home.facts, token, aws, runbook.preamble)
                for number, aws in enumerate(aws_tools())
            ],
        )

    def prepare(self) -> None:
        """Make all right first, so that what is wrong later comes from an incident: nobody is blocked."""
        self.waits(QUICK)
        run = self.admin.run(self.connection, FLOW)
        wrong = {record["key"] for record in self.admin.records(run, outcome="blocked")}
        state = self.simployer.state()
        people = state["employee"]
        state["employee"] = [row for row in people if not {row.get("employeeNumber"), row["id"]} & wrong]
        self.simployer.put(state)
        run = self.admin.run(self.connection, FLOW)
        must(run["status"] == "succeeded", f"the stack is not right to begin with: {run}")

    def waits(self, scale: float) -> None:
        """Let waits of the state machines take so much of their time."""
        knob = f"{self.stack.endpoint}/_ministack/config"
        answer = requests.post(knob, json={"stepfunctions._SFN_WAIT_SCALE": scale}, timeout=10)
        answer.raise_for_status()

    def resource(self, name: str) -> str:
        """What a resource of the template is called in the running stack."""
        found = self.stack.client("cloudformation").describe_stack_resource(
            StackName="payrelay", LogicalResourceId=name
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def start(self, connection: str, flow: str) -> Json:
        """Ask for a run; it, or the one in progress that was joined."""
        return self.admin.call("POST", f"/connections/{connection}/runs", {"flow": flow, "mode": "sync"})

    def new_phone(self, number: str, phone: str) -> None:
        """Somebody changes an employee's phone in Simployer One: it has to arrive in Xledger."""
        self.simployer.edit("employee", lambda row: row.get("employeeNumber") == number, privatePhone=phone)
        self.xledger.forget()

    def arrived_once(self, number: str, phone: str) -> list[str]:
        """The proof that it did, by one call."""
        contacts = self.xledger.state()["contacts"]
        held = [row.get("phone") for row in contacts if row.get("code") == number]
        must(held == [phone], f"Xledger has the phone {held} of employee {number}, not {phone}")
        writes = self.xledger.writes()
        must(writes == 1, f"Xledger saw {writes} writing calls instead of one")
        return [f"Xledger has the new phone of employee {number}, and saw one writing call in all"]


class Incident(ABC):
    """One thing that breaks. `entry` is its anchor in the runbook, `alarm` the template's name of its alarm.

    Some have none. `tells` is what an engineer must find when looking as the runbook says, and `fixed` what a
    line of theirs must match in the end. The harm fills in `values`, the variables of the runbook's commands.
    """

    title: str
    entry: str
    alarm: str
    tells: tuple[str, ...]
    fixed: tuple[str, ...]
    # Why the alarm comes with the cure only, if it does.
    silent: str = ""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    @abstractmethod
    def harm(self, scene: Scene) -> list[str]:
        """Break it; what was done, and what became of it."""

    def others(self, scene: Scene) -> list[str]:
        """What has to happen outside before the cure: at the vendor, or at the customer."""
        del scene
        return []

    @abstractmethod
    def prove(self, scene: Scene) -> list[str]:
        """The proof that the target is right now; GameDayFailedError if it is not."""

    def play(self, scene: Scene, shell: Shell, story: Story) -> None:
        """Break, see the alarm, look, cure and prove it, block by block."""
        began = time.time()
        story.tell("broken", self.harm(scene))
        entry, alarm = scene.runbook.entry(self.entry), Alarm.read(self.alarm) if self.alarm else None
        if self.silent:
            value = scene.watcher.value(alarm, began) if alarm else None
            must(value is None, f"{self.alarm} is raised before the cure")
            story.tell("no alarm", [self.silent])
        elif alarm:
            self._alarm(scene, shell, alarm, began, story)
        story.tell(
            "runbook", [f"docs/runbook.md#{entry.anchor}: {entry.title}", f"for the customer: {entry.means}"]
        )
        looked = [shell.run(block, self.values, looking=True) for block in entry.blocks(LOOK)]
        story.show("look", looked)
        must_tell(looked, self.tells)
        story.tell("outside", self.others(scene))
        story.show("cure", [shell.run(block, self.values, looking=False) for block in entry.blocks(DO)])
        story.show("fixed", self._until_fixed(shell, entry.blocks(FIXED)))
        if self.silent and alarm:
            self._alarm(scene, shell, alarm, began, story)
        story.tell("proof", self.prove(scene))

    def _alarm(self, scene: Scene, shell: Shell, alarm: Alarm, began: float, story: Story) -> None:
        """The alarm's condition is met, and its own entry of the runbook leads to ours."""
        value = scene.watcher.await_value(alarm, began)
        own, entry = scene.runbook.entry(alarm.anchor), scene.runbook.entry(self.entry)
        must(
            own.leads_to(entry), f"#{own.anchor}, which {alarm.name} names, does not lead to #{entry.anchor}"
        )
        way = "" if own.anchor == entry.anchor else ", which leads on"
        story.tell(
            "alarm",
            [
                f'"{alarm.says}" ({alarm.name}): {alarm.watches}; it is {value:g}',
                f"its mail names docs/runbook.md#{alarm.anchor}{way}",
            ],
        )
        whose = shell.of(scene.stack.facts["tokens"]["service"]).run(f"{alarm.whose}\n", {}, looking=True)
        story.show("whose", [whose])
        # Of a run that went wrong its id is told, too; the letters of one have none yet.
        ran = [
            value for name, value in self.values.items() if name == "RUN" and "--letters" not in alarm.whose
        ]
        must_tell([whose], (TENANT, *ran))

    def _until_fixed(self, shell: Shell, blocks: Sequence[str]) -> list[Done]:
        """Look again until all is as the runbook says that it should be, as a person would."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            done = [shell.run(block, self.values, looking=True) for block in blocks]
            missing = [line for line in self.fixed if not re.search(line, output(done), re.MULTILINE)]
            if not missing:
                return done
            must(time.monotonic() < until, f"it is not fixed: no {' or '.join(missing)} in\n{output(done)}")
            time.sleep(0.5)


def must_tell(blocks: Sequence[Done], words: Sequence[str]) -> None:
    """Game day ends where an engineer would not see what they have to."""
    for word in words:
        must(word in output(blocks), f"nothing that the runbook looks at says {word}:\n{output(blocks)}")


def output(blocks: Sequence[Done]) -> str:
    """All that blocks printed."""
    return "\n".join(done.output for done in blocks)


def ended(run: Mapping[str, str], status: str) -> None:
    """A run must have ended so."""
    must(run["status"] == status, f"{run['run_id']} is {run['status']}, not {status}: {run}")
