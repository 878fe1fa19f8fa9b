"""Writes in bulk: up to 500 nodes a call, and a refused node stops no other (RUN-4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Outcome, Record, Request
from payrelay.errors import OutcomeUnknown, PartlyWritten, Rejected, VendorError
from payrelay.systems.registry import label

NODES_PER_CALL = 500

Nodes = list[tuple[str, Mapping[str, Any]]]


class Refusal(Struct, frozen=True):
    """Who refused a node, in which words, and by which call."""

    system: str
    problem: str
    request: Request | None = None

    @classmethod
    def of(cls, error: VendorError, key: str = "") -> Refusal:
        """What an error says of the node with this key, or of the whole call."""
        reasons = error.reasons if isinstance(error, Rejected) else {}
        return cls(error.system, reasons.get(key, error.message), request_of(error))


class Sent(Struct, frozen=True):
    """What became of the nodes of one kind of write, by key; of those that are `lost` the answer was."""

    done: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)


def send_in_bulk(
    call: Callable[[Nodes], Mapping[str, Any]],
    nodes: Mapping[str, Mapping[str, Any]],
    sent: Sent | None = None,
) -> Sent:
    """Send nodes by their keys; when some are refused, the others are sent again without them.

    A refusal that names nobody is narrowed down by halves, so that the others are right in this run. What was
    answered before some trouble is in `sent`.
    """
    sent = Sent() if sent is None else sent
    todo: list[Nodes] = list(in_groups(nodes.items(), NODES_PER_CALL))
    while todo:
        group = todo.pop()
        try:
            sent.done.update(call(group))
        except PartlyWritten as error:
            sent.done.update(error.done)
            todo += _without_refused(error, [node for node in group if node[0] not in error.done], sent)
        except Rejected as error:
            todo += _without_refused(error, group, sent)
        except OutcomeUnknown:
            sent.lost.update(key for key, _ in group)
            raise
    return sent


def _without_refused(error: Rejected, group: Nodes, sent: Sent) -> list[Nodes]:
    """Note who was refused; the groups to send again."""
    if len(group) == 1:
        sent.refused[group[0][0]] = Refusal.of(error, group[0][0])
        return []
    named = {key for key, _ in group if key in error.keys}
    sent.refused.update({key: Refusal.of(error, key) for key in named})
    rest = [node for node in group if node[0] not in named]
    if named:
        return [rest] if rest else []
    half = len(rest) // 2
    return [part for part in (rest[:half], rest[half:]) if part]


def request_of(error: VendorError) -> Request | None:
    """The call that failed, as records and runs tell of it (OPS-2)."""
    call = error.call
    return Request(call.system, call.method, call.path, call.status, error.code) if call else None


def refused(record: Record, refusal: Refusal) -> Record:
    """The record of a node that the target refused."""
    values = {"system": label(refusal.system), "label": record.label, "problem": refusal.problem}
    why = reason("REFUSED_BY_TARGET", **values)
    return replace(record, outcome=Outcome.FAILED, reason=why, request=refusal.request)
