"""Exact Payroll Plus in the standard suite."""

from base64 import b64encode

from payrelay.systems.payroll_plus.client import PayrollPlusClient
from tests.systems.adapter_suite import TOKEN, AdapterSuite


class TestPayrollPlus(AdapterSuite):
    system = "payroll_plus"
    sent = b64encode(f"{TOKEN}:{TOKEN}".encode()).decode()

    def read(self, client: PayrollPlusClient) -> object:
        return client.component_report(2026, "2026-01")
