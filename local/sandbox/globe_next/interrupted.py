"""Faults by which somebody in Globe Next is quicker than a call."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Description, Row
from local.sandbox.odata.windows import Windows

from .entities import ACCOUNT, DATABASE, HEADER, JOURNAL, LINE, PERIOD


def _close(store: Store, sent: Row) -> None:
    _change(store, PERIOD, (sent.get("FinancialYear"), sent.get("FinancialPeriod")), sent, Closed=True)


def _block_journal(store: Store, sent: Row) -> None:
    _change(store, JOURNAL, (sent.get("Journal"),), sent, Blocked=True)


def _block_account(store: Store, sent: Row) -> None:
    _change(store, ACCOUNT, (str(sent.get("GLAccount")).strip(),), sent, Blocked=True)


def _remove_line(store: Store, sent: Row) -> None:
    """The last line that waits under the key."""
    lines = store[LINE].find("TransactionKey", [str(sent.get("TransactionKey")).lower()])
    if lines:
        store[LINE].remove(store[LINE].key_of(lines[-1]))


def _change(store: Store, of: str, key: tuple[Any, ...], sent: Row, **fields: Any) -> None:
    row = store[of].get((sent[DATABASE], *key))
    if row is not None:
        store[of].put({**row, **fields})


# What somebody does, and the call that it happens just before.
_DONE_BEFORE: Mapping[str, tuple[str, Callable[[Store, Row], None]]] = {
    "period_closes": (f"create {HEADER}", _close),
    "journal_blocks": (f"create {HEADER}", _block_journal),
    "line_goes": (f"create {HEADER}", _remove_line),
    "account_blocks": (f"create {LINE}", _block_account),
}


class Interrupted(Windows):
    """A room in which somebody is quicker."""

    by_a_person: ClassVar[Mapping[str, str]] = dict.fromkeys(_DONE_BEFORE, "")

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        wanted, _ = _DONE_BEFORE.get(fault, (description.operation, None))
        return description.operation == wanted and super().can_suffer(fault, call, description)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault not in _DONE_BEFORE:
            return super().suffer(fault, call, reset_in_seconds)
        with self.lock:
            _DONE_BEFORE[fault][1](self.store, self._sent_by(call))
        return self.answer(call)

    def _sent_by(self, call: Call) -> Row:
        """What a call sends, with the company that it is about."""
        try:
            body = call.json()
        except ValueError:
            body = None
        sent = body if isinstance(body, dict) else {}
        return {**sent, DATABASE: call.headers.get(DATABASE.lower(), "")}
