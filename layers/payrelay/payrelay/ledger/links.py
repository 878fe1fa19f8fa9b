"""Links: source id ↔ target id, of everything that was ever written to a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import asdict

from payrelay.domain.groups import in_groups
from payrelay.domain.runs import Link
from payrelay.ledger import keys
from payrelay.ledger.eras import OfEra
from payrelay.ledger.table import TRANSACTION_LIMIT, Item, in_transactions


class Links(OfEra):
    """The links of all connections; they are written with their delivery, see `deliveries`."""

    def get(self, tenant: str, connection_id: str, entity: str, source_ids: Iterable[str]) -> dict[str, Link]:
        """The links that exist among `source_ids`, by source id."""
        where = (tenant, self._place(connection_id), entity)
        asked = list(dict.fromkeys(source_ids))
        found = {
            item["source_id"]: _parse(item) for item in self._table.get_many(keys.links_to(*where, asked))
        }
        return found | self._former(where, [source_id for source_id in asked if source_id not in found])

    def all(self, tenant: str, connection_id: str, entity: str) -> Iterator[Link]:
        """All links of one entity, in no order that means anything."""
        for item in self._each(tenant, connection_id, entity):
            yield _parse(item)

    def targets(self, tenant: str, connection_id: str, entity: str) -> Iterator[Item]:
        """Of all links of one entity the key, the target's id and the facts, and no more of each."""
        yield from self._each(tenant, connection_id, entity, ("key", "target_id", "facts"))

    def digests(self, tenant: str, connection_id: str, entity: str) -> Iterator[Item]:
        """Of all links of one entity the source id, the digests and the facts, and no more of each."""
        yield from self._each(tenant, connection_id, entity, ("source_id", "digests", "facts"))

    def source_ids(self, tenant: str, connection_id: str, entity: str) -> Iterator[str]:
        """The source ids of all links of one entity: cheap enough to hold against a whole source."""
        for item in self._each(tenant, connection_id, entity, ("sk",)):
            yield item["sk"]

    def adopt(self, tenant: str, connection_id: str, links: Iterable[Link]) -> None:
        """Keep links of things that were equal on both sides before anything was written; known ones stay."""
        for group in in_groups(links, TRANSACTION_LIMIT):
            for entity in dict.fromkeys(link.entity for link in group):
                where = (tenant, self._place(connection_id), entity)
                new = [link for link in group if link.entity == entity]
                known = self._former(where, [link.source_id for link in new])
                self._adopt(where, [link for link in new if link.source_id not in known])

    def put(self, tenant: str, connection_id: str, link: Link) -> None:
        """Keep a link that a person made; it replaces the one that was there."""
        key = keys.link(tenant, self._place(connection_id), link.entity, link.source_id)
        self._table.put({**key, **asdict(link)})

    def put_many(self, tenant: str, connection_id: str, links: Iterable[Link]) -> None:
        """Keep links as they are now; each replaces the one that was there."""
        place = self._place(connection_id)
        for actions in in_transactions(
            [self._table.putting({**keys.link(tenant, place, link.entity, link.source_id), **asdict(link)})]
            for link in links
        ):
            self._table.transact_or_raise(actions)

    def forget(self, tenant: str, connection_id: str, entity: str, source_id: str) -> None:
        """Drop a link of something that is gone from both sides.

        Crash between the two: the link is there as it was last, for what is forgotten first is older.
        """
        where = (tenant, self._place(connection_id), entity, source_id)
        self._table.delete(keys.former_link(*where))
        self._table.delete(keys.link(*where))

    def _adopt(self, where: tuple[str, str, str], links: Sequence[Link]) -> None:
        for group in in_transactions(
            [
                self._table.putting(
                    {**keys.link(*where, link.source_id), **asdict(link)},
                    condition="attribute_not_exists(pk)",
                )
            ]
            for link in links
        ):
            left = group
            while left:
                known = self._table.transact(left)
                left = [action for place, action in enumerate(left) if known and place not in known]

    def _former(self, where: tuple[str, str, str], source_ids: Sequence[str]) -> dict[str, Link]:
        """Which of these are where links were kept before they were spread; nothing is in most partitions."""
        if not source_ids or not self._table.has_any(keys.former_links(*where)):
            return {}
        wanted = [keys.former_link(*where, source_id) for source_id in source_ids]
        return {item["source_id"]: _parse(item) for item in self._table.get_many(wanted)}

    def _each(
        self, tenant: str, connection_id: str, entity: str, fields: tuple[str, ...] = ()
    ) -> Iterator[Item]:
        """All links of one entity, partition after partition, so that one page is held at a time.

        Nothing is ever put where links were kept before, and what is put since replaces it.
        """
        where = (tenant, self._place(connection_id), entity)
        former, seen = keys.former_links(*where), set()
        both = self._table.has_any(former)
        named = fields if not fields or not both else tuple(dict.fromkeys(("sk", *fields)))
        for partition in keys.links(*where):
            for item in self._table.query(partition, fields=named):
                if both:
                    seen.add(item["sk"])
                yield item
        for item in self._table.query(former, fields=named) if both else ():
            if item["sk"] not in seen:
                yield item


def _parse(item: Item) -> Link:
    return Link(
        entity=item["entity"],
        source_id=item["source_id"],
        key=item["key"],
        target_id=item["target_id"],
        digests=item["digests"],
        facts=item["facts"],
    )
