"""Mirrors: a head and what it names, of one flow in one era; what can't be read is none (RUN-11)."""

from __future__ import annotations

import gzip

import msgspec
import pytest
from msgspec.structs import replace

from payrelay.ledger import Ledger, keys
from payrelay.ledger.mirrors import FORMAT, HEAD, Head, Part, name_of
from tests.ledger.conftest import CONNECTION, FLOW, TENANT

HERE = (TENANT, CONNECTION, FLOW)
BLOB = b"entries of a page"


def a_head(name: str) -> Head:
    return Head(
        stamp="s",
        marks={"xledger": "2026-11-29T06:00:00"},
        full_at="2026-11-29T05:00:00.000Z",
        run_id="run_001",
        parts=[Part("a1", name, 999)],
        loose=name,
        facts={"places": {"11": "FAST"}},
    )


@pytest.mark.requirement("RUN-11")
def test_a_mirror_comes_back_as_it_was(ledger: Ledger) -> None:
    assert ledger.mirrors.head(*HERE) is None
    name = ledger.mirrors.put_blob(*HERE, BLOB)
    head = a_head(name)
    ledger.mirrors.put_head(*HERE, head)
    assert ledger.mirrors.head(*HERE) == head
    assert ledger.mirrors.blob(*HERE, name) == BLOB
    assert ledger.mirrors.put_blob(*HERE, BLOB) == name == name_of(BLOB)


@pytest.mark.requirement("RUN-11", "CON-4")
@pytest.mark.parametrize(
    "elsewhere",
    [("other", CONNECTION, FLOW), (TENANT, "con_B", FLOW), (TENANT, CONNECTION, "time_off_export")],
    ids=["tenant", "connection", "flow"],
)
def test_it_is_there_for_its_own_place_alone(ledger: Ledger, elsewhere: tuple[str, str, str]) -> None:
    name = ledger.mirrors.put_blob(*HERE, BLOB)
    ledger.mirrors.put_head(*HERE, a_head(name))
    assert ledger.mirrors.head(*elsewhere) is None
    assert ledger.mirrors.blob(*elsewhere, name) is None


@pytest.mark.requirement("RUN-11", "CON-2")
def test_what_belongs_to_another_organisation_is_not_seen(ledger: Ledger) -> None:
    name = ledger.mirrors.put_blob(*HERE, BLOB)
    ledger.mirrors.put_head(*HERE, a_head(name))
    other = ledger.of_era(1).mirrors
    assert other.head(*HERE) is None
    assert other.blob(*HERE, name) is None
    other.put_head(*HERE, replace(a_head(name), stamp="another"))
    first = ledger.mirrors.head(*HERE)
    assert first
    assert first.stamp == "s"


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not compressed",
        gzip.compress(b"{"),
        gzip.compress(b'{"format": 1}'),
        gzip.compress(msgspec.json.encode(replace(a_head("x"), format=FORMAT + 1))),
        gzip.compress(msgspec.json.encode(a_head("x")))[:-12],
        gzip.compress(b"")[:10] + b"\xff" * 30,
    ],
    ids=["empty", "plain", "broken", "less", "newer", "cut", "spoilt"],
)
def test_a_head_that_can_not_be_read_is_none(ledger: Ledger, data: bytes) -> None:
    ledger.plans.objects.put(keys.mirror_object(*HERE, HEAD), data)
    assert ledger.mirrors.head(*HERE) is None


@pytest.mark.requirement("RUN-11")
def test_a_blob_that_is_lost_or_not_what_was_put_is_none(ledger: Ledger) -> None:
    assert ledger.mirrors.blob(*HERE, name_of(BLOB)) is None
    ledger.plans.objects.put(keys.mirror_object(*HERE, name_of(BLOB)), BLOB + b"!")
    assert ledger.mirrors.blob(*HERE, name_of(BLOB)) is None
