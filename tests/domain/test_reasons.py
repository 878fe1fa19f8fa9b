"""Every reason, a flow's own too: a stable code, a message that names the values, a remedy (RUN-2)."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from payrelay.domain.reasons import reason, reasons_with
from payrelay.flows.reasons import every_reason

REASONS = every_reason()
SOURCES = sorted(Path("layers/payrelay/payrelay").rglob("*.py")) + sorted(Path("functions").rglob("*.py"))


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_has_a_stable_code_a_message_with_values_and_a_remedy(code: str) -> None:
    message, remedy = REASONS[code]
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", code)
    assert remedy.endswith(".")
    values = {name: f"<{name}>" for name in fields(message) | fields(remedy)}
    found = reasons_with(REASONS)(code, **values)
    assert found.code == code
    assert all(values[name] in found.message for name in fields(message))
    assert all(values[name] in found.remedy for name in fields(remedy))


def test_no_reason_stands_twice_and_none_is_left_out() -> None:
    tables = [source.read_text(encoding="utf-8") for source in SOURCES if source.name == "reasons.py"]
    codes = [code for text in tables for code in re.findall(r"^    \"(\w+)\": \(", text, re.MULTILINE)]
    assert sorted(codes) == sorted(REASONS)


def test_a_code_or_a_value_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        reason("NO_SUCH_REASON")
    with pytest.raises(KeyError):
        reason("NOT_ACTIVE")


def test_every_reason_is_given_somewhere() -> None:
    said = {
        node.value
        for source in SOURCES
        if source.name != "reasons.py"
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(REASONS) - said == set()
