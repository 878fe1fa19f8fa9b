"""`python -m local.gameday`: break a running stack in many ways, and cure it by the runbook alone.

The stack is one of its own, which is thrown away: what `make up` keeps running is left alone.

Each incident: what is broken, the alarm whose condition is met, what the runbook's commands tell, the cure by
its blocks, word for word, and the proof that the target is right. It ends with 0 only when all of
it was proved.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from local.demo.client import DemoFailedError, chapter, say
from local.stack.errors import StackError
from local.stack.stack import THROW_AWAY, running_stack

from .accruals import FinalizedPeriod, PayrollLocked
from .between import KilledBetween
from .failing import GameDayFailedError
from .held import HeldRun
from .incident import Incident, Scene
from .inside import DeadRun, KilledFunction, LostAnswer
from .lines import KilledLines
from .outside import PoisonRecord, VendorDown, WrongToken
from .story import Story
from .transcript import Told, write
from .triggers import DeadLetters, KeptLetter, MissedSchedule

INCIDENTS: tuple[type[Incident], ...] = (
    VendorDown,
    WrongToken,
    PoisonRecord,
    LostAnswer,
    KilledFunction,
    KilledBetween,
    KilledLines,
    DeadRun,
    MissedSchedule,
    DeadLetters,
    KeptLetter,
    HeldRun,
    PayrollLocked,
    FinalizedPeriod,
)


def play_all(chosen: Sequence[int], transcript: Path | None = None) -> None:
    """Every chosen incident, one after the other, on a stack that is thrown away."""
    # The vendors' limits on calls are off, so that the story is short.
    plan = replace(THROW_AWAY, rate_limits=False)
    with (
        running_stack(plan=plan, say=lambda text: say(f"   {text}")) as stack,
        tempfile.TemporaryDirectory(prefix="payrelay-gameday-") as folder,
    ):
        scene = Scene.of(stack, Path(folder))
        scene.prepare()
        say("   Everybody in Simployer One is right in Xledger. From here on things break.")
        say("   All blocks are those of docs/runbook.md, as they are written, each in a shell of its own:")
        say(f"   bash, ./payrelay, and aws: {', '.join(str(shell.aws) for shell in scene.shells)}.")
        say("   The emulator keeps no metrics: an alarm is judged by what the functions logged for it.")
        say("   Waits of the state machines take a hundredth of their time.")
        night = []
        for number in chosen:
            incident, shell = INCIDENTS[number - 1](), scene.shells[number % len(scene.shells)]
            chapter(number, incident.title)
            story = Story()
            incident.play(scene, shell, story)
            entry = scene.runbook.entry(incident.entry)
            night.append(Told(number, incident.title, entry.anchor, entry.title, story.parts))
        if transcript:
            write(transcript, night, list(stack.facts["tokens"].values()))
            say(f"\n   All of it stands in {transcript}.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Play it; 0 when everything was proved, 1 with what was not."""
    numbers = range(1, len(INCIDENTS) + 1)
    parser = argparse.ArgumentParser(
        prog="make gameday",
        description=__doc__,
        epilog="\n".join(f"  {number}  {INCIDENTS[number - 1].title}" for number in numbers),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("incidents", metavar="N", nargs="*", type=int, help="which ones (all of them)")
    parser.add_argument(
        "--transcript", metavar="FILE", type=Path, help="write what stood on the screens there"
    )
    asked = parser.parse_args(arguments)
    chosen = asked.incidents or [*numbers]
    if unknown := set(chosen) - set(numbers):
        parser.error(f"there is no incident {min(unknown)}")
    began = time.monotonic()
    say("Starting the stack of template.yaml and the outside systems on this machine …")
    try:
        play_all(chosen, asked.transcript)
    except (GameDayFailedError, DemoFailedError, StackError) as error:
        say(f"\nGame day failed: {error}")
        return 1
    seconds = time.monotonic() - began
    say(f"\n{len(chosen)} incidents in {seconds:.0f} seconds: cured by the runbook and proved at the target.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
