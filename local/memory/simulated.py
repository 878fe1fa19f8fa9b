"""Time that passes only where something waits, for several workers at once: a minute takes no minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Condition, Thread, get_ident


class SimulatedTime:
    """Each worker has a time of its own; whoever is behind all others goes on, and nobody else does."""

    def __init__(self) -> None:
        self._turn = Condition()
        self._at: dict[int, float] = {}
        self._number: dict[int, int] = {}
        self._ended = 0.0
        self._broken: list[BaseException] = []

    def now(self) -> float:
        """The time of the worker that asks."""
        return self._at.get(get_ident(), self._ended)

    def sleep(self, seconds: float) -> None:
        """Let the time of the worker that asks pass."""
        me = get_ident()
        if me not in self._at:
            self._ended += seconds
            return
        with self._turn:
            self._at[me] += seconds
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._is_first(me))

    def run(self, works: Sequence[Callable[[], None]]) -> float:
        """Do all of `works` at once; the seconds that it took. What one raises is raised."""
        began, all_there = self._ended, Barrier(len(works))

        def worker(work: Callable[[], None]) -> None:
            me = get_ident()
            self._at[me], self._number[me] = began, works.index(work)
            all_there.wait()
            try:
                self.sleep(0.0)
                work()
            except BaseException as error:  # noqa: BLE001  (it is raised where the workers are waited for)
                self._broken.append(error)
            with self._turn:
                self._ended = max(self._ended, self._at.pop(me))
                self._turn.notify_all()

        threads = [Thread(target=worker, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._broken:
            raise self._broken[0]
        return self._ended - began

    def _is_first(self, me: int) -> bool:
        """Whether nobody is behind; of two at the same time the one with the lower number goes first."""
        return min((at, self._number[worker], worker) for worker, at in self._at.items())[-1] == me
