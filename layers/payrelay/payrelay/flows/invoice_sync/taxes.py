"""Which tax code of the package a line goes with: by its selector, its own tax, and its day (IN-3, IN-11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from payrelay.domain.invoices import Document, Line, TaxCode
from payrelay.domain.records import Reason
from payrelay.domain.spelling import ENTRY, folded
from payrelay.flows.invoice_sync.reasons import reason

_CENT = Decimal("0.01")
# What stands for tax codes that may be named, where there is none.
NO_CODE = "(there is none yet: make it in {package} first)"
# What is wrong with the tax code of a line, told after the checks of the source document.
UNSURE = frozenset({"TAX_CODE_UNKNOWN", "TAX_CODE_AMBIGUOUS", "TAX_NOT_OF_RATE"})


class Meant(Struct, frozen=True):
    """What the settings say of a selector: the package's codes by name or id, or else a rate in per cent."""

    selector: str
    names: tuple[str, ...] = ()
    rate: Decimal | None = None


class Codes(Struct, frozen=True):
    """The tax codes of a package, which is named for people."""

    package: str
    all: Sequence[TaxCode]

    def for_kind(self, document: Document) -> list[TaxCode]:
        """Those that may stand on a document, on its day."""
        side, day = document.kind.side, document.date
        return [one for one in self.all if side in one.sides and one.rate_on(day) is not None]


def code_of(line: Line, meant: Meant, document: Document, codes: Codes) -> TaxCode | Reason | None:
    """The tax code of a line, why it is not sure, or None where the package has none of such a rate.

    The line's own tax decides: rates change, and a line has the one of its day.
    """
    usable, day = codes.for_kind(document), document.date
    peers = [one for one in document.lines if one.tax_code == line.tax_code] or [line]
    fitting = [one for one in usable if fits(line, peers, _rate(one, day))]
    if meant.names:
        named = [one for one in usable if is_named(one, meant.names)]
        if not named:
            return _unknown(line, meant, document, codes, usable)
        return _chosen(line, meant, document, codes, named, [one for one in named if one in fitting])
    of_rate = [one for one in usable if one.rate_on(day) == meant.rate]
    if of_rate and of_rate[0] in fitting:
        return _chosen(line, meant, document, codes, of_rate, of_rate)
    # From nothing to something is no change of a rate.
    others = [one for one in fitting if _rate(one, day) and meant.rate and line.net]
    if not of_rate and not others:
        return None
    return _chosen(line, meant, document, codes, of_rate, others)


def fits(line: Line, peers: Sequence[Line], rate: Decimal) -> bool:
    """Whether a line's own tax is that of a rate, but for rounding: a cent for each line of its tax code.

    Some work tax out line by line, some once for all lines, and put what is left on one of them.
    """
    room = _CENT * len(peers)
    off = [one.tax - one.net * rate / 100 for one in peers]
    mine = abs(line.tax - line.net * rate / 100)
    return mine <= _CENT or (mine <= room and abs(sum(off, Decimal())) <= room)


def is_named(code: TaxCode, names: Iterable[str]) -> bool:
    """Whether one of these is the id or the name of a tax code."""
    called = folded(code.name, ENTRY)
    return any(name == code.id or folded(name, ENTRY) == called for name in names)


def shown(codes: Iterable[TaxCode]) -> str:
    """`20.0% S (3), Exempt (5)`: names as people see them, with ids."""
    return ", ".join(dict.fromkeys(f"{one.name} ({one.id})" for one in codes))


def _chosen(
    line: Line,
    meant: Meant,
    document: Document,
    codes: Codes,
    named: Sequence[TaxCode],
    fitting: Sequence[TaxCode],
) -> TaxCode | Reason:
    day = document.date
    where = {"line": line.line_no, "label": document.label, "selector": meant.selector}
    if len({one.id for one in fitting}) == 1:
        return fitting[0]
    if fitting:
        values = {"package": codes.package, "rate": plain(_rate(fitting[0], day))}
        return reason("TAX_CODE_AMBIGUOUS", **where, **values, candidates=shown(fitting))
    code = named[0]
    expected = (line.net * _rate(code, day) / 100).quantize(_CENT, ROUND_HALF_UP)
    amounts = {"net": line.net, "tax": line.tax, "expected": expected, "rate": plain(_rate(code, day))}
    return reason(
        "TAX_NOT_OF_RATE", **where, **amounts, name=code.name, package=codes.package, date=day.isoformat()
    )


def _unknown(line: Line, meant: Meant, document: Document, codes: Codes, usable: Sequence[TaxCode]) -> Reason:
    return reason(
        "TAX_CODE_UNKNOWN",
        line=line.line_no,
        label=document.label,
        selector=meant.selector,
        names=" or ".join(meant.names),
        package=codes.package,
        kind=document.kind.label.lower(),
        candidates=shown(usable) or NO_CODE.format(package=codes.package),
    )


def _rate(code: TaxCode, day: date) -> Decimal:
    rate = code.rate_on(day)
    if rate is None:
        raise ValueError(f"{code.name} has no rate on {day}")
    return rate


def plain(rate: Decimal) -> str:
    """A rate without zeros at its end: `20`, `17.5`."""
    return f"{rate.normalize():f}"
