"""Stories that go on side by side, and are told one after the other."""

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

from local.demo.client import Line, hold, say

_Heard: TypeAlias = Line | BaseException | None


class Telling:
    """A chapter that happens in its own time, and is told when its turn comes."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._heard: SimpleQueue[_Heard] = SimpleQueue()

    def happen(self) -> bool:
        """Let it happen, its lines kept; whether it came to its end."""
        hold(self._heard.put)
        try:
            self._tell()
        except BaseException as error:  # noqa: BLE001 - it is raised where the chapter is told
            self._heard.put(error)
            return False
        self._heard.put(None)
        return True

    def tell(self) -> None:
        """Say its lines, the later ones as they come; raises what ended it."""
        while (heard := self._heard.get()) is not None:
            if isinstance(heard, BaseException):
                raise heard
            say(*heard)


def side_by_side(stories: Sequence[Sequence[Telling]]) -> None:
    """Let all stories begin; the chapters of each happen in their order, up to one that fails."""
    for story in stories:
        Thread(target=_happen, args=(story,), daemon=True).start()


def _happen(story: Sequence[Telling]) -> None:
    all(chapter.happen() for chapter in story)
