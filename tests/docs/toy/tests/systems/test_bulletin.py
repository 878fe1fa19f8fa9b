"""Bulletin's client: a row that can't be read is told of with the others."""

from __future__ import annotations

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import Rejected
from payrelay.systems.bulletin.client import BulletinClient
from payrelay.systems.rows import BadRow
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, reply


def test_a_note_without_text_is_a_bad_row(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"items": [{"id": "n1", "text": "Buy milk"}, {"id": "n2"}]}))
    bad: list[BadRow] = []
    client = BulletinClient(loopback.origin, Secret("token"), options=bench.options)
    assert [note.text for note in client.notes().take(bad)] == ["Buy milk"]
    assert [(row.id, row.field, row.problem) for row in bad] == [("n2", "text", "is missing")]


def test_a_refused_pin_is_refused_in_the_boards_words(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"code": "Invalid", "message": "must be a text"}, 400))
    with pytest.raises(Rejected, match="must be a text"):
        BulletinClient(loopback.origin, Secret("token"), options=bench.options).pin("n1", "")
