"""How many calls writes will take, by system (RUN-11)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.forecast import Load, calls_of, calls_of_plan, made_of, stored, together

pytestmark = pytest.mark.requirement("RUN-11")


def page(index: int, writes: int, **loads: Load) -> dict[str, Any]:
    return {"index": index, "writes": writes, "loads": stored(loads)}


def batch(*parts: tuple[int, int, int]) -> dict[str, Any]:
    return {"slices": [{"page": number, "start": start, "stop": stop} for number, start, stop in parts]}


def nodes(count: int, at_once: int = 500) -> Load:
    return Load("xledger", count, at_once)


@pytest.mark.parametrize(
    ("loads", "calls"),
    [
        ({}, {}),
        ({"new": nodes(0)}, {}),
        ({"new": nodes(1), "changed": nodes(500), "contacts": nodes(501)}, {"xledger": 4}),
        ({"one by one": Load("payroll_plus", 7)}, {"payroll_plus": 7}),
        (
            {"content": Load("payroll_plus", 2), "document": Load("synergy", 2)},
            {"payroll_plus": 2, "synergy": 2},
        ),
    ],
)
def test_what_goes_out_together(loads: dict[str, Load], calls: dict[str, int]) -> None:
    assert calls_of(loads) == calls


# What it is, the pages, the batches, the calls.
PLANS = [
    ("nothing", [], [], {}),
    ("an old page, of before", [{"index": 0, "writes": 3}], [batch((0, 0, 3))], {}),
    (
        "pages that share a batch",
        [page(0, 2, new=nodes(2)), page(1, 3, new=nodes(3))],
        [batch((0, 0, 2), (1, 0, 3))],
        {"xledger": 1},
    ),
    (
        "a page in two batches",
        [page(0, 1000, new=nodes(1000), contacts=nodes(1000))],
        [batch((0, 0, 500)), batch((0, 500, 1000))],
        {"xledger": 4},
    ),
    (
        "a mixed page in two batches",
        [page(0, 1000, new=nodes(500), changed=nodes(500), contacts=nodes(1000))],
        [batch((0, 0, 500)), batch((0, 500, 1000))],
        {"xledger": 6},
    ),
    (
        "one by one, cut anywhere",
        [page(0, 3, parts=Load("payroll_plus", 7))],
        [batch((0, 0, 1)), batch((0, 1, 2)), batch((0, 2, 3))],
        {"payroll_plus": 7},
    ),
    (
        "a page that writes nothing",
        [page(0, 0), page(1, 1, new=nodes(1))],
        [batch((1, 0, 1))],
        {"xledger": 1},
    ),
]


@pytest.mark.parametrize(
    ("pages", "batches", "calls"), [row[1:] for row in PLANS], ids=[row[0] for row in PLANS]
)
def test_what_a_plan_takes(
    pages: list[dict[str, Any]], batches: list[dict[str, Any]], calls: dict[str, int]
) -> None:
    assert calls_of_plan(pages, batches) == calls


def test_what_was_made_and_sums_of_it() -> None:
    assert made_of({"made_xero": 3, "refused_xero": 1, "made_express_leave": 2}) == {
        "xero": 3,
        "express_leave": 2,
    }
    assert together({"xero": 3}, {}, {"xero": 1, "autovu": 5}) == {"xero": 4, "autovu": 5}
