"""Links: source id ↔ target id, of everything that was ever written to a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import asdict

from payrelay.domain.groups import in_groups
from payrelay.domain.runs import Link
from payrelay.ledger import keys
from payrelay.ledger.eras import OfEra
from payrelay.ledger.table import TRANSACTION_LIMIT, Item


class Links(OfEra):
    """The links of all connections; they are written with their delivery, see `deliveries`."""

    def get(self, tenant: str, connection_id: str, entity: str, source_ids: Iterable[str]) -> dict[str, Link]:
        """The links that exist among `source_ids`, by source id."""
        wanted = keys.links_to(tenant, self._place(connection_id), entity, dict.fromkeys(source_ids))
        return {item["source_id"]: _parse(item) for item in self._table.get_many(wanted)}

    def all(self, tenant: str, connection_id: str, entity: str) -> Iterator[Link]:
        """All links of one entity, by source id."""
        for item in self._table.query(keys.links(tenant, self._place(connection_id), entity)):
            yield _parse(item)

    def targets(self, tenant: str, connection_id: str, entity: str) -> Iterator[Item]:
        """Of all links of one entity the key, the target's id and the facts, and no more of each."""
        fields = ("key", "target_id", "facts")
        yield from self._table.query(keys.links(tenant, self._place(connection_id), entity), fields=fields)

    def digests(self, tenant: str, connection_id: str, entity: str) -> Iterator[Item]:
        """Of all links of one entity the source id, the digests and the facts, and no more of each."""
        fields = ("source_id", "digests", "facts")
        yield from self._table.query(keys.links(tenant, self._place(connection_id), entity), fields=fields)

    def source_ids(self, tenant: str, connection_id: str, entity: str) -> Iterator[str]:
        """The source ids of all links of one entity: cheap enough to hold against a whole source."""
        for item in self._table.query(keys.links(tenant, self._place(connection_id), entity), fields=("sk",)):
            yield item["sk"]

    def adopt(self, tenant: str, connection_id: str, links: Iterable[Link]) -> None:
        """Keep links of things that were equal on both sides before anything was written; known ones stay."""
        for group in in_groups(links, TRANSACTION_LIMIT):
            left = list(group)
            while left:
                actions = [
                    self._table.putting(
                        {
                            **keys.link(tenant, self._place(connection_id), link.entity, link.source_id),
                            **asdict(link),
                        },
                        condition="attribute_not_exists(pk)",
                    )
                    for link in left
                ]
                known = self._table.transact(actions)
                left = [link for place, link in enumerate(left) if known and place not in known]

    def put(self, tenant: str, connection_id: str, link: Link) -> None:
        """Keep a link that a person made; it replaces the one that was there."""
        key = keys.link(tenant, self._place(connection_id), link.entity, link.source_id)
        self._table.put({**key, **asdict(link)})

    def put_many(self, tenant: str, connection_id: str, links: Iterable[Link]) -> None:
        """Keep links as they are now; each replaces the one that was there."""
        for group in in_groups(links, TRANSACTION_LIMIT):
            actions = [
                self._table.putting(
                    {
                        **keys.link(tenant, self._place(connection_id), link.entity, link.source_id),
                        **asdict(link),
                    }
                )
                for link in group
            ]
            self._table.transact_or_raise(actions)

    def forget(self, tenant: str, connection_id: str, entity: str, source_id: str) -> None:
        """Drop a link of something that is gone from both sides."""
        self._table.delete(keys.link(tenant, self._place(connection_id), entity, source_id))


def _parse(item: Item) -> Link:
    return Link(
        entity=item["entity"],
        source_id=item["source_id"],
        key=item["key"],
        target_id=item["target_id"],
        digests=item["digests"],
        facts=item["facts"],
    )
