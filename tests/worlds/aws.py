"""Clients of AWS in memory."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import boto3

REGION = "eu-north-1"


@lru_cache
def client(name: str) -> Any:
    """One client for all tests, since clients are slow to make; moto sees the calls of each."""
    connect: Any = boto3.client
    return connect(name, region_name=REGION)


class _Vault:
    """A session whose clients are those of all tests."""

    client = staticmethod(client)


@lru_cache
def vault() -> Any:
    """Stands for the session of a vault."""
    return _Vault()
