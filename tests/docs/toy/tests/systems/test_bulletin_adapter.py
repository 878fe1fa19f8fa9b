"""Bulletin in the standard suite."""

from __future__ import annotations

from payrelay.systems.bulletin.client import BulletinClient
from tests.systems.adapter_suite import WritingAdapterSuite


class TestBulletin(WritingAdapterSuite):
    system = "bulletin"

    def read(self, client: BulletinClient) -> object:
        return client.notes()

    def write(self, client: BulletinClient) -> object:
        client.pin("n1", "Buy milk")
        return None
