"""Documents that are made from the code are those that the code makes now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.docs import data_model
from local.docs.__main__ import DOCS, DOCUMENTS
from payrelay.ledger import keys

KEY_FUNCTIONS = data_model.key_functions()


@pytest.mark.parametrize(("name", "render"), DOCUMENTS.items())
def test_a_generated_document_is_fresh(name: str, render: Callable[[], str]) -> None:
    assert (DOCS / name).read_text() == render(), f"docs/{name} is old: make docs"


def test_every_key_is_used_by_an_access_pattern() -> None:
    shown = "".join(key for pattern in data_model.patterns() for key in pattern.keys)
    unused = [name for name in KEY_FUNCTIONS if data_model.key_text(data_model.example(name)) not in shown]
    assert not unused


def test_every_access_pattern_has_an_operation_and_a_key() -> None:
    for pattern in data_model.patterns():
        assert pattern.operations, pattern.call
        assert pattern.keys, pattern.call
        assert "Scan" not in str(pattern.operations)


def test_the_tenant_is_part_of_every_key_but_that_of_an_app_and_the_list_of_the_watch() -> None:
    without = [name for name in KEY_FUNCTIONS if "{tenant}" not in str(data_model.example(name))]
    assert without == ["app", "enabled_schedules"], "an app's client id is what names its tenant"


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize("tenant", ["", "a#b", "acme#CONNECTION"])
def test_a_tenant_that_could_reach_into_anothers_keys_is_refused(tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant"):
        keys.connection(tenant, "con_1")
