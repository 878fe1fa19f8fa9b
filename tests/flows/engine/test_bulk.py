"""Writes in bulk: whoever is refused stops no other, named or not (RUN-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.errors import PartlyWritten, Rejected
from payrelay.flows.engine.bulk import send_in_bulk

Nodes = Sequence[tuple[str, Mapping[str, Any]]]


class Target:
    """Takes nodes, but for the bad ones; it names these, or it does not, or it writes the others at once."""

    def __init__(self, bad: set[str], manner: str) -> None:
        self.bad = bad
        self.manner = manner
        self.written: list[str] = []
        self.calls: list[list[str]] = []

    def __call__(self, nodes: Nodes) -> dict[str, str]:
        keys = [key for key, _ in nodes]
        self.calls.append(keys)
        refused = [key for key in keys if key in self.bad]
        good = [key for key in keys if key not in self.bad]
        if not refused:
            self.written += keys
            return {key: f"id-{key}" for key in keys}
        if self.manner == "partly":
            self.written += good
            done = {key: f"id-{key}" for key in good}
            raise PartlyWritten("xledger", "some are bad", done=done, keys=tuple(refused))
        named = {"all": refused, "first": refused[:1], "none": []}[self.manner]
        reasons = {key: f"{key} is bad" for key in named}
        raise Rejected("xledger", "some are bad", keys=tuple(named), reasons=reasons)


@pytest.mark.requirement("RUN-4")
@given(
    st.integers(0, 40).flatmap(
        lambda count: st.tuples(
            st.just([f"n{number}" for number in range(count)]),
            st.sets(st.integers(0, max(count - 1, 0)).map(lambda number: f"n{number}")),
        )
    ),
    st.sampled_from(["all", "first", "none", "partly"]),
)
def test_every_good_node_is_written_once_and_every_bad_one_is_refused(
    nodes: tuple[list[str], set[str]], manner: str
) -> None:
    keys, bad = nodes[0], nodes[1] & set(nodes[0])
    target = Target(bad, manner)
    sent = send_in_bulk(target, {key: {"code": key} for key in keys})
    assert sorted(target.written) == sorted(set(keys) - bad)
    assert sent.done == {key: f"id-{key}" for key in keys if key not in bad}
    assert sent.refused.keys() == bad


@pytest.mark.requirement("RUN-8")
def test_at_most_five_hundred_nodes_go_in_one_call() -> None:
    target = Target(set(), "all")
    send_in_bulk(target, {f"n{number}": {} for number in range(1201)})
    assert [len(call) for call in target.calls] == [201, 500, 500]


def test_without_nodes_nothing_is_called() -> None:
    target = Target(set(), "all")
    assert send_in_bulk(target, {}).done == {}
    assert target.calls == []


@pytest.mark.requirement("RUN-4")
def test_a_refusal_tells_each_node_its_own_words() -> None:
    sent = send_in_bulk(Target({"n1", "n3"}, "all"), {f"n{number}": {} for number in range(5)})
    assert {key: one.problem for key, one in sent.refused.items()} == {"n1": "n1 is bad", "n3": "n3 is bad"}


@pytest.mark.requirement("RUN-4", "RUN-8")
def test_one_culprit_whom_nobody_names_is_found_in_few_calls() -> None:
    target = Target({"n77"}, "none")
    sent = send_in_bulk(target, {f"n{number}": {} for number in range(500)})
    assert sent.refused.keys() == {"n77"}
    assert len(target.calls) <= 2 * 9 + 1
