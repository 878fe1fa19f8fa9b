"""Simployer One's answers, as its tests script them."""

from __future__ import annotations

from typing import Any

from tests.systems.loopback import Reply, reply


def listing(rows: list[Any], relations: dict[str, Any] | None = None, total: int | None = None) -> Reply:
    body = {"status": "ok", "data": rows, "total": len(rows) if total is None else total, "count": len(rows)}
    return reply(body | {"offset": 0, "relations": relations or {}})
