"""All requests of one person, in order: what each writes, given those before it (RQ-4, RQ-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct, field

from payrelay.flows.request_sync import payments, rules
from payrelay.flows.request_sync.payments import Payment, after, cell_of
from payrelay.flows.request_sync.rules import (
    REOPENED,
    Cell,
    Component,
    Item,
    Period,
    Problem,
    Request,
    Value,
)
from payrelay.flows.request_sync.types import VARIABLE_INPUT, RequestType

ZERO = Decimal("0.00")


class PutPayment(Struct, frozen=True, tag="payment"):
    """A payment as it is to stand."""

    payment: Payment


class PutInput(Struct, frozen=True, tag="input"):
    """A variable input as it is to stand: the value of a cell, and between which days it was earned."""

    cell: Cell
    value: Decimal
    start: date
    end: date


class EndRequest(Struct, frozen=True, tag="end"):
    """Another request gets its end in Synergy."""

    hid: int
    day: date


class Process(Struct, frozen=True, tag="process"):
    """The request is set to processed in Synergy."""


Step: TypeAlias = PutPayment | PutInput | EndRequest | Process


class Known(Struct, frozen=True):
    """What was last sent of a request: the value of each cell, and others' ends that may not be there yet."""

    cells: Mapping[Cell, Decimal] = field(default_factory=dict)
    ends: Mapping[int, date] = field(default_factory=dict)


class Office(Struct, frozen=True):
    """What Payroll Plus says of a person, and of all components."""

    periods: tuple[Period, ...]
    payments: tuple[Payment, ...]
    components: Mapping[str, Component]
    dividing_unit: str = ""
    shift: str = ""


class Decision(Struct, frozen=True):
    """What becomes of a request: the steps in their order, or why it is left; `cells` as they stand after it.

    `ends` are the payments that it ends, `note` what is said of one that is written.
    """

    request: Request
    steps: tuple[Step, ...] = ()
    problem: Problem | None = None
    note: Problem | None = None
    ends: tuple[Payment, ...] = ()
    cells: Mapping[Cell, Decimal] = field(default_factory=dict)


def in_order(requests: Iterable[Request]) -> list[Request]:
    """Re-opened ones first, since they make room; then by start, never by number or change (RQ-4)."""
    return sorted(requests, key=lambda one: (one.status != REOPENED, one.start, one.hid))


def decide(
    requests: Sequence[Request],
    office: Office,
    items: Mapping[str, Item],
    known: Mapping[int, Known],
    *,
    by_component: bool,
) -> list[Decision]:
    """What becomes of each request of one person; each sees what those before it leave."""
    there = list(office.payments)
    found = []
    for request in in_order(requests):
        kind = rules.type_of(request)
        if kind is None:
            found.append(Decision(request, problem=Problem("REQUEST_TYPE_UNKNOWN", {"value": request.type})))
            continue
        before = known.get(request.hid, Known())
        if request.status == REOPENED:
            decision = _undone(request, kind, before, office, there)
        else:
            decision = _done(request, kind, before, office, items, there, by_component=by_component)
        there = after(there, [step.payment for step in decision.steps if isinstance(step, PutPayment)])
        found.append(decision)
    return found


def _done(
    request: Request,
    kind: RequestType,
    before: Known,
    office: Office,
    items: Mapping[str, Item],
    there: Sequence[Payment],
    *,
    by_component: bool,
) -> Decision:
    """A realised request: its values, each where it belongs."""
    problem = rules.dates(request, kind)
    if problem:
        return Decision(request, problem=problem)
    values = rules.values_of(request, kind, items.get(request.item), office.components)
    if isinstance(values, Problem):
        return Decision(request, problem=values)
    if kind.is_payment:
        return _paid(request, kind, values[0], before, there, by_component=by_component)
    return _input(request, values, before, office)


def _paid(
    request: Request,
    kind: RequestType,
    value: Value,
    before: Known,
    there: Sequence[Payment],
    *,
    by_component: bool,
) -> Decision:
    placed = payments.placed(request, kind, value, there, by_component=by_component)
    if isinstance(placed, Problem):
        return Decision(request, problem=placed)
    steps: list[Step] = []
    for one in placed.ends:
        steps += [PutPayment(one), *_ended(one)]
    sent = {step.hid for step in steps if isinstance(step, EndRequest)}
    steps += [EndRequest(hid, day) for hid, day in before.ends.items() if hid not in sent]
    steps += [PutPayment(one) for one in placed.leaves]
    if placed.payment not in there:
        steps.append(PutPayment(placed.payment))
    steps.append(Process())
    cells = {cell_of(one): one.amount for one in (*placed.leaves, placed.payment)}
    cells = {**dict.fromkeys(before.cells, ZERO), **cells}
    note = None
    ended = [one for one in placed.ends if one.in_force]
    if ended:
        first = ended[0]
        note = Problem("ENDS_ANOTHER", {"other": first.ref, "until": f"{first.end}"})
    return Decision(request, tuple(steps), None, note, placed.ends, cells)


