"""Writing a plan: it shows whom, and asks; what the brake holds needs an admin."""

from __future__ import annotations

import pytest

from tests.cli.answers import a_problem, example, in_progress, page, updated, well
from tests.cli.conftest import Tool

OLD = "run_01JD9Y4A6B8C0D2E4F6G8H0J2K"
NEW = "run_01JDAZ4A6B8C0D2E4F6G8H0J2K"
HELD = example("a_held_run", run_id=OLD)


def held(tool: Tool) -> None:
    """A run that the brake holds, and whom it would change."""
    counts = {**HELD["counts"], "created": 0, "updated": 2}
    tool.reads(f"/runs/{OLD}", {**HELD, "counts": counts})
    tool.reads(f"/runs/{OLD}/records", page(updated(), updated(record_id="employee:7", label="Employee 7")))


@pytest.mark.requirement("RUN-10")
def test_a_plan_is_shown_before_it_is_applied_and_followed(tool: Tool) -> None:
    """(oncall OC-22)"""
    held(tool)
    tool.answers("POST", f"/runs/{OLD}/apply", in_progress(0, run_id=NEW, mode="apply", plan_of=OLD), 202)
    tool.reads(f"/runs/{NEW}", well(run_id=NEW, mode="apply"))

    lines = tool.shows(
        f"apply {OLD} --yes",
        "counts      2 would be updated",
        "  employee:7  Employee 7  would be updated",
        "      email: ola@old.example → ola@nordlys.example",
        f"{NEW}  apply  SUCCEEDED",
    )
    assert lines.index("What would be written:") < lines.index(f"{NEW} writes the plan of {OLD}.")


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [(None, 2, "nothing was written: there is no terminal"), ("n\n", 0, "Write this plan now: 2 would be")],
)
def test_nothing_is_applied_that_nobody_agreed_to(
    tool: Tool, answer: str | None, status: int, says: str
) -> None:
    """(oncall OC-22)"""
    held(tool)
    if answer:
        tool.types(answer)

    told = tool("apply", OLD)

    assert told.status == status
    assert says in told.err
    assert [method for method, *_ in tool.calls if method == "POST"] == []


def test_a_plan_of_the_brake_needs_an_admin(tool: Tool) -> None:
    """(oncall OC-23)"""
    held(tool)
    detail = "This needs the role admin; the token has operator."
    tool.answers("POST", f"/runs/{OLD}/apply", a_problem(403, "FORBIDDEN", detail=detail), 403)

    told = tool("apply", OLD, "--yes")

    assert (told.status, told.err) == (1, f"payrelay: 403 FORBIDDEN: {detail}\n")
