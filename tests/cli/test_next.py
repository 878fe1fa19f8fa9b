"""What is suggested next: what would help, and nothing else; and how a plan reads."""

from __future__ import annotations

import pytest

from tests.cli.answers import REQUEST, WHY, Json, a_run, blocked, example, page, updated
from tests.cli.conftest import Tool

RUN = a_run()["run_id"]
CONNECTION = a_run()["connection_id"]
RUNS = f"/runs/{RUN}"
RECORDS = f"{RUNS}/records"


def failed(code: str, system: str | None = None) -> Json:
    """A run that ended as a whole, for this reason, perhaps by a call to a system."""
    none = dict.fromkeys(a_run()["counts"], 0)
    request = {**REQUEST, "system": system} if system else None
    return a_run(status="failed", counts=none, error={**WHY, "code": code}, request=request)


PLAN = {**dict.fromkeys(a_run()["counts"], 0), "updated": 60}
NEXT: list[tuple[str, Json, list[str]]] = [
    (
        "a token is refused",
        failed("CREDENTIALS_REFUSED", "xledger"),
        [f"credentials {CONNECTION} xledger", f"connect {CONNECTION}", f"replay {RUN} --all"],
    ),
    (
        "a consent is refused",
        failed("CREDENTIALS_REFUSED", "xero"),
        [f"connect {CONNECTION} --consent", f"replay {RUN} --all"],
    ),
    ("it lapsed", failed("LAPSED"), [f"connect {CONNECTION}", f"replay {RUN} --all"]),
    (
        "another organisation",
        failed("OTHER_ORGANISATION"),
        [f"connect {CONNECTION} --confirm-organisation", f"replay {RUN} --all"],
    ),
    ("down", failed("SYSTEM_UNREACHABLE", "xledger"), [f"logs {RUN} --calls", f"replay {RUN} --all"]),
    ("died", failed("RUN_DIED"), [f"logs {RUN}", f"replay {RUN} --all"]),
    ("stopped", failed("STOPPED_BY_USER"), [f"replay {RUN} --all"]),
    ("no plan", failed("PLAN_EXPIRED"), [f"start {CONNECTION} employee_export --mode preview"]),
    ("held", {**example("a_held_run"), "counts": PLAN}, [f"apply {RUN}"]),
    ("a good preview", a_run(mode="preview", status="succeeded", counts=PLAN), [f"apply {RUN}"]),
    ("applied", {**example("a_held_run"), "counts": PLAN, "applied_by": "run_NEW"}, ["show run_NEW"]),
    (
        "a preview of which some is blocked",
        a_run(mode="preview", counts={**PLAN, "blocked": 1}),
        [f"apply {RUN}", f"show {RUN} employee:1042"],
    ),
    ("a good run", a_run(status="succeeded", counts=PLAN), []),
]


@pytest.mark.parametrize(("run", "commands"), [case[1:] for case in NEXT], ids=[case[0] for case in NEXT])
def test_next_is_what_helps_and_nothing_else(tool: Tool, run: Json, commands: list[str]) -> None:
    """(oncall OC-9, OC-21, OC-23, OC-31)"""
    tool.reads(RUNS, run)
    tool.reads(RECORDS, page(blocked()))

    _, _, following = tool("show", RUN).out.partition("Next:\n")

    typed = [line.strip() for line in following.splitlines() if line.startswith("  payrelay ")]
    assert typed == [f"payrelay {command}" for command in commands]


def test_a_plan_says_what_would_be_and_whom_it_is_about_first(tool: Tool) -> None:
    """(oncall OC-23, OC-31)"""
    tool.reads(RUNS, {**example("a_held_run"), "counts": {**PLAN, "blocked": 1}})
    tool.reads(RECORDS, page(updated()), page(blocked()))

    lines = tool.shows(
        f"show {RUN} --limit 1",
        "counts      60 would be updated, 1 blocked",
        "  employee:1043  Employee 1043  would be updated",
        "      email: ola@old.example → ola@nordlys.example",
        "  and 59 more: --limit 60",
        status=3,
    )
    first = "        employee:1042  Employee 1042  BLOCKED  REQUIRED_FIELD_MISSING"
    assert lines.index("What would be written:") < lines.index(first)


def test_a_held_run_names_those_of_the_same_cause_and_what_became_of_them(tool: Tool) -> None:
    """(oncall OC-21)"""
    one = {"run_id": "run_A", "requested_by": "kari", "queued_at": a_run()["queued_at"], "finished_at": None}
    alike = [{**one, "applied_by": "run_B"}, {**one, "run_id": "run_C", "applied_by": None}]
    tool.reads(RUNS, {**example("a_held_run"), "same_cause": alike})
    tool.reads(RECORDS, page())

    tool.shows(f"show {RUN}", "by kari: applied by run_B", "run_C of 2026-11-23", "not applied", status=3)
