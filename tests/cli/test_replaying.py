"""Doing it again: replay tells first and asks, tail follows, apply and stop."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.answers import (
    ESTIMATE,
    WHY,
    Json,
    a_problem,
    a_run,
    example,
    had_died,
    in_progress,
    page,
    waiting,
    well,
)
from tests.cli.conftest import TOKEN, Tool

OLD = "run_01JD9Y4A6B8C0D2E4F6G8H0J2K"
PREVIEW = "run_01JD9Z4A6B8C0D2E4F6G8H0J2K"
NEW = "run_01JDAZ4A6B8C0D2E4F6G8H0J2K"
REPLAY = f"/runs/{OLD}/replay"


def prepare(tool: Tool, told: Json, done: Json | None = None) -> None:
    """Answers for a preview that ends like this, and for a replay that ends like that."""
    tool.answers("POST", REPLAY, in_progress(0, run_id=PREVIEW, mode="preview"), 202)
    tool.reads(f"/runs/{PREVIEW}", told)
    if done is not None:
        tool.answers("POST", REPLAY, in_progress(0, run_id=NEW), 202)
        tool.reads(f"/runs/{NEW}", in_progress(120, run_id=NEW), done)


def previewed(**changed: Any) -> Json:
    return well(**{"run_id": PREVIEW, "mode": "preview", "estimate": ESTIMATE, **changed})


def orders(tool: Tool) -> list[Json]:
    """What was sent to the replay route."""
    return [body for method, path, _, body in tool.calls if (method, path) == ("POST", REPLAY)]


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["employee:1042", "employee:7", "employee:7"], {"records": ["employee:1042", "employee:7"]}),
        (["--failed"], {"outcomes": ["failed", "blocked"]}),
        ([], {"outcomes": ["failed", "blocked"]}),
        (["--all"], {}),
    ],
    ids=["records", "failed", "the usual", "all"],
)
def test_a_replay_tells_first_and_then_replays_the_same(tool: Tool, words: list[str], body: Json) -> None:
    prepare(tool, previewed(), well(run_id=NEW))

    lines = tool.shows(
        f"replay {OLD} --yes {' '.join(words)}",
        f"payrelay show {PREVIEW}",
        f"{NEW}  sync  SUCCEEDED: 2 updated, 3 unchanged",
    )

    assert orders(tool) == [{**body, "preview": True}, body]
    estimate = (
        "3 are right already, 2 would be written, 1 would overwrite something newer and is refused; "
        "about 7 calls."
    )
    assert lines.index(estimate) < lines.index(f"{NEW}  running  120 / 250")


@pytest.mark.parametrize(
    ("right", "writes", "refused", "calls", "words"),
    [
        (1, 1, 0, 1, "1 is right already, 1 would be written; about 1 call."),
        (0, 1, 3, 3, "1 would be written, 3 would overwrite something newer and are refused; about 3 calls."),
        (0, 2, 0, 4, "2 would be written; about 4 calls."),
        (5, 0, 0, 2, "5 are right already, nothing would be written; about 2 calls."),
    ],
)
def test_the_estimate_is_said_in_words(
    tool: Tool, right: int, writes: int, refused: int, calls: int, words: str
) -> None:
    estimate = {"already_right": right, "would_write": writes, "refused": refused, "calls": calls}
    prepare(tool, previewed(estimate=estimate))

    assert words in tool("replay", OLD).out.splitlines()


def test_without_an_estimate_the_plan_is_counted(tool: Tool) -> None:
    prepare(tool, previewed(estimate=None))

    assert "By the plan: 2 would be updated, 3 unchanged." in tool("replay", OLD).out


@pytest.mark.requirement("OPS-1")
def test_without_a_terminal_nothing_is_replayed(tool: Tool) -> None:
    prepare(tool, previewed())

    told = tool("replay", OLD)

    assert told.status == 2
    assert told.err == "payrelay: nothing was replayed: there is no terminal to ask at; give --yes\n"
    assert orders(tool) == [{"outcomes": ["failed", "blocked"], "preview": True}]


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize(("answer", "times"), [("y\n", 2), ("YES\n", 2), ("n\n", 1), ("\n", 1), ("", 1)])
def test_somebody_at_the_terminal_is_asked(tool: Tool, answer: str, times: int) -> None:
    prepare(tool, previewed(), well(run_id=NEW))
    tool.types(answer)

    told = tool("replay", OLD)

    assert len(orders(tool)) == times
    assert told.status == 0
    assert f"Replay what failed or is blocked in {OLD} now? [y/N]" in told.err
    assert ("Nothing was replayed." in told.out) is (times == 1)


@pytest.mark.parametrize("status", ["failed", "stopped"])
def test_what_could_not_be_worked_out_is_not_replayed(tool: Tool, status: str) -> None:
    prepare(tool, previewed(status=status, error=WHY, estimate=None))

    texts = ("nothing was replayed", "CREDENTIALS_REFUSED", "Make a new token.", f"show {PREVIEW}")
    tool.shows(f"replay {OLD} --yes", *texts, status=3)

    assert len(orders(tool)) == 1


@pytest.mark.parametrize("previews", [0, 1], ids=["from the first", "meanwhile"])
def test_a_run_in_progress_is_not_taken_for_the_replay(tool: Tool, previews: int) -> None:
    if previews:
        prepare(tool, previewed())
    tool.answers("POST", REPLAY, {**in_progress(7, run_id=NEW), "joined": True})

    """(oncall OC-24)"""
    whose = "sync, manual, by kari@nordlys.example, since"
    said = f"Nothing was replayed: {NEW} of the same flow is in progress: {whose}"
    tool.shows(f"replay {OLD} --yes", said, f"payrelay tail {NEW}", status=3)

    assert len(orders(tool)) == 1 + previews


def test_nothing_to_replay_is_the_apis_word(tool: Tool) -> None:
    detail = "The run has no records with these outcomes."
    tool.answers("POST", REPLAY, a_problem(409, "NOTHING_TO_REPLAY", detail=detail), 409)

    told = tool("replay", OLD)

    assert (told.status, told.err) == (1, f"payrelay: 409 NOTHING_TO_REPLAY: {detail}\n")


@pytest.mark.parametrize(("words", "run_id"), [(["--yes"], NEW), ([], PREVIEW)], ids=["done", "only told"])
def test_a_replay_as_json_is_the_last_run_alone(tool: Tool, words: list[str], run_id: str) -> None:
    prepare(tool, previewed(), well(run_id=NEW))

    assert tool("replay", OLD, "--json", *words).json["run_id"] == run_id


@pytest.mark.parametrize(
    ("run", "status", "texts"),
    [
        (well(run_id=OLD), 0, ["SUCCEEDED: 2 updated, 3 unchanged"]),
        (a_run(run_id=OLD), 3, ["PARTIAL", "1 blocked", f"payrelay replay {OLD}"]),
        (well(run_id=OLD, status="failed", error=WHY), 3, ["FAILED", "CREDENTIALS_REFUSED", "new token"]),
        (well(run_id=OLD, status="stopped"), 3, ["STOPPED"]),
        (example("a_held_run", run_id=OLD), 3, ["HELD", "41 of 250 people", f"payrelay apply {OLD}"]),
    ],
    ids=["succeeded", "partial", "failed", "stopped", "held"],
)
def test_a_run_is_followed_to_its_result(tool: Tool, run: Json, status: int, texts: list[str]) -> None:
    tool.reads(f"/runs/{OLD}", run)

    tool.shows(f"tail {OLD}", *texts, status=status)


def test_progress_is_a_line_whenever_it_changes(tool: Tool) -> None:
    tool.reads(f"/runs/{OLD}", in_progress(1), in_progress(1), in_progress(2), well())

    lines = tool.shows(f"tail {OLD} --interval 2.5")

    assert [line.split("  ", 1)[1] for line in lines if " / " in line] == [
        "running  1 / 250",
        "running  2 / 250",
        "succeeded  250 / 250",
    ]
    assert tool.pauses == [2.5, 2.5, 2.5]


def test_progress_is_a_moving_bar_on_a_terminal(tool: Tool) -> None:
    tool.reads(f"/runs/{OLD}", in_progress(0), in_progress(125), well())
    tool.on_a_terminal()

    moving, _, ended = tool("tail", OLD).out.rpartition("\x1b[2K")

    assert "250/250\x1b[0m succeeded" in moving
    # The bar goes, the cursor comes back, and what comes next begins a line of its own.
    assert moving.endswith("\x1b[?25h\r\x1b[1A")
    assert ended == f"{PREVIEW}  sync  \x1b[32mSUCCEEDED\x1b[0m: 2 updated, 3 unchanged\n"


def test_a_run_that_is_followed_as_json_is_one_object(tool: Tool) -> None:
    tool.reads(f"/runs/{OLD}", in_progress(1), a_run())
    tool.on_a_terminal()

    told = tool("tail", OLD, "--json")

    assert (told.json, told.status) == (a_run(), 3)


@pytest.mark.parametrize(("misses", "status"), [(4, 0), (5, 1)])
def test_a_run_is_followed_through_short_outages(tool: Tool, misses: int, status: int) -> None:
    for _ in range(misses):
        tool.answers("GET", f"/runs/{OLD}", {"message": "Service Unavailable"}, 503)
    tool.reads(f"/runs/{OLD}", well())

    told = tool("tail", OLD)

    assert told.status == status
    assert ("SUCCEEDED" in told.out) is (status == 0)


def test_who_stops_looking_does_not_stop_the_run(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """(oncall OC-28)"""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.waiting.time.sleep", interrupt)
    tool.reads(f"/runs/{OLD}", in_progress(1))

    told = tool("tail", OLD)

    assert (told.status, told.err) == (
        130,
        f"payrelay: broken off; {OLD} goes on. Take it up again: payrelay tail {OLD}\n",
    )
    assert [method for method, *_ in tool.calls] == ["GET"]


@pytest.mark.requirement("RUN-10")
def test_what_the_brake_would_hold_again_is_not_replayed(tool: Tool) -> None:
    """(oncall OC-23)"""
    prepare(tool, previewed(held=example("a_held_run")["held"]))

    says = ("Nothing was replayed: the brake would hold it.", f"payrelay apply {PREVIEW}")
    tool.shows(f"replay {OLD} --yes", *says, status=3)

    assert len(orders(tool)) == 1


@pytest.mark.requirement("OPS-1")
def test_what_would_only_be_blocked_again_is_not_replayed(tool: Tool) -> None:
    """(oncall OC-31)"""
    counts = {**dict.fromkeys(well()["counts"], 0), "blocked": 2}
    nothing = {"already_right": 0, "would_write": 0, "refused": 0, "calls": 4}
    prepare(tool, previewed(status="partial", counts=counts, estimate=nothing))

    tool.shows(f"replay {OLD} --yes", "Nothing would come of it", "nothing would be written", status=3)

    assert len(orders(tool)) == 1


@pytest.mark.requirement("OPS-1")
def test_what_had_one_reason_is_replayed(tool: Tool) -> None:
    """(oncall OC-19)"""
    prepare(tool, previewed(), well(run_id=NEW))

    tool.shows(f"replay {OLD} --reason COST_CENTRE_UNKNOWN --yes", "blocked for COST_CENTRE_UNKNOWN in")

    assert orders(tool)[-1] == {"reasons": ["COST_CENTRE_UNKNOWN"]}


@pytest.mark.requirement("OPS-1")
def test_many_records_are_replayed_and_not_all_named_again(tool: Tool) -> None:
    """(oncall OC-19)"""
    prepare(tool, previewed(), well(run_id=NEW))
    many = [f"employee:{number}" for number in range(71)]

    told = tool("replay", OLD, *many, "--yes")

    assert f"{NEW} replays 71 records of {OLD}." in told.out
    assert max(map(len, told.out.splitlines())) < 200


def test_a_run_is_stopped(tool: Tool) -> None:
    tool.answers("POST", f"/runs/{OLD}/stop", in_progress(7, run_id=OLD), 202)

    tool.shows(f"stop {OLD}", f"{OLD} stops at its next step", f"payrelay tail {OLD}")


def test_a_dead_run_that_is_stopped_says_both(tool: Tool) -> None:
    """(oncall OC-15)"""
    tool.answers("POST", f"/runs/{OLD}/stop", had_died(run_id=OLD), 202)
    texts = ("STOPPED", "Kari stopped the run.", "its execution is ABORTED")

    tool.shows(f"stop {OLD}", *texts, status=3)


def test_a_run_that_waits_says_so_while_it_is_watched(tool: Tool) -> None:
    """(oncall OC-33)"""
    tool.reads(f"/runs/{OLD}", in_progress(7), waiting(), well())
    tool.reads("/runs", page(waiting()))

    lines = tool.shows(f"tail {OLD}")

    says = "running: waits for Xledger until 03:19:47 (429, first try)"
    assert [line.split("  ", 1)[1] for line in lines if " / " in line][:2] == [
        "running  7 / 250",
        f"{says}  7 / 250",
    ]
    tool.shows("runs", says)


def test_the_token_is_sent_and_not_shown(tool: Tool) -> None:
    tool.reads(f"/runs/{OLD}", {**well(), "requested_by": f"Bearer {TOKEN}"})

    assert "[token]" in str(tool("tail", OLD, "--json").json)
    assert tool.api.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"
