"""What has happened on the stack that pictures are taken of: the demo's chapters that leave something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from local.demo import __main__ as demo
from local.demo import leave
from local.demo.client import Api, Json, hold
from local.seed import leave_people
from local.stack.stack import Stack

Chapter = Callable[[demo.Scene], None]


def own_balances(scene: demo.Scene) -> None:
    """An employee's app has just asked for their balances."""
    leave.own_balances(scene.acme)


def pull_documents(scene: demo.Scene) -> None:
    """Pay slips and statements, some of which are kept back."""
    scene.delft.director.run(scene.delft.connection, "document_pull")


# They go on side by side. The brake comes last: its run is held, and stays so.
STORIES: tuple[Sequence[Chapter], ...] = (
    (
        demo.first_sync,
        demo.second_sync,
        demo.edits_on_both_sides,
        demo.preview_and_apply,
        demo.time_off,
        demo.schedule,
        demo.brake,
    ),
    (demo.leave_login, own_balances),
    (demo.invoice_queue,),
    (demo.report_pull, demo.payroll_people, demo.payroll_requests, pull_documents),
    (demo.accruals_to_the_clock, demo.accruals_to_payroll),
)
CHANGED = "1001"  # whose title was edited


def happen(stack: Stack) -> dict[str, str]:
    """Let all of it happen; answers the ids that addresses of views need."""
    scene = demo.Scene.of(stack)
    with ThreadPoolExecutor(len(STORIES)) as pool:
        for told in [pool.submit(_tell, story, scene) for story in STORIES]:
            told.result()
    service = Api(stack.facts["api_url"], stack.facts["tokens"]["service"])
    service.call("POST", "/service/access", {"tenant": "demo", "reason": "alarm: a run is held", "hours": 2})
    scene.admin.call("POST", "/apps", {"name": "Payroll portal of Nordlys", "role": "viewer"})
    connections = stack.facts["connections"]
    return {
        "export": scene.connection,
        "books": connections["autovu_quickbooks"],
        "leave": connections["attache_express_leave"],
        "run": _run(scene, "partial"),
        "held": _run(scene, "held"),
        "person": leave_people.SET_UP_WRONG,
        "changed": CHANGED,
    }


def _tell(story: Sequence[Chapter], scene: demo.Scene) -> None:
    hold(lambda _: None)
    for chapter in story:
        chapter(scene)


def _run(scene: demo.Scene, status: str) -> str:
    """The first run of the connection that ended so."""
    path = f"/runs?connection_id={scene.connection}&flow={demo.FLOW}&status={status}&limit=200"
    runs: list[Json] = scene.admin.call("GET", path)["items"]
    return str(runs[-1]["run_id"])
