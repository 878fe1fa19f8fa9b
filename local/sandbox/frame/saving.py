"""Keeping the sandboxes' data between starts: one JSON file per room, replaced atomically."""

import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from .calls import json_text, read_json
from .room import Room, StateRefusedError

PAUSE_SECONDS = 3.0
# A large state takes seconds to write: then write it more seldom, so that saving stays a small share.
PAUSE_PER_SECOND_OF_WRITING = 10.0


class KeptDataError(Exception):
    """Kept data that can't be used; the message names the file and what to do."""


class Keeper:
    """Writes each room's data when it has changed, every few seconds and at the end."""

    def __init__(self, folder: Path, rooms: Sequence[Room]) -> None:
        self._folder = folder
        self._rooms = rooms
        self._saved = {room.name: room.version for room in rooms}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def load(self) -> set[str]:
        """Give the rooms their kept data; tells which had some."""
        loaded = set()
        for room in self._rooms:
            path = self._path(room)
            if path.exists():
                self._give(room, path)
                loaded.add(room.name)
                self._saved[room.name] = room.version
        return loaded

    def _give(self, room: Room, path: Path) -> None:
        try:
            state = read_json(path.read_text(encoding="utf-8"), exact=room.exact_numbers)
            room.replace_state(state)  # type: ignore[arg-type]  # the room checks it whole
        except (ValueError, StateRefusedError) as wrong:
            why = wrong.problems[0] if isinstance(wrong, StateRefusedError) else wrong
            raise KeptDataError(f"{path} does not fit ({why}): remove it to start afresh.") from wrong

    def start(self) -> None:
        """Save from now on."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """Save what is left, and end."""
        self._ending.set()
        self._thread.join()
        self._save()

    def _repeat(self) -> None:
        pause = PAUSE_SECONDS
        while not self._ending.wait(pause):
            started = monotonic()
            self._save()
            pause = max(PAUSE_SECONDS, (monotonic() - started) * PAUSE_PER_SECOND_OF_WRITING)

    def _save(self) -> None:
        for room in self._rooms:
            version = room.version
            if version != self._saved[room.name]:
                draft = self._path(room).with_suffix(".draft")
                draft.write_text(json_text(room.state()), encoding="utf-8")
                draft.replace(self._path(room))
                self._saved[room.name] = version

    def _path(self, room: Room) -> Path:
        return self._folder / f"{room.name}.json"
