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
    """A row for each component that any version has: its amount now, and in each version before.

    A component that is there several times has a row for each.
    """
    versions = [_by_place(version["components"]) for version in (item, *item["former"])]
    places = dict.fromkeys(place for version in versions for place in version)
    rows = []
    for place in sorted(places, key=lambda place: (slip_order(place[0]), place[1])):
        amounts = [version[place]["amount"] if place in version else None for version in versions]
        description = next(version[place]["description"] for version in versions if place in version)
        rows.append(
            {
                "component": place[0],
                "description": description,
                "amounts": amounts,
                "net": place[0] == NET,
                "corrected": len(set(amounts)) > 1,
            }
        )
    return rows


def _by_place(components: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """The rows by their component, and by which of its rows they are."""
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for one in components:
        code = one["component"]
        found[code, sum(1 for place in found if place[0] == code)] = one
    return found
