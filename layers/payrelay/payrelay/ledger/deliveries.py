"""Deliveries: one item per thing ever sent, claimed before the call to the target (RUN-5).

The timeline that this guards: a worker claims, calls the target, and dies, or the answer is lost. The
claim stays. Whoever comes next finds it and is told UNKNOWN: look the record up at the target first. A
claim of another run that may still be at work is BUSY until it expires. DONE with the same fingerprint
means that this very write was sent and answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct, convert
from msgspec.structs import asdict, replace

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Change, Outcome
from payrelay.domain.runs import Link, Run
from payrelay.ledger import keys
from payrelay.ledger.eras import OfEra, in_era
from payrelay.ledger.table import Action, Item, in_transactions, plain

CLAIM_LIMIT = 100
SETTLE_LIMIT = 25


class Standing(StrEnum):
    """What a claim found."""

    FRESH = "fresh"
    UNKNOWN = "unknown"
    DONE = "done"
    BUSY = "busy"


class Intent(Struct, frozen=True):
    """What somebody is about to send: which record, from which source record, and the write's fingerprint.

    At the target it will stand `under` a name that people may change, such as a document's number.
    """

    record_id: str
    source_id: str
    fingerprint: str
    under: str = ""


class Answered(Struct, frozen=True):
    """What the target has taken of a write that is not done."""

    outcome: Outcome
    changes: tuple[Change, ...]


class Claim(Struct, frozen=True):
    """One delivery as claimed: `target_id` and `outcome` are those of a write that is DONE.

    `others_at` is when another run claimed it last (epoch seconds), where it is ours to send now; `until` is
    when the claim of one that is BUSY ends by itself. `owner` is who left one that is UNKNOWN; `answered` is
    what the target had taken of it by then, as far as that was told; it is `told` if a later run has looked.
    """

    standing: Standing
    target_id: str | None = None
    outcome: Outcome | None = None
    others_at: int | None = None
    until: int | None = None
    owner: str | None = None
    answered: Answered | None = None
    told: bool = False


class Begun(Struct, frozen=True):
    """A claimed write of which a part is done: what the target has taken, and the trail of it."""

    record_id: str
    answered: Answered
    history: Item
    link: Link | None = None


class Settled(Struct, frozen=True):
    """How a claimed write ended: what is stored of it."""

    record_id: str
    written: bool
    outcome: Outcome
    target_id: str | None = None
    unknown: bool = False
    link: Link | None = None
    unlink: tuple[str, str] | None = None
    history: Item | None = None


class Deliveries(OfEra):
    """The deliveries of all connections."""

    def claim(
        self, run: Run, owner: str, intents: Sequence[Intent], *, now: int, until: int
    ) -> dict[str, Claim]:
        """Claim each record for `owner`; what each delivery was, by record id."""
        claims: dict[str, Claim] = {}
        for group in in_groups(intents, CLAIM_LIMIT):
            claims |= self._claim_group(run, owner, group, now, until)
        return claims

    def standings(self, run: Run, owner: str, intents: Sequence[Intent], *, now: int) -> dict[str, Claim]:
        """What each delivery is, as a claim would tell it, by record id; nothing is claimed."""
        stored = self._stored(run, intents)
        return {one.record_id: _standing(stored.get(one.record_id), owner, one, now) for one in intents}

    def owners(self, tenant: str, connection_id: str, record_ids: Sequence[str]) -> dict[str, str]:
        """The source id that each of these records was last sent for, by record id, if it ever was."""
        wanted = [keys.delivery(tenant, self._place(connection_id), record_id) for record_id in record_ids]
        return {item["record_id"]: item["source_id"] for item in self._table.get_many(wanted)}

    def names(self, tenant: str, connection_id: str, record_ids: Sequence[str]) -> dict[str, list[str]]:
        """Under which names each of these may stand of which no answer is known, by record id."""
        wanted = [keys.delivery(tenant, self._place(connection_id), record_id) for record_id in record_ids]
        return {item["record_id"]: _names(item) for item in self._table.get_many(wanted)}

    def begin(self, run: Run, owner: str, begun: Sequence[Begun]) -> None:
        """Store what the target has taken of claimed writes that are not done, under our own claim."""
        for actions in in_transactions((self._beginning(run, owner, one) for one in begun), SETTLE_LIMIT):
            self._table.transact_or_raise(actions)

    def on_their_way(self, run: Run, record_ids: Sequence[str], *, now: int) -> dict[str, bool]:
        """Which of these a run that has ended may have sent without being told, and no later one looked at.

        Of each, whether its claim holds still: a worker may be at it.
        """
        wanted = [keys.delivery(run.tenant, _place_of(run), record_id) for record_id in record_ids]
        return {
            item["record_id"]: item["state"] == "claimed" and item["until"] >= now
            for item in self._table.get_many(wanted)
            if item["state"] in ("claimed", "unknown")
            and item["run_id"] == run.run_id
            and not item.get("told")
        }

    def tell(self, run: Run, record_ids: Sequence[str]) -> None:
        """A later run has looked what became of these; what another one has claimed since stays as it is."""
        for record_id in record_ids:
            key = keys.delivery(run.tenant, _place_of(run), record_id)
            change, mine = "SET told = :told", "#run_id = :run_id"
            self._table.transact(
                [self._table.updating(key, change, condition=mine, told=True, run_id=run.run_id)]
            )

    def settle(self, run: Run, owner: str, settled: Sequence[Settled]) -> None:
        """Store how claimed writes ended, each with its link and its history, under our own claim."""
        for actions in in_transactions((self._settling(run, owner, one) for one in settled), SETTLE_LIMIT):
            self._table.transact_or_raise(actions)

    def _stored(self, run: Run, intents: Sequence[Intent]) -> dict[str, Item]:
        wanted = [keys.delivery(run.tenant, _place_of(run), intent.record_id) for intent in intents]
        return {item["record_id"]: item for item in self._table.get_many(wanted)}

    def _claim_group(
        self, run: Run, owner: str, intents: Sequence[Intent], now: int, until: int
    ) -> dict[str, Claim]:
        """Claim up to a hundred at once; whoever loses a race reads again and is told what it found."""
        for _ in range(4):
            stored = self._stored(run, intents)
            claims = {i.record_id: _standing(stored.get(i.record_id), owner, i, now) for i in intents}
            taking = [i for i in intents if claims[i.record_id].standing in TAKEN]
            actions = ([self._claiming(run, owner, i, stored.get(i.record_id), now, until)] for i in taking)
            # What was claimed before one failed is ours by the next look: in doubt, so that it is looked up.
            if not any(self._table.transact(few) for few in in_transactions(actions)):
                return {
                    name: replace(claim, others_at=_others_at(run, stored.get(name), until - now))
                    for name, claim in claims.items()
                }
        return {intent.record_id: Claim(Standing.BUSY) for intent in intents}

    def _claiming(
        self, run: Run, owner: str, intent: Intent, stored: Item | None, now: int, until: int
    ) -> Action:
        item = {
            **keys.delivery(run.tenant, _place_of(run), intent.record_id),
            "record_id": intent.record_id,
            "source_id": intent.source_id,
            "fingerprint": intent.fingerprint,
            "state": "claimed",
            "owner": owner,
            "until": until,
            "run_id": run.run_id,
            "version": (stored["version"] if stored else 0) + 1,
            # For whoever claims it after us: it may be given back unsent.
            "others_at": _others_at(run, stored, until - now),
        }
        names = dict.fromkeys([*_names(stored), *([intent.under] if intent.under else [])])
        if names:
            item["names"] = list(names)
        if stored and stored["owner"] == owner and "answered" in stored:
            item["answered"] = stored["answered"]
        if stored:
            return self._table.putting(item, condition="version = :version", version=stored["version"])
        return self._table.putting(item, condition="attribute_not_exists(pk)")

    def _beginning(self, run: Run, owner: str, one: Begun) -> list[Action]:
        key = keys.delivery(run.tenant, _place_of(run), one.record_id)
        change, mine = "SET answered = :answered", "#owner = :owner"
        noting = self._table.updating(key, change, condition=mine, answered=plain(one.answered), owner=owner)
        linking = [self._linking(run, one.link)] if one.link else []
        return [noting, *linking, *self._trail(run, one)]

    def _settling(self, run: Run, owner: str, one: Settled) -> list[Action]:
        key = keys.delivery(run.tenant, _place_of(run), one.record_id)
        if one.unknown:
            change = "SET #state = :unknown, #until = :zero"
            given_up = self._table.updating(
                key, change, condition="#owner = :owner", unknown="unknown", zero=0, owner=owner
            )
            return [given_up]
        if not one.written:
            change = "SET #state = :released"
            released = self._table.updating(
                key, change, condition="#owner = :owner", released="released", owner=owner
            )
            linking = [self._linking(run, one.link)] if one.link else []
            return [released, *linking, *self._trail(run, one)]
        change = "SET #state = :done, outcome = :outcome, target_id = :target_id"
        actions = [
            self._table.updating(
                key,
                change,
                condition="#owner = :owner",
                done="done",
                outcome=one.outcome.value,
                target_id=one.target_id or "",
                owner=owner,
            )
        ]
        if one.link:
            actions.append(self._linking(run, one.link))
        if one.unlink:
            entity, source_id = one.unlink
            where = (run.tenant, _place_of(run), entity, source_id)
            actions += [self._table.deleting(key(*where)) for key in (keys.former_link, keys.link)]
        return [*actions, *self._trail(run, one)]

    def _linking(self, run: Run, link: Link) -> Action:
        link_key = keys.link(run.tenant, _place_of(run), link.entity, link.source_id)
        return self._table.putting({**link_key, **asdict(link)})

    def _trail(self, run: Run, one: Settled | Begun) -> list[Action]:
        if one.history is None:
            return []
        history_key = keys.history(run.tenant, _place_of(run), one.record_id, run.run_id)
        return [self._table.putting({**history_key, **one.history})]


def _place_of(run: Run) -> str:
    return in_era(run.connection_id, run.era)


def _names(stored: Item | None) -> list[str]:
    """The names under which something may stand; those of what was settled are of no interest."""
    if stored is None or stored["state"] not in ("claimed", "unknown"):
        return []
    return list(stored.get("names", ()))


def _others_at(run: Run, stored: Item | None, lasts: int) -> int | None:
    """When another run claimed this and sent it, by the end of its claim; None if none did.

    Of what was claimed since and not sent, it is as that claim had found it.
    """
    if stored is None or stored["state"] != "done":
        return stored.get("others_at") if stored else None
    return int(stored["until"]) - lasts if stored["run_id"] != run.run_id else None


TAKEN = (Standing.FRESH, Standing.UNKNOWN)


def _standing(stored: Item | None, owner: str, intent: Intent, now: int) -> Claim:
    """What a stored delivery means for one who wants to send."""
    if stored is None or stored["state"] == "released":
        return Claim(Standing.FRESH)
    if stored["state"] == "done":
        if stored["fingerprint"] == intent.fingerprint:
            return Claim(Standing.DONE, stored["target_id"] or None, Outcome(stored["outcome"]))
        return Claim(Standing.FRESH)
    if stored["state"] == "claimed" and stored["owner"] != owner and stored["until"] >= now:
        return Claim(Standing.BUSY, until=int(stored["until"]))
    answered = stored.get("answered")
    return Claim(
        Standing.UNKNOWN,
        owner=stored["owner"],
        answered=convert(answered, Answered) if answered else None,
        told=bool(stored.get("told")),
    )
