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


class Vault:
    """A session of a vault: the clients of all tests, and this KMS."""

    def __init__(self, kms: Any = None) -> None:
        self._kms = kms

    def client(self, name: str) -> Any:
        return self._kms if name == "kms" and self._kms else client(name)
