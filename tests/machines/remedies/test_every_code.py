"""Each reason has a remedy that was carried out: a row in a table here, or a test of its own."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from payrelay.flows.reasons import every_reason

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MODULE = "tests.machines.remedies"


def modules() -> list[str]:
    return [path.stem for path in sorted(HERE.glob("test_*.py")) if path.stem != Path(__file__).stem]


def test_every_reason_has_a_remedy_that_was_carried_out() -> None:
    """(a reason whose remedy nobody can follow is a defect)"""
    found: set[str] = set()
    for name in modules():
        module = import_module(f"{MODULE}.{name}")
        found |= {case.code for case in module.CURES}
        found |= getattr(module, "ELSEWHERE", {}).keys()
    assert found == every_reason().keys()


def test_a_remedy_that_is_proved_elsewhere_is_proved_there() -> None:
    for name in modules():
        for code, where in getattr(import_module(f"{MODULE}.{name}"), "ELSEWHERE", {}).items():
            path, _, test = where.partition("::")
            text = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"def {test}\b", text), f"{where} is not there"
            assert code in text, f"{where} says nothing of {code}"
