"""The bill of whole installations, and that nothing of the template is forgotten in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local.costs import standing
from local.costs.cases import CASES, IDLE, LARGE, LATER, ONE, THOUSAND, Case, a_run, bill, month
from local.costs.machines import auto, sync
from local.costs.prices import PRICES
from local.costs.units import Weighed, bytes_of, write_units


def test_every_type_of_resource_is_billed_or_free_for_a_reason() -> None:
    """Another type of resource must be thought of (aws 11)."""
    known = {**standing.BILLED, **standing.FREE}
    assert standing.types().keys() == known.keys()
    assert not standing.BILLED.keys() & standing.FREE.keys()


def test_every_price_is_of_a_resource_or_of_what_the_code_makes() -> None:
    used = {name for names in standing.BILLED.values() for name in names} | set(standing.BY_THE_CODE)
    assert used == PRICES.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_month_is_of_known_prices_alone(case: Case) -> None:
    amounts = month(case)
    assert amounts.keys() <= PRICES.keys()
    assert all(amount >= 0 for amount in amounts.values())


@pytest.mark.parametrize("case", [IDLE, LATER], ids=lambda case: case.name)
def test_idle_costs_at_most_five_dollars(case: Case) -> None:
    assert bill(month(case)).paid <= 5


def test_a_thousand_tenants_cost_at_most_sixty_dollars_beside_the_secrets_of_their_connections() -> None:
    """(aws 11, 12): what is entered is kept as secrets (CON-3), and is a line of its own."""
    amounts = month(THOUSAND)
    secrets = PRICES["secrets"].of(amounts["secrets"])
    assert amounts["secrets"] == THOUSAND.tenants
    assert bill(amounts).paid - secrets <= 60
    # An app is no client of the pool.
    assert amounts["app_clients"] == 0


def test_what_people_look_at_in_the_console_are_calls_of_the_api() -> None:
    """The page itself is one more call for each visit; its files are kept by the browser."""
    visited, before = month(replace(THOUSAND, visits_a_day=1)), month(THOUSAND)
    visits = 1000 * THOUSAND.people * 30
    assert visited["api_requests"] - before["api_requests"] == visits * 21
    assert not standing.is_traced("Console")
    assert visited["traces"] == before["traces"]


def test_a_tenant_adds_its_secret_and_some_cents() -> None:
    beside = bill(month(ONE)).paid - bill(month(IDLE)).paid - PRICES["secrets"].dollars
    assert 0 < beside < 0.5
    large = bill(month(LARGE)).paid - bill(month(IDLE)).paid
    assert large < 3


def test_the_api_keeps_no_traces_of_its_own() -> None:
    """One a second would be kept of the calls of a thousand tenants."""
    assert not standing.is_traced("ApiFunction")
    assert standing.is_traced("OpenRun")
    assert month(THOUSAND)["traces"] < 4 * THOUSAND.tenants * 30


def test_a_bill_grows_with_what_is_done() -> None:
    export = THOUSAND.flows[0]
    runs = replace(THOUSAND, flows=(replace(export, runs=2 * export.runs),))
    more = replace(THOUSAND, flows=(replace(export, size=replace(export.size, changed=250)),))
    assert bill(month(runs)).paid > bill(month(THOUSAND)).paid + 10
    assert bill(month(more)).paid > bill(month(THOUSAND)).paid + 10
    assert a_run(export, cold=True)["lambda_gb_seconds"] > 2 * a_run(export)["lambda_gb_seconds"]


def test_transitions_are_those_of_the_state_machines() -> None:
    machine = sync()
    assert machine.transitions(2, 1) - machine.transitions(1, 1) == machine.page
    assert machine.calls(1, 1) - machine.calls(1, 0) == 1
    assert auto(3)[0] - auto(2)[0] == auto(2)[0] - auto(1)[0] > 0


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": "a", "n": 12}, 3 + 1 + 2),
        ({"pk": "ø"}, 2 + 2),
        ({"b": b"123", "t": True}, 1 + 3 + 1 + 1),
        ({"l": ["ab", 1]}, 1 + 3 + (1 + 2) + (1 + 2)),
        ({"m": {"x": "y"}}, 1 + 3 + (1 + 1 + 1)),
    ],
)
def test_the_bytes_of_an_item_are_counted_as_dynamodb_does(item: dict[str, object], size: int) -> None:
    assert bytes_of(item) == size


def test_units_of_a_write_are_doubled_by_a_transaction_and_followed_by_each_index() -> None:
    plain = {"pk": "a", "sk": "b", "text": "x" * 1500}
    listed = {**plain, "by_time_pk": "l", "by_time_sk": "1"}
    assert write_units("PutItem", None, plain) == 2
    assert write_units("TransactWriteItems", None, plain) == 4
    assert write_units("PutItem", None, listed) == 2 + 2
    assert write_units("UpdateItem", listed, {**listed, "text": "y"}) == 2 + 2
    assert write_units("PutItem", listed, listed) == 2
    moved = {**listed, "by_time_sk": "2"}
    assert write_units("UpdateItem", listed, moved) == 2 + 2 + 2
    assert write_units("DeleteItem", listed, None) == 2 + 2


def test_units_of_a_read_are_of_each_item_or_of_all_that_a_query_reads() -> None:
    small, large = {"pk": "a" * 100}, {"pk": "a" * 5000}
    for operation, items, index, units in (
        ("GetItem", [small], False, 1),
        ("GetItem", [None], False, 1),
        ("GetItem", [large], False, 2),
        ("BatchGetItem", [small, small, None], False, 3),
        ("Query", [small] * 30, False, 1),
        ("Query", [], True, 0.5),
        ("Query", [large, large], True, 1.5),
    ):
        scale = Weighed()
        scale.read(operation, items, index=index)
        assert scale.units["reads"] == units
