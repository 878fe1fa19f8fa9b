"""docs/data-model.md: every key means something, and its example is what it really makes."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from local.docs.documents import makers
from payrelay.ledger import keys

FUNCTIONS = [(n, f) for n, f in inspect.getmembers(keys, inspect.isfunction) if not n.startswith("_")]
PARSER = doctest.DocTestParser()


@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_a_key_says_what_it_is_of_and_gives_one_example_that_is_true(
    name: str, function: Callable[..., Any]
) -> None:
    meaning, example, *_ = PARSER.parse(inspect.getdoc(function) or "")
    assert isinstance(meaning, str)
    assert len(meaning.split()) > 2
    assert isinstance(example, doctest.Example)
    assert example.source.startswith(f"{name}(")
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    told: list[str] = []
    runner.run(doctest.DocTest([example], vars(keys), name, None, None, None), out=told.append)
    assert not told


@pytest.mark.parametrize("name", ["data_model.keys", "data_model.access_patterns"])
def test_every_key_and_every_access_pattern_has_all_its_words(name: str) -> None:
    _, _, *rows = makers()[name]().splitlines()
    assert len(rows) >= len(FUNCTIONS)
    for row in rows:
        assert all(cell.strip(" |") for cell in row.split(" | ")), row


def test_the_tenant_is_part_of_every_key_but_that_of_an_app_and_the_lists_over_all_tenants() -> None:
    without = [name for name, function in FUNCTIONS if "acme" not in str(inspect.getdoc(function))]
    of_the_watch = {"enabled_schedules", "leases"}
    of_the_service = {"own_access", "own_accesses", "failed_runs"}
    of_who_calls = {"app", "api_key", "hook"}
    assert set(without) == {*of_who_calls, *of_the_watch, *of_the_service}, (
        "who calls is known before their tenant is"
    )


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize("tenant", ["", "a#b", "acme#CONNECTION"])
def test_a_tenant_that_could_reach_into_anothers_keys_is_refused(tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant"):
        keys.connection(tenant, "con_1")
