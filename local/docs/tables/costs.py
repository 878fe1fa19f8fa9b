"""Tables of `docs/costs.md`, made from the model of `local/costs/`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from local.costs import standing
from local.costs.cases import (
    CASES,
    THOUSAND,
    USUAL,
    Bill,
    Case,
    Daily,
    a_run,
    bill,
    month,
)
from local.costs.flows import SHAPES, Size
from local.costs.prices import DATE, PRICES, REGION
from local.costs.work import times
from local.docs.markdown import code, table

LEAST = 0.005


def cases() -> str:
    """The bill of each case, line by line."""
    bills = [bill(month(case)) for case in CASES]
    lines = list(dict.fromkeys(price.line for price in PRICES.values()))
    rows = [[line, *(_dollars(one.lines.get(line, 0)) for one in bills)] for line in lines]
    rows += [
        ["**by the list**", *(_bold(one.listed) for one in bills)],
        ["free in every account, for ever", *(_dollars(-one.given) for one in bills)],
        ["**to pay**", *(_bold(one.paid) for one in bills)],
        [
            "of it the secrets, one a connection",
            *(_dollars(_kept(case)) for case in CASES),
        ],
        ["**all else**", *(_bold(_else(case, one)) for case, one in zip(CASES, bills, strict=True))],
    ]
    return table(["dollars a month", *(case.name for case in CASES)], rows)


def by_flow() -> str:
    """What each flow adds for one tenant, beside its connection's secret."""
    rows = []
    for one in USUAL:
        amounts = times(one.runs, a_run(one))
        rows.append(
            [
                code(one.flow),
                _words(one),
                f"{amounts['transitions']:,.0f}",
                f"{amounts['reads']:,.0f}",
                f"{amounts['writes']:,.0f}",
                f"{amounts['lambda_gb_seconds']:,.0f}",
                f"{1000 * bill(amounts).listed:,.0f}",
            ]
        )
    head = [
        "flow",
        "in a month",
        "transitions",
        "read units",
        "write units",
        "GB-seconds",
        "dollars for 1,000 tenants",
    ]
    return table(head, rows)


def a_run_by_size() -> str:
    """One run of the employee export at several sizes."""
    rows = []
    for employees, share, short in (
        (250, 0, False),
        (250, 0.01, False),
        (250, 1, False),
        (10_000, 0.01, True),
        (100_000, 0, True),
        (100_000, 0, False),
        (100_000, 0.01, True),
        (100_000, 0.01, False),
        (100_000, 1, False),
    ):
        size = Size(employees, math.ceil(employees * share), seconds=0, short=short)
        shape, amounts = SHAPES["employee_export"], a_run(Daily("employee_export", size))
        rows.append(
            [
                f"{employees:,}",
                f"{share:.0%}",
                "what moved" if short else "all",
                f"{shape.pages(size):,} and {shape.batches(size):,}",
                f"{amounts['transitions']:,.0f}",
                f"{amounts['reads']:,.0f}",
                f"{amounts['writes']:,.0f}",
                f"{100 * bill(amounts).listed:.2f}",
            ]
        )
    head = ["employees", "changed", "compared", "pages and batches", "transitions"]
    head += ["read units", "write units", "cents"]
    return table(head, rows)


def what_moves_it() -> str:
    """What a change of the thousand tenants does to their bill."""
    export = THOUSAND.flows[0]
    before = bill(month(THOUSAND)).paid
    more = replace(export, size=replace(export.size, changed=25))
    others: list[tuple[str, Case]] = [
        (
            "each app calls 34 times a day instead of 24",
            replace(THOUSAND, calls_a_day=THOUSAND.calls_a_day + 10),
        ),
        ("each app calls 100 times a day", replace(THOUSAND, calls_a_day=100)),
        ("three people of each tenant open the console ten times a day", replace(THOUSAND, visits_a_day=10)),
        ("one in ten employees changes every day", replace(THOUSAND, flows=(more,))),
        ("the export runs every hour", replace(THOUSAND, flows=(replace(export, runs=24 * 30),))),
        ("ten people more of each tenant sign in", replace(THOUSAND, people=THOUSAND.people + 10)),
        ("from the third year on, by the rotated key", replace(THOUSAND, year=3)),
        ("ten times as many tenants", replace(THOUSAND, tenants=10 * THOUSAND.tenants)),
    ]
    rows = [[what, f"{bill(month(case)).paid - before:+,.0f}"] for what, case in others]
    return table(["if", "dollars a month"], rows)


def prices() -> str:
    """Every price, with its unit and what is free for ever."""
    rows = [
        [one.line, one.unit, f"{one.dollars:g} for {one.units:,.0f}", f"{one.free:,.0f}" if one.free else ""]
        for one in PRICES.values()
    ]
    return table(["line", "unit", f"dollars, {REGION}, {DATE}", "free a month, for ever"], rows)


def resources() -> str:
    """Every type of resource of the template: what is billed for it, or why nothing is."""
    rows = []
    for kind, count in sorted(standing.types().items()):
        billed = ", ".join(
            PRICES[name].unit.split(",")[0].split(";")[0] for name in standing.BILLED.get(kind, ())
        )
        rows.append([code(kind), f"{count}", billed, standing.FREE.get(kind, "")])
    made = ", ".join(PRICES[name].unit.split(",")[0] for name in standing.BY_THE_CODE)
    rows.append(["made by the code", "", made, ""])
    return table(["resource", "there are", "billed", "nothing, because"], rows)


def _kept(case: Case) -> float:
    return PRICES["secrets"].of(month(case)["secrets"])


def _else(case: Case, one: Bill) -> float:
    return one.paid - _kept(case)


def _words(one: Daily) -> str:
    return ", ".join(_parts(one))


def _parts(one: Daily) -> Iterator[str]:
    yield f"{one.runs:g} runs"
    if one.flow in SHAPES and one.size.rows > one.size.changed:
        yield f"{one.size.rows:,} looked at"
    yield f"{one.size.changed:,} written"


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}" if abs(amount) >= LEAST else ""


def _bold(amount: float) -> str:
    return f"**{amount:,.2f}**"
