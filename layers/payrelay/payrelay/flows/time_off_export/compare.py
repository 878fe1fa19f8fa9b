"""One employee's absences on both sides: what differs, and what is to be withdrawn (TO-1)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from payrelay.domain.records import Change, Outcome, Reason, Record
from payrelay.flows.time_off_export import records, rules
from payrelay.flows.time_off_export.earlier import differences
from payrelay.flows.time_off_export.matched import (
    FIELDS,
    Matched,
    Person,
    Wanted,
    beyond,
    days_in,
    reaches_beyond,
    values_of,
    withdrawal,
    write_of,
)
from payrelay.flows.time_off_export.reasons import reason
from payrelay.flows.time_off_export.records import ENTITY, blocked, key_of, label_of
from payrelay.flows.time_off_export.rules import AND, Absence, Held, Scope, Written


def match(person: Person, leave: Wanted, scope: Scope, *, withdraws: bool) -> Matched:
    """Compare one employee's wanted absences with those in Xledger.

    One of ours that nothing is wanted for is withdrawn if `withdraws`, unless its leave is stuck. An
    absence entered by hand is never touched: an equal one counts as done, one that overlaps blocks ours.
    """
    own = [(one, one.ours) for one in person.own if one.ours]
    due = [one for one, ours in own if scope.is_about(ours) and not leave.is_stuck(ours.parent)]
    found = Matched(linked=[one.db_id for one, _ in own])
    pairs, left = rules.pairs(leave.absences, due, person.held, person.record, scope.period)
    if person.refusal:
        found.records += _refused(person, person.refusal, leave.absences, left)
        return found
    kept: list[Held] = []
    if withdraws:
        paired = {held.db_id for _, held in pairs if held}
        kept = _reaching_in(person, paired, leave, scope, found)
    there = {parent for absence, held in pairs if held for parent in absence.parents}
    # Those that are there come first: of two leaves on the same days, the one that was exported stays.
    for absence, held in sorted(pairs, key=lambda pair: pair[1] is None):
        key = f"{key_of(absence, person.number)}-{absence.parent}"
        why = leave.collision(absence, is_there=held is not None, there=there)
        in_the_way = next((one for one in kept if _meets(absence, one)), None)
        if in_the_way:
            why = reaches_beyond(key, in_the_way, leave.who)
        if why:
            found.records.append(blocked(key, absence.source_id, why))
            continue
        _compare(person, absence, held, scope, leave, found)
    if withdraws:
        _withdraw(left, person, leave, scope, found)
        handled = {write.target_id for write in found.writes} | {one.db_id for one in kept}
        found.records += _earlier(person, leave, scope, handled)
    return found


def _withdraw(left: Iterable[Held], person: Person, leave: Wanted, scope: Scope, found: Matched) -> None:
    """Take back what nothing is wanted for; what goes on after the period is another export's."""
    keys = {write.record.key for write in found.writes}
    gone = []
    for one in left:
        if one.ours is None or leave.collides(one.ours.parent):
            continue
        if one.end > scope.period.end:
            found.records.append(beyond(one, one.ours, person.number, leave.who))
            continue
        write = withdrawal(one, one.ours, person.number, leave.who, keys)
        if leave.still_has(one.ours.parent):
            named = f"{one.ours.parent} ({one.text})" if one.text else one.ours.parent
            why = reason("NO_LONGER_IN_LEAVE", label=write.record.label, who=leave.who, leave=named)
            write = replace(write, record=replace(write.record, reason=why))
        gone.append(write)
    found.writes[:0] = gone


