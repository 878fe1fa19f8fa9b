"""Syncs as Express Leave's screen shows them: started, told how far they are, ended."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.errors import Rejected
from payrelay.systems.http.answers import error_of_unreadable

from .endpoint import SYSTEM, Endpoint, words_of
from .models import Sync

RUNNING, FINISHED = "SyncRunning", "SyncFinished"
_CONFLICT = 409


class Syncs:
    """The syncs of one company. Either call may be repeated."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def start(self, trigger: str, key: str) -> Sync:
        """A new sync, or the one that runs already."""
        body = {"Trigger": trigger}
        answer = self._endpoint.repeatable(
            "POST", "/syncs", body, headers={"Idempotency-Key": key}, accept=(_CONFLICT,)
        )
        match answer:
            case {"Error": _}:
                return self._running(answer, body)
            case {"SyncId": str(sync_id), "Status": str(status)}:
                return Sync(sync_id, status)
        raise error_of_unreadable(SYSTEM, "no sync", safe=True)

    def change(self, sync_id: str, body: Mapping[str, object]) -> None:
        """Say what became of a sync; what was said of one that has ended stays."""
        if not body:
            raise ValueError("nothing is said of the sync")
        try:
            self._endpoint.repeatable("PUT", "/syncs/{sync}", body, values={"sync": sync_id})
        except Rejected as refusal:
            if refusal.code != FINISHED:
                raise

    def _running(self, answer: Mapping[str, object], body: Mapping[str, object]) -> Sync:
        """The sync that keeps a new one from starting."""
        code, message = words_of(answer)
        if code != RUNNING:
            words = self._endpoint.shown(message, body) or "refused (HTTP 409)"
            raise Rejected(SYSTEM, words, code=self._endpoint.shown(code, body) or str(_CONFLICT))
        match answer:
            case {"SyncId": str(sync_id)} | {"Error": {"SyncId": str(sync_id)}}:
                return Sync(sync_id, "Running", running_elsewhere=True)
        raise error_of_unreadable(SYSTEM, "a running sync without its id", safe=True)
