"""Payroll reports of Exact Payroll Plus, for those who may read them."""
