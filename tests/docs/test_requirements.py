"""Every requirement in scope has a test, and every mark names a requirement that there is."""

from __future__ import annotations

import pytest

from local.docs.requirements import IN_SCOPE, proofs

FOUND = proofs()


@pytest.mark.parametrize("requirement", IN_SCOPE)
def test_a_requirement_in_scope_has_a_test(requirement: str) -> None:
    assert FOUND.get(requirement)


def test_every_mark_names_a_known_requirement() -> None:
    unknown = {name: tests for name, tests in FOUND.items() if name not in IN_SCOPE}
    assert not unknown, "put it into local/docs/requirements.toml, or mend the mark"
