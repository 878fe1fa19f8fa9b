"""A person's payroll report as a page to look at and to print (REP-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from payrelay.flows.report_pull.rules import NET, slip_order

MEDIA = "text/html; charset=utf-8"
TEMPLATE = Path(__file__).with_name("page.html")
HEADERS = {
    # The page has its own style, and loads and runs nothing.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
READ_AS = {"hr": "for the HR role", "manager": "for the immediate manager", "self": "for the person"}


def page(view: Mapping[str, Any]) -> str:
    """The page of what the API answers as JSON; every text in it is escaped."""
    items = [{**item, "rows": _rows(item)} for item in view["items"]]
    return _template().render(view=view, items=items, read_as=READ_AS[view["read_as"]])


@lru_cache(maxsize=1)
def _template() -> Template:
    # Compiled once per container.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _rows(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each component that any version has: its amount now, and in each version before."""
    versions = [_by_code(version["components"]) for version in (item, *item["former"])]
    codes = dict.fromkeys(code for version in versions for code in version)
    rows = []
    for code in sorted(codes, key=slip_order):
        amounts = [version[code]["amount"] if code in version else None for version in versions]
        description = next(version[code]["description"] for version in versions if code in version)
        rows.append(
            {
                "component": code,
                "description": description,
                "amounts": amounts,
                "net": code == NET,
                "corrected": len(set(amounts)) > 1,
            }
        )
    return rows


def _by_code(components: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {one["component"]: one for one in components}
