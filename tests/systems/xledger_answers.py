"""Xledger's answers, as its tests script them."""

from __future__ import annotations

from typing import Any

from tests.systems.loopback import Loopback, Reply, reply


def page(nodes: list[Any] | None, *, more: bool = False) -> dict[str, Any]:
    edges = (
        None
        if nodes is None
        else [{"cursor": f"c{number}", "node": node} for number, node in enumerate(nodes)]
    )
    return {"pageInfo": {"hasNextPage": more, "hasPreviousPage": False}, "edges": edges}


def data(**fields: Any) -> Reply:
    return reply({"data": fields})


def failed(*errors: Any, **fields: Any) -> Reply:
    return reply({"errors": list(errors), "data": fields or None})


def sent(loopback: Loopback, number: int = 0) -> dict[str, Any]:
    variables: dict[str, Any] = loopback.seen[number].body["variables"]
    return variables
