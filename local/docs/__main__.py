"""`python -m local.docs`: write every generated document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from . import balance_sync, data_model, employee_export, invoice_sync, reasons, requirements

DOCS = Path(__file__).parents[2] / "docs"

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "balance-sync.md": balance_sync.render,
    "data-model.md": data_model.render,
    "employee-export.md": employee_export.render,
    "invoice-sync.md": invoice_sync.render,
    "reasons.md": reasons.render,
    "requirements.md": requirements.render,
}

if __name__ == "__main__":
    for name, render in DOCUMENTS.items():
        (DOCS / name).write_text(render())
        print(f"docs/{name}")
