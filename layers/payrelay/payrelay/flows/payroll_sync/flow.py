"""People of Exact Synergy to Exact Payroll Plus: what moved is read (RUN-11), what changed written (PE-9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from msgspec import UNSET
from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.groups import in_groups
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.exact import ZONE, ExactSystems, seen_of, today_of
from payrelay.flows.flow import Flow
from payrelay.flows.last_run import standing_of, unfinished
from payrelay.flows.opening import Container, hash_key
from payrelay.flows.payroll_sync import deliver, facts, mapping, records
from payrelay.flows.payroll_sync.compare import Comparer, Equal, Payload
from payrelay.flows.payroll_sync.drift import Drift
from payrelay.flows.payroll_sync.facts import DETAILS, NATIONAL, Facts
from payrelay.flows.payroll_sync.listing import Lister, listing_of, there_name
from payrelay.flows.payroll_sync.read import People, Rows, account_of, in_payroll, people
from payrelay.flows.payroll_sync.reasons import reason
from payrelay.flows.payroll_sync.records import ENTITY, label_of, record_of
from payrelay.flows.payroll_sync.rules import RECONCILE_DAY, ROLE
from payrelay.flows.payroll_sync.there import TheirRows
from payrelay.flows.payroll_sync.wanted import Said, Wanted, is_as_sent
from payrelay.systems.payroll_plus.client import SYSTEM as PAYROLL
from payrelay.systems.synergy.cards import Card
from payrelay.systems.synergy.odata import AT_ONCE
from payrelay.systems.synergy.odata import SYSTEM as SYNERGY

NUMBERS = "national"


class PayrollSync(Flow, frozen=True):
    """The flow over one connection; `key` keys digests, and a day begins in `zone`.

    From the `reconcile_day` of a month on a scheduled run compares everybody; None: none does so by itself.
    """

    sides: ExactSystems
    key: bytes
    zone: str
    reconcile_day: int | None
    name: ClassVar[str] = "payroll_sync"
    payload: ClassVar[type[Payload]] = Payload
    batch_size: ClassVar[int] = 100
    pages_at_once: ClassVar[int] = 1

    @property
    def at_once(self) -> int | None:
        """A few at a time: at the vendor's pace a whole batch takes a minute."""
        return 10

    # --- who is looked at --------------------------------------------------------------------------------

    def pages(self, run: Run) -> Listing:
        """Pages of those of whom something moved, or of everybody who is, or was, an employee of payroll."""
        members = self.sides.synergy.members(ROLE)
        asked = run.options.get("employees")
        if asked or run.only is not None:
            return listing_of(sorted(set(map(int, asked or ()))), members, {}, moved_only=True, full=None)
        last = standing_of(self)
        # What the last run left is looked at, and compared, until somebody has mended it.
        left = frozenset(int(record.key) for record in unfinished(self, last) if record.key.isdigit())
        lister = Lister(self.sides, self.ledger, run, self.key, self.zone, self.reconcile_day, last, left)
        return lister.listing(members)

    def _with_role(self, numbers: Sequence[int]) -> list[int]:
        """Who of these has the role as things are now; the list of all who have it grows with the company."""
        return [one for one, roles in self.sides.synergy.roles_of_all(numbers).items() if ROLE in roles]

    # --- planning ----------------------------------------------------------------------------------------

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read a page's persons, and of those of whom something changed what payroll has."""
        listed = context["ids"]
        numbers = [int(one) for one in page.ids] or listed[page.offset : page.offset + page.limit]
        links = self.ledger.links.get(*self.connection_key, ENTITY, map(str, numbers))
        is_kept = bool(context.get("kept")) and not page.ids
        rows = self.ledger.plans.read(run, page.index, Rows) if is_kept else None
        sent = {int(one): Facts.of(link) for one, link in links.items()}
        found = people(self.sides, numbers, rows, sent)
        members = context["members"] if not page.ids else self._with_role(numbers)
        comparer = self._comparer(run, members)
        said: list[Record] = []
        wanted: list[Wanted] = []
        relearnt: list[Link] = []
        unchanged = 0
        everything = bool(context.get("reconciles") or run.options.get("employees") or page.ids)
        afresh, drift = frozenset(context.get("afresh", ())), Drift()
        there = self._listed(run, page, context)
        for number in numbers:
            one = self._wanted(comparer, number, found, links.get(str(number)))
            if isinstance(one, Record):
                said.append(one)
            elif not everything and number not in afresh and _needs_nothing(one, links.get(str(number))):
                unchanged += 1
                relearnt += _relearnt(one, links[one.number])
            else:
                wanted.append(one)
        doubles = self._doubles(wanted, links)
        said += doubles.values()
        writes: list[Write[Payload]] = []
        confirmed: list[Link] = []
        for one in wanted:
            if one.card.id in doubles:
                continue
            link = links.get(one.number)
            result = self._compared(comparer, one, link, there.get(one.card.id))
            drift.look(one, link, result)
            if isinstance(result, Record):
                said.append(result)
            elif isinstance(result, Write):
                writes.append(result)
            else:
                unchanged += result.said is None
                said += [result.said] if result.said else []
                kept = {**result.facts, facts.WRITTEN: link.facts.get(facts.WRITTEN, "") if link else ""}
                confirmed.append(Link(ENTITY, one.number, one.number, one.number, one.digests, kept))
        if run.mode is Mode.SYNC and (confirmed or relearnt):
            self._keep([*confirmed, *relearnt])
        counted = 0 if page.ids else drift.count(self.sides, context)
        seen = seen_of(page, listed)
        return PlannedPage(page.index, unchanged, tuple(said), tuple(writes), seen, drift=counted)

    def _listed(self, run: Run, page: Page, context: Mapping[str, Any]) -> Mapping[int, Any]:
        """The rows of people of a page that the lists of Payroll Plus have shown, by person."""
        if page.ids or page.index not in context.get("there", ()):
            return {}
        found = self.ledger.plans.kept(run, there_name(page.index), TheirRows)
        return found.by_person() if found else {}

    def _wanted(self, comparer: Comparer, number: int, found: People, link: Link | None) -> Wanted | Record:
        bad = found.bad.get(number) or found.bad.get(0)
        card = found.cards.get(number)
        if bad and (card is None or number in found.bad):
            return records.unreadable(replace(bad, id=str(number)))
        if card is None:
            return self._gone(number, link)
        bank = account_of(found.accounts.get(number, []))
        one = comparer.wanted(card, found.contracts.get(number, []), bank, link)
        if isinstance(one, Said):
            return one.record
        return one

    @staticmethod
    def _gone(number: int, link: Link | None) -> Record:
        """Somebody who has no card any more, or never had one: nothing is deleted (PE-9)."""
        if link is None:
            return record_of(number, Outcome.BLOCKED, reason("PERSON_NOT_FOUND", label=label_of(number)))
        return record_of(number, Outcome.SKIPPED, reason("GONE_FROM_SYNERGY", label=label_of(number)))

    def _compared(
        self, comparer: Comparer, one: Wanted, link: Link | None, listed: Any
    ) -> Write[Payload] | Record | Equal:
        state = Facts.of(link).state if link else ""
        return comparer.compare(one, in_payroll(self.sides, one.card.id, state, listed), link)

    def _doubles(self, wanted: Sequence[Wanted], links: Mapping[str, Link]) -> dict[int, Record]:
        """Those whose social security number somebody else has: within the page, or who was sent before."""
        digests = {one.card.id: one.digests[NATIONAL] for one in wanted}
        given = {text for text in digests.values() if text}
        owners = {
            text: int(link.key)
            for text, link in self.ledger.links.get(*self.connection_key, NUMBERS, given).items()
        }
        cards = {one.card.id: one.card for one in wanted}
        found: dict[int, Record] = {}
        for one in sorted(wanted, key=lambda other: (other.number not in links, other.card.id)):
            text = digests[one.card.id]
            owner = owners.setdefault(text, one.card.id) if text else one.card.id
            double = self._double(one.card, owner, cards, text) if owner != one.card.id else None
            if double:
                found[one.card.id] = double
            elif text:
                owners[text] = one.card.id
        return found

    def _double(self, card: Card, owner: int, cards: Mapping[int, Card], text: str) -> Record | None:
        """The record of somebody whose number another has, or had under an ID that is gone.

        Whoever had it and was given another has it no more.
        """
        other = cards.get(owner)
        if other is None:
            there = self.sides.synergy.cards.of([owner]).take([])
            other = there[0] if there else None
        if other is None:
            values = {"label": records.named(card), "other": label_of(owner), "number": str(owner)}
            return record_of(card.id, Outcome.BLOCKED, reason("RESOURCE_RECODED", **values))
        if not _has_number(other, text, self.key):
            return None
        values = {"label": records.named(card), "other": records.beside(other)}
        return record_of(card.id, Outcome.BLOCKED, reason("SAME_SOCIAL_SECURITY_NUMBER", **values))

    # --- writing -----------------------------------------------------------------------------------------

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Each person in the contract's order: details, employments, bank."""
        del run
        self._note(writes)
        payroll = self.sides.payroll
        return deliver.deliver(payroll.employees, writes, payroll.server_time)

    def _note(self, writes: Sequence[Write[Payload]]) -> None:
        """Note what may be sent from now on of those who were sent before: a run that dies does not tell."""
        links = self.ledger.links.get(*self.connection_key, ENTITY, [one.record.key for one in writes])
        noted = [
            replace(links[key], digests={**links[key].digests, facts.SENDING: one.digests[facts.ALL]})
            for one in writes
            if (key := one.record.key) in links
        ]
        if noted:
            self.ledger.links.put_many(*self.connection_key, noted)

    def ended(self, run: Run, writes: Sequence[Write[Payload]], found: Sequence[Record]) -> None:
        """Keep whose social security number it is, so that nobody else is sent with it."""
        del run
        written = {one.key for one in found if one.outcome in (Outcome.CREATED, Outcome.UPDATED)}
        owners = [
            Link(NUMBERS, write.payload.national, write.record.key, write.record.key)
            for write in writes
            if write.record.key in written and write.payload and write.payload.national
        ]
        if owners:
            self.ledger.links.put_many(*self.connection_key, owners)

    def _keep(self, links: Sequence[Link]) -> None:
        """Keep what is known of people who are equal: what was last sent is what they have."""
        owners = [
            Link(NUMBERS, one.digests[NATIONAL], one.key, one.key) for one in links if one.digests[NATIONAL]
        ]
        for group in in_groups([*links, *owners], 50):
            self.ledger.links.put_many(*self.connection_key, list(group))

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The parts of each person, which Payroll Plus takes one by one."""
        return deliver.loads(writes)

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """Cards, contracts, accounts and roles by forties; and what payroll has of each person."""
        known = sum(write.target_id is not None for write in writes)
        lists = ("cards", "contracts", "accounts", "roles")
        return {
            **{name: Load(SYNERGY, len(writes), AT_ONCE) for name in lists},
            "in payroll": Load(PAYROLL, 2 * len(writes) + known),
        }

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then one person: each condition by itself, what was sent, and what waits."""
        from payrelay.flows.payroll_sync import diagnose  # noqa: PLC0415  (no step of a run needs it)

        links = self.ledger.links.get(*self.connection_key, ENTITY, [key] if key else [])
        return diagnose.checks(self.sides, self._comparer(None, ()), key, links.get(key or ""))

    def _comparer(self, run: Run | None, members: Iterable[int]) -> Comparer:
        return Comparer(self.key, ZoneInfo(self.zone), today_of(run, self.zone), frozenset(members))


def _has_number(card: Card, text: str, key: bytes) -> bool:
    """Whether a person still has the social security number of this digest; one that can't be seen stays."""
    try:
        number = mapping.national(card)
    except mapping.ValueProblem:
        return False
    return number is UNSET or (number is not None and facts.digest(number, key) == text)


def _needs_nothing(one: Wanted, link: Link | None) -> bool:
    """Whether all of a person is what was last sent, and nothing waits, so that payroll need not be asked."""
    return link is not None and not Facts.of(link).waits and is_as_sent(one, link)


def _relearnt(one: Wanted, link: Link) -> list[Link]:
    """The link of somebody who has what was last sent, if it does not say yet what payroll tells of that."""
    if link.digests.get(DETAILS) == one.digests[DETAILS]:
        return []
    return [replace(link, digests={**link.digests, DETAILS: one.digests[DETAILS]})]


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> PayrollSync:
    """The flow over one connection, with its stored credentials."""
    return PayrollSync(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        sides=ExactSystems(lambda system: container.client_of(tenant, connection_id, settings, system)),
        key=hash_key(container, "payroll_sync", tenant, connection_id),
        zone=settings.get("time_zone", ZONE),
        reconcile_day=settings.get("reconcile_day", RECONCILE_DAY),
    )
