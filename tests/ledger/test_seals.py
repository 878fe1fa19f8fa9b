"""Ciphertexts: one conditional write replaces what was there, and no version comes twice (CON-3)."""

from __future__ import annotations

import pytest

from payrelay.ledger import Ledger
from payrelay.ledger.seals import HookSeal, Sealed
from payrelay.ledger.table import ConditionFailed

pytestmark = pytest.mark.requirement("CON-3")

WHERE = ("demo", "con_A", "sage")
ONE, TWO = (b"part 1", b"part 2"), (b"\x00\xff",)


def test_what_is_kept_is_read_as_it_was_written(ledger: Ledger) -> None:
    assert ledger.seals.get(*WHERE) == Sealed()
    written = ledger.seals.put(*WHERE, Sealed(), [ONE, TWO])
    assert ledger.seals.get(*WHERE) == written == Sealed(written.version, (ONE, TWO))


def test_of_two_writers_the_second_one_finds_out(ledger: Ledger) -> None:
    first = ledger.seals.put(*WHERE, Sealed(), [ONE])
    with pytest.raises(ConditionFailed):
        ledger.seals.put(*WHERE, Sealed(), [TWO])
    second = ledger.seals.put(*WHERE, first, [TWO, ONE])
    with pytest.raises(ConditionFailed):
        ledger.seals.put(*WHERE, first, [ONE])
    with pytest.raises(ConditionFailed):
        ledger.seals.forget(*WHERE, first)
    assert ledger.seals.get(*WHERE) == second


def test_what_was_forgotten_and_made_anew_has_another_version(ledger: Ledger) -> None:
    first = ledger.seals.put(*WHERE, Sealed(), [ONE])
    ledger.seals.forget(*WHERE, first)
    second = ledger.seals.put(*WHERE, Sealed(), [ONE])
    assert second.version != first.version
    with pytest.raises(ConditionFailed):
        ledger.seals.put(*WHERE, first, [TWO])


def test_all_of_one_connection_is_forgotten_and_nothing_of_others(ledger: Ledger) -> None:
    others = [("demo", "con_B", "sage"), ("other", "con_A", "sage")]
    for where in (WHERE, ("demo", "con_A", "autovu"), *others):
        ledger.seals.put(*where, Sealed(), [ONE])
    ledger.connections.touch("demo", "con_A", 7)
    ledger.seals.forget_all("demo", "con_A")
    assert ledger.seals.get(*WHERE) == ledger.seals.get("demo", "con_A", "autovu") == Sealed()
    assert all(ledger.seals.get(*where).kept for where in others)
    assert ledger.connections.used("demo", "con_A") == 7


def test_the_secrets_of_a_hook_tell_whose_they_are(ledger: Ledger) -> None:
    assert ledger.seals.hook("con_A") is None
    hook = HookSeal("demo", "attache_express_leave", Sealed(kept=(ONE,)), moved=True)
    version = ledger.seals.put_hook("con_A", Sealed(), hook)
    assert ledger.seals.hook("con_A") == HookSeal("demo", "attache_express_leave", version, moved=True)
    with pytest.raises(ConditionFailed):
        ledger.seals.put_hook("con_A", Sealed(), hook)
    ledger.seals.put_hook("con_A", version, HookSeal("demo", hook.kind, hook.sealed))
    found = ledger.seals.hook("con_A")
    assert found
    assert not found.moved
    ledger.seals.forget_hook("con_A")
    assert ledger.seals.hook("con_A") is None


def test_a_move_is_noted_until_it_is_done(ledger: Ledger) -> None:
    assert not ledger.moves.pending("demo", "con_A")
    for _ in range(2):
        ledger.moves.begin("demo", "con_A")
    assert (ledger.moves.pending("demo", "con_A"), ledger.moves.pending("other", "con_A")) == (True, False)
    ledger.moves.done("demo", "con_A")
    assert not ledger.moves.pending("demo", "con_A")
