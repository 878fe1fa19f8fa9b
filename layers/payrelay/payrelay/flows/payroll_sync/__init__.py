"""People of Exact Synergy to Exact Payroll Plus (PE-1 to PE-9)."""