def _reaching_in(
    person: Person, paired: Container[str], leave: Wanted, scope: Scope, found: Matched
) -> list[Held]:
    """What began before the period and goes on in it, where nothing is wanted: it is shortened, or told of.

    Those that are only told of are left in Xledger, and stand in the way of others.
    """
    kept = []
    for row in person.own:
        ours = row.ours
        if ours is None or row.db_id in paired or row.end < scope.period.start:
            continue
        if not scope.reaches_in(ours) or leave.is_stuck(ours.parent):
            continue
        days = [
            day.day
            for day in leave.days
            if (day.parent, day.code, day.extent) == (ours.parent, row.code, row.extent)
            and row.start <= day.day < scope.period.start
        ]
        if not days or min(days) != row.start or row.end > scope.period.end:
            kept.append(row)
            found.records.append(beyond(row, ours, person.number, leave.who))
            continue
        absence = Absence(
            ours.employee,
            ours.parent,
            ours.code,
            row.start,
            max(days),
            row.extent or Decimal(),
            row.text or "",
        )
        key = key_of(absence, person.number)
        values = {"label": label_of(key), "who": leave.who, "end": row.end, "new_end": absence.end}
        change = Change("toDate", row.end.isoformat(), absence.end.isoformat())
        why = reason("SHORTENED_BEFORE_PERIOD", **values)
        record = Record(ENTITY, key, label_of(key), Outcome.UPDATED, absence.source_id, why, (change,))
        found.writes.append(write_of(absence, record, values_of(absence, person.number), row, person))
    return kept


def _earlier(person: Person, leave: Wanted, scope: Scope, handled: Container[str | None]) -> list[Record]:
    """What differs in months that were exported before; nothing of it is written."""
    window = scope.before
    if window is None:
        return []
    rows: list[Held] = []
    said: dict[str, Record] = {}
    for row in person.held:
        ours = row.ours if row.db_id not in handled else None
        if ours and ours.employee == person.record and scope.takes(ours.code, person.number):
            unsure = [one for one in ours.parent.split(AND) if one in leave.unsure]
            if row.start <= window.end and row.end >= window.start:
                said |= {one: leave.unsure[one] for one in unsure}
            if unsure or leave.is_stuck(ours.parent):
                ours = None
        elif ours:
            ours = None
        rows.append(replace(row, ours=ours))
    found = [
        records.earlier(one, person.record, person.number, leave.who)
        for one in differences(leave.days, rows, leave.worked, window, leave.exported)
    ]
    return [*said.values(), *found]


def _refused(person: Person, why: Reason, wanted: Sequence[Absence], left: Sequence[Held]) -> list[Record]:
    """A record for each absence that would be compared or withdrawn, if Xledger's could be read."""
    found: dict[str, Record] = {}
    named: list[Absence | Written] = [*wanted, *(held.ours for held in left if held.ours)]
    for one in named:
        key = key_of(one, person.number)
        key = f"{key}-{one.parent}" if key in found else key
        found[key] = blocked(key, one.source_id, why)
    return list(found.values())


def _compare(
    person: Person, absence: Absence, held: Held | None, scope: Scope, leave: Wanted, found: Matched
) -> None:
    """Put one absence where it belongs: among the unchanged ones, the records or the writes."""
    whole: Absence | None = absence
    if held and held.ours:
        whole = rules.whole(absence, held.ours, scope.period, leave.worked)
        if whole is None:
            key = key_of(absence, person.number)
            found.records.append(blocked(key, absence.source_id, reaches_beyond(key, held, leave.who)))
            return
    whole = whole or absence
    key = key_of(whole, person.number)
    want = values_of(whole, person.number)
    others = [one for one in person.held if one.ours is None and _meets(whole, one)]
    there = held or next((one for one in others if values_of(one, person.number) == want), None)
    have = values_of(there, person.number) if there else dict.fromkeys(FIELDS)
    changes = tuple(Change(n, have[n], want[n]) for n in FIELDS if have[n] != want[n])
    if there:
        found.at_target[f"{ENTITY}:{key}"] = there.db_id
        found.linked.append(there.db_id)
    if not changes:
        found.unchanged.append(whole.source_id)
    elif others:
        values = {"label": label_of(key), "who": leave.who, "value": days_in(others[0])}
        why = reason("OVERLAPS_OTHER_ABSENCE", **values)
        found.records.append(blocked(key, whole.source_id, why))
    else:
        said = leave.cuts.get(absence.source_id) if whole == absence else None
        record = Record(
            ENTITY,
            key,
            label_of(key),
            Outcome.UPDATED if held else Outcome.CREATED,
            whole.source_id,
            said,
            changes,
        )
        found.writes.append(write_of(whole, record, want, held, person))


def _meets(absence: Absence, held: Held) -> bool:
    return held.code == absence.code and absence.overlaps(held.start, held.end)