def _ended(payment: Payment) -> list[Step]:
    """The request that made a payment gets the same end in Synergy."""
    hid = hid_of(payment.ref)
    return [EndRequest(hid, payment.end)] if hid and payment.end and payment.in_force else []


def hid_of(ref: str) -> int:
    """The request that a reference names; 0 for another."""
    text = ref.removeprefix("ESE-")
    return int(text) if ref.startswith("ESE-") and text.isdigit() else 0


def _input(request: Request, values: Sequence[Value], before: Known, office: Office) -> Decision:
    """Variable input: what was sent elsewhere goes to zero first, or nothing moves (RQ-6)."""
    period = rules.period_of(request, office.periods)
    if isinstance(period, Problem):
        return Decision(request, problem=period)
    wanted = {Cell(VARIABLE_INPUT, one.component, period.name): one.value for one in values}
    leaves = [cell for cell, value in before.cells.items() if cell not in wanted and value != 0]
    steps: list[Step] = []
    for cell in sorted(leaves):
        zeroed = _zero(request, cell, office)
        if isinstance(zeroed, Problem):
            return Decision(request, problem=zeroed)
        steps.append(zeroed)
    for cell, value in wanted.items():
        if before.cells.get(cell) != value:
            steps.append(PutInput(cell, value, request.start, request.end or request.start))
    if any(isinstance(step, PutInput) for step in steps):
        missing = _missing(office)
        if missing:
            return Decision(request, problem=missing)
    cells = {**dict.fromkeys(before.cells, ZERO), **wanted}
    return Decision(request, (*steps, Process()), cells=cells)


def _zero(request: Request, cell: Cell, office: Office) -> PutInput | Problem:
    """A cell of this request set to zero; Problem where its period takes nothing any more."""
    period = next((one for one in office.periods if one.name == cell.at), None)
    if period is not None and period.status != rules.OPEN:
        return rules.closed(period, office.periods, held=f", and what {request.hid} sent there still counts")
    start, end = (period.start, period.end) if period else (request.start, request.end or request.start)
    return PutInput(cell, ZERO, start, end)


def _missing(office: Office) -> Problem | None:
    """What variable input must carry and is not there (RQ-7)."""
    if not office.dividing_unit:
        return Problem("ORGANIZATIONAL_ENTITY_MISSING")
    return None if office.shift else Problem("SHIFT_MISSING")


def _undone(
    request: Request, kind: RequestType, before: Known, office: Office, there: Sequence[Payment]
) -> Decision:
    """A re-opened request: what of it goes to zero, and what remains (RQ-6)."""
    if not kind.is_payment:
        steps = []
        for cell in sorted(cell for cell, value in before.cells.items() if value != 0):
            zeroed = _zero(request, cell, office)
            if isinstance(zeroed, Problem):
                return Decision(request, problem=zeroed)
            steps.append(zeroed)
        missing = _missing(office) if steps else None
        if missing:
            return Decision(request, problem=missing)
        return Decision(request, tuple(steps), cells=dict.fromkeys(before.cells, ZERO))
    took_back = payments.undone(request, kind, there)
    if took_back.zeroed:
        writes = tuple(map(PutPayment, took_back.zeroed))
        day = took_back.zeroed[0].start
        none_left = payments.no_wage_from(after(there, took_back.zeroed), day)
        note = Problem("NO_WAGE_IN_FORCE", {"start": f"{day}"}) if none_left else None
        cells = {**before.cells, **{cell_of(one): ZERO for one in took_back.zeroed}}
        return Decision(request, writes, note=note, cells=cells)
    if took_back.stays:
        one = took_back.stays[0]
        until = f" to {one.end}" if one.end else ""
        scale = ", by the salary scale" if request.salary_scale else ""
        what = f"{one.component} from {one.start}{until}{scale}"
        return Decision(request, note=Problem("PAYMENT_REMAINS", {"what": what}), cells=before.cells)
    return Decision(request, cells=before.cells)
