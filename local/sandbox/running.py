"""Starting the sandboxes: in this process for a test, or as the server of `python -m local.sandbox`."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.seed import SEEDS

from .frame.calls import Answer
from .frame.room import Options, Room
from .frame.sandbox import Sandbox
from .frame.saving import Keeper
from .frame.server import Server
from .rooms import ROOMS


class Running:
    """Sandboxes that are being served; `stop` ends them and saves what is to be kept."""

    def __init__(self, port: int, options: Options, seed: bool, state_dir: Path | None) -> None:
        self.sandboxes = {kind.name: Sandbox(kind, options) for kind in ROOMS}
        self._server = Server(port, self.sandboxes)
        try:
            rooms = [sandbox.room for sandbox in self.sandboxes.values()]
            self._keeper = Keeper(state_dir, rooms) if state_dir else None
            kept = self._keeper.load() if self._keeper else set()
            if seed:
                plant([room for room in rooms if room.name not in kept])
        except BaseException:
            self._server.server_close()
            raise
        if self._keeper:
            self._keeper.start()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._server.port

    @property
    def urls(self) -> dict[str, str]:
        """The base URL of each sandbox by its name."""
        return {name: self._server.url(name) for name in self.sandboxes}

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the server answers, for a test in the same process; see `Server.answer`."""
        return self._server.answer(method, target, headers, body)

    def room(self, name: str) -> Room:
        """A sandbox's room, for a test in the same process."""
        return self.sandboxes[name].room

    def stop(self) -> None:
        """End the server and its connections; save the data if a folder was given."""
        self._server.stop()
        self._thread.join()
        if self._keeper:
            self._keeper.stop()


def plant(rooms: list[Room]) -> None:
    """Give rooms their realistic data."""
    for room in rooms:
        if room.name in SEEDS:
            room.replace_state(SEEDS[room.name]())


def start(
    port: int = 0, *, seed: bool = False, options: Options | None = None, state_dir: Path | None = None
) -> Running:
    """Serve every sandbox on 127.0.0.1; port 0 picks a free one. Raises OSError when the port is taken."""
    return Running(port, options or Options(), seed, state_dir)


@contextmanager
def running(
    port: int = 0, *, seed: bool = False, options: Options | None = None, state_dir: Path | None = None
) -> Iterator[Running]:
    """The same, ended when the block is left."""
    served = start(port, seed=seed, options=options, state_dir=state_dir)
    try:
        yield served
    finally:
        served.stop()
