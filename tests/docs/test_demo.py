"""The demo without a stack: stories that go on side by side are told one after the other."""

from __future__ import annotations

from threading import Event

import pytest

from local.demo.__main__ import CONSOLE
from local.demo.client import DemoFailedError, say
from local.demo.telling import Telling, side_by_side


def test_a_later_story_that_is_quicker_waits_for_its_turn(capsys: pytest.CaptureFixture[str]) -> None:
    other_is_done = Event()

    def slow() -> None:
        say("begins")
        assert other_is_done.wait(10)
        say("ends")

    def quick() -> None:
        say("quick")
        other_is_done.set()

    chapters = [Telling(slow), Telling(quick)]
    side_by_side([[chapter] for chapter in chapters])
    for chapter in chapters:
        chapter.tell()
    assert capsys.readouterr().out == "begins\nends\nquick\n"


def test_what_ends_a_story_is_raised_where_it_is_told_and_nothing_comes_after_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    happened = []

    def fails() -> None:
        say("so far")
        raise DemoFailedError("Xledger saw a write")

    chapters = [Telling(fails), Telling(lambda: happened.append("more"))]
    side_by_side([chapters])
    with pytest.raises(DemoFailedError, match="Xledger saw a write"):
        chapters[0].tell()
    assert capsys.readouterr().out == "so far\n"
    assert happened == []


def test_the_demo_ends_with_how_to_get_the_console_and_what_to_click_first() -> None:
    """Its own stack is gone by then."""
    assert "   make up\n" in CONSOLE
    assert "admin@demo.example" in CONSOLE
    assert "Invoices" in CONSOLE
