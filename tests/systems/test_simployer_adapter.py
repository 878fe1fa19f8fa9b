"""Simployer One in the standard suite."""

from payrelay.systems.simployer.client import SimployerClient
from tests.systems.adapter_suite import AdapterSuite


class TestSimployer(AdapterSuite):
    system = "simployer"

    def read(self, client: SimployerClient) -> object:
        return client.employees(0)
